//! One attempt at one delivery, with its fall-backs.
//!
//! ```text
//! whole album ──pictures refused──► its first picture ─┐
//! whole ──picture refused──► upload ──picture refused──┴► text ──content refused──► plain ──► dead
//!   └──── content refused ────┴─────────────────────────────────────────────────────► plain
//! an edit refused ──► text, as a new message with its buttons
//! a standing message about a listing cannot be edited any more ──► dropped: nothing is said anew
//! a copy refused ──► dead: there are no words to send instead
//! topic gone, once, in any form ──► the same form without the topic
//! ```
//!
//! Only a certain refusal leads on to the next form: after a doubt another form could be a second copy.
//! Each form is tried at most once and the topic is lost at most once, so this ends. It waits for nothing
//! but its own requests: times that Telegram asks for go into the outcome.

use super::desk::Desk;
use super::said::{Said, said};
use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::deliver::outcome::outcome_of;
use crate::domain::delivery::{Claimed, Content, Outcome, Settlement};
use crate::domain::message::{Action, Copied};
use crate::domain::preferences::{Stop, at_send};
use crate::domain::{Class, Outgoing};
use crate::telegram::{Accepted, Messenger, SendError, Target};
use crate::texts::builder::{TEXT_LIMIT, cut};

/// How an attempt ended, and what Telegram said last when it was no.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// To be settled.
    pub settlement: Settlement,
    /// The last error; the sender's brake reads it.
    pub error: Option<SendError>,
}

/// The forms of a message, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// As it was meant, with pictures by the names that Telegram knows.
    Known,
    /// As it was meant.
    Whole,
    /// The first picture of an album that was refused.
    Single,
    /// The picture uploaded by us.
    Upload,
    /// Without the picture, and a new message where an edit was meant.
    Text,
    /// Bare text: no picture, entities or buttons; an edit only of a standing message.
    Plain,
}

/// What follows a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Try this form.
    Form(Form),
    /// Try again without the topic.
    WithoutTopic,
    /// Nothing is left to try.
    End,
}

/// Sends a claimed delivery once and says how to settle it.
pub async fn send_one(
    messenger: &dyn Messenger,
    desk: &Desk,
    clock: &dyn Clock,
    claimed: &Claimed,
) -> Settlement {
    attempt(messenger, desk, clock, claimed).await.settlement
}

/// [`send_one`], with what Telegram said.
pub async fn attempt(
    messenger: &dyn Messenger,
    desk: &Desk,
    clock: &dyn Clock,
    claimed: &Claimed,
) -> Attempt {
    let delivery = &claimed.delivery;
    if let Some(outcome) = at_send(claimed, clock.now()) {
        metrics::counter!("magpie_tellings_total", "stop" => Stop::Quiet.as_str()).increment(1);
        return ended(claimed, outcome, None);
    }
    let (outcome, error) = match said(&desk.renderer, claimed) {
        None if is_made_here(&delivery.new.content) => {
            match made_here(messenger, claimed, clock.now()).await {
                Ok(accepted) => {
                    let (message_id, form) = (accepted.id(), accepted.form);
                    (Outcome::Sent { message_id, form, version: 0 }, None)
                }
                Err(error) => (outcome_of(&error, delivery, clock.now()), Some(error)),
            }
        }
        None => {
            let reason = "what it was about is no longer stored".to_owned();
            (Outcome::Dropped { reason }, None)
        }
        Some(said) => {
            let target = Target { chat: delivery.new.chat, thread: delivery.new.thread };
            let amends = delivery.new.class == Class::Amend;
            let road = Road { messenger, desk, message: &said.message, amends };
            match road.go(target).await {
                Ok(accepted) => (sent(&said, &accepted), None),
                Err(SendError::Benign(_)) => (unchanged(&said), None),
                Err(error) => match given_up(&said.message, amends, &error) {
                    Some(reason) => (Outcome::Dropped { reason }, Some(error)),
                    None => (outcome_of(&error, delivery, clock.now()), Some(error)),
                },
            }
        }
    };
    ended(claimed, outcome, error)
}

/// Whether a delivery is no message of words, but something that is made when it is sent.
fn is_made_here(content: &Content) -> bool {
    matches!(content, Content::Chart { .. } | Content::Copy { .. } | Content::Figures(_))
}

async fn made_here(
    messenger: &dyn Messenger,
    claimed: &Claimed,
    now: DateTime<Utc>,
) -> Result<Accepted, SendError> {
    let new = &claimed.delivery.new;
    match &new.content {
        Content::Copy { from, message_id, reply_to } => {
            let target = Target { chat: new.chat, thread: new.thread };
            let copy = Some(Copied { from: *from, ids: vec![*message_id] });
            messenger
                .send(target, &Outgoing { copy, reply_to: *reply_to, ..Outgoing::default() })
                .await
        }
        _ => super::chart::send(messenger, claimed, now).await,
    }
}

pub(super) fn ended(claimed: &Claimed, outcome: Outcome, error: Option<SendError>) -> Attempt {
    let delivery = &claimed.delivery;
    let settlement = Settlement {
        id: delivery.new.id.clone(),
        chat: delivery.new.chat,
        epoch: delivery.epoch,
        outcome,
    };
    Attempt { settlement, error }
}

fn sent(said: &Said, accepted: &Accepted) -> Outcome {
    Outcome::Sent { message_id: accepted.id(), form: accepted.form, version: said.version }
}

/// It says that already.
fn unchanged(said: &Said) -> Outcome {
    let message_id = said.message.edit.unwrap_or(0);
    Outcome::Sent { message_id, form: said.form, version: said.version }
}

/// Why a refusal is the end without anybody having to look: a standing message that is gone, or pictures without
/// words that nobody can load.
fn given_up(message: &Outgoing, amends: bool, error: &SendError) -> Option<String> {
    let wordless = message.text.is_empty() && matches!(error, SendError::BadMedia(_));
    let gone = amends && matches!(error, SendError::BadRequest(_));
    (wordless || gone).then(|| error.to_string())
}

/// One message on its way through its forms.
struct Road<'a> {
    messenger: &'a dyn Messenger,
    desk: &'a Desk,
    message: &'a Outgoing,
    /// It makes a standing message true again.
    amends: bool,
}

impl Road<'_> {
    async fn go(&self, mut target: Target) -> Result<Accepted, SendError> {
        let known = self.known();
        let mut form = if known.is_some() { Form::Known } else { Form::Whole };
        loop {
            let error = match self.send(target, form, known.as_ref()).await {
                Ok(accepted) => {
                    self.remember(form, &accepted);
                    return Ok(accepted);
                }
                Err(error) => error,
            };
            match self.next(form, target.thread.is_some(), &error) {
                Next::Form(worse) => form = worse,
                Next::WithoutTopic => target.thread = None,
                Next::End => return Err(error),
            }
        }
    }

    async fn send(
        &self,
        target: Target,
        form: Form,
        known: Option<&Outgoing>,
    ) -> Result<Accepted, SendError> {
        let (messenger, message) = (self.messenger, self.message);
        match form {
            Form::Known => messenger.send(target, known.unwrap_or(message)).await,
            Form::Whole => messenger.send(target, message).await,
            Form::Single => messenger.send(target, &self.single()).await,
            Form::Upload => {
                match self.desk.photos.photo(self.picture().unwrap_or_default()).await {
                    Some(photo) => {
                        let name = photo.kind.file_name();
                        messenger.send_photo_bytes(target, &self.single(), name, photo.bytes).await
                    }
                    None => Err(SendError::BadMedia("the picture could not be loaded".into())),
                }
            }
            Form::Text => {
                let text = Outgoing { photo: None, album: vec![], edit: None, ..message.clone() };
                messenger.send(target, &text).await
            }
            Form::Plain => {
                let edit = message.edit.filter(|_| self.amends);
                let edit_caption = self.amends && message.edit_caption;
                let plain = Outgoing { edit, edit_caption, ..plain(message) };
                messenger.send(target, &plain).await
            }
        }
    }

    /// What to try after `error`.
    fn next(&self, form: Form, in_topic: bool, error: &SendError) -> Next {
        let message = self.message;
        let has_photo = self.picture().is_some() && message.edit.is_none();
        match error {
            SendError::BadThread(_) if in_topic => Next::WithoutTopic,
            // A copy has no words of its own that could be sent instead.
            _ if message.copy.is_some() => Next::End,
            SendError::BadMedia(_) if form == Form::Known => {
                self.desk.forget(self.pictures());
                Next::Form(Form::Whole)
            }
            SendError::BadMedia(_) if form == Form::Whole && !message.album.is_empty() => {
                Next::Form(Form::Single)
            }
            SendError::BadMedia(_) if form < Form::Upload && has_photo => Next::Form(Form::Upload),
            SendError::BadMedia(_) if form >= Form::Upload && message.text.is_empty() => Next::End,
            SendError::BadMedia(_) if form == Form::Upload => Next::Form(Form::Text),
            SendError::BadRequest(why) if self.amends && is_out_of_reach(why) => Next::End,
            // The message is gone, too old, or of another kind: a person without the new menu would be stuck.
            SendError::BadRequest(_)
                if form <= Form::Whole && message.edit.is_some() && !self.amends =>
            {
                Next::Form(Form::Text)
            }
            SendError::BadMedia(_) | SendError::BadRequest(_) | SendError::BadThread(_)
                if form < Form::Plain =>
            {
                Next::Form(Form::Plain)
            }
            _ => Next::End,
        }
    }

    /// The addresses of its pictures.
    fn pictures(&self) -> &[String] {
        match &self.message.photo {
            Some(photo) => std::slice::from_ref(photo),
            None => &self.message.album,
        }
    }

    fn picture(&self) -> Option<&str> {
        self.pictures().first().map(String::as_str)
    }

    /// The message with its first picture alone.
    fn single(&self) -> Outgoing {
        let photo = self.picture().map(str::to_owned);
        Outgoing { photo, album: vec![], ..self.message.clone() }
    }

    /// The message with the names that Telegram has for its pictures, if it has some.
    fn known(&self) -> Option<Outgoing> {
        if self.message.edit.is_some() {
            return None;
        }
        let mut found = false;
        let mut named = |url: &String| match self.desk.file(url) {
            Some(file) => {
                found = true;
                file
            }
            None => url.clone(),
        };
        let photo = self.message.photo.as_ref().map(&mut named);
        let album = self.message.album.iter().map(&mut named).collect();
        found.then(|| Outgoing { photo, album, ..self.message.clone() })
    }

    fn remember(&self, form: Form, accepted: &Accepted) {
        if form < Form::Text && self.message.edit.is_none() {
            self.desk.remember(self.pictures(), &accepted.files);
        }
    }
}

/// Whether a refused edit means that the message cannot be edited at all, whatever is said.
fn is_out_of_reach(why: &str) -> bool {
    let why = why.to_lowercase();
    ["to edit", "can't be edited", "message_id_invalid"].iter().any(|piece| why.contains(piece))
}

/// The bare words, with the address of the first link button under them.
fn plain(message: &Outgoing) -> Outgoing {
    let link = message.buttons.iter().flatten().find_map(|button| match &button.action {
        Action::Url(url) if !message.text.contains(url.as_str()) => Some(url.as_str()),
        _ => None,
    });
    let text = match link {
        // A web address is ASCII, so its length is its length in UTF-16 units too.
        Some(url) if url.len() < TEXT_LIMIT / 2 => {
            format!("{}\n{url}", cut(&message.text, TEXT_LIMIT - 1 - url.len()))
        }
        _ => cut(&message.text, TEXT_LIMIT),
    };
    Outgoing::text(text)
}

#[cfg(test)]
#[path = "send_one_tests.rs"]
mod tests;
