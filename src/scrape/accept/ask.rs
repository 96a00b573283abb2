//! Asking the watches: by the match index, or one by one where it cannot be asked.
//!
//! Who is to be told are watches of the source at hand, and for news about a listing that other searches of the site
//! show too, theirs. Without that, only the source whose run is first would hear of a lower price.
//!
//! The index names those who want a change; what it names is loaded from the record, and every filter is asked once
//! more, as it is now. See [`crate::matching`] for what holds while watches change.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::CHUNK;
use super::audience::Audience;
use super::change::{Happening, Interest};
use crate::domain::filter::{Facts, Prepared};
use crate::domain::source::Source;
use crate::domain::{Change, ChangeKind, SourceId, Watch, WatchId};
use crate::matching::LiveIndex;
use crate::store::{Db, DbError, SourceFilter};

/// How long a run waits for an index that is being loaded.
const PATIENCE: Duration = Duration::from_secs(30);
/// Watches in one reading.
const WATCHES: usize = 1_000;

/// Who is to be told. Only reads.
pub(super) async fn audience(
    db: &dyn Db,
    index: &LiveIndex,
    source: &Source,
    happenings: &[Happening],
) -> Result<Audience, DbError> {
    let mut audience = Audience::default();
    if !source.baseline_done {
        audience.own = db.watches_of(&source.id).await?;
    }
    if happenings.iter().all(|one| one.change.is_none()) {
        return Ok(audience);
    }
    if index.is_up_to_date(db, PATIENCE).await {
        audience.wanting = Some(wanting(db, index, source, happenings).await?);
        return Ok(audience);
    }
    one_by_one(db, source, happenings, audience).await
}

/// A change, and of whom it is asked as what.
struct Question<'a> {
    change: &'a Change,
    /// The source at hand.
    own: (Vec<SourceId>, Vec<ChangeKind>),
    /// Other sources that show the listing.
    others: (Vec<SourceId>, Vec<ChangeKind>),
}

impl<'a> Question<'a> {
    fn new(
        source: &Source,
        happening: &'a Happening,
        shown: &HashMap<String, Vec<SourceId>>,
    ) -> Option<Self> {
        let change = happening.change.as_ref()?;
        let own = match happening.interest {
            Interest::None => vec![],
            Interest::Change => vec![change.kind],
            Interest::New if change.kind == ChangeKind::New => vec![ChangeKind::New],
            Interest::New => vec![change.kind, ChangeKind::New],
        };
        let others =
            shown.get(&happening.listing.id).filter(|_| happening.concerns_other_sources());
        Some(Self {
            change,
            own: (vec![source.id.clone()], own),
            others: (others.cloned().unwrap_or_default(), vec![change.kind]),
        })
    }

    fn facts(&self) -> Facts<'_> {
        Facts::new(&self.change.key.site, &self.change.listing)
    }

    /// The watches that the index names, those of the source at hand first.
    fn ask(&self, index: &LiveIndex) -> Vec<WatchId> {
        let facts = self.facts();
        let mut named = Vec::new();
        for (sources, kinds) in [&self.own, &self.others] {
            if !sources.is_empty() && !kinds.is_empty() {
                named.extend(index.matches(&facts, sources, kinds));
            }
        }
        named
    }

    /// Those of the named watches that still want it, by name, those of the source at hand first.
    fn confirm(&self, named: &[WatchId], watches: &Loaded) -> Vec<Arc<Watch>> {
        let facts = self.facts();
        let wants = |watch: &Watch, filter: &Prepared, (sources, kinds): &(Vec<_>, Vec<_>)| {
            watch.sources.iter().any(|source| sources.contains(source))
                && kinds.iter().any(|kind| filter.wants(*kind, &facts))
        };
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for id in named {
            let Some((watch, filter)) = watches.get(id) else { continue };
            if wants(watch, filter, &self.own) {
                own.push(Arc::clone(watch));
            } else if wants(watch, filter, &self.others) {
                others.push(Arc::clone(watch));
            }
        }
        for list in [&mut own, &mut others] {
            list.sort_by(|a, b| a.id.cmp(&b.id));
            list.dedup_by(|a, b| a.id == b.id);
        }
        own.append(&mut others);
        own
    }
}

/// Watches as the record has them now, each with its filter prepared.
type Loaded = HashMap<WatchId, (Arc<Watch>, Prepared)>;

/// By listing id: the watches that want its change.
async fn wanting(
    db: &dyn Db,
    index: &LiveIndex,
    source: &Source,
    happenings: &[Happening],
) -> Result<HashMap<String, Vec<Arc<Watch>>>, DbError> {
    let shown = shown_elsewhere(db, source, happenings).await?;
    let questions: Vec<Question<'_>> =
        happenings.iter().filter_map(|one| Question::new(source, one, &shown)).collect();
    let named: Vec<Vec<WatchId>> = questions.iter().map(|one| one.ask(index)).collect();
    let all: HashSet<&WatchId> = named.iter().flatten().collect();
    let all: Vec<WatchId> = all.into_iter().cloned().collect();
    let mut watches = Loaded::with_capacity(all.len());
    for chunk in all.chunks(WATCHES) {
        for watch in db.watches_by_id(chunk).await? {
            let filter = Prepared::new(&watch.filter);
            watches.insert(watch.id.clone(), (Arc::new(watch), filter));
        }
    }
    let confirmed = questions.iter().zip(&named);
    Ok(confirmed
        .map(|(one, named)| (one.change.key.id.clone(), one.confirm(named, &watches)))
        .collect())
}

/// Which other searches of the site show the listings that concern them, by listing id.
async fn shown_elsewhere(
    db: &dyn Db,
    source: &Source,
    happenings: &[Happening],
) -> Result<HashMap<String, Vec<SourceId>>, DbError> {
    let mut shown: HashMap<String, Vec<SourceId>> = HashMap::new();
    for chunk in shared(happenings).chunks(CHUNK) {
        for one in db.shown_by(&source.spec.site, chunk).await? {
            if one.source != source.id {
                shown.entry(one.listing).or_default().push(one.source);
            }
        }
    }
    Ok(shown)
}

/// Ids of listings whose news people may want who watch other searches.
fn shared(happenings: &[Happening]) -> Vec<String> {
    let shared = happenings.iter().filter(|one| one.concerns_other_sources());
    shared.map(|one| one.listing.id.clone()).collect()
}

/// Without the index: all watches of the sources that show the listings.
async fn one_by_one(
    db: &dyn Db,
    source: &Source,
    happenings: &[Happening],
    mut audience: Audience,
) -> Result<Audience, DbError> {
    audience.own = db.watches_of(&source.id).await?;
    let shared = shared(happenings);
    if shared.is_empty() {
        return Ok(audience);
    }
    let filter = SourceFilter { site: Some(source.spec.site.clone()), ..SourceFilter::default() };
    for other in db.sources(&filter).await? {
        if other.id != source.id && other.baseline_done {
            let watches = db.watches_of(&other.id).await?;
            if !watches.is_empty() {
                let shown = shown_by(db, &other.id, &source.spec.site, &shared).await?;
                for id in shown {
                    audience.others.entry(id).or_default().extend(watches.iter().cloned());
                }
            }
        }
    }
    Ok(audience)
}

async fn shown_by(
    db: &dyn Db,
    source: &SourceId,
    site: &str,
    ids: &[String],
) -> Result<HashSet<String>, DbError> {
    let mut shown = HashSet::new();
    for chunk in ids.chunks(CHUNK) {
        let rows = db.known_listings(source, site, chunk).await?;
        shown.extend(rows.into_iter().filter(|row| row.in_source).map(|row| row.listing.id));
    }
    Ok(shown)
}
