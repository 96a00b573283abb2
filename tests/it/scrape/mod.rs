//! From a due source to recorded listings, against a real HTTP server, the real egress proxy and SQLite.

mod accept;
mod cli;
mod demo;
mod fetch;
mod hostile;
mod politeness;
mod repair;
mod schedule;
mod server;
mod session;
mod stages;
mod trap;
mod verdicts;
mod world;
