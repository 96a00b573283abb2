//! How often a source changes, learned from what its visits saw.
//!
//! A visit says how many listings were new since the last one. That is a count with two faults: a page shows only
//! its first listings, so a page that is new from top to bottom says "at least so many"; and the rate of a site
//! follows day and night. Both are treated here:
//!
//! - A visit that saw at least `n` counts as the number that is to be expected then, `E[K | K >= n]` of a Poisson
//!   process at the rate known so far. Repeated over visits this is the EM way to the maximum likelihood, the
//!   estimator of Cho and Garcia-Molina for changes that are seen only at visits ("Estimating frequency of
//!   change", ACM Transactions on Internet Technology 3(3), 2003), which is the case `n = 1`: one learns whether
//!   anything changed, and the plain ratio "changes seen per hour" falls short of the truth.
//! - Counts and hours under observation are kept per hour of the day (UTC) and fade with a half-life of four days,
//!   so that [`super::season`] can find the profile of the day and a source that stops is noticed.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

/// Hours of the day.
pub const HOURS: usize = 24;

/// What was seen counts half after so many hours.
const HALF_LIFE_HOURS: f64 = 96.0;

/// After a longer gap between two visits only the second one counts, as a new beginning.
const LONGEST_GAP: TimeDelta = TimeDelta::hours(36);

/// What one visit saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sighting {
    /// So many new listings, among known ones.
    Exactly(u32),
    /// Nothing but new listings: there may have been more in between.
    AtLeast(u32),
}

/// What is known of how often a source changes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rate {
    /// The last visit, ms since 1970; 0: none yet.
    at: i64,
    /// New listings by hour of the day, fading. Empty or [`HOURS`] long.
    news: Vec<f64>,
    /// Hours under observation by hour of the day, fading alike.
    hours: Vec<f64>,
}

impl Rate {
    /// What is stored of a source; nothing, if it cannot be read: it is learned anew.
    pub fn read(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok())
            .filter(|rate: &Self| rate.news.len() == rate.hours.len())
            .unwrap_or_default()
    }

    /// The stored form.
    pub fn write(&self) -> String {
        let short = |number: &f64| (number * 1_000.0).round() / 1_000.0;
        let news = self.news.iter().map(short).collect();
        let hours = self.hours.iter().map(short).collect();
        serde_json::to_string(&Self { at: self.at, news, hours }).unwrap_or_default()
    }

    /// The state after a visit at `at`. The first visit is the beginning: what it saw may be of any age.
    #[must_use]
    pub fn after(mut self, saw: Sighting, at: DateTime<Utc>) -> Self {
        let last = DateTime::from_timestamp_millis(self.at).unwrap_or_default();
        let gap = at - last;
        if self.at != 0 && gap < TimeDelta::zero() {
            return Self { at: at.timestamp_millis(), ..self };
        }
        let begun = self.at != 0;
        self.at = at.timestamp_millis();
        if !begun || gap > LONGEST_GAP {
            return self;
        }
        let elapsed = hours(gap);
        let count = match saw {
            Sighting::Exactly(count) => f64::from(count),
            Sighting::AtLeast(count) => self.expected(count, elapsed),
        };
        self.fade(elapsed);
        for (hour, part) in parts(last, at) {
            self.hours[hour] += part;
            self.news[hour] += if elapsed > 0.0 { count * part / elapsed } else { 0.0 };
        }
        self
    }

    /// New listings of which it knows, and hours during which it looked; both faded.
    pub fn totals(&self) -> (f64, f64) {
        (self.news.iter().sum(), self.hours.iter().sum())
    }

    /// New listings and hours under observation in this hour of the day.
    pub fn in_hour(&self, hour: usize) -> (f64, f64) {
        let of = |all: &[f64]| all.get(hour).copied().unwrap_or(0.0);
        (of(&self.news), of(&self.hours))
    }

    fn fade(&mut self, elapsed: f64) {
        self.news.resize(HOURS, 0.0);
        self.hours.resize(HOURS, 0.0);
        let factor = (-elapsed / HALF_LIFE_HOURS).exp2();
        for number in self.news.iter_mut().chain(&mut self.hours) {
            *number *= factor;
        }
    }

    /// How many there were in `elapsed` hours when at least `count` were seen.
    fn expected(&self, count: u32, elapsed: f64) -> f64 {
        let (news, observed) = self.totals();
        let known = if observed > 0.0 { news / observed * elapsed } else { 0.0 };
        expected_over(count, if known > 0.0 { known } else { f64::from(count) })
    }
}

/// `E[K | K >= least]` for a Poisson number `K` with this mean: `mean · P(K >= least - 1) / P(K >= least)`.
fn expected_over(least: u32, mean: f64) -> f64 {
    // Far below the mean the condition says nothing; far above it leaves next to nothing but itself.
    let bound = f64::from(least);
    if least == 0 || mean > 600.0 {
        return mean.max(bound);
    }
    let mut term = (-mean).exp();
    let mut below = 0.0;
    for k in 0..least - 1 {
        below += term;
        term *= mean / f64::from(k + 1);
    }
    let (more, most) = (1.0 - below, 1.0 - below - term);
    if most < 1e-9 { bound } else { (mean * more / most).max(bound) }
}

/// The hours of the day between two moments, with the part of an hour that falls into each.
fn parts(from: DateTime<Utc>, until: DateTime<Utc>) -> impl Iterator<Item = (usize, f64)> {
    let mut at = from;
    std::iter::from_fn(move || {
        if at >= until {
            return None;
        }
        let hour = at.hour();
        let into = i64::from(at.minute()) * 60_000 + at.timestamp_millis().rem_euclid(60_000);
        let end = (at + TimeDelta::milliseconds(3_600_000 - into)).min(until);
        let part = hours(end - at);
        at = end;
        Some((hour as usize, part))
    })
}

fn hours(span: TimeDelta) -> f64 {
    span.as_seconds_f64() / 3_600.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> DateTime<Utc> {
        "2026-03-02T00:00:00Z".parse().expect("a moment")
    }

    /// New listings per hour after `visits` visits, `minutes` apart, that saw what `saw` says.
    fn learned(visits: u32, minutes: u32, mut saw: impl FnMut(u32) -> Sighting) -> f64 {
        let at = |n: u32| start() + TimeDelta::minutes(i64::from(n) * i64::from(minutes));
        let (news, hours) =
            (0..visits).fold(Rate::default(), |rate, n| rate.after(saw(n), at(n))).totals();
        news / hours
    }

    #[test]
    fn counts_give_the_rate_and_the_beginning_is_no_news() {
        let rate = learned(200, 30, |n| Sighting::Exactly(if n == 0 { 40 } else { 2 }));
        assert!((rate - 4.0).abs() < 1e-6, "{rate}");
    }

    #[test]
    fn changes_that_are_only_seen_to_have_happened_give_the_estimate_of_cho_and_garcia_molina() {
        // Of 1000 visits, one hour apart, 700 saw a change: λ = -ln((300 + 0.5) / (1000 + 0.5)).
        let truth = -((300.5f64 / 1_000.5).ln());
        let changed = |n: u32| n % 10 < 7;
        let saw = |n| if changed(n) { Sighting::AtLeast(1) } else { Sighting::Exactly(0) };
        let rate = learned(1_000, 60, saw);
        assert!((rate / truth - 1.0).abs() < 0.1, "{rate} of {truth}");
        let naive = 0.7;
        assert!(rate > naive * 1.4, "{rate}: the plain ratio falls short");
    }

    #[test]
    fn a_source_that_stops_is_noticed_and_one_that_starts_too() {
        let day = 48;
        let stopped = learned(day * 20, 30, |n| Sighting::Exactly(u32::from(n < day * 6) * 3));
        assert!(stopped < 1.0, "{stopped} of 6");
        let started = learned(day * 20, 30, |n| Sighting::Exactly(u32::from(n >= day * 10) * 3));
        assert!(started > 4.0, "{started} of 6");
    }

    #[test]
    fn what_was_seen_is_counted_at_its_hour_of_the_day() {
        let noon = start() + TimeDelta::hours(12) - TimeDelta::minutes(15);
        let rate = Rate::default()
            .after(Sighting::Exactly(9), noon)
            .after(Sighting::Exactly(4), noon + TimeDelta::hours(1));
        let near = |(news, hours): (f64, f64), expected: (f64, f64)| {
            assert!((news - expected.0).abs() < 0.01 && (hours - expected.1).abs() < 0.01);
        };
        near(rate.in_hour(11), (1.0, 0.25));
        near(rate.in_hour(12), (3.0, 0.75));
        near(rate.in_hour(13), (0.0, 0.0));
    }

    #[test]
    fn long_gaps_and_clocks_that_were_set_back_teach_nothing() {
        let rate = Rate::default().after(Sighting::Exactly(3), start());
        let later = start() + TimeDelta::days(3);
        let gap = rate.clone().after(Sighting::AtLeast(30), later);
        assert_eq!(gap.totals(), (0.0, 0.0));
        let back = gap.after(Sighting::Exactly(1), start());
        let (news, _) = back.after(Sighting::Exactly(1), start() + TimeDelta::hours(1)).totals();
        assert!((news - 1.0).abs() < 0.01, "{news}");
    }

    #[test]
    fn what_is_written_is_read_again_and_nonsense_is_forgotten() {
        let rate = Rate::default()
            .after(Sighting::Exactly(0), start())
            .after(Sighting::Exactly(2), start() + TimeDelta::minutes(30));
        let text = rate.write();
        assert!(text.len() < 400, "{text}");
        assert_eq!(Rate::read(Some(&text)).write(), text);
        for nonsense in [None, Some("{"), Some(r#"{"at":1,"news":[1.0],"hours":[]}"#)] {
            assert_eq!(Rate::read(nonsense), Rate::default());
        }
    }

    #[test]
    fn the_expectation_over_a_bound_is_never_below_it() {
        for (least, mean, expected) in
            [(1, 1.0, 1.582), (30, 1.0, 30.0), (30, 5_000.0, 5_000.0), (0, 2.0, 2.0), (3, 3.0, 4.0)]
        {
            let got = expected_over(least, mean);
            assert!(got >= f64::from(least), "{least} {mean}");
            assert!((got - expected).abs() < 0.2 * expected, "{least} {mean}: {got}");
        }
    }
}
