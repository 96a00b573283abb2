//! Rate limits: how many messages a bot may send per chat, per group and over all.
//!
//! Telegram publishes only the outline (about one message a second per chat, 20 a minute per group,
//! 30 a second over all; <https://core.telegram.org/bots/faq>), so there are two readings of it to
//! test against: a strict sliding window, and a bucket that fills again. A pure structure: the time
//! is an argument, nothing waits.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// How limits are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// No limits.
    Off,
    /// At most `count` in any interval of the given length.
    #[default]
    Sliding,
    /// A bucket of `count` that refills evenly over the interval.
    Bucket,
}

/// So many messages in so many milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Messages.
    pub count: u32,
    /// Interval in milliseconds.
    pub per_ms: Millis,
}

/// The rates of one sandbox; may be replaced while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rates {
    /// How to count.
    pub mode: Mode,
    /// Messages to one chat: a burst of 3, then one a second.
    pub chat: Rate,
    /// Messages to one group.
    pub group: Rate,
    /// Edits in one group.
    pub group_edits: Rate,
    /// Messages of one bot over all chats.
    pub all: Rate,
    /// Messages of one bot sent with `allow_paid_broadcast`.
    pub paid: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            mode: Mode::Sliding,
            chat: Rate { count: 3, per_ms: 3_000 },
            group: Rate { count: 20, per_ms: 60_000 },
            group_edits: Rate { count: 20, per_ms: 60_000 },
            all: Rate { count: 30, per_ms: 1_000 },
            paid: Rate { count: 1_000, per_ms: 1_000 },
        }
    }
}

/// What a call is counted as.
#[derive(Clone, Copy, Debug)]
pub struct Charge {
    /// The chat that gets it.
    pub chat: i64,
    /// Group and supergroup have the limit per minute.
    pub group: bool,
    /// Messages in the call; an album of n weighs n, except for the chat's own burst.
    pub weight: u32,
    /// An edit of a message instead of a new one.
    pub edit: bool,
    /// Sent with `allow_paid_broadcast`.
    pub paid: bool,
}

/// One counter of each kind per bot.
#[derive(Debug, Default)]
pub struct Limits {
    counters: HashMap<Key, Counter>,
}

/// The past of one limit, in the form its mode needs.
#[derive(Debug, Default)]
struct Counter {
    /// What passed and when, for the window.
    past: VecDeque<(Millis, u32)>,
    /// What is missing from a full bucket, in messages × milliseconds of the interval (whole numbers).
    missing: i64,
    /// When `missing` was right.
    at: Millis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    All,
    Paid,
    Chat(i64),
    Group(i64),
    GroupEdits(i64),
}

impl Limits {
    /// Counts a call, or says how many seconds to wait. A refused call is not counted.
    pub fn charge(&mut self, rates: &Rates, charge: Charge, now: Millis) -> Result<(), i64> {
        if rates.mode == Mode::Off {
            return Ok(());
        }
        let applicable = applicable(rates, charge);
        let waits = applicable.iter().map(|&(key, rate, weight)| {
            let counter = self.counters.entry(key).or_default();
            match rates.mode {
                Mode::Bucket => counter.bucket_wait(rate, weight, now),
                _ => counter.sliding_wait(rate, weight, now),
            }
        });
        let wait = waits.max().unwrap_or(0);
        if wait > 0 {
            return Err((wait + 999) / 1_000);
        }
        for (key, rate, weight) in applicable {
            let counter = self.counters.entry(key).or_default();
            match rates.mode {
                Mode::Bucket => counter.missing += i64::from(weight.min(rate.count)) * rate.per_ms,
                _ => counter.past.push_back((now, weight)),
            }
        }
        Ok(())
    }
}

fn applicable(rates: &Rates, charge: Charge) -> Vec<(Key, Rate, u32)> {
    let Charge { chat, group, weight, edit, paid } = charge;
    if edit {
        let key = Key::GroupEdits(chat);
        return if group { vec![(key, rates.group_edits, weight)] } else { Vec::new() };
    }
    let mut list = vec![(Key::Chat(chat), rates.chat, 1)];
    if group {
        list.push((Key::Group(chat), rates.group, weight));
    }
    list.push(if paid { (Key::Paid, rates.paid, weight) } else { (Key::All, rates.all, weight) });
    list
}

impl Counter {
    /// Milliseconds until `weight` more fit into the window that ends then.
    fn sliding_wait(&mut self, rate: Rate, weight: u32, now: Millis) -> Millis {
        while self.past.front().is_some_and(|(at, _)| at + rate.per_ms <= now) {
            self.past.pop_front();
        }
        let mut held = weight.min(rate.count);
        for &(at, before) in self.past.iter().rev() {
            held += before;
            if held > rate.count {
                return at + rate.per_ms - now;
            }
        }
        0
    }

    /// Milliseconds until the bucket holds `weight`; refills it up to `now`.
    fn bucket_wait(&mut self, rate: Rate, weight: u32, now: Millis) -> Millis {
        let refill = i64::from(rate.count);
        self.missing = (self.missing - (now - self.at) * refill).max(0);
        self.at = now;
        let full = refill * rate.per_ms;
        let lack = i64::from(weight.min(rate.count)) * rate.per_ms - (full - self.missing);
        if lack <= 0 { 0 } else { (lack + refill - 1) / refill }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private(chat: i64) -> Charge {
        Charge { chat, group: false, weight: 1, edit: false, paid: false }
    }

    #[test]
    fn one_chat_takes_a_burst_of_three_and_then_one_a_second() {
        let (rates, mut limits) = (Rates::default(), Limits::default());
        for now in [0, 10, 20] {
            assert_eq!(limits.charge(&rates, private(1), now), Ok(()));
        }
        assert_eq!(limits.charge(&rates, private(1), 30), Err(3));
        assert_eq!(limits.charge(&rates, private(1), 3_000), Ok(()));
    }

    #[test]
    fn the_bucket_gives_one_back_each_second() {
        let rates = Rates { mode: Mode::Bucket, ..Rates::default() };
        let mut limits = Limits::default();
        for _ in 0..3 {
            assert_eq!(limits.charge(&rates, private(1), 0), Ok(()));
        }
        assert_eq!(limits.charge(&rates, private(1), 500), Err(1));
        assert_eq!(limits.charge(&rates, private(1), 1_000), Ok(()));
        assert_eq!(limits.charge(&rates, private(1), 1_500), Err(1));
    }

    #[test]
    fn a_window_never_holds_more_than_its_count_whatever_the_rhythm() {
        let (rates, mut limits) = (Rates::default(), Limits::default());
        let mut passed = Vec::new();
        for step in 0..400 {
            let now = step * 7;
            if limits.charge(&rates, private(step), now).is_ok() {
                passed.push(now);
            }
        }
        for start in &passed {
            let inside = passed.iter().filter(|at| (*start..start + 1_000).contains(at));
            assert!(inside.count() <= 30);
        }
        assert!(passed.len() >= 60, "the window lets traffic through again");
    }

    #[test]
    fn an_album_weighs_its_pictures_in_a_group() {
        let (rates, mut limits) = (Rates::default(), Limits::default());
        let album = Charge { chat: -1, group: true, weight: 10, edit: false, paid: false };
        assert_eq!(limits.charge(&rates, album, 0), Ok(()));
        assert_eq!(limits.charge(&rates, album, 1_500), Ok(()));
        let single = Charge { weight: 1, ..album };
        assert_eq!(limits.charge(&rates, single, 3_500), Err(57));
    }
}
