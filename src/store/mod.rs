//! The storage ports.
//!
//! - [`Db`] is the record of everything. One method is one transaction, named after what the business wants;
//!   no transaction object leaves the store. Every method may be repeated after a lost answer without harm.
//! - [`Seen`] is the fast filter in front of it. It may forget at any time, and lying costs work, never a
//!   message: read unseen → write to [`Db`] → mark seen.
//! - [`HostClock`] is the politeness that all processes share: who asks which host when.
//!
//! [`chapters`] are parts of [`Db`] with methods of their own.
//!
//! Backends: `sql` (SQLite now; the same text serves PostgreSQL), `redis` (`Seen`).
//! One contract suite (`tests/it/store/`) runs against each of them.

mod admission;
mod again;
mod audit;
pub mod begun;
pub mod chapters;
pub mod db;
mod ending;
mod fate;
pub mod host_clock;
pub mod lock;
mod memory_seen;
pub mod records;
pub mod redis;
pub mod redis_clock;
#[cfg(test)]
pub(crate) mod scratch;
pub mod seen;
mod slots;
mod source_records;
pub mod sql;
mod update_records;
pub mod view;

pub use chapters::*;
pub use db::{Db, DbError};
pub use host_clock::{DbClock, HostClock, HostClockError, MemoryClock};
pub use memory_seen::MemorySeen;
pub use records::*;
pub use redis::RedisSeen;
pub use redis_clock::RedisClock;
pub use seen::{Seen, SeenError, SeenItem};
pub use sql::{SqlDb, SqlOptions, SqlSeen};
