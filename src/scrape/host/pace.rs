//! When a host may be asked again. Pure: the moment is an argument.

use std::time::{Duration, Instant};

/// The pause after the first refusal; it doubles with each one in a row.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// The longest pause that we choose by ourselves (a server may ask for more).
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// Counts of one host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HostStats {
    /// Requests begun.
    pub requests: u64,
    /// Answers: a page or "nothing has changed".
    pub answers: u64,
    /// Refusals and block pages.
    pub refusals: u64,
    /// Requests that failed otherwise.
    pub failures: u64,
    /// Bytes of decoded bodies.
    pub bytes: u64,
}

/// The pace of one host.
#[derive(Debug, Clone, Default)]
pub struct HostPace {
    next: Option<Instant>,
    held_until: Option<Instant>,
    refused_in_a_row: u32,
    stats: HostStats,
}

impl HostPace {
    /// The first moment, not before `now`, for the next request.
    pub fn ready_at(&self, now: Instant) -> Instant {
        [self.next, self.held_until].into_iter().flatten().fold(now, Instant::max)
    }

    /// Whether the host is left alone because it refused us.
    pub fn is_held(&self, now: Instant) -> bool {
        self.held_until.is_some_and(|until| until > now)
    }

    /// A request begins.
    pub fn begin(&mut self, gap: Duration, now: Instant) {
        self.stats.requests += 1;
        self.push_back(now + gap);
    }

    /// It was answered; what went before is forgiven.
    pub fn answered(&mut self, gap: Duration, bytes: usize, now: Instant) {
        self.stats.answers += 1;
        self.stats.bytes += bytes as u64;
        self.refused_in_a_row = 0;
        self.held_until = None;
        self.push_back(now + gap);
    }

    /// It failed without a refusal: no back-off of the host, the source has its own.
    pub fn failed(&mut self, gap: Duration, now: Instant) {
        self.stats.failures += 1;
        self.push_back(now + gap);
    }

    /// It was refused: a pause of what the server asked for, or longer with each refusal in a row.
    pub fn refused(&mut self, asked: Option<Duration>, now: Instant) {
        self.stats.refusals += 1;
        let own = FIRST_PAUSE.saturating_mul(2u32.saturating_pow(self.refused_in_a_row.min(16)));
        self.refused_in_a_row = self.refused_in_a_row.saturating_add(1);
        let until = now + own.min(LONGEST_PAUSE).max(asked.unwrap_or_default());
        self.held_until = Some(self.held_until.map_or(until, |held| held.max(until)));
    }

    /// The counts so far.
    pub fn stats(&self) -> HostStats {
        self.stats
    }

    fn push_back(&mut self, to: Instant) {
        self.next = Some(self.next.map_or(to, |next| next.max(to)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Duration = Duration::from_secs(3);

    #[test]
    fn requests_keep_the_gap_from_begin_and_from_end() {
        let (mut pace, now) = (HostPace::default(), Instant::now());
        assert_eq!(pace.ready_at(now), now);
        pace.begin(GAP, now);
        assert_eq!(pace.ready_at(now), now + GAP);
        pace.answered(GAP, 10, now + GAP * 2);
        assert_eq!(pace.ready_at(now), now + GAP * 3);
        assert_eq!(pace.stats().answers, 1);
    }

    #[test]
    fn refusals_in_a_row_double_the_pause_and_an_answer_ends_it() {
        let (mut pace, now) = (HostPace::default(), Instant::now());
        let mut before = Duration::ZERO;
        for _ in 0..5 {
            pace.refused(None, now);
            let wait = pace.ready_at(now) - now;
            assert!(wait > before && pace.is_held(now));
            before = wait;
        }
        for _ in 0..40 {
            pace.refused(None, now);
        }
        assert_eq!(pace.ready_at(now) - now, LONGEST_PAUSE);
        pace.answered(GAP, 0, now);
        assert!(!pace.is_held(now));
    }

    #[test]
    fn what_the_server_asks_for_is_kept_even_if_it_is_longer() {
        let (mut pace, now) = (HostPace::default(), Instant::now());
        pace.refused(Some(Duration::from_secs(20_000)), now);
        assert_eq!(pace.ready_at(now), now + Duration::from_secs(20_000));
        pace.refused(Some(Duration::from_secs(1)), now);
        assert_eq!(pace.ready_at(now), now + Duration::from_secs(20_000));
    }

    #[test]
    fn a_failure_is_no_refusal() {
        let (mut pace, now) = (HostPace::default(), Instant::now());
        pace.failed(GAP, now);
        assert!(!pace.is_held(now));
        assert_eq!(pace.ready_at(now), now + GAP);
    }
}
