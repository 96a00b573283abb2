//! How each alert of a run is told: the chain of preferences at the time of writing.
//!
//! The preferences, mutes and counts of all chats that hear of a run are loaded at once; what is decided for one
//! alert counts for the next one of its chat.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::audience::{Audience, Place};
use super::change::Happening;
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::preferences::{Facts, HowTold, Subject, Telling, Wish, decide, is_urgent};
use crate::domain::{Change, Class, EventId, Language, NewDelivery, Watch};
use crate::store::{Db, DbError};

/// How the chats that hear of a run want to be told.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    /// Those that said something; all others are told at once.
    how: HashMap<Place, HowTold>,
}

impl Chain {
    /// Loads what the chats said that hear of these happenings, and those of `more`.
    pub async fn load(
        db: &dyn Db,
        audience: &Audience,
        happenings: &[Happening],
        more: impl IntoIterator<Item = Place>,
        now: DateTime<Utc>,
    ) -> Result<Self, DbError> {
        let told = happenings.iter().filter(|one| one.change.is_some());
        let mut places: BTreeSet<Place> =
            told.flat_map(|one| audience.of(one).into_keys()).collect();
        places.extend(more);
        if places.is_empty() {
            return Ok(Self::default());
        }
        let places: Vec<Place> = places.into_iter().collect();
        Ok(Self { how: db.how_told(&places, now).await? })
    }

    /// What becomes of the alert about `change` for a chat whose watches matched; the audience has weighed it.
    fn of_alert(
        &mut self,
        place: Place,
        change: &Change,
        wishes: &[Wish],
        now: DateTime<Utc>,
    ) -> Telling {
        let nothing_said = HowTold::default();
        let how = self.how.get(&place).unwrap_or(&nothing_said);
        let telling =
            decide(&Facts { how, subject: Some(Subject::of_matched(change)), wishes }, now);
        if let Some(how) = self.how.get_mut(&place) {
            how.counts.note(telling);
        }
        telling
    }

    /// What becomes of a message of its own, such as a summary: quiet hours hold it, a mute of everything drops it.
    pub(super) fn of_message(&self, place: Place, now: DateTime<Utc>) -> Telling {
        let Some(how) = self.how.get(&place) else { return Telling::Send };
        decide(&Facts { how, subject: None, wishes: &[] }, now)
    }

    /// The alert of `change` for a chat whose `watches` matched.
    pub(super) fn alert(
        &mut self,
        place: Place,
        language: Language,
        change: &Change,
        watches: &[&Watch],
        now: DateTime<Utc>,
    ) -> NewDelivery {
        let (chat, thread) = place;
        let event: EventId = change.id();
        let wishes: Vec<Wish> = watches.iter().map(|watch| Wish::of(watch)).collect();
        NewDelivery {
            id: delivery_id(Class::Alert, chat, thread, event.as_str()),
            class: Class::Alert,
            chat,
            thread,
            language,
            content: Content::Change {
                event,
                watches: watches.iter().map(|watch| watch.name.clone()).collect(),
                ids: watches.iter().map(|watch| watch.id.clone()).collect(),
                answers: None,
                urgent: is_urgent(&wishes, now),
            },
            not_before: now,
            fate: self.of_alert(place, change, &wishes, now),
        }
    }
}

/// Counts where the chain stopped the alerts that were written.
pub fn count(deliveries: &[NewDelivery]) {
    for one in deliveries.iter().filter(|one| one.class == Class::Alert) {
        metrics::counter!("magpie_tellings_total", "stop" => one.fate.label()).increment(1);
    }
}
