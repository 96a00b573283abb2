//! What goes into and out of the [`Db`](super::Db) port.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sites::{Listing, ListingKey};

use super::Place;
use crate::domain::change::PriceWrite;
use crate::domain::delivery::NewDelivery;
use crate::domain::pace::Limits;
use crate::domain::preferences::{Mute, Patch};
use crate::domain::source::Verdict;
use crate::domain::watch::{NewWatch, WatchOrder};
use crate::domain::{
    Change, ChatId, ChatKind, Class, DeliveryId, DeliveryState, Filter, Language, OwnerId,
    SourceId, UserId, WatchId,
};

pub use super::audit::AuditEntry;
use super::chapters::{AccountEffect, OperateEffect, PanelEffect, ShareEffect, TicketEffect};
pub use super::source_records::{SourceFilter, SourceOrder};
pub use super::update_records::{Committed, PoisonUpdate, UpdateCommit};
pub use super::view::{Look, OwnView, View, ViewRequest};

/// A running process that claims work. Its file lock (`lock_path`) says whether it lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Unique per process start.
    pub owner: OwnerId,
    /// For operators: `scraper` or `bot`.
    pub role: String,
    /// Process id, for operators.
    pub pid: i64,
    /// File that the process holds locked while it lives.
    pub lock_path: String,
    /// When it started.
    pub started_at: DateTime<Utc>,
}

/// What the burial of a dead instance left behind.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Buried {
    /// Deliveries that were `sending`: the doubt list, with the state each went to by its class's policy.
    pub doubts: Vec<(DeliveryId, DeliveryState)>,
    /// Source claims that were released.
    pub sources: u64,
}

/// Which deliveries to list, newest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeliveryFilter {
    /// Only this state.
    pub state: Option<DeliveryState>,
    /// Only this chat.
    pub chat: Option<ChatId>,
    /// Only those that were ever in doubt.
    pub doubted: bool,
    /// Only this class.
    pub class: Option<Class>,
    /// Only those whose reason contains this text.
    pub reason: Option<String>,
    /// Only those whose id begins so; they come in the order of their ids.
    pub prefix: Option<String>,
    /// At most this many (0 means 100).
    pub limit: u32,
}

/// Deliveries that need a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeadLetters {
    /// How many.
    pub count: i64,
    /// Since when the oldest waits.
    pub oldest: Option<DateTime<Utc>>,
}

/// Counts of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutboxStats {
    /// Deliveries by state.
    pub by_state: Vec<(DeliveryState, i64)>,
    /// When the oldest one that could be sent now was written.
    pub oldest_ready: Option<DateTime<Utc>>,
    /// How many were ever in doubt.
    pub doubted: i64,
}

/// A sender asks for work.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimRequest {
    /// Who.
    pub owner: OwnerId,
    /// When.
    pub now: DateTime<Utc>,
    /// At most this many deliveries; one per chat.
    pub limit: usize,
    /// The limits; slots are taken in the same transaction as the intent.
    pub limits: Limits,
    /// Slots later than this from now are not handed out: the delivery waits for a later claim.
    pub horizon: Duration,
    /// Only these classes; empty means all.
    pub classes: Vec<Class>,
}

/// What settling did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettleReport {
    /// Settlements that counted.
    pub settled: u64,
    /// Settlements of an older epoch: somebody else has the delivery now.
    pub fenced: u64,
}

/// The report of one run of a source.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// Which source.
    pub source: SourceId,
    /// Epoch of the claim; an older one is refused.
    pub epoch: i64,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
    /// How it ended.
    pub verdict: Verdict,
    /// Listings on the page.
    pub items: i64,
    /// The road: `http` or `browser`.
    pub rung: String,
    /// Bytes fetched.
    pub bytes: i64,
    /// What an operator should know, if anything.
    pub error: Option<String>,
    /// For each field, how often each source of values won, as JSON.
    pub won: String,
    /// Validators of the answer for the next conditional request.
    pub etag: Option<String>,
    /// See `etag`.
    pub last_modified: Option<String>,
    /// The source's next due time when it differs from the one set by the claim (back-off).
    pub next_due_at: Option<DateTime<Utc>>,
    /// Why this road was taken, in words for operators.
    pub why: String,
    /// What is now known of the ways to the source (see [`Source::road`]); `None` leaves it.
    pub road: Option<String>,
    /// What is now known of its rate of change (see [`Source::rate`]); `None` leaves it.
    pub rate: Option<String>,
}

/// One listing to be written with what happened to it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListingWrite {
    /// The reading.
    pub listing: Listing,
    /// Its fingerprint.
    pub fingerprint: i64,
    /// What happened; `None` for a reading without news (a baseline, or first time in this source).
    pub change: Option<Change>,
    /// What becomes of the prices on record. Written when the listing is new, when the change is, or without a
    /// change; a repeated one writes nothing.
    pub price: PriceWrite,
}

/// Everything a chunk of a run causes, written in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchBatch {
    /// Which source.
    pub source: SourceId,
    /// Epoch of the claim; an older one is refused and writes nothing.
    pub epoch: i64,
    /// Id of the site module.
    pub site: String,
    /// At most 500.
    pub listings: Vec<ListingWrite>,
    /// What is told because of it.
    pub deliveries: Vec<NewDelivery>,
    /// With the last chunk: the verdict of the run. Sets `baseline_done` when the verdict is good.
    pub run: Option<RunRecord>,
    /// When.
    pub now: DateTime<Utc>,
}

/// What a [`MatchBatch`] did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recorded {
    /// The claim was too old: nothing was written.
    pub fenced: bool,
    /// Listings that had not been known.
    pub new_listings: u64,
    /// Changes that had not been recorded.
    pub new_changes: u64,
    /// Deliveries that had not been recorded.
    pub new_deliveries: u64,
}

/// A change of the record that an update causes.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// The person is known from now on (or speaks another language); their chat is active.
    Meet {
        /// Who.
        user: UserId,
        /// The chat in which we may write.
        chat: ChatId,
        /// Its type.
        kind: ChatKind,
        /// Language for a person not met before; a met one keeps theirs.
        language: Language,
    },
    /// The person chose a language.
    SetLanguage {
        /// Who.
        user: UserId,
        /// Which.
        language: Language,
    },
    /// We may or may not write to the chat any more. `at` is Telegram's date of the event: an older one
    /// loses against a newer one whatever the order of arrival.
    ChatActive {
        /// Which chat.
        chat: ChatId,
        /// Its type.
        kind: ChatKind,
        /// Whether we may write.
        active: bool,
        /// When it happened.
        at: DateTime<Utc>,
    },
    /// A new watch; the same (user, chat, source) again lets the present one go on, if its owner paused it.
    Subscribe {
        /// Its id.
        watch: WatchId,
        /// Whose.
        user: UserId,
        /// Where to tell.
        chat: ChatId,
        /// Forum topic.
        thread: Option<i64>,
        /// On which source.
        source: SourceId,
        /// What it is called.
        name: String,
        /// What it wants.
        filter: Filter,
        /// Language of the owner.
        language: Language,
    },
    /// The watch ends. Only its owner's.
    Unsubscribe {
        /// Which.
        watch: WatchId,
        /// Whose: another person's watch is not touched.
        user: UserId,
    },
    /// A watch with searches of its own, see [`WatchRecord::add_watch`](super::WatchRecord::add_watch).
    AddWatch(Box<NewWatch>),
    /// A change of a watch. Only its owner's.
    ChangeWatch {
        /// Which.
        id: WatchId,
        /// Whose: another person's watch is not touched.
        user: UserId,
        /// What is asked.
        order: WatchOrder,
    },
    /// The group became a supergroup: rename it everywhere.
    MigrateChat {
        /// Old id.
        from: ChatId,
        /// New id.
        to: ChatId,
    },
    /// A person keeps a listing, or no longer does.
    Keep {
        /// Who.
        user: UserId,
        /// Which.
        key: ListingKey,
        /// Whether it is kept.
        kept: bool,
    },
    /// Something is told that no plain words can say (a chart); written once by its name.
    Tell(NewDelivery),
    /// The chat, or the topic, wants to be told in another way; what waits is decided again.
    Prefer {
        /// Where.
        place: Place,
        /// What is different from now on.
        patch: Patch,
    },
    /// The chat, or the topic, does not want to hear of something; what waits of it is dropped.
    Mute {
        /// Where.
        place: Place,
        /// What, until when.
        mute: Mute,
    },
    /// It wants to hear of it again.
    Unmute {
        /// Where.
        place: Place,
        /// What; the end does not matter.
        mute: Mute,
    },
    /// What a person is called at Telegram now.
    Name {
        /// Who.
        user: UserId,
        /// As people see it.
        name: String,
        /// Without `@`.
        username: Option<String>,
    },
    /// Plans, balance, invitations.
    Account(AccountEffect),
    /// Support.
    Ticket(TicketEffect),
    /// An operator's order about a person or a plan.
    Panel(PanelEffect),
    /// An operator's order about the running service.
    Operate(OperateEffect),
    /// A watch is shared, or no longer.
    Share(ShareEffect),
    /// What an operator did is written down.
    Audit(AuditEntry),
}
