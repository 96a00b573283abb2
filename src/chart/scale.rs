//! From money and time to pixels.

use chrono::{DateTime, Datelike, Utc};

use crate::domain::Language;

/// A span of values over a span of pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    low: i64,
    high: i64,
    from: i32,
    to: i32,
}

impl Scale {
    /// `low` lies at the pixel `from`, `high` at `to`; `high` must be above `low`.
    pub(super) fn new((low, high): (i64, i64), (from, to): (i32, i32)) -> Self {
        Self { low, high: high.max(low.saturating_add(1)), from, to }
    }

    /// The pixel of a value.
    pub(super) fn place(&self, value: i64) -> i32 {
        let part = i128::from(value) - i128::from(self.low);
        let whole = i128::from(self.high) - i128::from(self.low);
        let pixels = i128::from(self.to) - i128::from(self.from);
        let at = i128::from(self.from) + part * pixels / whole;
        i32::try_from(at).unwrap_or(self.from)
    }
}

/// The span of prices that is shown and the marks in it: round numbers, three to five of them. A little room is left
/// above and below, and equal prices get some as well.
pub(super) fn money_marks(lowest: i64, highest: i64) -> ((i64, i64), Vec<i64>) {
    let span = (highest - lowest).max(highest.abs() / 10).max(4);
    let low = (lowest - span / 4).max(0);
    let high = highest.saturating_add(span / 4);
    let step = nice((high - low) / 4);
    let first = low.div_euclid(step) * step;
    let marks = (0..8).map(|at| first + at * step).filter(|mark| (low..=high).contains(mark));
    ((low, high), marks.collect())
}

/// The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `rough`.
fn nice(rough: i64) -> i64 {
    let mut power = 1i64;
    loop {
        for times in [10, 20, 25, 50] {
            let step = power.saturating_mul(times) / 10;
            if step >= rough.max(1) {
                return step;
            }
        }
        match power.checked_mul(10) {
            Some(next) => power = next,
            None => return power,
        }
    }
}

/// The span of time that is shown: from the first price to the end, two hours at least.
pub(super) fn time_span(first: DateTime<Utc>, end: DateTime<Utc>) -> (i64, i64) {
    const HOUR: i64 = 3_600_000;
    let (from, to) = (first.timestamp_millis(), end.timestamp_millis());
    if to - from < 2 * HOUR { (from - HOUR, to.max(from) + HOUR) } else { (from, to) }
}

/// Moments with their words below the line: the beginning, the middle and the end, each day once.
pub(super) fn time_marks((from, to): (i64, i64), language: Language) -> Vec<(i64, String)> {
    let moment = |ms| DateTime::from_timestamp_millis(ms).unwrap_or_default();
    let years = moment(from).year() != moment(to).year();
    let long = to - from > 300 * 86_400_000;
    let mut marks: Vec<(i64, String)> = Vec::new();
    let middle = from + (to - from) / 2;
    let hours = if to - from < 3 * 3_600_000 { [middle; 3] } else { [from, middle, to] };
    for ms in hours {
        let text = date(moment(ms), years, long, language);
        if marks.iter().all(|(_, known)| *known != text) {
            marks.push((ms, text));
        }
    }
    marks
}

fn date(at: DateTime<Utc>, years: bool, long: bool, language: Language) -> String {
    let form = match (language, years, long) {
        (Language::En, _, true) => "%b %Y",
        (Language::En, true, false) => "%-d %b %Y",
        (Language::En, false, false) => "%-d %b",
        (_, _, true) => "%m.%Y",
        (_, true, false) => "%d.%m.%Y",
        (_, false, false) => "%d.%m",
    };
    at.format(form).to_string()
}
