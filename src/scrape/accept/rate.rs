//! What a good run teaches about how often its source changes. Pure.

use chrono::{DateTime, Utc};

use super::change::Happening;
use crate::domain::rhythm::{Rate, Sighting};
use crate::domain::source::Source;

/// The new state of [`Source::rate`] after a page of `page_size` listings. What the baseline finds is of any age.
pub(super) fn rate(
    source: &Source,
    happenings: &[Happening],
    page_size: usize,
    now: DateTime<Utc>,
) -> Option<String> {
    let known =
        Rate::read(source.rate.as_deref()).after(sighting(source, happenings, page_size), now);
    Some(known.write())
}

fn sighting(source: &Source, happenings: &[Happening], page_size: usize) -> Sighting {
    if !source.baseline_done {
        return Sighting::Exactly(0);
    }
    let new = happenings.iter().filter(|one| one.is_new_here).count();
    let count = u32::try_from(new).unwrap_or(u32::MAX);
    if new > 0 && new == page_size { Sighting::AtLeast(count) } else { Sighting::Exactly(count) }
}
