//! Whatever people press and write while a watch is being made: nothing breaks, no watch is lost, and `/cancel` ends it.

use std::time::Duration;

use magpie::bot::decide::Decision;
use magpie::bot::state::State;
use magpie::domain::message::Action;
use magpie::domain::watch::WatchOrder;
use magpie::store::Effect;
use proptest::prelude::*;
use serde_json::json;

use super::world::{Someone, World};

/// What a person does.
#[derive(Debug, Clone)]
enum Act {
    Say(String),
    Place(f64, f64),
    Press(usize),
    PressNewest(usize),
    Data(String),
    Wait(i64),
    Withdraw(usize),
}

const WORDS: &[&str] = &[
    "/new",
    "/start",
    "/watches",
    "Berlin, Potsdam",
    "500-900",
    "до 900",
    "900 грн",
    "loft, -souterrain",
    "7 km",
    "hello",
    "https://shop.example/s?q=rad&maxPrice=900",
    "https://demo.example/search?q=1 https://shop.example/s?q=x",
    "https://shop.example/offer/7",
    "https://elsewhere.example/",
];

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => prop::sample::select(WORDS).prop_map(|text| Act::Say(text.to_owned())),
        1 => ".{0,60}".prop_map(Act::Say),
        1 => (-90.0f64..90.0, -180.0f64..180.0).prop_map(|(lat, lon)| Act::Place(lat, lon)),
        4 => any::<usize>().prop_map(Act::Press),
        12 => any::<usize>().prop_map(Act::PressNewest),
        2 => "[a-z][a-z0-9]{0,4}".prop_map(|what| Act::Data(format!("1:b:{what}:b"))),
        1 => (0i64..2_000).prop_map(Act::Wait),
        1 => (0usize..4).prop_map(Act::Withdraw),
    ];
    prop::collection::vec(act, 1..60)
}

fn act(world: &mut World, who: &Someone, act: &Act) -> Option<Decision> {
    // What ends or changes a watch on purpose is not pressed.
    let is_harmless = |data: &str| !["1:l:", "1:p:", "1:n:"].iter().any(|b| data.starts_with(b));
    let shown: Vec<(i64, String)> = world
        .shown
        .iter()
        .filter(|button| is_harmless(&button.data))
        .map(|button| (button.message_id, button.data.clone()))
        .collect();
    let (message_id, data) = match act {
        Act::Say(text) => {
            let message = world.message(who, json!({ "text": text }));
            return Some(world.tell("message", message));
        }
        Act::Place(latitude, longitude) => {
            let location = json!({ "latitude": latitude, "longitude": longitude });
            let message = world.message(who, json!({ "location": location }));
            return Some(world.tell("message", message));
        }
        Act::Wait(minutes) => {
            world.pass(*minutes);
            return None;
        }
        Act::Withdraw(index) => {
            if *index < world.offered.len() {
                world.offered.remove(*index);
            }
            return None;
        }
        Act::Data(data) => (100, data.clone()),
        Act::Press(index) => shown.get(index % shown.len().max(1))?.clone(),
        Act::PressNewest(index) => {
            let newest = shown.last()?.0;
            let last: Vec<_> = shown.iter().rev().take_while(|(id, _)| *id == newest).collect();
            last[index % last.len().min(12)].clone()
        }
    };
    let press = world.press(who, message_id, &data);
    Some(world.tell("callback_query", press))
}

fn holds(decision: &Decision) -> Result<(), TestCaseError> {
    for effect in &decision.effects {
        let loses = matches!(
            effect,
            Effect::Unsubscribe { .. } | Effect::ChangeWatch { order: WatchOrder::Remove, .. }
        );
        prop_assert!(!loses, "{:?}", effect);
        if let Effect::AddWatch(new) = effect {
            prop_assert!(!new.sources.is_empty() && !new.name.is_empty());
            prop_assert_eq!(new.filter.check(), vec![]);
        }
    }
    for reply in &decision.replies {
        let length = reply.message.text.encode_utf16().count();
        prop_assert!((1..=4096).contains(&length), "{} units", length);
        prop_assert!(reply.message.buttons.len() <= 12);
        for button in reply.message.buttons.iter().flatten() {
            let Action::Callback(data) = &button.action else { continue };
            prop_assert!((1..=64).contains(&data.len()) && !button.text.is_empty());
        }
    }
    if let Some(note) = decision.answer.as_ref().and_then(|answer| answer.note.as_ref()) {
        prop_assert!(note.encode_utf16().count() <= 200);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_draft_can_always_be_ended_and_loses_nothing(sites in 0usize..4, acts in acts()) {
        let mut world = World::new();
        let anna = world.person("anna", "en");
        world.site("shop", "goods", "UAH");
        world.site("cars", "car", "USD");
        for (site, title) in
            [("demo", "Demo flats"), ("shop", "Bikes"), ("cars", "Old cars")].iter().take(sites)
        {
            world.offer_on(site, title, Duration::from_secs(300));
        }
        for next in &acts {
            if let Some(decision) = act(&mut world, &anna, next) {
                holds(&decision)?;
            }
        }
        let message = world.message(&anna, json!({ "text": "/cancel" }));
        let ended = world.tell("message", message);
        prop_assert_eq!(ended.state, State::Idle);
        let message = world.message(&anna, json!({ "text": "500-900" }));
        let kept = world.tell("message", message);
        let is_kept = kept.effects.iter().any(|e| matches!(e, Effect::Ticket(_)));
        prop_assert!(is_kept, "what is no answer any more is for support");
    }
}
