//! Who was refused lately.
//!
//! A browser that is refused a tunnel reports no more than "the tunnel failed", as it does when a server is down.
//! Whoever asked it to go there finds the reason here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::dial::Refusal;

/// How long a refusal is remembered.
const MEMORY: Duration = Duration::from_secs(60);
/// Hosts that are remembered at most: a page can name as many as it likes.
const MOST: usize = 1_024;

/// The hosts that the proxy refused lately, and why. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Refusals {
    hosts: Arc<Mutex<HashMap<String, (Refusal, Instant)>>>,
}

impl Refusals {
    /// Why this host was refused within the last minute, if it was.
    pub fn of(&self, host: &str) -> Option<Refusal> {
        self.at(host, Instant::now())
    }

    pub(crate) fn note(&self, host: &str, refusal: Refusal) {
        self.note_at(host, refusal, Instant::now());
    }

    fn at(&self, host: &str, now: Instant) -> Option<Refusal> {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let (refusal, at) = hosts.get(&folded(host))?;
        (now.saturating_duration_since(*at) < MEMORY).then_some(*refusal)
    }

    fn note_at(&self, host: &str, refusal: Refusal, now: Instant) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MOST {
            hosts.retain(|_, (_, at)| now.saturating_duration_since(*at) < MEMORY);
        }
        if hosts.len() < MOST {
            hosts.insert(folded(host), (refusal, now));
        }
    }
}

/// One spelling per host.
fn folded(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_remembered_for_a_minute_and_the_memory_has_an_end() {
        let (refusals, now) = (Refusals::default(), Instant::now());
        refusals.note_at("Intern.Example.", Refusal::Address, now);
        let later = |seconds| now + Duration::from_secs(seconds);
        assert_eq!(refusals.at("intern.example", later(59)), Some(Refusal::Address));
        assert_eq!(refusals.at("intern.example", later(60)), None);
        assert_eq!(refusals.at("example", now), None);
        for n in 0..MOST * 2 {
            refusals.note_at(&format!("{n}.example"), Refusal::Port, now);
        }
        assert_eq!(refusals.hosts.lock().unwrap().len(), MOST);
        refusals.note_at("fresh.example", Refusal::Name, later(61));
        assert_eq!(refusals.at("fresh.example", later(61)), Some(Refusal::Name));
    }
}
