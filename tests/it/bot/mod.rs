//! The bot: conversations as transcripts, updates over HTTP, polling.

mod transcripts;
mod world;
