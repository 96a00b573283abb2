//! Operators' commands against a record.

mod watch;
