//! Changes of a plan as an operator writes them: `price.USD=499`, `terms.watches=150`, `name.ru=Плюс`. Pure.
//!
//! An empty value takes a price, a description or a term away. What comes out is checked as a whole by
//! [`problems`](super::problems).

use super::{Category, Plan};
use crate::domain::user::Language;

/// The keys, for people.
pub const KEYS: &str = "name.LANGUAGE, description.LANGUAGE, price.CURRENCY, days, category, active, \
     position, terms.KEY";

/// Applies one `key=value`.
///
/// # Errors
/// A sentence about what was not understood.
pub fn set(plan: &mut Plan, key: &str, value: &str) -> Result<(), String> {
    let value = value.trim();
    match key.split_once('.') {
        Some(("name", code)) => {
            plan.names.insert(language(code)?, value.to_owned());
        }
        Some(("description", code)) => {
            let language = language(code)?;
            match value {
                "" => plan.descriptions.remove(&language),
                text => plan.descriptions.insert(language, text.to_owned()),
            };
        }
        Some(("price", currency)) => {
            match value {
                "" => plan.prices.remove(currency),
                text => plan.prices.insert(currency.to_owned(), number(key, text)?),
            };
        }
        Some(("terms", term)) => return set_term(plan, term, value),
        _ => return set_plain(plan, key, value),
    }
    Ok(())
}

fn set_plain(plan: &mut Plan, key: &str, value: &str) -> Result<(), String> {
    match key {
        "days" => plan.days = number(key, value)?,
        "position" => plan.position = number(key, value)?,
        "category" => {
            let words = Category::ALL.map(Category::as_str).join(", ");
            plan.category =
                Category::from_word(value).ok_or_else(|| format!("category: one of {words}"))?;
        }
        "active" => {
            plan.active = match value {
                "yes" | "true" => true,
                "no" | "false" => false,
                _ => return Err("active: yes or no".to_owned()),
            }
        }
        _ => return Err(format!("{key}: there is no such key; they are {KEYS}")),
    }
    Ok(())
}

fn set_term(plan: &mut Plan, term: &str, value: &str) -> Result<(), String> {
    let terms = &mut plan.terms;
    let key = format!("terms.{term}");
    if term == "features" {
        let words = value.split(',').map(str::trim).filter(|word| !word.is_empty());
        let words: std::collections::BTreeSet<String> = words.map(str::to_owned).collect();
        terms.features = (!words.is_empty()).then_some(words);
        return Ok(());
    }
    let limit = match term {
        "interval_s" => &mut terms.interval_s,
        "watches" => &mut terms.watches,
        "sources" => &mut terms.sources,
        "alerts_per_day" => &mut terms.alerts_per_day,
        "delay_s" => &mut terms.delay_s,
        "history_days" => &mut terms.history_days,
        _ => {
            let known = super::Terms::KEYS.join(", ");
            return Err(format!("{key}: there is no such key; they are {known}"));
        }
    };
    *limit = match value {
        "" => None,
        text => Some(number(&key, text)?),
    };
    Ok(())
}

fn language(code: &str) -> Result<Language, String> {
    Language::ALL
        .into_iter()
        .find(|language| language.code() == code)
        .ok_or_else(|| format!("{code}: one of {}", Language::ALL.map(Language::code).join(", ")))
}

fn number<N: std::str::FromStr>(key: &str, text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("{key}: {text:?} is not a whole number that fits"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PlanId;

    fn plan() -> Plan {
        Plan {
            id: PlanId("plus".into()),
            category: Category::Paid,
            names: Default::default(),
            descriptions: Default::default(),
            prices: Default::default(),
            days: 30,
            terms: Default::default(),
            active: true,
            position: 1,
            revision: 3,
        }
    }

    #[test]
    fn what_is_written_is_changed_and_nothing_else() {
        let mut one = plan();
        let changes = [
            ("name.ru", "Плюс"),
            ("description.en", "Good"),
            ("price.USD", "499"),
            ("price.XTR", "350"),
            ("price.XTR", ""),
            ("days", "31"),
            ("active", "no"),
            ("terms.watches", "150"),
            ("terms.delay_s", "60"),
            ("terms.delay_s", ""),
            ("terms.features", "map, charts"),
        ];
        for (key, value) in changes {
            set(&mut one, key, value).expect(key);
        }
        assert_eq!((one.name(Language::Ru), one.description(Language::En)), ("Плюс", "Good"));
        assert_eq!(Vec::from_iter(&one.prices), [(&"USD".to_owned(), &499)]);
        assert_eq!((one.days, one.active, one.revision), (31, false, 3));
        assert_eq!((one.terms.watches, one.terms.delay_s), (Some(150), None));
        assert_eq!(one.terms.features.expect("features").len(), 2);
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (key, value, part) in [
            ("name.de", "Plus", "one of en, ru, uk"),
            ("price.USD", "4.99", "not a whole number"),
            ("terms.wtches", "3", "there is no such key"),
            ("terms.watches", "-3", "not a whole number"),
            ("colour", "red", "there is no such key"),
            ("active", "maybe", "yes or no"),
            ("category", "gold", "free, trial, paid"),
        ] {
            let said = set(&mut plan(), key, value).expect_err(key);
            assert!(said.contains(part), "{said}");
        }
    }
}
