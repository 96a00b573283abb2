//! Prices that are not believed: how many, and how the page is read again.

use super::change::Happening;
use crate::domain::change::Doubt;
use crate::domain::source::Source;
use crate::scrape::road::Road;
use crate::store::RunRecord;

/// Whether a price waits for another reading.
pub(super) fn waits(happenings: &[Happening]) -> bool {
    happenings.iter().any(|one| one.doubt.is_some() && one.price.held.is_some())
}

/// The record of a run after which the page is read again although it may be the same: a price that stays must be
/// read again to be believed. Validators and the hash of the body are forgotten. Pure.
pub(super) fn read_anew(source: &Source, run: RunRecord) -> RunRecord {
    let mut road = Road::of(run.road.as_deref().or(source.road.as_deref()));
    let road = if road.seen.take().is_some() { Some(road.to_json()) } else { run.road };
    RunRecord { etag: None, last_modified: None, road, ..run }
}

/// Counts the prices that were not believed, in logs and metrics too.
pub fn count(source: &Source, happenings: &[Happening]) -> u64 {
    let mut count = 0;
    for (happening, doubt) in happenings.iter().filter_map(|one| Some((one, one.doubt?))) {
        let labels = [("site", source.spec.site.clone()), ("doubt", doubt.word().to_owned())];
        let held = happening.price.held.as_ref().filter(|_| doubt != Doubt::NoPrice);
        let price = happening.listing.price.as_ref().map(|price| price.minor);
        match held {
            Some(_) => metrics::counter!("magpie_readings_held_total", &labels).increment(1),
            None => metrics::counter!("magpie_readings_rejected_total", &labels).increment(1),
        }
        tracing::info!(
            source = %source.id,
            listing = happening.listing.id,
            doubt = doubt.word(),
            known = price,
            read = held.map(|held| held.price.minor),
            reads = held.map(|held| held.reads),
            "a price is not believed"
        );
        count += 1;
    }
    count
}
