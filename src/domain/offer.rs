//! A plan as it is sold: what it is called, what it costs, for how long, and what it allows. Pure.
//!
//! ```text
//! config/plans.toml ─► check ─► rows of the record ─► operators change them ─► the file no longer touches them
//!                                   └─► bought: terms and days are copied, so that later changes concern nobody who paid
//! ```

pub mod edit;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sites::Money;

use super::ids::PlanId;
use super::plan::{FEATURES, Terms};
use super::user::Language;

/// The code of Telegram Stars, which have no smaller unit (Bot API, "Payments: Telegram Stars").
pub const STARS: &str = "XTR";
/// The plan of everybody who has no other; what it does not state is the configuration's (`[free]`).
pub const FREE: &str = "free";
/// Longest id of a plan: it travels in links and buttons.
const LONGEST_ID: usize = 24;
/// Longest name, characters: it stands on buttons.
const LONGEST_NAME: usize = 40;
/// Longest description, characters.
const LONGEST_DESCRIPTION: usize = 400;
/// Longest time that is sold at once, days.
pub const LONGEST_DAYS: i64 = 3_660;
/// Largest amount of one movement, minor units.
pub const LARGEST_AMOUNT: i64 = 1_000_000_000_000;

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// What everybody has.
    Free,
    /// Once per person, for nothing.
    Trial,
    /// Sold.
    Paid,
}

impl Category {
    /// All.
    pub const ALL: [Self; 3] = [Self::Free, Self::Trial, Self::Paid];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Trial => "trial",
            Self::Paid => "paid",
        }
    }

    /// The category of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Its word in links and buttons.
    pub id: PlanId,
    /// What it is for.
    pub category: Category,
    /// What people call it.
    pub names: BTreeMap<Language, String>,
    /// One or two sentences about it.
    #[serde(default)]
    pub descriptions: BTreeMap<Language, String>,
    /// What a period costs: minor units by currency (ISO 4217), and [`STARS`].
    #[serde(default)]
    pub prices: BTreeMap<String, i64>,
    /// Days of a period; 0: without end.
    #[serde(default)]
    pub days: i64,
    /// What it allows.
    #[serde(default)]
    pub terms: Terms,
    /// Whether it is offered.
    #[serde(default = "yes")]
    pub active: bool,
    /// Place in lists, the first one first.
    #[serde(default)]
    pub position: i64,
    /// Grows with each change; 0: not recorded yet.
    #[serde(default, skip_deserializing)]
    pub revision: i64,
}

fn yes() -> bool {
    true
}

impl Plan {
    /// What it is called; a language that misses is English, then any, then its id.
    pub fn name(&self, language: Language) -> &str {
        in_words(&self.names, language).unwrap_or(self.id.as_str())
    }

    /// What is said about it; empty when nothing is.
    pub fn description(&self, language: Language) -> &str {
        in_words(&self.descriptions, language).unwrap_or("")
    }

    /// What a period costs in this currency.
    pub fn price(&self, currency: &str) -> Option<Money> {
        let minor = *self.prices.get(currency)?;
        Some(Money { minor, currency: currency.to_owned() })
    }

    /// Whether it can be bought.
    pub fn is_sold(&self) -> bool {
        self.active && self.category == Category::Paid && !self.prices.is_empty()
    }
}

fn in_words(all: &BTreeMap<Language, String>, language: Language) -> Option<&str> {
    let found =
        all.get(&language).or_else(|| all.get(&Language::En)).or_else(|| all.values().next());
    found.map(String::as_str).filter(|text| !text.is_empty())
}

/// All that is wrong with a plan, a sentence each; empty when nothing is.
pub fn problems(plan: &Plan) -> Vec<String> {
    let mut all = Vec::new();
    if !is_id(plan.id.as_str()) {
        all.push(format!("id: 1 to {LONGEST_ID} of a-z, 0-9 and -, beginning with a letter"));
    }
    for language in Language::ALL {
        let code = language.code();
        match plan.names.get(&language).map(|name| (name.trim().len(), name.chars().count())) {
            None | Some((0, _)) => all.push(format!("names.{code}: is missing")),
            Some((_, long)) if long > LONGEST_NAME => {
                all.push(format!("names.{code}: at most {LONGEST_NAME} characters"));
            }
            _ => {}
        }
        if plan.descriptions.get(&language).is_some_and(|t| t.chars().count() > LONGEST_DESCRIPTION)
        {
            all.push(format!("descriptions.{code}: at most {LONGEST_DESCRIPTION} characters"));
        }
    }
    for (currency, minor) in &plan.prices {
        if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
            all.push(format!(
                "prices.{currency}: a currency is three capitals, such as USD or XTR"
            ));
        }
        if !(1..=LARGEST_AMOUNT).contains(minor) {
            all.push(format!("prices.{currency}: from 1 to {LARGEST_AMOUNT} of the smallest unit"));
        }
    }
    all.extend(of_category(plan));
    all.extend(of_terms(&plan.terms));
    all
}

fn of_category(plan: &Plan) -> Vec<String> {
    let mut all = Vec::new();
    match plan.category {
        Category::Paid if plan.prices.is_empty() => {
            all.push("prices: a plan that is sold has a price in one currency at least".into());
        }
        Category::Free | Category::Trial if !plan.prices.is_empty() => {
            let word = plan.category.as_str();
            all.push(format!("prices: a plan of category {word} costs nothing"));
        }
        _ => {}
    }
    let (is_free, is_called_free) = (plan.category == Category::Free, plan.id.as_str() == FREE);
    match is_free {
        true if plan.days != 0 => all.push("days: the free plan has no end; write 0".into()),
        false if !(1..=LONGEST_DAYS).contains(&plan.days) => {
            all.push(format!("days: from 1 to {LONGEST_DAYS}"));
        }
        _ => {}
    }
    match (is_free, is_called_free) {
        (true, false) => all.push(format!("id: the plan of category free is called {FREE}")),
        (false, true) => all.push(format!("category: the plan {FREE} is of category free")),
        _ => {}
    }
    all
}

fn of_terms(terms: &Terms) -> Vec<String> {
    let known = Terms::KEYS.join(", ");
    let unknown = terms
        .other
        .keys()
        .map(|key| format!("terms.{key}: there is no such key; they are {known}"));
    let features = terms.features.iter().flatten();
    let strange = features
        .filter(|word| !FEATURES.contains(&word.as_str()))
        .map(|word| format!("terms.features: {word:?} is none of {}", FEATURES.join(", ")));
    let interval = terms.interval_s.filter(|seconds| !(10..=86_400 * 30).contains(seconds));
    let interval = interval.map(|_| "terms.interval_s: from 10 to 2592000 seconds".to_owned());
    unknown.chain(strange).chain(interval).collect()
}

/// All that is wrong with a set of plans: each problem begins with the plan's id.
pub fn problems_together(plans: &[Plan]) -> Vec<String> {
    let mut all = Vec::new();
    for (at, plan) in plans.iter().enumerate() {
        let id = match plan.id.as_str() {
            "" => format!("plan {}", at + 1),
            id => id.to_owned(),
        };
        all.extend(problems(plan).into_iter().map(|problem| format!("{id}: {problem}")));
        if plans[..at].iter().any(|earlier| earlier.id == plan.id) {
            all.push(format!("{id}: there are two plans of this id"));
        }
    }
    all
}

fn is_id(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=LONGEST_ID).contains(&text.len())
        && text.bytes().all(legal)
        && text.as_bytes()[0].is_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let names = |text: &str| Language::ALL.map(|language| (language, text.to_owned())).into();
        Plan {
            id: PlanId("plus".into()),
            category: Category::Paid,
            names: names("Plus"),
            descriptions: BTreeMap::new(),
            prices: [("USD".to_owned(), 499), (STARS.to_owned(), 350)].into(),
            days: 30,
            terms: Terms::of_watches(30, 30),
            active: true,
            position: 1,
            revision: 0,
        }
    }

    #[test]
    fn a_good_plan_has_no_problems() {
        assert_eq!(problems(&plan()), [""; 0]);
        assert_eq!(plan().price(STARS).map(|price| price.minor), Some(350));
        assert!(plan().is_sold() && plan().price("EUR").is_none());
    }

    #[test]
    fn all_problems_are_named_at_once() {
        let mut bad = plan();
        bad.id = PlanId("Big Plan".into());
        bad.names.remove(&Language::Uk);
        bad.prices = [("usd".to_owned(), 0)].into();
        bad.days = 0;
        bad.terms.features = Some(["teleport".to_owned()].into());
        bad.terms.other.insert("wtches".into(), 3.into());
        let found = problems(&bad);
        for part in
            ["id:", "names.uk:", "prices.usd: a", "prices.usd: from", "days:", "teleport", "wtches"]
        {
            assert!(found.iter().any(|line| line.contains(part)), "{part}: {found:?}");
        }
        assert_eq!(found.len(), 7, "{found:?}");
    }

    #[test]
    fn categories_keep_their_shape() {
        let of = |category, id: &str, days, priced: bool| {
            let mut one = plan();
            (one.category, one.id, one.days) = (category, PlanId(id.into()), days);
            if !priced {
                one.prices.clear();
            }
            problems(&one).len()
        };
        assert_eq!(of(Category::Free, "free", 0, false), 0);
        assert_eq!(of(Category::Trial, "trial", 7, false), 0);
        assert_eq!(of(Category::Free, "gift", 3, true), 3);
        assert_eq!(of(Category::Trial, "free", 7, false), 1);
        assert_eq!(of(Category::Paid, "plus", 30, false), 1);
        let two = [plan(), plan()];
        assert_eq!(problems_together(&two), ["plus: there are two plans of this id"]);
    }

    #[test]
    fn a_missing_language_falls_back() {
        let mut one = plan();
        one.names = [(Language::En, "Plus".to_owned())].into();
        assert_eq!((one.name(Language::Ru), one.description(Language::Ru)), ("Plus", ""));
        one.names.clear();
        assert_eq!(one.name(Language::En), "plus");
    }
}
