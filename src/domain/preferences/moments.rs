//! When quiet hours end and digests are due, by the clock on a person's wall.
//!
//! On the two odd days of the year:
//!
//! - a digest whose time the clock leaps over comes at the leap, one whose time comes twice comes the first time;
//! - quiet hours never shrink: a beginning that comes twice counts the first time, an end the second time.

use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone,
    Timelike, Utc,
};
use chrono_tz::Tz;

use super::{Digest, Preferences, Quiet};

/// Minutes that a clock may leap over at once, and some more: Samoa left out a whole day in 2011.
const LONGEST_LEAP: i64 = 25 * 60;

/// Neighbouring quiet hours that may run into each other before somebody is told after all.
const LONGEST_RUN: usize = 8;

/// The moments of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moments {
    /// Whose wall.
    pub zone: Tz,
    /// Nothing is told in these hours.
    pub quiet: Option<Quiet>,
}

impl Moments {
    /// The moments of somebody with these preferences.
    pub fn of(preferences: &Preferences) -> Self {
        Self { zone: preferences.tz(), quiet: preferences.quiet }
    }

    /// When the quiet hours end that hold at `at`; `None` outside of them.
    pub fn quiet_until(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut end = self.one_quiet_until(at)?;
        for _ in 0..LONGEST_RUN {
            match self.one_quiet_until(end) {
                Some(later) => end = later,
                None => break,
            }
        }
        Some(end)
    }

    fn one_quiet_until(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let quiet = self.quiet.filter(|quiet| quiet.from != quiet.to)?;
        let today = at.with_timezone(&self.zone).date_naive();
        let days = [-1, 0, 1].into_iter().filter_map(|days| moved(today, days));
        days.filter_map(|day| {
            let last = if quiet.from < quiet.to { day } else { moved(day, 1)? };
            let from = instants(self.zone, wall(day, quiet.from)?)?.0;
            let until = instants(self.zone, wall(last, quiet.to)?)?.1;
            (from <= at && at < until).then_some(until)
        })
        .max()
    }

    /// The next slot of a digest after `now`; one inside quiet hours moves to their end. `None` when it is off.
    pub fn next_slot(&self, digest: Digest, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match digest {
            Digest::Off => None,
            Digest::Hour => Some(self.next_hour(now)),
            Digest::Day { at } => self.next_daily(at, None, now),
            Digest::Week { day, at } => self.next_daily(at, Some(day), now),
        }
    }

    /// The next full hour on the wall after `now`; the end of quiet hours when it is inside of them.
    pub fn next_hour(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let mut hour = now;
        // A second step where the clock moved by half an hour on the way.
        for _ in 0..2 {
            let local = hour.with_timezone(&self.zone);
            let past = i64::from(local.minute() * 60 + local.second());
            let past = TimeDelta::seconds(past)
                + TimeDelta::nanoseconds(i64::from(hour.timestamp_subsec_nanos()));
            if hour > now && past.is_zero() {
                break;
            }
            hour += TimeDelta::hours(1) - past;
        }
        self.quiet_until(hour).unwrap_or(hour)
    }

    fn next_daily(
        &self,
        at: u16,
        weekday: Option<u8>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let today = now.with_timezone(&self.zone).date_naive();
        // The slot of yesterday may have moved to the end of quiet hours today; a day that a zone leaves out has none.
        (-2..16)
            .filter_map(|days| moved(today, days))
            .filter(|day| {
                weekday.is_none_or(|one| day.weekday().num_days_from_monday() == u32::from(one))
            })
            .filter_map(|day| {
                let slot = instants(self.zone, wall(day, at)?)?.0;
                let is_of_day = slot.with_timezone(&self.zone).date_naive() == day;
                is_of_day.then(|| self.quiet_until(slot).unwrap_or(slot))
            })
            .find(|slot| *slot > now)
    }
}

fn moved(day: NaiveDate, by: i64) -> Option<NaiveDate> {
    let days = Days::new(by.unsigned_abs());
    if by < 0 { day.checked_sub_days(days) } else { day.checked_add_days(days) }
}

/// The clock showing `minute` of the day, 0 to 1439; a minute that is none counts as the last one.
fn wall(day: NaiveDate, minute: u16) -> Option<NaiveDateTime> {
    let minute = u32::from(minute.min(1_439));
    day.and_hms_opt(minute / 60, minute % 60, 0)
}

/// The first and the last moment at which the clock shows `wall`; the leap, if it never does.
fn instants(zone: Tz, wall: NaiveDateTime) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    (0..=LONGEST_LEAP).find_map(|minutes| {
        match zone.from_local_datetime(&(wall + TimeDelta::minutes(minutes))) {
            MappedLocalTime::Single(at) => Some((at.to_utc(), at.to_utc())),
            MappedLocalTime::Ambiguous(one, two) => Some((one.to_utc(), two.to_utc())),
            MappedLocalTime::None => None,
        }
    })
}

#[cfg(test)]
#[path = "moments_tests.rs"]
mod tests;
