//! From a good page to recorded listings and deliveries.
//!
//! ```text
//! listings ─► keys and fingerprints ─► unseen? (1 % of the seen ones go through too) ─► what is known?
//!          ─► change ─► watches that want it (`ask`: the match index) ─► one alert per chat ─► storm guard
//!          ─► chunks of at most 500, each one transaction, the verdict with the last ─► mark seen
//! ```
//!
//! The seen-set may lie in both directions: a false "unseen" costs an insert that changes nothing, a false
//! "seen" is caught by the standing check and counted as `magpie_seen_lied_total`. A crash anywhere repeats
//! chunks whose rows are there already.
//!
//! A price that is not believed (see [`crate::domain::change::gate`]) is neither written nor told nor marked as
//! seen, and the page is read anew next time even if the server says that it has not changed.
//!
//! The first good run is a baseline: what is there at the beginning is no news. Those who watch already were told
//! that there is nothing to show yet, so each of their chats gets one sample of it, in the transaction that
//! marks the baseline as done.

mod album;
mod amend;
mod ask;
mod audience;
mod change;
mod doubts;
mod old;
mod plan;
mod rate;
mod reading;
mod same;
mod sample;
mod telling;

use std::collections::HashMap;

use sites::{Kind, Listing};

use crate::domain::ChangeKind;
use crate::domain::change::{KnownListing, Rules};
use crate::domain::health::News;
use crate::domain::source::Source;
use crate::matching::LiveIndex;
use crate::store::{Db, DbError, RunRecord, Seen};

use self::ask::audience;
use self::old::unconcerned;
use self::rate::rate;
pub use audience::{Audience, Place, summary};
pub use change::{Happening, Interest, happenings};
pub use doubts::count as count_doubts;
pub use old::news_of_old;
pub use plan::{Limits, Plan, plan};
pub use reading::{Reading, readings, standing_check};
pub use sample::samples;
pub use telling::{Chain, count};

/// Listings in one transaction at most (the store's rule for a chunk).
pub const CHUNK: usize = 500;

/// How much of a run may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Telling {
    /// Alerts per watch; the rest becomes one line.
    pub max_alerts: usize,
    /// Which news count as such.
    pub news: News,
}

impl Telling {
    /// What is left to be told. Listings are written as they were read in any case.
    fn keep(self, happenings: &mut [Happening]) {
        for happening in happenings {
            let is_new =
                happening.change.as_ref().is_some_and(|change| change.kind == ChangeKind::New);
            if self.news == News::Nothing || (self.news == News::NewOnly && !is_new) {
                happening.quieten();
            }
        }
    }
}

/// What accepting a page did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accepted {
    /// Another run of the source has begun since: nothing more was written.
    pub fenced: bool,
    /// Listings that had not been known.
    pub new_listings: u64,
    /// Changes that had not been recorded.
    pub changes: u64,
    /// Deliveries that had not been recorded.
    pub deliveries: u64,
    /// Changes for which there was no alert of their own: a summary names their number.
    pub folded: u64,
    /// Times the seen-set was caught hiding something. Must stay 0.
    pub seen_lied: u64,
    /// Prices that wait until other readings agree, and readings whose price was none.
    pub doubted: u64,
}

/// The listings of a good run against what is known of them: what [`accept`] works on.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// Listings on all pages, seen ones included.
    shown: usize,
    /// Those that the seen-set does not hide, or that are looked at anyway.
    readings: Vec<Reading>,
    /// What is known of these.
    known: HashMap<String, KnownListing>,
    /// Times the seen-set was caught hiding something.
    lies: u64,
    /// What the site offers, if that is known.
    kind: Option<Kind>,
}

impl Sighting {
    /// The same of a site that offers things of this kind.
    pub fn of_kind(self, kind: Option<Kind>) -> Self {
        Self { kind, ..self }
    }

    /// Whether there are listings that nobody has seen before.
    pub fn has_new(&self) -> bool {
        self.readings.iter().any(|reading| !self.known.contains_key(&reading.listing.id))
    }

    /// The listings that nobody has seen before, in page order, to be completed. Their fingerprints stay those of
    /// the list, by which the next run knows them again.
    pub fn new_listings(&mut self) -> impl Iterator<Item = &mut Listing> {
        let known = &self.known;
        let listings = self.readings.iter_mut().map(|reading| &mut reading.listing);
        listings.filter(|listing| !known.contains_key(&listing.id))
    }
}

/// Looks up what is known of the listings of a run. Only reads.
pub async fn look(
    db: &dyn Db,
    seen: &dyn Seen,
    source: &Source,
    listings: Vec<Listing>,
) -> Result<Sighting, DbError> {
    let all = readings(listings);
    let shown = all.len();
    let hidden = hidden_by(seen, source, &all).await;
    let passed: Vec<(Reading, bool)> = all
        .into_iter()
        .zip(hidden)
        .filter(|(reading, hidden)| !hidden || standing_check(source, &reading.listing.id))
        .collect();
    let known = known(db, source, &passed).await?;
    let lies = count_lies(source, &passed, &known);
    let readings = passed.into_iter().map(|(reading, _)| reading).collect();
    Ok(Sighting { shown, readings, known, lies, kind: None })
}

/// Accepts the listings of a good run and records the run with them.
pub async fn accept(
    db: &dyn Db,
    seen: &dyn Seen,
    index: &LiveIndex,
    source: &Source,
    sighting: Sighting,
    run: RunRecord,
    (rules, telling): (&Rules, Telling),
) -> Result<Accepted, DbError> {
    let Sighting { shown: page_size, readings, known, lies: seen_lied, kind } = sighting;
    let now = run.finished_at;
    let mut happenings = happenings(source, &readings, &known, rules, telling, (page_size, now));
    let run = RunRecord { rate: rate(source, &happenings, page_size, now), ..run };
    let run = if doubts::waits(&happenings) { doubts::read_anew(source, run) } else { run };
    let same = same::recognise(db, source, kind, &known, &mut happenings).await?;
    let mut audience = audience(db, index, source, &happenings).await?;
    audience.silent = unconcerned(db, &happenings, &audience).await?;
    same.silence(db, &happenings, &mut audience).await?;
    let limits = Limits { page_size, max_alerts: telling.max_alerts };
    let marks: Vec<_> = happenings.iter().map(Happening::mark).collect();
    let doubted = doubts::count(source, &happenings);
    let watched = audience.own.iter().filter(|_| !source.baseline_done);
    let sampled = watched.map(|watch| (watch.chat, watch.thread));
    let chain = Chain::load(db, &audience, &happenings, sampled, run.finished_at).await?;
    let mut plan = plan(source, happenings, &audience, chain, limits, run);
    for batch in &mut plan.batches {
        let changes = || batch.listings.iter().filter_map(|write| write.change.as_ref());
        amend::amend(db, changes(), &mut batch.deliveries, batch.now).await?;
        album::albums(db, changes(), &mut batch.deliveries).await?;
    }

    let mut accepted = Accepted { folded: plan.folded, seen_lied, doubted, ..Accepted::default() };
    for batch in &plan.batches {
        let recorded = db.record_matches(batch).await?;
        accepted.new_listings += recorded.new_listings;
        accepted.changes += recorded.new_changes;
        accepted.deliveries += recorded.new_deliveries;
        if recorded.fenced {
            accepted.fenced = true;
            return Ok(accepted);
        }
        if recorded.new_deliveries > 0 {
            count(&batch.deliveries);
        }
    }
    same.note(db, now).await;
    if !marks.is_empty()
        && let Err(error) = seen.mark(&source.id, &marks).await
    {
        tracing::warn!(source = %source.id, %error, "readings are not remembered; they cost work again");
    }
    Ok(accepted)
}

/// For each reading whether the seen-set hides it. Before the baseline, and when the set cannot answer,
/// nothing is hidden.
async fn hidden_by(seen: &dyn Seen, source: &Source, readings: &[Reading]) -> Vec<bool> {
    let nothing = || vec![false; readings.len()];
    if !source.baseline_done || readings.is_empty() {
        return nothing();
    }
    let items: Vec<_> = readings.iter().map(Reading::item).collect();
    match seen.unseen(&source.id, &items).await {
        Ok(unseen) if unseen.len() == items.len() => unseen.iter().map(|unseen| !unseen).collect(),
        Ok(_) => nothing(),
        Err(error) => {
            tracing::warn!(source = %source.id, %error, "going on without the seen-set");
            nothing()
        }
    }
}

async fn known(
    db: &dyn Db,
    source: &Source,
    passed: &[(Reading, bool)],
) -> Result<HashMap<String, KnownListing>, DbError> {
    let ids: Vec<String> = passed.iter().map(|(reading, _)| reading.listing.id.clone()).collect();
    let mut known = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let rows = db.known_listings(&source.id, &source.spec.site, chunk).await?;
        known.extend(rows.into_iter().map(|row| (row.listing.id.clone(), row)));
    }
    Ok(known)
}

/// How often the seen-set hid something that the record does not have.
fn count_lies(
    source: &Source,
    passed: &[(Reading, bool)],
    known: &HashMap<String, KnownListing>,
) -> u64 {
    let lied = |reading: &Reading| known.get(&reading.listing.id).is_none_or(|row| !row.in_source);
    let count = passed.iter().filter(|(reading, hidden)| *hidden && lied(reading)).count() as u64;
    if count > 0 {
        metrics::counter!("magpie_seen_lied_total").increment(count);
        tracing::error!(source = %source.id, count, "the seen-set hid listings that are not recorded");
    }
    count
}
