//! Operator commands: thin shells that load, call and print.

pub mod outbox;
pub mod scrape;
pub mod site;
pub mod source;
pub mod table;
