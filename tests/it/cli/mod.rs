//! Operators' commands against a record.

mod plan;
mod audit;
mod watch;
