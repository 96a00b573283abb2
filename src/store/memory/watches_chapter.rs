//! See [`WatchRecord`]. There are no plans in memory: everybody has the free terms.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::Listing;

use super::{Held, MemoryDb, State};
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::plan::{self, Allowance, Entitled, Refusal, Terms};
use crate::domain::preferences::{Stop, Telling};
use crate::domain::source::SourceSpec;
use crate::domain::watch::{NewWatch, Sample, WatchEdit, WatchOrder, Who, ids_of, sample_subject};
use crate::domain::{
    Class, Delivery, DeliveryState, NewDelivery, Outgoing, PausedBy, Source, SourceId, UserId,
    Watch, WatchId,
};
use crate::store::admission::is_there;
use crate::store::again::album_of;
use crate::store::ending::without_watch;
use crate::store::{DbError, Limited, RestWord, WatchDone, WatchFilter, WatchRecord, rest_message};

#[async_trait]
impl WatchRecord for MemoryDb {
    async fn add_watch(&self, new: &NewWatch, now: DateTime<Utc>) -> Result<WatchDone, DbError> {
        Ok(self.state_at(now).add_watch(new, now))
    }

    async fn change_watch(
        &self,
        id: &WatchId,
        who: Who,
        order: &WatchOrder,
        now: DateTime<Utc>,
    ) -> Result<WatchDone, DbError> {
        Ok(self.state_at(now).change_watch(id, who, order, now))
    }

    async fn watch(&self, id: &WatchId) -> Result<Option<Watch>, DbError> {
        let state = self.state();
        Ok(state.watches.get(id).map(|watch| state.in_own_language(watch)))
    }

    async fn watches(&self, filter: &WatchFilter) -> Result<Vec<Watch>, DbError> {
        let state = self.state();
        let wanted = |watch: &&Watch| {
            filter.user.is_none_or(|user| user == watch.user)
                && filter.chat.is_none_or(|chat| chat == watch.chat)
                && filter.after.as_ref().is_none_or(|(at, id)| {
                    (watch.created_at.timestamp_millis(), &watch.id) > (at.timestamp_millis(), id)
                })
        };
        let mut all: Vec<Watch> =
            state.watches.values().filter(wanted).map(|w| state.in_own_language(w)).collect();
        all.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        all.truncate(if filter.limit == 0 { 100 } else { filter.limit as usize });
        Ok(all)
    }

    async fn apply_limits(
        &self,
        user: UserId,
        word: RestWord,
        now: DateTime<Utc>,
    ) -> Result<Limited, DbError> {
        Ok(self.state_at(now).settle_limits(user, Some(word), now))
    }

    async fn limit_suspects(
        &self,
        since: Option<DateTime<Utc>>,
        _now: DateTime<Utc>,
    ) -> Result<Vec<UserId>, DbError> {
        let state = self.state();
        let suspect = |watch: &&Watch| {
            let rests = watch.paused_by == PausedBy::Plan;
            let own = state.watches_of_user(watch.user);
            rests || (since.is_none() && !plan::settle(&own, &state.free).is_empty())
        };
        let mut people: Vec<UserId> =
            state.watches.values().filter(suspect).map(|watch| watch.user).collect();
        people.sort_unstable();
        people.dedup();
        Ok(people)
    }

    async fn plans_of(&self, _user: UserId) -> Result<(Terms, Vec<Entitled>), DbError> {
        Ok((self.state().free.clone(), vec![]))
    }

    async fn recent_listings(
        &self,
        sources: &[SourceId],
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<(String, Listing)>, DbError> {
        let state = self.state();
        let good = |id: &SourceId| {
            sources.contains(id)
                && state.sources.get(id).is_some_and(|held| held.source.baseline_done)
        };
        let mut shown: Vec<_> = state
            .shown
            .iter()
            .filter(|((id, _), _)| good(id))
            .filter(|(pair, _)| state.sighted.get(*pair).is_some_and(|at| *at >= since))
            .collect();
        shown.sort_by_key(|((_, key), (at, place))| (std::cmp::Reverse(*at), *place, key.clone()));
        let mut known = std::collections::HashSet::new();
        let listings = shown.into_iter().filter(|((_, key), _)| known.insert(key.clone()));
        let listings = listings.filter_map(|((_, key), _)| {
            let row = state.listings.get(key).filter(|row| !row.gone)?;
            Some((key.0.clone(), row.listing.clone()))
        });
        Ok(listings.take(limit as usize).collect())
    }
}

impl State {
    pub(super) fn watches_of_user(&self, user: UserId) -> Vec<Watch> {
        self.watches.values().filter(|watch| watch.user == user).cloned().collect()
    }

    pub(super) fn add_watch(&mut self, new: &NewWatch, now: DateTime<Utc>) -> WatchDone {
        let watches = self.watches_of_user(new.user);
        if is_there(&watches, new) || self.watches.contains_key(&new.id) {
            let own = watches.iter().find(|own| own.id == new.id || own.equals(new));
            return WatchDone::Already(own.map_or(&new.id, |own| &own.id).clone());
        }
        let room = Allowance::of(self.free.clone(), vec![], &watches);
        if let Err(refusal) = room.room_for(&new.source_ids(), now) {
            return WatchDone::Refused(refusal);
        }
        if let Some(kind) = new.kind {
            let fresh = super::ChatState { kind, active: true, at: DateTime::UNIX_EPOCH };
            self.chats.entry(new.chat).or_insert(fresh);
        }
        self.put_for_watch(&new.sources, now);
        self.watches.insert(new.id.clone(), made(new, new.source_ids(), now));
        self.log_watch(&new.id, now);
        self.write_sample(new, now);
        WatchDone::Done
    }

    fn put_for_watch(&mut self, specs: &[SourceSpec], now: DateTime<Utc>) {
        for spec in specs {
            if !self.sources.contains_key(&spec.id()) {
                let spec = SourceSpec { offered: false, ..spec.clone() };
                self.by_watch.insert(spec.id());
                self.sources.insert(spec.id(), Held { source: Source::new(spec, now), by: None });
            }
        }
    }

    fn write_sample(&mut self, new: &NewWatch, now: DateTime<Utc>) {
        let message = match &new.sample {
            Sample::Later => return,
            Sample::Now(message) => (**message).clone(),
            Sample::Never => Outgoing::default(),
        };
        let id = delivery_id(Class::Alert, new.chat, new.thread, &sample_subject(&new.id));
        let delivery = NewDelivery {
            id: id.clone(),
            class: Class::Alert,
            chat: new.chat,
            thread: new.thread,
            language: new.language,
            content: Content::Message(message),
            not_before: now,
            fate: Telling::Send,
        };
        self.insert(&delivery, None, now);
        let written = self.deliveries.iter_mut().find(|one| one.new.id == id);
        if let (Some(one), Sample::Never) = (written, &new.sample)
            && one.state == DeliveryState::Pending
        {
            one.state = DeliveryState::Dropped;
            one.done_at = Some(now);
            one.reason = Some("no sample: the watch came with many others".to_owned());
        }
    }

    pub(super) fn change_watch(
        &mut self,
        id: &WatchId,
        who: Who,
        order: &WatchOrder,
        now: DateTime<Utc>,
    ) -> WatchDone {
        let Some(watch) = self.watches.get(id).cloned() else { return WatchDone::Missing };
        if matches!(who, Who::Person(user) if user != watch.user) {
            return WatchDone::Missing;
        }
        let by = who.as_pauser();
        match order {
            WatchOrder::Pause => {
                if watch.paused && !(by.may_end(watch.paused_by) && by != watch.paused_by) {
                    return WatchDone::Already(id.clone());
                }
                self.set_paused(id, by);
                self.drop_alerts(&watch, "the watch was paused", now);
                self.settle_limits(watch.user, None, now);
                WatchDone::Done
            }
            WatchOrder::Resume => self.resume(&watch, by, now),
            WatchOrder::Mute(until) => {
                if watch.muted_until == *until {
                    return WatchDone::Already(id.clone());
                }
                self.change_one(id, |watch| watch.muted_until = *until);
                if until.is_some_and(|until| until > now) {
                    self.drop_alerts(&watch, Stop::MutedWatch.reason(), now);
                }
                self.decide_again(watch.chat, now);
                WatchDone::Done
            }
            WatchOrder::Edit(edit) => self.edit(&watch, edit, now),
            WatchOrder::Clone { id, name } => self.copy(&watch, id, name, now),
            WatchOrder::Remove => {
                self.watches.remove(id);
                self.log_watch(id, now);
                self.drop_alerts(&watch, "the watch was removed", now);
                self.forget_orphans(&watch.sources);
                self.settle_limits(watch.user, None, now);
                WatchDone::Done
            }
        }
    }

    fn resume(&mut self, watch: &Watch, by: PausedBy, now: DateTime<Utc>) -> WatchDone {
        if !watch.paused {
            return WatchDone::Already(watch.id.clone());
        }
        if !by.may_end(watch.paused_by) {
            return WatchDone::Refused(Refusal::PausedBy(watch.paused_by));
        }
        let terms = plan::terms_at(&self.free, &[], now);
        if let Err(refusal) = plan::may_run(&self.watches_of_user(watch.user), &watch.id, &terms) {
            return WatchDone::Refused(refusal);
        }
        self.set_paused(&watch.id, PausedBy::Nobody);
        self.decide_again(watch.chat, now);
        WatchDone::Done
    }

    fn edit(&mut self, watch: &Watch, edit: &WatchEdit, now: DateTime<Utc>) -> WatchDone {
        if let Some(specs) = &edit.sources {
            let mut others = self.watches_of_user(watch.user);
            others.retain(|other| other.id != watch.id);
            let room = Allowance::of(self.free.clone(), vec![], &others);
            if let Err(refusal) = room.room_for_sources(&ids_of(specs), now) {
                return WatchDone::Refused(refusal);
            }
            self.put_for_watch(specs, now);
            self.change_one(&watch.id, |watch| watch.sources = ids_of(specs));
            self.forget_orphans(&watch.sources);
        }
        self.change_one(&watch.id, |watch| {
            watch.name = edit.name.clone().unwrap_or_else(|| watch.name.clone());
            watch.filter = edit.filter.clone().unwrap_or_else(|| watch.filter.clone());
            watch.telling = edit.telling.clone().unwrap_or_else(|| watch.telling.clone());
        });
        if edit.telling.as_ref().is_some_and(|telling| *telling != watch.telling) {
            self.decide_again(watch.chat, now);
        }
        WatchDone::Done
    }

    fn copy(&mut self, watch: &Watch, id: &WatchId, name: &str, now: DateTime<Utc>) -> WatchDone {
        if self.watches.contains_key(id) {
            return WatchDone::Already(id.clone());
        }
        let own = self.watches_of_user(watch.user);
        let room = Allowance::of(self.free.clone(), vec![], &own);
        if let Err(refusal) = room.room_for(&watch.sources, now) {
            return WatchDone::Refused(refusal);
        }
        let (id, name) = (id.clone(), name.to_owned());
        let fresh = Watch {
            id: id.clone(),
            name,
            paused: false,
            paused_by: PausedBy::Nobody,
            muted_until: None,
            created_at: now,
            ..watch.clone()
        };
        self.log_watch(&id, now);
        self.watches.insert(id, fresh);
        WatchDone::Done
    }

    pub(super) fn set_paused(&mut self, id: &WatchId, by: PausedBy) {
        self.change_one(id, |watch| {
            watch.paused = by != PausedBy::Nobody;
            watch.paused_by = by;
        });
    }

    fn change_one(&mut self, id: &WatchId, change: impl FnOnce(&mut Watch)) {
        if let Some(watch) = self.watches.get_mut(id) {
            change(watch);
            self.log_watch(id, self.latest);
        }
    }

    fn forget_orphans(&mut self, sources: &[SourceId]) {
        for id in sources {
            let watched = self.watches.values().any(|watch| watch.sources.contains(id));
            if !watched && self.by_watch.remove(id) {
                self.remove_source(id, self.latest);
            }
        }
    }

    fn drop_alerts(&mut self, watch: &Watch, reason: &str, now: DateTime<Utc>) {
        let mut albums = Vec::new();
        for one in &mut self.deliveries {
            let waits = matches!(one.state, DeliveryState::Pending | DeliveryState::Collected);
            if one.new.chat != watch.chat || !waits || one.new.class != Class::Alert {
                continue;
            }
            match without_watch(one.new.content.clone(), &watch.id) {
                Some(Some(rest)) => one.new.content = rest,
                Some(None) => {
                    albums.extend(album_of(one));
                    one.state = DeliveryState::Dropped;
                    one.reason = Some(reason.to_owned());
                    one.done_at = Some(now);
                }
                None => {}
            }
        }
        let waits = |one: &&mut Delivery| {
            one.state == DeliveryState::Pending && albums.contains(&one.new.id)
        };
        for one in self.deliveries.iter_mut().filter(waits) {
            one.state = DeliveryState::Dropped;
            one.reason = Some(reason.to_owned());
            one.done_at = Some(now);
        }
    }

    fn settle_limits(
        &mut self,
        user: UserId,
        word: Option<RestWord>,
        now: DateTime<Utc>,
    ) -> Limited {
        let watches: Vec<Watch> =
            self.watches_of_user(user).iter().map(|watch| self.in_own_language(watch)).collect();
        let changes = plan::settle(&watches, &plan::terms_at(&self.free, &[], now));
        let mut limited = Limited::default();
        if word.is_none() && changes.iter().all(|(_, by)| *by != PausedBy::Nobody) {
            return limited;
        }
        let mut resting: Vec<&Watch> = Vec::new();
        for (id, by) in changes {
            self.set_paused(&id, by);
            if by == PausedBy::Nobody {
                limited.resumed += 1;
            } else if let Some(watch) = watches.iter().find(|watch| watch.id == id) {
                self.drop_alerts(watch, "the watch was paused by the limit of the plan", now);
                resting.push(watch);
            }
        }
        limited.paused = resting.len();
        if let Some(message) = word.and_then(|word| rest_message(&resting, word, now)) {
            self.insert(&message, None, now);
        }
        limited
    }
}

fn made(new: &NewWatch, sources: Vec<SourceId>, now: DateTime<Utc>) -> Watch {
    Watch {
        id: new.id.clone(),
        user: new.user,
        chat: new.chat,
        thread: new.thread,
        name: new.name.clone(),
        sources,
        filter: new.filter.clone(),
        paused: new.paused,
        paused_by: if new.paused { PausedBy::Owner } else { PausedBy::Nobody },
        muted_until: None,
        telling: new.telling.clone(),
        language: new.language,
        created_at: now,
    }
}
