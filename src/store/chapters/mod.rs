//! Chapters of the record: parts of the [`Db`](super::Db) port, each with its own methods, values and contract
//! tests. A [`Db`](super::Db) has all of them; one method is one transaction, as there.

mod accounts;
mod campaigns;
mod feed;
mod hosts;
mod market;
mod modules;
mod operate;
mod panel;
mod posts;
mod preferences;
mod prices;
mod probes;
mod quotas;
mod rhythms;
mod sessions;
mod sites;
mod things;
mod tickets;
mod watches;

pub use accounts::*;
pub use campaigns::*;
pub use feed::*;
pub use hosts::*;
pub use market::*;
pub use modules::*;
pub use operate::*;
pub use panel::*;
pub use posts::*;
pub use preferences::*;
pub use prices::*;
pub use probes::*;
pub use quotas::*;
pub use rhythms::*;
pub use sessions::*;
pub use sites::*;
pub use things::*;
pub use tickets::*;
pub use watches::*;
