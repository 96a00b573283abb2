//! See [`PreferenceRecord`].

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::{Key, MemoryDb, State};
use crate::domain::delivery::{Delivery, Latest};
use crate::domain::preferences::{
    Counts, HowTold, Mute, MuteKind, Patch, Preferences, Telling, Wish,
};
use crate::domain::why::WhyFacts;
use crate::domain::{Change, ChatId, Class, DeliveryState, NewDelivery, OwnerId};
use crate::store::again::{Known, again};
use crate::store::fate::laid;
use crate::store::{
    Collected, DIGEST_LEASE_S, DIGEST_ROWS, DbError, DigestDue, DigestWritten, Folding, Place,
    PreferenceRecord, WhyAsk,
};

/// Chat and topic, 0 for the chat itself.
type Spot = (ChatId, i64);

/// What chats said, and the digests that are to come.
#[derive(Debug, Default)]
pub(super) struct Said {
    zone: String,
    pub(super) preferences: std::collections::BTreeMap<Spot, Preferences>,
    pub(super) mutes: Vec<(Spot, Mute)>,
    digests: std::collections::BTreeMap<(Spot, DateTime<Utc>), Occurrence>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Waiting,
    Running(DateTime<Utc>),
    Done,
}

#[derive(Debug, Clone, Copy)]
struct Occurrence {
    life: Life,
    epoch: i64,
}

fn spot((chat, thread): Place) -> Spot {
    (chat, thread.unwrap_or(0))
}

#[async_trait]
impl PreferenceRecord for MemoryDb {
    async fn set_zone(&self, zone: &str) -> Result<(), DbError> {
        zone.clone_into(&mut self.state().said.zone);
        Ok(())
    }

    async fn how_told(
        &self,
        places: &[Place],
        now: DateTime<Utc>,
    ) -> Result<HashMap<Place, HowTold>, DbError> {
        let state = self.state();
        let of = |place: &Place| Some((*place, state.how_told(*place, now, false)?));
        Ok(places.iter().filter_map(of).collect())
    }

    async fn preferences_of(&self, place: Place) -> Result<Preferences, DbError> {
        Ok(self.state().preferences_in_force(place))
    }

    async fn prefer(
        &self,
        place: Place,
        patches: &[Patch],
        now: DateTime<Utc>,
    ) -> Result<u64, DbError> {
        Ok(self.state_at(now).prefer(place, patches, now))
    }

    async fn mute(&self, place: Place, mute: &Mute, now: DateTime<Utc>) -> Result<u64, DbError> {
        Ok(self.state_at(now).mute(place, mute, now))
    }

    async fn unmute(&self, place: Place, mute: &Mute) -> Result<bool, DbError> {
        Ok(self.state().unmute(place, mute))
    }

    async fn mutes_of(&self, place: Place, now: DateTime<Utc>) -> Result<Vec<Mute>, DbError> {
        let state = self.state();
        let own = state.said.mutes.iter().filter(|(of, _)| *of == spot(place));
        let holds = |mute: &Mute| mute.ends_at.is_none_or(|end| end > now);
        Ok(own.map(|(_, mute)| mute.clone()).filter(holds).collect())
    }

    async fn claim_digests(
        &self,
        _owner: &OwnerId,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<DigestDue>, DbError> {
        let mut state = self.state_at(now);
        let lease = TimeDelta::seconds(DIGEST_LEASE_S);
        let is_free = |slot: DateTime<Utc>, one: &Occurrence| match one.life {
            Life::Waiting => slot <= now,
            Life::Running(since) => since < now - lease,
            Life::Done => false,
        };
        let mut free: Vec<_> =
            state.said.digests.iter_mut().filter(|((_, slot), one)| is_free(*slot, one)).collect();
        free.sort_by_key(|((spot, slot), _)| (*slot, *spot));
        free.truncate(limit);
        let claim = |(((chat, thread), slot), one): (&(Spot, DateTime<Utc>), &mut Occurrence)| {
            one.life = Life::Running(now);
            one.epoch += 1;
            let place = (*chat, Some(*thread).filter(|thread| *thread != 0));
            DigestDue { place, slot: *slot, epoch: one.epoch }
        };
        Ok(free.into_iter().map(claim).collect())
    }

    async fn load_digest(&self, due: &DigestDue) -> Result<Vec<Collected>, DbError> {
        let state = self.state();
        let waiting = state.deliveries.iter().filter(|one| waits_for(one, due));
        let whole = |delivery: &Delivery| {
            let change = state.change_of(delivery);
            let latest = change.as_ref().and_then(|change| state.latest_of(change));
            Collected { delivery: delivery.clone(), change, latest }
        };
        Ok(waiting.take(DIGEST_ROWS).map(whole).collect())
    }

    async fn write_digest(
        &self,
        due: &DigestDue,
        foldings: &[Folding],
        now: DateTime<Utc>,
    ) -> Result<DigestWritten, DbError> {
        Ok(self.state_at(now).write_digest(due, foldings, now))
    }

    async fn why_facts(&self, ask: &WhyAsk) -> Result<WhyFacts, DbError> {
        Ok(self.state().why_facts(ask))
    }
}

fn waits_for(one: &Delivery, due: &DigestDue) -> bool {
    one.state == DeliveryState::Collected
        && spot((one.new.chat, one.new.thread)) == spot(due.place)
        && one.slot.is_some_and(|slot| slot <= due.slot)
}

impl State {
    fn zone(&self) -> &str {
        if self.said.zone.is_empty() { "UTC" } else { &self.said.zone }
    }

    pub(super) fn preferences_said(&self, place: Place) -> Option<Preferences> {
        let own = self.said.preferences.get(&spot(place));
        let said = own.or_else(|| self.said.preferences.get(&(place.0, 0)))?;
        Some(said.clone().or_zone(self.zone()))
    }

    pub(super) fn preferences_in_force(&self, place: Place) -> Preferences {
        self.preferences_said(place).unwrap_or_default().or_zone(self.zone())
    }

    /// `None` where nothing was said. With `settled`, alerts that wait are not counted.
    fn how_told(&self, place: Place, now: DateTime<Utc>, settled: bool) -> Option<HowTold> {
        let said = self.preferences_said(place);
        let is_of = |of: Spot| of == (place.0, 0) || of == spot(place);
        let holds = |mute: &Mute| mute.ends_at.is_none_or(|end| end > now);
        let own = self.said.mutes.iter().filter(|(of, mute)| is_of(*of) && holds(mute));
        let mutes: Vec<Mute> = own.map(|(_, mute)| mute.clone()).collect();
        if said.is_none() && mutes.is_empty() {
            return None;
        }
        let preferences = said.unwrap_or_default().or_zone(self.zone());
        let counts = match preferences.cap_per_hour {
            Some(_) => self.counts(place, now, settled),
            None => Counts::default(),
        };
        Some(HowTold { preferences, mutes, counts })
    }

    fn counts(&self, place: Place, now: DateTime<Utc>, settled: bool) -> Counts {
        use DeliveryState::{Pending, Sending, Sent, Unknown};
        let mut counts = Counts::default();
        for one in &self.deliveries {
            let counted =
                [Sending, Sent, Unknown].contains(&one.state) || (one.state == Pending && !settled);
            if counted
                && one.new.class == Class::Alert
                && spot((one.new.chat, one.new.thread)) == spot(place)
                && one.new.not_before > now - TimeDelta::hours(1)
            {
                if one.new.not_before > now {
                    counts.held += 1;
                } else {
                    counts.told += 1;
                }
            }
        }
        counts
    }

    pub(super) fn prefer(&mut self, place: Place, patches: &[Patch], now: DateTime<Utc>) -> u64 {
        let inherited = self.said.preferences.get(&(place.0, 0)).cloned().unwrap_or_default();
        let said = self.said.preferences.entry(spot(place)).or_insert(inherited);
        patches.iter().for_each(|patch| patch.apply(said));
        self.decide_again(place.0, now)
    }

    pub(super) fn mute(&mut self, place: Place, mute: &Mute, now: DateTime<Utc>) -> u64 {
        self.unmute(place, mute);
        self.said.mutes.push((spot(place), mute.clone()));
        self.decide_again(place.0, now)
    }

    /// Whether the place itself has such a mute.
    pub(super) fn is_muted(&self, place: Place, mute: &Mute) -> bool {
        let same = |own: &Mute| own.kind == mute.kind && own.subject == mute.subject;
        self.said.mutes.iter().any(|(of, own)| *of == spot(place) && same(own))
    }

    /// The mute of everything in a place, over or not.
    pub(super) fn silence(&self, place: Place) -> Option<Mute> {
        let own = self.said.mutes.iter().filter(|(of, _)| *of == spot(place));
        own.map(|(_, mute)| mute).find(|mute| mute.kind == MuteKind::All).cloned()
    }

    pub(super) fn unmute(&mut self, place: Place, mute: &Mute) -> bool {
        let before = self.said.mutes.len();
        let same = |of: Spot, own: &Mute| {
            of == spot(place) && own.kind == mute.kind && own.subject == mute.subject
        };
        self.said.mutes.retain(|(of, own)| !same(*of, own));
        self.said.mutes.len() < before
    }

    /// Decides again about all that waits for a chat.
    pub(super) fn decide_again(&mut self, chat: ChatId, now: DateTime<Utc>) -> u64 {
        let waits = |one: &&Delivery| {
            let states = [DeliveryState::Pending, DeliveryState::Collected];
            one.new.chat == chat && one.new.class == Class::Alert && states.contains(&one.state)
        };
        let waiting: Vec<Delivery> = self.deliveries.iter().filter(waits).cloned().collect();
        let places: BTreeSet<Place> = waiting.iter().map(|one| (chat, one.new.thread)).collect();
        let how = |place: &Place| Some((*place, self.how_told(*place, now, true)?));
        let own = self.watches.values().filter(|watch| watch.chat == chat);
        let known = Known {
            how: places.iter().filter_map(how).collect(),
            wishes: own.map(|watch| (watch.id.clone(), Wish::of(watch))).collect(),
            changes: waiting
                .iter()
                .filter_map(|one| self.change_of(one))
                .map(|change| (change.id(), change))
                .collect(),
        };
        let moved = again(&waiting, known, now);
        for (delivery, telling) in &moved {
            self.move_to(delivery, *telling, now);
        }
        moved.len() as u64
    }

    fn move_to(&mut self, delivery: &Delivery, telling: Telling, now: DateTime<Utc>) {
        let due = delivery.new.not_before.min(now);
        let new = NewDelivery { fate: telling, not_before: due, ..delivery.new.clone() };
        self.lay(&new, now);
    }

    /// Puts the row of `new` where its fate says.
    pub(super) fn lay(&mut self, new: &NewDelivery, now: DateTime<Utc>) {
        let laid = laid(new, now);
        if let Some(slot) = laid.slot {
            self.note_digest((new.chat, new.thread), slot);
        }
        if let Some(one) = self.deliveries.iter_mut().find(|one| one.new.id == new.id) {
            one.new.content = new.content.clone();
            one.state = laid.state;
            one.new.not_before = laid.not_before;
            one.new.fate = Telling::Send;
            one.reason = laid.reason.map(str::to_owned);
            one.done_at = laid.done_at;
            one.slot = laid.slot;
        }
    }

    /// Notes that a digest is due at `slot`; one that is done is due again.
    pub(super) fn note_digest(&mut self, place: Place, slot: DateTime<Utc>) {
        let fresh = Occurrence { life: Life::Waiting, epoch: 0 };
        let known = self.said.digests.entry((spot(place), slot)).or_insert(fresh);
        if known.life == Life::Done {
            known.life = Life::Waiting;
        }
    }

    fn latest_of(&self, change: &Change) -> Option<Latest> {
        let key: Key = (change.key.site.clone(), change.key.id.clone());
        let known = self.listings.get(&key)?;
        Some(Latest { listing: known.listing.clone(), version: known.version, gone: known.gone })
    }

    fn write_digest(
        &mut self,
        due: &DigestDue,
        foldings: &[Folding],
        now: DateTime<Utc>,
    ) -> DigestWritten {
        let name = (spot(due.place), due.slot);
        let is_held =
            |one: &Occurrence| one.epoch == due.epoch && matches!(one.life, Life::Running(_));
        if !self.said.digests.get(&name).is_some_and(is_held) {
            return DigestWritten::Fenced;
        }
        let waits = |id: &_| {
            self.deliveries.iter().any(|one| {
                let is_due = one.slot.is_some_and(|slot| slot <= due.slot);
                one.new.id == *id && one.state == DeliveryState::Collected && is_due
            })
        };
        if !foldings.iter().flat_map(|folding| &folding.rows).all(waits) {
            return DigestWritten::Moved;
        }
        for folding in foldings {
            self.insert(&folding.message, None, now);
            for one in &mut self.deliveries {
                if folding.rows.contains(&one.new.id) {
                    one.state = DeliveryState::Folded;
                    one.folded_in = Some(folding.message.id.clone());
                    one.done_at = Some(now);
                }
            }
        }
        let more = self.deliveries.iter().any(|one| waits_for(one, due));
        if let Some(one) = self.said.digests.get_mut(&name) {
            one.life = if more { Life::Waiting } else { Life::Done };
        }
        DigestWritten::Done
    }

    /// What a chat said, under its new id.
    pub(super) fn migrate_said(&mut self, from: ChatId, to: ChatId) {
        let moving: Vec<Spot> =
            self.said.preferences.keys().filter(|(chat, _)| *chat == from).copied().collect();
        for (chat, thread) in moving {
            if let Some(said) = self.said.preferences.remove(&(chat, thread)) {
                self.said.preferences.entry((to, thread)).or_insert(said);
            }
        }
        for (of, _) in self.said.mutes.iter_mut().filter(|((chat, _), _)| *chat == from) {
            of.0 = to;
        }
        let collected: Vec<_> = self
            .deliveries
            .iter()
            .filter(|one| one.new.chat == to && one.state == DeliveryState::Collected)
            .filter_map(|one| Some(((to, one.new.thread), one.slot?)))
            .collect();
        for (place, slot) in collected {
            self.note_digest(place, slot);
        }
    }

    /// Ended mutes are forgotten after a day.
    pub(super) fn prune_mutes(&mut self, before: DateTime<Utc>) -> usize {
        let size = self.said.mutes.len();
        self.said.mutes.retain(|(_, mute)| mute.ends_at.is_none_or(|end| end >= before));
        size - self.said.mutes.len()
    }
}
