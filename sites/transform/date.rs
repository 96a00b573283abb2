//! Dates as pages print them, read against the moment of the fetch and the zone of the site.
//!
//! Order: a machine-readable stamp, a relative text ("vor 2 Stunden", "вчера в 12:30"), a written date
//! ("29 de jul, 21:33"). A text that is none of these is unknown, never today.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::{date_absolute, date_relative, number, text};

/// How much of a moment the text told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Hour or finer.
    Moment,
    /// The day; the time of day is not known.
    Day,
}

/// A moment read from a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// The moment; with [`Precision::Day`] and a named day, the first moment of that day.
    pub at: DateTime<Utc>,
    /// What the text told.
    pub precision: Precision,
}

/// What a date is read against.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// The moment the page was fetched.
    pub now: DateTime<Utc>,
    /// The zone of the site.
    pub zone: Tz,
    /// Whether `03/04/2026` means March 4 (United States).
    pub month_first: bool,
}

impl Context {
    /// The fetch as the wall clock of the site showed it.
    pub fn local_now(&self) -> NaiveDateTime {
        self.now.with_timezone(&self.zone).naive_local()
    }

    /// A wall-clock time of the site as a moment. In the hour that a clock change leaves out, the
    /// moment an hour later.
    pub fn moment(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        let later = || local.checked_add_signed(Duration::hours(1));
        let found = self
            .zone
            .from_local_datetime(&local)
            .earliest()
            .or_else(|| self.zone.from_local_datetime(&later()?).earliest())?;
        Some(found.with_timezone(&Utc))
    }

    /// A day of the site, with a time of day where the page told one.
    pub fn when(&self, day: NaiveDate, time: Option<NaiveTime>) -> Option<When> {
        let precision = if time.is_some() { Precision::Moment } else { Precision::Day };
        let at = self.moment(day.and_time(time.unwrap_or(NaiveTime::MIN)))?;
        Some(When { at, precision })
    }
}

/// Reads a printed or machine-readable date.
pub fn read(raw: &str, context: Context) -> Option<When> {
    if raw.len() > 400 {
        return None;
    }
    let folded = text::collapse(&number::fold(raw));
    date_absolute::stamp(&folded, context)
        .or_else(|| date_relative::read(&folded, context))
        .or_else(|| date_absolute::written(&folded, context))
}

/// Reads a time of day (`14:35`, `14:35:10`, `21h33`, `2:05 pm`) and says where it stood.
pub fn time_of_day(text: &str) -> Option<(NaiveTime, std::ops::Range<usize>)> {
    let found = date_absolute::TIME.as_ref()?.captures(text)?;
    let number = |i: usize| found.get(i).and_then(|m| m.as_str().parse::<u32>().ok());
    let mut hour = number(1)?;
    match found.get(4).map(|m| m.as_str().to_ascii_lowercase()) {
        Some(half) if half.starts_with('p') && hour < 12 => hour += 12,
        Some(half) if half.starts_with('a') && hour == 12 => hour = 0,
        _ => {}
    }
    let time = NaiveTime::from_hms_opt(hour, number(2)?, number(3).unwrap_or(0))?;
    Some((time, found.get(0)?.range()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Option<String> {
        let context = Context {
            now: Utc.with_ymd_and_hms(2026, 11, 20, 21, 30, 0).single()?,
            zone: chrono_tz::Europe::Berlin,
            month_first: false,
        };
        read(text, context).map(|w| w.at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    }

    #[test]
    fn stamps_are_exact() {
        for text in ["2026-11-20T20:00:00Z", "2026-11-20T21:00:00+0100", "1795204800"] {
            assert!(at(text).is_some_and(|t| t.starts_with("2026-11-20T20:00")), "{text}");
        }
        assert_eq!(at("2021-10-08 10:20:53").as_deref(), Some("2021-10-08T08:20:53Z"));
        assert_eq!(at("Wed, 21 Jun 2017 10:33:10 -0700").as_deref(), Some("2017-06-21T17:33:10Z"));
    }

    #[test]
    fn named_days_carry_their_time() {
        assert_eq!(at("Heute, 14:35").as_deref(), Some("2026-11-20T13:35:00Z"));
        assert_eq!(at("Gestern, 21:00").as_deref(), Some("2026-11-19T20:00:00Z"));
        assert_eq!(at("Ontem, 16:33").as_deref(), Some("2026-11-19T15:33:00Z"));
        assert_eq!(at("вчера в 12:30").as_deref(), Some("2026-11-19T11:30:00Z"));
        assert_eq!(at("i går kl. 12:30").as_deref(), Some("2026-11-19T11:30:00Z"));
    }

    #[test]
    fn relative_texts_count_back_from_the_fetch() {
        for text in [
            "vor 2 Stunden",
            "2 hours ago",
            "2 timer siden",
            "2 t.",
            "2 godz. temu",
            "2 години тому",
        ] {
            assert_eq!(at(text).as_deref(), Some("2026-11-20T19:30:00Z"), "{text}");
        }
        assert_eq!(at("vor 2 Monaten").as_deref(), Some("2026-09-20T20:30:00Z"));
    }

    #[test]
    fn written_dates_without_a_year_lie_in_the_past() {
        assert_eq!(at("15.07.2026").as_deref(), Some("2026-07-14T22:00:00Z"));
        assert_eq!(at("29 de jul, 21:33").as_deref(), Some("2026-07-29T19:33:00Z"));
        assert_eq!(at("24 jun 26").as_deref(), Some("2026-06-23T22:00:00Z"));
        assert_eq!(at("24 декабря").as_deref(), Some("2025-12-23T23:00:00Z"));
        assert_eq!(at("June 21, 2017").as_deref(), Some("2017-06-20T22:00:00Z"));
        assert_eq!(at("5 listopada 2026, 10:00").as_deref(), Some("2026-11-05T09:00:00Z"));
    }

    #[test]
    fn other_texts_are_unknown() {
        for text in ["", "Berlin", "3 Zimmer", "99.99.2026", "sofort", "12345", "31.02.2026"] {
            assert_eq!(at(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,40}") {
            let _ = at(&text);
        }

        #[test]
        fn date_like_texts_are_read_without_panic(
            text in "(in |vor |last )?[0-9]{0,12}[:./ -]?[0-9]{0,12} ?(years|Monate|decades|h|jul|ago|now)?"
        ) {
            let _ = at(&text);
        }
    }
}
