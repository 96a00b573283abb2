//! What holds for every conversation and does not change while the process runs: who operates, where support is,
//! how the bot is called and where its app is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sites::builtin::BUILTIN;
use sites::{Registry, Site};

use crate::config::Config;
use crate::domain::account::Growth;
use crate::domain::ids::digest;
use crate::domain::quota::Quotas;
use crate::domain::{ChatId, Language, UserId};
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
            app: config.bot.webhook_url.as_ref().map(|base| format!("{base}/app/")),
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

/// The site modules, loaded when somebody needs them first.
#[derive(Clone, Default)]
pub struct Modules {
    loaded: Arc<OnceLock<Registry>>,
    folder: Option<PathBuf>,
}

impl Modules {
    /// The built-in modules and those of `folder`.
    pub fn of_folder(folder: Option<PathBuf>) -> Self {
        Self { loaded: Arc::default(), folder }
    }

    /// These modules only.
    pub fn of_registry(registry: Registry) -> Self {
        Self { loaded: Arc::new(OnceLock::from(registry)), folder: None }
    }

    /// Whether a version of a module that was derived from the text with this digest can come into force: its base is
    /// still the same, and it can be read.
    pub fn fits(&self, id: &str, base: &str, toml: &str) -> bool {
        let file = self.folder.as_ref().map(|folder| folder.join(id).join("site.toml"));
        let own = file.and_then(|file| std::fs::read_to_string(file).ok());
        let known = BUILTIN.iter().find(|known| known.id == id).map(|known| known.toml);
        let present = own.as_deref().or(known).map(|text| digest(&[text]));
        present.as_deref() == Some(base)
            && Site::from_toml(&format!("{id}/site.toml"), toml).is_ok()
    }

    /// All of them. The first caller reads files.
    pub fn get(&self) -> &Registry {
        self.loaded.get_or_init(|| load(self.folder.as_deref()))
    }
}

/// A folder with a broken module does not take the built-in ones away.
fn load(folder: Option<&Path>) -> Registry {
    let mut registry = Registry::builtin().unwrap_or_default();
    if let Some(folder) = folder
        && let Err(error) = registry.load_dir(folder)
    {
        tracing::error!(%error, "the folder of site modules cannot be read by the bot");
    }
    registry
}
