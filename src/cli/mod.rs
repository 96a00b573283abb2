//! The command line of `magpie`: long-running roles and one file per operator command.
//!
//! Exit codes: 0 good, 2 configuration (every problem listed), 3 a needed service is unreachable, 1 other.

pub mod audit;
pub mod broadcast;
mod broadcast_read;
mod broadcast_show;
pub mod config;
pub mod db;
#[cfg(feature = "browser")]
pub mod demo;
pub mod doctor;
pub mod hosts;
pub mod listing;
pub mod outbox;
pub mod outbox_bulk;
pub mod outbox_why;
pub mod plan;
pub mod promo;
mod roads;
pub mod scrape;
pub mod site;
pub mod site_approve;
mod site_case;
mod site_check;
#[cfg(feature = "browser")]
pub mod site_login;
pub mod site_new;
mod site_readme;
pub mod source;
pub mod table;
pub mod ticket;
#[cfg(feature = "browser")]
mod tree;
pub mod unknown;
pub mod user;
pub mod user_reset;
pub mod watch;

#[cfg(feature = "browser")]
pub use tree::{Cli, Command, command, main};
