//! The chapter of the record about what operators see and do about sites, sources, broadcasts and orders from the chat.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::Money;

use super::modules::{Decision, ModuleVersion};
use crate::domain::campaign::{Audience, Campaign, CampaignId, NewCampaign, Progress};
use crate::domain::health::SiteHealth;
use crate::domain::host::HostPace;
use crate::domain::{
    ChatId, DeliveryState, Language, NewDelivery, Source, SourceId, UserId, Verdict,
};
use crate::store::DbError;
use crate::store::records::{Instance, OutboxStats, RunRecord, SourceOrder};

/// Orders and sources on one page.
pub const PAGE: usize = 8;

/// What a decision asks to see.
#[derive(Debug, Clone, PartialEq)]
pub enum OperateAsk {
    /// All sites that have sources.
    Sites,
    /// One of them.
    Site {
        /// Which.
        site: String,
        /// Its hosts, for their pace.
        hosts: Vec<String>,
        /// Now.
        now: DateTime<Utc>,
    },
    /// A page of its sources, from 0.
    Sources {
        /// Of which site.
        site: String,
        /// Which page.
        page: usize,
    },
    /// One source.
    Source(SourceId),
    /// The version of a site's module that waits for an operator's word.
    Proposal(String),
    /// The last broadcasts.
    Campaigns,
    /// One broadcast.
    Campaign {
        /// Which.
        id: CampaignId,
        /// This audience is counted instead of its own.
        audience: Option<Audience>,
        /// Now, for who is in its audience.
        now: DateTime<Utc>,
    },
    /// A page of orders, newest first, from 0.
    Orders {
        /// Only those in this state.
        state: Option<String>,
        /// Which page.
        page: usize,
    },
    /// The running service.
    Service {
        /// Now.
        now: DateTime<Utc>,
    },
}

/// What the panel of operators shows of the running service: the answer to the ask of the same name.
#[derive(Debug, Clone, PartialEq)]
pub enum OperateView {
    /// By site.
    Sites(Vec<SiteLine>),
    /// See [`SiteCard`].
    Site(Box<SiteCard>),
    /// See [`SourcesPage`].
    Sources(SourcesPage),
    /// `None` when there is no such source.
    Source(Option<Box<SourceCard>>),
    /// `None` when nothing is proposed.
    Proposal(Option<Box<ModuleVersion>>),
    /// Newest first, at most ten.
    Campaigns(Vec<(Campaign, Progress)>),
    /// `None` when there is no such broadcast.
    Campaign(Option<Box<CampaignCard>>),
    /// See [`OrdersPage`].
    Orders(OrdersPage),
    /// See [`ServiceView`].
    Service(Box<ServiceView>),
}

/// A site in one line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SiteLine {
    /// Its id.
    pub site: String,
    /// Health of its module; `None` when nothing was ever wrong with it.
    pub health: Option<SiteHealth>,
    /// Sources.
    pub sources: i64,
    /// Sources that are paused.
    pub paused: i64,
    /// Sources that are not paused and whose last run was bad.
    pub failing: i64,
    /// When one of the others was read last.
    pub last_good_at: Option<DateTime<Utc>>,
    /// A version of its module waits for an operator's word.
    pub is_proposed: bool,
}

/// A site.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SiteCard {
    /// In short.
    pub line: SiteLine,
    /// Runs that ended within a day.
    pub runs: i64,
    /// Good ones among them.
    pub good: i64,
    /// The last bad ones, latest first, at most five.
    pub failures: Vec<FailedRun>,
    /// Clocks of its hosts.
    pub paces: Vec<(String, HostPace)>,
}

/// A bad run.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedRun {
    /// When it ended.
    pub at: DateTime<Utc>,
    /// Title of the source.
    pub title: String,
    /// How it ended.
    pub verdict: Verdict,
    /// Why.
    pub error: Option<String>,
}

/// A page of sources, by title.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourcesPage {
    /// What is on it.
    pub sources: Vec<Source>,
    /// There is another one behind it.
    pub has_more: bool,
}

/// A source.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceCard {
    /// As stored.
    pub source: Source,
    /// Its last runs, latest first, at most ten.
    pub runs: Vec<RunRecord>,
    /// People who watch it.
    pub watchers: i64,
}

/// A broadcast with what is known of it now.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignCard {
    /// As stored.
    pub campaign: Campaign,
    /// How far it is.
    pub progress: Progress,
    /// The audience that was counted.
    pub audience: Audience,
    /// How many it has now, by language.
    pub counts: Vec<(Language, i64)>,
    /// When its pace began to count, and how many had a result then.
    pub begun: Option<(DateTime<Utc>, i64)>,
}

/// A page of orders.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OrdersPage {
    /// What is on it, newest first.
    pub orders: Vec<OrderLine>,
    /// There is another one behind it.
    pub has_more: bool,
    /// How many there are in each state.
    pub states: Vec<(String, i64)>,
    /// Whether the person who asks is told of each order.
    pub is_told: bool,
}

/// An order in one line.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderLine {
    /// Its id.
    pub id: String,
    /// Whose.
    pub user: UserId,
    /// What they are called; empty when that is not known.
    pub name: String,
    /// Of which plan.
    pub plan: String,
    /// How much.
    pub price: Money,
    /// By which provider.
    pub provider: String,
    /// The stored word of its state.
    pub state: String,
    /// What the provider says of its payment.
    pub payment: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was paid.
    pub paid_at: Option<DateTime<Utc>>,
}

/// The running service as the record knows it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ServiceView {
    /// Its processes, oldest first.
    pub instances: Vec<Instance>,
    /// The outbox.
    pub outbox: OutboxStats,
    /// Messages that Telegram accepted within a minute.
    pub sent_a_minute: i64,
    /// Sources that are not paused.
    pub sources: i64,
    /// Those under way.
    pub running: i64,
    /// Those that are due and wait.
    pub due: i64,
    /// Those that wait for more than five minutes.
    pub late: i64,
    /// Those whose last run was bad.
    pub failing: i64,
    /// Sites in quarantine.
    pub quarantined: i64,
}

/// An order about a whole site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteOrder {
    /// All its sources are due now.
    Run,
    /// All its sources are paused.
    Pause,
    /// All its sources go on.
    Resume,
    /// Its module is put aside.
    Quarantine,
    /// Its module is trusted again.
    Release,
}

/// Where the progress of a broadcast is shown from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct Follow {
    /// Of which broadcast.
    pub campaign: CampaignId,
    /// In which chat.
    pub chat: ChatId,
    /// In which topic.
    pub thread: Option<i64>,
    /// The message that is edited.
    pub message_id: i64,
    /// In which language.
    pub language: Language,
    /// What the button that stops it carries.
    pub press_stop: String,
    /// What the button that shows it carries.
    pub press_card: String,
    /// Its pace counts from now on.
    pub begins: bool,
}

/// What an operator does to the running service.
#[derive(Debug, Clone, PartialEq)]
pub enum OperateEffect {
    /// To a source.
    Source(SourceId, SourceOrder),
    /// To a site.
    Site(String, SiteOrder),
    /// To a version of a site's module; the last word says who.
    Module(String, Decision, String),
    /// A draft of a broadcast is written, or written anew.
    Draft(Box<NewCampaign>),
    /// A broadcast starts, or goes on, not before this moment.
    Start(CampaignId, DateTime<Utc>),
    /// A broadcast stops.
    Stop(CampaignId),
    /// A draft is forgotten.
    Forget(CampaignId),
    /// The progress of a broadcast is shown.
    Follow(Box<Follow>),
    /// An operator wants to hear of each order, or no more.
    TellOrders {
        /// Who.
        user: UserId,
        /// Where.
        chat: ChatId,
        /// In which language.
        language: Language,
        /// Whether.
        on: bool,
    },
}

/// Somebody who wants to hear of each order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderWatcher {
    /// Who.
    pub user: UserId,
    /// Where.
    pub chat: ChatId,
    /// In which language.
    pub language: Language,
}

/// A broadcast whose progress is shown in a message.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignReport {
    /// The broadcast.
    pub campaign: Campaign,
    /// How far it is.
    pub progress: Progress,
    /// Where it is shown, by which buttons.
    pub follow: Follow,
    /// When its pace began to count, and how many had a result then.
    pub begun: (DateTime<Utc>, i64),
    /// Edits so far.
    pub edits: i64,
    /// A digest of what the last one said.
    pub shown: String,
    /// What became of the last one.
    pub last: Option<DeliveryState>,
}

/// The next edit of a message that shows a broadcast's progress.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignShown {
    /// Of which broadcast.
    pub campaign: CampaignId,
    /// Edits before this one: another process was faster when it is another number by now.
    pub edits: i64,
    /// The edit; `None` when there is nothing to say.
    pub delivery: Option<NewDelivery>,
    /// A digest of what it says.
    pub shown: String,
    /// The last one.
    pub ended: bool,
}

/// See the module.
#[async_trait]
pub trait OperateRecord: Send + Sync {
    /// Those of `operators` who want to hear of each order: who operates no longer hears of none.
    async fn order_watchers(&self, operators: &[UserId]) -> Result<Vec<OrderWatcher>, DbError>;

    /// Messages that show the progress of a broadcast and were last edited before `before`, and whose broadcast has
    /// begun.
    async fn campaign_reports(
        &self,
        before: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<CampaignReport>, DbError>;

    /// Writes an edit of such a message; false, and nothing is written, when somebody else was faster.
    async fn show_campaign(
        &self,
        shown: &CampaignShown,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError>;
}
