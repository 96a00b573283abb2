//! Absolute dates: machine stamps, numeric dates, dates with the name of a month.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, Duration, FixedOffset, NaiveDate, TimeZone, Utc};
use regex::{Captures, Regex};

use super::date::{Context, Precision, When, time_of_day};
use super::date_words::month;

/// A time of day: hour, minute, second, half of the day.
pub static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b([01]?\d|2[0-3])[:h]([0-5]\d)(?::([0-5]\d))?(?:\s*([ap])\.?m\b)?").ok()
});

static ISO: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?$",
    )
    .ok()
});
static DAY_FIRST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})\b").ok());
static DAY_MONTH: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\D{0,12}?(\d{1,2})\.(\d{1,2})\.(?:\s|,|$)").ok());
static YEAR_FIRST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(\d{4})[/.年-](\d{1,2})[/.月-](\d{1,2})").ok());
static DAY_NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?:^|[^\d:])(\d{1,2})(?:\.|st|nd|rd|th|er|º)?\s*(?:de |of )?\s*(\p{L}{3,})\.?,?(?:\s+(?:de )?(\d{4}|\d{2}$))?",
    )
    .ok()
});
static NAME_DAY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(\p{L}{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?\b(?:,?\s+(\d{4})\b)?").ok()
});
static OFFSET: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:\d|\s)([+-]\d{2}:?\d{2}|Z|GMT|UTC)$").ok());

fn part<T: std::str::FromStr>(found: &Captures<'_>, at: usize) -> Option<T> {
    found.get(at)?.as_str().parse().ok()
}

/// Reads ISO 8601, RFC 3339 and seconds or milliseconds since 1970.
pub fn stamp(text: &str, context: Context) -> Option<When> {
    if matches!(text.len(), 10 | 13) && text.bytes().all(|b| b.is_ascii_digit()) {
        let value: i64 = text.parse().ok()?;
        let millis = if text.len() == 10 { value.checked_mul(1_000)? } else { value };
        let at = DateTime::from_timestamp_millis(millis)?;
        return Some(When { at, precision: Precision::Moment });
    }
    let found = ISO.as_ref()?.captures(text)?;
    let day = NaiveDate::from_ymd_opt(part(&found, 1)?, part(&found, 2)?, part(&found, 3)?)?;
    let Some(hour) = part::<u32>(&found, 4) else { return context.when(day, None) };
    let second = part(&found, 6).unwrap_or(0);
    let local = day.and_hms_opt(hour, part(&found, 5)?, second)?;
    let at = match found.get(7) {
        Some(offset) => offset_of(offset.as_str())?.from_local_datetime(&local).single()?.into(),
        None => context.moment(local)?,
    };
    Some(When { at, precision: Precision::Moment })
}

/// Reads numeric dates and dates with a month's name, with or without a time.
pub fn written(text: &str, context: Context) -> Option<When> {
    let time = time_of_day(text);
    let rest = match &time {
        Some((_, at)) => format!("{} {}", &text[..at.start], &text[at.end..]),
        None => text.to_owned(),
    };
    let day = numeric(&rest, context).or_else(|| named(&rest, context))?;
    let time = time.map(|(time, _)| time);
    let offset = OFFSET.as_ref()?.captures(text).and_then(|f| offset_of(f.get(1)?.as_str()));
    if let (Some(time), Some(offset)) = (time, offset) {
        let at: DateTime<Utc> = offset.from_local_datetime(&day.and_time(time)).single()?.into();
        return Some(When { at, precision: Precision::Moment });
    }
    context.when(day, time)
}

fn numeric(text: &str, context: Context) -> Option<NaiveDate> {
    if let Some(f) = YEAR_FIRST.as_ref()?.captures(text) {
        return NaiveDate::from_ymd_opt(part(&f, 1)?, part(&f, 2)?, part(&f, 3)?);
    }
    if let Some(f) = DAY_FIRST.as_ref()?.captures(text) {
        let year: i32 = part(&f, 3)?;
        let year = if year < 100 { year + 2000 } else { year };
        let (a, b) = (part(&f, 1)?, part(&f, 2)?);
        let slashed = f.get(0).is_some_and(|m| m.as_str().contains('/'));
        let (day, month) = if context.month_first && slashed { (b, a) } else { (a, b) };
        return NaiveDate::from_ymd_opt(year, month, day);
    }
    let f = DAY_MONTH.as_ref()?.captures(text)?;
    latest(part(&f, 2)?, part(&f, 1)?, context)
}

fn named(text: &str, context: Context) -> Option<NaiveDate> {
    for f in DAY_NAME.as_ref()?.captures_iter(text) {
        if let Some(month) = month(&f[2]) {
            return dated(part(&f, 3), month, part(&f, 1)?, context);
        }
    }
    for f in NAME_DAY.as_ref()?.captures_iter(text) {
        if let Some(month) = month(&f[1]) {
            return dated(part(&f, 3), month, part(&f, 2)?, context);
        }
    }
    None
}

fn dated(year: Option<i32>, month: u32, day: u32, context: Context) -> Option<NaiveDate> {
    match year {
        Some(year) if year < 100 => NaiveDate::from_ymd_opt(year + 2000, month, day),
        Some(year) => NaiveDate::from_ymd_opt(year, month, day),
        None => latest(month, day, context),
    }
}

/// The last such day that is not in the future (a day of grace for clocks ahead of ours).
fn latest(month: u32, day: u32, context: Context) -> Option<NaiveDate> {
    let limit = context.local_now().date().checked_add_signed(Duration::days(1))?;
    (0..8)
        .filter_map(|back| NaiveDate::from_ymd_opt(limit.year() - back, month, day))
        .find(|date| *date <= limit)
}

fn offset_of(text: &str) -> Option<FixedOffset> {
    if matches!(text, "Z" | "UTC" | "GMT") {
        return FixedOffset::east_opt(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = (digits.get(..2)?.parse::<i32>().ok()?, digits.get(2..4)?);
    FixedOffset::east_opt(sign * (hours * 3_600 + minutes.parse::<i32>().ok()? * 60))
}
