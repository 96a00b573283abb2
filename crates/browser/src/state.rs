//! What makes a session: cookies and local storage, taken out of a browser and put into another one.

use std::collections::BTreeMap;
use std::fmt;

use chromiumoxide::Page;
use chromiumoxide::cdp::browser_protocol::browser::BrowserContextId;
use chromiumoxide::cdp::browser_protocol::network::{
    Cookie, CookieParam, CookieSameSite, TimeSinceEpoch,
};
use chromiumoxide::cdp::browser_protocol::page::AddScriptToEvaluateOnNewDocumentParams;
use chromiumoxide::cdp::browser_protocol::storage::{GetCookiesParams, SetCookiesParams};
use chromiumoxide::error::CdpError;
use serde::{Deserialize, Serialize};

/// Most bytes of local storage that are kept of one origin.
pub(crate) const STORAGE_LIMIT: usize = 256 * 1024;

/// Cookies and local storage of a session. `Debug` shows counts only: the values are secrets.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionState {
    /// All cookies.
    pub cookies: Vec<CookieState>,
    /// Local storage by origin.
    pub storage: Vec<OriginStorage>,
}

/// One cookie, in the words of RFC 6265.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CookieState {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The host it goes to; with a leading dot also all hosts below.
    pub domain: String,
    /// The path it goes to.
    pub path: String,
    /// When it ends, seconds since 1970; `None`: with the session.
    pub expires: Option<f64>,
    /// Hidden from scripts.
    pub http_only: bool,
    /// Only over TLS.
    pub secure: bool,
    /// `Strict`, `Lax` or `None`.
    pub same_site: Option<String>,
}

/// Local storage of one origin.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct OriginStorage {
    /// For example `https://example.com`.
    pub origin: String,
    /// Its entries.
    pub items: BTreeMap<String, String>,
}

impl fmt::Debug for SessionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cookies, origins) = (self.cookies.len(), self.storage.len());
        write!(f, "SessionState({cookies} cookies, {origins} origins)")
    }
}

/// All cookies of a context.
pub(crate) async fn cookies(
    client: &chromiumoxide::Browser,
    context: &BrowserContextId,
) -> Result<Vec<CookieState>, CdpError> {
    let mut call = GetCookiesParams::default();
    call.browser_context_id = Some(context.clone());
    let answer = client.execute(call).await?;
    Ok(answer.result.cookies.into_iter().map(taken).collect())
}

/// Puts cookies into a new context.
pub(crate) async fn set_cookies(
    client: &chromiumoxide::Browser,
    context: &BrowserContextId,
    cookies: &[CookieState],
) -> Result<(), CdpError> {
    if cookies.is_empty() {
        return Ok(());
    }
    let mut call = SetCookiesParams::new(cookies.iter().map(given).collect::<Vec<_>>());
    call.browser_context_id = Some(context.clone());
    client.execute(call).await.map(|_| ())
}

/// Makes a tab fill local storage before any script of a page runs.
pub(crate) async fn fill_storage(page: &Page, storage: &[OriginStorage]) -> Result<(), CdpError> {
    if storage.is_empty() {
        return Ok(());
    }
    let data = serde_json::to_string(storage).map_err(CdpError::Serde)?;
    let source = format!(
        "for (const one of {data}) if (one.origin === location.origin) \
         for (const [name, value] of Object.entries(one.items)) \
         if (localStorage.getItem(name) === null) localStorage.setItem(name, value);"
    );
    page.execute(AddScriptToEvaluateOnNewDocumentParams::new(source)).await.map(|_| ())
}

/// Script that returns the local storage of the present origin as an [`OriginStorage`].
pub(crate) const READ_STORAGE: &str = "({origin: location.origin, items: Object.fromEntries(\
     Object.entries(localStorage).filter(([, value]) => typeof value === 'string'))})";

fn taken(cookie: Cookie) -> CookieState {
    CookieState {
        expires: (!cookie.session && cookie.expires > 0.0).then_some(cookie.expires),
        name: cookie.name,
        value: cookie.value,
        domain: cookie.domain,
        path: cookie.path,
        http_only: cookie.http_only,
        secure: cookie.secure,
        same_site: cookie.same_site.map(|rule| rule.as_ref().to_owned()),
    }
}

fn given(cookie: &CookieState) -> CookieParam {
    let mut param = CookieParam::new(cookie.name.clone(), cookie.value.clone());
    param.domain = Some(cookie.domain.clone());
    param.path = Some(cookie.path.clone());
    param.expires = cookie.expires.map(TimeSinceEpoch::new);
    param.http_only = Some(cookie.http_only);
    param.secure = Some(cookie.secure);
    param.same_site = cookie.same_site.as_deref().and_then(|rule| match rule {
        "Strict" => Some(CookieSameSite::Strict),
        "Lax" => Some(CookieSameSite::Lax),
        "None" => Some(CookieSameSite::None),
        _ => None,
    });
    param
}
