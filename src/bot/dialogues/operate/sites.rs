//! The sites with their health, and what can be done to one.
//!
//! ```text
//! olga> /sites
//! bot> Sites: 2
//!
//!      🟢 demo · 3 searches · read 4 min ago
//!      🔴 flats · 2 searches, 2 failing · in quarantine
//!      [🟢 demo]
//!      [🔴 flats]
//! olga presses [🔴 flats]
//! bot edits> 🔴 flats
//!            In quarantine; the next trial 20 min from now.
//!            Searches: 2, paused 0, failing 2
//!            …
//!            [Searches] [Run now]
//!            [Pause all] [Release the module]
//!            [All sites] [Refresh]
//! olga presses [Pause all]
//! bot edits> Pause all 2 searches of flats? Nobody hears of it until they go on.
//!            [Yes, pause] [Back]
//! olga presses [Yes, pause]
//! note> Paused
//! bot edits> ⏸ flats …
//! ```

use chrono::{DateTime, TimeDelta};

use super::{Way, look, named, noted, ordered, row, show, turning};
use crate::bot::callback::operate::{OperateButton, SiteStep};
use crate::bot::decide::Decision;
use crate::bot::dialogues::Scene;
use crate::domain::health::{SiteHealth, State};
use crate::domain::host::HostPace;
use crate::domain::{Outgoing, Verdict};
use crate::store::{OperateAsk, OperateEffect, OperateView, PAGE, SiteCard, SiteLine, SiteOrder};
use crate::texts::Value;
use crate::texts::builder::shorten;
use crate::texts::operate::{ago, figure, span};

/// Longest complaint, UTF-16 units.
const COMPLAINT: usize = 160;
/// Longest title of a search, UTF-16 units.
const TITLE: usize = 60;

/// A page of all sites.
pub fn list(scene: &Scene<'_>, way: Way<'_>, page: usize) -> Decision {
    let Some(OperateView::Sites(lines)) = &scene.view.operate else {
        return look(OperateAsk::Sites);
    };
    let count = figure(i64::try_from(lines.len()).unwrap_or(i64::MAX), scene.language);
    let mut message = Outgoing::text(scene.say("operate-sites", &[("count", Value::Text(&count))]));
    if lines.is_empty() {
        message.text = scene.plain("operate-sites-none");
    }
    message.text.push('\n');
    for line in lines.iter().skip(page * PAGE).take(PAGE) {
        message.text.push_str(&format!("\n{} {}", mark(line), in_short(scene, line)));
        let text = format!("{} {}", mark(line), line.site);
        let card = OperateButton::Site(SiteStep::Card, line.site.clone());
        message.buttons.extend(named(scene, text, card));
    }
    let has_more = lines.len() > (page + 1) * PAGE;
    message.buttons.extend(turning(scene, page, has_more, OperateButton::SitesAt));
    message.buttons.push(row(scene, [("operate-refresh", OperateButton::SitesAt(page))]));
    show(scene, way, message)
}

/// Health at a glance.
fn mark(line: &SiteLine) -> &'static str {
    let state = line.health.as_ref().map_or(State::Healthy, |health| health.state);
    match state {
        State::Quarantined { .. } => "🔴",
        _ if line.sources > 0 && line.paused == line.sources => "⏸",
        State::Watching | State::Recovering => "🟡",
        State::Healthy if line.failing > 0 => "🟡",
        State::Healthy => "🟢",
    }
}

fn in_short(scene: &Scene<'_>, line: &SiteLine) -> String {
    let mut parts = vec![line.site.clone()];
    let count = |key, count| scene.say(key, &[("count", Value::Count(count))]);
    let mut searches = count("operate-site-searches", line.sources);
    for (key, many) in
        [("operate-site-failing", line.failing), ("operate-site-paused-many", line.paused)]
    {
        if many > 0 {
            searches.push_str(&format!(", {}", count(key, many)));
        }
    }
    parts.push(searches);
    if line.health.as_ref().is_some_and(|health| health.state.step() > 0) {
        parts.push(scene.plain("operate-site-quarantined"));
    } else if let Some(at) = line.last_good_at {
        let ago = ago(at, scene.now, scene.language);
        parts.push(scene.say("operate-site-read", &[("ago", Value::Text(&ago))]));
    }
    if line.is_proposed {
        parts.push(scene.plain("operate-site-proposed"));
    }
    parts.join(" · ")
}

/// A step with one site.
pub fn step(scene: &Scene<'_>, way: Way<'_>, step: SiteStep, site: &str) -> Decision {
    let Some(OperateView::Site(card)) = &scene.view.operate else {
        let hosts = hosts(scene, site);
        return look(OperateAsk::Site { site: site.to_owned(), hosts, now: scene.now });
    };
    if card.line.sources == 0 {
        let mut message = Outgoing::text(scene.plain("operate-site-gone"));
        message.buttons.push(row(scene, [("operate-all-sites", OperateButton::Sites)]));
        return show(scene, way, message);
    }
    match step {
        SiteStep::Card => show(scene, way, menu(scene, card)),
        SiteStep::AskPause => show(scene, way, question(scene, card, SiteStep::Pause)),
        SiteStep::AskQuarantine => show(scene, way, question(scene, card, SiteStep::Quarantine)),
        step => order(scene, way, step, card),
    }
}

/// Names under which the pace of a site's hosts is kept.
fn hosts(scene: &Scene<'_>, site: &str) -> Vec<String> {
    let Some(module) = scene.rules.modules.get().get(site) else { return vec![] };
    let name = |host: &sites::address::Host| match host.port {
        Some(port) => format!("{}:{port}", host.name),
        None => host.name.clone(),
    };
    let names = module.hosts.iter().map(name);
    names.flat_map(|name| [format!("www.{name}"), name]).collect()
}

fn question(scene: &Scene<'_>, card: &SiteCard, then: SiteStep) -> Outgoing {
    let (ask, yes) = match then {
        SiteStep::Pause => ("operate-site-ask-pause", "operate-site-yes-pause"),
        _ => ("operate-site-ask-quarantine", "operate-site-yes-quarantine"),
    };
    let site = card.line.site.as_str();
    let values = [("site", Value::Text(site)), ("count", Value::Count(card.line.sources))];
    let mut message = Outgoing::text(scene.say(ask, &values));
    let back = OperateButton::Site(SiteStep::Card, site.to_owned());
    let yes = (yes, OperateButton::Site(then, site.to_owned()));
    message.buttons.push(row(scene, [yes, ("operate-back", back)]));
    message
}

/// Carries an order out. The card is shown as it will be.
fn order(scene: &Scene<'_>, way: Way<'_>, step: SiteStep, card: &SiteCard) -> Decision {
    let (site, now) = (card.line.site.as_str(), scene.now);
    let before = card.line.health.clone().unwrap_or_else(|| SiteHealth::new(site, now));
    let mut after = card.clone();
    let (order, action, note) = match step {
        SiteStep::Pause => {
            (after.line.paused, after.line.failing) = (after.line.sources, 0);
            (SiteOrder::Pause, "site.pause", "operate-paused-now")
        }
        SiteStep::Resume => {
            after.line.paused = 0;
            (SiteOrder::Resume, "site.resume", "operate-resumed-now")
        }
        SiteStep::Quarantine => {
            after.line.health = Some(before.set_aside("", now));
            (SiteOrder::Quarantine, "site.quarantine", "operate-site-quarantined-now")
        }
        SiteStep::Release => {
            after.line.health = Some(before.released(now));
            (SiteOrder::Release, "site.release", "operate-site-released-now")
        }
        _ => (SiteOrder::Run, "site.run", "operate-run-now"),
    };
    let mut decision = noted(scene, way, menu(scene, &after), note);
    let detail = format!("{} sources", card.line.sources);
    let effect = OperateEffect::Site(site.to_owned(), order);
    decision.effects.extend(ordered(scene, action, site, &detail, effect));
    decision
}

fn menu(scene: &Scene<'_>, card: &SiteCard) -> Outgoing {
    let line = &card.line;
    let name = scene.rules.modules.get().get(&line.site).map(|module| module.name.as_str());
    let title = match name.filter(|name| *name != line.site) {
        Some(name) => format!("{} {name} ({})", mark(line), line.site),
        None => format!("{} {}", mark(line), line.site),
    };
    let mut lines = vec![title];
    lines.extend(line.health.as_ref().and_then(|health| state(scene, health)));
    lines.push(figures(scene, card));
    lines.extend(runs(scene, card));
    lines.extend(card.paces.iter().map(|(host, pace)| self::pace(scene, host, pace)));
    if !card.failures.is_empty() {
        lines.extend([String::new(), scene.plain("operate-site-failures")]);
    }
    for failed in &card.failures {
        let title = shorten(&failed.title, TITLE);
        let why = failed
            .error
            .as_deref()
            .map_or_else(String::new, |error| format!(": {}", shorten(error, COMPLAINT)));
        let at = ago(failed.at, scene.now, scene.language);
        lines.push(format!("{} {at} · {title}{why}", verdict_mark(failed.verdict)));
    }
    let mut message = Outgoing::text(lines.join("\n"));
    message.buttons = buttons(scene, line);
    message
}

/// A verdict as one sign.
pub fn verdict_mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "✅",
        Verdict::Empty => "▫️",
        Verdict::Unchanged => "➖",
        Verdict::Blocked => "⛔",
        Verdict::Changed => "❓",
        Verdict::Failed => "❌",
    }
}

/// What is wrong with the module, and since when.
fn state(scene: &Scene<'_>, health: &SiteHealth) -> Option<String> {
    let since = span(scene.now - health.since, scene.language);
    let key = match health.state {
        State::Healthy => return None,
        State::Watching => "operate-site-watching",
        State::Recovering => "operate-site-recovering",
        State::Quarantined { .. } => {
            let left = health.probe_at.map_or(TimeDelta::zero(), |at| at - scene.now);
            let next = span(left, scene.language);
            let values = [("since", Value::Text(&since)), ("next", Value::Text(&next))];
            return Some(scene.say("operate-site-in-quarantine", &values));
        }
    };
    Some(scene.say(key, &[("since", Value::Text(&since))]))
}

fn figures(scene: &Scene<'_>, card: &SiteCard) -> String {
    let number = |number| figure(number, scene.language);
    let line = &card.line;
    let (all, paused, failing) = (number(line.sources), number(line.paused), number(line.failing));
    let values = [
        ("all", Value::Text(all.as_str())),
        ("paused", Value::Text(paused.as_str())),
        ("failing", Value::Text(failing.as_str())),
    ];
    scene.say("operate-site-figures", &values)
}

fn runs(scene: &Scene<'_>, card: &SiteCard) -> Vec<String> {
    let mut lines = Vec::new();
    if card.runs > 0 {
        let (runs, rate) = (figure(card.runs, scene.language), card.good * 100 / card.runs);
        let rate = rate.to_string();
        let values = [("runs", Value::Text(runs.as_str())), ("rate", Value::Text(&rate))];
        lines.push(scene.say("operate-site-runs", &values));
    } else {
        lines.push(scene.plain("operate-site-no-runs"));
    }
    if let Some(at) = card.line.last_good_at {
        let ago = ago(at, scene.now, scene.language);
        lines.push(scene.say("operate-site-last-good", &[("ago", Value::Text(&ago))]));
    }
    lines
}

/// How a host is asked.
fn pace(scene: &Scene<'_>, host: &str, pace: &HostPace) -> String {
    let gap = span(TimeDelta::milliseconds(pace.gap_ms), scene.language);
    let answer = figure(pace.answer_ms, scene.language);
    let values = [
        ("host", Value::Text(host)),
        ("gap", Value::Text(gap.as_str())),
        ("answer", Value::Text(answer.as_str())),
    ];
    let mut line = scene.say("operate-site-pace", &values);
    let until = DateTime::from_timestamp_millis(pace.held_until);
    if let Some(until) = until.filter(|until| *until > scene.now) {
        let left = span(until - scene.now, scene.language);
        let why = shorten(&pace.why, COMPLAINT);
        let values = [("left", Value::Text(left.as_str())), ("why", Value::Text(why.as_str()))];
        line.push_str(&scene.say("operate-site-held", &values));
    }
    line
}

fn buttons(scene: &Scene<'_>, line: &SiteLine) -> Vec<Vec<crate::domain::Button>> {
    let to = |step| OperateButton::Site(step, line.site.clone());
    let sources = OperateButton::Sources(0, line.site.clone());
    let run = ("operate-run", to(SiteStep::Run));
    let mut rows = vec![row(scene, [("operate-site-sources", sources), run])];
    let mut hand = Vec::new();
    if line.paused < line.sources {
        hand.extend(row(scene, [("operate-site-pause", to(SiteStep::AskPause))]));
    }
    if line.paused > 0 {
        hand.extend(row(scene, [("operate-site-resume", to(SiteStep::Resume))]));
    }
    rows.push(hand);
    let state = line.health.as_ref().map_or(State::Healthy, |health| health.state);
    if state.step() == 0 {
        rows.push(row(scene, [("operate-site-quarantine", to(SiteStep::AskQuarantine))]));
    }
    if state != State::Healthy {
        rows.push(row(scene, [("operate-site-release", to(SiteStep::Release))]));
    }
    if line.is_proposed {
        let proposal = OperateButton::Proposal(line.site.clone());
        rows.push(row(scene, [("operate-proposal", proposal)]));
    }
    let all = ("operate-all-sites", OperateButton::Sites);
    rows.push(row(scene, [all, ("operate-refresh", to(SiteStep::Card))]));
    rows
}
