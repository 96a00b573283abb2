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

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sites::Listing;

use super::audience::Place;
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::source::Source;
use crate::domain::{ChangeKind, Class, NewDelivery, Watch};
use crate::texts::sample::sample;

/// One sample per chat of `watches`: the first listings of the page that one of its watches could ever be told
/// of. A chat for which there is none hears nothing. The name of the delivery says chat and search only, so a
/// chat gets it once, however often the run is repeated.
pub fn samples(
    source: &Source,
    listings: &[&Listing],
    watches: &[Watch],
    now: DateTime<Utc>,
) -> Vec<NewDelivery> {
    let mut chats: BTreeMap<Place, Vec<&Watch>> = BTreeMap::new();
    for watch in watches {
        chats.entry((watch.chat, watch.thread)).or_default().push(watch);
    }
    let of_chat = |((chat, thread), watches): (Place, Vec<&Watch>)| {
        let language = watches.first()?.language;
        let wanted =
            listings.iter().copied().filter(|one| watches.iter().any(|w| wants(source, w, one)));
        let message = sample(&source.spec.title, wanted, language)?;
        let id = delivery_id(Class::Alert, chat, thread, &format!("sample/{}", source.id));
        let content = Content::Message(message);
        Some(NewDelivery {
            id,
            class: Class::Alert,
            chat,
            thread,
            language,
            content,
            not_before: now,
        })
    };
    chats.into_iter().filter_map(of_chat).collect()
}

/// Whether the watch wants the listing, whatever kinds of change it is for: a sample is none of them.
fn wants(source: &Source, watch: &Watch, listing: &Listing) -> bool {
    let kind = watch.filter.changes.first().copied().unwrap_or(ChangeKind::New);
    watch.filter.wants(kind, &source.spec.site, listing)
}
