//! When a host may be asked again: two clocks, kept apart. Pure; moments are milliseconds since 1970.
//!
//! ```text
//! agreed pace   next_at     site, configuration or Crawl-delay name a gap; a host that answers slower than it
//!                           usually does gets a longer one, in proportion, until it has recovered
//! reaction      held_until  429, 503, a block page: a pause that doubles with each one in a row, or what the
//!                           host asked for; a good answer to a later request ends the row
//! ```
//!
//! [`HostPace::reserve`] hands out slots, [`HostPace::report`] learns from how a request ended. Whoever would wait
//! longer than he has patience for gets a place in the queue instead: a moment to come back at, one gap after the
//! place before it, so that many who are sent away do not come back together.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The pause after the first refusal; it doubles with each one in a row.
pub const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// The longest pause that we choose by ourselves.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);
/// The shortest pause that a host can ask for.
pub const SHORTEST_ASKED: Duration = Duration::from_secs(1);
/// The longest pause that a host can ask for: beyond it we would rather ask again.
pub const LONGEST_ASKED: Duration = Duration::from_secs(6 * 60 * 60);
/// A slow host's gap grows at most so many times …
const MOST_SLOWER: i64 = 8;
/// … and never beyond this, unless the agreed gap is longer.
const LONGEST_GAP: i64 = 60_000;
/// Answers faster than this are all alike: below it the machine is measured, not the host (ms).
const FLOOR: i64 = 100;
/// The end of a hold is waited for only so long (ms); shorter than the first pause.
const HELD_PATIENCE: i64 = 10_000;
/// Places in the queue are given at most so far ahead (ms).
const QUEUE: i64 = 60 * 60 * 1_000;

/// The clocks of one host.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HostPace {
    /// No request begins before it: the agreed pace.
    pub next_at: i64,
    /// No request begins before it: our reaction to refusals.
    pub held_until: i64,
    /// The place after the last one in the queue.
    pub queue_at: i64,
    /// Refusals in a row.
    pub refused: i64,
    /// How long its answers take at present, smoothed quickly (ms); 0: not known.
    pub answer_ms: i64,
    /// How long they usually take, smoothed slowly (ms).
    pub usual_ms: i64,
    /// The gap that was kept last (ms).
    pub gap_ms: i64,
    /// Why it is held, or was.
    pub why: String,
}

/// A wish for a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostAsk {
    /// The agreed gap between two requests.
    pub gap: Duration,
    /// No slot before this moment (ms); zero: as soon as possible.
    pub earliest: i64,
    /// A slot later than this is not taken (ms).
    pub latest: i64,
    /// The present moment (ms).
    pub now: i64,
}

/// What is done with the clocks of a host, in one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostStep {
    /// Takes a slot, or else a place in the queue.
    Reserve(HostAsk),
    /// Takes a place in the queue beyond the latest slot.
    Queue(HostAsk),
    /// Learns from a request.
    Report(HostReport),
    /// Changes nothing.
    Look,
}

/// What somebody who wants to ask a host is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostSlot {
    /// Ask at this moment (ms): nobody else got it.
    At(i64),
    /// Nothing was reserved. Come back at this moment (ms): a place in the queue.
    Queued(i64),
    /// Nothing was reserved. The host is left alone until then (ms), for this reason.
    Held(i64, String),
}

/// How a request ended, as far as its host is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostEnding {
    /// With an answer, after so long (ms) where that was measured.
    Answered(Option<i64>),
    /// With a refusal, a block page or a login wall: why, and the pause that was asked for, if any.
    Refused(String, Option<Duration>),
    /// Otherwise; after so long (ms) if it was too slow.
    Failed(Option<i64>),
}

/// A request that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostReport {
    /// How.
    pub ending: HostEnding,
    /// The next request begins no sooner than this after now; zero where several may run at once.
    pub rest: Duration,
    /// The present moment (ms).
    pub now: i64,
}

impl HostPace {
    /// The gap that is kept at present where `agreed` was agreed: longer while the host answers slowly.
    pub fn gap(&self, agreed: Duration) -> Duration {
        let agreed_ms = millis(agreed);
        let usual = self.usual_ms.max(FLOOR);
        // Half as slow again is still usual.
        if self.answer_ms * 2 <= usual * 3 {
            return agreed;
        }
        let slower = agreed_ms.saturating_mul(self.answer_ms.min(usual * MOST_SLOWER)) / usual;
        Duration::from_millis(slower.clamp(agreed_ms, agreed_ms.max(LONGEST_GAP)).unsigned_abs())
    }

    /// Takes a step; those that take a slot answer it.
    pub fn step(&mut self, step: &HostStep) -> Option<HostSlot> {
        match step {
            HostStep::Reserve(ask) => Some(self.reserve(ask)),
            HostStep::Queue(ask) => Some(self.queue(ask)),
            HostStep::Report(report) => {
                self.report(report);
                None
            }
            HostStep::Look => None,
        }
    }

    /// Takes the next slot, or a place in the queue.
    pub fn reserve(&mut self, ask: &HostAsk) -> HostSlot {
        let gap = millis(self.gap(ask.gap));
        if self.is_held(ask.now.saturating_add(HELD_PATIENCE)) {
            return HostSlot::Held(self.held_until, self.why.clone());
        }
        let slot = self.next_at.max(ask.now).max(ask.earliest);
        let slot = slot.max(self.held_until);
        if slot > ask.latest {
            let place = self.queue_at.max(slot).min(ask.now + QUEUE).max(slot);
            self.queue_at = place.saturating_add(gap);
            return HostSlot::Queued(place);
        }
        self.gap_ms = gap;
        self.next_at = slot.saturating_add(gap);
        HostSlot::At(slot)
    }

    /// A place in the queue for somebody who will not even wait for his slot.
    pub fn queue(&mut self, ask: &HostAsk) -> HostSlot {
        self.reserve(&HostAsk {
            latest: ask.now - 1,
            earliest: ask.earliest.max(ask.latest),
            ..*ask
        })
    }

    /// Learns from a request that has ended.
    pub fn report(&mut self, report: &HostReport) {
        let now = report.now;
        self.next_at = self.next_at.max(now.saturating_add(millis(report.rest)));
        match &report.ending {
            HostEnding::Answered(took) => {
                self.measure(*took);
                // An answer while the host is held belongs to a request from before the refusal.
                if self.held_until <= now {
                    (self.refused, self.held_until) = (0, 0);
                    self.why.clear();
                }
            }
            HostEnding::Failed(took) => self.measure(*took),
            HostEnding::Refused(why, asked) => {
                let doubled = millis(FIRST_PAUSE) << self.refused.clamp(0, 16);
                let asked = asked.map_or(0, |a| millis(a.clamp(SHORTEST_ASKED, LONGEST_ASKED)));
                let pause = doubled.min(millis(LONGEST_PAUSE)).max(asked);
                self.refused = self.refused.saturating_add(1);
                self.held_until = self.held_until.max(now.saturating_add(pause));
                self.why = why.chars().take(200).collect();
            }
        }
    }

    /// Whether the host is left alone at `now` because it refused us.
    pub fn is_held(&self, now: i64) -> bool {
        self.held_until > now
    }

    /// Takes in how long an answer took. What is usual follows slowly upwards, so that a bad hour stays one, and
    /// quickly downwards.
    fn measure(&mut self, took: Option<i64>) {
        let Some(took) = took.map(|took| took.clamp(1, 600_000)) else { return };
        if self.usual_ms == 0 {
            (self.answer_ms, self.usual_ms) = (took, took);
            return;
        }
        self.answer_ms = towards(self.answer_ms, took, 3);
        self.usual_ms = if took > self.usual_ms {
            // However slow: one answer makes the usual longer by a fiftieth at most.
            towards(self.usual_ms, took.min(self.usual_ms.saturating_mul(2)), 50)
        } else {
            towards(self.usual_ms, took, 8)
        };
    }
}

/// One step of the way from `value` to `sample`: the `share`-th part, and at least 1.
fn towards(value: i64, sample: i64, share: i64) -> i64 {
    let step = (sample - value) / share;
    value + if step == 0 { (sample - value).signum() } else { step }
}

/// Whole milliseconds.
pub fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GAP: Duration = Duration::from_secs(3);
    const NOW: i64 = 1_760_000_000_000;

    fn ask(now: i64) -> HostAsk {
        HostAsk { gap: GAP, earliest: 0, latest: now + 60_000, now }
    }

    fn report(ending: HostEnding, now: i64) -> HostReport {
        HostReport { ending, rest: GAP, now }
    }

    fn refused(asked: Option<u64>) -> HostEnding {
        HostEnding::Refused("HTTP 429".into(), asked.map(Duration::from_secs))
    }

    #[test]
    fn slots_are_a_gap_apart_and_the_end_counts_as_well() {
        let mut pace = HostPace::default();
        assert_eq!(pace.reserve(&ask(NOW)), HostSlot::At(NOW));
        assert_eq!(pace.reserve(&ask(NOW)), HostSlot::At(NOW + 3_000));
        pace.report(&report(HostEnding::Answered(None), NOW + 9_000));
        assert_eq!(pace.reserve(&ask(NOW + 9_000)), HostSlot::At(NOW + 12_000));
        assert_eq!(pace.reserve(&ask(NOW + 90_000)), HostSlot::At(NOW + 90_000));
    }

    #[test]
    fn who_would_wait_too_long_gets_a_place_of_his_own_in_the_queue() {
        let mut pace = HostPace::default();
        let slots: Vec<HostSlot> = (0..40).map(|_| pace.reserve(&ask(NOW))).collect();
        assert_eq!(slots[20], HostSlot::At(NOW + 60_000));
        for (n, slot) in (21_i64..).zip(&slots[21..]) {
            assert_eq!(*slot, HostSlot::Queued(NOW + n * 3_000));
        }
        assert_eq!(pace.next_at, NOW + 63_000, "queueing reserves nothing");
    }

    #[test]
    fn refusals_in_a_row_double_the_pause_and_a_later_answer_forgives_them() {
        let mut pace = HostPace::default();
        let mut now = NOW;
        for expected in [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600] {
            pace.report(&report(refused(None), now));
            assert_eq!(pace.held_until - now, expected * 1_000);
            assert_eq!(pace.reserve(&ask(now)), HostSlot::Held(pace.held_until, "HTTP 429".into()));
            // The answer of a request that was under way does not count.
            pace.report(&report(HostEnding::Answered(None), now + 1));
            assert!(pace.is_held(now + 1));
            now = pace.held_until;
        }
        pace.report(&report(HostEnding::Answered(None), now));
        assert!(!pace.is_held(now));
        pace.report(&report(refused(None), now));
        assert_eq!(pace.held_until - now, 30_000);
    }

    #[test]
    fn what_the_host_asks_for_is_kept_within_reason() {
        for (asked, expected) in
            [(0, 30), (1, 30), (31, 31), (20_000, 20_000), (1_000_000_000, 21_600)]
        {
            let mut pace = HostPace::default();
            pace.report(&report(refused(Some(asked)), NOW));
            assert_eq!(pace.held_until - NOW, expected * 1_000, "{asked}");
        }
    }

    #[test]
    fn the_two_clocks_do_not_touch_each_other() {
        let mut pace = HostPace::default();
        pace.report(&report(HostEnding::Failed(None), NOW));
        assert_eq!((pace.held_until, pace.refused, pace.next_at), (0, 0, NOW + 3_000));
        pace.report(&HostReport { rest: Duration::ZERO, ..report(refused(None), NOW) });
        assert_eq!(pace.next_at, NOW + 3_000);
    }

    #[test]
    fn a_host_that_grows_slow_is_asked_less_and_one_that_recovers_as_before() {
        let mut pace = HostPace::default();
        let answers = |pace: &mut HostPace, took, count| {
            for _ in 0..count {
                pace.report(&report(HostEnding::Answered(Some(took)), NOW));
            }
        };
        answers(&mut pace, 400, 30);
        assert_eq!(pace.gap(GAP), GAP);
        answers(&mut pace, 1_600, 10);
        let slow = pace.gap(GAP);
        assert!(slow > GAP * 2 && slow < GAP * 5, "{slow:?}");
        answers(&mut pace, 60_000, 10);
        assert_eq!(pace.gap(GAP), GAP * 8, "bounded");
        assert_eq!(pace.gap(Duration::from_secs(20)), Duration::from_secs(60), "bounded");
        assert_eq!(pace.gap(Duration::from_secs(90)), Duration::from_secs(90), "never shorter");
        answers(&mut pace, 400, 40);
        assert_eq!(pace.gap(GAP), GAP);
        // A tremble below a tenth of a second says nothing about the host.
        let mut quick = HostPace::default();
        answers(&mut quick, 3, 10);
        answers(&mut quick, 90, 10);
        assert_eq!(quick.gap(GAP), GAP);
    }

    #[test]
    fn a_host_that_stays_slow_is_usual_in_the_end() {
        let mut pace = HostPace::default();
        for took in std::iter::once(300).chain(std::iter::repeat_n(1_500, 300)) {
            pace.report(&report(HostEnding::Answered(Some(took)), NOW));
        }
        assert_eq!(pace.gap(GAP), GAP);
    }

    proptest! {
        #[test]
        fn slots_never_come_closer_than_the_agreed_gap(
            steps in proptest::collection::vec((0_i64..20_000, 0_u8..5, 1_i64..9_000), 1..60)
        ) {
            let (mut pace, mut now, mut last) = (HostPace::default(), NOW, i64::MIN / 2);
            for (pass, what, took) in steps {
                now += pass;
                match what {
                    0 => pace.report(&report(refused(None), now)),
                    1 => pace.report(&report(HostEnding::Answered(Some(took)), now)),
                    _ => if let HostSlot::At(slot) = pace.reserve(&ask(now)) {
                        prop_assert!(slot >= last + 3_000 && slot >= now && slot <= now + 60_000);
                        prop_assert!(slot >= pace.held_until);
                        last = slot;
                    },
                }
            }
        }
    }
}
