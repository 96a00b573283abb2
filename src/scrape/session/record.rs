//! Sessions between the record and this process: sealed on the way in, opened on the way out.

use std::sync::Arc;

use sites::{Login, Site};

use super::{Desk, Jar, MAIN, Ready, Seal, Sessions, life, login_error};
use crate::scrape::fetcher::{FetchError, FetchFailure};
use crate::store::{SessionState, StoredSession};

impl Sessions {
    pub(super) async fn keep(
        &self,
        site: &Site,
        ready: &Ready,
        jar: &Jar,
    ) -> Result<(), FetchError> {
        let Some(stored) = self.stored(&site.id).await? else { return Ok(()) };
        if stored.revision != ready.revision || stored.state != SessionState::Open {
            return Ok(());
        }
        let sealed = self.sealed(&site.id, jar).await?;
        let expires_at = site.login.as_ref().map_or(stored.expires_at, |login| match login.lasts {
            // What the module says counts from the login, whatever the cookies say.
            Some(_) => stored.expires_at,
            None => life::expiry(login, jar.ends(), self.clock.now()),
        });
        self.put(StoredSession { sealed, expires_at, ..stored }).await.map(|_| ())
    }

    /// Writes a session that was just opened; when another process was faster, its session is the answer.
    pub(super) async fn opened(
        &self,
        site: &Site,
        login: &Login,
        stored: Option<StoredSession>,
        jar: &Jar,
        identity: Option<String>,
    ) -> Result<StoredSession, FetchError> {
        let now = self.clock.now();
        let session = StoredSession {
            site: site.id.clone(),
            name: MAIN.into(),
            sealed: self.sealed(&site.id, jar).await?,
            state: SessionState::Open,
            expires_at: life::expiry(login, jar.ends(), now),
            updated_at: now,
            identity: identity.unwrap_or_default(),
            revision: stored.map_or(0, |stored| stored.revision),
            failures: 0,
            last_error: None,
        };
        match self.put(session).await? {
            Some(written) => Ok(written),
            None => self.stored(&site.id).await?.ok_or_else(|| {
                login_error(FetchFailure::Login, format!("the session of {} was removed", site.id))
            }),
        }
    }

    pub(super) async fn failed(
        &self,
        site: &Site,
        stored: Option<StoredSession>,
        why: String,
    ) -> Result<(), FetchError> {
        let failures = stored.as_ref().map_or(0, |stored| stored.failures) + 1;
        let session = StoredSession {
            site: site.id.clone(),
            name: MAIN.into(),
            sealed: Vec::new(),
            state: life::after_failure(failures),
            expires_at: None,
            updated_at: self.clock.now(),
            identity: stored.as_ref().map(|one| one.identity.clone()).unwrap_or_default(),
            revision: stored.map_or(0, |stored| stored.revision),
            failures,
            last_error: Some(why),
        };
        self.put(session).await.map(|_| ())
    }

    /// Opens what is stored; what cannot be opened (another key) is no session.
    pub(super) async fn open(
        &self,
        desk: &mut Desk,
        stored: Option<StoredSession>,
    ) -> Result<Arc<Ready>, FetchError> {
        let gone = || login_error(FetchFailure::Login, "there is no session to open".into());
        let stored = stored.ok_or_else(gone)?;
        if let Some(ready) = desk.ready.as_ref().filter(|ready| ready.revision == stored.revision) {
            return Ok(ready.clone());
        }
        let plain = self
            .seal()
            .await?
            .open(&stored.site, &stored.name, &stored.sealed)
            .map_err(|error| login_error(FetchFailure::Login, error.to_string()))?;
        let jar: Jar = serde_json::from_slice(&plain)
            .map_err(|error| login_error(FetchFailure::Login, error.to_string()))?;
        let ready = Arc::new(Ready {
            context: format!("{}/{}#{}", stored.site, stored.name, stored.revision),
            jar: Arc::new(jar),
            identity: Some(stored.identity).filter(|name| !name.is_empty()),
            revision: stored.revision,
        });
        desk.ready = Some(ready.clone());
        Ok(ready)
    }

    pub(super) async fn sealed(&self, site: &str, jar: &Jar) -> Result<Vec<u8>, FetchError> {
        let plain = serde_json::to_vec(jar)
            .map_err(|error| login_error(FetchFailure::Login, error.to_string()))?;
        self.seal()
            .await?
            .seal(site, MAIN, &plain)
            .map_err(|error| login_error(FetchFailure::Login, error.to_string()))
    }

    pub(super) async fn seal(&self) -> Result<&Seal, FetchError> {
        let make = || async {
            if let Some(key) = &self.key {
                return Ok(Seal::of_text(key));
            }
            Seal::of_file(&self.key_file).map_err(|error| {
                let path = self.key_file.display();
                let text = format!("the key of the sessions {path} cannot be used: {error}");
                login_error(FetchFailure::Login, text)
            })
        };
        self.seal.get_or_try_init(make).await
    }

    pub(super) async fn stored(&self, site: &str) -> Result<Option<StoredSession>, FetchError> {
        self.db.session(site, MAIN).await.map_err(|error| record_error(&error))
    }

    /// Writes with the next revision; `None` when another process has written first.
    pub(super) async fn put(
        &self,
        session: StoredSession,
    ) -> Result<Option<StoredSession>, FetchError> {
        let next = StoredSession { revision: session.revision + 1, ..session };
        let written = self.db.put_session(&next).await.map_err(|error| record_error(&error))?;
        Ok(written.then_some(next))
    }
}

fn record_error(error: &crate::store::DbError) -> FetchError {
    login_error(FetchFailure::Held, format!("the sessions cannot be read: {error}"))
}
