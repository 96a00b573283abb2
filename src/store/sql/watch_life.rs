//! Watches made, changed and ended: see [`crate::store::WatchRecord`]. The effects of updates come here too.

use chrono::{DateTime, Utc};

use super::engine::{Conn, ms};
use super::outbox::Intent;
use super::statement::query;
use super::watches_chapter::{of_user, one};
use super::{feed_chapter, lanes, outbox, sources, waiting, watch_limits, watch_waiting};
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::ledger::Period;
use crate::domain::plan::{self, Allowance, Entitled, Refusal, Terms};
use crate::domain::preferences::{Stop, Telling};
use crate::domain::watch::{NewWatch, Sample, WatchEdit, WatchOrder, Who, ids_of, sample_subject};
use crate::domain::{Class, NewDelivery, Outgoing, PausedBy, SourceId, UserId, Watch, WatchId};
use crate::store::admission::is_there;
use crate::store::{DbError, WatchDone};

/// The plans of a person, ended ones too.
pub(crate) async fn held(conn: &mut Conn, user: UserId) -> Result<Vec<Entitled>, DbError> {
    let periods = super::account_ledger::periods(conn, user).await?;
    Ok(periods.iter().map(Period::entitled).collect())
}

/// Takes the row of the person, so that two orders of theirs at once see each other's watches.
pub(super) async fn hold(conn: &mut Conn, user: UserId) -> Result<(), DbError> {
    query("UPDATE users SET banned = banned WHERE id = $1").bind(user.0).execute(conn).await?;
    Ok(())
}

/// See [`crate::store::WatchRecord::add_watch`].
pub(crate) async fn add(
    conn: &mut Conn,
    new: &NewWatch,
    free: &Terms,
    now: DateTime<Utc>,
) -> Result<WatchDone, DbError> {
    hold(conn, new.user).await?;
    let watches = of_user(conn, new.user).await?;
    if let Some(known) = known(conn, &watches, new).await? {
        return Ok(WatchDone::Already(known));
    }
    let plans = held(conn, new.user).await?;
    let room = Allowance::of(free.clone(), plans, &watches);
    if let Err(refusal) = room.room_for(&new.source_ids(), now) {
        return Ok(WatchDone::Refused(refusal));
    }
    insert(conn, new, now).await?;
    Ok(WatchDone::Done)
}

/// The watch that is there already. An id that somebody else has is taken as well.
async fn known(
    conn: &mut Conn,
    watches: &[Watch],
    new: &NewWatch,
) -> Result<Option<WatchId>, DbError> {
    if is_there(watches, new) {
        let own = watches.iter().find(|own| own.id == new.id || own.equals(new));
        return Ok(own.map(|own| own.id.clone()));
    }
    Ok(one(conn, &new.id).await?.map(|other| other.id))
}

/// Writes a watch that nothing speaks against.
pub(crate) async fn insert(
    conn: &mut Conn,
    new: &NewWatch,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if let Some(kind) = new.kind {
        query(
            "INSERT INTO chats (id, kind, active) VALUES ($1, $2, 1) ON CONFLICT (id) DO NOTHING",
        )
        .bind(new.chat.0)
        .bind(kind.as_str())
        .execute(&mut *conn)
        .await?;
    }
    sources::put_for_watch(conn, &new.sources, now).await?;
    let paused_by = if new.paused { PausedBy::Owner } else { PausedBy::Nobody };
    query(
        "INSERT INTO watches (id, user_id, chat, thread, name, filter, language, created_at, \
         updated_at, paused, paused_by, telling) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11)",
    )
    .bind(new.id.as_str())
    .bind(new.user.0)
    .bind(new.chat.0)
    .bind(new.thread)
    .bind(new.name.as_str())
    .bind(serde_json::to_string(&new.filter)?)
    .bind(new.language.code())
    .bind(ms(now))
    .bind(i64::from(new.paused))
    .bind(paused_by.as_str())
    .bind(serde_json::to_string(&new.telling)?)
    .execute(&mut *conn)
    .await?;
    link(conn, &new.id, &new.source_ids()).await?;
    feed_chapter::log(conn, &new.id, now).await?;
    sample(conn, new, now).await
}

async fn link(conn: &mut Conn, watch: &WatchId, sources: &[SourceId]) -> Result<(), DbError> {
    for source in sources {
        query("INSERT INTO watch_sources (watch, source) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(watch.as_str())
            .bind(source.as_str())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// The first word of a watch. One that is never to come is written as dropped, so that no run sends it.
async fn sample(conn: &mut Conn, new: &NewWatch, now: DateTime<Utc>) -> Result<(), DbError> {
    let message = match &new.sample {
        Sample::Later => return Ok(()),
        Sample::Now(message) => (**message).clone(),
        Sample::Never => Outgoing::default(),
    };
    let subject = sample_subject(&new.id);
    let delivery = NewDelivery {
        id: delivery_id(Class::Alert, new.chat, new.thread, &subject),
        class: Class::Alert,
        chat: new.chat,
        thread: new.thread,
        language: new.language,
        content: Content::Message(message),
        not_before: now,
        fate: Telling::Send,
    };
    outbox::insert(conn, &delivery, Intent::Wait, now).await?;
    if new.sample == Sample::Never {
        query(
            "UPDATE deliveries SET state = 'dropped', done_at = $2, \
             reason = 'no sample: the watch came with many others' \
             WHERE id = $1 AND state = 'pending'",
        )
        .bind(delivery.id.as_str())
        .bind(ms(now))
        .execute(&mut *conn)
        .await?;
    }
    lanes::refresh(conn, new.chat, now).await
}

/// See [`crate::store::WatchRecord::change_watch`].
pub(crate) async fn change(
    conn: &mut Conn,
    id: &WatchId,
    who: Who,
    order: &WatchOrder,
    free: &Terms,
    now: DateTime<Utc>,
) -> Result<WatchDone, DbError> {
    let Some(watch) = one(conn, id).await? else { return Ok(WatchDone::Missing) };
    if matches!(who, Who::Person(user) if user != watch.user) {
        return Ok(WatchDone::Missing);
    }
    hold(conn, watch.user).await?;
    match order {
        WatchOrder::Pause => pause(conn, &watch, who.as_pauser(), free, now).await,
        WatchOrder::Resume => resume(conn, &watch, who.as_pauser(), free, now).await,
        WatchOrder::Mute(until) => mute(conn, &watch, *until, now).await,
        WatchOrder::Edit(edit) => self::edit(conn, &watch, edit, free, now).await,
        WatchOrder::Clone { id, name } => {
            let copied = copy(conn, &watch, id, name, free, now).await?;
            Ok(copied)
        }
        WatchOrder::Remove => {
            remove(conn, &watch, now).await?;
            watch_limits::settle(conn, watch.user, free, None, now).await?;
            Ok(WatchDone::Done)
        }
    }
}

async fn pause(
    conn: &mut Conn,
    watch: &Watch,
    by: PausedBy,
    free: &Terms,
    now: DateTime<Utc>,
) -> Result<WatchDone, DbError> {
    // Who paused it stays who paused it, unless somebody above comes.
    let stays = watch.paused && !(by.may_end(watch.paused_by) && by != watch.paused_by);
    if stays {
        return Ok(WatchDone::Already(watch.id.clone()));
    }
    set_paused(conn, &watch.id, by, now).await?;
    watch_waiting::drop_alerts(conn, watch, "the watch was paused", now).await?;
    watch_limits::settle(conn, watch.user, free, None, now).await?;
    Ok(WatchDone::Done)
}

async fn resume(
    conn: &mut Conn,
    watch: &Watch,
    by: PausedBy,
    free: &Terms,
    now: DateTime<Utc>,
) -> Result<WatchDone, DbError> {
    if !watch.paused {
        return Ok(WatchDone::Already(watch.id.clone()));
    }
    if !by.may_end(watch.paused_by) {
        return Ok(WatchDone::Refused(Refusal::PausedBy(watch.paused_by)));
    }
    let terms = plan::terms_at(free, &held(conn, watch.user).await?, now);
    let watches = of_user(conn, watch.user).await?;
    if let Err(refusal) = plan::may_run(&watches, &watch.id, &terms) {
        return Ok(WatchDone::Refused(refusal));
    }
    set_paused(conn, &watch.id, PausedBy::Nobody, now).await?;
    waiting::decide_again(conn, watch.chat, now).await?;
    Ok(WatchDone::Done)
}

/// Writes who pauses a watch; [`PausedBy::Nobody`] lets it go on.
pub(crate) async fn set_paused(
    conn: &mut Conn,
    watch: &WatchId,
    by: PausedBy,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    query("UPDATE watches SET paused = $2, paused_by = $3, updated_at = $4 WHERE id = $1")
        .bind(watch.as_str())
        .bind(i64::from(by != PausedBy::Nobody))
        .bind(by.as_str())
        .bind(ms(now))
        .execute(&mut *conn)
        .await?;
    feed_chapter::log(conn, watch, now).await
}

async fn mute(
    conn: &mut Conn,
    watch: &Watch,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<WatchDone, DbError> {
    if watch.muted_until == until {
        return Ok(WatchDone::Already(watch.id.clone()));
    }
    query("UPDATE watches SET muted_until = $2, updated_at = $3 WHERE id = $1")
        .bind(watch.id.as_str())
        .bind(until.map(ms))
        .bind(ms(now))
        .execute(&mut *conn)
        .await?;
    feed_chapter::log(conn, &watch.id, now).await?;
    if until.is_some_and(|until| until > now) {
        watch_waiting::drop_alerts(conn, watch, Stop::MutedWatch.reason(), now).await?;
    }
    waiting::decide_again(conn, watch.chat, now).await?;
    Ok(WatchDone::Done)
}

async fn edit(
    conn: &mut Conn,
    watch: &Watch,
    edit: &WatchEdit,
    free: &Terms,
    now: DateTime<Utc>,
) -> Result<WatchDone, DbError> {
    if let Some(specs) = &edit.sources {
        let mut others = of_user(conn, watch.user).await?;
        others.retain(|other| other.id != watch.id);
        let room = Allowance::of(free.clone(), held(conn, watch.user).await?, &others);
        if let Err(refusal) = room.room_for_sources(&ids_of(specs), now) {
            return Ok(WatchDone::Refused(refusal));
        }
        sources::put_for_watch(conn, specs, now).await?;
        query("DELETE FROM watch_sources WHERE watch = $1")
            .bind(watch.id.as_str())
            .execute(&mut *conn)
            .await?;
        link(conn, &watch.id, &ids_of(specs)).await?;
        sources::forget_orphans(conn, &watch.sources, now).await?;
    }
    let name = edit.name.as_ref().unwrap_or(&watch.name);
    let filter = edit.filter.as_ref().unwrap_or(&watch.filter);
    let telling = edit.telling.as_ref().unwrap_or(&watch.telling);
    query("UPDATE watches SET name = $2, filter = $3, telling = $4, updated_at = $5 WHERE id = $1")
        .bind(watch.id.as_str())
        .bind(name.as_str())
        .bind(serde_json::to_string(filter)?)
        .bind(serde_json::to_string(telling)?)
        .bind(ms(now))
        .execute(&mut *conn)
        .await?;
    feed_chapter::log(conn, &watch.id, now).await?;
    if *telling != watch.telling {
        waiting::decide_again(conn, watch.chat, now).await?;
    }
    Ok(WatchDone::Done)
}

async fn copy(
    conn: &mut Conn,
    watch: &Watch,
    id: &WatchId,
    name: &str,
    free: &Terms,
    now: DateTime<Utc>,
) -> Result<WatchDone, DbError> {
    if one(conn, id).await?.is_some() {
        return Ok(WatchDone::Already(id.clone()));
    }
    let watches = of_user(conn, watch.user).await?;
    let room = Allowance::of(free.clone(), held(conn, watch.user).await?, &watches);
    if let Err(refusal) = room.room_for(&watch.sources, now) {
        return Ok(WatchDone::Refused(refusal));
    }
    let new = NewWatch {
        id: id.clone(),
        user: watch.user,
        chat: watch.chat,
        kind: None,
        thread: watch.thread,
        name: name.to_owned(),
        sources: vec![],
        filter: watch.filter.clone(),
        telling: watch.telling.clone(),
        paused: false,
        language: watch.language,
        unless_equal: false,
        sample: Sample::Never,
    };
    insert(conn, &new, now).await?;
    link(conn, id, &watch.sources).await?;
    Ok(WatchDone::Done)
}

/// Ends a watch, with what waits for it alone and the searches that were made for it alone.
pub(crate) async fn remove(
    conn: &mut Conn,
    watch: &Watch,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    for statement in [
        "DELETE FROM watches WHERE id = $1",
        "DELETE FROM watch_sources WHERE watch = $1",
        "DELETE FROM shared_watches WHERE watch = $1",
    ] {
        query(statement).bind(watch.id.as_str()).execute(&mut *conn).await?;
    }
    feed_chapter::log(conn, &watch.id, now).await?;
    watch_waiting::drop_alerts(conn, watch, "the watch was removed", now).await?;
    sources::forget_orphans(conn, &watch.sources, now).await
}
