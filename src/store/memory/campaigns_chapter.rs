//! See [`CampaignRecord`]. There are no plans in memory, so nobody is entitled to any.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::{MemoryDb, State};
use crate::domain::campaign::{
    Audience, Campaign, CampaignId, CampaignState, NewCampaign, Progress, Recipient,
};
use crate::domain::delivery::Content;
use crate::domain::{
    ChatId, Class, Delivery, DeliveryId, DeliveryState, Language, NewDelivery, Outgoing, UserId,
};
use crate::store::{CampaignRecord, DbError, Frozen, Queued};

/// A broadcast with its recipients.
#[derive(Debug)]
pub(super) struct Kept {
    campaign: Campaign,
    /// The last chat that was written, while the audience is being written.
    cursor: Option<i64>,
    recipients: Vec<(ChatId, Language, Option<DeliveryId>)>,
}

/// Broadcasts by name.
pub(super) type Campaigns = BTreeMap<CampaignId, Kept>;

#[async_trait]
impl CampaignRecord for MemoryDb {
    async fn put_campaign(&self, new: &NewCampaign, now: DateTime<Utc>) -> Result<bool, DbError> {
        let mut state = self.state_at(now);
        if let Some(kept) = state.campaigns.get_mut(&new.id) {
            let is_draft = kept.campaign.state == CampaignState::Draft;
            if is_draft {
                let created_by = kept.campaign.new.created_by.clone();
                kept.campaign.new = NewCampaign { created_by, ..new.clone() };
            }
            return Ok(is_draft);
        }
        let campaign = Campaign {
            new: new.clone(),
            state: CampaignState::Draft,
            created_at: now,
            start_at: None,
            stopped_at: None,
            done_at: None,
        };
        state.campaigns.insert(new.id.clone(), Kept { campaign, cursor: None, recipients: vec![] });
        Ok(true)
    }

    async fn campaign(&self, id: &CampaignId) -> Result<Option<Campaign>, DbError> {
        Ok(self.state().campaigns.get(id).map(|kept| kept.campaign.clone()))
    }

    async fn campaigns(
        &self,
        states: &[CampaignState],
        limit: u32,
    ) -> Result<Vec<Campaign>, DbError> {
        let state = self.state();
        let wanted = |one: &&Campaign| states.is_empty() || states.contains(&one.state);
        let mut all: Vec<Campaign> =
            state.campaigns.values().map(|kept| &kept.campaign).filter(wanted).cloned().collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.created_at));
        all.truncate(limit as usize);
        Ok(all)
    }

    async fn remove_campaign(&self, id: &CampaignId) -> Result<bool, DbError> {
        let mut state = self.state();
        let is_draft = |kept: &Kept| kept.campaign.state == CampaignState::Draft;
        let removable = state.campaigns.get(id).is_some_and(is_draft);
        Ok(removable && state.campaigns.remove(id).is_some())
    }

    async fn count_audience(
        &self,
        audience: &Audience,
        now: DateTime<Utc>,
    ) -> Result<Vec<(Language, i64)>, DbError> {
        let mut counts = BTreeMap::new();
        for (_, language) in self.state().audience(audience, now) {
            *counts.entry(language).or_insert(0) += 1;
        }
        Ok(counts.into_iter().collect())
    }

    async fn start_campaign(&self, id: &CampaignId, at: DateTime<Utc>) -> Result<bool, DbError> {
        let mut state = self.state();
        let Some(kept) = state.campaigns.get_mut(id) else { return Ok(false) };
        match kept.campaign.state {
            CampaignState::Draft => kept.cursor = Some(i64::MIN),
            CampaignState::Stopped => {}
            _ => return Ok(false),
        }
        kept.campaign.start_at = Some(at);
        kept.campaign.stopped_at = None;
        kept.campaign.state =
            if kept.cursor.is_some() { CampaignState::Freezing } else { CampaignState::Running };
        Ok(true)
    }

    async fn freeze_recipients(
        &self,
        id: &CampaignId,
        limit: usize,
        now: DateTime<Utc>,
    ) -> Result<Frozen, DbError> {
        let mut state = self.state_at(now);
        let Some(kept) = state.campaigns.get(id) else { return Ok(Frozen::default()) };
        if kept.campaign.state != CampaignState::Freezing {
            return Ok(Frozen::default());
        }
        let cursor = kept.cursor.unwrap_or(i64::MIN);
        let mut next = state.audience(&kept.campaign.new.audience, now);
        next.retain(|(chat, _)| chat.0 > cursor);
        next.truncate(limit);
        let (added, complete) = (next.len() as u64, next.len() < limit);
        let Some(kept) = state.campaigns.get_mut(id) else { return Ok(Frozen::default()) };
        kept.cursor = next.last().map(|(chat, _)| chat.0).filter(|_| !complete);
        kept.recipients.extend(next.into_iter().map(|(chat, language)| (chat, language, None)));
        if complete {
            kept.campaign.state = CampaignState::Running;
        }
        Ok(Frozen { added, complete })
    }

    async fn queue_recipients(
        &self,
        id: &CampaignId,
        ahead: usize,
        now: DateTime<Utc>,
    ) -> Result<Queued, DbError> {
        Ok(self.state_at(now).queue_recipients(id, ahead, now))
    }

    async fn stop_campaign(
        &self,
        id: &CampaignId,
        now: DateTime<Utc>,
    ) -> Result<Option<u64>, DbError> {
        let mut state = self.state_at(now);
        let Some(kept) = state.campaigns.get_mut(id) else { return Ok(None) };
        if !matches!(kept.campaign.state, CampaignState::Freezing | CampaignState::Running) {
            return Ok(None);
        }
        kept.campaign.state = CampaignState::Stopped;
        kept.campaign.stopped_at = Some(now);
        let mut own = std::mem::take(&mut kept.recipients);
        let mut withdrawn = 0;
        for (_, _, delivery) in &mut own {
            let own = |one: &&mut Delivery| Some(&one.new.id) == delivery.as_ref();
            if let Some(one) = state.deliveries.iter_mut().find(own)
                && one.state == DeliveryState::Pending
                && one.doubts > 0
            {
                one.state = DeliveryState::Unknown;
                one.done_at = Some(now);
                one.reason = Some("the broadcast was stopped".into());
            }
            let before = state.deliveries.len();
            state.deliveries.retain(|one| {
                one.state != DeliveryState::Pending || Some(&one.new.id) != delivery.as_ref()
            });
            if state.deliveries.len() < before {
                *delivery = None;
                withdrawn += 1;
            }
        }
        if let Some(kept) = state.campaigns.get_mut(id) {
            kept.recipients = own;
        }
        Ok(Some(withdrawn))
    }

    async fn campaign_progress(&self, id: &CampaignId) -> Result<Progress, DbError> {
        let mut progress = Progress::default();
        for recipient in self.recipients(id, None, 0, u32::MAX).await? {
            progress.recipients += 1;
            match recipient.state {
                Some(state) => progress.add(state, 1),
                None => progress.waiting += 1,
            }
        }
        Ok(progress)
    }

    async fn recipients(
        &self,
        id: &CampaignId,
        wanted: Option<DeliveryState>,
        place: i64,
        limit: u32,
    ) -> Result<Vec<Recipient>, DbError> {
        let state = self.state();
        let Some(kept) = state.campaigns.get(id) else { return Ok(vec![]) };
        let recipient = |(place, one): (i64, &(ChatId, Language, Option<DeliveryId>))| {
            let (chat, language, delivery) = one;
            let of_it = |id: &DeliveryId| state.deliveries.iter().find(|one| one.new.id == *id);
            let found = delivery.as_ref().and_then(of_it);
            Recipient {
                place,
                chat: *chat,
                language: *language,
                state: found.map(|one| one.state),
                reason: found.and_then(|one| one.reason.clone()),
            }
        };
        let all = (1..).zip(&kept.recipients).map(recipient);
        let after = all.filter(|one| one.place > place);
        let fits = after.filter(|one| wanted.is_none() || one.state == wanted);
        Ok(fits.take(limit as usize).collect())
    }

    async fn put_delivery(&self, new: &NewDelivery, now: DateTime<Utc>) -> Result<bool, DbError> {
        Ok(self.state_at(now).insert(new, None, now))
    }

    async fn resend_unknown(&self, id: &CampaignId, now: DateTime<Utc>) -> Result<u64, DbError> {
        let mut state = self.state_at(now);
        let Some(kept) = state.campaigns.get_mut(id) else { return Ok(0) };
        let own: Vec<DeliveryId> =
            kept.recipients.iter().filter_map(|(_, _, delivery)| delivery.clone()).collect();
        let unknown = |one: &&DeliveryId| {
            state.deliveries.iter().any(|delivery| {
                delivery.new.id == **one && delivery.state == DeliveryState::Unknown
            })
        };
        let again: Vec<DeliveryId> = own.iter().filter(unknown).cloned().collect();
        for id in &again {
            state.requeue(id, now);
        }
        if !again.is_empty()
            && let Some(kept) = state.campaigns.get_mut(id)
            && kept.campaign.state == CampaignState::Done
        {
            kept.campaign.state = CampaignState::Running;
            kept.campaign.done_at = None;
        }
        Ok(again.len() as u64)
    }
}

impl State {
    /// Chats of an audience in order of their ids, with their languages.
    fn audience(&self, audience: &Audience, now: DateTime<Utc>) -> Vec<(ChatId, Language)> {
        let since = |days: u32| now - TimeDelta::days(i64::from(days));
        let mut all = Vec::new();
        for (chat, known) in &self.chats {
            let user = self.users.get(&UserId(chat.0));
            let watches = || self.watches.values().filter(|watch| watch.chat == *chat);
            let language = user.map(|user| user.language);
            let language = language.or_else(|| watches().map(|watch| watch.language).min());
            let language = language.unwrap_or_default();
            let heard = self.heard.get(chat).copied().unwrap_or(DateTime::UNIX_EPOCH);
            let belongs = known.active
                && user.is_none_or(|user| !user.banned)
                && audience.kinds().contains(&known.kind)
                && (audience.languages.is_empty() || audience.languages.contains(&language))
                && audience.plans.is_empty()
                && audience.inactive_days.is_none_or(|days| heard <= since(days))
                && audience.active_days.is_none_or(|days| heard > since(days))
                && audience.watching.is_none_or(|wanted| wanted == watches().next().is_some())
                && (audience.chats.is_empty() || audience.chats.contains(chat));
            if belongs {
                all.push((*chat, language));
            }
        }
        all
    }

    fn queue_recipients(&mut self, id: &CampaignId, ahead: usize, now: DateTime<Utc>) -> Queued {
        let Some(kept) = self.campaigns.get(id) else { return Queued::default() };
        let campaign = &kept.campaign;
        let due = campaign.start_at.is_none_or(|at| at <= now);
        if campaign.state != CampaignState::Running || !due {
            return Queued::default();
        }
        let is_open = |wanted: &DeliveryId| {
            self.deliveries.iter().any(|one| {
                one.new.id == *wanted
                    && matches!(one.state, DeliveryState::Pending | DeliveryState::Sending)
            })
        };
        let handed = kept.recipients.iter().filter_map(|(_, _, delivery)| delivery.as_ref());
        let open = handed.filter(|delivery| is_open(delivery)).count();
        let waits = |one: &&(ChatId, Language, Option<DeliveryId>)| one.2.is_none();
        let waiting = kept.recipients.iter().filter(waits).map(|one| (one.0, one.1));
        let next: Vec<(ChatId, Language)> = waiting.take(ahead.saturating_sub(open)).collect();
        let nobody = kept.recipients.iter().filter(waits).count() == 0;
        for (chat, language) in &next {
            self.hand_over(id, *chat, *language, now);
        }
        let done = nobody && open == 0;
        if let Some(kept) = self.campaigns.get_mut(id).filter(|_| done) {
            kept.campaign.state = CampaignState::Done;
            kept.campaign.done_at = Some(now);
        }
        Queued { queued: next.len() as u64, done }
    }

    fn hand_over(&mut self, id: &CampaignId, chat: ChatId, language: Language, now: DateTime<Utc>) {
        let delivery = id.delivery(chat);
        let paid = self.campaigns.get(id).is_some_and(|kept| kept.campaign.new.options.paid);
        let new = NewDelivery {
            id: delivery.clone(),
            class: Class::Broadcast,
            chat,
            thread: None,
            language,
            content: Content::Campaign { id: id.clone(), paid },
            not_before: now,
            fate: crate::domain::preferences::Telling::Send,
        };
        self.insert(&new, None, now);
        let banned = self.users.get(&UserId(chat.0)).is_some_and(|user| user.banned);
        let active = self.chats.get(&chat).is_none_or(|chat| chat.active);
        if (banned || !active)
            && let Some(one) = self.deliveries.iter_mut().find(|one| one.new.id == delivery)
        {
            one.state = DeliveryState::Dropped;
            one.done_at = Some(now);
            one.reason = Some("the chat may not be written to".into());
        }
        if let Some(kept) = self.campaigns.get_mut(id) {
            let own = kept.recipients.iter_mut().filter(|(own, _, _)| *own == chat);
            own.for_each(|(_, _, kept)| *kept = Some(delivery.clone()));
        }
    }

    /// The message of a broadcast; `None` when it is gone.
    pub(super) fn message_of(&self, id: &CampaignId, language: Language) -> Option<Outgoing> {
        let campaign = &self.campaigns.get(id)?.campaign.new;
        let message = campaign.wording.of(language)?.clone();
        let silent = campaign.options.silent || message.silent;
        Some(Outgoing { paid: campaign.options.paid, silent, ..message })
    }
}
