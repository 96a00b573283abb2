//! When nothing may be sent at all. Pure: the time is an argument.
//!
//! One chat that is refused waits alone, in the store. The whole sender stops only when
//! 1. several different chats answer 429 within a second: until the largest time asked for is over, and then
//!    at half the pace, a tenth of the full pace more each minute;
//! 2. nobody can be reached: 1 s, doubling to 30 s, until something is answered;
//! 3. the token is refused: until a probe says that it is good again.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::ChatId;
use crate::domain::pace::Limits;
use crate::telegram::SendError;

/// Different chats refused within [`STORM_WINDOW`] that make a storm.
const STORM_CHATS: usize = 3;

/// See [`STORM_CHATS`].
const STORM_WINDOW: TimeDelta = TimeDelta::seconds(1);

/// Longest pause for a network that is down.
const UNREACHED_MAX_S: i64 = 30;

/// Longest pause that a storm may ask for: beyond it each chat's own wait is enough.
const STORM_MAX_S: u64 = 15 * 60;

/// Time between two probes of a refused token.
pub const PROBE_EVERY: TimeDelta = TimeDelta::seconds(30);

/// A change of state that an operator should read about, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Many chats are refused: everything waits this many seconds.
    Storm(u64),
    /// Telegram cannot be reached.
    Down,
    /// Telegram answers again.
    Up,
    /// The token is refused.
    TokenRefused,
    /// The token is accepted again.
    TokenAccepted,
}

/// The sender's brake.
#[derive(Debug, Clone, Default)]
pub struct Brake {
    refused: Vec<(ChatId, u64, DateTime<Utc>)>,
    until: Option<DateTime<Utc>>,
    slowed_at: Option<DateTime<Utc>>,
    unreached: u32,
    next_probe: Option<DateTime<Utc>>,
}

impl Brake {
    /// Reads how an attempt for `chat` ended.
    pub fn note(
        &mut self,
        chat: ChatId,
        error: Option<&SendError>,
        now: DateTime<Utc>,
    ) -> Option<News> {
        match error {
            Some(SendError::RetryAfter(seconds)) => {
                self.unreached = 0;
                self.note_refused(chat, *seconds, now)
            }
            Some(SendError::Unreached(_)) => self.note_unreached(now),
            Some(SendError::Auth(_)) => self.note_token_refused(now),
            // A doubt says nothing about the way there.
            Some(SendError::Doubt(_)) => None,
            _ => {
                let was_down = std::mem::take(&mut self.unreached) > 0;
                was_down.then(|| {
                    self.until = None;
                    News::Up
                })
            }
        }
    }

    fn note_refused(&mut self, chat: ChatId, seconds: u64, now: DateTime<Utc>) -> Option<News> {
        self.refused.retain(|(other, _, at)| *other != chat && now - *at < STORM_WINDOW);
        self.refused.push((chat, seconds, now));
        if self.refused.len() < STORM_CHATS {
            return None;
        }
        let longest = self.refused.iter().map(|(_, seconds, _)| *seconds).max().unwrap_or(0);
        let longest = longest.min(STORM_MAX_S);
        self.refused.clear();
        self.slowed_at = Some(self.hold(now, i64::try_from(longest).unwrap_or(0)));
        Some(News::Storm(longest))
    }

    fn note_unreached(&mut self, now: DateTime<Utc>) -> Option<News> {
        // Requests that were under way together fail together: they count once.
        if self.until.is_some_and(|until| now < until) {
            return None;
        }
        let first = self.unreached == 0;
        let seconds = (1i64 << self.unreached.min(5)).min(UNREACHED_MAX_S);
        self.unreached += 1;
        self.hold(now, seconds);
        first.then_some(News::Down)
    }

    fn note_token_refused(&mut self, now: DateTime<Utc>) -> Option<News> {
        let first = self.next_probe.is_none();
        if first {
            self.next_probe = Some(now + PROBE_EVERY);
        }
        first.then_some(News::TokenRefused)
    }

    fn hold(&mut self, now: DateTime<Utc>, seconds: i64) -> DateTime<Utc> {
        let until = now + TimeDelta::seconds(seconds);
        let until = self.until.map_or(until, |earlier| earlier.max(until));
        self.until = Some(until);
        until
    }

    /// Until when nothing may be claimed; `None` when it may now.
    pub fn holds(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let probe = self.next_probe.map(|at| at.max(now + TimeDelta::milliseconds(1)));
        probe.or(self.until.filter(|until| now < *until))
    }

    /// Whether the token is to be probed now.
    pub fn probe_due(&self, now: DateTime<Utc>) -> bool {
        self.next_probe.is_some_and(|at| at <= now)
    }

    /// Reads the answer to a probe.
    pub fn note_probe(&mut self, accepted: bool, now: DateTime<Utc>) -> Option<News> {
        self.next_probe?;
        self.next_probe = (!accepted).then(|| now + PROBE_EVERY);
        accepted.then_some(News::TokenAccepted)
    }

    /// The limits after a storm: the gap between messages is stretched for five minutes, and nothing is paid for.
    pub fn limits(&self, limits: Limits, now: DateTime<Utc>) -> Limits {
        let Some(at) = self.slowed_at else { return limits };
        let tenths = 5 + (now - at).num_minutes().max(0);
        if tenths >= 10 {
            return limits;
        }
        limits.slowed(tenths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::testing::moment;

    fn refused(brake: &mut Brake, chat: i64, seconds: u64, at: i64) -> Option<News> {
        brake.note(ChatId(chat), Some(&SendError::RetryAfter(seconds)), moment(at))
    }

    #[test]
    fn one_refused_chat_stops_nobody_else() {
        let mut brake = Brake::default();
        for at in 0..20 {
            assert_eq!(refused(&mut brake, 1, 60, at), None);
            assert_eq!(refused(&mut brake, 2, 60, at), None);
        }
        assert_eq!(brake.holds(moment(20)), None);
    }

    #[test]
    fn three_chats_within_a_second_stop_all_for_the_largest_time() {
        let mut brake = Brake::default();
        refused(&mut brake, 1, 3, 0);
        refused(&mut brake, 2, 9, 400);
        assert_eq!(refused(&mut brake, 3, 5, 900), Some(News::Storm(9)));
        assert_eq!(brake.holds(moment(9_899)), Some(moment(9_900)));
        assert_eq!(brake.holds(moment(9_900)), None);
    }

    #[test]
    fn three_chats_in_three_seconds_are_no_storm() {
        let mut brake = Brake::default();
        for chat in 1..10 {
            assert_eq!(refused(&mut brake, chat, 3, chat * 1_000), None);
        }
    }

    #[test]
    fn after_a_storm_the_pace_is_half_and_grows_by_a_tenth_a_minute() {
        let mut brake = Brake::default();
        for chat in 1..=3 {
            refused(&mut brake, chat, 60, 0);
        }
        let gap = |minutes: i64| {
            brake.limits(Limits::default(), moment(60_000 + minutes * 60_000)).gap_us
        };
        assert_eq!([gap(0), gap(1), gap(4), gap(5)], [66_668, 55_556, 37_037, 33_334]);
    }

    #[test]
    fn a_network_that_is_down_is_tried_less_and_less_and_told_once() {
        let mut brake = Brake::default();
        let unreached = SendError::Unreached("refused".into());
        let mut at = 0;
        let mut waits = vec![];
        for round in 0..7 {
            let news = brake.note(ChatId(1), Some(&unreached), moment(at));
            assert_eq!(news, (round == 0).then_some(News::Down));
            assert_eq!(brake.note(ChatId(2), Some(&unreached), moment(at)), None);
            let until = brake.holds(moment(at)).expect("a pause");
            waits.push((until - moment(at)).num_seconds());
            at += (until - moment(at)).num_milliseconds();
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(brake.note(ChatId(1), None, moment(at)), Some(News::Up));
        assert_eq!(brake.holds(moment(at)), None);
    }

    #[test]
    fn a_refused_token_stops_everything_until_a_probe_succeeds() {
        let mut brake = Brake::default();
        let auth = SendError::Auth("401".into());
        assert_eq!(brake.note(ChatId(1), Some(&auth), moment(0)), Some(News::TokenRefused));
        assert_eq!(brake.note(ChatId(2), Some(&auth), moment(5)), None);
        assert!(!brake.probe_due(moment(29_999)) && brake.probe_due(moment(30_000)));
        assert_eq!(brake.note_probe(false, moment(30_000)), None);
        assert!(brake.holds(moment(59_000)).is_some() && !brake.probe_due(moment(59_000)));
        assert_eq!(brake.note_probe(true, moment(60_000)), Some(News::TokenAccepted));
        assert_eq!(brake.holds(moment(60_000)), None);
    }
}
