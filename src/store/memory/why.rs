//! The facts behind "why was this (not) sent".

use std::collections::BTreeSet;

use super::{Key, State};
use crate::domain::delivery::delivery_id;
use crate::domain::why::WhyFacts;
use crate::domain::{Change, Class};
use crate::store::{Place, WhyAsk};

impl State {
    /// See [`crate::store::PreferenceRecord::why_facts`].
    pub(super) fn why_facts(&self, ask: &WhyAsk) -> WhyFacts {
        let key: Key = (ask.listing.site.clone(), ask.listing.id.clone());
        let of_listing = self.shown.iter().filter(|((_, shown), _)| *shown == key);
        let mut shown: Vec<_> = of_listing
            .filter_map(|((source, _), (at, _))| {
                Some((self.sources.get(source)?.source.clone(), *at))
            })
            .collect();
        shown.sort_by_key(|(source, at)| (*at, source.id.clone()));
        let mut changes: Vec<Change> =
            self.events.values().filter(|change| change.key == ask.listing).cloned().collect();
        changes.sort_by_key(|change| std::cmp::Reverse((change.version, change.at)));
        changes.truncate(10);
        let asked = |watch: &crate::domain::Watch| match (&ask.watch, ask.chat) {
            (Some(id), _) => watch.id == *id,
            (None, Some(chat)) => watch.chat == chat,
            (None, None) => shown.iter().any(|(source, _)| watch.sources.contains(&source.id)),
        };
        let mut watches: Vec<_> = self
            .watches
            .values()
            .filter(|watch| asked(watch))
            .map(|watch| self.in_own_language(watch))
            .collect();
        watches.sort_by_key(|watch| (watch.created_at, watch.id.clone()));
        watches.truncate(50);
        let mut places: BTreeSet<Place> =
            watches.iter().map(|watch| (watch.chat, watch.thread)).collect();
        places.extend(ask.chat.map(|chat| (chat, None)));
        let named = places.iter().flat_map(|(chat, thread)| {
            changes
                .iter()
                .map(move |change| delivery_id(Class::Alert, *chat, *thread, change.id().as_str()))
        });
        let of_name = |id| self.deliveries.iter().find(|one| one.new.id == id).cloned();
        let deliveries = named.filter_map(of_name).collect();
        WhyFacts { known: self.listings.get(&key).cloned(), shown, changes, watches, deliveries }
    }
}
