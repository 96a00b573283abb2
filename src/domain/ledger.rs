//! Every movement of money and time, and what they amount to. Pure.
//!
//! ```text
//! entries, in any order, each any number of times ─► by their moment ─┬─► balance per currency: sum
//!                                                                     └─► periods of plans:
//!      what is given begins at the later of its moment and the end of that plan
//!      what is taken away goes from the end, never from what is past
//! ```
//!
//! An entry is never edited: what was wrong is put right by another one. Its name (provider, payment, kind) is unique,
//! so the same fact told three times counts once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{OrderId, PlanId, UserId};
use super::offer::{LARGEST_AMOUNT, LONGEST_DAYS};
use super::order::{BALANCE, Order};
use super::plan::{Entitled, Terms};

/// What a movement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A plan was paid.
    Purchase,
    /// Money was given back.
    Refund,
    /// A present of ours.
    Bonus,
    /// An operator put something right.
    Adjustment,
    /// Money was put on the balance.
    Recharge,
    /// The trial.
    Trial,
    /// A promo code.
    Promo,
    /// Somebody came by an invitation.
    Referral,
}

impl Kind {
    /// All.
    pub const ALL: [Self; 8] = [
        Self::Purchase,
        Self::Refund,
        Self::Bonus,
        Self::Adjustment,
        Self::Recharge,
        Self::Trial,
        Self::Promo,
        Self::Referral,
    ];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Refund => "refund",
            Self::Bonus => "bonus",
            Self::Adjustment => "adjustment",
            Self::Recharge => "recharge",
            Self::Trial => "trial",
            Self::Promo => "promo",
            Self::Referral => "referral",
        }
    }

    /// The kind of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// The name of an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct EntryKey {
    /// Who knows of the movement: a provider of payments, `balance`, `trial`, `promo`, `referral` or `operator`.
    pub provider: String,
    /// Its name there.
    pub payment: String,
    /// What it is.
    pub kind: Kind,
}

impl EntryKey {
    /// The key of these words.
    pub fn new(provider: &str, payment: &str, kind: Kind) -> Self {
        Self { provider: provider.to_owned(), payment: payment.to_owned(), kind }
    }
}

/// Time of a plan that an entry gives, or takes away.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grant {
    /// Which plan.
    pub plan: PlanId,
    /// Days; negative: taken away.
    pub days: i64,
    /// What it allows, as the plan said when it was given.
    pub terms: Terms,
}

/// One movement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its name.
    #[serde(flatten)]
    pub key: EntryKey,
    /// Whose.
    pub user: UserId,
    /// The order that it belongs to.
    pub order: Option<OrderId>,
    /// Currency of both amounts; empty where no money moved.
    pub currency: String,
    /// What the person paid, minor units; negative: got back.
    pub paid: i64,
    /// What it does to the balance, minor units.
    pub balance: i64,
    /// Time of a plan.
    pub grant: Option<Grant>,
    /// When.
    pub at: DateTime<Utc>,
    /// For people: a reason, who did it.
    pub note: String,
}

/// Why an entry can be none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEntry {
    /// It has no name.
    #[error("an entry of the ledger needs a provider and a name of the payment there")]
    Unnamed,
    /// An amount or a number of days is out of bounds.
    #[error(
        "the ledger takes amounts up to {LARGEST_AMOUNT} and up to {LONGEST_DAYS} days at once"
    )]
    TooLarge,
    /// Money without a currency.
    #[error("an amount needs its currency")]
    NoCurrency,
}

impl Entry {
    /// An entry that moves nothing yet.
    pub fn new(key: EntryKey, user: UserId, at: DateTime<Utc>) -> Self {
        let (currency, note) = (String::new(), String::new());
        Self { key, user, order: None, currency, paid: 0, balance: 0, grant: None, at, note }
    }

    /// The purchase of an order from the balance.
    pub fn from_balance(order: &Order, at: DateTime<Utc>) -> Self {
        let key = EntryKey::new(BALANCE, order.id.as_str(), Kind::Purchase);
        let (plan, days, terms) = (order.plan.clone(), order.days, order.terms.clone());
        Self {
            order: Some(order.id.clone()),
            currency: order.price.currency.clone(),
            paid: order.price.minor,
            balance: -order.price.minor,
            grant: Some(Grant { plan, days, terms }),
            ..Self::new(key, order.user, at)
        }
    }

    /// Whether it can be written.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), BadEntry> {
        let fits = |amount: i64| amount.unsigned_abs() <= LARGEST_AMOUNT.unsigned_abs();
        let days = self.grant.as_ref().map_or(0, |grant| grant.days);
        if self.key.provider.is_empty() || self.key.payment.is_empty() {
            return Err(BadEntry::Unnamed);
        }
        if !fits(self.paid)
            || !fits(self.balance)
            || days.unsigned_abs() > LONGEST_DAYS.unsigned_abs()
        {
            return Err(BadEntry::TooLarge);
        }
        if self.currency.is_empty() && (self.paid != 0 || self.balance != 0) {
            return Err(BadEntry::NoCurrency);
        }
        Ok(())
    }
}

/// A time in which a plan holds, on terms that do not change in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Period {
    /// Which plan.
    pub plan: PlanId,
    /// From when.
    pub since: DateTime<Utc>,
    /// Until when; later than `since`.
    pub until: DateTime<Utc>,
    /// What it allows.
    pub terms: Terms,
}

impl Period {
    /// Whether it holds at `now`.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.since <= now && now < self.until
    }

    /// What it means for limits.
    pub fn entitled(&self) -> Entitled {
        Entitled { since: self.since, until: self.until, terms: self.terms.clone() }
    }
}

/// When the time of a plan ends that holds at `now`; later periods that follow without a gap count.
pub fn end_of(periods: &[Period], plan: &PlanId, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let own = periods.iter().filter(|period| period.plan == *plan && period.until > now);
    own.map(|period| period.until).max()
}

/// What entries of one person amount to.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Holdings {
    /// Balance by currency, minor units; currencies that nothing moved in are absent.
    pub balances: BTreeMap<String, i64>,
    /// Periods by plan and beginning.
    pub periods: Vec<Period>,
}

/// Adds up the entries of one person. Neither their order nor repetition matters.
pub fn holdings<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Holdings {
    let mut sorted: Vec<&Entry> = entries.into_iter().collect();
    sorted.sort_by(|one, other| (one.at, &one.key).cmp(&(other.at, &other.key)));
    let mut counted = BTreeSet::new();
    sorted.retain(|entry| counted.insert(&entry.key));
    let mut sums: BTreeMap<String, i128> = BTreeMap::new();
    let mut plans: BTreeMap<&PlanId, Vec<Period>> = BTreeMap::new();
    for entry in sorted {
        if entry.balance != 0 {
            *sums.entry(entry.currency.clone()).or_default() += i128::from(entry.balance);
        }
        if let Some(grant) = &entry.grant {
            apply(plans.entry(&grant.plan).or_default(), grant, entry.at);
        }
    }
    let whole = |sum: i128| i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX });
    Holdings {
        balances: sums.into_iter().map(|(currency, sum)| (currency, whole(sum))).collect(),
        periods: plans.into_values().flatten().collect(),
    }
}

/// Gives or takes time of one plan.
fn apply(periods: &mut Vec<Period>, grant: &Grant, at: DateTime<Utc>) {
    let days = grant.days.clamp(-LONGEST_DAYS, LONGEST_DAYS);
    if days < 0 {
        return take(periods, TimeDelta::days(-days), at);
    }
    if days == 0 {
        return;
    }
    let end = periods.last().map_or(at, |last| last.until.max(at));
    let until = end + TimeDelta::days(days);
    match periods.last_mut() {
        Some(last) if last.until == end && last.terms == grant.terms => last.until = until,
        _ => periods.push(Period {
            plan: grant.plan.clone(),
            since: end,
            until,
            terms: grant.terms.clone(),
        }),
    }
}

/// Takes time from the end; what was before `at` is past.
fn take(periods: &mut Vec<Period>, mut span: TimeDelta, at: DateTime<Utc>) {
    while let Some(last) = periods.last_mut() {
        let from = last.since.max(at);
        let there = last.until - from;
        if there <= TimeDelta::zero() || span <= TimeDelta::zero() {
            return;
        }
        let gone = there.min(span);
        last.until -= gone;
        span -= gone;
        if last.until > last.since {
            return;
        }
        periods.pop();
    }
}

/// Whether a balance can bear a movement.
pub fn bears(balance: i64, movement: i64) -> bool {
    balance.checked_add(movement).is_some_and(|after| after >= 0 || movement >= 0)
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
