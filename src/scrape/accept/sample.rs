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

/// One sample for each of `watches`: the first listings of the page that it could ever be told of. Watches of one
/// place that ask for the same get one together. A watch for which there is none, or that is muted, hears nothing.
/// The name of the delivery says place and watch only, so a watch gets one, however many searches it has and however
/// often a run is repeated.
pub fn samples(
    source: &Source,
    listings: &[&Listing],
    watches: &[Watch],
    now: DateTime<Utc>,
) -> Vec<NewDelivery> {
    let mut groups: Vec<Vec<&Watch>> = Vec::new();
    for watch in watches.iter().filter(|watch| watch.muted_until.is_none_or(|until| until <= now)) {
        match groups.iter_mut().find(|group| ask_for_the_same(group, watch)) {
            Some(group) => group.push(watch),
            None => groups.push(vec![watch]),
        }
    }
    let of_group = |group: &Vec<&Watch>| {
        let first = *group.iter().min_by_key(|watch| &watch.id)?;
        let wanted =
            listings.iter().copied().filter(|one| wants(&first.filter, &source.spec.site, one));
        let title = if group.len() == 1 { &first.name } else { &source.spec.title };
        let message = sample(title, wanted, first.language)?;
        let subject = sample_subject(&first.id);
        Some(NewDelivery {
            id: delivery_id(Class::Alert, first.chat, first.thread, &subject),
            class: Class::Alert,
            chat: first.chat,
            thread: first.thread,
            language: first.language,
            content: Content::Message(message),
            not_before: now,
            fate: crate::domain::preferences::Telling::Send,
        })
    };
    groups.iter().filter_map(of_group).collect()
}

fn ask_for_the_same(group: &[&Watch], watch: &Watch) -> bool {
    group.first().is_some_and(|first| {
        (first.chat, first.thread) == (watch.chat, watch.thread)
            && first.sources == watch.sources
            && first.filter == watch.filter
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::source::SourceSpec;
    use crate::domain::{ChatId, Filter, Language, SourceId, UserId, WatchId};

    fn source(name: &str) -> Source {
        let spec = SourceSpec {
            site: "demo".into(),
            url: format!("https://demo.example/{name}"),
            title: name.into(),
            interval: std::time::Duration::from_secs(60),
            offered: false,
            rhythm: Default::default(),
        };
        Source::new(spec, DateTime::UNIX_EPOCH)
    }

    fn watch(id: &str, sources: &[&SourceId]) -> Watch {
        Watch {
            id: WatchId(id.into()),
            user: UserId(1),
            chat: ChatId(1),
            thread: None,
            name: format!("Watch {id}"),
            sources: sources.iter().map(|id| (*id).clone()).collect(),
            filter: Filter::default(),
            paused: false,
            paused_by: Default::default(),
            muted_until: None,
            telling: Default::default(),
            language: Language::En,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_watch_of_two_searches_has_one_sample_and_its_neighbour_another() {
        let (a, b) = (source("a"), source("b"));
        let listing = Listing::new("1", "https://demo.example/1", "Loft");
        let (both, one) = (watch("both", &[&a.id, &b.id]), watch("one", &[&b.id]));
        let now = DateTime::UNIX_EPOCH;
        let first = samples(&a, &[&listing], std::slice::from_ref(&both), now);
        let second = samples(&b, &[&listing], &[both.clone(), one], now);
        assert_eq!((first.len(), second.len()), (1, 2));
        assert_eq!(first[0].id, second[0].id, "the record writes it once");
        assert_ne!(second[0].id, second[1].id);
        let muted = Watch { muted_until: Some(now + chrono::TimeDelta::hours(1)), ..both };
        assert_eq!(samples(&a, &[&listing], &[muted], now), []);
    }
}
