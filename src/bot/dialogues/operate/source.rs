//! The searches of a site, and what can be done to one.
//!
//! ```text
//! olga presses [Searches]                (in the card of a site)
//! bot edits> Searches of demo:
//!
//!            ✅ Demo flats
//!            ⏸ Demo bikes
//!            [✅ Demo flats]
//!            [⏸ Demo bikes]
//!            [Back]
//! olga presses [✅ Demo flats]
//! bot edits> Demo flats
//!            https://demo.example/flats
//!
//!            Every 6 min; the next run 2 min from now
//!            Last runs: ✅➖➖✅
//!            Watched by 3 people
//!            [Run now] [Pause]
//!            [Back] [Refresh]
//! olga presses [Run now]
//! note> It is due now
//! ```

use chrono::TimeDelta;

use super::sites::verdict_mark;
use super::{Way, look, named, noted, ordered, row, show, turning};
use crate::bot::callback::operate::{OperateButton, SiteStep, SourceStep};
use crate::bot::decide::Decision;
use crate::bot::dialogues::{Scene, label, name};
use crate::domain::{Outgoing, Source, SourceId};
use crate::store::{OperateAsk, OperateEffect, OperateView, SourceCard, SourceOrder};
use crate::texts::Value;
use crate::texts::builder::shorten;
use crate::texts::operate::{figure, span};

/// Longest address or complaint, UTF-16 units.
const LONG: usize = 300;

/// A page of the searches of a site.
pub fn list(scene: &Scene<'_>, way: Way<'_>, page: usize, site: &str) -> Decision {
    let Some(OperateView::Sources(found)) = &scene.view.operate else {
        return look(OperateAsk::Sources { site: site.to_owned(), page });
    };
    let mut message = Outgoing::text(scene.say("operate-sources", &[("site", Value::Text(site))]));
    message.text.push('\n');
    for source in &found.sources {
        let mark = mark(source);
        message.text.push_str(&format!("\n{mark} {}", name(&source.spec.title)));
        let text = format!("{mark} {}", label(&source.spec.title));
        let card = OperateButton::Source(SourceStep::Card, source.id.clone());
        message.buttons.extend(named(scene, text, card));
    }
    let to = |page| OperateButton::Sources(page, site.to_owned());
    message.buttons.extend(turning(scene, page, found.has_more, to));
    let back = OperateButton::Site(SiteStep::Card, site.to_owned());
    message.buttons.push(row(scene, [("operate-back", back)]));
    show(scene, way, message)
}

fn mark(source: &Source) -> &'static str {
    match source.verdict {
        _ if source.paused => "⏸",
        Some(verdict) => verdict_mark(verdict),
        None => "⏳",
    }
}

/// A step with one search.
pub fn step(scene: &Scene<'_>, way: Way<'_>, step: SourceStep, id: &SourceId) -> Decision {
    let Some(OperateView::Source(found)) = &scene.view.operate else {
        return look(OperateAsk::Source(id.clone()));
    };
    let Some(card) = found else {
        let mut message = Outgoing::text(scene.plain("operate-source-gone"));
        message.buttons.push(row(scene, [("operate-all-sites", OperateButton::Sites)]));
        return show(scene, way, message);
    };
    let mut after = card.as_ref().clone();
    let source = &mut after.source;
    let (order, action, note) = match step {
        SourceStep::Card => return show(scene, way, menu(scene, card)),
        SourceStep::Run => {
            source.next_due_at = scene.now;
            (SourceOrder::RunNow, "source.run", "operate-run-now")
        }
        SourceStep::Pause => {
            source.paused = true;
            (SourceOrder::Pause, "source.pause", "operate-paused-now")
        }
        SourceStep::Resume => {
            source.paused = false;
            (SourceOrder::Resume, "source.resume", "operate-resumed-now")
        }
    };
    let mut decision = noted(scene, way, menu(scene, &after), note);
    let effect = OperateEffect::Source(id.clone(), order);
    let title = &card.source.spec.title;
    decision.effects.extend(ordered(scene, action, id.as_str(), title, effect));
    decision
}

fn menu(scene: &Scene<'_>, card: &SourceCard) -> Outgoing {
    let (source, language) = (&card.source, scene.language);
    let pace = source.interval();
    let pace = TimeDelta::from_std(pace).unwrap_or_default();
    let every = span(pace, language);
    let wait = source.next_due_at - scene.now;
    let next = span(wait, language);
    let key = match (source.paused, wait > TimeDelta::zero()) {
        (true, _) => "operate-source-paused",
        (false, true) => "operate-source-next",
        (false, false) => "operate-source-due",
    };
    let values = [("every", Value::Text(every.as_str())), ("next", Value::Text(next.as_str()))];
    let marks: String = card.runs.iter().rev().map(|run| verdict_mark(run.verdict)).collect();
    let runs = match marks.is_empty() {
        true => scene.plain("operate-source-no-runs"),
        false => scene.say("operate-source-runs", &[("runs", Value::Text(&marks))]),
    };
    let mut lines = vec![
        format!("{} {}", mark(source), name(&source.spec.title)),
        shorten(&source.spec.url, LONG),
        String::new(),
        scene.say(key, &values),
        runs,
        scene.say("operate-source-watchers", &[("count", Value::Count(card.watchers))]),
    ];
    if let Some(count) = source.last_count {
        let count = figure(count, language);
        lines.push(scene.say("operate-source-items", &[("count", Value::Text(&count))]));
    }
    if let Some(error) = &source.last_error {
        let error = shorten(error, LONG);
        lines.push(scene.say("operate-source-error", &[("error", Value::Text(&error))]));
    }
    let mut message = Outgoing::text(lines.join("\n"));
    let to = |step| OperateButton::Source(step, source.id.clone());
    let hand = match source.paused {
        true => ("operate-resume", to(SourceStep::Resume)),
        false => ("operate-pause", to(SourceStep::Pause)),
    };
    message.buttons.push(row(scene, [("operate-run", to(SourceStep::Run)), hand]));
    let back = ("operate-back", OperateButton::Sources(0, source.spec.site.clone()));
    message.buttons.push(row(scene, [back, ("operate-refresh", to(SourceStep::Card))]));
    message
}
