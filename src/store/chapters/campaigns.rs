//! The chapter of the record about broadcasts (see [`crate::domain::campaign`]).

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::domain::campaign::{
    Audience, Campaign, CampaignId, CampaignState, NewCampaign, Progress, Recipient,
};
use crate::domain::{DeliveryState, Language, NewDelivery};
use crate::store::DbError;

/// What one step of freezing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Frozen {
    /// Recipients that were written.
    pub added: u64,
    /// The whole audience is written; the broadcast runs.
    pub complete: bool,
}

/// What one step of queueing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Queued {
    /// Deliveries that were written.
    pub queued: u64,
    /// Nobody was left: the broadcast is done.
    pub done: bool,
}

/// Broadcasts.
#[async_trait]
pub trait CampaignRecord: Send + Sync {
    /// Writes a draft, or writes it anew; false when a broadcast of this name has left that state.
    async fn put_campaign(&self, new: &NewCampaign, now: DateTime<Utc>) -> Result<bool, DbError>;

    /// The broadcast of this name.
    async fn campaign(&self, id: &CampaignId) -> Result<Option<Campaign>, DbError>;

    /// Broadcasts, newest first; with `states`, only those in one of them.
    async fn campaigns(
        &self,
        states: &[CampaignState],
        limit: u32,
    ) -> Result<Vec<Campaign>, DbError>;

    /// Forgets a draft; false when it is none.
    async fn remove_campaign(&self, id: &CampaignId) -> Result<bool, DbError>;

    /// How many an audience has now, by language.
    async fn count_audience(
        &self,
        audience: &Audience,
        now: DateTime<Utc>,
    ) -> Result<Vec<(Language, i64)>, DbError>;

    /// Starts a draft, or a stopped one where it stopped, not before `at`; false when it is neither.
    async fn start_campaign(&self, id: &CampaignId, at: DateTime<Utc>) -> Result<bool, DbError>;

    /// Writes the next recipients of one that is freezing, at most `limit`; the last step lets it run. A repeated
    /// step goes on where the last committed one ended.
    async fn freeze_recipients(
        &self,
        id: &CampaignId,
        limit: usize,
        now: DateTime<Utc>,
    ) -> Result<Frozen, DbError>;

    /// Writes deliveries of one that runs until `ahead` of them are queued or under way. When nobody is left and
    /// nothing is under way, it is done. Chats that may no longer be written to get their result at once.
    async fn queue_recipients(
        &self,
        id: &CampaignId,
        ahead: usize,
        now: DateTime<Utc>,
    ) -> Result<Queued, DbError>;

    /// Stops one that is freezing or runs and withdraws what is queued; answers how many, `None` when it is in no
    /// such state. What is under way (at most the senders' cap in flight) ends as it ends.
    async fn stop_campaign(
        &self,
        id: &CampaignId,
        now: DateTime<Utc>,
    ) -> Result<Option<u64>, DbError>;

    /// How far it is.
    async fn campaign_progress(&self, id: &CampaignId) -> Result<Progress, DbError>;

    /// Recipients after `place`, in order; with `state`, only those whose delivery is in it.
    async fn recipients(
        &self,
        id: &CampaignId,
        state: Option<DeliveryState>,
        place: i64,
        limit: u32,
    ) -> Result<Vec<Recipient>, DbError>;

    /// Writes one delivery by itself (a test of a broadcast); false when there is one of its name.
    async fn put_delivery(&self, new: &NewDelivery, now: DateTime<Utc>) -> Result<bool, DbError>;

    /// Sends to those again of whom nobody knows whether it arrived; answers how many.
    async fn resend_unknown(&self, id: &CampaignId, now: DateTime<Utc>) -> Result<u64, DbError>;
}
