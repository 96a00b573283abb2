//! One update, one decision: plain data in, plain data out.
//!
//! ```text
//! Ignored, bots, channels, banned people ───────────────► nothing
//! Membership, Migrated ─────────────────────────────────► an effect, no words
//! Start, Command, Text, Media, Document, Press of a person ─► the dialogue of that name
//! ```
//!
//! A group hears more than it says to us, so there we answer only commands and buttons.

mod sight;

use chrono::{DateTime, Utc};

use super::callback::{ANYBODY, Callback, Pressed};
use super::dialogues::{self, Scene};
use super::event::{Body, Event, Payload, Person, Place, Update};
use super::menu;
use super::rules::Rules;
use super::state::State;
use crate::domain::{ChatKind, Language, Outgoing};
use crate::store::{Effect, Look, View};
use crate::telegram::Target;
use crate::texts;

pub use sight::{Sight, sight};

/// What an update causes.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What the conversation remembers from now on.
    pub state: State,
    /// What changes in the record.
    pub effects: Vec<Effect>,
    /// What is said, in order.
    pub replies: Vec<Reply>,
    /// How a press is answered, so that its spinner ends.
    pub answer: Option<Answer>,
    /// The person had no right to do that: counted and logged.
    pub refused: bool,
    /// The decision needs to see this first: the rest of it counts for nothing.
    pub look: Option<Box<Look>>,
}

/// One message of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// Where it goes.
    pub target: Target,
    /// The language it is written in.
    pub language: Language,
    /// What it says.
    pub message: Outgoing,
}

/// The answer to a press (api "answerCallbackQuery").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Id of the press.
    pub id: String,
    /// A short note, at most 200 characters.
    pub note: Option<String>,
    /// Whether the note must be closed by hand.
    pub alert: bool,
}

impl Decision {
    /// Nothing happens.
    pub fn nothing(state: State) -> Self {
        Self { state, effects: vec![], replies: vec![], answer: None, refused: false, look: None }
    }

    /// It cannot be decided before this is seen.
    pub fn look(state: State, look: Look) -> Self {
        Self { look: Some(Box::new(look)), ..Self::nothing(state) }
    }

    /// Whether the record must be written.
    pub fn writes(&self, before: &State) -> bool {
        self.state != *before || !self.effects.is_empty() || !self.replies.is_empty()
    }

    fn effect(state: State, effect: Effect) -> Self {
        Self { effects: vec![effect], ..Self::nothing(state) }
    }
}

/// Decides what `update` causes at `now`, given what the record says and what the conversation remembers.
pub fn decide(
    rules: &Rules,
    view: &View,
    state: State,
    update: &Update,
    now: DateTime<Utc>,
) -> Decision {
    match (&update.event, update.place, &update.who) {
        (Event::Ignored { .. }, _, _) => Decision::nothing(state),
        (Event::Migrated { from, to }, _, _) => {
            Decision::effect(state, Effect::MigrateChat { from: *from, to: *to })
        }
        (Event::Membership { active, at }, Some(place), _) => {
            let (chat, kind, active, at) = (place.chat, place.kind, *active, *at);
            Decision::effect(state, Effect::ChatActive { chat, kind, active, at })
        }
        (_, Some(place), Some(person)) if may_talk(rules, person, place) => {
            talk(rules, view, state, update, (place, person), now)
        }
        // Under an alert in a channel: what a button does there is for one person or for the channel's owner, and
        // neither can be told apart here.
        (Event::Press { id, .. }, Some(place), Some(person)) if place.kind == ChatKind::Channel => {
            let language = Language::from_tag(person.language_tag.as_deref().unwrap_or(""));
            let note = Some(texts::plain(language, "alert-press-in-private"));
            let answer = Some(Answer { id: id.clone(), note, alert: true });
            Decision { answer, ..Decision::nothing(state) }
        }
        // The message of the button is out of reach: all we can do is end the spinner.
        (Event::Press { id, .. }, None, Some(person)) => {
            let language = Language::from_tag(person.language_tag.as_deref().unwrap_or(""));
            let note = Some(texts::plain(language, "bot-press-out-of-date"));
            let answer = Some(Answer { id: id.clone(), note, alert: true });
            Decision { answer, ..Decision::nothing(state) }
        }
        _ => Decision::nothing(state),
    }
}

/// An administrator who writes in the name of a group is a bot to Telegram; in that of support they may answer.
fn may_talk(rules: &Rules, person: &Person, place: Place) -> bool {
    let is_staff = person.is_anonymous && rules.support == Some(place.chat);
    (!person.is_bot || is_staff) && place.kind != ChatKind::Channel
}

fn talk(
    rules: &Rules,
    view: &View,
    state: State,
    update: &Update,
    (place, person): (Place, &Person),
    now: DateTime<Utc>,
) -> Decision {
    if view.user.as_ref().is_some_and(|user| user.banned) {
        return Decision::nothing(state);
    }
    let tag = person.language_tag.as_deref().unwrap_or("");
    let language = match &view.user {
        Some(user) => user.language,
        None => Language::from_tag(tag),
    };
    let (user, update_id) = (person.id, update.id);
    let answers = update.answers;
    let scene =
        Scene { rules, view, place, user, person, update: update_id, answers, language, now };
    // Who answers for support is not met as a subscriber by that.
    if let Some(decision) = dialogues::tickets::staff(&scene, &state, update) {
        return decision;
    }
    if person.is_bot {
        return Decision::nothing(state);
    }
    let decision = answer(&scene, state, update);
    if decision.look.is_some() {
        return decision;
    }
    introduce(&scene, &update.event, decision)
}

fn answer(scene: &Scene<'_>, state: State, update: &Update) -> Decision {
    if let (State::Composing(composing), true) = (&state, scene.is_operator())
        && let Some(decision) = dialogues::operate::composed(scene, composing, update)
    {
        return decision;
    }
    match &update.event {
        Event::Start { payload } => start(scene, payload),
        Event::Command { name, rest, addressed, .. } => command(scene, name, rest, *addressed),
        Event::Press { id, data, message_id } => press(scene, &state, id, data, *message_id),
        Event::Text { message_id, text } => words(scene, state, *message_id, text),
        Event::Document { message_id, file, caption } => match &file.body {
            Body::Rest if scene.is_group() => Decision::nothing(state),
            Body::Rest => media(scene, state, *message_id, "document", caption),
            body => dialogues::files::import(scene, body),
        },
        Event::Media { message_id, content, caption } => {
            media(scene, state, *message_id, content, caption)
        }
        Event::Location { message_id, latitude, longitude } => {
            let point = (*latitude, *longitude);
            dialogues::wizard::located(scene, &state, point)
                .unwrap_or_else(|| media(scene, state, *message_id, "location", ""))
        }
        Event::AppData { data } => dialogues::app::data(scene, data),
        Event::Edited { message_id, text } => {
            dialogues::support::edited(scene, state, *message_id, text)
        }
        // Who is about to pay waits for an answer of its own, see `checkout`.
        Event::Membership { .. }
        | Event::Migrated { .. }
        | Event::PreCheckout { .. }
        | Event::Ignored { .. } => Decision::nothing(state),
    }
}

fn start(scene: &Scene<'_>, payload: &Payload) -> Decision {
    match payload {
        Payload::Shared(token) => dialogues::share::open(scene, token),
        payload => {
            let greeting = dialogues::start::greet(scene, payload);
            dialogues::account::arrived(scene, payload, greeting)
        }
    }
}

/// Words that are no command: the answer to a question, an address, or something for support.
fn words(scene: &Scene<'_>, state: State, message_id: i64, text: &str) -> Decision {
    if let Some(pressed) = menu::pressed(text).filter(|_| !scene.is_group()) {
        return command(scene, pressed, "", true);
    }
    if is_zone(&state, scene.place) {
        return dialogues::settings::typed_zone(scene, state, text);
    }
    match &state {
        State::Naming { watch } => return dialogues::card::name_it(scene, watch, text),
        State::Asked(asked) if scene.is_operator() => {
            return dialogues::panel::typed(scene, asked, message_id, text);
        }
        State::Drafting(draft) => {
            return dialogues::wizard::typed(scene, draft, message_id, text);
        }
        // An address in it is part of what they write.
        State::Writing(_) => return dialogues::support::listen(scene, state, message_id, text),
        _ => {}
    }
    let pasted = (!scene.is_group()).then(|| dialogues::wizard::pasted(scene, text)).flatten();
    pasted.unwrap_or_else(|| dialogues::support::listen(scene, state, message_id, text))
}

fn media(
    scene: &Scene<'_>,
    state: State,
    message_id: i64,
    content: &str,
    caption: &str,
) -> Decision {
    let text = dialogues::support::describe(content, caption);
    let decision = dialogues::support::listen(scene, state.clone(), message_id, &text);
    dialogues::wizard::kept(&state, decision)
}

/// Whether words are the time zone that we asked for.
fn is_zone(state: &State, place: Place) -> bool {
    matches!(state, State::Zone { .. }) && place.kind == ChatKind::Private
}

fn command(scene: &Scene<'_>, name: &str, rest: &str, addressed: bool) -> Decision {
    let operators = || {
        let is_operator = scene.is_operator();
        let panel = || dialogues::panel::command(scene, name, rest);
        let operate = || dialogues::operate::command(scene, name, rest);
        is_operator.then(|| panel().or_else(operate)).flatten()
    };
    match name {
        "new" => dialogues::wizard::begin(scene),
        "help" => dialogues::help::help(scene),
        "watches" => dialogues::watches::list(scene),
        "saved" => dialogues::alert_saved::list(scene),
        "export" => dialogues::files::export(scene),
        "history" => dialogues::history::list(scene),
        "language" => dialogues::language::ask(scene),
        "settings" => dialogues::settings::show(scene),
        "cancel" => dialogues::cancel::cancel(scene),
        name => dialogues::account::command(scene, name, rest)
            .or_else(|| dialogues::tickets::command(scene, name, rest))
            .or_else(operators)
            .unwrap_or_else(|| match scene.is_group() && !addressed {
                // In a group an unknown command is another bot's, unless it named us.
                true => Decision::nothing(State::Idle),
                false => dialogues::help::unknown(scene, name),
            }),
    }
}

fn press(
    scene: &Scene<'_>,
    state: &State,
    id: &str,
    data: &str,
    message_id: Option<i64>,
) -> Decision {
    let press = dialogues::Press { id, message_id };
    let Some(pressed) = Pressed::decode(data) else {
        return dialogues::searches::out_of_date(scene, press);
    };
    let anybodys = pressed.owner == ANYBODY
        && match &pressed.callback {
            Callback::Ticket(button) => dialogues::tickets::may_press(scene, button),
            callback => dialogues::alert::is_about_an_alert(callback),
        };
    if pressed.owner != scene.user && !anybodys {
        return dialogues::not_yours(scene, press);
    }
    let is_operators = matches!(pressed.callback, Callback::Panel(_) | Callback::Operate(_));
    if is_operators && !scene.is_operator() {
        return dialogues::not_yours(scene, press);
    }
    let is_alerts = dialogues::alert::is_about_an_alert(&pressed.callback);
    let decision = pressed_by_right(scene, press, state, pressed.callback);
    if is_alerts { dialogues::wizard::kept(state, decision) } else { decision }
}

fn pressed_by_right(
    scene: &Scene<'_>,
    press: dialogues::Press<'_>,
    state: &State,
    callback: Callback,
) -> Decision {
    match callback {
        Callback::Watch(source) => dialogues::subscribe::watch(scene, press, &source),
        Callback::Leave(watch) => dialogues::watches::leave(scene, press, &watch),
        Callback::Speak(language) => dialogues::language::speak(scene, press, language),
        Callback::Searches(page) => dialogues::searches::turn(scene, press, page),
        Callback::Watches(page) => dialogues::watches::turn(scene, press, page),
        Callback::Keep(_) => dialogues::alert::keep(scene, press),
        Callback::MuteListing(event) => dialogues::alert::mute(scene, press, &event, true),
        Callback::UnmuteListing(event) => dialogues::alert::mute(scene, press, &event, false),
        Callback::Hide(event) => dialogues::alert::hide(scene, press, &event, true),
        Callback::Unhide(event) => dialogues::alert::hide(scene, press, &event, false),
        Callback::History(event) => dialogues::alert::history(scene, press, &event),
        Callback::Why(event) => dialogues::why::answer(scene, press, &event),
        Callback::Kept(page) => dialogues::alert_saved::turn(scene, press, page),
        Callback::Forget(name) => dialogues::alert_saved::forget(scene, press, &name),
        Callback::Card(watch) => dialogues::card::show(scene, press, &watch),
        Callback::Pause(watch) => dialogues::card::pause(scene, press, &watch),
        Callback::Resume(watch) => dialogues::card::resume(scene, press, &watch),
        Callback::Rename(watch) => dialogues::card::ask_name(scene, press, &watch),
        Callback::Mute(span, watch) => dialogues::card::mute(scene, press, span, &watch),
        Callback::Copy(watch) => dialogues::card::copy(scene, press, &watch),
        Callback::AskLeave(watch) => dialogues::card::ask_leave(scene, press, &watch),
        Callback::Settings(setting) => dialogues::settings::press(scene, press, &setting),
        Callback::New(button) => dialogues::wizard::press(scene, press, state, &button),
        Callback::Share(button) => dialogues::share::press(scene, press, &button),
        Callback::Ticket(button) => dialogues::tickets::press(scene, press, &button),
        Callback::Account(button) => dialogues::account::press(scene, press, &button),
        Callback::Panel(button) => dialogues::panel::press(scene, press, &button),
        Callback::Operate(button) => dialogues::operate::press(scene, press, &button),
        Callback::Cancel => dialogues::cancel::press(scene, press),
    }
}

/// Puts a [`Effect::Meet`] in front where the record may not know the person or the chat yet: `/start` also
/// says that we may write again, and a group can have been joined while we did not listen.
fn introduce(scene: &Scene<'_>, event: &Event, mut decision: Decision) -> Decision {
    let does_something = !decision.effects.is_empty() || !decision.replies.is_empty();
    let subscribes = decision
        .effects
        .iter()
        .any(|e| matches!(e, Effect::Subscribe { .. } | Effect::AddWatch(_)));
    let is_start = matches!(event, Event::Start { .. });
    let may_be_new = scene.view.user.is_none() || scene.is_group() || is_start || subscribes;
    if does_something && may_be_new {
        let (user, chat, kind) = (scene.user, scene.place.chat, scene.place.kind);
        let meet = Effect::Meet { user, chat, kind, language: scene.language };
        decision.effects.insert(0, meet);
    }
    let person = scene.person;
    let is_named = scene
        .view
        .user
        .as_ref()
        .is_some_and(|user| user.name == person.name && user.username == person.username);
    if does_something && !is_named {
        let (name, username) = (person.name.clone(), person.username.clone());
        let at = usize::from(matches!(decision.effects.first(), Some(Effect::Meet { .. })));
        decision.effects.insert(at, Effect::Name { user: scene.user, name, username });
    }
    decision
}
