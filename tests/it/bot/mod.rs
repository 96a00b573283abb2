//! The bot: conversations as transcripts, updates over HTTP and by polling, and what goes wrong on the way.

mod account_transcripts;
mod bad_input;
mod files;
mod handle;
mod hook;
mod house;
mod http;
mod limits;
mod operate_transcripts;
mod panel;
mod polling;
mod properties;
mod record;
mod sandbox;
mod support_delivery;
mod support_transcripts;
mod support_world;
mod telegram;
mod transcripts;
mod wizard_properties;
mod world;
