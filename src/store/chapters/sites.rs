//! The chapter of the record about site modules: their health, the pages of failures, who is to be told.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::Listing;

use crate::domain::health::{Alarm, FailurePage, SiteHealth, SourceHealth};
use crate::domain::{ChatId, DeliveryId, Language, NewDelivery, SourceId, Verdict};
use crate::store::DbError;

/// What a run looks at before it begins.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LifeView {
    /// Health of the site; `None` when nothing was ever wrong with it.
    pub site: Option<SiteHealth>,
    /// Health of the source; `None` before its first run.
    pub source: Option<SourceHealth>,
    /// Sources of the site that are not paused.
    pub sources: u32,
}

/// What a run changes, in one transaction.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HealthWrite {
    /// The site's health, with the revision that was read; the stored one becomes one higher.
    pub site: Option<SiteHealth>,
    /// The source's health; an older epoch than the stored one changes nothing.
    pub source: Option<SourceHealth>,
    /// Faults that were raised or are over.
    pub alarms: Vec<Alarm>,
    /// What is told of it.
    pub notices: Vec<Notice>,
}

/// A message about the health of a site.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// The message.
    pub delivery: NewDelivery,
    /// Written only if there is a delivery of this name: who was not told of an illness need not hear of its end.
    pub after: Option<DeliveryId>,
}

/// A chat with watches on a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The chat.
    pub chat: ChatId,
    /// The topic of one of its watches.
    pub thread: Option<i64>,
    /// The language of the owner of that watch.
    pub language: Language,
}

/// A run in short, for tables.
#[derive(Debug, Clone, PartialEq)]
pub struct RunBrief {
    /// Of which source.
    pub source: SourceId,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
    /// How.
    pub verdict: Verdict,
    /// Listings on the page.
    pub items: i64,
    /// By which road.
    pub rung: String,
    /// Field → place → how often it won, as JSON.
    pub won: String,
}

/// See the module.
#[async_trait]
pub trait SiteRecord: Send + Sync {
    /// What is known of the health of a source and its site.
    async fn life_of(&self, source: &SourceId, site: &str) -> Result<LifeView, DbError>;

    /// The health of all sites of which something is known, by site.
    async fn site_healths(&self) -> Result<Vec<SiteHealth>, DbError>;

    /// Writes a change of health with its alarms and notices; false, and nothing is written, when the site's
    /// revision is another one by now. Notices of a known name are ignored.
    async fn record_health(&self, write: &HealthWrite, now: DateTime<Utc>)
    -> Result<bool, DbError>;

    /// Faults that operators were told of, over ones included, by name.
    async fn alarms(&self) -> Result<Vec<Alarm>, DbError>;

    /// Chats with watches on sources of a site that are to be told: not paused, chat active, user not banned. One
    /// entry per chat, by chat.
    async fn site_audience(&self, site: &str) -> Result<Vec<Recipient>, DbError>;

    /// The last listings that a source has shown, latest first, gone ones left out.
    async fn latest_listings(&self, source: &SourceId, limit: u32)
    -> Result<Vec<Listing>, DbError>;

    /// Sources of a site that wait longer than `due` are due then: after a repair.
    async fn wake_sources(&self, site: &str, due: DateTime<Utc>) -> Result<u64, DbError>;

    /// Counts a failure whose page is kept; false when there is none of the group. A picture is added if the
    /// group has none.
    async fn count_failure(
        &self,
        site: &str,
        group: &str,
        picture: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<bool, DbError>;

    /// Keeps the page of a failure; counts it if there is one of the group.
    async fn keep_failure(&self, page: &FailurePage) -> Result<(), DbError>;

    /// The kept pages, of one site or all, latest first.
    async fn failures(&self, site: Option<&str>) -> Result<Vec<FailurePage>, DbError>;

    /// Forgets groups of a site.
    async fn forget_failures(&self, site: &str, groups: &[String]) -> Result<(), DbError>;

    /// The runs of a site's sources that ended since, latest first, at most `limit`.
    async fn site_runs(
        &self,
        site: &str,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<RunBrief>, DbError>;
}
