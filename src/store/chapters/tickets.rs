//! The chapter of the record about support: tickets, their messages, where their copies are, and what waits for an answer.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::domain::delivery::Content;
use crate::domain::ticket::{Facts, Side, Staff, StaffPlace, Ticket, TicketId};
use crate::domain::{Button, ChatId, Language, Outgoing, UserId};
use crate::store::DbError;

/// What a decision asks to see.
#[derive(Debug, Clone, PartialEq)]
pub enum TicketAsk {
    /// The open ticket of who speaks, or all that opening one needs.
    Own {
        /// Number of the update: part of the name of a new ticket.
        update: i64,
        /// Whether this message, in the person's chat, is one of the ticket.
        message: Option<i64>,
    },
    /// The ticket that a place of staff is about.
    Place {
        /// The chat.
        chat: ChatId,
        /// The topic.
        thread: Option<i64>,
        /// The message that is answered.
        answers: Option<i64>,
    },
    /// The ticket of a button.
    Named(TicketId),
}

/// The tickets that a decision looks at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TicketView {
    /// The open ticket of who speaks, or of the person of `about`.
    pub own: Option<Ticket>,
    /// Whether the asked message is one of it.
    pub has_message: bool,
    /// A name for a new one.
    pub free: Option<TicketId>,
    /// The ticket of the asked place or name, open or closed.
    pub about: Option<Ticket>,
    /// The message of the person whose copy is answered.
    pub answered: Option<i64>,
    /// Who the person is: of a new ticket, and of `about`.
    pub facts: Facts,
    /// Answers that are kept ready, by name; for staff only.
    pub canned: Vec<Canned>,
}

/// An answer that is kept ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canned {
    /// Its name: letters, digits, `-` and `_`, at most 24.
    pub name: String,
    /// Its language.
    pub language: Language,
    /// What it says.
    pub text: String,
}

/// A change of a ticket. One whose ticket is not (or no longer) as it was seen is [`DbError::Stale`].
#[derive(Debug, Clone, PartialEq)]
pub enum TicketEffect {
    /// A message of a person is kept and copied to staff.
    Write(Box<Written>),
    /// A message of an open ticket says something else now.
    Edit {
        /// Which ticket.
        ticket: TicketId,
        /// Id of the message in the ticket's chat.
        message_id: i64,
        /// What it says now.
        text: String,
    },
    /// Staff answers.
    Answer(Box<Answered>),
    /// Staff notes something for itself.
    Note(Box<Answered>),
    /// It is closed.
    Close {
        /// Which.
        ticket: TicketId,
        /// By whom; empty for the person.
        by: String,
        /// What the person is told, if somebody else closed it.
        tell: Option<Box<Outgoing>>,
    },
    /// It is opened again; the person has no other open one.
    Reopen {
        /// Which.
        ticket: TicketId,
        /// By whom; empty for the person, who waits for an answer from now on.
        by: String,
    },
    /// The person says that it helped.
    Helped {
        /// Which.
        ticket: TicketId,
    },
}

/// A message of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The ticket.
    pub ticket: TicketId,
    /// Opens it, and staff sees this first.
    pub opens: Option<Outgoing>,
    /// Who.
    pub user: UserId,
    /// Where.
    pub chat: ChatId,
    /// Id of the message.
    pub message_id: i64,
    /// The message that it answers.
    pub answers: Option<i64>,
    /// What it says, for lists.
    pub text: String,
    /// Who hears of it.
    pub staff: Staff,
    /// What stands under its copies in the private chats of operators.
    pub buttons: Vec<Vec<Button>>,
}

/// An answer of staff.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The ticket.
    pub ticket: TicketId,
    /// Where it was written. 0: on the command line.
    pub chat: ChatId,
    /// Id of the message there; unique with the chat, so that a repetition is one answer.
    pub message_id: i64,
    /// Who.
    pub by: UserId,
    /// Who, in words.
    pub author: String,
    /// What it says, for lists.
    pub text: String,
    /// What goes to the person.
    pub content: Content,
}

/// A message of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketMessage {
    /// Whose words.
    pub side: Side,
    /// Who, of staff.
    pub author: String,
    /// What it says.
    pub text: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// What waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// How many tickets.
    pub count: i64,
    /// Since when the oldest waits.
    pub oldest: Option<DateTime<Utc>>,
}

/// See the module.
#[async_trait]
pub trait TicketRecord: Send + Sync {
    /// Where something about a ticket goes in this chat; `about` is the message of the person that it is about.
    async fn ticket_place(
        &self,
        ticket: &TicketId,
        chat: ChatId,
        about: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<StaffPlace, DbError>;

    /// Notes the topic of the person of a ticket; `None`: the group has no topics now. Where an earlier topic is
    /// replaced, the header is told anew.
    async fn set_ticket_topic(
        &self,
        ticket: &TicketId,
        chat: ChatId,
        thread: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<(), DbError>;

    /// Tickets, those that have waited longest first, then the latest; only open ones unless `all`.
    async fn tickets(&self, all: bool, limit: u32) -> Result<Vec<Ticket>, DbError>;

    /// A ticket with its messages, oldest first.
    async fn ticket(
        &self,
        ticket: &TicketId,
    ) -> Result<Option<(Ticket, Vec<TicketMessage>)>, DbError>;

    /// A change that comes from the command line; false when the ticket is not as it should be for that.
    async fn order_ticket(
        &self,
        effect: &TicketEffect,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError>;

    /// What waits for an answer.
    async fn tickets_waiting(&self) -> Result<Waiting, DbError>;

    /// Tells `staff` of each ticket that has waited since `before` or longer, once, and again each day; answers how
    /// many were told of.
    async fn tell_late_tickets(
        &self,
        before: DateTime<Utc>,
        staff: &Staff,
        now: DateTime<Utc>,
    ) -> Result<u64, DbError>;

    /// Answers that are kept ready, by name and language.
    async fn canned(&self) -> Result<Vec<Canned>, DbError>;

    /// Keeps an answer ready; one of the same name and language is replaced.
    async fn put_canned(&self, canned: &Canned) -> Result<(), DbError>;

    /// Forgets an answer in all languages; answers how many rows went.
    async fn drop_canned(&self, name: &str) -> Result<u64, DbError>;
}
