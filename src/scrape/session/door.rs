//! The browser behind [`Door`]: steps, checks, and what a context holds by now.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use browser::{CookieState, LoginRequest, LoginStep, OriginStorage, PageRequest, SessionState};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sites::{Login, SessionCheck, Step};

use super::{Cookie, Door, Jar, OriginItems, Ready};
use crate::scrape::browser::{BrowserFetcher, failed};
use crate::scrape::fetcher::FetchError;

/// Time for all steps of a login.
const LOGIN: Duration = Duration::from_secs(60);
/// Time for a check, and how long it waits for what is to be seen.
const CHECK: Duration = Duration::from_secs(30);

#[async_trait]
impl Door for BrowserFetcher {
    async fn log_in(
        &self,
        login: &Login,
        secrets: &HashMap<String, SecretString>,
        identity: Option<&str>,
    ) -> Result<Jar, String> {
        let steps = login.steps.iter().map(|step| step_of(step, secrets)).collect();
        let proxy = identity.map(str::to_owned);
        let request = LoginRequest { steps, proxy, deadline: LOGIN };
        self.browser().log_in(request).await.map(jar).map_err(|error| error.to_string())
    }

    async fn holds(&self, check: &SessionCheck, ready: &Ready) -> Result<bool, FetchError> {
        let shows = Value::from(check.shows.as_str());
        let script = format!(
            "new Promise((tell) => {{ const seen = () => !!document.querySelector({shows}); \
             if (seen()) return tell(true); const end = Date.now() + 5000; \
             const again = setInterval(() => {{ if (seen() || Date.now() > end) \
             {{ clearInterval(again); tell(seen()); }} }}, 100); }})"
        );
        let request = PageRequest {
            script: Some(script),
            state: Some(Arc::new(state(&ready.jar))),
            proxy: ready.identity.clone(),
            deadline: CHECK,
            ..PageRequest::new(check.url.clone(), ready.context.clone())
        };
        let answer = self.browser().fetch(request).await.map_err(|error| failed(&error))?;
        Ok(answer.script == Some(Value::Bool(true)))
    }

    async fn present(&self, ready: &Ready) -> Option<Jar> {
        self.browser().session_state(&ready.context).await.map(jar)
    }
}

fn step_of(step: &Step, secrets: &HashMap<String, SecretString>) -> LoginStep {
    match step {
        Step::Goto(url) => LoginStep::Goto(url.clone()),
        Step::Click(selector) => LoginStep::Click(selector.clone()),
        Step::Wait(selector) => LoginStep::Wait(selector.clone()),
        Step::Fill { selector, with } => LoginStep::Fill {
            selector: selector.clone(),
            value: secrets.get(with).map(|one| one.expose_secret().to_owned()).unwrap_or_default(),
        },
    }
}

/// A session in the browser's words.
pub fn state(jar: &Jar) -> SessionState {
    let cookie = |one: &Cookie| CookieState {
        name: one.name.clone(),
        value: one.value.clone(),
        domain: one.domain.clone(),
        path: one.path.clone(),
        expires: one.expires,
        http_only: one.http_only,
        secure: one.secure,
        same_site: one.same_site.clone(),
    };
    let items =
        |one: &OriginItems| OriginStorage { origin: one.origin.clone(), items: one.items.clone() };
    SessionState {
        cookies: jar.cookies.iter().map(cookie).collect(),
        storage: jar.storage.iter().map(items).collect(),
    }
}

/// A session in our words.
pub fn jar(state: SessionState) -> Jar {
    let cookie = |one: CookieState| Cookie {
        name: one.name,
        value: one.value,
        domain: one.domain,
        path: one.path,
        expires: one.expires,
        http_only: one.http_only,
        secure: one.secure,
        same_site: one.same_site,
    };
    let items = |one: OriginStorage| OriginItems { origin: one.origin, items: one.items };
    Jar {
        cookies: state.cookies.into_iter().map(cookie).collect(),
        storage: state.storage.into_iter().map(items).collect(),
    }
}
