//! One attempt at one delivery, with its fall-backs.
//!
//! ```text
//! whole ──picture refused──► upload ──picture refused──► text ──content refused──► plain ──► dead
//!   └──── content refused ────┴────────────────────────────────────────────────────► plain
//! an edit refused ──► text, as a new message with its buttons
//! topic gone, once, in any form ──► the same form without the topic
//! ```
//!
//! Only a certain refusal leads on to the next form: after a doubt another form could be a second copy.
//! Each form is tried at most once and the topic is lost at most once, so this ends. It waits for nothing
//! but its own requests: times that Telegram asks for go into the outcome.

use crate::clock::Clock;
use crate::deliver::outcome::outcome_of;
use crate::deliver::render::render;
use crate::domain::delivery::{Claimed, Content, Outcome, Settlement};
use crate::domain::message::Action;
use crate::domain::{Outgoing, PostForm};
use crate::telegram::{Messenger, PhotoSource, SendError, Target};
use crate::texts::builder::{TEXT_LIMIT, cut, fit};

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
    /// As it was meant.
    Whole,
    /// The picture uploaded by us.
    Upload,
    /// Without the picture, and a new message where an edit was meant.
    Text,
    /// Bare text: no picture, entities or buttons, and never an edit.
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
    photos: &dyn PhotoSource,
    clock: &dyn Clock,
    claimed: &Claimed,
) -> Settlement {
    attempt(messenger, photos, clock, claimed).await.settlement
}

/// [`send_one`], with what Telegram said.
pub async fn attempt(
    messenger: &dyn Messenger,
    photos: &dyn PhotoSource,
    clock: &dyn Clock,
    claimed: &Claimed,
) -> Attempt {
    let delivery = &claimed.delivery;
    let (outcome, error) = match message_of(claimed) {
        None if matches!(delivery.new.content, Content::Chart { .. }) => {
            match super::chart::send(messenger, claimed, clock.now()).await {
                Ok(message_id) => (Outcome::Sent { message_id }, None),
                Err(error) => (outcome_of(&error, delivery, clock.now()), Some(error)),
            }
        }
        None => {
            let reason = "what it was about is no longer stored".to_owned();
            (Outcome::Dropped { reason }, None)
        }
        Some(message) => {
            let target = Target { chat: delivery.new.chat, thread: delivery.new.thread };
            match send_forms(messenger, photos, target, &message).await {
                Ok(message_id) => (Outcome::Sent { message_id }, None),
                Err(SendError::Benign(_)) => {
                    (Outcome::Sent { message_id: message.edit.unwrap_or(0) }, None)
                }
                Err(error) => (outcome_of(&error, delivery, clock.now()), Some(error)),
            }
        }
    };
    let settlement = Settlement {
        id: delivery.new.id.clone(),
        chat: delivery.new.chat,
        epoch: delivery.epoch,
        outcome,
    };
    Attempt { settlement, error }
}

/// What is said; `None` when the change is gone.
fn message_of(claimed: &Claimed) -> Option<Outgoing> {
    let new = &claimed.delivery.new;
    match &new.content {
        Content::Message(message) => Some(fit(message)),
        Content::Change { watches, .. } => {
            claimed.change.as_ref().map(|change| render(change, watches, new.language))
        }
        Content::Amend { watches, message_id, form, .. } => {
            let change = claimed.change.as_ref()?;
            let edit_caption = *form == PostForm::Caption;
            let message = render(change, watches, new.language);
            Some(Outgoing { edit: Some(*message_id), edit_caption, ..message })
        }
        Content::Campaign { .. } => claimed.standing.message.as_ref().map(fit),
        Content::Chart { .. } => None,
    }
}

async fn send_forms(
    messenger: &dyn Messenger,
    photos: &dyn PhotoSource,
    mut target: Target,
    message: &Outgoing,
) -> Result<i64, SendError> {
    let mut form = Form::Whole;
    loop {
        let error = match send_form(messenger, photos, target, message, form).await {
            Ok(message_id) => return Ok(message_id),
            Err(error) => error,
        };
        match next(form, message, target.thread.is_some(), &error) {
            Next::Form(worse) => form = worse,
            Next::WithoutTopic => target.thread = None,
            Next::End => return Err(error),
        }
    }
}

async fn send_form(
    messenger: &dyn Messenger,
    photos: &dyn PhotoSource,
    target: Target,
    message: &Outgoing,
    form: Form,
) -> Result<i64, SendError> {
    match form {
        Form::Whole => messenger.send(target, message).await,
        Form::Upload => {
            let url = message.photo.as_deref().unwrap_or_default();
            match photos.photo(url).await {
                Some(photo) => {
                    let name = photo.kind.file_name();
                    messenger.send_photo_bytes(target, message, name, photo.bytes).await
                }
                None => Err(SendError::BadMedia("the picture could not be loaded".into())),
            }
        }
        Form::Text => {
            let text = Outgoing { photo: None, edit: None, ..message.clone() };
            messenger.send(target, &text).await
        }
        Form::Plain => messenger.send(target, &plain(message)).await,
    }
}

/// What to try after `error`.
fn next(form: Form, message: &Outgoing, in_topic: bool, error: &SendError) -> Next {
    let has_photo = message.photo.is_some() && message.edit.is_none();
    match error {
        SendError::BadThread(_) if in_topic => Next::WithoutTopic,
        SendError::BadMedia(_) if form == Form::Whole && has_photo => Next::Form(Form::Upload),
        SendError::BadMedia(_) if form == Form::Upload => Next::Form(Form::Text),
        // The message is gone, too old, or of another kind: a person without the new menu would be stuck.
        SendError::BadRequest(_) if form == Form::Whole && message.edit.is_some() => {
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
