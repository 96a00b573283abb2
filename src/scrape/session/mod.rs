//! Log-ins at sites: who we are there, kept from run to run.
//!
//! ```text
//! run of a site with [login] ─► ready(): record ─► life::next ─► use | check | log in | "not now"
//!     │                              log in: steps in a fresh session ─► sealed ─► record (compare and set)
//!     ├─ page by HTTP with the session's cookies, or by browser in a context that begins with them
//!     ├─ login wall ─► walled(): closed ─► ready() again, once in the same run
//!     └─ used(): what the site has renewed goes back to the record, at most every ten minutes
//! ```
//!
//! One login at a time per site in a process; two processes that log in at once both hold a good session, and the
//! record keeps the first. What is asked of the site goes through its host object like any other request.

mod access;
#[cfg(feature = "browser")]
pub(super) mod door;
mod jar;
mod life;
mod proxies;
mod record;
mod seal;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use sites::{Login, SessionCheck, Site};
use url::Url;

use super::fetcher::{FetchError, FetchFailure};
use super::host::{Hosts, How};
use crate::clock::Clock;
use crate::config::LoginSecrets;
use crate::store::{Db, SessionState, StoredSession};

pub use access::{Access, Known};
#[cfg(feature = "browser")]
pub use door::jar as jar_of;
pub use jar::{Cookie, Jar, OriginItems, cookie_header};
pub use life::{Next, next};
pub use proxies::{Failures, ProxyHealth, SiteProxies, choose};
pub use seal::{Seal, SealError};

/// The only session of a site so far; the record can hold more.
pub const MAIN: &str = "main";

/// How often renewed cookies are written back at most.
const KEEP_EVERY: TimeDelta = TimeDelta::minutes(10);

/// A session that can be used now.
#[derive(Clone)]
pub struct Ready {
    /// Name of the browser context that belongs to it: another revision is another context.
    pub context: String,
    /// Cookies and storage.
    pub jar: Arc<Jar>,
    /// The proxy that belongs to it.
    pub identity: Option<String>,
    revision: i64,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ready({})", self.context)
    }
}

impl Ready {
    /// The `Cookie` header for a request at `now`.
    pub fn cookies_for(&self, url: &Url, now: DateTime<Utc>) -> Option<String> {
        cookie_header(&self.jar, url, now)
    }
}

/// Does at a site what only a browser can.
#[async_trait]
pub trait Door: Send + Sync {
    /// Logs in; the error says which step failed and why, without secrets.
    async fn log_in(
        &self,
        login: &Login,
        secrets: &HashMap<String, SecretString>,
        identity: Option<&str>,
    ) -> Result<Jar, String>;

    /// Whether the site still knows the session.
    async fn holds(&self, check: &SessionCheck, ready: &Ready) -> Result<bool, FetchError>;

    /// What the browser holds of the session by now, if it holds it.
    async fn present(&self, ready: &Ready) -> Option<Jar>;
}

/// The sessions of this process.
pub struct Sessions {
    db: Arc<dyn Db>,
    clock: Arc<dyn Clock>,
    hosts: Arc<Hosts>,
    secrets: LoginSecrets,
    key: Option<SecretString>,
    key_file: PathBuf,
    seal: tokio::sync::OnceCell<Seal>,
    door: Option<Arc<dyn Door>>,
    desks: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Desk>>>>,
}

/// What this process knows of one site's session.
#[derive(Default)]
struct Desk {
    checked_at: Option<DateTime<Utc>>,
    kept_at: Option<DateTime<Utc>>,
    ready: Option<Arc<Ready>>,
}

impl Sessions {
    /// Sessions in `db`, sealed with `key`, or with the key in `key_file` when there is none.
    pub fn new(
        db: Arc<dyn Db>,
        clock: Arc<dyn Clock>,
        hosts: Arc<Hosts>,
        secrets: LoginSecrets,
        key: Option<SecretString>,
        key_file: PathBuf,
    ) -> Self {
        let (seal, desks) = (tokio::sync::OnceCell::new(), Mutex::default());
        Self { db, clock, hosts, secrets, key, key_file, seal, door: None, desks }
    }

    /// With a browser that can log in.
    #[must_use]
    pub fn with_door(self, door: Option<Arc<dyn Door>>) -> Self {
        Self { door, ..self }
    }

    /// The proxy with which the stored session of a site was opened.
    pub async fn identity(&self, site: &Site) -> Result<Option<String>, FetchError> {
        let stored = self.stored(&site.id).await?;
        Ok(stored.map(|stored| stored.identity).filter(|name| !name.is_empty()))
    }

    /// A session for a page of `site`, opened through the proxy `identity`; `None` when the site wants none. An
    /// error when there is none now. A session that belongs to another proxy is replaced: cookies that come from
    /// elsewhere all of a sudden are what sites look out for.
    pub async fn ready(
        &self,
        site: &Site,
        identity: Option<&str>,
    ) -> Result<Option<Arc<Ready>>, FetchError> {
        let Some(login) = &site.login else { return Ok(None) };
        let desk = self.desk(&site.id);
        let mut desk = desk.lock().await;
        let stored = self.stored(&site.id).await?;
        let now = self.clock.now();
        let moved = stored.as_ref().is_some_and(|one| {
            one.state == SessionState::Open && one.identity != identity.unwrap_or_default()
        });
        let stored = stored.map(|one| StoredSession {
            identity: identity.unwrap_or_default().to_owned(),
            state: if moved { SessionState::Closed } else { one.state },
            ..one
        });
        match next(login, stored.as_ref(), desk.checked_at, now) {
            Next::Use => self.open(&mut desk, stored).await.map(Some),
            Next::Check => self.checked(site, login, &mut desk, stored).await.map(Some),
            Next::LogIn => self.log_in(site, login, &mut desk, stored, identity).await.map(Some),
            Next::Wait(until) => {
                let why = stored.and_then(|stored| stored.last_error).unwrap_or_default();
                let text =
                    format!("the log-in at {} failed ({why}); it is tried again later", site.id);
                let wait = (until - now).to_std().ok();
                Err(FetchError { retry_after: wait, ..login_error(FetchFailure::Held, text) })
            }
            Next::Stuck => {
                let why = stored.and_then(|stored| stored.last_error).unwrap_or_default();
                let id = &site.id;
                let text = format!(
                    "logging in at {id} failed {} times in a row ({why}); \
                     see what is wrong, then run `magpie site login {id}`",
                    life::PATIENCE
                );
                Err(login_error(FetchFailure::Login, text))
            }
        }
    }

    /// The site has shown its login wall in spite of the session: it is closed, if it is still the present one.
    pub async fn walled(&self, site: &Site, ready: &Ready) -> Result<(), FetchError> {
        let desk = self.desk(&site.id);
        let mut desk = desk.lock().await;
        desk.ready = None;
        let Some(stored) = self.stored(&site.id).await? else { return Ok(()) };
        if stored.revision == ready.revision && stored.state == SessionState::Open {
            let closed = StoredSession { state: SessionState::Closed, ..stored };
            self.put(closed).await?;
        }
        Ok(())
    }

    /// After a page by browser: keeps what the site has renewed. Failing costs an earlier login, nothing else.
    pub async fn used(&self, site: &Site, ready: &Ready) {
        let desk = self.desk(&site.id);
        let mut desk = desk.lock().await;
        let now = self.clock.now();
        let Some(door) = &self.door else { return };
        if desk.kept_at.is_some_and(|at| now - at < KEEP_EVERY) {
            return;
        }
        desk.kept_at = Some(now);
        let Some(jar) = door.present(ready).await else { return };
        if jar == *ready.jar {
            return;
        }
        if let Err(error) = self.keep(site, ready, &jar).await {
            tracing::warn!(site = site.id, %error, "renewed cookies are not kept");
        }
    }

    /// Logs in now, whatever the record says: an operator's order.
    pub async fn log_in_now(
        &self,
        site: &Site,
        identity: Option<&str>,
    ) -> Result<Arc<Ready>, FetchError> {
        let login = site.login.as_ref().ok_or_else(|| no_login(site))?;
        let desk = self.desk(&site.id);
        let mut desk = desk.lock().await;
        let stored = self.stored(&site.id).await?;
        self.log_in(site, login, &mut desk, stored, identity).await
    }

    /// Stores what a person has logged in to by hand.
    pub async fn take_over(
        &self,
        site: &Site,
        jar: Jar,
        identity: Option<String>,
    ) -> Result<(), FetchError> {
        let login = site.login.as_ref().ok_or_else(|| no_login(site))?;
        let stored = self.stored(&site.id).await?;
        self.opened(site, login, stored, &jar, identity).await.map(|_| ())
    }

    async fn log_in(
        &self,
        site: &Site,
        login: &Login,
        desk: &mut Desk,
        stored: Option<StoredSession>,
        identity: Option<&str>,
    ) -> Result<Arc<Ready>, FetchError> {
        let Some(door) = &self.door else {
            let text =
                format!("logging in at {} needs a browser and this process has none", site.id);
            return Err(login_error(FetchFailure::BrowserUnavailable, text));
        };
        let secrets = self.secrets_of(site, login)?;
        let turn = match login.steps.first() {
            Some(sites::Step::Goto(url)) => Some(self.hosts.turn(url, site.fetch.gap).await?),
            _ => None,
        };
        let result = door.log_in(login, &secrets, identity).await;
        if let Some(turn) = turn {
            turn.end(if result.is_ok() { How::Answered(0) } else { How::Failed });
        }
        let outcome = if result.is_ok() { "good" } else { "failed" };
        metrics::counter!("magpie_logins_total", "site" => site.id.clone(), "outcome" => outcome)
            .increment(1);
        match result {
            Ok(jar) => {
                tracing::info!(site = site.id, "logged in");
                desk.ready = None;
                desk.checked_at = Some(self.clock.now());
                let identity = identity.map(str::to_owned);
                let stored = self.opened(site, login, stored, &jar, identity).await?;
                self.open(desk, Some(stored)).await
            }
            Err(why) => {
                let text = format!("logging in at {} failed: {why}", site.id);
                self.failed(site, stored, why).await?;
                Err(login_error(FetchFailure::Login, text))
            }
        }
    }

    /// Sees that a session still holds; one that does not is replaced at once.
    async fn checked(
        &self,
        site: &Site,
        login: &Login,
        desk: &mut Desk,
        stored: Option<StoredSession>,
    ) -> Result<Arc<Ready>, FetchError> {
        let ready = self.open(desk, stored.clone()).await?;
        let (Some(check), Some(door)) = (&login.check, &self.door) else { return Ok(ready) };
        let turn = self.hosts.turn(&check.url, site.fetch.gap).await?;
        let holds = door.holds(check, &ready).await;
        turn.end(if holds.is_ok() { How::Answered(0) } else { How::Failed });
        if holds? {
            desk.checked_at = Some(self.clock.now());
            return Ok(ready);
        }
        let identity = ready.identity.clone();
        self.log_in(site, login, desk, stored, identity.as_deref()).await
    }

    /// The secrets of a login; all that are missing are named at once.
    fn secrets_of(
        &self,
        site: &Site,
        login: &Login,
    ) -> Result<HashMap<String, SecretString>, FetchError> {
        let (mut found, mut missing) = (HashMap::new(), Vec::new());
        for name in login.secrets() {
            match self.secrets.get(&site.id, name) {
                Some(secret) => {
                    found.insert(name.to_owned(), secret.clone());
                }
                None => missing.push(format!(
                    "MAGPIE_LOGIN__{}__{}",
                    site.id.to_ascii_uppercase(),
                    name.to_ascii_uppercase()
                )),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let text = format!("logging in at {} needs {}; set them", site.id, missing.join(", "));
        Err(login_error(FetchFailure::Login, text))
    }

    fn desk(&self, site: &str) -> Arc<tokio::sync::Mutex<Desk>> {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        desks.entry(site.to_owned()).or_default().clone()
    }
}

fn no_login(site: &Site) -> FetchError {
    let text = format!("the module of site {} has no [login]", site.id);
    login_error(FetchFailure::Login, text)
}

fn login_error(class: FetchFailure, text: String) -> FetchError {
    FetchError { class, text, status: None, retry_after: None }
}
