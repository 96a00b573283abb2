//! The outbox in memory: every claim looks at every delivery.

use chrono::{DateTime, Utc};

use super::State;
use crate::domain::delivery::{Claimed, Content, Outcome, PAID_PRIORITY, Settlement, Standing};
use crate::domain::pace::Limits;
use crate::domain::preferences::Telling;
use crate::domain::{
    Change, ChatId, ChatKind, Class, Delivery, DeliveryId, DeliveryState, NewDelivery, OwnerId,
};
use crate::store::ending::{Ending, ending, ending_of_crash};
use crate::store::fate::laid;
use crate::store::slots::{Pace, PaidPace, assumed_kind, mark_paid, remember, weight, weight_in};
use crate::store::{ClaimRequest, DeadLetters, DeliveryFilter, OutboxStats, SettleReport};

impl State {
    /// Writes a delivery; with an owner it is in flight at once. False when there is one of the name.
    pub(super) fn insert(
        &mut self,
        new: &NewDelivery,
        owner: Option<&OwnerId>,
        now: DateTime<Utc>,
    ) -> bool {
        if self.deliveries.iter().any(|one| one.new.id == new.id) {
            return false;
        }
        let laid = laid(new, now);
        let state = if owner.is_some() { DeliveryState::Sending } else { laid.state };
        self.deliveries.push(Delivery {
            new: NewDelivery { fate: Telling::Send, not_before: laid.not_before, ..new.clone() },
            state,
            epoch: i64::from(owner.is_some()),
            owner: owner.cloned(),
            intent_at: owner.map(|_| now),
            attempts_refused: 0,
            attempts_crashed: 0,
            doubts: 0,
            message_id: None,
            reason: laid.reason.map(str::to_owned),
            created_at: now,
            done_at: laid.done_at,
            slot: laid.slot,
            folded_in: None,
        });
        if let Some(slot) = laid.slot {
            self.note_digest((new.chat, new.thread), slot);
        }
        true
    }

    pub(super) fn change_of(&self, delivery: &Delivery) -> Option<Change> {
        match &delivery.new.content {
            Content::Change { event, .. } | Content::Amend { event, .. } => {
                self.events.get(event).cloned()
            }
            Content::Message(_) | Content::Chart { .. } | Content::Campaign { .. } => None,
        }
    }

    pub(super) fn kind_of(&self, chat: ChatId) -> ChatKind {
        self.chats.get(&chat).map_or_else(|| assumed_kind(chat), |chat| chat.kind)
    }

    /// Whether nothing is in flight to a chat and it is open at `now` (ms).
    fn is_free(&self, chat: ChatId, now: i64) -> bool {
        let flying = |one: &Delivery| one.new.chat == chat && one.state == DeliveryState::Sending;
        self.lanes.get(&chat).is_none_or(|lane| lane.open_at <= now)
            && !self.deliveries.iter().any(flying)
    }

    /// The first delivery of every free chat, most urgent first: place and class.
    fn heads(&self, now: DateTime<Utc>) -> Vec<(usize, Class)> {
        let mut ready: Vec<(i64, usize)> = Vec::new();
        for (place, one) in self.deliveries.iter().enumerate() {
            if one.state == DeliveryState::Pending
                && one.new.not_before <= now
                && self.is_free(one.new.chat, now.timestamp_millis())
            {
                ready.push((one.new.priority(), place));
            }
        }
        ready.sort_unstable();
        let mut chats = std::collections::HashSet::new();
        ready.retain(|(_, place)| chats.insert(self.deliveries[*place].new.chat));
        ready.into_iter().map(|(_, place)| (place, self.deliveries[place].new.class)).collect()
    }

    pub(super) fn pace(&self, limits: &Limits) -> Pace {
        Pace::new(limits, self.pace.0, self.pace.1.clone())
    }

    pub(super) fn store_pace(&mut self, pace: &Pace) {
        if !pace.is_off() {
            self.pace = (pace.next_at, pace.recent.clone());
        }
    }

    pub(super) fn claim(&mut self, request: &ClaimRequest) -> Vec<Claimed> {
        let limits = &request.limits;
        let now = request.now.timestamp_micros();
        let horizon = i64::try_from(request.horizon.as_micros()).unwrap_or(i64::MAX);
        let horizon = now.saturating_add(horizon);
        let mut pace = self.pace(limits);
        let mut pool =
            PaidPace::new(limits.paid, self.paid.0, self.paid.1, self.paid.2, request.now);
        let mut claimed = Vec::new();
        for (place, class) in self.heads(request.now) {
            if claimed.len() >= request.limit {
                break;
            }
            if !request.classes.is_empty() && !request.classes.contains(&class) {
                continue;
            }
            let one = &self.deliveries[place];
            let weight = weight(one);
            let free = pace.slot(now, weight);
            let paid = pool.slot(now, weight).filter(|slot| {
                free > horizon && !pace.is_off() && one.new.may_be_paid() && *slot <= horizon
            });
            let slot = paid.unwrap_or(free);
            if slot > horizon {
                continue;
            }
            let Some(taken) = self.take(place, slot, request) else { continue };
            match paid {
                Some(_) => pool.take(slot, weight),
                None => pace.take(slot, weight),
            }
            let mut taken = taken;
            mark_paid(&mut taken, paid.is_some());
            claimed.push(taken);
        }
        self.store_pace(&pace);
        if !pace.is_off() && limits.paid.gap_us > 0 {
            self.paid = (pool.next_at, pool.spent, pool.day);
        }
        claimed
    }

    /// Commits the intent at `slot`, unless the window of the chat is full.
    fn take(&mut self, place: usize, slot: i64, request: &ClaimRequest) -> Option<Claimed> {
        let one = &self.deliveries[place];
        let chat = one.new.chat;
        let kind = self.kind_of(chat);
        let weight = weight_in(kind, weight(one));
        let window = request.limits.window(kind);
        let slot_ms = slot.div_euclid(1_000);
        let lane = self.lanes.entry(chat).or_default();
        let fit = request.limits.fit(kind, &lane.recent, weight, slot_ms);
        if fit > slot_ms {
            lane.open_at = fit;
            return None;
        }
        remember(&mut lane.recent, &vec![slot_ms; weight], window);
        let opens = request.limits.fit(kind, &lane.recent, 1, 0);
        lane.open_at = lane.open_at.max(opens);
        let one = &mut self.deliveries[place];
        one.state = DeliveryState::Sending;
        one.epoch += 1;
        one.owner = Some(request.owner.clone());
        one.intent_at = DateTime::from_timestamp_millis(slot_ms);
        let delivery = one.clone();
        let change = self.change_of(&delivery);
        let send_at = DateTime::from_timestamp_micros(slot).unwrap_or_default();
        let message = match &delivery.new.content {
            Content::Campaign { id, .. } => self.message_of(id, delivery.new.language),
            _ => None,
        };
        let latest = change.as_ref().and_then(|change| self.latest_of_event(&change.id()));
        let asks = matches!(delivery.new.class, Class::Alert | Class::Digest);
        let place = (delivery.new.chat, delivery.new.thread);
        let preferences = asks.then(|| self.preferences_said(place)).flatten();
        let mut standing = Standing { latest, message, preferences, ..Standing::default() };
        self.chart(&delivery, &mut standing);
        Some(Claimed { delivery, send_at, change, standing })
    }

    pub(super) fn settle(&mut self, all: &[Settlement], now: DateTime<Utc>) -> SettleReport {
        let mut report = SettleReport::default();
        for settlement in all {
            let of_claim = |one: &Delivery| one.new.id == settlement.id;
            let Some(place) = self.deliveries.iter().position(of_claim) else {
                report.fenced += 1;
                continue;
            };
            let one = &mut self.deliveries[place];
            if one.epoch != settlement.epoch {
                report.fenced += 1;
            } else if one.state == DeliveryState::Sending {
                report.settled += 1;
                let chat = one.new.chat;
                let ending = ending(&settlement.outcome, one.new.class, now);
                apply(one, &ending, now);
                self.stand(settlement, now);
                self.hold(chat, &ending);
                self.follow(chat, &settlement.outcome, now);
            }
        }
        report
    }

    /// What is tried again later keeps its place in front of its chat's others.
    fn hold(&mut self, chat: ChatId, ending: &Ending) {
        if let (Some(at), DeliveryState::Pending, false) =
            (ending.not_before, ending.state, ending.aside)
        {
            let lane = self.lanes.entry(chat).or_default();
            lane.open_at = lane.open_at.max(at.timestamp_millis());
        }
    }

    fn follow(&mut self, chat: ChatId, outcome: &Outcome, now: DateTime<Utc>) {
        match outcome {
            Outcome::ChatWaits { until } => {
                let until = until.timestamp_millis();
                let lane = self.lanes.entry(chat).or_default();
                lane.open_at = lane.open_at.max(until);
                lane.wait_until = lane.wait_until.max(until);
            }
            Outcome::ChatGone { reason } => self.chat_gone(chat, reason, now),
            Outcome::Migrated { to } => self.migrate(chat, *to, now),
            _ => {}
        }
    }

    pub(super) fn drop_pending(&mut self, chat: ChatId, reason: &str, now: DateTime<Utc>) {
        for one in &mut self.deliveries {
            let waits = matches!(one.state, DeliveryState::Pending | DeliveryState::Collected);
            if one.new.chat == chat && waits {
                one.state = DeliveryState::Dropped;
                one.reason = Some(reason.to_owned());
                one.done_at = Some(now);
            }
        }
    }

    pub(super) fn doubt_all_of(
        &mut self,
        owner: &OwnerId,
        now: DateTime<Utc>,
    ) -> Vec<(DeliveryId, DeliveryState)> {
        let (mut doubts, mut held) = (Vec::new(), Vec::new());
        for one in &mut self.deliveries {
            if one.state == DeliveryState::Sending && one.owner.as_ref() == Some(owner) {
                let ending = ending_of_crash(one.new.class, one.attempts_crashed, now);
                apply(one, &ending, now);
                doubts.push((one.new.id.clone(), one.state));
                held.push((one.new.chat, ending));
            }
        }
        for (chat, ending) in held {
            self.hold(chat, &ending);
        }
        doubts
    }

    pub(super) fn next_delivery_at(&self) -> Option<DateTime<Utc>> {
        let flying = |chat: ChatId| {
            let is = |one: &Delivery| one.new.chat == chat && one.state == DeliveryState::Sending;
            self.deliveries.iter().any(is)
        };
        let moment = |one: &Delivery| {
            let open_at = self.lanes.get(&one.new.chat).map_or(0, |lane| lane.open_at);
            one.new.not_before.timestamp_millis().max(open_at)
        };
        let waiting = self
            .deliveries
            .iter()
            .filter(|one| one.state == DeliveryState::Pending && !flying(one.new.chat));
        let us = |one: &Delivery| moment(one) * 1_000;
        let first = waiting.clone().map(us).min()?.max(self.pace.0);
        let payable = waiting.filter(|one| one.new.priority() == PAID_PRIORITY).map(us).min();
        DateTime::from_timestamp_micros(payable.map_or(first, |payable| first.min(payable)))
    }

    pub(super) fn list_deliveries(&self, filter: &DeliveryFilter) -> Vec<Delivery> {
        let limit = if filter.limit == 0 { 100 } else { filter.limit };
        let mut fitting = self.fitting(filter);
        if filter.prefix.is_some() {
            fitting.sort_by(|a, b| a.new.id.cmp(&b.new.id));
        }
        fitting.into_iter().take(limit as usize).cloned().collect()
    }

    /// What fits, newest first.
    pub(super) fn fitting(&self, filter: &DeliveryFilter) -> Vec<&Delivery> {
        let contains = |text: &Option<String>, part: &str| {
            text.as_deref().is_some_and(|text| text.to_lowercase().contains(&part.to_lowercase()))
        };
        let wanted = |one: &&Delivery| {
            filter.state.is_none_or(|state| state == one.state)
                && filter.chat.is_none_or(|chat| chat == one.new.chat)
                && (!filter.doubted || one.doubts > 0)
                && filter.class.is_none_or(|class| class == one.new.class)
                && filter.reason.as_ref().is_none_or(|part| contains(&one.reason, part))
                && filter.prefix.as_ref().is_none_or(|begin| one.new.id.as_str().starts_with(begin))
        };
        self.deliveries.iter().rev().filter(wanted).collect()
    }

    pub(super) fn dead_letters(&self) -> DeadLetters {
        let dead = self.deliveries.iter().filter(|one| one.state == DeliveryState::Dead);
        let oldest = dead.clone().filter_map(|one| one.done_at).min();
        DeadLetters { count: i64::try_from(dead.count()).unwrap_or(i64::MAX), oldest }
    }

    pub(super) fn stats(&self) -> OutboxStats {
        let count = |state| self.deliveries.iter().filter(|one| one.state == state).count();
        let counted = |state| (state, i64::try_from(count(state)).unwrap_or(i64::MAX));
        let mut by_state: Vec<_> =
            DeliveryState::ALL.into_iter().map(counted).filter(|(_, count)| *count > 0).collect();
        by_state.sort_by_key(|(state, _)| state.as_str());
        let heads = self.heads(self.latest);
        let oldest_ready = heads.iter().map(|(place, _)| self.deliveries[*place].created_at).min();
        let doubted = self.deliveries.iter().filter(|one| one.doubts > 0).count();
        OutboxStats { by_state, oldest_ready, doubted: i64::try_from(doubted).unwrap_or(i64::MAX) }
    }

    fn in_state(&mut self, id: &DeliveryId, states: &[DeliveryState]) -> Option<&mut Delivery> {
        let is = |one: &&mut Delivery| one.new.id == *id && states.contains(&one.state);
        self.deliveries.iter_mut().find(is)
    }

    pub(super) fn requeue(&mut self, id: &DeliveryId, now: DateTime<Utc>) -> bool {
        use DeliveryState::{Dead, Dropped, Unknown};
        let Some(one) = self.in_state(id, &[Dead, Unknown, Dropped]) else { return false };
        one.state = DeliveryState::Pending;
        one.new.not_before = now;
        one.done_at = None;
        one.attempts_crashed = 0;
        one.reason = Some("an operator sends it again".into());
        true
    }

    pub(super) fn discard(&mut self, id: &DeliveryId, now: DateTime<Utc>) -> bool {
        use DeliveryState::{Dead, Pending};
        let Some(one) = self.in_state(id, &[Pending, Dead]) else { return false };
        one.state = DeliveryState::Dropped;
        one.done_at = Some(now);
        one.reason = Some("discarded by an operator".into());
        true
    }
}

fn apply(one: &mut Delivery, ending: &Ending, now: DateTime<Utc>) {
    one.state = ending.state;
    one.new.not_before = ending.not_before.unwrap_or(one.new.not_before);
    one.attempts_refused += ending.refused;
    one.attempts_crashed += ending.crashed;
    one.doubts += ending.doubts;
    one.message_id = ending.message_id;
    one.reason.clone_from(&ending.reason);
    one.done_at = (ending.state != DeliveryState::Pending).then_some(now);
    one.owner = None;
}
