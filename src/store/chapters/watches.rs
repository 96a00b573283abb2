//! The chapter of the record about the life of watches: made, changed, paused, muted, limited, ended.
//!
//! - Limits are those of the person's plan: the free terms with which the record was opened, and the plans that the
//!   person is entitled to. They are checked in the transaction that writes, so that nothing is half done.
//! - Every change is named in `watch_log`, which processes follow to keep their match index.
//! - Alerts that wait for the watch alone are dropped with it, in the same transaction, when it is paused, muted or
//!   removed; one that several watches of the chat wanted stays and names the others.
//! - A search that was made for a watch vanishes with its last watch, unless it is offered to everybody or an
//!   operator has taken it over since (`magpie source add`, the file of searches). Its listings stay as long as all
//!   listings do. When somebody wants it again it begins with a silent baseline: what came in between is no news.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::Listing;

use crate::domain::delivery::{Content, delivery_id};
use crate::domain::ids::digest;
use crate::domain::plan::{Entitled, Refusal, Terms};
use crate::domain::preferences::Telling;
use crate::domain::watch::{NewWatch, WatchOrder, Who};
use crate::domain::{
    ChatId, Class, Language, NewDelivery, Outgoing, SourceId, UserId, Watch, WatchId,
};
use crate::store::DbError;

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchDone {
    /// It is written.
    Done,
    /// It was so already: nothing changed. Names the watch that is there.
    Already(WatchId),
    /// There is no such watch, or it is somebody else's.
    Missing,
    /// It may not be: nothing changed.
    Refused(Refusal),
}

/// Which watches to list, oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WatchFilter {
    /// Only of this person.
    pub user: Option<UserId>,
    /// Only those that tell this chat.
    pub chat: Option<ChatId>,
    /// Only those after this one: moment of making and id of the last one of the page before.
    pub after: Option<(DateTime<Utc>, WatchId)>,
    /// At most this many (0 means 100).
    pub limit: u32,
}

/// What applying the limits of a person's plan did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limited {
    /// Watches that rest from now on.
    pub paused: usize,
    /// Watches that go on.
    pub resumed: usize,
}

/// What a person is told when the end of a plan lets these watches rest. The record knows no texts.
pub type RestWord = fn(&[&Watch], Language) -> Outgoing;

/// The message to a person whose watches rest from `now` on; `None` when none do.
pub(crate) fn rest_message(
    resting: &[&Watch],
    word: RestWord,
    now: DateTime<Utc>,
) -> Option<NewDelivery> {
    let first = resting.first()?;
    let mut ids: Vec<&str> = resting.iter().map(|watch| watch.id.as_str()).collect();
    ids.sort_unstable();
    let subject = format!("rest/{}/{}", now.timestamp_millis(), digest(&ids));
    // The private chat of a person has the person's id.
    let (class, chat, language) = (Class::Payment, ChatId(first.user.0), first.language);
    Some(NewDelivery {
        id: delivery_id(class, chat, None, &subject),
        class,
        chat,
        thread: None,
        language,
        content: Content::Message(word(resting, language)),
        not_before: now,
        fate: Telling::Send,
    })
}

/// The life of watches.
#[async_trait]
pub trait WatchRecord: Send + Sync {
    /// Makes a watch, its searches where they are missing, and its sample. One of the same id, or an equal one if
    /// that was asked for, is left as it is.
    async fn add_watch(&self, new: &NewWatch, now: DateTime<Utc>) -> Result<WatchDone, DbError>;

    /// Changes a watch. A person reaches their own only.
    async fn change_watch(
        &self,
        id: &WatchId,
        who: Who,
        order: &WatchOrder,
        now: DateTime<Utc>,
    ) -> Result<WatchDone, DbError>;

    /// One watch.
    async fn watch(&self, id: &WatchId) -> Result<Option<Watch>, DbError>;

    /// Lists watches.
    async fn watches(&self, filter: &WatchFilter) -> Result<Vec<Watch>, DbError>;

    /// Brings the watches of a person in line with their plan at `now`, see [`crate::domain::plan::settle`]. Where
    /// watches rest from now on, the person is told so in the same transaction: once, however often this is done.
    async fn apply_limits(
        &self,
        user: UserId,
        word: RestWord,
        now: DateTime<Utc>,
    ) -> Result<Limited, DbError>;

    /// People whose limits may have moved: an entitlement ended after `since`, or watches rest by the plan's limit.
    /// Without `since` also everybody with more watches than the free terms allow.
    async fn limit_suspects(
        &self,
        since: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Vec<UserId>, DbError>;

    /// The free terms, and the plans of a person, ended ones too.
    async fn plans_of(&self, user: UserId) -> Result<(Terms, Vec<Entitled>), DbError>;

    /// The latest listings of several searches that were seen since `since`, newest first, each once, with the id
    /// of their site. None of a search without a good run yet.
    async fn recent_listings(
        &self,
        sources: &[SourceId],
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<(String, Listing)>, DbError>;
}
