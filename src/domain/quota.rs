//! How much a person may ask of us in a time.
//!
//! Each kind of [`Act`] has a token bucket per person. A bucket is kept as one number, the moment at which it is full
//! again: taking a token moves that moment on by one step, and a token is there as long as the moment stays within
//! the bucket's room. Nothing has to run to refill it.
//!
//! ```text
//! room 6 s, step 2 s (three at once, then one every two seconds)
//!   now = 0   full at 0 ─take─► 2 ─take─► 4 ─take─► 6 ─take─► refused: 8 is beyond 0 + 6; again at 2
//!   now = 2                                            6 ─take─► 8
//! ```
//!
//! All moments and lengths are integers of microseconds.

/// What a person does, as far as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Act {
    /// Sends a message that is no command.
    Message,
    /// Sends a command or presses a button.
    Operation,
    /// Begins to pay.
    Payment,
    /// Writes to support.
    Support,
    /// Makes a search.
    Search,
}

impl Act {
    /// All acts.
    pub const ALL: [Self; 5] =
        [Self::Message, Self::Operation, Self::Payment, Self::Support, Self::Search];

    /// The stored word, and the metric label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Operation => "operation",
            Self::Payment => "payment",
            Self::Support => "support",
            Self::Search => "search",
        }
    }

    /// The act of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == word)
    }

    /// The time that the configured number is for.
    fn period(self) -> i64 {
        match self {
            Self::Message | Self::Operation | Self::Payment | Self::Support => MINUTE,
            Self::Search => 24 * 60 * MINUTE,
        }
    }
}

const MINUTE: i64 = 60_000_000;
/// A factor of one.
const ONE: i64 = 1_000;

/// How we know a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Came a moment ago.
    Newcomer,
    /// Neither new nor paying.
    Known,
    /// Holds a plan.
    Premium,
}

/// The configured quotas. Factors are thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quotas {
    /// Messages a minute; 0 switches this quota off, as in the others.
    pub messages: u32,
    /// Commands and presses a minute.
    pub operations: u32,
    /// Payments begun a minute.
    pub payments: u32,
    /// Messages to support a minute.
    pub support: u32,
    /// New searches a day.
    pub searches: u32,
    /// How many times the number may come at once.
    pub burst: u32,
    /// By what the numbers are multiplied for people who hold a plan.
    pub premium: u32,
    /// By what they are multiplied for people who came a moment ago.
    pub newcomer: u32,
    /// How long a moment is, microseconds.
    pub newcomer_for: i64,
}

impl Quotas {
    /// The bucket of an act; `None` where it is not counted.
    pub fn bucket(&self, act: Act, standing: Standing) -> Option<Bucket> {
        let number = match act {
            Act::Message => self.messages,
            Act::Operation => self.operations,
            Act::Payment => self.payments,
            Act::Support => self.support,
            Act::Search => self.searches,
        };
        let factor = match standing {
            Standing::Newcomer => self.newcomer,
            Standing::Known => 1_000,
            Standing::Premium => self.premium,
        };
        let thousandths = i64::from(number).saturating_mul(i64::from(factor));
        (thousandths > 0).then(|| {
            let step = (act.period() * ONE / thousandths).max(1);
            // Who holds a plan refills sooner; the room is everybody's, so a bucket outlives a change of standing.
            let room = act.period().saturating_mul(i64::from(self.burst)) / ONE;
            Bucket { step, room: room.max(step) }
        })
    }

    /// How a person counts who was met at `met` (`None`: never) and whose plan ends at `plan_until`.
    pub fn standing(&self, met: Option<i64>, plan_until: Option<i64>, now: i64) -> Standing {
        match (plan_until, met) {
            (Some(until), _) if until > now => Standing::Premium,
            (_, Some(met)) if now.saturating_sub(met) >= self.newcomer_for => Standing::Known,
            _ => Standing::Newcomer,
        }
    }
}

/// The size of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// The time in which one token comes back.
    pub step: i64,
    /// The time in which an empty bucket is full again.
    pub room: i64,
}

impl Bucket {
    /// Takes a token at `now` from a bucket that would be full at `full_at`: when it is full from now on, or when the
    /// next token is there.
    ///
    /// # Errors
    /// The moment from which a token is there.
    pub fn take(self, full_at: i64, now: i64) -> Result<i64, i64> {
        let next = self.sane(full_at, now) + self.step;
        if next - now <= self.room { Ok(next) } else { Err(next - self.room) }
    }

    /// The bucket of many times as many tokens, which come back as many times faster.
    #[must_use]
    pub fn times(self, factor: i64) -> Self {
        Self { step: (self.step / factor).max(1), room: self.room }
    }

    /// Latest moment that this bucket can have set a moment ago, on any clock that is about right: a later one was
    /// set by a clock that was wrong, and counts for nothing.
    pub fn horizon(self, now: i64) -> i64 {
        now.saturating_add(self.room.saturating_mul(2))
    }

    fn sane(self, full_at: i64, now: i64) -> i64 {
        if full_at > now && full_at <= self.horizon(now) { full_at } else { now }
    }
}

/// What an update takes: a token of one of the person's buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Toll {
    /// For what.
    pub act: Act,
    /// From which bucket.
    pub bucket: Bucket,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quotas() -> Quotas {
        Quotas {
            messages: 30,
            operations: 20,
            payments: 5,
            support: 10,
            searches: 30,
            burst: 1_000,
            premium: 2_000,
            newcomer: 500,
            newcomer_for: 60 * MINUTE,
        }
    }

    /// How many tokens are there at once.
    fn at_once(bucket: Bucket) -> i64 {
        let (mut full_at, mut count) = (0, 0);
        while let Ok(next) = bucket.take(full_at, 0) {
            (full_at, count) = (next, count + 1);
        }
        count
    }

    #[test]
    fn the_number_of_a_minute_is_there_at_once_and_then_one_a_step() {
        for (act, number) in [
            (Act::Message, 30),
            (Act::Operation, 20),
            (Act::Payment, 5),
            (Act::Support, 10),
            (Act::Search, 30),
        ] {
            let of = |standing| at_once(quotas().bucket(act, standing).expect("counted"));
            assert_eq!(of(Standing::Known), number, "{act:?}");
            assert_eq!(of(Standing::Premium), number * 2, "{act:?}");
            assert_eq!(of(Standing::Newcomer), number / 2, "{act:?}");
        }
        let bucket = quotas().bucket(Act::Message, Standing::Known).expect("counted");
        assert_eq!(bucket.take(bucket.room, 0), Err(2_000_000), "in two seconds");
        assert_eq!(bucket.take(bucket.room, 2_000_000), Ok(bucket.room + 2_000_000));
    }

    #[test]
    fn the_burst_widens_the_bucket_and_no_number_is_too_small_for_one() {
        let twice = Quotas { burst: 2_000, ..quotas() };
        assert_eq!(at_once(twice.bucket(Act::Message, Standing::Known).expect("counted")), 60);
        let tiny = Quotas { messages: 1, newcomer: 1, burst: 1, ..quotas() };
        assert_eq!(at_once(tiny.bucket(Act::Message, Standing::Newcomer).expect("counted")), 1);
        let off = Quotas { messages: 0, ..quotas() };
        assert_eq!(off.bucket(Act::Message, Standing::Known), None);
    }

    #[test]
    fn a_plan_beats_being_new_and_being_new_ends() {
        let (quotas, now) = (quotas(), 10_000 * MINUTE);
        let standing = |met, until| quotas.standing(met, until, now);
        assert_eq!(standing(None, None), Standing::Newcomer);
        assert_eq!(standing(Some(now - 59 * MINUTE), None), Standing::Newcomer);
        assert_eq!(standing(Some(now - 60 * MINUTE), None), Standing::Known);
        assert_eq!(standing(Some(now - 60 * MINUTE), Some(now)), Standing::Known);
        assert_eq!(standing(Some(now), Some(now + 1)), Standing::Premium);
    }

    #[test]
    fn a_moment_that_a_wrong_clock_has_set_locks_nobody_out() {
        let bucket = quotas().bucket(Act::Message, Standing::Known).expect("counted");
        assert!(bucket.take(365 * 24 * 60 * MINUTE, 0).is_ok());
    }

    #[test]
    fn every_word_is_read_back() {
        assert!(Act::ALL.into_iter().all(|act| Act::from_word(act.as_str()) == Some(act)));
    }

    proptest! {
        #[test]
        fn never_more_than_the_room_and_what_came_back(
            step in 1i64..1_000_000,
            tokens in 1i64..50,
            mut pauses in prop::collection::vec(0i64..2_000_000, 1..200),
        ) {
            let bucket = Bucket { step, room: step * tokens };
            let (mut full_at, mut now, mut taken) = (0i64, 1_000_000_000i64, 0i64);
            let begin = now;
            pauses.insert(0, 0);
            for pause in pauses {
                now += pause;
                match bucket.take(full_at, now) {
                    Ok(next) => {
                        prop_assert!(next > now && next <= now + bucket.room && next > full_at);
                        (full_at, taken) = (next, taken + 1);
                    }
                    Err(again) => {
                        prop_assert!(again > now && again <= now + step);
                        prop_assert!(bucket.take(full_at, again).is_ok(), "as promised");
                        prop_assert!(bucket.take(full_at, again - 1).is_err(), "not before");
                    }
                }
            }
            prop_assert!(taken <= tokens + (now - begin) / step);
            prop_assert!(taken >= 1);
        }

        #[test]
        fn no_number_makes_a_bucket_that_overflows_or_never_opens(
            number in any::<u32>(),
            factor in any::<u32>(),
            burst in any::<u32>(),
            full_at in any::<i64>(),
            now in 0i64..4_000_000_000_000_000,
        ) {
            let quotas = Quotas { searches: number, premium: factor, burst, ..Quotas::default() };
            if let Some(bucket) = quotas.bucket(Act::Search, Standing::Premium) {
                prop_assert!(bucket.step >= 1 && bucket.room >= bucket.step);
                match bucket.take(full_at, now) {
                    Ok(next) => prop_assert!(next > now),
                    Err(again) => prop_assert!(again > now && bucket.take(full_at, again).is_ok()),
                }
            }
        }
    }
}
