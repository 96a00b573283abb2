//! What the transcripts of operators cannot say in lines: albums, operators who are none any more, the service.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use magpie::bot::dialogues::operate::Awaits;
use magpie::bot::state::State;
use magpie::domain::UserId;
use magpie::domain::message::Copied;
use magpie::domain::source::SourceSpec;
use magpie::observe::errors::ErrorLine;
use magpie::observe::vitals::{Answer, Pulse, Vitals};
use magpie::scrape::Modules;
use magpie::store::{Db, Effect, ModuleRecord, ModuleState, NewModule, OperateEffect};
use serde_json::json;

use super::world::{Someone, World};

/// What an operator's order is, in a line.
pub fn told(effect: &OperateEffect) -> String {
    match effect {
        OperateEffect::Source(_, order) => format!("a search: {order:?}"),
        OperateEffect::Site(site, order) => format!("site {site}: {order:?}"),
        OperateEffect::Module(site, decision, by) => format!("module {site}: {decision:?} by {by}"),
        OperateEffect::Draft(new) => {
            let wording = new.wording.0.iter().map(|(language, message)| {
                let copied = message.copy.as_ref().map_or(0, |copied| copied.ids.len());
                format!("{} {copied}+{}", language.code(), message.buttons.len())
            });
            let wording: Vec<String> = wording.collect();
            let audience = serde_json::to_string(&new.audience).expect("JSON");
            format!("draft “{}” ({}) for {audience}", new.title, wording.join(", "))
        }
        OperateEffect::Start(_, at) => format!("a broadcast starts at {}", at.format("%F %R")),
        OperateEffect::Stop(_) => "a broadcast stops".to_owned(),
        OperateEffect::Forget(_) => "a broadcast is forgotten".to_owned(),
        OperateEffect::Follow(follow) => {
            let from = if follow.begins { ", from now on" } else { "" };
            format!("its progress is shown in message {}{from}", follow.message_id)
        }
        OperateEffect::TellOrders { user, on, .. } => format!("{user} hears of orders: {on}"),
    }
}

fn operated() -> (World, Someone) {
    let mut world = World::on_file();
    let olga = world.person("olga", "en");
    world.rules.operators.insert(UserId(olga.id));
    (world, olga)
}

/// Presses the newest button of this label.
fn press(world: &mut World, who: &Someone, label: &str) -> magpie::bot::decide::Decision {
    let found = world.shown.iter().rfind(|button| button.label == label).cloned();
    let button = found.unwrap_or_else(|| panic!("no button says {label}"));
    let press = world.press(who, button.message_id, &button.data);
    world.tell("callback_query", press)
}

fn command(world: &mut World, who: &Someone, text: &str) -> magpie::bot::decide::Decision {
    let message = world.message(who, json!({ "text": text }));
    world.tell("message", message)
}

fn copied(decision: &magpie::bot::decide::Decision) -> Option<Copied> {
    decision.effects.iter().find_map(|effect| match effect {
        Effect::Operate(OperateEffect::Draft(new)) => {
            new.wording.0.values().next().and_then(|message| message.copy.clone())
        }
        _ => None,
    })
}

#[test]
fn an_album_is_kept_whole_and_asked_about_once() {
    let (mut world, olga) = operated();
    command(&mut world, &olga, "/broadcast");
    press(&mut world, &olga, "➕ New broadcast");
    let mut ids = Vec::new();
    let mut replies = 0;
    for caption in ["Three flats", "", ""] {
        let part = json!({ "photo": [], "caption": caption, "media_group_id": "g" });
        let message = world.message(&olga, part);
        ids.push(message["message_id"].as_i64().expect("an id"));
        let decision = world.tell("message", message);
        replies += decision.replies.len();
        assert_eq!(copied(&decision).expect("a draft").ids, ids);
    }
    assert_eq!(replies, 1, "one question for the whole album");
    let card = press(&mut world, &olga, "Only this");
    let text = &card.replies[0].message.text;
    assert!(text.contains("“Three flats”") && text.contains("an album of 3"), "{text}");
    let labels: Vec<_> =
        card.replies[0].message.buttons.iter().flatten().map(|b| b.text.as_str()).collect();
    assert!(!labels.contains(&"➕ Add a button"), "Telegram shows none under an album");
    let preview = press(&mut world, &olga, "👁 Preview");
    assert_eq!(preview.replies[0].message.count(), 3);
}

#[test]
fn what_an_operator_was_asked_is_nothing_once_they_operate_no_longer() {
    let (mut world, olga) = operated();
    command(&mut world, &olga, "/broadcast");
    press(&mut world, &olga, "➕ New broadcast");
    world.rules.operators.clear();
    let decision = command(&mut world, &olga, "This must not go out");
    let operates = |effect: &Effect| matches!(effect, Effect::Operate(_) | Effect::Audit(_));
    assert!(!decision.effects.iter().any(operates), "{:?}", decision.effects);
    assert!(!matches!(decision.state, State::Composing(_)));
    let refused = press(&mut world, &olga, "➕ New broadcast");
    assert!(refused.refused && refused.effects.is_empty() && refused.replies.is_empty());
    for name in ["/sites", "/broadcast", "/orders", "/debug"] {
        let decision = command(&mut world, &olga, name);
        assert!(decision.replies[0].message.text.contains("do not know"), "{name}");
    }
}

#[test]
fn a_question_of_the_panel_ends_with_any_command() {
    let (mut world, olga) = operated();
    command(&mut world, &olga, "/broadcast");
    let asked = press(&mut world, &olga, "➕ New broadcast");
    let State::Composing(composing) = asked.state else { panic!("nothing is asked") };
    assert!(matches!(composing.awaits, Awaits::Message(_)));
    assert_eq!(command(&mut world, &olga, "/cancel").state, State::Idle);
    let decision = command(&mut world, &olga, "Hello?");
    assert!(copied(&decision).is_none(), "that is no broadcast");
}

#[test]
fn another_number_of_readers_is_asked_about_again() {
    let (mut world, olga) = operated();
    command(&mut world, &olga, "/broadcast");
    press(&mut world, &olga, "➕ New broadcast");
    command(&mut world, &olga, "News");
    press(&mut world, &olga, "Only this");
    press(&mut world, &olga, "🚀 Send now");
    let yes = world.shown.iter().rfind(|b| b.label == "Yes, send to 1").expect("it").clone();
    let data = yes.data.replace("bY0_1-", "bY0_7-");
    assert_ne!(data, yes.data);
    let asked = world.press(&olga, yes.message_id, &data);
    let decision = world.tell("callback_query", asked);
    let starts = |effect: &Effect| matches!(effect, Effect::Operate(OperateEffect::Start(..)));
    assert!(!decision.effects.iter().any(starts));
    assert!(decision.replies[0].message.text.contains("exactly 1 person"));
    let decision = press(&mut world, &olga, "Yes, send to 1");
    assert!(decision.effects.iter().any(starts));
}

#[test]
fn the_service_is_told_in_one_message_with_what_only_the_process_knows() {
    let (mut world, olga) = operated();
    world.offer("Demo flats", Duration::from_secs(60));
    let at = |seconds| world.now - TimeDelta::seconds(seconds);
    let pulse = Pulse {
        started_at: Some(at(3 * 3_600)),
        measured_at: Some(at(70)),
        mode: "webhook".to_owned(),
        pending: Some(1_204),
        complaint: Some("Connection\nrefused".to_owned()),
        database: Some(Answer::In(Duration::from_millis(3))),
        seen: Some(Answer::Failed("Redis does not answer".to_owned())),
        telegram: None,
        memory: Some(17_400_000),
        errors: vec![ErrorLine { at: at(400), text: "a run broke".to_owned() }],
    };
    world.rules.vitals = Arc::new(Vitals::of(pulse));
    world.pass(10);
    let decision = command(&mut world, &olga, "/debug");
    assert_eq!(decision.replies.len(), 1);
    let text = &decision.replies[0].message.text;
    for part in [
        "up 3 h, webhook",
        "Telegram: 1,204",
        "complains: Connection refused",
        "Database: 3 ms",
        "❌ Redis does not answer",
        "Telegram: ?",
        "Memory: 17 MB",
        "Searches: 1, running 0, due 1, late 1",
        "0 waiting",
        "a run broke",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let again = press(&mut world, &olga, "🔄 Refresh");
    assert!(again.replies[0].message.edit.is_some());
}

/// A module that comes with the program, and a repair of it that waits for an operator.
fn proposed(world: &World, base: &str, toml: &str) {
    let report = json!({
        "source": "s", "url": "https://demo.example/", "lost": ["seller"], "found": 18, "of": 20,
        "cases": 4, "sample": [],
        "changes": [{ "field": "listing.price", "before": [".price"], "after": [".cost b"] }],
        "shadow": [{ "source": "s", "at": world.now, "read": 20, "found": 18 }],
    });
    let new = NewModule {
        site: "demo_homes".into(),
        toml: toml.into(),
        base: base.into(),
        origin: "repair".into(),
        report: report.to_string(),
    };
    let spec = SourceSpec {
        site: "demo_homes".into(),
        url: "https://demo.example/homes".into(),
        title: "Homes".into(),
        interval: Duration::from_secs(60),
        offered: false,
        rhythm: Default::default(),
    };
    let now = world.now;
    world.record().with(async |db| {
        db.put_sources(&[spec], now).await.expect("a search");
        assert_eq!(db.propose_module(&new, now).await.expect("written"), Some(1));
        let seen = db.module_versions(None).await.expect("versions").remove(0);
        let (report, state) = (format!("{} ", new.report), ModuleState::Proposed);
        assert!(db.report_module(&seen, &report, state, &[], now).await.expect("written"));
    });
}

fn in_force(world: &World) -> Vec<(i64, ModuleState)> {
    let all = world.record().with(async |db| db.module_versions(None).await.expect("versions"));
    all.iter().map(|one| (one.version, one.state)).collect()
}

#[test]
fn a_repair_is_shown_and_approved_by_a_second_press() {
    let (mut world, olga) = operated();
    let base = sites::builtin::BUILTIN.iter().find(|one| one.id == "demo_homes").expect("it").toml;
    let known = Modules::new(sites::Registry::default());
    proposed(&world, &known.base_of("demo_homes").expect("its name"), base);
    let list = command(&mut world, &olga, "/sites");
    assert!(list.replies[0].message.text.contains("a repair is proposed"));
    press(&mut world, &olga, "🟢 demo_homes");
    let shown = press(&mut world, &olga, "🔧 Proposed repair");
    let text = &shown.replies[0].message.text;
    for part in ["version 1", "listing.price\n− .price\n+ .cost b", "18 of 20", "20 listings, 18"]
    {
        assert!(text.contains(part), "{part:?} in {text}");
    }
    press(&mut world, &olga, "✅ Approve");
    assert_eq!(in_force(&world), [(1, ModuleState::Proposed)], "it takes a second press");
    let decision = press(&mut world, &olga, "Yes, approve");
    assert_eq!(in_force(&world), [(1, ModuleState::Active)]);
    let audits = |effect: &&Effect| matches!(effect, Effect::Audit(_));
    assert_eq!(decision.effects.iter().filter(audits).count(), 1);
    let again = press(&mut world, &olga, "Yes, approve");
    assert!(again.effects.is_empty(), "it was decided already");
}

#[test]
fn a_repair_of_another_module_can_only_be_rejected() {
    let (mut world, olga) = operated();
    proposed(&world, "another text", "[site]");
    command(&mut world, &olga, "/sites");
    press(&mut world, &olga, "🟢 demo_homes");
    press(&mut world, &olga, "🔧 Proposed repair");
    let refused = press(&mut world, &olga, "✅ Approve");
    assert!(refused.replies[0].message.text.contains("has changed"));
    press(&mut world, &olga, "❌ Reject");
    press(&mut world, &olga, "Yes, reject");
    assert_eq!(in_force(&world), [(1, ModuleState::Rejected)]);
}
