//! The sections of the configuration. Each key, its default and a sentence about it stand in
//! `config/default.toml`; the names here are the names there.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::domain::Language;
use crate::domain::account::Growth;
use crate::domain::change::Rules;
use crate::domain::quota::Quotas;

/// The whole configuration of a process.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folders.
    pub paths: Paths,
    /// The record.
    pub database: Database,
    /// The fast filter.
    pub redis: Redis,
    /// The Bot API.
    pub telegram: Telegram,
    /// The bot process.
    pub bot: Bot,
    /// Tickets.
    pub support: Support,
    /// What people may do without a plan.
    pub free: Free,
    /// How much may be asked of the bot in a time.
    pub limits: LimitsSection,
    /// What is given to those who try and invite (`[growth]`).
    pub growth: Growth,
    /// When sources run.
    pub schedule: Schedule,
    /// How pages are fetched.
    pub scrape: Scrape,
    /// What counts as a change (`[changes]`).
    pub changes: Rules,
    /// The browser.
    pub browser: BrowserSection,
    /// What may be reached.
    pub egress: Egress,
    /// How messages go out.
    pub deliver: Deliver,
    /// Logs.
    pub log: Log,
    /// Secrets for logging in at sites.
    pub login: LoginSecrets,
    /// Proxies of the operator's own.
    pub proxies: Proxies,
}

/// Folders.
#[derive(Debug, Clone)]
pub struct Paths {
    /// Database, locks, browser profiles (`DATA_DIR`).
    pub data: PathBuf,
    /// Site modules dropped in at run time, if any.
    pub sites: Option<PathBuf>,
    /// The list of searches to put into the store at start.
    pub sources: Option<PathBuf>,
    /// Templates of messages that replace ours, if any.
    pub templates: Option<PathBuf>,
    /// The list of plans, if it is not the program's.
    pub plans: Option<PathBuf>,
}

/// The record.
#[derive(Debug, Clone)]
pub struct Database {
    /// `sqlite://…` (`DATABASE_URL`; default `$DATA_DIR/magpie.db`).
    pub url: SecretString,
    /// Connections for reading.
    pub readers: u32,
    /// How long the writer gathers waiting commits.
    pub gather: Duration,
    /// How long a locked file is waited for.
    pub busy_timeout: Duration,
}

/// The fast filter.
#[derive(Debug, Clone)]
pub struct Redis {
    /// `redis://…` (`REDIS_URL`); without it the database serves.
    pub url: Option<SecretString>,
    /// How long a reading is remembered.
    pub ttl: Duration,
}

/// The Bot API.
#[derive(Debug, Clone)]
pub struct Telegram {
    /// `TELEGRAM_BOT_TOKEN`.
    pub token: Option<SecretString>,
    /// `TELEGRAM_API_URL`.
    pub api_url: String,
    /// Connect limit of a call.
    pub connect_timeout: Duration,
    /// Total limit of a call: Telegram may hold a send for a minute.
    pub timeout: Duration,
}

/// The bot process.
#[derive(Debug, Clone)]
pub struct Bot {
    /// `WEBHOOK_URL`: public base address; without it the bot polls.
    pub webhook_url: Option<String>,
    /// `WEBHOOK_SECRET`; derived from the token if unset. Several are separated by commas: Telegram is told the first,
    /// calls with any of them are accepted.
    pub webhook_secret: Option<SecretString>,
    /// Where it listens (`PORT`).
    pub listen: SocketAddr,
    /// Largest body of an update, bytes.
    pub max_body: usize,
    /// Parallel connections that Telegram may open.
    pub max_connections: u32,
    /// `ADMIN_IDS`.
    pub admin_ids: Vec<i64>,
    /// `SUPPORT_CHAT_ID`.
    pub support_chat_id: Option<i64>,
    /// Updates waiting at Telegram above which the log warns; 0: never.
    pub pending_warning: i64,
    /// Where the Mini App is; below `webhook_url` if unset.
    pub app_url: Option<String>,
    /// Pages beside Telegram's that may show the Mini App in a frame.
    pub app_frames: Vec<String>,
    /// `JWT_SECRET`: the sessions' key is made of it; of the token if unset.
    pub jwt_secret: Option<SecretString>,
    /// Address of the map's pictures, with `{z}`, `{x}` and `{y}`.
    pub map_tiles: Option<String>,
    /// Who made the map.
    pub map_attribution: String,
}

impl Bot {
    /// Address of the Mini App, if it can be reached from outside.
    pub fn app_address(&self) -> Option<String> {
        let below = || self.webhook_url.as_ref().map(|base| format!("{base}/app/"));
        self.app_url.clone().or_else(below)
    }
}

/// How much may be asked of the bot in a time.
#[derive(Debug, Clone, Copy)]
pub struct LimitsSection {
    /// Per person.
    pub quotas: Quotas,
    /// Updates that one process takes in a second over the webhook; 0: without limit.
    pub updates_per_second: u32,
}

/// Tickets.
#[derive(Debug, Clone, Copy)]
pub struct Support {
    /// After this time without an answer an alarm is raised.
    pub answer_within: Duration,
    /// Language of what is written to staff.
    pub language: Language,
}

/// What people may do without a plan.
#[derive(Debug, Clone, Copy)]
pub struct Free {
    /// Watches of a person; 0: without limit.
    pub watches: u64,
    /// Different searches that the watches of a person look at; 0: without limit.
    pub sources: u64,
}

/// When sources run.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Time between two runs of a source that names none.
    pub interval: Duration,
    /// Runs at once.
    pub workers: usize,
    /// Whether intervals follow the rates of change.
    pub adaptive: bool,
    /// How many times longer or shorter than asked for an interval may become by that.
    pub stretch: f64,
    /// Time between two runs of a source that is neither watched nor offered.
    pub idle_interval: Duration,
    /// Cron expression (six fields, UTC) of the daily housekeeping.
    pub housekeeping: String,
}

/// How pages are fetched.
#[derive(Debug, Clone)]
pub struct Scrape {
    /// Who we say we are.
    pub user_agent: String,
    /// Everything about one page must be over by then.
    pub page_deadline: Duration,
    /// Largest decoded body, bytes.
    pub max_bytes: usize,
    /// Gap between two requests to one host when the site names none.
    pub gap: Duration,
    /// Requests to one host at the same time when the site names no number.
    pub concurrency_per_host: usize,
    /// Ask robots.txt first.
    pub respect_robots: bool,
    /// Pages of a search in one run, unless the module says otherwise.
    pub max_pages: usize,
    /// Pages of a search in its first good run.
    pub baseline_pages: usize,
    /// Pages of new listings in one run.
    pub details_per_run: usize,
    /// Pages of old listings after one run.
    pub probes_per_run: usize,
    /// Alerts that one run may cause per watch before the rest becomes one line (storm guard).
    pub max_alerts_per_run: usize,
    /// The same for the first good run after a module was repaired.
    pub max_alerts_after_repair: usize,
    /// Groups of failures whose page is kept, per site.
    pub failure_groups: usize,
    /// Bytes of kept pages, per site.
    pub failure_bytes: usize,
    /// How long the page of a failure that is not seen any more is kept.
    pub failure_age: Duration,
    /// Where the scraper serves `/health` and `/metrics`.
    pub listen: SocketAddr,
    /// The key with which sessions are sealed; a file in the data folder when it is not set.
    pub session_key: Option<SecretString>,
}

/// The browser.
#[derive(Debug, Clone)]
pub struct BrowserSection {
    /// `CHROMIUM`; found by itself if unset.
    pub executable: Option<PathBuf>,
    /// `CDP_URL`: a remote browser instead.
    pub cdp_url: Option<SecretString>,
    /// Pages at once.
    pub pages: usize,
    /// Namespace jail: `auto`, `require`, `off`.
    pub jail: String,
    /// Chromium's own sandbox: `require`, `auto`.
    pub sandbox: String,
}

/// What may be reached.
#[derive(Debug, Clone)]
pub struct Egress {
    /// `host:port` targets on this machine that are allowed although they are not global (demo only).
    pub allow: Vec<String>,
}

/// How messages go out.
#[derive(Debug, Clone)]
pub struct Deliver {
    /// Requests in flight at most.
    pub in_flight: usize,
    /// Messages a second over all chats; 0 switches the limits off (imitations only).
    pub per_second: f64,
    /// Paid messages a second beyond `per_second`; 0 switches paying off.
    pub paid_per_second: f64,
    /// Stars that may be spent in a day (UTC).
    pub paid_stars: i64,
    /// Time zone of those who chose none.
    pub time_zone: String,
}

/// Logs.
#[derive(Debug, Clone)]
pub struct Log {
    /// `LOG_LEVEL`.
    pub level: String,
    /// `LOG_FORMAT`: `pretty` or `json`; by default `pretty` on a terminal.
    pub format: Option<String>,
    /// `LOG_DIR`.
    pub dir: PathBuf,
}

/// Secrets for logging in at sites: `login.<site>.<name>`.
#[derive(Debug, Clone, Default)]
pub struct LoginSecrets {
    /// By site and name.
    pub secrets: BTreeMap<(String, String), SecretString>,
}

impl LoginSecrets {
    /// One secret.
    pub fn get(&self, site: &str, name: &str) -> Option<&SecretString> {
        self.secrets.get(&(site.to_owned(), name.to_owned()))
    }
}

/// Proxies of the operator's own, behind our egress proxy: `proxies.<name>`, `proxy_of.<site>`.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// Addresses, `http://user:password@host:port`, by name.
    pub all: BTreeMap<String, SecretString>,
    /// Which of them a site may use, in order of preference.
    pub of: BTreeMap<String, Vec<String>>,
}
