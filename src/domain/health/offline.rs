//! Whether it is us: when every host fails at once to be found or connected to, no site is to blame.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

/// What a host said longer ago does not count.
const WINDOW_MINUTES: i64 = 30;
/// One host alone may simply be down.
const HOSTS: usize = 2;

/// The last word of each host.
#[derive(Debug, Clone, Default)]
pub struct Offline {
    hosts: BTreeMap<String, (DateTime<Utc>, bool)>,
}

impl Offline {
    /// Notes whether a host could be connected to.
    pub fn note(&mut self, host: &str, reached: bool, now: DateTime<Utc>) {
        let oldest = now - TimeDelta::minutes(WINDOW_MINUTES);
        self.hosts.retain(|_, (at, _)| *at >= oldest);
        self.hosts.insert(host.to_owned(), (now, reached));
    }

    /// Whether all hosts that were asked lately failed, and there are several.
    pub fn is_offline(&self) -> bool {
        self.hosts.len() >= HOSTS && self.hosts.values().all(|(_, reached)| !reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_hosts_at_once_is_us_and_one_is_not() {
        let at = |minutes: i64| DateTime::from_timestamp(minutes * 60, 0).expect("a moment");
        let mut offline = Offline::default();
        offline.note("a", false, at(0));
        assert!(!offline.is_offline(), "one host alone");
        offline.note("b", true, at(1));
        offline.note("c", false, at(2));
        assert!(!offline.is_offline(), "one was reached");
        offline.note("b", false, at(3));
        assert!(offline.is_offline());
        offline.note("c", true, at(4));
        assert!(!offline.is_offline());
        offline.note("a", false, at(60));
        assert!(!offline.is_offline(), "the others have not been asked for long");
    }
}
