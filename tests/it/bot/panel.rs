//! Operators, and those who would like to be.

use magpie::bot::callback::operate::OperateButton;
use magpie::bot::callback::panel::{Deed, Field, PanelButton, Sight};
use magpie::bot::callback::{ANYBODY, Callback};
use magpie::domain::{Plan, PlanId, UserId};
use magpie::store::{AuditFilter, Effect, PanelAsk, PanelEffect, PanelRecord as _, PanelView};

use super::transcripts::play;
use super::world::World;

const SETTING: &str = "people olga en, anna en\n\
    olga operates the service\n\
    plan plus Plus: 4.99 USD for 30 days\n\
    olga> /start\n\
    anna> /start\n";

fn world(script: &str) -> World {
    play(&format!("{SETTING}{script}"), World::on_file()).1
}

/// Every button of the panel, made for `owner`.
fn buttons(owner: UserId) -> Vec<String> {
    let (anna, plus) = (UserId(12), "plus".to_owned());
    let plan = || PlanId(plus.clone());
    let mut all = vec![
        PanelButton::Home,
        PanelButton::Figures,
        PanelButton::Picture(true),
        PanelButton::People,
        PanelButton::Person(anna),
        PanelButton::Plan(anna, plus.clone()),
        PanelButton::Days(30, anna, plus.clone()),
        PanelButton::Yes("0123456789ab".to_owned()),
        PanelButton::Plans,
        PanelButton::PlanCard(plan()),
    ];
    let deeds = [Deed::Ban, Deed::Unban, Deed::Reset, Deed::Message, Deed::Grant];
    all.extend(deeds.map(|deed| PanelButton::Ask(deed, anna)));
    all.extend([Sight::Watches, Sight::Settings, Sight::Plan].map(|s| PanelButton::See(s, anna)));
    let fields = [Field::Name, Field::Price, Field::Days, Field::Terms, Field::Active];
    all.extend(fields.map(|field| PanelButton::Edit(field, plan())));
    let mut callbacks: Vec<Callback> = all.into_iter().map(Callback::Panel).collect();
    callbacks.push(Callback::Operate(OperateButton::Sites));
    callbacks.iter().map(|callback| callback.encode(owner).expect("it fits")).collect()
}

#[test]
fn a_forged_button_gives_nobody_but_operators_anything() {
    let mut world = world("");
    let anna = world.person("anna", "en");
    // Made for an operator, made for oneself, made for everybody.
    for owner in [UserId(11), UserId(anna.id), ANYBODY] {
        for data in buttons(owner) {
            let press = world.press(&anna, 100, &data);
            let (_, decision) = world.decide("callback_query", press);
            assert!(decision.refused && decision.answer.is_some(), "{data}");
            assert!(decision.effects.is_empty() && decision.replies.is_empty(), "{data}");
        }
    }
}

#[test]
fn an_operators_buttons_are_no_other_operators() {
    let mut world = world("boris operates the service\n");
    let boris = world.person("boris", "en");
    for data in buttons(UserId(11)) {
        let press = world.press(&boris, 100, &data);
        let (_, decision) = world.decide("callback_query", press);
        assert!(decision.refused && decision.effects.is_empty(), "{data}");
    }
}

#[test]
fn a_demoted_operators_old_buttons_and_questions_do_nothing() {
    let mut world = world("olga> /admin anna\nolga presses [🚫 Ban]\n");
    let olga = world.person("olga", "en");
    world.rules.operators.clear();
    for button in world.shown.clone().iter().filter(|button| button.data.starts_with("1:a:")) {
        let press = world.press(&olga, button.message_id, &button.data);
        let (_, decision) = world.decide("callback_query", press);
        assert!(decision.refused, "{}", button.label);
        assert!(decision.effects.is_empty() && decision.replies.is_empty(), "{}", button.label);
    }
    // Words that would have answered a question are words for support now.
    let message = world.message(&olga, serde_json::json!({ "text": "anna" }));
    let (_, decision) = world.decide("message", message);
    assert!(decision.effects.iter().all(|effect| !matches!(effect, Effect::Panel(_))));
    assert!(decision.effects.iter().any(|effect| matches!(effect, Effect::Ticket(_))));
}

#[test]
fn the_panel_stays_out_of_groups() {
    let (_, mut world) = play(
        "people olga en, anna en\nin a group\nolga operates the service\nolga> /start\n",
        World::on_file(),
    );
    let olga = world.person("olga", "en");
    for data in buttons(UserId(olga.id)) {
        let press = world.press(&olga, 100, &data);
        let (_, decision) = world.decide("callback_query", press);
        let told: Vec<_> = decision.replies.iter().map(|reply| &reply.message.text).collect();
        let shows = told.iter().any(|text| text.contains("Id 12") || text.contains("People:"));
        assert!(
            !shows && !decision.effects.iter().any(|e| matches!(e, Effect::Panel(_))),
            "{data}"
        );
    }
}

#[test]
fn nothing_is_done_when_the_numbers_of_the_question_no_longer_hold() {
    let mut world = world(
        "olga> /admin anna\nolga presses [🎁 Give days]\nolga presses [Plus]\nolga presses [30 days]\n",
    );
    let record = world.record.take().expect("a record");
    let now = world.now;
    record.ask(async |db| {
        let (plan, by) = (PlanId("plus".into()), "user 99".to_owned());
        let effect =
            PanelEffect::Grant { id: "x".into(), user: UserId(12), plan, days: 7, was: None, by };
        let entry = magpie::store::AuditEntry {
            id: "x".into(),
            actor: "user 99".into(),
            action: "user.grant".into(),
            target: "user 12".into(),
            detail: String::new(),
        };
        db.carry_out(&effect, &entry, now).await.expect("given");
    });
    world.record = Some(record);
    let (played, world) = play("olga presses [⚠️ Yes: give]\n", world);
    assert!(played.contains("note> This has changed meanwhile"), "{played}");
    assert!(!played.contains("change>"), "{played}");
    let record = world.record.expect("a record");
    let view =
        record.ask(async |db| db.panel(&PanelAsk::Person(UserId(12), now)).await).expect("a view");
    let PanelView::Person(Some(card)) = view else { panic!("{view:?}") };
    assert_eq!(card.until(&PlanId("plus".into())), Some(now + chrono::TimeDelta::days(7)));
}

#[test]
fn a_plan_that_somebody_else_changed_meanwhile_stays_as_they_left_it() {
    let mut world = world(
        "olga> /admin\nolga presses [⭐ Plans]\nolga presses [Plus]\nolga presses [🗓 Time]\nolga> 60\n",
    );
    let record = world.record.take().expect("a record");
    let now = world.now;
    record.ask(async |db| {
        use magpie::store::AccountRecord as _;
        let plan = db.plans().await.expect("plans").remove(0);
        assert!(db.set_plan(&Plan { days: 90, ..plan }, now).await.expect("written"));
    });
    world.record = Some(record);
    let (played, world) = play("olga presses [⚠️ Yes: change]\n", world);
    assert!(played.contains("note> This has changed meanwhile"), "{played}");
    let record = world.record.expect("a record");
    record.ask(async |db| {
        use magpie::store::AccountRecord as _;
        assert_eq!(db.plans().await.expect("plans")[0].days, 90);
    });
}

#[test]
fn everything_that_is_done_is_written_down_once_with_whom_and_what() {
    let world = world(
        "olga> /admin anna\nolga presses [🚫 Ban]\nolga presses [⚠️ Yes: ban]\n\
         olga presses [⚠️ Yes: ban]\nolga presses [‹ anna]\nolga presses [👁 Searches]\n",
    );
    let record = world.record.expect("a record");
    let all = record.ask(async |db| db.audited(&AuditFilter::default()).await).expect("a log");
    let told: Vec<_> = all
        .iter()
        .map(|one| {
            let entry = &one.entry;
            (entry.actor.as_str(), entry.action.as_str(), entry.target.as_str())
        })
        .collect();
    assert_eq!(told, [("user 11", "user.see", "user 12"), ("user 11", "user.ban", "user 12")]);
    let view = record.ask(async |db| db.panel(&PanelAsk::Find("@nobody".into())).await);
    assert_eq!(view.expect("a view"), PanelView::Found(vec![], 0));
}
