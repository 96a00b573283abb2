//! Operators' commands against a record.

mod audit;
mod watch;
