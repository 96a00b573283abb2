//! The bot: conversations as transcripts, updates over HTTP and by polling, and what goes wrong on the way.

mod files;
mod handle;
mod house;
mod http;
mod polling;
mod properties;
mod record;
mod sandbox;
mod support_delivery;
mod support_transcripts;
mod support_world;
mod telegram;
mod transcripts;
mod world;
