//! What the Mini App sends when it was opened by a key below the chat: a search to be made or changed.
//!
//! ```text
//! anna sends app data {"v":1,"do":"save","key":"5f…","watch":{"name":"Flats","sources":["0f3a…"],"filter":{…}}}
//! bot> “Flats” is saved: up to €900 · 2–3 rooms
//!      [Flats]
//! anna sends app data {"v":1,…}                  (again, or twice by accident)
//! bot> You have such a search already: “Flats”.
//!      [Flats]
//! anna sends app data {"v":1,…,"filter":{"min_price":9,"max_price":5}}
//! bot> Nothing is saved. What the app sent needs mending:
//!      • min_price: the lowest value is above the highest
//! ```
//!
//! Anybody can send anything here: it is at most [`MOST_BYTES`] of a closed, versioned form, judged as if it came from
//! a stranger. What the plan does not allow is answered with its numbers, as everywhere.

use serde::Deserialize;

use super::{Scene, label, name};
use crate::bot::callback::Callback;
use crate::bot::decide::Decision;
use crate::bot::state::State;
use crate::domain::ids::digest;
use crate::domain::import::{Owner, Wanted};
use crate::domain::watch::{NewWatch, Sample, WatchEdit, WatchOrder, ids_of};
use crate::domain::wish::{Fault, Known, Wish};
use crate::domain::{Allowance, Outgoing, Watch, WatchId};
use crate::store::{Effect, Look};
use crate::texts::import::refusal;
use crate::texts::{Value, filter, wish};

/// Most bytes of data (api "WebAppData").
const MOST_BYTES: usize = 4_096;
/// Longest key of a creation.
const LONGEST_KEY: usize = 64;
/// The version of the form that is understood.
const VERSION: u32 = 1;
/// Problems that are told.
const TOLD: usize = 10;

/// The version alone: that of a form that is not ours may have any shape.
#[derive(Deserialize)]
struct Head {
    v: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, tag = "do", rename_all = "snake_case")]
enum Sent {
    Save {
        #[serde(rename = "v")]
        _version: u32,
        /// The name of a creation: the same one makes one watch.
        key: String,
        /// The watch that changes; without it one is made.
        #[serde(default)]
        id: Option<WatchId>,
        watch: Wish,
    },
}

/// Data of the Mini App. Untrusted: anybody can send anything.
pub fn data(scene: &Scene<'_>, data: &str) -> Decision {
    if scene.is_group() {
        return say(scene, scene.plain("app-said-private"));
    }
    if !scene.view.has_searches {
        return Decision::look(State::Idle, Look { searches: true, ..Look::default() });
    }
    let head = Some(data).filter(|data| data.len() <= MOST_BYTES);
    let Some(Head { v }) = head.and_then(|data| serde_json::from_str(data).ok()) else {
        return say(scene, scene.plain("app-said-unreadable"));
    };
    if v != VERSION {
        return say(scene, scene.plain("app-said-version"));
    }
    match serde_json::from_str(data) {
        Ok(Sent::Save { key, id, watch, .. }) if is_key(&key) => save(scene, &key, id, watch),
        _ => say(scene, scene.plain("app-said-unreadable")),
    }
}

fn is_key(key: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(fits)
}

fn save(scene: &Scene<'_>, key: &str, id: Option<WatchId>, asked: Wish) -> Decision {
    let known = Known {
        offered: &scene.view.offered,
        links: &scene.view.own.links,
        registry: scene.rules.modules.get(),
        interval: scene.rules.interval,
    };
    let wanted = match asked.check(&known) {
        Ok(wanted) => wanted,
        Err(faults) => return say(scene, wrong(scene, &faults)),
    };
    match id {
        Some(id) => change(scene, &id, wanted),
        None => make(scene, key, wanted),
    }
}

fn make(scene: &Scene<'_>, key: &str, wanted: Wanted) -> Decision {
    let own = &scene.view.own;
    let owner = Owner {
        user: scene.user,
        chat: scene.place.chat,
        kind: Some(scene.place.kind),
        thread: scene.place.thread,
        language: scene.language,
    };
    let id = WatchId(digest(&["app", &scene.user.to_string(), key]));
    let new = NewWatch { id, ..owner.watch(wanted, Sample::Later, &own.watches) };
    let there = own.watches.iter().find(|watch| watch.id == new.id || watch.equals(&new));
    if let Some(Watch { id, name, .. }) = there {
        return shown(scene, "app-said-there", id, name, "");
    }
    if let Err(why) = own.allowance().room_for(&new.source_ids(), scene.now) {
        return say(scene, refusal(scene.language, &why));
    }
    let what = filter::summary(scene.language, &new.filter);
    let mut decision = shown(scene, "app-said-saved", &new.id, &new.name, &what);
    decision.effects.push(Effect::AddWatch(Box::new(new)));
    decision
}

fn change(scene: &Scene<'_>, id: &WatchId, wanted: Wanted) -> Decision {
    let own = &scene.view.own;
    let Some(watch) = own.watches.iter().find(|watch| watch.id == *id) else {
        return say(scene, scene.plain("app-said-missing"));
    };
    let ids = ids_of(&wanted.sources);
    let others: Vec<Watch> = own.watches.iter().filter(|other| other.id != *id).cloned().collect();
    let room = Allowance::of(own.free.clone(), own.held.clone(), &others);
    if let Err(why) = room.room_for_sources(&ids, scene.now) {
        return say(scene, refusal(scene.language, &why));
    }
    let what = filter::summary(scene.language, &wanted.filter);
    let mut decision = shown(scene, "app-said-saved", id, &wanted.name, &what);
    let edit = WatchEdit {
        name: Some(wanted.name),
        filter: Some(wanted.filter),
        telling: Some(wanted.telling),
        sources: (ids != watch.sources).then_some(wanted.sources),
    };
    let order = WatchOrder::Edit(Box::new(edit));
    decision.effects.push(Effect::ChangeWatch { id: id.clone(), user: scene.user, order });
    decision
}

/// A sentence about a watch with the button that shows it.
fn shown(scene: &Scene<'_>, key: &str, id: &WatchId, title: &str, what: &str) -> Decision {
    let short = name(title);
    let values = [("title", Value::Text(&short)), ("what", Value::Text(what))];
    let mut message = Outgoing::text(scene.say(key, &values));
    message.buttons.push(scene.row(&[(label(title), Callback::Card(id.clone()))]));
    scene.answer([message])
}

fn say(scene: &Scene<'_>, text: String) -> Decision {
    scene.answer([Outgoing::text(text)])
}

fn wrong(scene: &Scene<'_>, faults: &[Fault]) -> String {
    let lines = faults.iter().take(TOLD).map(|fault| wish::fault(scene.language, fault));
    let mut text = scene.plain("app-said-wrong");
    lines.for_each(|line| {
        text.push_str("\n• ");
        text.push_str(&line);
    });
    text
}
