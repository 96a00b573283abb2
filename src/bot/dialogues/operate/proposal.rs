//! A repaired field map that waits for an operator's word: what it changes and what it was tried on.
//!
//! ```text
//! olga presses [🔧 Proposed repair]
//! bot edits> Proposed repair of demo, version 3
//!
//!            listing.price
//!            − .price
//!            + .cost b
//!
//!            Read again with equal values: 18 of 20 known listings
//!            Saved cases that read as before: 4
//!            In shadow: 20 listings, 18 of them known
//!            [Approve] [Reject]
//!            [Back]
//! olga presses [Approve]
//! bot edits> Put version 3 of demo in force? All searches of the site run with it at once.
//!            [Yes, approve] [Back]
//! olga presses [Yes, approve]
//! note> In force
//! ```

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sites::repair::FieldChange;

use super::{Way, actor, look, noted, ordered, row};
use crate::bot::callback::operate::{OperateButton, SiteStep, Verdict};
use crate::bot::decide::Decision;
use crate::bot::dialogues::Scene;
use crate::domain::Outgoing;
use crate::store::{Decision as Word, ModuleVersion, OperateAsk, OperateEffect, OperateView};
use crate::texts::Value;
use crate::texts::builder::shorten;
use crate::texts::operate::ago;

/// Most changed fields that are shown.
const FIELDS: usize = 12;
/// Longest source of values, UTF-16 units.
const SOURCE: usize = 120;

/// What is known of a version, as far as it is shown here; what is missing counts as nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Report {
    changes: Vec<FieldChange>,
    lost: Vec<String>,
    found: usize,
    of: usize,
    cases: usize,
    shadow: Vec<Shadow>,
}

#[derive(Debug, Deserialize)]
struct Shadow {
    at: DateTime<Utc>,
    read: usize,
    found: usize,
}

/// The version that waits, if one does.
pub fn show(scene: &Scene<'_>, way: Way<'_>, site: &str) -> Decision {
    let Some(OperateView::Proposal(found)) = &scene.view.operate else {
        return look(OperateAsk::Proposal(site.to_owned()));
    };
    let message = match found {
        Some(version) => menu(scene, version),
        None => nothing(scene, site),
    };
    super::show(scene, way, message)
}

/// A word on it, or the question before it.
pub fn decide(
    scene: &Scene<'_>,
    way: Way<'_>,
    verdict: Verdict,
    number: i64,
    site: &str,
) -> Decision {
    let Some(OperateView::Proposal(found)) = &scene.view.operate else {
        return look(OperateAsk::Proposal(site.to_owned()));
    };
    let Some(version) = found.as_ref().filter(|version| version.version == number) else {
        return noted(scene, way, nothing(scene, site), "operate-proposal-none-now");
    };
    let is_approval = matches!(verdict, Verdict::AskApprove | Verdict::Approve);
    if is_approval && !scene.rules.modules.fits(site, &version.new.base, &version.new.toml) {
        let mut message = Outgoing::text(scene.plain("operate-proposal-stale"));
        let reject = OperateButton::Decide(Verdict::AskReject, number, site.to_owned());
        message.buttons.push(row(scene, [("operate-proposal-reject", reject)]));
        message.buttons.push(back(scene, site));
        return super::show(scene, way, message);
    }
    let (word, action, note) = match verdict {
        Verdict::AskApprove | Verdict::AskReject => {
            return super::show(scene, way, question(scene, verdict, number, site));
        }
        Verdict::Approve => (Word::Approve(number), "module.approve", "operate-proposal-approved"),
        Verdict::Reject => (Word::Reject(number), "module.reject", "operate-proposal-rejected"),
    };
    let mut message = Outgoing::text(scene.plain(note));
    message.buttons.push(back(scene, site));
    let mut decision = super::show(scene, way, message);
    let effect = OperateEffect::Module(site.to_owned(), word, actor(scene));
    let detail = format!("version {number}");
    decision.effects.extend(ordered(scene, action, site, &detail, effect));
    decision
}

fn question(scene: &Scene<'_>, verdict: Verdict, number: i64, site: &str) -> Outgoing {
    let (ask, yes, then) = match verdict {
        Verdict::AskApprove => {
            ("operate-proposal-ask-approve", "operate-proposal-yes-approve", Verdict::Approve)
        }
        _ => ("operate-proposal-ask-reject", "operate-proposal-yes-reject", Verdict::Reject),
    };
    let version = number.to_string();
    let values = [("site", Value::Text(site)), ("version", Value::Text(&version))];
    let mut message = Outgoing::text(scene.say(ask, &values));
    let yes = (yes, OperateButton::Decide(then, number, site.to_owned()));
    let back = ("operate-back", OperateButton::Proposal(site.to_owned()));
    message.buttons.push(row(scene, [yes, back]));
    message
}

fn back(scene: &Scene<'_>, site: &str) -> Vec<crate::domain::Button> {
    row(scene, [("operate-back", OperateButton::Site(SiteStep::Card, site.to_owned()))])
}

fn nothing(scene: &Scene<'_>, site: &str) -> Outgoing {
    let mut message = Outgoing::text(scene.plain("operate-proposal-none"));
    message.buttons.push(back(scene, site));
    message
}

fn menu(scene: &Scene<'_>, version: &ModuleVersion) -> Outgoing {
    let (site, number) = (version.new.site.as_str(), version.version);
    let report: Report = serde_json::from_str(&version.new.report).unwrap_or_default();
    let shown = number.to_string();
    let values = [("site", Value::Text(site)), ("version", Value::Text(shown.as_str()))];
    let mut lines = vec![scene.say("operate-proposal-head", &values), String::new()];
    for change in report.changes.iter().take(FIELDS) {
        lines.push(change.field.clone());
        let gone = change.before.iter().filter(|old| !change.after.contains(old));
        lines.extend(gone.map(|old| format!("− {}", shorten(old, SOURCE))));
        let new = change.after.iter().filter(|new| !change.before.contains(new));
        lines.extend(new.map(|new| format!("+ {}", shorten(new, SOURCE))));
    }
    if report.changes.len() > FIELDS {
        lines.push("…".to_owned());
    }
    lines.push(String::new());
    if !report.lost.is_empty() {
        let lost = report.lost.join(", ");
        lines.push(scene.say("operate-proposal-lost", &[("fields", Value::Text(&lost))]));
    }
    let numbers = |key, found: usize, of: usize| {
        let (found, of) = (found.to_string(), of.to_string());
        scene.say(key, &[("found", Value::Text(&found)), ("of", Value::Text(&of))])
    };
    lines.push(numbers("operate-proposal-replay", report.found, report.of));
    let cases = report.cases.to_string();
    lines.push(scene.say("operate-proposal-cases", &[("count", Value::Text(&cases))]));
    for run in &report.shadow {
        let line = numbers("operate-proposal-shadow", run.found, run.read);
        lines.push(format!("{line} ({})", ago(run.at, scene.now, scene.language)));
    }
    let mut message = Outgoing::text(lines.join("\n"));
    let word = |verdict| OperateButton::Decide(verdict, number, site.to_owned());
    let approve = ("operate-proposal-approve", word(Verdict::AskApprove));
    let reject = ("operate-proposal-reject", word(Verdict::AskReject));
    message.buttons.push(row(scene, [approve, reject]));
    message.buttons.push(back(scene, site));
    message
}
