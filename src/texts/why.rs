//! Why something was, or was not, told, in words. Operators read the English ones.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Value, plain, say};
use crate::domain::filter::Condition;
use crate::domain::preferences::Stop;
use crate::domain::why::{Because, Verdict};
use crate::domain::{ChangeKind, Language, PausedBy};

/// Longest reason of Telegram's that is shown, characters.
const REASON: usize = 200;

/// A verdict as a sentence, times by the clock of `zone`.
pub fn words(because: &Because, zone: Tz, language: Language) -> String {
    let with_time = |key: &str, at: DateTime<Utc>| {
        say(language, key, &[("time", Value::Text(&time(at, zone, language)))])
    };
    let with_reason = |key: &str, reason: &str| {
        let reason: String = reason.chars().take(REASON).collect();
        say(language, key, &[("reason", Value::Text(&reason))])
    };
    match because {
        Because::NotKnown => plain(language, "why-not-known"),
        Because::NobodyWatches => plain(language, "why-nobody"),
        Because::NotShown => plain(language, "why-not-shown"),
        Because::Baseline => plain(language, "why-baseline"),
        Because::Earlier => plain(language, "why-earlier"),
        Because::Filter(conditions) => {
            let all: Vec<String> =
                conditions.iter().map(|one| plain(language, condition(one))).collect();
            with_reason("why-filter", &all.join(", "))
        }
        Because::Paused(PausedBy::Plan) => plain(language, "why-paused-plan"),
        Because::Paused(PausedBy::Operator) => plain(language, "why-paused-operator"),
        Because::Paused(_) => plain(language, "why-paused"),
        Because::Summary => plain(language, "why-summary"),
        Because::Sent(at, _) => {
            at.map_or_else(|| plain(language, "why-sent"), |at| with_time("why-sent-at", at))
        }
        Because::Folded(at, _) => {
            at.map_or_else(|| plain(language, "why-folded"), |at| with_time("why-folded-at", at))
        }
        Because::Stopped(why) => plain(language, stopped(*why)),
        Because::Held(until, _) => with_time("why-held", *until),
        Because::Collected(slot, Stop::Cap) => with_time("why-collected-cap", *slot),
        Because::Collected(slot, _) => with_time("why-collected", *slot),
        Because::Pending => plain(language, "why-pending"),
        Because::Waits(until, _) => with_time("why-waits", *until),
        Because::Sending => plain(language, "why-sending"),
        Because::Dropped(reason) => with_reason("why-dropped", reason),
        Because::Unknown => plain(language, "why-unknown"),
        Because::Dead(reason) => with_reason("why-dead", reason),
    }
}

/// A verdict with the change and the watch that it is about.
pub fn line(verdict: &Verdict, zone: Tz, language: Language) -> String {
    let because = words(&verdict.because, zone, language);
    let change = verdict.change.map(|(kind, at)| {
        let kind = plain(language, change(kind));
        format!("{kind}, {}", time(at, zone, language))
    });
    let watch = verdict.watch.as_ref().map(|(_, name)| format!("“{name}”"));
    let about: Vec<String> = change.into_iter().chain(watch).collect();
    if about.is_empty() { because } else { format!("{}: {because}", about.join(", ")) }
}

fn time(at: DateTime<Utc>, zone: Tz, language: Language) -> String {
    format!("{} {}", super::dates::moment(at, zone, language), at.with_timezone(&zone).format("%Z"))
}

fn change(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::New => "deliver-new",
        ChangeKind::PriceDown => "deliver-price-down",
        ChangeKind::PriceUp => "deliver-price-up",
        ChangeKind::Back => "deliver-back",
        ChangeKind::Edited => "deliver-edited",
        ChangeKind::Reserved => "deliver-reserved",
        ChangeKind::Gone => "deliver-gone",
    }
}

fn stopped(why: Stop) -> &'static str {
    match why {
        Stop::SmallMove => "why-small-move",
        Stop::MutedAll => "why-muted-all",
        Stop::MutedListing => "why-muted-listing",
        Stop::MutedSeller => "why-muted-seller",
        Stop::MutedWatch | Stop::Quiet | Stop::Cap | Stop::Digest => "why-muted-watch",
    }
}

fn condition(condition: &Condition) -> &'static str {
    match condition {
        Condition::Changes(_) => "why-filter-changes",
        Condition::Sites(_) => "why-filter-sites",
        Condition::Price { .. } => "why-filter-price",
        Condition::Number { .. } => "why-filter-number",
        Condition::Seller(_) => "why-filter-seller",
        Condition::Photo => "why-filter-photo",
        Condition::Place(_) => "why-filter-place",
        Condition::AllWords(_) | Condition::AnyWords(_) => "why-filter-words",
        Condition::NoneWords(_) => "why-filter-none",
        Condition::Matches(_) => "why-filter-pattern",
        Condition::Expert { .. } => "why-filter-expert",
        Condition::Known(_) => "why-filter-known",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::DeliveryId;

    #[test]
    fn every_reason_has_its_words_in_every_language() {
        let at = DateTime::from_timestamp(1_768_046_400, 0).expect("a moment");
        let place = crate::domain::filter::Place::default();
        let mut all = vec![
            Because::NotKnown,
            Because::NobodyWatches,
            Because::NotShown,
            Because::Baseline,
            Because::Earlier,
            Because::Filter(vec![
                Condition::Changes(vec![]),
                Condition::Sites(vec![]),
                Condition::Price { min: None, max: None, currency: None },
                Condition::Photo,
                Condition::Place(place),
                Condition::AnyWords(vec![]),
                Condition::NoneWords(vec![]),
                Condition::Matches(String::new()),
                Condition::Expert { text: String::new(), currency: None },
                Condition::Known(crate::domain::filter::condition::Field::Seller),
            ]),
            Because::Paused(PausedBy::Owner),
            Because::Paused(PausedBy::Plan),
            Because::Paused(PausedBy::Operator),
            Because::Summary,
            Because::Sent(Some(at), Some(1)),
            Because::Sent(None, None),
            Because::Folded(Some(at), Some(DeliveryId("d".into()))),
            Because::Folded(None, None),
            Because::Held(at, Stop::Quiet),
            Because::Collected(at, Stop::Cap),
            Because::Collected(at, Stop::Digest),
            Because::Pending,
            Because::Waits(at, "busy".into()),
            Because::Sending,
            Because::Dropped("blocked".into()),
            Because::Unknown,
            Because::Dead("refused".into()),
        ];
        all.extend(Stop::ALL.map(Because::Stopped));
        let english: Vec<String> =
            all.iter().map(|one| words(one, Tz::Europe__Kyiv, Language::En)).collect();
        for language in Language::ALL {
            for (one, english) in all.iter().zip(&english) {
                let said = words(one, Tz::Europe__Kyiv, language);
                assert!(!said.contains("Unknown localization") && !said.contains("{$"), "{said}");
                assert_eq!(said == *english, language == Language::En, "{said}");
            }
        }
        let held = words(&Because::Held(at, Stop::Quiet), Tz::Europe__Kyiv, Language::En);
        assert!(held.contains("10 Jan 2026, 14:00 EET"), "{held}");
    }
}
