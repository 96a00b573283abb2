//! Whether a plan admits what an update causes, decided inside the transaction that writes it: a decision that was
//! made on an older view is made anew.

use chrono::{DateTime, Utc};

use super::Effect;
use crate::domain::plan::{self, Allowance, Entitled, Terms};
use crate::domain::watch::{NewWatch, WatchOrder};
use crate::domain::{PausedBy, SourceId, UserId, Watch};

/// The person whose limits the effects touch, if any: an update is one person's.
pub(crate) fn person(effects: &[Effect]) -> Option<UserId> {
    effects.iter().find_map(|effect| match effect {
        Effect::Subscribe { user, .. } => Some(*user),
        Effect::AddWatch(new) => Some(new.user),
        Effect::ChangeWatch {
            user, order: WatchOrder::Resume | WatchOrder::Clone { .. }, ..
        } => Some(*user),
        _ => None,
    })
}

/// Whether all of it is admitted for a person with these watches and plans.
pub(crate) fn admits(
    effects: &[Effect],
    watches: &[Watch],
    free: &Terms,
    held: Vec<Entitled>,
    now: DateTime<Utc>,
) -> bool {
    let mut room = Allowance::of(free.clone(), held, watches);
    let terms = room.terms(now);
    let mut add = |sources: &[SourceId]| {
        let fits = room.room_for(sources, now).is_ok();
        room.take(sources);
        fits
    };
    effects.iter().all(|effect| match effect {
        Effect::Subscribe { user, chat, source, .. } => {
            let same = |own: &&Watch| {
                own.user == *user && own.chat == *chat && own.sources.contains(source)
            };
            match watches.iter().find(same) {
                Some(own) if own.paused_by == PausedBy::Owner => {
                    plan::may_run(watches, &own.id, &terms).is_ok()
                }
                Some(_) => true,
                None => add(std::slice::from_ref(source)),
            }
        }
        Effect::AddWatch(new) => is_there(watches, new) || add(&new.source_ids()),
        Effect::ChangeWatch { id, order: WatchOrder::Clone { .. }, .. } => {
            let own = watches.iter().find(|own| own.id == *id);
            own.is_none_or(|own| add(&own.sources))
        }
        Effect::ChangeWatch { id, order: WatchOrder::Resume, .. } => {
            let rests = watches.iter().any(|own| own.id == *id && own.paused_by == PausedBy::Owner);
            !rests || plan::may_run(watches, id, &terms).is_ok()
        }
        _ => true,
    })
}

/// Whether the person has the watch already.
pub(crate) fn is_there(watches: &[Watch], new: &NewWatch) -> bool {
    watches.iter().any(|own| own.id == new.id || (new.unless_equal && own.equals(new)))
}
