//! How long to wait after Telegram failed us.

use std::time::Duration;

use crate::telegram::SendError;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// Waits that double from 1 s to 30 s.
#[derive(Debug, Clone, Copy)]
pub struct BackOff {
    next: Duration,
}

impl Default for BackOff {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl BackOff {
    /// The wait after one more failure of any kind.
    pub fn step(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(LONGEST);
        wait
    }

    /// The wait after `error`: as long as Telegram asks; long where a person must act or another process must
    /// give way; else the next step.
    pub fn after(&mut self, error: &SendError) -> Duration {
        match error {
            SendError::RetryAfter(seconds) => Duration::from_secs(*seconds).max(FIRST),
            SendError::Conflict(_) | SendError::Auth(_) => LONGEST,
            _ => self.step(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute() {
        let mut back_off = BackOff::default();
        let waits: Vec<_> = (0..7).map(|_| back_off.step().as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn telegram_says_how_long() {
        let mut back_off = BackOff::default();
        assert_eq!(back_off.after(&SendError::RetryAfter(90)).as_secs(), 90);
        assert_eq!(back_off.after(&SendError::Conflict("two".into())).as_secs(), 30);
        assert_eq!(back_off.after(&SendError::Unreached("down".into())).as_secs(), 1);
    }
}
