//! The bot: conversations as transcripts, updates over HTTP and by polling, and what goes wrong on the way.

mod bad_input;
mod files;
mod handle;
mod hook;
mod house;
mod http;
mod limits;
mod polling;
mod properties;
mod record;
mod sandbox;
mod telegram;
mod transcripts;
mod world;
