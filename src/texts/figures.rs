//! The figures of the service in words: all of them for a message, a few below a picture.

use chrono::{DateTime, Utc};
use sites::Money;

use super::money::{count, day, moment, money};
use super::{Value, plain, say};
use crate::domain::figures::{Board, Cohort, Compared, Figures, Measure, Series, Spans, start_of};
use crate::domain::{Language, Outgoing};

/// All figures, as a message without buttons.
pub fn report(figures: &Figures, at: DateTime<Utc>, language: Language) -> String {
    let number = |value: i64| count(value, language);
    let text = |key: &str, values: &[(&'static str, &str)]| {
        let values: Vec<_> = values.iter().map(|(name, text)| (*name, Value::Text(text))).collect();
        say(language, key, &values)
    };
    let by_days = |key: &str, spans: &Spans| {
        text(key, &[("spans", &spans_in(spans, language, &|value| number(value)))])
    };
    let mut lines = vec![
        text("panel-figures-head", &[("moment", &moment(at, language))]),
        String::new(),
        text("panel-figures-people", &[("count", &number(figures.people))]),
        by_days("panel-figures-new", &figures.new),
        active(figures, language),
        String::new(),
        text(
            "panel-figures-watches",
            &[("count", &number(figures.watches)), ("running", &number(figures.running))],
        ),
        text(
            "panel-figures-paying",
            &[("paying", &number(figures.paying)), ("trying", &number(figures.trying))],
        ),
    ];
    if figures.revenue.is_empty() {
        lines.push(plain(language, "panel-figures-no-revenue"));
    }
    for (currency, spans) in &figures.revenue {
        let amount = |minor| money(&Money { minor, currency: currency.clone() }, language);
        let spans = spans_in(spans, language, &amount);
        lines.push(text("panel-figures-revenue", &[("spans", &spans)]));
    }
    lines.push(cohort("panel-figures-cohort", &figures.cohort, language));
    lines.push(cohort("panel-figures-cohort-before", &figures.cohort_before, language));
    lines.push(String::new());
    lines.push(by_days("panel-figures-sent", &figures.sent));
    lines.push(text("panel-figures-waiting", &[("count", &number(figures.standing.waiting))]));
    for (key, now, spans) in [
        ("panel-figures-dead", figures.standing.dead, &figures.dead),
        ("panel-figures-unknown", figures.standing.unknown, &figures.unknown),
    ] {
        let (today, week) = (number(spans.today.now), number(spans.week.now));
        lines.push(text(key, &[("count", &number(now)), ("today", &today), ("week", &week)]));
    }
    let sites = &figures.sites;
    lines.push(String::new());
    lines.push(text(
        "panel-figures-sites",
        &[
            ("good", &number(sites.good)),
            ("ill", &number(sites.ill)),
            ("quarantined", &number(sites.quarantined)),
        ],
    ));
    lines.join("\n")
}

/// The words below the picture of a board.
pub fn caption(board: &Board, language: Language) -> Outgoing {
    let from = board.series.iter().map(|series| series.values.len()).max().unwrap_or(1);
    let first = board.day.saturating_add(1 - i64::try_from(from).unwrap_or(1));
    let (first, last) = (day(start_of(first), language), day(start_of(board.day), language));
    let values = [("from", Value::Text(&first)), ("to", Value::Text(&last))];
    let mut lines = vec![say(language, "panel-board-caption", &values)];
    lines.extend(board.series.iter().map(|series| {
        let delta = change(series, language).map(|delta| format!(" ({delta})"));
        let total = value(series, series.total(), language);
        format!("{}: {total}{}", title(series, language), delta.unwrap_or_default())
    }));
    Outgoing::text(lines.join("\n"))
}

/// What a series is about.
pub fn title(series: &Series, language: Language) -> String {
    plain(
        language,
        match series.measure {
            Measure::New => "panel-board-new",
            Measure::Active => "panel-board-active",
            Measure::Sent => "panel-board-sent",
            Measure::Revenue => "panel-board-revenue",
        },
    )
}

/// A value of a series.
pub fn value(series: &Series, value: i64, language: Language) -> String {
    series.money(value).map_or_else(|| count(value, language), |amount| money(&amount, language))
}

/// How the sum of a series differs from that of the days before.
pub fn change(series: &Series, language: Language) -> Option<String> {
    let of = Compared { now: series.total(), before: series.before };
    series.before.map(|_| delta(&of, language, &|size| value(series, size, language)))
}

fn delta(of: &Compared, language: Language, form: &dyn Fn(i64) -> String) -> String {
    match of.before.map(|before| of.now.saturating_sub(before)) {
        None => plain(language, "panel-unknown"),
        Some(0) => "±0".to_owned(),
        Some(more @ 1..) => format!("+{}", form(more)),
        Some(less) => format!("−{}", form(less.saturating_neg())),
    }
}

fn before(of: &Compared, language: Language, form: &dyn Fn(i64) -> String) -> String {
    of.before.map_or_else(|| plain(language, "panel-unknown"), form)
}

fn spans_in(spans: &Spans, language: Language, form: &dyn Fn(i64) -> String) -> String {
    let values = [
        ("today", form(spans.today.now)),
        ("yesterday", before(&spans.today, language, form)),
        ("week", form(spans.week.now)),
        ("weekdelta", delta(&spans.week, language, form)),
        ("month", form(spans.month.now)),
        ("monthdelta", delta(&spans.month, language, form)),
    ];
    let values: Vec<_> = values.iter().map(|(name, text)| (*name, Value::Text(text))).collect();
    say(language, "panel-spans", &values)
}

fn active(figures: &Figures, language: Language) -> String {
    let form = |value: i64| count(value, language);
    let values = [
        ("today", form(figures.active_today.now)),
        ("yesterday", before(&figures.active_today, language, &form)),
        ("week", form(figures.active_week.now)),
        ("weekdelta", delta(&figures.active_week, language, &form)),
    ];
    let values: Vec<_> = values.iter().map(|(name, text)| (*name, Value::Text(text))).collect();
    say(language, "panel-figures-active", &values)
}

fn cohort(key: &str, cohort: &Cohort, language: Language) -> String {
    let share = |part: i64| match cohort.met {
        0 => "0".to_owned(),
        met => ((part * 100 + met / 2) / met).to_string(),
    };
    let values = [
        ("met", count(cohort.met, language)),
        ("watching", share(cohort.watching)),
        ("tried", share(cohort.tried)),
        ("paid", share(cohort.paid)),
    ];
    let values: Vec<_> = values.iter().map(|(name, text)| (*name, Value::Text(text))).collect();
    say(language, key, &values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_carry_their_sign_and_the_unknown_is_said() {
        let of = |now, before| {
            delta(&Compared { now, before }, Language::En, &|size| count(size, Language::En))
        };
        assert_eq!(of(5, Some(3)), "+2");
        assert_eq!(of(3, Some(1_003)), "−1,000");
        assert_eq!(of(3, Some(3)), "±0");
        assert_eq!(of(3, None), "unknown");
        assert_eq!(count(0, Language::En), "0");
        assert_eq!(count(-12_345, Language::En), "−12,345");
    }

    #[test]
    fn a_report_names_every_figure_in_every_language() {
        let figures = Figures {
            people: 1_204,
            revenue: [("EUR".to_owned(), Spans::default())].into(),
            cohort: Cohort { met: 200, watching: 121, tried: 13, paid: 5 },
            ..Figures::default()
        };
        let mut known = Vec::new();
        for language in Language::ALL {
            let text = report(&figures, DateTime::UNIX_EPOCH, language);
            assert!(!text.contains("Unknown localization") && !text.contains('$'), "{text}");
            assert!(text.contains("61") && text.encode_utf16().count() < 1_500, "{text}");
            assert!(!known.contains(&text));
            known.push(text);
        }
        assert!(known[0].contains("61% watch, 7% tried a plan, 3% paid"), "{}", known[0]);
    }
}
