//! Operators' commands against a record.

mod plan;
mod watch;
