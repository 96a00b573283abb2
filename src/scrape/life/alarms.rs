//! Which faults begin, last or end when the health of a site changes. Pure.

use chrono::{DateTime, Utc};

use crate::domain::health::alarm::{clear, raise};
use crate::domain::health::{Alarm, Sign, SiteHealth, State};

/// The name of the alarm when no host can be reached.
pub(super) const OFFLINE: &str = "offline";

/// What is told of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// The fault, for the first time or again.
    Fault,
    /// Its end.
    Over,
}

/// A changed alarm, and what is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) alarm: Alarm,
    pub(super) told: Option<Word>,
    /// The sign, unless it is the quarantine.
    pub(super) sign: Option<Sign>,
}

/// The name of the alarm about a sign.
pub(super) fn name_of(site: &str, sign: Sign) -> String {
    format!("site/{site}/{}", sign.word())
}

/// The name of the alarm about a quarantine.
pub(super) fn quarantine_name(site: &str) -> String {
    format!("site/{site}/quarantine")
}

/// The alarms that change with a site's health. `known` are the stored ones.
pub(super) fn changes(next: &SiteHealth, known: &[Alarm], now: DateTime<Utc>) -> Vec<Changed> {
    let stored = |name: &str| known.iter().find(|alarm| alarm.name == name);
    let mut changed = Vec::new();
    let name = quarantine_name(&next.site);
    let quarantine = stored(&name).filter(|alarm| alarm.over_at.is_none());
    match next.state {
        State::Quarantined { step } => {
            let detail = format!("step {step}: {}", why(next));
            let (alarm, tell) = raise(quarantine, &name, &detail, now);
            changed.push(Changed { alarm, told: tell.then_some(Word::Fault), sign: None });
        }
        State::Healthy => {
            let over = quarantine.and_then(|alarm| clear(alarm, now));
            changed.extend(over.map(|alarm| Changed { alarm, told: Some(Word::Over), sign: None }));
        }
        State::Watching | State::Recovering => {}
    }
    for sign in Sign::ALL {
        // What the quarantine says already is not said again.
        let covered = matches!(sign, Sign::Changed | Sign::Broken)
            && (quarantine.is_some() || next.state.step() > 0);
        changed.extend(of_sign(next, sign, stored(&name_of(&next.site, sign)), covered, now));
    }
    changed
}

fn of_sign(
    next: &SiteHealth,
    sign: Sign,
    stored: Option<&Alarm>,
    covered: bool,
    now: DateTime<Utc>,
) -> Option<Changed> {
    let shown = next.detail.signs.of(sign).count();
    if shown == 0 {
        let told = (sign.has_end() && !covered).then_some(Word::Over);
        return clear(stored?, now).map(|alarm| Changed { alarm, told, sign: Some(sign) });
    }
    if covered || !next.detail.signs.is_due(sign) {
        return None;
    }
    let text = next.detail.signs.of(sign).map(|(_, shown)| shown.text.as_str()).next();
    let detail = match shown {
        1 => text.unwrap_or_default().to_owned(),
        _ => format!("{shown} searches; one says: {}", text.unwrap_or_default()),
    };
    let (alarm, tell) = raise(stored, &name_of(&next.site, sign), &detail, now);
    Some(Changed { alarm, told: tell.then_some(Word::Fault), sign: Some(sign) })
}

/// Why a module is in quarantine, in words.
fn why(next: &SiteHealth) -> String {
    let of = |sign| next.detail.signs.of(sign).map(|(_, shown)| shown.text.clone()).next();
    of(Sign::Changed)
        .or_else(|| of(Sign::Broken))
        .unwrap_or_else(|| "its pages are not read".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SourceId;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000 + hours * 3_600, 0).expect("a moment")
    }

    fn health(state: State, signs: &[Sign], runs: u32) -> SiteHealth {
        let mut health = SiteHealth { state, ..SiteHealth::new("demo", at(0)) };
        let shown: Vec<_> = signs.iter().map(|sign| (*sign, "HTTP 403".to_owned())).collect();
        for _ in 0..runs {
            health.detail.signs.observe(&SourceId("s".into()), &shown, true, at(0));
        }
        health
    }

    fn told(changed: &[Changed]) -> Vec<(&str, Option<Word>)> {
        changed.iter().map(|one| (one.alarm.name.as_str(), one.told)).collect()
    }

    #[test]
    fn a_sign_is_told_when_it_is_due_and_when_it_is_over() {
        let ill = |runs| health(State::Healthy, &[Sign::Blocked], runs);
        assert_eq!(changes(&ill(3), &[], at(0)), []);
        let raised = changes(&ill(4), &[], at(0));
        assert_eq!(told(&raised), [("site/demo/blocked", Some(Word::Fault))]);
        let known = [raised[0].alarm.clone()];
        assert_eq!(told(&changes(&ill(5), &known, at(1))), [("site/demo/blocked", None)]);
        let well = health(State::Healthy, &[], 0);
        assert_eq!(told(&changes(&well, &known, at(2))), [("site/demo/blocked", Some(Word::Over))]);
    }

    #[test]
    fn a_quarantine_speaks_for_the_signs_that_led_to_it() {
        let ill = health(State::Quarantined { step: 1 }, &[Sign::Changed], 9);
        let raised = changes(&ill, &[], at(0));
        assert_eq!(told(&raised), [("site/demo/quarantine", Some(Word::Fault))]);
        let known = [raised[0].alarm.clone()];
        assert_eq!(changes(&health(State::Recovering, &[], 0), &known, at(1)), []);
        let over = changes(&health(State::Healthy, &[], 0), &known, at(2));
        assert_eq!(told(&over), [("site/demo/quarantine", Some(Word::Over))]);
    }
}
