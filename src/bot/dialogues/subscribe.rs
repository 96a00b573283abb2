//! Watching a search: one press is enough.
//!
//! ```text
//! anna presses [Demo flats]
//! note> You watch “Demo flats” now
//! bot edits> You watch “Demo flats”. I look about every 6 minutes and tell you here what changes.
//!            [Stop watching]
//!            [All searches] [My searches]
//! bot> This is what “Demo flats” offers now:
//!
//!      • Bright flat near the park — €1,450, Berlin
//!      • …
//! anna presses [Demo flats]          (again, or twice by accident)
//! note> You watch “Demo flats” already
//! ```
//!
//! Beyond what the plan allows an alert says the numbers, and nothing changes; who never had the trial is offered it.

use super::card::may_resume;
use super::{Press, Scene, account_plans, alert, name, searches};
use crate::bot::callback::Callback;
use crate::bot::decide::Decision;
use crate::domain::watch::untaken;
use crate::domain::{Filter, Outgoing, Source, SourceId, Watch, WatchId};
use crate::store::Effect;
use crate::texts::Value;
use crate::texts::sample::sample;

/// Watches a search at once.
pub fn watch(scene: &Scene<'_>, press: Press<'_>, id: &SourceId) -> Decision {
    let Some(source) = scene.view.offered.iter().find(|source| source.id == *id) else {
        return no_longer_offered(scene, press);
    };
    let title = name(&source.spec.title);
    let note = |key| Some(scene.say(key, &[("title", Value::Text(&title))]));
    let present = own_watch(scene, id);
    let watch = match present {
        Some(watch) => watch.id.clone(),
        None => new_id(scene, id),
    };
    let card = card(scene, source, &title, &watch);
    if present.is_some_and(|watch| !watch.paused) {
        return scene.change(press, card, note("bot-watching-already"));
    }
    let room = match present {
        Some(watch) => may_resume(scene, watch),
        None => scene.view.own.allowance().room_for(std::slice::from_ref(id), scene.now),
    };
    if let Err(why) = room {
        return account_plans::at_the_limit(scene, press, &why);
    }
    let mut decision = scene.change(press, card, note("bot-watching-now"));
    match sample(&source.spec.title, &scene.view.sample, scene.language) {
        Some(message) => decision.replies.push(scene.reply(message)),
        None => add_line(&mut decision, &scene.plain("bot-sample-none")),
    }
    decision.effects.push(Effect::Subscribe {
        watch,
        user: scene.user,
        chat: scene.place.chat,
        thread: scene.place.thread,
        source: id.clone(),
        name: source.spec.title.clone(),
        filter: Filter::default(),
        language: scene.language,
    });
    decision
}

/// A search that shows nothing yet says so in its card: two messages would be one too many.
fn add_line(decision: &mut Decision, line: &str) {
    for reply in &mut decision.replies {
        reply.message.text.push_str("\n\n");
        reply.message.text.push_str(line);
    }
}

fn own_watch<'a>(scene: &Scene<'a>, id: &SourceId) -> Option<&'a Watch> {
    scene.view.watches.iter().find(|w| w.user == scene.user && w.sources.contains(id))
}

/// The name of a new watch: the same wish has the same name, however often it is pressed.
fn new_id(scene: &Scene<'_>, source: &SourceId) -> WatchId {
    let (user, chat) = (scene.user.to_string(), scene.place.chat.to_string());
    untaken(&["watch", &user, &chat, source.as_str()], &scene.view.own.watches)
}

fn card(scene: &Scene<'_>, source: &Source, title: &str, watch: &WatchId) -> Outgoing {
    let watching = scene.say("bot-watching", &[("title", Value::Text(title))]);
    let mut message = Outgoing::text(format!("{watching} {}", rhythm(scene, source)));
    let stop = scene.plain("bot-button-stop");
    let all = scene.plain("bot-button-searches");
    let mine = scene.plain("bot-button-watches");
    message.buttons.push(scene.row(&[(stop, Callback::Leave(watch.clone()))]));
    message.buttons.push(scene.row(&[(all, Callback::Searches(0)), (mine, Callback::Watches(0))]));
    message
}

fn rhythm(scene: &Scene<'_>, source: &Source) -> String {
    let rhythm = &source.spec.rhythm;
    if rhythm.cron.is_some() || !rhythm.windows.is_empty() {
        return scene.plain("bot-watching-then");
    }
    match i64::try_from(source.spec.interval.as_secs() / 60).unwrap_or(i64::MAX) {
        0 => scene.plain("bot-watching-often"),
        minutes => scene.say("bot-watching-minutes", &[("minutes", Value::Count(minutes))]),
    }
}

/// The search of an old button is gone. A fresh menu takes its place where nobody else looks at it.
fn no_longer_offered(scene: &Scene<'_>, press: Press<'_>) -> Decision {
    let note = scene.plain("bot-press-no-longer-offered");
    if scene.is_group() {
        return alert(press, note);
    }
    scene.change(press, searches::menu(scene, 0), Some(note))
}
