//! Tables of single values: price strings, relative dates, robots files.

use chrono::{DateTime, Duration, Months, TimeZone, Utc};
use serde_json::Value;

use crate::robots::Robots;
use crate::transform::number::Decimal;
use crate::transform::{currency, date, money};

use super::report::PageScore;

fn rows(text: &str, score: &mut PageScore) -> Vec<Value> {
    serde_json::from_str(text).unwrap_or_else(|error| {
        score.check("file", "a list of rows", &error.to_string());
        Vec::new()
    })
}

fn string<'v>(row: &'v Value, key: &str) -> Option<&'v str> {
    row.get(key).and_then(Value::as_str)
}

/// Price strings. Rows marked `known_hard` are counted apart: misses among them are told in the note.
pub(super) fn prices(text: &str, score: &mut PageScore) {
    let (mut hard, mut hard_right) = (0, 0);
    for row in rows(text, score) {
        let printed = string(&row, "text").unwrap_or("");
        let context = money::Context {
            currency: None,
            hint: string(&row, "currency_hint"),
            decimal: string(&row, "decimal_separator").and_then(|s| s.chars().next()),
        };
        let found = money::read(printed, context);
        let wanted = string(&row, "amount").and_then(Decimal::plain);
        let amount_right = found.as_ref().map(|p| p.amount) == wanted;
        let code = string(&row, "currency").and_then(|c| currency::resolve(c, None));
        let own = found.as_ref().and_then(|p| p.currency.clone());
        // Without an amount there is no price that could have a currency. A spelling that nobody knows
        // is a miss, not an agreement.
        let known = code.is_some() || string(&row, "currency").is_none();
        let right = amount_right && (wanted.is_none() || (known && code == own));
        if row.get("known_hard").is_some_and(|v| v.as_bool() != Some(false)) {
            hard += 1;
            hard_right += usize::from(right);
            continue;
        }
        let what = format!("`{printed}`");
        let shown = |amount: Option<Decimal>, code: Option<String>| {
            let amount = amount.map_or("-".to_owned(), |d| d.to_string());
            format!("{amount} {}", code.unwrap_or_default())
        };
        let found = shown(found.map(|p| p.amount), own);
        score.check_that(&what, right, &shown(wanted, code), &found);
    }
    score.note = Some(format!("known hard: {hard_right}/{hard} (not counted)"));
}

/// Relative dates, against a fixed moment. A named day is compared as a day.
pub(super) fn dates(text: &str, score: &mut PageScore) {
    let Some(now) = Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).single() else { return };
    let context = date::Context { now, zone: chrono_tz::UTC, month_first: false };
    for row in rows(text, score) {
        let printed = string(&row, "text").unwrap_or("");
        let wanted = match (row.get("ago"), row.get("in_future")) {
            (Some(offset), _) => moved(now, offset, false),
            (None, Some(offset)) => moved(now, offset, true),
            (None, None) => None,
        };
        let found = date::read(printed, context);
        let same = match (wanted, found) {
            (Some(wanted), Some(found)) if found.precision == date::Precision::Day => {
                wanted.date_naive() == found.at.date_naive()
            }
            (Some(wanted), Some(found)) => wanted == found.at,
            (wanted, found) => wanted.is_none() && found.is_none(),
        };
        let shown = |at: Option<DateTime<Utc>>| at.map_or("-".to_owned(), |t| t.to_string());
        let what = format!("`{printed}`");
        score.check_that(&what, same, &shown(wanted), &shown(found.map(|w| w.at)));
    }
}

/// A moment moved by the parts of an offset: months and years on the calendar, the rest in seconds.
fn moved(now: DateTime<Utc>, offset: &Value, future: bool) -> Option<DateTime<Utc>> {
    let part = |name: &str| offset.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    let months = part("years") * 12.0 + part("months");
    let seconds = part("weeks") * 604_800.0
        + part("days") * 86_400.0
        + part("hours") * 3_600.0
        + part("minutes") * 60.0
        + part("seconds");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small offsets")]
    let (months, rest) =
        (Months::new(months as u32), Duration::milliseconds((seconds * 1_000.0) as i64));
    if future {
        now.checked_add_months(months)?.checked_add_signed(rest)
    } else {
        now.checked_sub_months(months)?.checked_sub_signed(rest)
    }
}

/// Robots files: one file with cases in the index, or a list of small files with their cases.
pub(super) fn robots(text: &str, expected: &Value, score: &mut PageScore) {
    if let Some(cases) = expected.get("cases").and_then(Value::as_array) {
        let robots = Robots::parse(text);
        allowed(&robots, cases, "", score);
        if let Some(sitemaps) = expected.get("sitemaps").and_then(Value::as_array) {
            let wanted: Vec<&str> = sitemaps.iter().filter_map(Value::as_str).collect();
            score.check("sitemaps", &wanted.join(" "), &robots.sitemaps().join(" "));
        }
        for (agent, delay) in
            expected.get("crawl_delay").and_then(Value::as_object).into_iter().flatten()
        {
            let found = robots.crawl_delay(agent).map(|d| d.as_secs_f64());
            let what = format!("crawl delay for {agent}");
            score.check(&what, &format!("{:?}", delay.as_f64()), &format!("{found:?}"));
        }
        return;
    }
    let (mut special, mut special_right) = (0, 0);
    for row in rows(text, score) {
        let robots = match (string(&row, "robots"), string(&row, "robots_base64")) {
            (Some(text), _) => Robots::parse(text),
            (None, Some(code)) => Robots::from_bytes(&base64(code)),
            (None, None) => continue,
        };
        let cases = row.get("cases").and_then(Value::as_array).cloned().unwrap_or_default();
        // Where one crawler departs from RFC 9309 on purpose, the RFC is followed.
        let departs = |v: &Value| v.get("google_specific").and_then(Value::as_bool) == Some(true);
        let (apart, counted): (Vec<Value>, Vec<Value>) =
            cases.into_iter().partition(|case| departs(&row) || departs(case));
        special += apart.len();
        special_right += apart.iter().filter(|case| verdict(&robots, case).2).count();
        allowed(&robots, &counted, string(&row, "source").unwrap_or(""), score);
    }
    if special > 0 {
        let note = format!("departures from RFC 9309: {special_right}/{special} (not counted)");
        score.note = Some(note);
    }
}

/// What a case expects, what is found, and whether they agree.
fn verdict(robots: &Robots, case: &Value) -> (bool, bool, bool) {
    let (url, agent) = (string(case, "url").unwrap_or(""), string(case, "agent").unwrap_or(""));
    let wanted = case.get("allowed").and_then(Value::as_bool).unwrap_or(true);
    let found = robots.allowed(agent, url);
    (wanted, found, wanted == found)
}

fn allowed(robots: &Robots, cases: &[Value], source: &str, score: &mut PageScore) {
    for case in cases {
        let (url, agent) = (string(case, "url").unwrap_or(""), string(case, "agent").unwrap_or(""));
        let (wanted, found, _) = verdict(robots, case);
        let what = format!("{source} {agent} {url}");
        score.check(what.trim(), &wanted.to_string(), &found.to_string());
    }
}

/// Decodes base64; characters outside its alphabet are skipped.
fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    let (mut buffer, mut bits) = (0u32, 0u32);
    for byte in text.bytes() {
        let Some(value) = ALPHABET.iter().position(|b| *b == byte) else { continue };
        buffer = (buffer << 6) | u32::try_from(value).unwrap_or(0);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.extend(u8::try_from((buffer >> bits) & 0xff));
        }
    }
    out
}
