//! Which of the operator's proxies a site is asked through.
//!
//! A site stays with one proxy as long as that works: it is part of who we are there. One that has failed three
//! times in a row rests for ten minutes, longer each time, and the next one of the list takes its place; a site
//! all of whose proxies rest is left alone until the first is back. The fault is the proxy's, so nothing is held
//! against the site.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::login_error;
use crate::clock::Clock;
use crate::scrape::fetcher::{FetchError, FetchFailure};

/// Failures in a row after which a proxy rests.
const PATIENCE: u64 = 3;
/// The first rest; it doubles while the proxy goes on failing.
const REST: TimeDelta = TimeDelta::minutes(10);

/// How a proxy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProxyHealth {
    /// Failures in a row that were already looked at.
    counted: u64,
    /// Rests in a row.
    rests: u32,
    /// It is not used before.
    until: Option<DateTime<Utc>>,
}

impl ProxyHealth {
    /// The health after `failures` in a row were counted at `now`.
    #[must_use]
    pub fn seen(self, failures: u64, now: DateTime<Utc>) -> Self {
        if failures == 0 {
            return Self::default();
        }
        if failures < PATIENCE || failures <= self.counted {
            return Self { counted: failures.max(self.counted), ..self };
        }
        let rest = REST * 2_i32.pow(self.rests.min(5));
        Self { counted: failures, rests: self.rests + 1, until: Some(now + rest) }
    }

    /// Whether it may be used at `now`.
    pub fn is_up(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now >= until)
    }
}

/// The proxy to use: the present one while it is up, else the first of the list that is. An error names the
/// moment when the first is back.
pub fn choose<'n>(
    names: &'n [String],
    present: Option<&str>,
    health: &HashMap<String, ProxyHealth>,
    now: DateTime<Utc>,
) -> Result<&'n str, DateTime<Utc>> {
    let of = |name: &str| health.get(name).copied().unwrap_or_default();
    let up = |name: &&String| of(name).is_up(now);
    let stay = names.iter().find(|name| Some(name.as_str()) == present).filter(up);
    if let Some(name) = stay.or_else(|| names.iter().find(up)) {
        return Ok(name);
    }
    Err(names.iter().filter_map(|name| of(name).until).min().unwrap_or(now))
}

/// Tells how often in a row a proxy has failed.
pub type Failures = Arc<dyn Fn(&str) -> u64 + Send + Sync>;

/// The proxies of all sites in this process.
pub struct SiteProxies {
    of: BTreeMap<String, Vec<String>>,
    failures: Failures,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    health: HashMap<String, ProxyHealth>,
    /// By site.
    present: HashMap<String, String>,
}

impl SiteProxies {
    /// Lists of names by site; `failures` is asked for each before it is chosen.
    pub fn new(
        of: BTreeMap<String, Vec<String>>,
        failures: Failures,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { of, failures, clock, state: Mutex::default() }
    }

    /// The proxy of a site; `None` when it needs none. `kept` is the one that its stored session knows.
    pub fn of(&self, site: &str, kept: Option<&str>) -> Result<Option<String>, FetchError> {
        let Some(names) = self.of.get(site).filter(|names| !names.is_empty()) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for name in names {
            let health = state.health.entry(name.clone()).or_default();
            *health = health.seen((self.failures)(name), now);
        }
        let present = state.present.get(site).map(String::as_str).or(kept);
        match choose(names, present, &state.health, now) {
            Ok(name) => {
                let name = name.to_owned();
                let before = state.present.insert(site.to_owned(), name.clone());
                if before.as_ref().is_some_and(|before| *before != name) {
                    tracing::warn!(site, proxy = name, "the site is asked through another proxy");
                }
                Ok(Some(name))
            }
            Err(back) => {
                let wait = (back - now).to_std().unwrap_or(Duration::from_secs(60));
                let text = format!("all proxies of site {site} ({}) are down", names.join(", "));
                Err(FetchError { retry_after: Some(wait), ..login_error(FetchFailure::Held, text) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + minutes * 60, 0).expect("a moment")
    }

    #[test]
    fn a_proxy_rests_after_three_failures_in_a_row_and_longer_each_time() {
        let health = ProxyHealth::default().seen(2, at(0));
        assert!(health.is_up(at(0)));
        let health = health.seen(3, at(0));
        assert!(!health.is_up(at(9)) && health.is_up(at(10)));
        // Looking again at the same count is no new failure.
        assert_eq!(health.seen(3, at(11)), health);
        let again = health.seen(4, at(11));
        assert!(!again.is_up(at(30)) && again.is_up(at(31)));
        assert_eq!(again.seen(0, at(31)), ProxyHealth::default());
    }

    #[test]
    fn a_site_stays_with_its_proxy_until_that_rests() {
        let names = ["berlin".to_owned(), "hamburg".to_owned()];
        let down = |until| ProxyHealth { counted: 3, rests: 1, until: Some(at(until)) };
        let mut health = HashMap::new();
        assert_eq!(choose(&names, None, &health, at(0)), Ok("berlin"));
        assert_eq!(choose(&names, Some("hamburg"), &health, at(0)), Ok("hamburg"));
        assert_eq!(choose(&names, Some("gone"), &health, at(0)), Ok("berlin"));
        health.insert("berlin".to_owned(), down(10));
        assert_eq!(choose(&names, Some("berlin"), &health, at(0)), Ok("hamburg"));
        health.insert("hamburg".to_owned(), down(7));
        assert_eq!(choose(&names, Some("berlin"), &health, at(0)), Err(at(7)));
        assert_eq!(choose(&names, Some("hamburg"), &health, at(8)), Ok("hamburg"));
    }
}
