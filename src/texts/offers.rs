//! Plans, prices, movements and reminders in words. Pure.
//!
//! ```text
//! • 150 watches (you have 50)
//! • each looked at every 3 minutes (you have: every 6 minutes)
//! 5 Nov 2026 — bought: Plus, 30 days — −$4.99
//! Your plan “Plus” ends on 5 Dec 2026. /subscribe extends it: …
//! ```

use chrono::{DateTime, Utc};
use sites::Money;

use super::{Value, dates, money, plain, say};
use crate::domain::account::{AccountWord, Reminder};
use crate::domain::ledger::{Entry, Kind};
use crate::domain::offer::{Category, STARS};
use crate::domain::plan::Terms;
use crate::domain::preferences::zone;
use crate::domain::{Language, Outgoing, Plan};

/// An amount of money; Stars with their sign.
pub fn amount(minor: i64, currency: &str, language: Language) -> String {
    if currency == STARS {
        let sign = if minor < 0 { "−" } else { "" };
        return format!("{sign}{}\u{a0}⭐", minor.unsigned_abs());
    }
    money::money(&Money { minor, currency: currency.to_owned() }, language)
}

/// A number of days.
pub fn days(count: i64, language: Language) -> String {
    say(language, "account-days", &[("count", Value::Count(count))])
}

/// The day of a moment by the clock of a zone.
pub fn day(at: DateTime<Utc>, zone_name: &str, language: Language) -> String {
    let zone = zone::of_name(zone_name).unwrap_or(chrono_tz::Tz::UTC);
    dates::day(at, zone, language)
}

/// What terms allow, a line each, with what the person has where that differs.
pub fn terms(terms: &Terms, own: &Terms, language: Language) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |stated: String, has: Option<String>| {
        let has = has.filter(|has| *has != stated);
        lines.push(match has {
            Some(has) => {
                let values = [("what", Value::Text(&stated)), ("has", Value::Text(&has))];
                say(language, "account-term-instead", &values)
            }
            None => say(language, "account-term", &[("what", Value::Text(&stated))]),
        });
    };
    let counted = |key: &'static str, none: &'static str, count: u64| match count {
        0 => plain(language, none),
        count => {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            say(language, key, &[("count", Value::Count(count))])
        }
    };
    let limits = [
        (terms.watches, own.watches, "account-term-watches", "account-term-watches-all"),
        (terms.sources, own.sources, "account-term-sources", "account-term-sources-all"),
    ];
    for (stated, has, key, none) in limits {
        if let Some(stated) = stated {
            add(counted(key, none, stated), has.map(|has| counted(key, none, has)));
        }
    }
    if let Some(stated) = terms.interval_s {
        add(interval(stated, language), own.interval_s.map(|has| interval(has, language)));
    }
    if let Some(stated) = terms.alerts_per_day {
        let (key, none) = ("account-term-alerts", "account-term-alerts-all");
        add(counted(key, none, stated), own.alerts_per_day.map(|has| counted(key, none, has)));
    }
    if let Some(stated) = terms.delay_s {
        add(delay(stated, language), own.delay_s.map(|has| delay(has, language)));
    }
    if let Some(stated) = terms.history_days {
        let (key, none) = ("account-term-history", "account-term-history-all");
        add(counted(key, none, stated), own.history_days.map(|has| counted(key, none, has)));
    }
    for feature in terms.features.iter().flatten() {
        let key = match feature.as_str() {
            "map" => "account-term-map",
            "charts" => "account-term-charts",
            "export" => "account-term-export",
            _ => continue,
        };
        add(plain(language, key), None);
    }
    lines
}

fn interval(seconds: u64, language: Language) -> String {
    let (key, count) = match seconds {
        0..60 => ("account-term-seconds", seconds),
        60..7_200 => ("account-term-minutes", seconds / 60),
        _ => ("account-term-hours", seconds / 3_600),
    };
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    say(language, key, &[("count", Value::Count(count))])
}

fn delay(seconds: u64, language: Language) -> String {
    match i64::try_from(seconds.div_ceil(60)).unwrap_or(i64::MAX) {
        0 => plain(language, "account-term-at-once"),
        minutes => say(language, "account-term-delay", &[("count", Value::Count(minutes))]),
    }
}

/// One movement: day, what it was, how much.
pub fn movement(entry: &Entry, plans: &[Plan], language: Language, zone: &str) -> String {
    let kind = plain(language, kind_key(entry.key.kind));
    let mut line = format!("{} — {kind}", day(entry.at, zone, language));
    if let Some(grant) = &entry.grant {
        let known = plans.iter().find(|plan| plan.id == grant.plan);
        let name = known.map_or(grant.plan.as_str(), |plan| plan.name(language));
        line.push_str(&format!(": {name}, {}", days(grant.days, language)));
    }
    let moved = if entry.balance == 0 { entry.paid } else { entry.balance };
    if moved != 0 {
        let sign = if entry.balance > 0 { "+" } else { "" };
        line.push_str(&format!(" — {sign}{}", amount(moved, &entry.currency, language)));
    }
    line
}

/// The key of what a movement is called.
fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Purchase => "account-kind-purchase",
        Kind::Refund => "account-kind-refund",
        Kind::Bonus => "account-kind-bonus",
        Kind::Adjustment => "account-kind-adjustment",
        Kind::Recharge => "account-kind-recharge",
        Kind::Trial => "account-kind-trial",
        Kind::Promo => "account-kind-promo",
        Kind::Referral => "account-kind-referral",
    }
}

/// What a person is told about their account.
pub fn word(word: &AccountWord, language: Language) -> Outgoing {
    let text = match word {
        AccountWord::Ending { plan, until, reminder, zone } => {
            ending(plan, &day(*until, zone, language), *reminder, language)
        }
        AccountWord::Rewarded(money) => bonus("account-rewarded", money, language),
        AccountWord::Welcomed(money) => bonus("account-welcomed", money, language),
    };
    Outgoing::text(text)
}

fn bonus(key: &str, money: &Money, language: Language) -> String {
    let money = amount(money.minor, &money.currency, language);
    say(language, key, &[("money", Value::Text(&money))])
}

fn ending(plan: &Plan, date: &str, reminder: Reminder, language: Language) -> String {
    let key = match (plan.category, reminder) {
        (Category::Trial, Reminder::Over) => "account-trial-over",
        (Category::Trial, _) => "account-trial-ending",
        (_, Reminder::Over) => "account-over",
        (_, _) => "account-ending",
    };
    let values = [("plan", Value::Text(plan.name(language))), ("date", Value::Text(date))];
    say(language, key, &values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ledger::{EntryKey, Grant};
    use crate::domain::{PlanId, UserId};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    fn plan(category: Category) -> Plan {
        Plan {
            id: PlanId("plus".into()),
            category,
            names: [(Language::En, "Plus".to_owned())].into(),
            descriptions: Default::default(),
            prices: Default::default(),
            days: 30,
            terms: Terms::default(),
            active: true,
            position: 0,
            revision: 1,
        }
    }

    #[test]
    fn stars_are_whole_and_money_has_its_sign() {
        assert_eq!(amount(350, STARS, Language::En), "350\u{a0}⭐");
        assert_eq!(amount(-350, STARS, Language::Ru), "−350\u{a0}⭐");
        assert!(amount(499, "USD", Language::En).contains("4.99"));
    }

    #[test]
    fn terms_say_what_differs_from_what_one_has() {
        let own = Terms { interval_s: Some(360), ..Terms::of_watches(50, 0) };
        let offered = Terms {
            interval_s: Some(60),
            alerts_per_day: Some(0),
            delay_s: Some(0),
            history_days: Some(21),
            features: Some(["map".to_owned(), "charts".to_owned(), "export".to_owned()].into()),
            ..Terms::of_watches(150, 0)
        };
        let lines = terms(&offered, &own, Language::En);
        assert_eq!(lines[0], "• 150 watches (you have: 50 watches)");
        assert_eq!(lines[1], "• search pages without limit", "both have that");
        assert_eq!(lines[2], "• a look every minute (you have: a look every 6 minutes)");
        assert_eq!(lines.len(), 9);
        for language in Language::ALL {
            let free = Terms { delay_s: Some(600), ..Terms::of_watches(1, 21) };
            for line in terms(&offered, &own, language).iter().chain(&terms(&free, &own, language))
            {
                assert!(!line.contains("Unknown") && !line.contains("{$"), "{line}");
            }
        }
        let russian = terms(&Terms::of_watches(21, 3), &Terms::default(), Language::Ru);
        assert_eq!(russian, ["• 21 поиск", "• 3 разные страницы поиска"]);
    }

    #[test]
    fn a_movement_names_day_kind_plan_and_money() {
        let key = EntryKey::new("balance", "x", Kind::Purchase);
        let grant = Grant { plan: PlanId("plus".into()), days: 30, terms: Terms::default() };
        let entry = Entry {
            currency: "USD".into(),
            paid: 499,
            balance: -499,
            grant: Some(grant),
            ..Entry::new(key, UserId(1), at("2026-11-05T23:30:00Z"))
        };
        let line = movement(&entry, &[plan(Category::Paid)], Language::En, "Europe/Kyiv");
        assert!(
            line.contains("6 Nov 2026 — bought: Plus, 30 days — −"),
            "by the person's clock: {line}"
        );
        for kind in Kind::ALL {
            for language in Language::ALL {
                assert!(!plain(language, kind_key(kind)).contains("Unknown"), "{kind:?}");
            }
        }
    }

    #[test]
    fn ends_are_told_for_trials_and_plans_in_every_language() {
        for language in Language::ALL {
            for (category, reminder) in [
                (Category::Trial, Reminder::ThreeDays),
                (Category::Trial, Reminder::Over),
                (Category::Paid, Reminder::OneDay),
                (Category::Paid, Reminder::Over),
            ] {
                let until = at("2026-11-05T12:00:00Z");
                let (plan, zone) = (Box::new(plan(category)), "UTC".to_owned());
                let told =
                    word(&AccountWord::Ending { plan, until, reminder, zone }, language).text;
                assert!(told.contains("Plus") && told.contains("/subscribe"), "{told}");
                assert_eq!(told.contains("2026"), reminder != Reminder::Over, "{told}");
            }
        }
    }
}
