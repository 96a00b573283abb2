//! Weekly windows: the hours in which a source may run.
//!
//! A window is written as `mon-fri 07:00-22:00 Europe/Berlin`: days (each day if left out), from and until by the
//! clock on the wall, and the zone of that clock. One whose end is not after its beginning goes past midnight and
//! belongs to the day on which it begins.
//!
//! On the two odd days of the year a window never grows beyond what the clock on the wall says: a beginning that
//! the clock shows twice counts the second time, an end the first time; one that the clock leaps over counts at
//! the leap.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, MappedLocalTime, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Unreadable;

/// What to write instead of something that is no window.
const FORM: &str =
    "write days, hours and a zone, for example \"mon-fri 07:00-22:00 Europe/Berlin\"";

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const EVERY_DAY: u8 = 0b111_1111;
const DAY_MINUTES: i64 = 24 * 60;

/// A weekly window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Window {
    /// One bit per day, Monday is the lowest.
    days: u8,
    /// Minutes from the beginning of the day.
    from: i64,
    /// Minutes from the beginning of the day on which it begins: over 1440 when it goes past midnight.
    until: i64,
    /// The zone, if the text names one.
    pub zone: Option<Tz>,
}

/// A stretch of time: from the first moment until just before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// The first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub until: DateTime<Utc>,
}

/// How a set of windows stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Open, until this moment at least; `None`: for ever.
    Open(Option<DateTime<Utc>>),
    /// Closed; this is the next opening.
    Closed(Opening),
}

impl Window {
    /// The first opening that is not over at `at`.
    fn opening(&self, fallback: Tz, at: DateTime<Utc>) -> Option<Opening> {
        let zone = self.zone.unwrap_or(fallback);
        // A window of yesterday may still be open. A zone may leave out a whole day (Samoa, 2011), and a window of
        // one hour falls away when the clock leaps over it: three weeks have one.
        let yesterday = at.with_timezone(&zone).date_naive().checked_sub_days(Days::new(1))?;
        let days = (0..22).filter_map(|later| yesterday.checked_add_days(Days::new(later)));
        days.filter_map(|day| self.on(zone, day)).find(|opening| opening.until > at)
    }

    /// The opening that begins on `day`.
    fn on(&self, zone: Tz, day: NaiveDate) -> Option<Opening> {
        if self.days & (1 << day.weekday().num_days_from_monday()) == 0 {
            return None;
        }
        let wall = |minutes| Some(day.and_hms_opt(0, 0, 0)? + TimeDelta::minutes(minutes));
        let (first, last) = (wall(self.from)?, wall(self.until)?);
        let earliest = |wall| instants(zone, wall).map(|both| both.0);
        let latest = |wall| instants(zone, wall).map(|both| both.1);
        let (from, until) = (latest(first)?, earliest(last)?);
        if from < until {
            return Some(Opening { from, until });
        }
        // The whole window lies in the hour that comes twice: the first time is enough.
        Some(Opening { from: earliest(first)?, until }).filter(|one| one.from < one.until)
    }
}

/// The first and the last moment at which the wall clock of a zone shows `wall`; the leap, if it never does.
fn instants(zone: Tz, wall: chrono::NaiveDateTime) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    (0..=DAY_MINUTES + 60).find_map(|minutes| {
        match zone.from_local_datetime(&(wall + TimeDelta::minutes(minutes))) {
            MappedLocalTime::Single(at) => Some((at.to_utc(), at.to_utc())),
            MappedLocalTime::Ambiguous(one, two) => Some((one.to_utc(), two.to_utc())),
            MappedLocalTime::None => None,
        }
    })
}

/// How `windows` stand at `at`; no windows are always open.
pub fn gate(windows: &[Window], zone: Tz, at: DateTime<Utc>) -> Gate {
    let openings = || windows.iter().filter_map(|window| window.opening(zone, at));
    let open = openings().filter(|opening| opening.from <= at).map(|opening| opening.until).max();
    match (open, openings().min_by_key(|opening| opening.from)) {
        (Some(until), _) => Gate::Open(Some(until)),
        (None, Some(next)) => Gate::Closed(next),
        (None, None) => Gate::Open(None),
    }
}

impl FromStr for Window {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let wrong = |why: &str| {
            Unreadable::new(format!("\"{}\" is no window: {why}", text.escape_debug()), FORM)
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        let is_hours = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
        let place = words.iter().position(is_hours).ok_or_else(|| wrong("it has no hours"))?;
        let (before, after) = (&words[..place], &words[place + 1..]);
        let days = match before {
            [] => EVERY_DAY,
            [days] => days_of(days)
                .ok_or_else(|| wrong("the days are mon, tue, wed, thu, fri, sat, sun or daily"))?,
            _ => return Err(wrong("days are written without spaces, like mon-fri,sun")),
        };
        let (from, until) = hours_of(words[place])
            .ok_or_else(|| wrong("hours are written like 07:00-22:00, and are not the same"))?;
        let zone = match after {
            [] => None,
            [zone] => Some(zone_of(zone)?),
            _ => return Err(wrong("after the hours comes nothing but the zone")),
        };
        Ok(Self { days, from, until, zone })
    }
}

/// The time zone of this name.
pub fn zone_of(name: &str) -> Result<Tz, Unreadable> {
    name.trim().parse::<Tz>().map_err(|_| {
        let what = format!("\"{}\" is no time zone", name.escape_debug());
        Unreadable::new(what, "write a name of the tz database, for example Europe/Berlin")
    })
}

fn days_of(text: &str) -> Option<u8> {
    let text = text.to_ascii_lowercase();
    if text == "daily" {
        return Some(EVERY_DAY);
    }
    let number = |name: &str| DAYS.iter().position(|day| *day == name);
    text.split(',').try_fold(0, |days, part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (number(first)?, number(last)?);
        let count = (last + 7 - first) % 7 + 1;
        Some((0..count).fold(days, |days, step| days | 1 << ((first + step) % 7)))
    })
}

fn hours_of(text: &str) -> Option<(i64, i64)> {
    let (from, until) = text.split_once('-')?;
    let (from, until) = (minutes_of(from)?, minutes_of(until)?);
    if from == until || from == DAY_MINUTES || until == 0 && from == 0 {
        return None;
    }
    Some((from, if until < from { until + DAY_MINUTES } else { until }))
}

/// Minutes since midnight, `24:00` included.
fn minutes_of(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str, digits: usize| {
        let plain = (1..=digits).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse::<i64>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    let sum = hours * 60 + minutes;
    (minutes < 60 && sum <= DAY_MINUTES).then_some(sum)
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has = |day: usize| self.days & (1 << day) != 0;
        let mut parts = Vec::new();
        let mut day = 0;
        while day < 7 && self.days != EVERY_DAY {
            let length = (day..7).take_while(|day| has(*day)).count();
            match length {
                0 => {}
                1 => parts.push(DAYS[day].to_owned()),
                _ => parts.push(format!("{}-{}", DAYS[day], DAYS[day + length - 1])),
            }
            day += length.max(1);
        }
        if !parts.is_empty() {
            write!(f, "{} ", parts.join(","))?;
        }
        let until = if self.until > DAY_MINUTES { self.until - DAY_MINUTES } else { self.until };
        let (from, past) = (self.from / 60, self.from % 60);
        write!(f, "{from:02}:{past:02}-{:02}:{:02}", until / 60, until % 60)?;
        self.zone.map_or(Ok(()), |zone| write!(f, " {zone}"))
    }
}

impl TryFrom<String> for Window {
    type Error = Unreadable;

    fn try_from(text: String) -> Result<Self, Unreadable> {
        text.parse()
    }
}

impl From<Window> for String {
    fn from(window: Window) -> Self {
        window.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Timelike;
    use proptest::prelude::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    fn one(text: &str) -> [Window; 1] {
        [text.parse().expect("a window")]
    }

    #[test]
    fn what_people_write_is_read_and_written_again() {
        for (text, again) in [
            ("mon-fri 07:00-22:00 Europe/Berlin", "mon-fri 07:00-22:00 Europe/Berlin"),
            ("sat,sun 9:00-18:30", "sat-sun 09:00-18:30"),
            ("00:00-24:00", "00:00-24:00"),
            ("daily 22:00-06:00 UTC", "22:00-06:00 UTC"),
            ("fri-mon 08:00-24:00", "mon,fri-sun 08:00-24:00"),
            ("MON,wed 12:00-00:00", "mon,wed 12:00-24:00"),
        ] {
            let window: Window = text.parse().expect(text);
            assert_eq!(window.to_string(), again);
            assert_eq!(again.parse::<Window>().expect(again), window);
        }
    }

    #[test]
    fn what_is_no_window_is_refused_with_the_right_form() {
        for (text, why) in [
            ("", "no hours"),
            ("mon-fri", "no hours"),
            ("mo-fr 07:00-22:00", "the days are"),
            ("mon - fri 07:00-22:00", "without spaces"),
            ("7-22", "hours are written"),
            ("07:00-07:00", "hours are written"),
            ("07:00-25:00", "hours are written"),
            ("07:60-08:00", "hours are written"),
            ("24:00-08:00", "hours are written"),
            ("07:00-22:00 Europe/Berlinn", "\"Europe/Berlinn\" is no time zone"),
            ("07:00-22:00 UTC twice", "nothing but the zone"),
        ] {
            let error = text.parse::<Window>().expect_err(text).to_string();
            assert!(error.contains(why) && error.contains("write"), "{text}: {error}");
        }
    }

    #[test]
    fn a_window_past_midnight_belongs_to_the_day_on_which_it_begins() {
        let windows = one("fri 22:00-06:00 Europe/Berlin");
        let at = |text| gate(&windows, Tz::UTC, utc(text));
        // Friday 6 March 2026, 22:00 in Berlin is 21:00 UTC.
        assert!(matches!(at("2026-03-06T20:59:59Z"), Gate::Closed(next)
            if next.from == utc("2026-03-06T21:00:00Z") && next.until == utc("2026-03-07T05:00:00Z")));
        assert_eq!(at("2026-03-07T04:59:59Z"), Gate::Open(Some(utc("2026-03-07T05:00:00Z"))));
        assert!(matches!(at("2026-03-07T05:00:00Z"), Gate::Closed(next)
            if next.from == utc("2026-03-13T21:00:00Z")));
    }

    #[test]
    fn the_two_odd_days_of_the_year_never_widen_a_window() {
        let at = |window: &str, text| gate(&one(window), Tz::UTC, utc(text));
        // 29 March 2026: 02:00 is 03:00. 25 October 2026: 02:00 to 03:00 come twice.
        let spring = "2026-03-28T12:00:00Z";
        assert!(matches!(at("02:30-05:00 Europe/Berlin", spring), Gate::Closed(next)
            if next.from == utc("2026-03-29T01:00:00Z") && next.until == utc("2026-03-29T03:00:00Z")));
        assert!(
            matches!(at("02:10-02:50 Europe/Berlin", spring), Gate::Closed(next)
            if next.from == utc("2026-03-30T00:10:00Z")),
            "nobody saw these minutes on the 29th"
        );
        let autumn = "2026-10-24T12:00:00Z";
        assert!(matches!(at("02:30-05:00 Europe/Berlin", autumn), Gate::Closed(next)
            if next.from == utc("2026-10-25T01:30:00Z")));
        assert!(matches!(at("01:00-02:30 Europe/Berlin", autumn), Gate::Closed(next)
            if next.until == utc("2026-10-25T00:30:00Z")));
        assert!(matches!(at("02:10-02:50 Europe/Berlin", autumn), Gate::Closed(next)
            if next.from == utc("2026-10-25T00:10:00Z") && next.until == utc("2026-10-25T00:50:00Z")));
    }

    #[test]
    fn no_windows_are_always_open_and_several_add_up() {
        assert_eq!(gate(&[], Tz::UTC, utc("2026-03-06T00:00:00Z")), Gate::Open(None));
        let two = ["08:00-12:00", "11:00-15:00"].map(|text| text.parse().expect("a window"));
        let until = Gate::Open(Some(utc("2026-03-06T15:00:00Z")));
        assert_eq!(gate(&two, Tz::UTC, utc("2026-03-06T11:30:00Z")), until);
    }

    /// Whether the clock on the wall is inside a window, asked of the wall clock alone.
    fn by_the_wall(window: &Window, at: DateTime<Utc>) -> bool {
        let wall = at.with_timezone(&window.zone.unwrap_or(Tz::UTC)).naive_local();
        let minute = i64::from(wall.hour() * 60 + wall.minute());
        let has = |days_back: u32| {
            let day = (wall.weekday().num_days_from_monday() + 7 - days_back) % 7;
            window.days & (1 << day) != 0
        };
        has(0) && (window.from..window.until).contains(&minute)
            || has(1) && (window.from..window.until).contains(&(minute + DAY_MINUTES))
    }

    proptest! {
        #[test]
        fn what_is_open_is_open_by_the_clock_on_the_wall(
            days in 1u8..128, from in 0i64..1_440, length in 1i64..1_440, at in super::super::tests::instants(),
            zone in prop::sample::select(vec![
                Tz::UTC, Tz::Europe__Berlin, Tz::America__New_York, Tz::Australia__Lord_Howe, Tz::Asia__Kathmandu
            ]),
        ) {
            let window = Window { days, from, until: from + length, zone: Some(zone) };
            match gate(&[window], Tz::UTC, at) {
                Gate::Open(until) => {
                    prop_assert!(by_the_wall(&window, at));
                    prop_assert!(until.is_some_and(|until| until > at));
                }
                Gate::Closed(next) => {
                    prop_assert!(next.from > at && next.from < next.until);
                    prop_assert!(by_the_wall(&window, next.from));
                }
            }
        }
    }
}
