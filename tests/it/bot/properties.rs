//! Whatever people do in whatever order, some things hold.

use std::time::Duration;

use magpie::bot::decide::Decision;
use magpie::domain::message::Action;
use magpie::store::{Effect, ShareEffect, TicketEffect};
use proptest::prelude::*;
use serde_json::json;

use super::world::{Someone, World};

/// What a person can do.
#[derive(Debug, Clone)]
enum Act {
    Say(String),
    Press(usize),
    PressData(String),
    Wait(i64),
    Withdraw(usize),
}

fn acts() -> impl Strategy<Value = Vec<(bool, Act)>> {
    let act = prop_oneof![
        4 => prop::sample::select(vec!["/start", "/watches", "/language", "/help", "/x", "hello"])
            .prop_map(|text| Act::Say(text.to_owned())),
        1 => ".{0,60}".prop_map(Act::Say),
        8 => any::<usize>().prop_map(Act::Press),
        1 => ".{0,64}".prop_map(Act::PressData),
        1 => (0i64..20).prop_map(Act::Wait),
        1 => (0usize..12).prop_map(Act::Withdraw),
    ];
    prop::collection::vec((any::<bool>(), act), 1..40)
}

fn act(world: &mut World, who: &Someone, act: &Act) -> Option<Decision> {
    let (message_id, data) = match act {
        Act::Say(text) => {
            let message = world.message(who, json!({ "text": text }));
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
        Act::PressData(data) => (100, data.clone()),
        Act::Press(index) => {
            let shown = world.shown.get(index % world.shown.len().max(1))?;
            (shown.message_id, shown.data.clone())
        }
    };
    let press = world.press(who, message_id, &data);
    Some(world.tell("callback_query", press))
}

fn holds(world: &World, who: &Someone, decision: &Decision) -> Result<(), TestCaseError> {
    for effect in &decision.effects {
        let of = match effect {
            Effect::Meet { user, .. }
            | Effect::SetLanguage { user, .. }
            | Effect::Subscribe { user, .. }
            | Effect::Unsubscribe { user, .. }
            | Effect::Keep { user, .. }
            | Effect::ChangeWatch { user, .. }
            | Effect::Name { user, .. } => user.0,
            Effect::AddWatch(new) => new.user.0,
            Effect::Share(ShareEffect::Begin { user, .. } | ShareEffect::End { user, .. }) => {
                user.0
            }
            Effect::Ticket(TicketEffect::Write(written)) => written.user.0,
            Effect::ChatActive { .. } | Effect::MigrateChat { .. } | Effect::Tell(_) => who.id,
            Effect::Prefer { place, .. }
            | Effect::Mute { place, .. }
            | Effect::Unmute { place, .. } => {
                prop_assert_eq!(place.0, world.chat());
                who.id
            }
            other => panic!("nobody does that here: {other:?}"),
        };
        prop_assert_eq!(of, who.id, "only the one who acts is touched");
    }
    for reply in &decision.replies {
        prop_assert_eq!(reply.target.chat, world.chat());
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
    prop_assert!(!decision.refused || decision.effects.is_empty());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nobody_touches_another_and_every_message_can_be_sent(
        is_group in any::<bool>(),
        titles in prop::collection::vec(".{1,200}", 0..12),
        acts in acts(),
    ) {
        let mut world = World::new();
        world.is_group = is_group;
        let people = [world.person("anna", "en"), world.person("boris", "ru")];
        for title in &titles {
            world.offer(title, Duration::from_secs(300));
        }
        for (is_boris, next) in &acts {
            let who = &people[usize::from(*is_boris && is_group)];
            if let Some(decision) = act(&mut world, who, next) {
                holds(&world, who, &decision)?;
            }
        }
    }
}
