//! The life of a module, step by step, and what holds for every life.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::quarantine::{Admission, Fact, Outcome, SiteHealth, State};
use crate::domain::SourceId;

const MODULE: &str = "m1";

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000 + minutes * 60, 0).expect("a moment")
}

fn fact(source: usize, outcome: Outcome, sources: u32, now: DateTime<Utc>) -> Fact {
    Fact { source: SourceId(format!("s{source}")), outcome, probe: false, sources, at: now }
}

fn new() -> SiteHealth {
    let mut health = SiteHealth::new("demo", at(0));
    health.detail.module = MODULE.into();
    health
}

/// After faults of the sources 0, 1, … in turn.
fn after_faults(count: usize, sources: u32) -> SiteHealth {
    (0..count).fold(new(), |health, n| {
        health.after(&fact(n % sources as usize, Outcome::Fault, sources, at(1)))
    })
}

fn probe(health: &SiteHealth, outcome: Outcome, now: DateTime<Utc>) -> SiteHealth {
    let Admission::Probe(claimed) = health.admit(MODULE, now) else {
        panic!("no probe: {health:?}")
    };
    claimed.after(&Fact { probe: true, ..fact(0, outcome, 4, now) })
}

#[test]
fn three_steps_one_probe_each_and_back() {
    let ill = after_faults(3, 4);
    assert_eq!(ill.state, State::Quarantined { step: 1 });
    assert_eq!(ill.admit(MODULE, at(10)), Admission::Wait(at(16)));
    let second = probe(&ill, Outcome::Fault, at(16));
    assert_eq!((second.state.step(), second.probe_at), (2, Some(at(76))));
    let third = probe(&second, Outcome::Fault, at(76));
    assert_eq!((third.state.step(), third.probe_at), (3, Some(at(76 + 360))));
    let still = probe(&third, Outcome::Fault, at(436));
    assert_eq!(still.state.step(), 3);
    let recovering = probe(&still, Outcome::Good, at(900));
    assert_eq!((recovering.state, recovering.probe_at), (State::Recovering, None));
    assert_eq!(recovering.admit(MODULE, at(900)), Admission::Run);
    assert_eq!(recovering.detail.episode, Some(at(1)));
    let healthy = recovering.after(&fact(2, Outcome::Good, 4, at(901)));
    assert_eq!((healthy.state, healthy.detail.episode), (State::Healthy, None));
}

#[test]
fn while_the_probe_is_under_way_the_others_wait_for_its_report_only() {
    let ill = after_faults(3, 4);
    let Admission::Probe(claimed) = ill.admit(MODULE, at(20)) else { panic!("no probe") };
    assert_eq!(claimed.admit(MODULE, at(21)), Admission::Wait(at(23)));
    // A probe that never reports costs a round.
    assert_eq!(claimed.admit(MODULE, at(24)), Admission::Wait(at(35)));
    assert!(matches!(claimed.admit(MODULE, at(35)), Admission::Probe(_)));
}

#[test]
fn a_changed_module_is_tried_at_once() {
    let third = probe(&probe(&after_faults(3, 4), Outcome::Fault, at(16)), Outcome::Fault, at(76));
    assert_eq!(third.admit(MODULE, at(80)), Admission::Wait(at(140)), "an hour at most");
    let Admission::Probe(claimed) = third.admit("m2", at(80)) else { panic!("no probe") };
    assert_eq!(claimed.state.step(), 1);
    assert_eq!(claimed.admit("m2", at(80)), Admission::Wait(at(83)));
}

#[test]
fn a_relapse_returns_to_the_step_and_the_episode() {
    let second = probe(&after_faults(3, 4), Outcome::Fault, at(16));
    let mut health = probe(&second, Outcome::Good, at(80));
    for source in 0..3 {
        health = health.after(&fact(source, Outcome::Fault, 4, at(81)));
    }
    assert_eq!(health.state, State::Quarantined { step: 2 });
    assert_eq!(health.detail.episode, Some(at(1)));
}

#[test]
fn the_only_source_of_a_site_stands_for_it() {
    assert_eq!(after_faults(2, 1).state, State::Watching);
    assert_eq!(after_faults(3, 1).state, State::Quarantined { step: 1 });
}

#[test]
fn three_panics_are_enough_wherever_they_come_from() {
    let mut health = new();
    for _ in 0..3 {
        health = health.after(&fact(0, Outcome::Panic, 100, at(1)));
    }
    assert_eq!(health.state, State::Quarantined { step: 1 });
}

#[test]
fn refusals_and_silence_are_no_fault_of_the_module() {
    let mut health = new();
    for n in 0..50 {
        health = health.after(&fact(n % 4, Outcome::Neutral, 4, at(1)));
    }
    assert_eq!(health, new());
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Good),
        Just(Outcome::Fault),
        Just(Outcome::Panic),
        Just(Outcome::Neutral)
    ]
}

proptest! {
    #[test]
    fn one_broken_page_among_several_quarantines_nobody(
        faults in proptest::collection::vec(0u32..20, 1..30), sources in 2u32..40
    ) {
        let mut health = new();
        for run in faults {
            for _ in 0..run {
                health = health.after(&fact(0, Outcome::Fault, sources, at(1)));
            }
            health = health.after(&fact(1, Outcome::Good, sources, at(1)));
        }
        prop_assert_eq!(health.state, State::Healthy);
    }

    #[test]
    fn in_every_life_probes_are_alone_and_never_far(
        runs in proptest::collection::vec((0usize..6, outcomes(), 0i64..200), 1..200),
        sources in 1u32..7
    ) {
        let mut health = new();
        let mut now = at(0);
        let mut last_probe: Option<DateTime<Utc>> = None;
        for (source, outcome, pause) in runs {
            now += TimeDelta::minutes(pause);
            let probe = match health.admit(MODULE, now) {
                Admission::Run => {
                    prop_assert_eq!(health.state.step(), 0);
                    false
                }
                Admission::Wait(until) => {
                    prop_assert!(until > now && until - now <= TimeDelta::hours(1));
                    continue;
                }
                Admission::Probe(claimed) => {
                    let since = last_probe.map_or(TimeDelta::MAX, |last| now - last);
                    prop_assert!(since >= TimeDelta::minutes(15));
                    last_probe = Some(now);
                    health = *claimed;
                    true
                }
            };
            let fact = Fact { probe, ..fact(source, outcome, sources, now) };
            health = health.after(&fact);
            let quarantined = health.state.step() > 0;
            prop_assert_eq!(health.probe_at.is_some(), quarantined, "{:?}", &health);
            if let Some(at) = health.probe_at {
                prop_assert!(at > now && at - now <= TimeDelta::hours(6));
            }
            prop_assert!(!quarantined || health.detail.episode.is_some());
            prop_assert!(health.state != State::Healthy || health.detail.episode.is_none());
            if probe && outcome == Outcome::Good {
                prop_assert_eq!(health.state, State::Recovering);
                last_probe = None;
            }
        }
    }

    #[test]
    fn a_health_is_stored_and_read_back(
        runs in proptest::collection::vec((0usize..6, outcomes()), 0..40)
    ) {
        let health = runs.into_iter().fold(new(), |health, (source, outcome)| {
            health.after(&fact(source, outcome, 3, at(1)))
        });
        let text = serde_json::to_string(&health.detail).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<super::quarantine::Detail>(&text).ok(), Some(health.detail));
        let state = State::from_word(health.state.word(), i64::from(health.state.step()));
        prop_assert_eq!(state, Some(health.state));
    }
}
