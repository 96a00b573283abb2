//! How the service is, in one message.
//!
//! ```text
//! olga> /debug
//! bot> Magpie 0.1.0, up 3 h, polling
//!      Waiting at Telegram: 0
//!
//!      Database: 2 ms
//!      Fast filter: 1 ms
//!      Telegram: 48 ms
//!      Memory: 18 MB
//!      …
//!      [Refresh]
//! ```

use std::time::Duration;

use super::{Way, look, row};
use crate::bot::callback::operate::OperateButton;
use crate::bot::decide::Decision;
use crate::bot::dialogues::Scene;
use crate::domain::{DeliveryState, Outgoing};
use crate::observe::vitals::{Answer, Pulse};
use crate::store::{OperateAsk, OperateView, ServiceView};
use crate::texts::Value;
use crate::texts::builder::{TEXT_LIMIT, cut, shorten};
use crate::texts::operate::{ago, figure, span};

/// Longest complaint, UTF-16 units.
const COMPLAINT: usize = 200;
/// Errors that are shown.
const ERRORS: usize = 5;

/// The whole of it.
pub fn show(scene: &Scene<'_>, way: Way<'_>) -> Decision {
    let Some(OperateView::Service(service)) = &scene.view.operate else {
        return look(OperateAsk::Service { now: scene.now });
    };
    let pulse = scene.rules.vitals.read();
    let mut lines = process(scene, &pulse);
    lines.push(String::new());
    lines.extend(processes(scene, service));
    lines.push(String::new());
    lines.extend(outbox(scene, service));
    lines.push(sources(scene, service));
    lines.push(String::new());
    lines.extend(errors(scene, &pulse));
    let mut message = Outgoing::text(cut(&lines.join("\n"), TEXT_LIMIT));
    message.buttons.push(row(scene, [("operate-refresh", OperateButton::Debug)]));
    super::show(scene, way, message)
}

fn process(scene: &Scene<'_>, pulse: &Pulse) -> Vec<String> {
    let language = scene.language;
    let up = pulse.started_at.map_or_else(|| "?".into(), |at| span(scene.now - at, language));
    let values = [
        ("version", Value::Text(env!("CARGO_PKG_VERSION"))),
        ("up", Value::Text(&up)),
        ("mode", Value::Text(&pulse.mode)),
    ];
    let mut lines = vec![scene.say("operate-debug-head", &values)];
    let pending = pulse.pending.map_or_else(|| "?".into(), |many| figure(many, language));
    lines.push(scene.say("operate-debug-pending", &[("count", Value::Text(&pending))]));
    if let Some(complaint) = &pulse.complaint {
        let complaint = shorten(complaint, COMPLAINT);
        lines.push(scene.say("operate-debug-complaint", &[("error", Value::Text(&complaint))]));
    }
    lines.push(String::new());
    for (key, answer) in [
        ("operate-debug-database", &pulse.database),
        ("operate-debug-seen", &pulse.seen),
        ("operate-debug-telegram", &pulse.telegram),
    ] {
        lines.push(scene.say(key, &[("answer", Value::Text(&answered(scene, answer.as_ref())))]));
    }
    if let Some(bytes) = pulse.memory {
        let megabytes = (bytes / 1_000_000).to_string();
        lines.push(scene.say("operate-debug-memory", &[("count", Value::Text(&megabytes))]));
    }
    if let Some(at) = pulse.measured_at {
        let ago = ago(at, scene.now, language);
        lines.push(scene.say("operate-debug-measured", &[("ago", Value::Text(&ago))]));
    }
    lines
}

fn answered(scene: &Scene<'_>, answer: Option<&Answer>) -> String {
    match answer {
        None => "?".to_owned(),
        Some(Answer::Failed(why)) => format!("❌ {}", shorten(why, COMPLAINT)),
        Some(Answer::In(time)) => {
            let millis = time.max(&Duration::from_millis(1)).as_millis().to_string();
            scene.say("operate-debug-millis", &[("count", Value::Text(&millis))])
        }
    }
}

fn processes(scene: &Scene<'_>, service: &ServiceView) -> Vec<String> {
    let line = |one: &crate::store::Instance| {
        let up = span(scene.now - one.started_at, scene.language);
        let pid = one.pid.to_string();
        let values = [
            ("role", Value::Text(one.role.as_str())),
            ("pid", Value::Text(pid.as_str())),
            ("up", Value::Text(up.as_str())),
        ];
        scene.say("operate-debug-process", &values)
    };
    service.instances.iter().map(line).collect()
}

fn outbox(scene: &Scene<'_>, service: &ServiceView) -> Vec<String> {
    let language = scene.language;
    let of = |state| {
        let found = service.outbox.by_state.iter().find(|(one, _)| *one == state);
        figure(found.map_or(0, |(_, many)| *many), language)
    };
    let waiting = of(DeliveryState::Pending);
    let (sending, unknown) = (of(DeliveryState::Sending), of(DeliveryState::Unknown));
    let (dead, dropped) = (of(DeliveryState::Dead), of(DeliveryState::Dropped));
    let values = [
        ("waiting", Value::Text(waiting.as_str())),
        ("sending", Value::Text(sending.as_str())),
        ("unknown", Value::Text(unknown.as_str())),
        ("dead", Value::Text(dead.as_str())),
        ("dropped", Value::Text(dropped.as_str())),
    ];
    let mut lines = vec![scene.say("operate-debug-outbox", &values)];
    if let Some(at) = service.outbox.oldest_ready {
        let oldest = span(scene.now - at, language);
        lines.push(scene.say("operate-debug-oldest", &[("span", Value::Text(&oldest))]));
    }
    let sent = figure(service.sent_a_minute, language);
    lines.push(scene.say("operate-debug-rate", &[("count", Value::Text(&sent))]));
    lines
}

fn sources(scene: &Scene<'_>, service: &ServiceView) -> String {
    let number = |number| figure(number, scene.language);
    let (all, running) = (number(service.sources), number(service.running));
    let (due, late) = (number(service.due), number(service.late));
    let (failing, aside) = (number(service.failing), number(service.quarantined));
    let values = [
        ("all", Value::Text(all.as_str())),
        ("running", Value::Text(running.as_str())),
        ("due", Value::Text(due.as_str())),
        ("late", Value::Text(late.as_str())),
        ("failing", Value::Text(failing.as_str())),
        ("quarantined", Value::Text(aside.as_str())),
    ];
    scene.say("operate-debug-sources", &values)
}

fn errors(scene: &Scene<'_>, pulse: &Pulse) -> Vec<String> {
    if pulse.errors.is_empty() {
        return vec![scene.plain("operate-debug-no-errors")];
    }
    let mut lines = vec![scene.plain("operate-debug-errors")];
    for error in pulse.errors.iter().take(ERRORS) {
        let at = ago(error.at, scene.now, scene.language);
        lines.push(format!("{at}: {}", shorten(&error.text, COMPLAINT)));
    }
    lines
}
