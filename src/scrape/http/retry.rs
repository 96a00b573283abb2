//! `Retry-After` (RFC 9110 section 10.2.3): a number of seconds or a date. Servers write anything there.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// The shortest pause that we take on a server's word.
pub const SHORTEST: Duration = Duration::from_secs(1);
/// The longest one: beyond it we would rather ask again.
pub const LONGEST: Duration = Duration::from_secs(6 * 60 * 60);

/// What the header asks for, between one second and six hours; `None` when it says nothing readable.
pub fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds is a very long time, not garbage.
        let seconds = if value.starts_with('-') { 0 } else { digits.parse().unwrap_or(u64::MAX) };
        return Some(Duration::from_secs(seconds).clamp(SHORTEST, LONGEST));
    }
    // The day of the week says nothing that the date does not, and is often wrong.
    let date = value.split_once(',').map_or(value, |(_, date)| date).trim();
    let date = DateTime::parse_from_rfc2822(date).ok()?;
    let wait = (date.with_timezone(&Utc) - now).to_std().unwrap_or(SHORTEST);
    Some(wait.clamp(SHORTEST, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> DateTime<Utc> {
        "1994-11-06T08:49:00Z".parse().expect("a date")
    }

    #[test]
    fn seconds_dates_and_garbage_are_told_apart() {
        let table = [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("0", Some(1)),
            ("-5", Some(1)),
            ("1000000000", Some(21_600)),
            ("99999999999999999999999999", Some(21_600)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(37)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", Some(1)),
            ("Sun, 06 Nov 2094 08:49:37 GMT", Some(21_600)),
            ("soon", None),
            ("", None),
            ("-", None),
            ("1.5", None),
        ];
        for (value, seconds) in table {
            assert_eq!(retry_after(value, now()), seconds.map(Duration::from_secs), "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn any_value_stays_between_the_bounds(value in "\\PC{0,40}") {
            if let Some(wait) = retry_after(&value, now()) {
                prop_assert!((SHORTEST..=LONGEST).contains(&wait));
            }
        }
    }
}
