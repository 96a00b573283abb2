//! Cron expressions: five fields, or six with seconds first, by the clock on the wall of a zone.
//!
//! A fixed time that the clock leaps over in spring runs right after the leap; one that comes twice in autumn runs
//! the first time only. Expressions with wildcards go on evenly (the rules of Vixie cron, kept by `croner`).

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Offset as _, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::parser::{CronParser, Seconds, Year};
use serde::{Deserialize, Serialize};

use super::Unreadable;

/// What to write instead of something that is no cron expression.
const FORM: &str = "write minute, hour, day, month and weekday, for example \"0 9 * * mon-fri\" for nine on workdays";

/// A moment from which each expression must come up at least once: a Monday before a leap day.
const REFERENCE: i64 = 1_704_067_200;

/// A cron expression that comes up again and again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cron {
    text: String,
    pattern: croner::Cron,
}

impl Cron {
    /// The first moment after `at`; `None` when there is none any more.
    pub fn after(&self, zone: Tz, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // The library keeps parts of a second, which no expression names.
        let mut from = DateTime::from_timestamp(at.timestamp(), 0)?;
        // Around a leap of the clock the library may answer a moment that is not later.
        for _ in 0..8 {
            let next = self.pattern.find_next_occurrence(&from.with_timezone(&zone), false).ok()?;
            if next.to_utc() > at {
                return Some(
                    self.in_the_hour_twice(zone, at, next.to_utc()).unwrap_or(next.to_utc()),
                );
            }
            from += TimeDelta::minutes(15);
        }
        None
    }
}

impl Cron {
    /// An earlier moment than `next` in the hour that comes twice in autumn, for expressions that name no hour: the
    /// library leaves parts of that hour out.
    fn in_the_hour_twice(
        &self,
        zone: Tz,
        at: DateTime<Utc>,
        next: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let fields: Vec<&str> = self.text.split(' ').collect();
        let any_hour = fields.get(fields.len().checked_sub(4)?) == Some(&"*");
        let offset = |moment: DateTime<Utc>| moment.with_timezone(&zone).offset().fix();
        if !any_hour || offset(at - TimeDelta::hours(3)) == offset(next) {
            return None;
        }
        let step = if fields.len() == 6 { 1 } else { 60 };
        let first = at.timestamp().div_euclid(step) + 1;
        let most = (next - at).num_seconds().min(3 * 3_600) / step;
        (first..=first + most)
            .filter_map(|count| DateTime::from_timestamp(count * step, 0))
            .take_while(|moment| *moment < next)
            .find(|moment| {
                self.pattern.is_time_matching(&moment.with_timezone(&zone)).unwrap_or(false)
            })
    }
}

impl FromStr for Cron {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let wrong = |why: String| {
            let shown = text.escape_debug();
            Unreadable::new(format!("\"{shown}\" is no cron expression: {why}"), FORM)
        };
        if text.starts_with('@') || !(5..=6).contains(&text.split(' ').count()) {
            return Err(wrong("it has five fields, or six with seconds first".into()));
        }
        let parser =
            CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build();
        let pattern = parser.parse(&text).map_err(|error| wrong(error.to_string()))?;
        let cron = Self { text, pattern };
        let reference = DateTime::from_timestamp(REFERENCE, 0).unwrap_or_default();
        if cron
            .after(Tz::UTC, reference)
            .is_none_or(|next| next - reference > TimeDelta::days(4_000))
        {
            let shown = cron.text.escape_debug();
            return Err(Unreadable::new(format!("\"{shown}\" names a day that never comes"), FORM));
        }
        Ok(cron)
    }
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Cron {}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Cron {
    type Error = Unreadable;

    fn try_from(text: String) -> Result<Self, Unreadable> {
        text.parse()
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> Self {
        cron.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times(expression: &str, from: &str, count: usize) -> Vec<String> {
        let cron: Cron = expression.parse().expect(expression);
        let mut at: DateTime<Utc> = from.parse().expect("a moment");
        let mut step = || {
            at = cron.after(Tz::Europe__Berlin, at).expect("a later moment");
            at.format("%m-%d %H:%M:%S").to_string()
        };
        (0..count).map(|_| step()).collect()
    }

    #[test]
    fn five_fields_and_six_are_read() {
        assert_eq!(times("0 9 * * mon", "2026-03-01T00:00:00Z", 1), ["03-02 08:00:00"]);
        assert_eq!(
            times("30 0 9 * * *", "2026-03-01T08:00:30Z", 2),
            ["03-02 08:00:30", "03-03 08:00:30"]
        );
    }

    #[test]
    fn an_expression_for_every_hour_leaves_nothing_out_where_an_hour_comes_twice() {
        for day in ["2026-10-25", "2028-10-29", "2029-03-25"] {
            let cron: Cron = "*/10 * * * *".parse().expect("an expression");
            let mut at: DateTime<Utc> = format!("{day}T00:00:00Z").parse().expect("a moment");
            for _ in 0..24 {
                let next = cron.after(Tz::Europe__Berlin, at).expect("a later moment");
                assert_eq!((next - at).num_minutes(), 10, "{day}: {at} to {next}");
                at = next;
            }
        }
        let cron: Cron = "30 0 * * * *".parse().expect("an expression");
        let at: DateTime<Utc> = "2026-10-25T00:10:00Z".parse().expect("a moment");
        let next = cron.after(Tz::Europe__Berlin, at).expect("a later moment");
        assert_eq!(next.to_rfc3339(), "2026-10-25T01:00:30+00:00");
    }

    #[test]
    fn a_fixed_time_runs_once_on_both_odd_days() {
        // 29 March 2026: 02:30 does not exist, so it runs at 03:00 by the wall. 25 October: 02:30 comes twice.
        assert_eq!(
            times("30 2 * * *", "2026-03-28T00:00:00Z", 3),
            ["03-28 01:30:00", "03-29 01:00:00", "03-30 00:30:00"]
        );
        assert_eq!(
            times("30 2 * * *", "2026-10-24T00:00:00Z", 3),
            ["10-24 00:30:00", "10-25 00:30:00", "10-26 01:30:00"]
        );
        assert_eq!(
            times("0 9 * * *", "2026-03-28T00:00:00Z", 2),
            ["03-28 08:00:00", "03-29 07:00:00"]
        );
    }

    #[test]
    fn what_is_no_expression_is_refused_with_an_example() {
        for (text, why) in [
            ("", "five fields"),
            ("9 * * *", "five fields"),
            ("0 0 9 * * * 2027", "five fields"),
            ("@daily", "five fields"),
            ("0 25 * * *", "no cron expression"),
            ("0 9 * * someday", "no cron expression"),
            ("0 9 30 2 *", "never comes"),
        ] {
            let error = text.parse::<Cron>().expect_err(text).to_string();
            assert!(error.contains(why) && error.contains("0 9 * * mon-fri"), "{text}: {error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_next_moment_is_always_later_and_none_is_left_out(
            at in 1_700_000_000i64..1_900_000_000,
            expression in prop::sample::select(vec!["*/5 * * * *", "30 2 * * *", "0 */2 * * *", "15 1-3 * * sun"]),
            zone in prop::sample::select(vec![Tz::UTC, Tz::Europe__Berlin, Tz::America__New_York]),
        ) {
            let cron: Cron = expression.parse().expect("an expression");
            let at = DateTime::from_timestamp(at, 0).expect("a moment");
            let next = cron.after(zone, at).expect("a later moment");
            prop_assert!(next > at);
            // Any moment before it finds the same one.
            prop_assert_eq!(cron.after(zone, at + (next - at) / 2), Some(next));
        }
    }
}
