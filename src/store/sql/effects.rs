//! The changes of the record that an update causes, one function each. All are harmless to repeat.

use chrono::{DateTime, Utc};

use super::engine::{Conn, ms};
use super::outbox::{self, Intent};
use super::statement::query;
use super::watches_chapter::one;
use super::{
    accounts_chapter, chats, feed_chapter, lanes, market_chapter, operate_chapter, panel_chapter,
    panel_people, posts_chapter, preferences_chapter, rows, tickets_chapter, watch_life,
};
use crate::domain::watch::{WatchOrder, Who};
use crate::domain::{
    ChatId, ChatKind, Filter, Language, PausedBy, SourceId, Terms, UserId, WatchId,
};
use crate::store::{AuditEntry, DbError, Effect};

/// Applies one effect.
pub(crate) async fn apply(
    conn: &mut Conn,
    effect: &Effect,
    free: &Terms,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    match effect {
        Effect::Meet { user, chat, kind, language } => {
            meet(conn, *user, *chat, *kind, *language, now).await
        }
        Effect::Name { user, name, username } => {
            name_it(conn, *user, name, username.as_deref()).await
        }
        // Futures of their own: a commit would carry the size of the largest one about.
        Effect::Account(effect) => Box::pin(accounts_chapter::apply(conn, effect, now)).await,
        Effect::Ticket(effect) => Box::pin(tickets_chapter::apply(conn, effect, now)).await,
        Effect::Panel(effect) => Box::pin(panel_chapter::apply(conn, effect, now)).await,
        Effect::Operate(effect) => Box::pin(operate_chapter::apply(conn, effect, now)).await,
        Effect::Share(effect) => Box::pin(market_chapter::apply(conn, effect, now)).await,
        Effect::Audit(entry) => audit(conn, entry, now).await,
        other => Box::pin(apply_watching(conn, other, free, now)).await,
    }
}

/// Effects on watches, chats and how they are told.
async fn apply_watching(
    conn: &mut Conn,
    effect: &Effect,
    free: &Terms,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    match effect {
        Effect::SetLanguage { user, language } => set_language(conn, *user, *language, now).await,
        Effect::ChatActive { chat, kind, active, at } => {
            chat_active(conn, *chat, *kind, *active, *at, now).await
        }
        Effect::Subscribe { watch, user, chat, thread, source, name, filter, language } => {
            let new = NewWatch {
                watch,
                user: *user,
                chat: *chat,
                thread: *thread,
                source,
                name,
                filter,
                language: *language,
            };
            subscribe(conn, &new, now).await
        }
        Effect::Unsubscribe { watch, user } => {
            let order = WatchOrder::Remove;
            watch_life::change(conn, watch, Who::Person(*user), &order, free, now).await?;
            Ok(())
        }
        // The plan was asked for all of them at once, see `admission`.
        Effect::AddWatch(new) => match one(conn, &new.id).await? {
            Some(_) => Ok(()),
            None => watch_life::insert(conn, new, now).await,
        },
        Effect::ChangeWatch { id, user, order } => {
            watch_life::change(conn, id, Who::Person(*user), order, free, now).await?;
            Ok(())
        }
        Effect::MigrateChat { from, to } => {
            chats::migrate(conn, *from, *to, now).await?;
            lanes::refresh_all(conn, vec![*from, *to], now).await
        }
        Effect::Keep { user, key, kept } => posts_chapter::keep(conn, *user, key, *kept, now).await,
        Effect::Tell(delivery) => {
            outbox::insert(conn, delivery, Intent::Wait, now).await?;
            lanes::refresh(conn, delivery.chat, now).await
        }
        Effect::Prefer { place, patch } => {
            let patches = std::slice::from_ref(patch);
            preferences_chapter::prefer(conn, *place, patches, now).await.map(drop)
        }
        Effect::Mute { place, mute } => {
            preferences_chapter::mute(conn, *place, mute, now).await.map(drop)
        }
        Effect::Unmute { place, mute } => {
            preferences_chapter::unmute(conn, *place, mute).await.map(drop)
        }
        Effect::Meet { .. }
        | Effect::Name { .. }
        | Effect::Account(_)
        | Effect::Ticket(_)
        | Effect::Panel(_)
        | Effect::Operate(_)
        | Effect::Share(_)
        | Effect::Audit(_) => Ok(()),
    }
}

/// A person who writes can be written to. The date of the chat's last event stays: an update that waited
/// at Telegram must not win against a block that came after it.
async fn meet(
    conn: &mut Conn,
    user: UserId,
    chat: ChatId,
    kind: ChatKind,
    language: Language,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    query(
        "INSERT INTO users (id, language, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(user.0)
    .bind(language.code())
    .bind(ms(now))
    .execute(&mut *conn)
    .await?;
    query(
        "INSERT INTO chats (id, kind, active) VALUES ($1, $2, 1) ON CONFLICT (id) DO UPDATE SET \
         kind = excluded.kind, active = 1 WHERE chats.active = 0 OR chats.kind <> excluded.kind",
    )
    .bind(chat.0)
    .bind(kind.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes down what an operator did.
pub(crate) async fn audit(
    conn: &mut Conn,
    entry: &AuditEntry,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    query(
        "INSERT INTO audit (id, actor, action, target, detail, at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
    )
    .bind(entry.id.as_str())
    .bind(entry.actor.as_str())
    .bind(entry.action.as_str())
    .bind(entry.target.as_str())
    .bind(entry.detail.as_str())
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(())
}

async fn name_it(
    conn: &mut Conn,
    user: UserId,
    name: &str,
    username: Option<&str>,
) -> Result<(), DbError> {
    query("UPDATE users SET name = $2, username = $3, folded = $4 WHERE id = $1")
        .bind(user.0)
        .bind(name)
        .bind(username.map(str::to_owned))
        .bind(panel_people::folded(name, username))
        .execute(conn)
        .await?;
    Ok(())
}

async fn set_language(
    conn: &mut Conn,
    user: UserId,
    language: Language,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    query(
        "INSERT INTO users (id, language, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (id) DO UPDATE SET language = excluded.language",
    )
    .bind(user.0)
    .bind(language.code())
    .bind(ms(now))
    .execute(&mut *conn)
    .await?;
    query("UPDATE watches SET language = $2 WHERE user_id = $1")
        .bind(user.0)
        .bind(language.code())
        .execute(conn)
        .await?;
    Ok(())
}

async fn chat_active(
    conn: &mut Conn,
    chat: ChatId,
    kind: ChatKind,
    active: bool,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let counts = chats::set_active(conn, chat, kind, active, at).await?;
    if counts && !active {
        chats::drop_pending(conn, chat, "the chat may not be written to", now).await?;
        lanes::refresh(conn, chat, now).await?;
        tickets_chapter::lost(conn, chat, now).await?;
    }
    Ok(())
}

struct NewWatch<'a> {
    watch: &'a WatchId,
    user: UserId,
    chat: ChatId,
    thread: Option<i64>,
    source: &'a SourceId,
    name: &'a str,
    filter: &'a Filter,
    language: Language,
}

async fn subscribe(conn: &mut Conn, new: &NewWatch<'_>, now: DateTime<Utc>) -> Result<(), DbError> {
    let present = query(
        "SELECT id, paused_by FROM watches WHERE user_id = $1 AND chat = $2 \
         AND id IN (SELECT watch FROM watch_sources WHERE source = $3) ORDER BY created_at, id",
    )
    .bind(new.user.0)
    .bind(new.chat.0)
    .bind(new.source.as_str())
    .fetch_all(&mut *conn)
    .await?;
    if !present.is_empty() {
        for row in &present {
            if rows::word(row, "paused_by", PausedBy::from_word)? == PausedBy::Owner {
                let id = WatchId(rows::text(row, "id")?);
                watch_life::set_paused(conn, &id, PausedBy::Nobody, now).await?;
            }
        }
        return Ok(());
    }
    let made = query(
        "INSERT INTO watches (id, user_id, chat, thread, name, filter, language, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING",
    )
    .bind(new.watch.as_str())
    .bind(new.user.0)
    .bind(new.chat.0)
    .bind(new.thread)
    .bind(new.name)
    .bind(serde_json::to_string(new.filter)?)
    .bind(new.language.code())
    .bind(ms(now))
    .execute(&mut *conn)
    .await?;
    if made.rows_affected() == 1 {
        query("INSERT INTO watch_sources (watch, source) VALUES ($1, $2)")
            .bind(new.watch.as_str())
            .bind(new.source.as_str())
            .execute(&mut *conn)
            .await?;
        feed_chapter::log(conn, new.watch, now).await?;
    }
    Ok(())
}
