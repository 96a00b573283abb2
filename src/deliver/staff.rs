//! One attempt at something for staff: its place is found when it is sent.
//!
//! ```text
//! a private chat of an operator ──────────────────────────────► send
//! the group ──► topic known ──► send in it ──topic gone──► make a topic ──► note it ──► send
//!          ├──► unknown ──────────────────────────────────► make a topic ──► note it ──► send
//!          │                                                    └─ no topics here: note that, and:
//!          └──► no topics ──► send, answering the copy or the header, so that staff sees whose it is
//! ```
//!
//! A process that dies between making a topic and noting it leaves an empty topic behind and nothing else: the next
//! attempt makes another one. One that dies between a copy and its settlement leaves a doubt, as with every
//! delivery: the copy may come twice.

use chrono::{DateTime, TimeDelta, Utc};

use super::outcome::outcome_of;
use super::send_one::{Attempt, ended};
use crate::domain::delivery::{Claimed, Content, Outcome};
use crate::domain::message::Copied;
use crate::domain::ticket::{ForStaff, StaffPlace, TicketId, Topic};
use crate::domain::{ChatId, Language, Outgoing, PostForm};
use crate::store::{DbError, TicketRecord};
use crate::telegram::{Messenger, SendError, Target};
use crate::texts::builder::fit;
use crate::texts::ticket;

/// How long a record that does not answer is left alone.
const REST: TimeDelta = TimeDelta::seconds(1);

/// Why it did not work.
enum Trouble {
    /// Telegram said no.
    Refused(SendError),
    /// The record did not answer.
    Record(DbError),
}

impl From<SendError> for Trouble {
    fn from(error: SendError) -> Self {
        Self::Refused(error)
    }
}

impl From<DbError> for Trouble {
    fn from(error: DbError) -> Self {
        Self::Record(error)
    }
}

/// Sends `claimed` if it is for staff; `None` when it is not.
pub(super) async fn attempt(
    messenger: &dyn Messenger,
    record: &dyn TicketRecord,
    claimed: &Claimed,
    now: DateTime<Utc>,
) -> Option<Attempt> {
    let new = &claimed.delivery.new;
    let Content::ToStaff { ticket, about, what, .. } = &new.content else { return None };
    let (chat, language) = (new.chat, new.language);
    let desk = FrontDesk { messenger, record, ticket, chat, language, now };
    Some(match desk.post(*about, what).await {
        Ok(message_id) => {
            let sent = Outcome::Sent { message_id, form: PostForm::Text, version: 0 };
            ended(claimed, sent, None)
        }
        Err(Trouble::Refused(error)) => {
            let outcome = outcome_of(&error, &claimed.delivery, now);
            ended(claimed, outcome, Some(error))
        }
        Err(Trouble::Record(error)) => {
            let reason = format!("where it goes could not be read or noted: {error}");
            ended(claimed, Outcome::Later { at: now + REST, reason }, None)
        }
    })
}

/// Something on its way to a chat of staff.
struct FrontDesk<'a> {
    messenger: &'a dyn Messenger,
    record: &'a dyn TicketRecord,
    ticket: &'a TicketId,
    chat: ChatId,
    language: Language,
    now: DateTime<Utc>,
}

impl FrontDesk<'_> {
    /// Sends it; answers the id of the message, 0 when there is none.
    async fn post(&self, about: Option<i64>, what: &ForStaff) -> Result<i64, Trouble> {
        let place = self.record.ticket_place(self.ticket, self.chat, about, self.now).await?;
        if let ForStaff::Topic { open } = what {
            return self.set_open(place.topic, *open).await;
        }
        if self.chat.0 > 0 {
            return self.send(None, place.answers, what).await;
        }
        let thread = match place.topic {
            Topic::Thread(thread) => Some(thread),
            Topic::Plain => None,
            Topic::Unknown => self.make(&place.title).await?,
        };
        match self.send_to(thread, &place, what).await {
            Err(Trouble::Refused(SendError::BadThread(why))) if thread.is_some() => {
                self.send_elsewhere(thread, &place, what, &why).await
            }
            sent => sent,
        }
    }

    /// The topic is closed, or gone.
    async fn send_elsewhere(
        &self,
        thread: Option<i64>,
        place: &StaffPlace,
        what: &ForStaff,
        why: &str,
    ) -> Result<i64, Trouble> {
        if let (Some(thread), true) = (thread, why.to_lowercase().contains("closed"))
            && self.messenger.set_topic_open(self.chat, thread, true).await.is_ok()
        {
            return self.send_to(Some(thread), place, what).await;
        }
        let thread = self.make(&place.title).await?;
        self.send_to(thread, place, what).await
    }

    /// Where there are no topics, everything answers the header of its ticket.
    async fn send_to(
        &self,
        thread: Option<i64>,
        place: &StaffPlace,
        what: &ForStaff,
    ) -> Result<i64, Trouble> {
        let header = place.header.filter(|_| thread.is_none());
        self.send(thread, place.answers.or(header), what).await
    }

    /// Makes a topic for the person and notes it; `None` where the group has none.
    async fn make(&self, title: &str) -> Result<Option<i64>, Trouble> {
        let thread = match self.messenger.create_topic(self.chat, title).await {
            Ok(thread) => Some(thread),
            // No forum, a small group, or no right to make topics. Should the whole group be gone, the message says so.
            Err(SendError::BadThread(_) | SendError::BadRequest(_) | SendError::ChatGone(_)) => {
                None
            }
            Err(error) => return Err(error.into()),
        };
        self.record.set_ticket_topic(self.ticket, self.chat, thread, self.now).await?;
        Ok(thread)
    }

    async fn set_open(&self, topic: Topic, open: bool) -> Result<i64, Trouble> {
        let Topic::Thread(thread) = topic else { return Ok(0) };
        match self.messenger.set_topic_open(self.chat, thread, open).await {
            // It is so already, it is gone, or we may not: what staff reads is said in words too.
            Ok(()) | Err(SendError::Benign(_) | SendError::BadThread(_)) => Ok(0),
            Err(SendError::BadRequest(_) | SendError::ChatGone(_)) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    async fn send(
        &self,
        thread: Option<i64>,
        answers: Option<i64>,
        what: &ForStaff,
    ) -> Result<i64, Trouble> {
        let target = Target { chat: self.chat, thread };
        match what {
            ForStaff::Header(message) => self.say(target, answers, message).await,
            ForStaff::Word(word) => {
                let text = ticket::word(self.language, self.ticket, word);
                self.say(target, answers, &Outgoing::text(text)).await
            }
            ForStaff::Copy { from, message_id, text, buttons } => {
                let message = Outgoing {
                    copy: Some(Copied { from: *from, ids: vec![*message_id] }),
                    reply_to: answers,
                    buttons: buttons.clone(),
                    ..Outgoing::default()
                };
                match self.messenger.send(target, &message).await {
                    // It was deleted meanwhile, or is of a kind that cannot be copied: its words are kept.
                    Err(SendError::BadRequest(_) | SendError::BadMedia(_)) => {
                        let text = ticket::uncopied(self.language, text);
                        let message = Outgoing { buttons: buttons.clone(), ..Outgoing::text(text) };
                        self.say(target, answers, &message).await
                    }
                    copied => Ok(copied?.id()),
                }
            }
            ForStaff::Topic { .. } => Ok(0),
        }
    }

    /// Says something, plainly if it must be.
    async fn say(
        &self,
        target: Target,
        answers: Option<i64>,
        message: &Outgoing,
    ) -> Result<i64, Trouble> {
        let whole = Outgoing { reply_to: answers, ..fit(message) };
        match self.messenger.send(target, &whole).await {
            Err(SendError::BadRequest(_)) => {
                let plain = Outgoing { reply_to: answers, ..Outgoing::text(whole.text) };
                Ok(self.messenger.send(target, &plain).await?.id())
            }
            sent => Ok(sent?.id()),
        }
    }
}
