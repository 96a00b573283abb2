//! How fast we may write to Telegram: sliding windows per chat and group, and an overall pace.
//!
//! The documented limits are about 1 message a second to a chat, 20 a minute to a group and 30 a second in
//! all (Telegram's FAQ, "My bot is hitting limits"). Nobody outside knows whether they are counted as a bucket
//! that fills again or as a strict window, so the overall pace keeps both: messages are spaced evenly, and any
//! [`STRICT_US`] hold at most a second's worth of them. Beyond it, messages to many may go against Stars
//! ([`Paid`]).

use super::user::ChatKind;

/// The strict window of the overall pace, microseconds: a second, and what a message may be late on its way by
/// more than one before it.
pub const STRICT_US: i64 = 1_006_000;

/// At most `count` messages in any `per` milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many.
    pub count: usize,
    /// In how many milliseconds.
    pub per_ms: i64,
}

/// Sending beyond the free pace, for Stars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paid {
    /// Microseconds between two paid messages; 0 switches paying off.
    pub gap_us: i64,
    /// What may be spent in a day (UTC), tenths of a Star. A paid message costs one tenth (Telegram's FAQ,
    /// "How can I message all of my bot's subscribers at once?").
    pub per_day: i64,
}

impl Paid {
    /// Nothing is paid for.
    pub const OFF: Self = Self { gap_us: 0, per_day: 0 };

    /// `per_second` messages a second for at most `stars` Stars a day; 0 of either switches it off.
    pub fn new(per_second: f64, stars: i64) -> Self {
        match gap_us(per_second) {
            0 => Self::OFF,
            _ if stars <= 0 => Self::OFF,
            gap_us => Self { gap_us, per_day: stars.saturating_mul(10) },
        }
    }
}

/// The limits that all our processes together keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Microseconds between two messages over all chats; 0 switches the overall pace off.
    pub gap_us: i64,
    /// Messages over all chats in any [`STRICT_US`]; 0 switches this window off.
    pub most: usize,
    /// Beyond the overall pace.
    pub paid: Paid,
    /// For a private chat or a channel; count 0 switches it off.
    pub chat: Window,
    /// For a group; count 0 switches it off.
    pub group: Window,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            gap_us: 33_334,
            most: 30,
            paid: Paid::OFF,
            chat: Window { count: 1, per_ms: 1_050 },
            group: Window { count: 20, per_ms: 61_000 },
        }
    }
}

impl Limits {
    /// No limits, for benches and imitations without limits.
    pub const OFF: Self = Self {
        gap_us: 0,
        most: 0,
        paid: Paid::OFF,
        chat: Window { count: 0, per_ms: 0 },
        group: Window { count: 0, per_ms: 0 },
    };

    /// The limits for `per_second` messages over all chats; 0 or nonsense from below switches all limits off.
    pub fn per_second(per_second: f64) -> Self {
        match gap_us(per_second) {
            0 => Self::OFF,
            gap_us => {
                // One and a part a second are two in a window: the window never asks for less than the gap does.
                let most = (1_000_000 + gap_us - 1) / gap_us;
                Self { gap_us, most: usize::try_from(most).unwrap_or(1), ..Self::default() }
            }
        }
    }

    /// The same at `tenths` of the overall pace (1 to 10).
    pub fn slowed(self, tenths: i64) -> Self {
        let part = usize::try_from(tenths).unwrap_or(10);
        let most = if self.most == 0 { 0 } else { (self.most * part / 10).max(1) };
        Self { gap_us: self.gap_us * 10 / tenths.max(1), most, paid: Paid::OFF, ..self }
    }

    /// The window of a chat of `kind`.
    pub fn window(&self, kind: ChatKind) -> Window {
        match kind {
            ChatKind::Group => self.group,
            ChatKind::Private | ChatKind::Channel => self.chat,
        }
    }
}

/// Microseconds between two of `per_second` messages; 0 for none. A gap is at most a minute.
#[expect(clippy::cast_possible_truncation, reason = "the range is clamped first")]
fn gap_us(per_second: f64) -> i64 {
    if per_second.is_nan() || per_second <= 0.0 {
        return 0;
    }
    (1e6 / per_second).ceil().clamp(1.0, 60e6) as i64
}

/// The first moment not before `now` at which `weight` more messages fit the window, given the moments of the
/// last ones in ascending order. What is heavier than the window fits an empty one.
pub fn next_fit(recent: &[i64], count: usize, per: i64, weight: usize, now: i64) -> i64 {
    if count == 0 {
        return now;
    }
    let needed = (recent.len() + weight.min(count)).saturating_sub(count);
    match needed.checked_sub(1).and_then(|place| recent.get(place)) {
        Some(leaves) => now.max(leaves + per),
        None => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_window_waits_for_its_oldest_message_to_leave() {
        let fit = |recent: &[i64], now| next_fit(recent, 2, 100, 1, now);
        assert_eq!(fit(&[], 5), 5);
        assert_eq!(fit(&[0], 5), 5);
        assert_eq!(fit(&[0, 50], 60), 100);
        assert_eq!(fit(&[0, 50, 100], 101), 150);
    }

    #[test]
    fn an_album_waits_for_as_many_places_as_it_has_pictures() {
        let fit = |recent: &[i64], weight| next_fit(recent, 4, 100, weight, 50);
        assert_eq!(fit(&[10, 20], 2), 50);
        assert_eq!(fit(&[10, 20], 3), 110);
        assert_eq!(fit(&[10, 20], 4), 120);
        assert_eq!(fit(&[10, 20], 9), 120, "heavier than the window: it waits until that is empty");
    }

    #[test]
    fn the_pace_of_the_configuration_is_kept_to_the_microsecond() {
        assert_eq!(Limits::per_second(0.0), Limits::OFF);
        assert_eq!(Limits::per_second(-1.0), Limits::OFF);
        assert_eq!(Limits::per_second(f64::NAN), Limits::OFF);
        assert_eq!(Limits::per_second(30.0), Limits::default());
        let of = |per_second| {
            let limits = Limits::per_second(per_second);
            (limits.gap_us, limits.most)
        };
        assert_eq!(of(28.0), (35_715, 28));
        assert_eq!(of(1.5), (666_667, 2));
        assert_eq!(of(0.5), (2_000_000, 1));
        assert_eq!(of(1e9), (1, 1_000_000));
        assert_eq!(of(1e-9), (60_000_000, 1));
    }

    #[test]
    fn paying_needs_a_pace_and_a_budget() {
        assert_eq!(Paid::new(1_000.0, 5), Paid { gap_us: 1_000, per_day: 50 });
        assert_eq!(Paid::new(1_000.0, 0), Paid::OFF);
        assert_eq!(Paid::new(0.0, 5), Paid::OFF);
    }
}
