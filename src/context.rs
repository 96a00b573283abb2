//! What every process holds: built once, cloned by handle. Functions get only what they use.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::OwnerId;
use crate::shutdown::Shutdown;
use crate::store::begun::Begun;
use crate::store::{Db, Seen};
use crate::telegram::Messenger;

/// The context of one process.
#[derive(Clone)]
pub struct Context {
    /// The whole configuration.
    pub config: Arc<Config>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// The record.
    pub db: Arc<dyn Db>,
    /// The fast filter.
    pub seen: Arc<dyn Seen>,
    /// Telegram.
    pub messenger: Arc<dyn Messenger>,
    /// Who we are among the processes.
    pub owner: OwnerId,
    /// How far we have begun to send, for who buries us.
    pub begun: Arc<Begun>,
    /// How far we are on our way down.
    pub shutdown: Shutdown,
}
