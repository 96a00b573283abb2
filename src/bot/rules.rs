//! What holds for every conversation and does not change while the process runs: who operates, where support is,
//! how the bot is called and where its app is.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::config::Config;
use crate::domain::account::Growth;
use crate::domain::quota::Quotas;
use crate::domain::{ChatId, Language, UserId};
pub use crate::modules::Modules;
use crate::observe::vitals::Vitals;

/// See the module.
#[derive(Clone, Default)]
pub struct Rules {
    /// Name of the bot without `@`, for links to it.
    pub username: String,
    /// Who may operate the service from the chat.
    pub operators: BTreeSet<UserId>,
    /// The group in which tickets are answered.
    pub support: Option<ChatId>,
    /// Language of what is written to those who answer tickets.
    pub staff_language: Language,
    /// Address of the Mini App; `None` where it cannot be reached from outside.
    pub app: Option<String>,
    /// Trial and bonuses.
    pub growth: Growth,
    /// Time between two looks at a search that somebody makes.
    pub interval: Duration,
    /// The site modules that recognise addresses.
    pub modules: Modules,
    /// What this process measures of itself.
    pub vitals: Arc<Vitals>,
    /// How much a person may ask in a time.
    pub quotas: Quotas,
}

impl Rules {
    /// The rules of this installation, for the bot of this name.
    pub fn of(config: &Config, username: &str) -> Self {
        Self {
            username: username.to_owned(),
            operators: config.bot.admin_ids.iter().copied().map(UserId).collect(),
            support: config.bot.support_chat_id.map(ChatId),
            staff_language: config.support.language,
            app: config.bot.app_address(),
            growth: config.growth.clone(),
            interval: config.schedule.interval,
            modules: Modules::of_folder(config.paths.sites.clone()),
            vitals: Arc::default(),
            quotas: config.limits.quotas,
        }
    }

    /// Whether this person operates the service.
    pub fn is_operator(&self, user: UserId) -> bool {
        self.operators.contains(&user)
    }

    /// A link that opens our chat and sends `/start` with `payload` (at most 64 of `[A-Za-z0-9_-]`).
    pub fn link(&self, payload: &str) -> String {
        format!("https://t.me/{}?start={payload}", self.username)
    }
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules").field("username", &self.username).finish_non_exhaustive()
    }
}
