//! What a claimed delivery says: ready-made words, or a change in the reader's language. Pure but for the shared
//! bodies of the [`Renderer`].

use super::render::{Length, Renderer};
use crate::domain::delivery::{Claimed, Content};
use crate::domain::preferences::Pictures;
use crate::domain::{Outgoing, PostForm};
use crate::texts::builder::fit;

/// A message and what it shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    /// The message.
    pub message: Outgoing,
    /// Version of the listing that it shows; 0 when it is not about one.
    pub version: i64,
    /// How it stands in the chat, should Telegram not say so.
    pub form: PostForm,
}

/// What is said; `None` when the change is gone.
pub(super) fn said(renderer: &Renderer, claimed: &Claimed) -> Option<Said> {
    let new = &claimed.delivery.new;
    let (change, latest) = (claimed.change.as_ref(), claimed.standing.latest.as_ref());
    match &new.content {
        Content::Message(message) => Some(ready(fit(message))),
        Content::Change { event, watches, answers, .. } => {
            let change = change?;
            // Under the message that says all the rest, only what happened to it.
            let short = answers.is_some() && change.kind.ends();
            let length = if short { Length::Short } else { Length::Whole };
            let body = renderer.body(event, change, latest, new.language, length);
            let preferences = claimed.standing.preferences.as_ref();
            let pictures = preferences.map_or(Pictures::One, |preferences| preferences.pictures);
            let photo = match pictures {
                Pictures::None => None,
                // The album went right before these words; without it they show its first picture.
                Pictures::Album if claimed.standing.has_album => None,
                Pictures::One | Pictures::Album => body.photos.first().cloned(),
            };
            let names = if short { &[][..] } else { watches.as_slice() };
            let message = Outgoing { photo, reply_to: *answers, ..body.message(names) };
            // A short word is no standing message: the one that it answers is.
            let version = if short { 0 } else { body.version };
            Some(Said { message, version, form: PostForm::Text })
        }
        Content::Amend { event, watches, message_id, form } => {
            let body = renderer.body(event, change?, latest, new.language, Length::Whole);
            let edit_caption = *form == PostForm::Caption;
            let message =
                Outgoing { edit: Some(*message_id), edit_caption, ..body.message(watches) };
            Some(Said { message, version: body.version, form: *form })
        }
        Content::Campaign { .. } => claimed.standing.message.as_ref().map(fit).map(ready),
        Content::Chart { .. }
        | Content::Copy { .. }
        | Content::Figures(_)
        | Content::ToStaff { .. } => None,
    }
}

fn ready(message: Outgoing) -> Said {
    let form = if message.edit_caption { PostForm::Caption } else { PostForm::Text };
    Said { message, version: 0, form }
}
