//! Who hears of a change, and the line that stands for many. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::change::{Happening, Interest};
use crate::domain::change::worth;
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::filter::{Facts, Prepared};
use crate::domain::ids::digest;
use crate::domain::message::Action;
use crate::domain::source::Source;
use crate::domain::{
    Button, ChangeKind, ChatId, Class, EventId, Language, NewDelivery, Outgoing, Watch,
};
use crate::texts::{Value, plain, say};

/// The watches that may be told.
#[derive(Debug, Clone, Default)]
pub struct Audience {
    /// Watches of the source at hand.
    pub own: Vec<Watch>,
    /// By listing id: watches of other sources that show the listing too.
    pub others: HashMap<String, Vec<Watch>>,
    /// By listing id: the watches that want its change, where the match index has said so; then nobody else is asked.
    pub wanting: Option<HashMap<String, Vec<Arc<Watch>>>>,
    /// Chats that are not told of a change although a watch wants it: they never heard of the listing.
    pub silent: HashSet<(EventId, Place)>,
}

/// A chat, with its topic: what one message goes to.
pub type Place = (ChatId, Option<i64>);

impl Audience {
    /// The watches that want to hear of it, by chat.
    pub(super) fn of(&self, happening: &Happening) -> BTreeMap<Place, Vec<&Watch>> {
        let mut chats: BTreeMap<Place, Vec<&Watch>> = BTreeMap::new();
        let Some(change) = &happening.change else { return chats };
        if let Some(wanting) = &self.wanting {
            for watch in wanting.get(&change.key.id).into_iter().flatten() {
                chats.entry((watch.chat, watch.thread)).or_default().push(watch);
            }
            return chats;
        }
        let facts = Facts::new(&change.key.site, &change.listing);
        let wants = |watch: &Watch, as_new: bool| {
            let filter = Prepared::new(&watch.filter);
            (filter.wants(change.kind, &facts) && worth(change, &watch.telling))
                || (as_new && filter.wants(ChangeKind::New, &facts))
        };
        let own = self
            .own
            .iter()
            .filter(|_| happening.interest != Interest::None)
            .filter(|watch| wants(watch, happening.interest == Interest::New));
        let others = self
            .others
            .get(&change.key.id)
            .into_iter()
            .flatten()
            .filter(|watch| wants(watch, false));
        for watch in own.chain(others) {
            let watches = chats.entry((watch.chat, watch.thread)).or_default();
            if watches.iter().all(|known| known.id != watch.id) {
                watches.push(watch);
            }
        }
        if !self.silent.is_empty() {
            let event = change.id();
            chats.retain(|place, _| !self.silent.contains(&(event.clone(), *place)));
        }
        chats
    }
}

/// The one message that stands for the changes which get no alert of their own. Its name comes from these
/// changes, so a repeated run does not send it twice.
pub fn summary(
    source: &Source,
    place: (ChatId, Option<i64>),
    language: Language,
    events: &[String],
    now: DateTime<Utc>,
) -> NewDelivery {
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let values = [("count", Value::Count(count)), ("search", Value::Text(&source.spec.title))];
    let mut message = Outgoing::text(say(language, "scrape-more-changes", &values));
    message.buttons = vec![vec![Button {
        text: plain(language, "scrape-open-search"),
        action: Action::Url(source.spec.url.clone()),
    }]];
    let mut names: Vec<&str> = events.iter().map(String::as_str).collect();
    names.sort_unstable();
    let subject = format!("more/{}", digest(&names));
    let (chat, thread) = place;
    NewDelivery {
        id: delivery_id(Class::Alert, chat, thread, &subject),
        class: Class::Alert,
        chat,
        thread,
        language,
        content: Content::Message(message),
        not_before: now,
    }
}
