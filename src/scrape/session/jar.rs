//! What a session consists of, and the cookies it sends by plain HTTP.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

/// Cookies and local storage. `Debug` shows counts only: the values are secrets.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Jar {
    /// All cookies.
    pub cookies: Vec<Cookie>,
    /// Local storage by origin.
    pub storage: Vec<OriginItems>,
}

/// One cookie, in the words of RFC 6265.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Cookie {
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
pub struct OriginItems {
    /// For example `https://example.com`.
    pub origin: String,
    /// Its entries.
    pub items: BTreeMap<String, String>,
}

impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jar({} cookies, {} origins)", self.cookies.len(), self.storage.len())
    }
}

impl Jar {
    /// When each of the cookies that were set for a time ends.
    pub fn ends(&self) -> Vec<DateTime<Utc>> {
        self.cookies.iter().filter_map(ends_at).collect()
    }
}

/// The `Cookie` header for a request to `url` at `now`, by the rules of RFC 6265 5.4: domain, path, `Secure`,
/// expiry; longer paths first. `None` when no cookie goes there.
pub fn cookie_header(jar: &Jar, url: &Url, now: DateTime<Utc>) -> Option<String> {
    let host = url.host_str()?.to_ascii_lowercase();
    let mut cookies: Vec<&Cookie> = jar
        .cookies
        .iter()
        .filter(|cookie| domain_fits(&cookie.domain, &host))
        .filter(|cookie| path_fits(&cookie.path, url.path()))
        .filter(|cookie| !cookie.secure || url.scheme() == "https")
        .filter(|cookie| ends_at(cookie).is_none_or(|end| end > now))
        .filter(|cookie| is_sendable(cookie))
        .collect();
    cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
    let pairs: Vec<String> =
        cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}

/// When a cookie ends; `None`: with the session.
fn ends_at(cookie: &Cookie) -> Option<DateTime<Utc>> {
    let seconds = cookie.expires.filter(|at| at.is_finite() && *at > 0.0)?;
    #[expect(clippy::cast_possible_truncation, reason = "a moment in seconds is far below 2^63")]
    DateTime::from_timestamp(seconds as i64, 0)
}

/// A leading dot means "and all below"; without it, only this host.
fn domain_fits(domain: &str, host: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    match domain.strip_prefix('.') {
        Some(parent) => host == parent || host.ends_with(&domain),
        None => host == domain,
    }
}

fn path_fits(cookie: &str, path: &str) -> bool {
    path == cookie
        || path
            .strip_prefix(cookie)
            .is_some_and(|rest| cookie.ends_with('/') || rest.starts_with('/'))
}

/// Values that could break out of the header stay here.
fn is_sendable(cookie: &Cookie) -> bool {
    let clean = |text: &str| text.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b';');
    !cookie.name.is_empty() && clean(&cookie.name) && clean(&cookie.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookie(name: &str, domain: &str, path: &str) -> Cookie {
        Cookie {
            name: name.into(),
            value: "v".into(),
            domain: domain.into(),
            path: path.into(),
            expires: None,
            http_only: true,
            secure: false,
            same_site: None,
        }
    }

    fn header(cookies: Vec<Cookie>, url: &str) -> Option<String> {
        let jar = Jar { cookies, storage: vec![] };
        let now = DateTime::from_timestamp(1_000, 0).expect("a moment");
        cookie_header(&jar, &url.parse().expect("an address"), now)
    }

    #[test]
    fn cookies_go_only_where_they_belong() {
        let jar = || {
            vec![
                cookie("all", ".example.com", "/"),
                cookie("host", "www.example.com", "/"),
                cookie("deep", ".example.com", "/account"),
                Cookie { secure: true, ..cookie("safe", ".example.com", "/") },
                Cookie { expires: Some(999.0), ..cookie("old", ".example.com", "/") },
                Cookie { value: "a\r\nX: y".into(), ..cookie("evil", ".example.com", "/") },
            ]
        };
        assert_eq!(header(jar(), "http://www.example.com/").as_deref(), Some("all=v; host=v"));
        assert_eq!(
            header(jar(), "https://example.com/account/x").as_deref(),
            Some("deep=v; all=v; safe=v")
        );
        assert_eq!(header(jar(), "http://example.com/accounting").as_deref(), Some("all=v"));
        assert_eq!(header(jar(), "http://badexample.com/"), None);
        assert_eq!(header(jar(), "http://example.com.evil.org/"), None);
    }
}
