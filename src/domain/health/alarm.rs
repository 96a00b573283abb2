//! A fault that operators are told of: once, again every six hours while it lasts, and when it is over.

use chrono::{DateTime, TimeDelta, Utc};

/// A fault that lasts is told again after this many hours.
const AGAIN_HOURS: i64 = 6;

/// One fault as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Which: `offline`, `site/<id>/quarantine`, `site/<id>/<sign>`.
    pub name: String,
    /// In words, as last told.
    pub detail: String,
    /// How often it was raised.
    pub times: i64,
    /// When it began.
    pub first_at: DateTime<Utc>,
    /// When it was last raised.
    pub last_at: DateTime<Utc>,
    /// When operators were last told.
    pub told_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub over_at: Option<DateTime<Utc>>,
}

/// Raises a fault; true when it is to be told now.
pub fn raise(
    before: Option<&Alarm>,
    name: &str,
    detail: &str,
    now: DateTime<Utc>,
) -> (Alarm, bool) {
    let lasting = before.filter(|alarm| alarm.over_at.is_none());
    let due = |told: DateTime<Utc>| now - told >= TimeDelta::hours(AGAIN_HOURS);
    let tell = lasting.and_then(|alarm| alarm.told_at).is_none_or(due);
    let alarm = Alarm {
        name: name.to_owned(),
        detail: detail.to_owned(),
        times: lasting.map_or(0, |alarm| alarm.times) + 1,
        first_at: lasting.map_or(now, |alarm| alarm.first_at),
        last_at: now,
        told_at: if tell { Some(now) } else { lasting.and_then(|alarm| alarm.told_at) },
        over_at: None,
    };
    (alarm, tell)
}

/// Ends a fault; `None` when it is over already.
pub fn clear(before: &Alarm, now: DateTime<Utc>) -> Option<Alarm> {
    before.over_at.is_none().then(|| Alarm { over_at: Some(now), ..before.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000 + hours * 3_600, 0).expect("a moment")
    }

    #[test]
    fn a_fault_is_told_once_and_again_after_six_hours() {
        let (first, told) = raise(None, "x", "ill", at(0));
        assert!(told);
        let (second, told) = raise(Some(&first), "x", "ill", at(5));
        assert!(!told);
        let (third, told) = raise(Some(&second), "x", "still ill", at(6));
        assert!(told);
        assert_eq!((third.times, third.first_at, third.last_at), (3, at(0), at(6)));
    }

    #[test]
    fn an_end_is_told_once_and_the_next_fault_is_a_new_one() {
        let (alarm, _) = raise(None, "x", "ill", at(0));
        let over = clear(&alarm, at(1)).expect("it lasted");
        assert_eq!(clear(&over, at(2)), None);
        let (again, told) = raise(Some(&over), "x", "ill", at(2));
        assert!(told);
        assert_eq!((again.times, again.first_at), (1, at(2)));
    }
}
