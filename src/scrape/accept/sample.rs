//! The word to those who watch a search since before its first good run. Pure.
//!
//! ```text
//! bot> You watch “Demo flats”. I look every 6 minutes and tell you here what changes.
//!
//!      There is nothing to show yet. You will hear from me as soon as there is.
//!      (the first good run)
//! bot> This is what “Demo flats” offers now:
//!
//!      • Bright flat near the park — €1,450, Berlin
//! ```
//!
//! A watch of several searches hears once: of the first one that shows something it wants.

use chrono::{DateTime, Utc};
use sites::Listing;

use crate::domain::delivery::{Content, delivery_id};
use crate::domain::source::Source;
use crate::domain::watch::sample_subject;
use crate::domain::{Class, NewDelivery, Watch};
use crate::texts::sample::{sample, wants};

/// One sample for each of `watches`: the first listings of the page that it could ever be told of. A watch for
/// which there is none, or that is muted, hears nothing. The name of the delivery says place and watch only, so a
/// watch gets one, however many searches it has and however often a run is repeated.
pub fn samples(
    source: &Source,
    listings: &[&Listing],
    watches: &[Watch],
    now: DateTime<Utc>,
) -> Vec<NewDelivery> {
    let is_told = |watch: &&Watch| watch.muted_until.is_none_or(|until| until <= now);
    let of_watch = |watch: &Watch| {
        let wanted =
            listings.iter().copied().filter(|one| wants(&watch.filter, &source.spec.site, one));
        let message = sample(&watch.name, wanted, watch.language)?;
        let subject = sample_subject(&watch.id);
        Some(NewDelivery {
            id: delivery_id(Class::Alert, watch.chat, watch.thread, &subject),
            class: Class::Alert,
            chat: watch.chat,
            thread: watch.thread,
            language: watch.language,
            content: Content::Message(message),
            not_before: now,
        })
    };
    watches.iter().filter(is_told).filter_map(of_watch).collect()
}
