//! Sending: the client on the wire, the client against the sandbox, and the sender over a real outbox.

mod bot_api;
mod campaign;
mod chart;
mod copies;
mod figures;
mod held;
mod outbox;
mod pictures;
mod post;
mod running;
mod standing;
mod story;
mod town;
mod wire;
