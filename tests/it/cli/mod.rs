//! Operators' commands against a record.

mod audit;
mod plan;
mod watch;
