//! As whom, and through which proxy, a site is asked: session and proxy are one identity.

use std::sync::Arc;

use sites::Site;

use super::{Jar, Ready, Sessions, SiteProxies, no_login};
use crate::scrape::fetcher::{FetchError, Rung};

/// Who we are at a site for one run.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The session, if the site wants one.
    pub session: Option<Arc<Ready>>,
    /// The proxy; `None`: directly.
    pub identity: Option<String>,
}

/// Sessions and proxies; by default neither.
#[derive(Clone, Default)]
pub struct Access {
    sessions: Option<Arc<Sessions>>,
    proxies: Option<Arc<SiteProxies>>,
}

impl Access {
    /// Both together.
    pub fn new(sessions: Arc<Sessions>, proxies: Arc<SiteProxies>) -> Self {
        Self { sessions: Some(sessions), proxies: Some(proxies) }
    }

    /// Who we are at `site`; an error when there is no way to be somebody now.
    pub async fn of(&self, site: &Site) -> Result<Known, FetchError> {
        let wanted = self.sessions.as_ref().filter(|_| site.login.is_some());
        let identity = self.proxy_of(site).await?;
        let session = match wanted {
            Some(sessions) => sessions.ready(site, identity.as_deref()).await?,
            None => None,
        };
        Ok(Known { session, identity })
    }

    /// The proxy through which `site` is asked now.
    pub async fn proxy_of(&self, site: &Site) -> Result<Option<String>, FetchError> {
        let kept = match &self.sessions {
            Some(sessions) => sessions.identity(site).await?,
            None => None,
        };
        self.proxies.as_ref().map_or(Ok(None), |proxies| proxies.of(&site.id, kept.as_deref()))
    }

    /// Logs in now, whatever the record says: an operator's order.
    pub async fn log_in_now(&self, site: &Site) -> Result<Arc<Ready>, FetchError> {
        let identity = self.proxy_of(site).await?;
        match &self.sessions {
            Some(sessions) => sessions.log_in_now(site, identity.as_deref()).await,
            None => Err(no_login(site)),
        }
    }

    /// Stores what a person has logged in to by hand.
    pub async fn take_over(
        &self,
        site: &Site,
        jar: Jar,
        identity: Option<String>,
    ) -> Result<(), FetchError> {
        match &self.sessions {
            Some(sessions) => sessions.take_over(site, jar, identity).await,
            None => Err(no_login(site)),
        }
    }

    /// The site did not know us although it should: somebody new.
    pub async fn again(&self, site: &Site, known: &Known) -> Result<Known, FetchError> {
        if let (Some(sessions), Some(ready)) = (&self.sessions, &known.session) {
            sessions.walled(site, ready).await?;
        }
        self.of(site).await
    }

    /// After a run: what the site has renewed in the browser is kept.
    pub async fn used(&self, site: &Site, known: &Known, rung: Rung) {
        if let (Some(sessions), Some(ready), Rung::Browser) = (&self.sessions, &known.session, rung)
        {
            sessions.used(site, ready).await;
        }
    }
}
