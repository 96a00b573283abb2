//! Days, times and spans as people of each language write them. Pure: the present is an argument.
//!
//! ```text
//!              English                    Russian                          Ukrainian
//! day          5 Nov 2026                 5 нояб. 2026                     5 лист. 2026
//! moment       5 Nov 2026, 14:05          5 нояб. 2026, 14:05              5 лист. 2026, 14:05
//! near         today, 14:05               сегодня, 14:05                   сьогодні, 14:05
//! ago          5 minutes ago              5 минут назад                    5 хвилин тому
//! span         2 hours                    2 часа                           2 години
//! ```
//!
//! Days and times come from the Unicode data (CLDR) by ICU4X; spans are sentences of ours with its plural rules, since
//! its own relative times are experimental.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use icu_calendar::Gregorian;
use icu_datetime::fieldsets::{MD, T, YMD};
use icu_datetime::input::{Date, Time};
use icu_datetime::{FixedCalendarDateTimeFormatter, NoCalendarFormatter};
use icu_locale_core::{Locale, locale};
// Its feature `sync` lets threads share what is made here.
use icu_provider as _;

use super::{Value, plain, say};
use crate::domain::Language;

/// What writes dates in one language.
struct Pen {
    day: FixedCalendarDateTimeFormatter<Gregorian, YMD>,
    near_day: FixedCalendarDateTimeFormatter<Gregorian, MD>,
    time: NoCalendarFormatter<T>,
}

impl Pen {
    fn of(language: Language) -> Option<Self> {
        let locale = locale_of(language);
        Some(Self {
            day: FixedCalendarDateTimeFormatter::try_new(locale.clone().into(), YMD::medium())
                .ok()?,
            near_day: FixedCalendarDateTimeFormatter::try_new(locale.clone().into(), MD::medium())
                .ok()?,
            time: NoCalendarFormatter::try_new(locale.into(), T::hm()).ok()?,
        })
    }
}

/// The locale whose customs a language follows here: English as in Europe, days before months and 24 hours.
pub(super) fn locale_of(language: Language) -> Locale {
    match language {
        Language::En => locale!("en-GB"),
        Language::Ru => locale!("ru"),
        Language::Uk => locale!("uk"),
    }
}

static PENS: LazyLock<Vec<(Language, Option<Pen>)>> = LazyLock::new(|| {
    Language::ALL.into_iter().map(|language| (language, Pen::of(language))).collect()
});

fn pen(language: Language) -> Option<&'static Pen> {
    PENS.iter().find(|(of, _)| *of == language)?.1.as_ref()
}

fn date_of<Z: TimeZone>(at: &DateTime<Z>) -> Option<Date<Gregorian>> {
    let (month, day) = (u8::try_from(at.month()).ok()?, u8::try_from(at.day()).ok()?);
    Date::try_new_gregorian(at.year(), month, day).ok()
}

/// The calendar day of a moment in a zone.
pub fn day(at: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let local = at.with_timezone(&zone);
    let written = pen(language).zip(date_of(&local)).map(|(pen, date)| pen.day.format(&date));
    let written = written.map(|date| without_year_word(date.to_string()));
    written.unwrap_or_else(|| local.format("%Y-%m-%d").to_string())
}

/// The data end Slavic dates with "г." or "р." for "year". A sentence that ends with a date would end with two full
/// stops then, and beside a month the word says nothing.
fn without_year_word(mut date: String) -> String {
    for word in ["\u{202f}г.", "\u{202f}р.", "\u{a0}г.", "\u{a0}р."] {
        if date.ends_with(word) {
            date.truncate(date.len() - word.len());
        }
    }
    date
}

/// The time of day in a zone.
pub fn time(at: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let local = at.with_timezone(&zone);
    let (hour, minute) = (u8::try_from(local.hour()), u8::try_from(local.minute()));
    let time = hour.ok().zip(minute.ok());
    let time = time.and_then(|(hour, minute)| Time::try_new(hour, minute, 0, 0).ok());
    let written = pen(language).zip(time).map(|(pen, time)| pen.time.format(&time).to_string());
    written.unwrap_or_else(|| local.format("%H:%M").to_string())
}

/// Day and time in a zone.
pub fn moment(at: DateTime<Utc>, zone: Tz, language: Language) -> String {
    format!("{}, {}", day(at, zone, language), time(at, zone, language))
}

/// Day and time in a zone as one says it at `now`: yesterday, today and tomorrow by their names, other days of the
/// same year without the year.
pub fn near(at: DateTime<Utc>, zone: Tz, now: DateTime<Utc>, language: Language) -> String {
    let (local, today) = (at.with_timezone(&zone), now.with_timezone(&zone));
    let named = match (local.date_naive() - today.date_naive()).num_days() {
        -1 => Some("dates-yesterday"),
        0 => Some("dates-today"),
        1 => Some("dates-tomorrow"),
        _ => None,
    };
    let same_year = local.year() == today.year();
    let date = match (named, pen(language).zip(date_of(&local)).filter(|_| same_year)) {
        (Some(key), _) => plain(language, key),
        (None, Some((pen, date))) => pen.near_day.format(&date).to_string(),
        (None, None) => day(at, zone, language),
    };
    format!("{date}, {}", time(at, zone, language))
}

/// How long before `now` something was; what is to come is "just now".
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>, language: Language) -> String {
    match now - at {
        past if past < TimeDelta::minutes(1) => plain(language, "dates-just-now"),
        past => {
            let span = span_in(past, language, &AGO);
            say(language, "dates-ago", &[("span", Value::Text(&span))])
        }
    }
}

/// A span of time in its largest fitting unit: minutes, hours, days, weeks.
pub fn span(length: TimeDelta, language: Language) -> String {
    span_in(length, language, &SPAN)
}

/// Sentences for minutes, hours, days and weeks. Slavic languages decline what follows "ago" and what stands alone
/// in different ways.
type Words = [&'static str; 4];
const SPAN: Words = ["dates-minutes", "dates-hours", "dates-days", "dates-weeks"];
const AGO: Words = ["dates-minutes-ago", "dates-hours-ago", "dates-days-ago", "dates-weeks-ago"];

fn span_in(length: TimeDelta, language: Language, words: &Words) -> String {
    let minutes = length.num_minutes().max(1);
    let (key, count) = match minutes {
        ..60 => (words[0], minutes),
        60..1_440 => (words[1], minutes / 60),
        1_440..20_160 => (words[2], minutes / 1_440),
        _ => (words[3], minutes / 10_080),
    };
    say(language, key, &[("count", Value::Count(count))])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    /// All languages at once; no-break spaces as plain ones.
    fn three(write: impl Fn(Language) -> String) -> [String; 3] {
        Language::ALL.map(|language| write(language).replace(['\u{a0}', '\u{202f}'], " "))
    }

    #[test]
    fn days_and_times_are_written_as_the_language_writes_them() {
        let evening = at("2026-11-05T23:05:00Z");
        let zone = chrono_tz::Europe::Kyiv;
        assert_eq!(
            three(|language| moment(evening, zone, language)),
            ["6 Nov 2026, 01:05", "6 нояб. 2026, 01:05", "6 лист. 2026, 01:05"]
        );
        assert_eq!(three(|language| time(evening, Tz::UTC, language)), ["23:05"; 3]);
    }

    #[test]
    fn near_days_have_names_and_the_zone_says_which_day_it_is() {
        let now = at("2026-11-05T23:30:00Z");
        let said = |moment| {
            let kyiv = chrono_tz::Europe::Kyiv;
            three(|language| near(moment, kyiv, now, language))
        };
        assert_eq!(
            said(at("2026-11-05T21:59:00Z")),
            ["yesterday, 23:59", "вчера, 23:59", "вчора, 23:59"]
        );
        assert_eq!(said(now), ["today, 01:30", "сегодня, 01:30", "сьогодні, 01:30"]);
        assert_eq!(
            said(at("2026-11-07T07:00:00Z")),
            ["tomorrow, 09:00", "завтра, 09:00", "завтра, 09:00"]
        );
        assert_eq!(
            said(at("2026-03-01T07:00:00Z")),
            ["1 Mar, 09:00", "1 мар., 09:00", "1 бер., 09:00"]
        );
        assert_eq!(
            said(at("2025-03-01T07:00:00Z"))[1..],
            ["1 мар. 2025, 09:00", "1 бер. 2025, 09:00"]
        );
    }

    #[test]
    fn spans_are_declined() {
        let minutes = |count| three(|language| span(TimeDelta::minutes(count), language));
        assert_eq!(minutes(1), ["1 minute", "1 минута", "1 хвилина"]);
        assert_eq!(minutes(3), ["3 minutes", "3 минуты", "3 хвилини"]);
        assert_eq!(minutes(5 * 60), ["5 hours", "5 часов", "5 годин"]);
        assert_eq!(minutes(2 * 1_440), ["2 days", "2 дня", "2 дні"]);
        assert_eq!(minutes(21 * 1_440), ["3 weeks", "3 недели", "3 тижні"]);
        let now = at("2026-11-05T12:00:00Z");
        let before = |minutes| three(|l| ago(now - TimeDelta::minutes(minutes), now, l));
        assert_eq!(before(0), ["just now", "только что", "щойно"]);
        assert_eq!(before(1), ["1 minute ago", "1 минуту назад", "1 хвилину тому"]);
        assert_eq!(before(21), ["21 minutes ago", "21 минуту назад", "21 хвилину тому"]);
        assert_eq!(before(120), ["2 hours ago", "2 часа назад", "2 години тому"]);
        assert_eq!(before(-5), ["just now", "только что", "щойно"]);
    }

    #[test]
    fn far_years_are_written_too() {
        for language in Language::ALL {
            for moment in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
                assert!(!day(moment, Tz::UTC, language).is_empty());
            }
        }
    }
}
