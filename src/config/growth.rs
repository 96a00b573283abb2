//! `[growth]`: trial and bonuses.

use super::reader::Reader;
use crate::domain::PlanId;
use crate::domain::account::{Growth, ReferralAfter};

/// Reads the section.
pub(super) fn of(reader: &Reader<'_>) -> Growth {
    let currency = reader.text("growth.currency");
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        reader.refuse("growth.currency", "a currency", "write three capitals such as USD");
    }
    let after = reader.one_of("growth.referral_after", &ReferralAfter::WORDS);
    Growth {
        trial_plan: reader.optional_text("growth.trial_plan").map(PlanId),
        trial_days: reader.integer("growth.trial_days", 1, 366),
        currency,
        inviter_bonus: reader.integer("growth.inviter_bonus", 0, 1_000_000),
        invited_bonus: reader.integer("growth.invited_bonus", 0, 1_000_000),
        monthly_cap: reader.integer("growth.monthly_cap", 0, 10_000),
        after: ReferralAfter::from_word(&after).unwrap_or(ReferralAfter::Watch),
    }
}
