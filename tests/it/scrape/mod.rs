//! From a due source to recorded listings, against a real HTTP server, the real egress proxy and SQLite.

mod accept;
mod changes;
mod cli;
mod demo;
mod fetch;
mod hostile;
mod identity;
mod lab;
mod layout;
mod life;
mod politeness;
mod repair;
mod road;
mod same;
mod schedule;
mod server;
mod session;
mod stages;
mod telling;
mod trap;
mod verdicts;
pub(crate) mod world;
