use chrono::TimeDelta;

use super::*;
use crate::domain::{ChatId, Filter, Language, UserId};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).expect("a date")
}

fn watch(age: i64, paused_by: PausedBy, sources: &[&str]) -> Watch {
    Watch {
        id: WatchId(format!("w{age}")),
        user: UserId(1),
        chat: ChatId(1),
        thread: None,
        name: "Flats".into(),
        sources: sources.iter().map(|name| SourceId((*name).into())).collect(),
        filter: Filter::default(),
        paused: paused_by != PausedBy::Nobody,
        paused_by,
        muted_until: None,
        telling: Default::default(),
        language: Language::En,
        created_at: now() - TimeDelta::days(age),
    }
}

fn settled(watches: &[Watch], terms: &Terms) -> Vec<(String, PausedBy)> {
    settle(watches, terms).into_iter().map(|(id, by)| (id.0, by)).collect()
}

#[test]
fn a_person_gets_the_best_of_what_holds() {
    let plan = |days, json: &str| Entitled {
        since: now() - TimeDelta::days(9),
        until: now() + TimeDelta::days(days),
        terms: serde_json::from_str(json).expect("terms"),
    };
    let held = [
        plan(3, r#"{"watches": 30, "interval_s": 300, "badge": "silver"}"#),
        plan(9, r#"{"watches": 10, "sources": 0, "interval_s": 60, "badge": "gold"}"#),
        plan(-1, r#"{"watches": 0}"#),
    ];
    let mut held = held.to_vec();
    held.push(Entitled { since: now() + TimeDelta::hours(1), ..plan(9, r#"{"watches": 0}"#) });
    let free = Terms { delay_s: Some(600), ..Terms::of_watches(3, 3) };
    let terms = terms_at(&free, &held, now());
    assert_eq!((terms.watches, terms.sources), (Some(30), Some(0)));
    assert_eq!((terms.interval_s, terms.delay_s), (Some(60), Some(600)));
    assert_eq!(terms.other["badge"], "gold");
    assert_eq!(terms_at(&free, &held, now() + TimeDelta::days(9)), free, "an end is exclusive");
    let later = terms_at(&free, &held, now() + TimeDelta::hours(1));
    assert_eq!(later.watches, Some(0), "a beginning is inclusive");
}

#[test]
fn features_join_and_a_plan_states_over_what_is_free() {
    let of = |json: &str| serde_json::from_str::<Terms>(json).expect("terms");
    let map = of(r#"{"features": ["map"], "watches": 2}"#);
    let charts = of(r#"{"features": ["charts"], "sources": 5}"#);
    let both = map.or_better(&charts).features.expect("features");
    assert_eq!(Vec::from_iter(both), ["charts", "map"]);
    assert_eq!(map.or_better(&Terms::default()).features, map.features);
    let stated = map.over(&Terms::of_watches(50, 50));
    assert_eq!((stated.watches, stated.sources), (Some(2), Some(50)));
}

#[test]
fn terms_keep_what_this_version_does_not_know() {
    let text = r#"{"watches":3,"stickers":["a"]}"#;
    let terms: Terms = serde_json::from_str(text).expect("terms");
    assert_eq!(serde_json::to_string(&terms).expect("JSON"), text);
}

#[test]
fn one_watch_too_many_is_refused_with_both_numbers() {
    let two = [watch(2, PausedBy::Owner, &["a"]), watch(1, PausedBy::Nobody, &["b"])];
    let of = |terms| Allowance::of(terms, vec![], &two);
    let c = [SourceId("c".into())];
    let refused = of(Terms::of_watches(2, 0)).room_for(&c, now());
    assert_eq!(refused, Err(Refusal::Watches { limit: 2, has: 2 }));
    let refused = of(Terms::of_watches(0, 2)).room_for(&c, now());
    assert_eq!(refused, Err(Refusal::Sources { limit: 2, needs: 3 }));
    assert_eq!(of(Terms::of_watches(3, 2)).room_for(&[SourceId("a".into())], now()), Ok(()));
    assert_eq!(of(Terms::default()).room_for(&c, now()), Ok(()), "nothing said, no limit");
    assert_eq!(of(Terms::default()).room_for(&[], now()), Err(Refusal::NoSources));
}

#[test]
fn a_downgrade_pauses_the_newest_and_an_upgrade_wakes_the_oldest_first() {
    let by_plan = PausedBy::Plan;
    let four: Vec<Watch> = [4, 3, 2, 1].map(|age| watch(age, PausedBy::Nobody, &["a"])).to_vec();
    let paused = settled(&four, &Terms::of_watches(2, 0));
    assert_eq!(paused, [("w2".to_owned(), by_plan), ("w1".to_owned(), by_plan)]);
    let rest = [
        watch(4, PausedBy::Nobody, &["a"]),
        watch(3, PausedBy::Owner, &["a"]),
        watch(2, by_plan, &["a"]),
        watch(1, by_plan, &["a"]),
    ];
    let woken = settled(&rest, &Terms::of_watches(2, 0));
    assert_eq!(woken, [("w2".to_owned(), PausedBy::Nobody)], "what the person paused rests");
    assert_eq!(settled(&rest, &Terms::of_watches(1, 0)), [], "settled already");
    assert_eq!(settled(&rest, &Terms::default()).len(), 2);
}

#[test]
fn searches_count_once_however_many_watches_look_at_them() {
    let three = [
        watch(3, PausedBy::Nobody, &["a", "b"]),
        watch(2, PausedBy::Nobody, &["c"]),
        watch(1, PausedBy::Nobody, &["b"]),
    ];
    let paused = settled(&three, &Terms::of_watches(0, 2));
    assert_eq!(paused, [("w2".to_owned(), PausedBy::Plan)], "the newer one still fits");
}
