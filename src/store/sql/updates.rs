//! Conversations: what a decision may look at, and everything that one update causes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::claims::{load_pace, store_pace};
use super::engine::{Conn, moment, ms};
use super::outbox::{self, Intent};
use super::statement::query;
use super::watches_chapter::of_user;
use super::{
    account_plans, accounts_chapter, chats, daily, effects, lanes, listings, market_chapter,
    operate_chapter, panel_chapter, posts_chapter, preferences_chapter, prices_chapter,
    quotas_chapter, rows, standing, tickets_chapter, watch_life, why,
};
use crate::domain::delivery::{Claimed, Standing};
use crate::domain::dialogue::Dialogue;
use crate::domain::{
    ChatId, NewDelivery, Preferences, Source, SourceId, Terms, User, UserId, Watch,
};
use crate::store::slots::{PATIENCE, Pace, number_of, reply_slots};
use crate::store::{
    Committed, DbError, Look, OwnView, PoisonUpdate, UpdateCommit, View, ViewRequest, WhyAsk,
    admission,
};

/// Most bytes of a poison body that are kept.
const POISON_BYTES: usize = 64 * 1024;

/// See [`crate::store::Db::load_view`].
pub(crate) async fn load_view(
    conn: &mut Conn,
    request: &ViewRequest,
    free: &Terms,
) -> Result<View, DbError> {
    let (user, dialogue, plan_until) = load_person(conn, request).await?;
    let has_searches = request.searches || request.look.searches;
    let (watches, offered) = match has_searches {
        true => (load_watches(conn, request.chat).await?, load_offered(conn).await?),
        false => (vec![], vec![]),
    };
    let own = match request.user.filter(|_| has_searches) {
        Some(user) => OwnView {
            watches: of_user(conn, user).await?,
            free: account_plans::free_terms(conn, free).await?,
            held: watch_life::held(conn, user).await?,
            links: load_links(conn, user).await?,
        },
        None => OwnView::default(),
    };
    let sample = match &request.sample_of {
        Some(source) => listings::sample(conn, source).await?,
        None => vec![],
    };
    let about = match &request.about {
        Some((event, thread)) => {
            posts_chapter::about(conn, event, (request.chat, *thread), request.user).await?
        }
        None => None,
    };
    let why = match about.as_ref().filter(|_| request.why) {
        Some(about) => {
            let listing = about.change.key.clone();
            let ask = WhyAsk { listing, chat: Some(request.chat), watch: None };
            Some(why::facts(conn, &ask).await?)
        }
        None => None,
    };
    let saved = match request.user.filter(|_| request.saved) {
        Some(user) => posts_chapter::saved(conn, user).await?,
        None => vec![],
    };
    let place = (request.chat, request.thread);
    let (preferences, silence) = match has_searches {
        true => (
            preferences_chapter::in_force(conn, place).await?,
            preferences_chapter::silence(conn, place).await?,
        ),
        false => (Preferences::default(), None),
    };
    let told = match request.told {
        true => prices_chapter::told(conn, request.chat).await?,
        false => vec![],
    };
    // What is rarely asked has a future of its own: inside this one, each question would carry its size about.
    let further = match request.look == Look::default() {
        true => View::default(),
        false => Box::pin(look(conn, request, free)).await?,
    };
    Ok(View {
        user,
        dialogue,
        watches,
        offered,
        sample,
        own,
        preferences,
        silence,
        about,
        why,
        saved,
        told,
        has_searches,
        plan_until,
        ..further
    })
}

/// The parts of the view that only some decisions look at.
async fn look(conn: &mut Conn, request: &ViewRequest, free: &Terms) -> Result<View, DbError> {
    let (mut view, user) = (View::default(), request.user);
    if let Some(ask) = &request.look.account {
        view.account = Some(accounts_chapter::view(conn, ask, user, free).await?);
    }
    if let Some(ask) = &request.look.ticket {
        view.ticket = Some(tickets_chapter::view(conn, ask, user).await?);
    }
    if let Some(ask) = &request.look.panel {
        view.panel = Some(panel_chapter::view(conn, ask, free).await?);
    }
    if let Some(ask) = &request.look.operate {
        view.operate = Some(operate_chapter::view(conn, ask, user).await?);
    }
    if let Some(ask) = &request.look.market {
        view.market = Some(market_chapter::view(conn, ask, user).await?);
    }
    Ok(view)
}

/// Addresses of the searches that the watches of a person look at.
async fn load_links(conn: &mut Conn, user: UserId) -> Result<BTreeMap<SourceId, String>, DbError> {
    let found = query(
        "SELECT o.id, o.url FROM watches w JOIN watch_sources s ON s.watch = w.id \
         JOIN sources o ON o.id = s.source WHERE w.user_id = $1",
    )
    .bind(user.0)
    .fetch_all(conn)
    .await?;
    let link = |row: &super::statement::Row| {
        Ok((SourceId(rows::text(row, "id")?), rows::text(row, "url")?))
    };
    found.iter().map(link).collect()
}

async fn load_watches(conn: &mut Conn, chat: ChatId) -> Result<Vec<Watch>, DbError> {
    let watches = query(
        "SELECT w.id, w.user_id, w.chat, w.thread, w.name, w.filter, w.paused, w.created_at, \
         w.paused_by, w.muted_until, w.telling, \
         COALESCE(u.language, w.language) AS language, s.source \
         FROM watches w JOIN watch_sources s ON s.watch = w.id \
         LEFT JOIN users u ON u.id = w.user_id \
         WHERE w.chat = $1 ORDER BY w.created_at, w.id, s.source",
    )
    .bind(chat.0)
    .fetch_all(conn)
    .await?;
    rows::watches(&watches)
}

async fn load_offered(conn: &mut Conn) -> Result<Vec<Source>, DbError> {
    let offered = query("SELECT * FROM sources WHERE offered = 1 ORDER BY site, title, id")
        .fetch_all(conn)
        .await?;
    offered.iter().map(rows::source).collect()
}

/// The person, the state of the conversation and the end of the last plan, in one question.
async fn load_person(
    conn: &mut Conn,
    request: &ViewRequest,
) -> Result<(Option<User>, Option<Dialogue>, Option<DateTime<Utc>>), DbError> {
    let Some(person) = request.user else { return Ok((None, None, None)) };
    let row = query(
        "SELECT u.id, u.language, u.banned, u.created_at, u.name, u.username, d.state, d.version, \
         d.updated_at, \
         (SELECT MAX(e.until) FROM entitlements e WHERE e.user_id = f.person) AS plan_until \
         FROM (SELECT CAST($1 AS BIGINT) AS person) f LEFT JOIN users u ON u.id = f.person \
         LEFT JOIN dialogues d ON d.chat = $2 AND d.user_id = f.person",
    )
    .bind(person.0)
    .bind(request.chat.0)
    .fetch_one(conn)
    .await?;
    let user = rows::maybe_number(&row, "id")?.map(|_| rows::user(&row)).transpose()?;
    let version = rows::maybe_number(&row, "version")?;
    let dialogue = version.map(|version| {
        let state = rows::text(&row, "state")?;
        Ok::<_, DbError>(Dialogue {
            chat: request.chat,
            user: person,
            state,
            at: moment(rows::number(&row, "updated_at")?),
            version,
        })
    });
    let plan_until = rows::maybe_number(&row, "plan_until")?.map(moment);
    Ok((user, dialogue.transpose()?, plan_until))
}

/// See [`crate::store::Db::commit_update`].
pub(crate) async fn commit(
    conn: &mut Conn,
    commit: &UpdateCommit,
    free: &Terms,
) -> Result<Committed, DbError> {
    if !note_update(conn, commit).await? {
        return Ok(Committed::Repeat);
    }
    if let Some(overdrawn) = quotas_chapter::pay(conn, &commit.dues, commit.received_at).await? {
        forget_update(conn, commit).await?;
        return Ok(Committed::Refused(overdrawn));
    }
    let free = match commit.effects.is_empty() {
        true => free.clone(),
        false => account_plans::free_terms(conn, free).await?,
    };
    let is_admitted = admitted(conn, commit, &free).await?;
    let is_next = match &commit.dialogue {
        Some(dialogue) if is_admitted => {
            put_dialogue(conn, dialogue, ms(commit.received_at)).await?
        }
        _ => is_admitted,
    };
    if !is_next {
        quotas_chapter::refund(conn, &commit.dues).await?;
        forget_update(conn, commit).await?;
        return Ok(Committed::Conflict);
    }
    for effect in &commit.effects {
        effects::apply(conn, effect, &free, commit.received_at).await?;
    }
    if let Some(chat) = commit.heard_from() {
        let noted = chats::heard(conn, chat, commit.received_at).await?;
        daily::seen(conn, commit, chat, noted).await?;
    }
    Ok(Committed::Applied { replies: write_replies(conn, commit).await? })
}

/// Whether the plan of the person admits what the update causes; the view may have been older.
async fn admitted(conn: &mut Conn, commit: &UpdateCommit, free: &Terms) -> Result<bool, DbError> {
    let Some(user) = admission::person(&commit.effects) else { return Ok(true) };
    let watches = of_user(conn, user).await?;
    let held = watch_life::held(conn, user).await?;
    Ok(admission::admits(&commit.effects, &watches, free, held, commit.received_at))
}

/// Notes the update's identity; false when it is known.
async fn note_update(conn: &mut Conn, commit: &UpdateCommit) -> Result<bool, DbError> {
    let noted = query(
        "INSERT INTO inbox (bot, update_id, kind, received_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (bot, update_id) DO NOTHING",
    )
    .bind(commit.bot)
    .bind(commit.update)
    .bind(commit.kind.as_str())
    .bind(ms(commit.received_at))
    .execute(conn)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Nothing else has been written yet: the update is not known after all.
async fn forget_update(conn: &mut Conn, commit: &UpdateCommit) -> Result<(), DbError> {
    query("DELETE FROM inbox WHERE bot = $1 AND update_id = $2")
        .bind(commit.bot)
        .bind(commit.update)
        .execute(conn)
        .await?;
    Ok(())
}

/// Stores the state if nobody else did since it was read.
async fn put_dialogue(conn: &mut Conn, dialogue: &Dialogue, now: i64) -> Result<bool, DbError> {
    let query = if dialogue.version == 0 {
        query(
            "INSERT INTO dialogues (chat, user_id, state, version, updated_at) \
             VALUES ($1, $2, $3, $4 + 1, $5) ON CONFLICT (chat, user_id) DO NOTHING",
        )
    } else {
        query(
            "UPDATE dialogues SET state = $3, version = $4 + 1, updated_at = $5 \
             WHERE chat = $1 AND user_id = $2 AND version = $4",
        )
    };
    let stored = query
        .bind(dialogue.chat.0)
        .bind(dialogue.user.0)
        .bind(dialogue.state.as_str())
        .bind(dialogue.version)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(stored.rows_affected() == 1)
}

/// Writes the replies chat by chat, each chat's in order, and answers those that the caller sends.
async fn write_replies(conn: &mut Conn, commit: &UpdateCommit) -> Result<Vec<Claimed>, DbError> {
    if commit.replies.is_empty() {
        return Ok(vec![]);
    }
    let mut pace = load_pace(conn, &commit.limits).await?;
    let mut chats: Vec<ChatId> = commit.replies.iter().map(|reply| reply.chat).collect();
    chats.sort_unstable();
    chats.dedup();
    let mut claimed = Vec::with_capacity(commit.replies.len());
    for chat in chats {
        claimed.extend(write_to(conn, commit, chat, &mut pace).await?);
    }
    store_pace(conn, &pace).await?;
    claimed.sort_by_key(|(place, _)| *place);
    let mut claimed: Vec<_> = claimed.into_iter().map(|(_, claimed)| claimed).collect();
    standing::load(conn, &mut claimed).await?;
    Ok(claimed)
}

/// Writes the replies to one chat; answers those that the caller sends, with their places. From the first
/// one that would have to wait too long, they wait in the outbox, so that their order stays.
async fn write_to(
    conn: &mut Conn,
    commit: &UpdateCommit,
    chat: ChatId,
    pace: &mut Pace,
) -> Result<Vec<(usize, Claimed)>, DbError> {
    let now = ms(commit.received_at);
    let own = |(_, reply): &(usize, &NewDelivery)| reply.chat == chat;
    let replies: Vec<_> = commit.replies.iter().enumerate().filter(own).collect();
    let mut lane = lanes::of_chat(conn, chat).await?;
    let from = now.max(lane.wait_until);
    let slots = reply_slots(&lane.recent, commit.limits.window(lane.kind), from, replies.len());
    let (mut claimed, mut taken, mut waits) = (Vec::new(), Vec::new(), false);
    for ((place, reply), slot) in replies.into_iter().zip(slots) {
        let now_too = slot <= now + PATIENCE;
        let intent = if now_too { Intent::Own(&commit.owner) } else { Intent::Wait };
        let stored = outbox::insert(conn, reply, intent, commit.received_at).await?;
        let Some(delivery) = stored else { continue };
        if !now_too {
            waits = true;
            continue;
        }
        pace.pay(commit.received_at.timestamp_micros());
        taken.push(slot);
        let (send_at, standing) = (moment(slot), Standing::default());
        claimed.push((place, Claimed { delivery, send_at, change: None, standing }));
    }
    if !taken.is_empty() {
        lane.take(conn, &taken, taken.len(), &commit.limits).await?;
    }
    if waits {
        lanes::refresh(conn, chat, commit.received_at).await?;
    }
    Ok(claimed)
}

/// See [`crate::store::Db::keep_poison`].
pub(crate) async fn keep_poison(conn: &mut Conn, poison: &PoisonUpdate) -> Result<(), DbError> {
    let body = &poison.body[..poison.body.len().min(POISON_BYTES)];
    query(
        "INSERT INTO inbox (bot, update_id, kind, received_at, poison, body, reason) \
         VALUES ($1, $2, 'poison', $3, 1, $4, $5) ON CONFLICT (bot, update_id) DO NOTHING",
    )
    .bind(poison.bot)
    .bind(poison.update.unwrap_or_else(|| number_of(body)))
    .bind(ms(poison.received_at))
    .bind(body.to_vec())
    .bind(poison.reason.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

/// See [`crate::store::Db::polling_offset`].
pub(crate) async fn polling_offset(conn: &mut Conn, bot: i64) -> Result<Option<i64>, DbError> {
    let row = query("SELECT next_offset FROM polling WHERE bot = $1")
        .bind(bot)
        .fetch_optional(conn)
        .await?;
    row.map(|row| rows::number(&row, "next_offset")).transpose()
}

/// See [`crate::store::Db::set_polling_offset`].
pub(crate) async fn set_polling_offset(
    conn: &mut Conn,
    bot: i64,
    offset: i64,
) -> Result<(), DbError> {
    query(
        "INSERT INTO polling (bot, next_offset) VALUES ($1, $2) \
         ON CONFLICT (bot) DO UPDATE SET next_offset = excluded.next_offset",
    )
    .bind(bot)
    .bind(offset)
    .execute(conn)
    .await?;
    Ok(())
}
