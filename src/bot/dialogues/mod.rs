//! The conversations, one file each; every file opens with its transcript. In a transcript
//! `anna>` is what a person writes, `bot>` a new message, `bot edits>` a change of the pressed message,
//! `note>` and `alert>` the answer to a press, and `[…]` are buttons.
//!
//! All of it is pure: a dialogue sees a [`Scene`] and answers a [`Decision`].

pub mod account;
mod account_codes;
pub mod account_plans;
pub mod alert;
pub mod alert_saved;
pub mod app;
pub mod audit;
pub mod cancel;
pub mod card;
pub mod files;
pub mod help;
pub mod history;
pub mod language;
pub mod operate;
pub mod panel;
pub mod searches;
pub mod settings;
pub mod share;
pub mod start;
pub mod subscribe;
pub mod support;
pub mod tickets;
pub mod watches;
pub mod why;
pub mod wizard;

use chrono::{DateTime, Utc};

use super::callback::Callback;
use super::decide::{Answer, Decision, Reply};
use super::event::{Person, Place};
use super::rules::Rules;
use super::state::State;
use crate::domain::message::Action;
use crate::domain::{Button, ChatKind, Language, Outgoing, UserId, Watch};
use crate::store::View;
use crate::telegram::Target;
use crate::texts::builder::shorten;
use crate::texts::{self, Value};

/// Longest name of a search in a sentence, UTF-16 units.
const NAME: usize = 120;
/// Longest name of a search on a button, UTF-16 units.
const LABEL: usize = 40;
/// Searches or watches on one page of a menu.
const PAGE: usize = 8;

/// Who talks to us, where, and what the record knows.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// What holds for every conversation.
    pub rules: &'a Rules,
    /// What the record knows.
    pub view: &'a View,
    /// Where.
    pub place: Place,
    /// Who.
    pub user: UserId,
    /// Who, as Telegram says.
    pub person: &'a Person,
    /// Number of the update: part of the names of what it makes.
    pub update: i64,
    /// The message that the one we hear answers.
    pub answers: Option<i64>,
    /// Language of what we say.
    pub language: Language,
    /// When.
    pub now: DateTime<Utc>,
}

/// A press that waits for its answer.
#[derive(Debug, Clone, Copy)]
pub struct Press<'a> {
    /// Id to answer it by.
    pub id: &'a str,
    /// The message to change, if it can be changed.
    pub message_id: Option<i64>,
}

impl Scene<'_> {
    /// Whether more than one person listens.
    pub fn is_group(&self) -> bool {
        self.place.kind == ChatKind::Group
    }

    /// Whether this person operates the service.
    pub fn is_operator(&self) -> bool {
        self.rules.is_operator(self.user)
    }

    fn say(&self, key: &str, values: &[(&'static str, Value<'_>)]) -> String {
        texts::say(self.language, key, values)
    }

    fn plain(&self, key: &str) -> String {
        texts::plain(self.language, key)
    }

    /// The running watches of this person in this chat; a group holds other people's too.
    fn watches(&self) -> impl Iterator<Item = &Watch> {
        self.own().filter(|watch| !watch.paused)
    }

    /// All watches of this person in this chat.
    fn own(&self) -> impl Iterator<Item = &Watch> {
        self.view.watches.iter().filter(|watch| watch.user == self.user)
    }

    fn button(&self, text: String, callback: &Callback) -> Option<Button> {
        callback.encode(self.user).map(|data| Button { text, action: Action::Callback(data) })
    }

    fn row(&self, buttons: &[(String, Callback)]) -> Vec<Button> {
        buttons.iter().filter_map(|(text, c)| self.button(text.clone(), c)).collect()
    }

    fn reply(&self, message: Outgoing) -> Reply {
        let target = Target { chat: self.place.chat, thread: self.place.thread };
        Reply { target, language: self.language, message }
    }

    /// New messages as the whole answer to a command.
    fn answer(&self, messages: impl IntoIterator<Item = Outgoing>) -> Decision {
        let replies = messages.into_iter().map(|message| self.reply(message)).collect();
        Decision { replies, ..Decision::nothing(State::Idle) }
    }

    /// The pressed message becomes `message`; where it cannot be changed, `message` is sent anew.
    fn change(&self, press: Press<'_>, message: Outgoing, note: Option<String>) -> Decision {
        let message = Outgoing { edit: press.message_id, ..message };
        let decision = self.answer([message]);
        Decision {
            answer: Some(Answer { id: press.id.to_owned(), note, alert: false }),
            ..decision
        }
    }
}

/// Ends a press with a word that must be closed by hand, and changes nothing.
fn alert(press: Press<'_>, note: String) -> Decision {
    let answer = Answer { id: press.id.to_owned(), note: Some(note), alert: true };
    Decision { answer: Some(answer), ..Decision::nothing(State::Idle) }
}

/// Ends a press with a word that goes by itself, and changes nothing.
fn note(press: Press<'_>, note: String) -> Decision {
    let answer = Answer { id: press.id.to_owned(), note: Some(note), alert: false };
    Decision { answer: Some(answer), ..Decision::nothing(State::Idle) }
}

/// A menu that was made for somebody else.
///
/// ```text
/// boris presses [Demo flats]      (in a menu that was made for anna)
/// alert> This menu was made for somebody else. Send /start to get your own.
/// ```
pub fn not_yours(scene: &Scene<'_>, press: Press<'_>) -> Decision {
    Decision { refused: true, ..alert(press, scene.plain("bot-press-not-yours")) }
}

/// Buttons to the neighbouring pages of a menu, and the part of `items` that is on page `page`.
fn page_of<T>(items: &[T], page: usize) -> (&[T], Option<usize>, Option<usize>) {
    let last = items.len().saturating_sub(1) / PAGE;
    let page = page.min(last);
    let start = page * PAGE;
    let end = items.len().min(start + PAGE);
    (&items[start..end], page.checked_sub(1), Some(page + 1).filter(|next| *next <= last))
}

fn turning(
    scene: &Scene<'_>,
    back: Option<usize>,
    on: Option<usize>,
    to: fn(usize) -> Callback,
) -> Option<Vec<Button>> {
    let back = back.and_then(|page| scene.button("‹".to_owned(), &to(page)));
    let on = on.and_then(|page| scene.button("›".to_owned(), &to(page)));
    let row: Vec<_> = back.into_iter().chain(on).collect();
    (!row.is_empty()).then_some(row)
}

fn name(text: &str) -> String {
    shorten(text, NAME)
}

fn label(text: &str) -> String {
    shorten(text, LABEL)
}
