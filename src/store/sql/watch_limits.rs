//! The watches of a person against the limits of their plan.

use chrono::{DateTime, Utc};

use super::engine::Conn;
use super::outbox::{self, Intent};
use super::watch_life::{held, hold, set_paused};
use super::watches_chapter::of_user;
use super::{lanes, watch_waiting};
use crate::domain::plan::{self, Terms};
use crate::domain::{PausedBy, UserId, Watch};
use crate::store::{DbError, Limited, RestWord, rest_message};

/// Why alerts of a watch that rests are dropped.
const PLAN_ENDED: &str = "the watch was paused by the limit of the plan";

/// See [`crate::store::WatchRecord::apply_limits`]. Without a word for the person, as after a change of theirs, it is
/// done only where room was made: that the end of a plan lets watches rest is for those who say so.
pub(crate) async fn settle(
    conn: &mut Conn,
    user: UserId,
    free: &Terms,
    word: Option<RestWord>,
    now: DateTime<Utc>,
) -> Result<Limited, DbError> {
    hold(conn, user).await?;
    let watches = of_user(conn, user).await?;
    let terms = plan::terms_at(free, &held(conn, user).await?, now);
    let changes = plan::settle(&watches, &terms);
    let mut limited = Limited::default();
    if word.is_none() && changes.iter().all(|(_, by)| *by != PausedBy::Nobody) {
        return Ok(limited);
    }
    let mut resting: Vec<&Watch> = Vec::new();
    for (id, by) in changes {
        set_paused(conn, &id, by, now).await?;
        if by == PausedBy::Nobody {
            limited.resumed += 1;
        } else if let Some(watch) = watches.iter().find(|watch| watch.id == id) {
            watch_waiting::drop_alerts(conn, watch, PLAN_ENDED, now).await?;
            resting.push(watch);
        }
    }
    limited.paused = resting.len();
    if let Some(message) = word.and_then(|word| rest_message(&resting, word, now)) {
        outbox::insert(conn, &message, Intent::Wait, now).await?;
        lanes::refresh(conn, message.chat, now).await?;
    }
    Ok(limited)
}
