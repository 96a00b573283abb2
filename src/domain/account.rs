//! Trial, promo codes, invitations, reminders: what grows an account without money. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use sites::Money;

use super::ids::PlanId;
use super::offer::Plan;

/// What the installation gives to those who try, invite and come (`[growth]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth {
    /// Plan of the trial; `None`: there is none.
    pub trial_plan: Option<PlanId>,
    /// Days of the trial.
    pub trial_days: i64,
    /// Currency of balances that we credit ourselves.
    pub currency: String,
    /// Credit for who invited, minor units; 0: nothing.
    pub inviter_bonus: i64,
    /// Credit for who came, minor units; 0: nothing.
    pub invited_bonus: i64,
    /// Invitations of one person that are credited in 30 days.
    pub monthly_cap: u64,
    /// What the invited person does first.
    pub after: ReferralAfter,
}

impl Default for Growth {
    fn default() -> Self {
        Self {
            trial_plan: None,
            trial_days: 7,
            currency: "USD".to_owned(),
            inviter_bonus: 0,
            invited_bonus: 0,
            monthly_cap: 20,
            after: ReferralAfter::Watch,
        }
    }
}

impl Growth {
    /// An amount in the currency of our own credits.
    pub fn money(&self, minor: i64) -> Money {
        Money { minor, currency: self.currency.clone() }
    }
}

/// What an invited person does before anybody is credited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferralAfter {
    /// Keeps a watch for a day.
    Watch,
    /// Pays.
    Payment,
}

impl ReferralAfter {
    /// The word of the configuration.
    pub const WORDS: [&'static str; 2] = ["watch", "payment"];

    /// The rule of a word of the configuration.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "watch" => Some(Self::Watch),
            "payment" => Some(Self::Payment),
            _ => None,
        }
    }
}

/// A code that gives something.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Promo {
    /// In capitals.
    pub code: String,
    /// What it gives.
    pub gift: Gift,
    /// How often it may be used by all together; 0: without limit.
    pub uses: i64,
    /// How often it was used.
    pub used: i64,
    /// Not before.
    pub valid_from: Option<DateTime<Utc>>,
    /// Not from then on.
    pub valid_until: Option<DateTime<Utc>>,
    /// Only for people who came in the last [`NEW_FOR`].
    pub only_new: bool,
    /// Only for people who hold this plan.
    pub only_plan: Option<PlanId>,
    /// Stopped by an operator.
    pub stopped: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// How long a person is new.
pub const NEW_FOR: TimeDelta = TimeDelta::days(7);

/// What a code gives.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Gift {
    /// Days of a plan.
    Days {
        /// Which.
        plan: PlanId,
        /// How many.
        days: i64,
    },
    /// Money on the balance.
    Credit(Money),
}

/// Longest code, characters; with its prefix it fits into a link (64).
const LONGEST_CODE: usize = 32;

/// A code as it is recorded: capitals, without what people put around it. `None` when it can be none.
pub fn fold_code(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    let legal = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    ((3..=LONGEST_CODE).contains(&code.len()) && code.bytes().all(legal)).then_some(code)
}

/// What a person has achieved by inviting.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Invited {
    /// People who came.
    pub came: u64,
    /// People for whom a bonus was credited.
    pub rewarded: u64,
    /// What was credited, by currency.
    pub earned: BTreeMap<String, i64>,
}

/// Why somebody is reminded of an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reminder {
    /// Three days before.
    ThreeDays,
    /// The day before.
    OneDay,
    /// It is over.
    Over,
}

impl Reminder {
    /// All, the first one first.
    pub const ALL: [Self; 3] = [Self::ThreeDays, Self::OneDay, Self::Over];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ThreeDays => "3",
            Self::OneDay => "1",
            Self::Over => "0",
        }
    }

    /// The reminder of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// What a person is told about their account.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountWord {
    /// A plan ends, or has ended.
    Ending {
        /// Which.
        plan: Box<Plan>,
        /// Until when it holds.
        until: DateTime<Utc>,
        /// Why now.
        reminder: Reminder,
        /// Zone of the person.
        zone: String,
    },
    /// Somebody came by the person's invitation, and a bonus is credited.
    Rewarded(Money),
    /// The person came by an invitation, and a bonus is credited.
    Welcomed(Money),
}

/// Hour of the day at which people are reminded, and the first at which they are told of an end.
const MORNING: u32 = 10;
/// First hour at which nobody is told of an end any more.
const EVENING: u32 = 21;

/// When a person in `zone` is reminded that something ends at `until`: three days and one day before at ten in the
/// morning, and at the end, unless that is by night. What lies before `from` (the moment it was given, and an hour)
/// is left out.
pub fn reminders(
    until: DateTime<Utc>,
    from: DateTime<Utc>,
    zone: Tz,
) -> Vec<(Reminder, DateTime<Utc>)> {
    let wall = until.with_timezone(&zone);
    let (day, hour) = (wall.date_naive(), wall.hour());
    let before = |days: u64| morning(day.checked_sub_days(Days::new(days))?, zone);
    let over = match hour {
        MORNING..EVENING => None,
        0..MORNING => morning(day, zone),
        _ => day.checked_add_days(Days::new(1)).and_then(|day| morning(day, zone)),
    };
    let all = [
        (Reminder::ThreeDays, before(3)),
        (Reminder::OneDay, before(1)),
        (Reminder::Over, Some(over.unwrap_or(until).max(until))),
    ];
    let soon = from + TimeDelta::hours(1);
    all.into_iter()
        .filter_map(|(which, moment)| Some((which, moment?)))
        .filter(|(which, moment)| *which == Reminder::Over || *moment >= soon)
        .collect()
}

/// Ten in the morning of a day; a zone that has no such moment then has no reminder.
fn morning(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let wall = day.and_hms_opt(MORNING, 0, 0)?;
    zone.from_local_datetime(&wall).earliest().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    #[test]
    fn people_are_reminded_in_their_own_morning_and_never_by_night() {
        let from = at("2026-03-01T00:00:00Z");
        let of = |until: &str, zone: Tz| -> Vec<String> {
            reminders(at(until), from, zone).iter().map(|(_, at)| at.to_rfc3339()).collect()
        };
        let moments = of("2026-03-20T15:30:00Z", Tz::Europe__Kyiv);
        assert_eq!(
            moments,
            ["2026-03-17T08:00:00+00:00", "2026-03-19T08:00:00+00:00", "2026-03-20T15:30:00+00:00"]
        );
        // Half past two at night, and half past eleven in the evening.
        assert_eq!(of("2026-03-20T00:30:00Z", Tz::Europe__Kyiv)[2], "2026-03-20T08:00:00+00:00");
        assert_eq!(of("2026-03-20T21:30:00Z", Tz::Europe__Kyiv)[2], "2026-03-21T08:00:00+00:00");
    }

    #[test]
    fn what_was_given_a_moment_ago_is_not_reminded_of_at_once() {
        let until = at("2026-03-20T15:30:00Z");
        let found = reminders(until, at("2026-03-17T08:30:00Z"), Tz::UTC);
        let which: Vec<_> = found.iter().map(|(which, _)| *which).collect();
        assert_eq!(which, [Reminder::ThreeDays, Reminder::OneDay, Reminder::Over]);
        let found = reminders(until, at("2026-03-17T09:30:00Z"), Tz::UTC);
        let which: Vec<_> = found.iter().map(|(which, _)| *which).collect();
        assert_eq!(which, [Reminder::OneDay, Reminder::Over]);
        assert_eq!(reminders(until, until, Tz::UTC), [(Reminder::Over, until)]);
    }

    #[test]
    fn codes_are_folded_and_nonsense_is_none() {
        assert_eq!(fold_code(" spring-25 ").as_deref(), Some("SPRING-25"));
        for text in ["", "ab", "a b c", "весна", "x".repeat(33).as_str()] {
            assert_eq!(fold_code(text), None, "{text}");
        }
    }
}
