//! Sources, claims and runs in memory.

use chrono::{DateTime, Utc};

use super::{Held, Key, State};
use crate::domain::change::{KnownListing, Point};
use crate::domain::rhythm::{first_from, next_due};
use crate::domain::source::SourceSpec;
use crate::domain::{ChangeKind, OwnerId, Source, SourceId, Verdict, Watch};
use crate::store::{ListingWrite, MatchBatch, Recorded, RunRecord, SourceFilter, SourceOrder};

impl State {
    pub(super) fn put_sources(&mut self, specs: &[SourceSpec], now: DateTime<Utc>) {
        for spec in specs {
            let fresh = || Held { source: Source::new(spec.clone(), now), by: None };
            let held = self.sources.entry(spec.id()).or_insert_with(fresh);
            held.source.take(spec.clone(), now);
        }
    }

    pub(super) fn list_sources(&self, filter: &SourceFilter) -> Vec<Source> {
        let wanted = |source: &&Source| {
            filter.site.as_ref().is_none_or(|site| *site == source.spec.site)
                && (!filter.offered || source.spec.offered)
        };
        let mut all: Vec<Source> =
            self.sources.values().map(|held| &held.source).filter(wanted).cloned().collect();
        let order = |source: &Source| (source.spec.site.clone(), source.spec.title.clone());
        all.sort_by_key(order);
        all
    }

    pub(super) fn order_source(
        &mut self,
        id: &SourceId,
        order: SourceOrder,
        now: DateTime<Utc>,
    ) -> bool {
        if order == SourceOrder::Remove {
            return self.remove_source(id, now);
        }
        let Some(held) = self.sources.get_mut(id) else { return false };
        match order {
            SourceOrder::Pause => held.source.paused = true,
            SourceOrder::Resume => held.source.paused = false,
            SourceOrder::RunNow => held.source.next_due_at = now,
            SourceOrder::Remove => {}
        }
        true
    }

    fn remove_source(&mut self, id: &SourceId, now: DateTime<Utc>) -> bool {
        let watching = self.watches.values().filter(|watch| watch.sources.contains(id));
        for watch in watching.map(|watch| watch.id.clone()).collect::<Vec<_>>() {
            self.log_watch(&watch, now);
        }
        for watch in self.watches.values_mut() {
            watch.sources.retain(|source| source != id);
        }
        self.watches.retain(|_, watch| !watch.sources.is_empty());
        self.runs.retain(|(source, _), _| source != id);
        self.shown.retain(|(source, _), _| source != id);
        self.sighted.retain(|(source, _), _| source != id);
        self.sources.remove(id).is_some()
    }

    pub(super) fn claim_due(
        &mut self,
        owner: &OwnerId,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Vec<Source> {
        let is_due = |held: &&mut Held| {
            held.by.is_none() && !held.source.paused && held.source.next_due_at <= now
        };
        let mut due: Vec<&mut Held> = self.sources.values_mut().filter(is_due).collect();
        due.retain_mut(|held| {
            let Source { spec, .. } = &held.source;
            let open = spec.rhythm.is_open(now);
            if !open {
                let (pace, seed) = (held.source.interval(), held.source.seed());
                held.source.next_due_at = first_from(&spec.rhythm, pace, now, seed);
            }
            open
        });
        due.sort_by_key(|held| held.source.next_due_at);
        due.truncate(limit);
        let claim = |held: &mut Held| {
            let source = &mut held.source;
            held.by = Some(owner.clone());
            source.epoch += 1;
            let (pace, seed) = (source.interval(), source.seed());
            source.next_due_at = next_due(&source.spec.rhythm, pace, source.next_due_at, seed, now);
            source.clone()
        };
        due.into_iter().map(claim).collect()
    }

    /// The source, if its claim of this epoch is still held.
    fn held(&mut self, id: &SourceId, epoch: i64) -> Option<&mut Held> {
        self.sources.get_mut(id).filter(|held| held.by.is_some() && held.source.epoch == epoch)
    }

    pub(super) fn release(&mut self, id: &SourceId, epoch: i64, now: DateTime<Utc>) {
        if let Some(held) = self.held(id, epoch) {
            held.by = None;
            held.source.next_due_at = now;
        }
    }

    pub(super) fn give_sources_back(&mut self, owner: &OwnerId, now: DateTime<Utc>) -> u64 {
        let mut count = 0;
        for held in self.sources.values_mut().filter(|held| held.by.as_ref() == Some(owner)) {
            held.by = None;
            held.source.next_due_at = now;
            count += 1;
        }
        count
    }

    pub(super) fn record_run(&mut self, run: &RunRecord) -> bool {
        let Some(held) = self.held(&run.source, run.epoch) else {
            return self.runs.contains_key(&(run.source.clone(), run.epoch));
        };
        held.by = None;
        apply_run(&mut held.source, run);
        self.runs.insert((run.source.clone(), run.epoch), run.clone());
        true
    }

    pub(super) fn known(&self, source: &SourceId, site: &str, ids: &[String]) -> Vec<KnownListing> {
        let look = |id: &String| {
            let key: Key = (site.to_owned(), id.clone());
            let known = self.listings.get(&key)?;
            let in_source = self.shown.contains_key(&(source.clone(), key));
            Some(KnownListing { in_source, ..known.clone() })
        };
        ids.iter().filter_map(look).collect()
    }

    pub(super) fn watches_of(&self, source: &SourceId) -> Vec<Watch> {
        let told = |watch: &&Watch| watch.sources.contains(source) && self.may_be_told(watch);
        self.watches.values().filter(told).map(|watch| self.in_own_language(watch)).collect()
    }

    /// Not paused, chat active, user not banned.
    pub(super) fn may_be_told(&self, watch: &Watch) -> bool {
        !watch.paused
            && self.chats.get(&watch.chat).is_none_or(|chat| chat.active)
            && self.users.get(&watch.user).is_none_or(|user| !user.banned)
    }

    /// The watch in the present language of its owner.
    pub(super) fn in_own_language(&self, watch: &Watch) -> Watch {
        let language = self.users.get(&watch.user).map_or(watch.language, |user| user.language);
        Watch { language, ..watch.clone() }
    }

    pub(super) fn record(&mut self, batch: &MatchBatch) -> Recorded {
        let mut recorded = Recorded::default();
        if self.held(&batch.source, batch.epoch).is_none() {
            recorded.fenced = !self.runs.contains_key(&(batch.source.clone(), batch.epoch));
            return recorded;
        }
        for (place, write) in batch.listings.iter().enumerate() {
            let key: Key = (batch.site.clone(), write.listing.id.clone());
            self.sighted.insert((batch.source.clone(), key.clone()), batch.now);
            self.shown.entry((batch.source.clone(), key)).or_insert((batch.now, place));
        }
        recorded = self.write(batch);
        if let Some(run) = &batch.run {
            self.record_run(run);
        }
        recorded
    }

    /// Writes listings, changes and deliveries of a batch that stands.
    pub(super) fn write(&mut self, batch: &MatchBatch) -> Recorded {
        let mut recorded = Recorded::default();
        for write in &batch.listings {
            let is_new = self.put_listing(batch, write);
            recorded.new_listings += u64::from(is_new);
            let mut is_told = write.change.is_none();
            if let Some(change) = &write.change {
                is_told = self.events.insert(change.id(), change.clone()).is_none();
                recorded.new_changes += u64::from(is_told);
            }
            if is_new || is_told {
                self.put_price(batch, write);
            }
        }
        for delivery in &batch.deliveries {
            recorded.new_deliveries += u64::from(self.insert(delivery, None, batch.now));
        }
        recorded
    }

    fn put_listing(&mut self, batch: &MatchBatch, write: &ListingWrite) -> bool {
        let key: Key = (batch.site.clone(), write.listing.id.clone());
        let is_new = !self.listings.contains_key(&key);
        let fresh =
            || KnownListing { in_source: false, ..KnownListing::new(write.listing.clone(), 1) };
        let known = self.listings.entry(key).or_insert_with(fresh);
        known.listing = write.listing.clone();
        if let Some(change) = &write.change {
            known.version = known.version.max(change.version);
            known.gone = change.kind == ChangeKind::Gone;
        }
        if let Some((version, _)) = write.price.point {
            known.version = known.version.max(version);
        }
        known.prices.held.clone_from(&write.price.held);
        is_new
    }

    fn put_price(&mut self, batch: &MatchBatch, write: &ListingWrite) {
        let key: Key = (batch.site.clone(), write.listing.id.clone());
        let (Some((version, told)), Some(price)) = (write.price.point, &write.listing.price) else {
            return;
        };
        let Some(known) = self.listings.get_mut(&key) else { return };
        let points = &mut known.prices.points;
        if points.iter().all(|point| point.version != version) {
            points.push(Point { version, at: batch.now, price: price.clone(), told });
            points.sort_by_key(|point| std::cmp::Reverse(point.version));
        }
    }

    pub(super) fn sample(&self, source: &SourceId) -> Vec<sites::Listing> {
        let mut shown: Vec<_> = self.shown.iter().filter(|((of, _), _)| of == source).collect();
        shown.sort_by_key(|(_, (at, place))| (std::cmp::Reverse(*at), *place));
        let known = shown.into_iter().filter_map(|((_, key), _)| self.listings.get(key));
        known.filter(|known| !known.gone).take(3).map(|known| known.listing.clone()).collect()
    }
}

fn apply_run(source: &mut Source, run: &RunRecord) {
    source.verdict = Some(run.verdict);
    source.last_run_at = Some(run.finished_at);
    source.last_error.clone_from(&run.error);
    if let Some(next) = run.next_due_at {
        source.next_due_at = next;
    }
    if run.road.is_some() {
        source.road.clone_from(&run.road);
    }
    if run.rate.is_some() {
        source.rate.clone_from(&run.rate);
    }
    if run.verdict.is_good() {
        source.failures = 0;
        source.baseline_done = true;
        source.rung = Some(run.rung.clone());
    } else {
        source.failures += 1;
    }
    let fresh = matches!(run.verdict, Verdict::Ok | Verdict::Empty);
    if fresh {
        source.last_count = Some(run.items);
    }
    if fresh || run.etag.is_some() {
        source.etag.clone_from(&run.etag);
    }
    if fresh || run.last_modified.is_some() {
        source.last_modified.clone_from(&run.last_modified);
    }
}
