//! Chapters of the record: parts of the [`Db`](super::Db) port, each with its own methods, values and contract
//! tests. A [`Db`](super::Db) has all of them; one method is one transaction, as there.

mod hosts;
mod modules;
mod probes;
mod rhythms;
mod sessions;
mod sites;

pub use hosts::*;
pub use modules::*;
pub use probes::*;
pub use rhythms::*;
pub use sessions::*;
pub use sites::*;
