//! How fast we may write to Telegram: sliding windows per chat and group, and an even overall pace.
//!
//! The documented limits are about 1 message a second to a chat, 20 a minute to a group and 30 a second in
//! all (Telegram's FAQ, "My bot is hitting limits"). We space the overall pace evenly instead of sending 30
//! at once, and stay a little below.

use super::user::ChatKind;

/// At most `count` messages in any `per` milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many.
    pub count: usize,
    /// In how many milliseconds.
    pub per_ms: i64,
}

/// The limits that all our processes together keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Milliseconds between two messages over all chats; 0 switches the overall pace off.
    pub gap_ms: i64,
    /// For a private chat or a channel; count 0 switches it off.
    pub chat: Window,
    /// For a group; count 0 switches it off.
    pub group: Window,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            gap_ms: 36,
            chat: Window { count: 1, per_ms: 1_050 },
            group: Window { count: 20, per_ms: 61_000 },
        }
    }
}

impl Limits {
    /// No limits, for benches and imitations without limits.
    pub const OFF: Self = Self {
        gap_ms: 0,
        chat: Window { count: 0, per_ms: 0 },
        group: Window { count: 0, per_ms: 0 },
    };

    /// The window of a chat of `kind`.
    pub fn window(&self, kind: ChatKind) -> Window {
        match kind {
            ChatKind::Group => self.group,
            ChatKind::Private | ChatKind::Channel => self.chat,
        }
    }
}

/// The first moment (ms) not before `now` at which one more message fits the window, given the moments of
/// the last messages in ascending order (at most `window.count` of them are looked at).
pub fn next_fit(recent: &[i64], window: Window, now: i64) -> i64 {
    if window.count == 0 || recent.len() < window.count {
        return now;
    }
    now.max(recent[recent.len() - window.count] + window.per_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_window_waits_for_its_oldest_message_to_leave() {
        let window = Window { count: 2, per_ms: 100 };
        assert_eq!(next_fit(&[], window, 5), 5);
        assert_eq!(next_fit(&[0], window, 5), 5);
        assert_eq!(next_fit(&[0, 50], window, 60), 100);
        assert_eq!(next_fit(&[0, 50, 100], window, 101), 150);
    }
}
