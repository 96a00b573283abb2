//! Chapters of the record: parts of the [`Db`](super::Db) port, each with its own methods, values and contract
//! tests. A [`Db`](super::Db) has all of them; one method is one transaction, as there.

mod campaigns;
mod feed;
mod hosts;
mod modules;
mod posts;
mod preferences;
mod prices;
mod probes;
mod rhythms;
mod sessions;
mod sites;
mod things;
mod watches;

pub use campaigns::*;
pub use feed::*;
pub use hosts::*;
pub use modules::*;
pub use posts::*;
pub use preferences::*;
pub use prices::*;
pub use probes::*;
pub use rhythms::*;
pub use sessions::*;
pub use sites::*;
pub use things::*;
pub use watches::*;
