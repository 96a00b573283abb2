//! What operators want to know of the service at a glance: people, money, deliveries, sites; now, and against the
//! period before. Plain numbers; days are those of UTC, counted since 1970.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sites::Money;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// Days of a chart.
pub const SHOWN: usize = 30;

/// The day of a moment.
pub fn day_of(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis().div_euclid(DAY_MS)
}

/// The beginning of a day.
pub fn start_of(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(day.saturating_mul(DAY_MS)).unwrap_or_default()
}

/// A number, and what it was in the period before, if that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compared {
    /// Now.
    pub now: i64,
    /// Before.
    pub before: Option<i64>,
}

/// Something that is counted by days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spans {
    /// Today, against the whole day before.
    pub today: Compared,
    /// The last seven days with today, against the seven before.
    pub week: Compared,
    /// The last thirty days with today, against the thirty before.
    pub month: Compared,
}

impl Spans {
    /// Sums `count` of days up to `today`, which go back sixty days.
    pub fn of(today: i64, count: impl Fn(i64) -> i64) -> Self {
        let sum = |from: i64, days: i64| {
            (0..days).map(|back| count(today - from - back)).fold(0, i64::saturating_add)
        };
        let span = |days| Compared { now: sum(0, days), before: Some(sum(days, days)) };
        Self { today: span(1), week: span(7), month: span(30) }
    }
}

/// What became of people who came in the same thirty days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cohort {
    /// They came.
    pub met: i64,
    /// They have a watch.
    pub watching: i64,
    /// They have, or had, a plan: a trial, a gift, a paid one.
    pub tried: i64,
    /// They paid.
    pub paid: i64,
}

/// Deliveries as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// They wait.
    pub waiting: i64,
    /// They need a person.
    pub dead: i64,
    /// Nobody knows whether they arrived.
    pub unknown: i64,
}

/// Sites by their health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sites {
    /// They are read.
    pub good: i64,
    /// They had a fault, or come back from one.
    pub ill: i64,
    /// They run as probes only.
    pub quarantined: i64,
}

/// The figures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    /// Everybody who ever came.
    pub people: i64,
    /// Who came.
    pub new: Spans,
    /// Who did something today, against yesterday.
    pub active_today: Compared,
    /// Who did something in the last seven days, against the seven before.
    pub active_week: Compared,
    /// Watches.
    pub watches: i64,
    /// Watches that run.
    pub running: i64,
    /// People whose plan holds and who paid.
    pub paying: i64,
    /// People whose plan holds and who did not pay: a trial, a gift.
    pub trying: i64,
    /// Money from outside less what was given back, by currency.
    pub revenue: BTreeMap<String, Spans>,
    /// People who came in the last thirty days.
    pub cohort: Cohort,
    /// Those who came in the thirty days before.
    pub cohort_before: Cohort,
    /// Deliveries that were sent.
    pub sent: Spans,
    /// Deliveries that ended as dead.
    pub dead: Spans,
    /// Deliveries that ended as unknown.
    pub unknown: Spans,
    /// Deliveries now.
    pub standing: Standing,
    /// Sites now.
    pub sites: Sites,
}

/// What a row of a chart is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// People who came.
    New,
    /// People who did something.
    Active,
    /// Deliveries that were sent.
    Sent,
    /// Money from outside.
    Revenue,
}

/// One number a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Of what.
    pub measure: Measure,
    /// ISO 4217 code or `XTR`, where it is money: values are minor units then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Day by day; the last one is that of the board.
    pub values: Vec<i64>,
    /// Sum of as many days before, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
}

impl Series {
    /// The sum of all days.
    pub fn total(&self) -> i64 {
        self.values.iter().copied().fold(0, i64::saturating_add)
    }

    /// A value of this series as money, if it is money.
    pub fn money(&self, minor: i64) -> Option<Money> {
        self.currency.clone().map(|currency| Money { minor, currency })
    }
}

/// What a picture of the figures shows. Stored in the outbox, so names are contracts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// The last day.
    pub day: i64,
    /// On a dark ground.
    #[serde(default)]
    pub dark: bool,
    /// What is drawn, at most four.
    pub series: Vec<Series>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_stands_against_the_same_length_before() {
        let spans = Spans::of(100, |day| if day == 100 { 5 } else { 1 });
        assert_eq!(spans.today, Compared { now: 5, before: Some(1) });
        assert_eq!(spans.week, Compared { now: 11, before: Some(7) });
        assert_eq!(spans.month, Compared { now: 34, before: Some(30) });
    }

    #[test]
    fn days_begin_at_midnight_in_utc() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a moment");
        let day = day_of(at("2026-03-06T23:59:59Z"));
        assert_eq!(day_of(at("2026-03-07T00:00:00Z")), day + 1);
        assert_eq!(start_of(day), at("2026-03-06T00:00:00Z"));
        assert_eq!(day_of(at("1969-12-31T23:00:00Z")), -1);
    }

    #[test]
    fn a_board_survives_the_outbox() {
        let money = Series {
            measure: Measure::Revenue,
            currency: Some("EUR".into()),
            values: vec![100, 250],
            before: None,
        };
        assert_eq!(money.total(), 350);
        let board = Board { day: 20_000, dark: true, series: vec![money] };
        let text = serde_json::to_string(&board).expect("JSON");
        assert_eq!(serde_json::from_str::<Board>(&text).expect("a board"), board);
    }
}
