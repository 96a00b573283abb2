//! See [`PreferenceRecord`]. Digests are in [`super::digests`], the facts behind a "why" in [`super::why`].

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::engine::{Conn, moment, ms};
use super::listings::{IDS, places};
use super::statement::{Query, query};
use super::waiting::decide_again;
use super::{SqlDb, digests, rows, why};
use crate::domain::preferences::{Counts, HowTold, Mute, MuteKind, Patch, Preferences};
use crate::domain::why::WhyFacts;
use crate::domain::{ChatId, Class, OwnerId};
use crate::store::{
    Collected, DbError, DigestDue, DigestWritten, Folding, Place, PreferenceRecord, WhyAsk,
};

#[async_trait]
impl PreferenceRecord for SqlDb {
    async fn set_zone(&self, zone: &str) -> Result<(), DbError> {
        let zone = zone.to_owned();
        self.writer.run(move |conn| Box::pin(async move { set_zone(conn, &zone).await })).await
    }

    async fn how_told(
        &self,
        places: &[Place],
        now: DateTime<Utc>,
    ) -> Result<HashMap<Place, HowTold>, DbError> {
        let places = places.to_vec();
        self.readers
            .run(move |conn| Box::pin(async move { how_told(conn, &places, now).await }))
            .await
    }

    async fn preferences_of(&self, place: Place) -> Result<Preferences, DbError> {
        self.readers.run(move |conn| Box::pin(in_force(conn, place))).await
    }

    async fn prefer(
        &self,
        place: Place,
        patches: &[Patch],
        now: DateTime<Utc>,
    ) -> Result<u64, DbError> {
        let patches = patches.to_vec();
        self.writer
            .run(move |conn| Box::pin(async move { prefer(conn, place, &patches, now).await }))
            .await
    }

    async fn mute(&self, place: Place, mute: &Mute, now: DateTime<Utc>) -> Result<u64, DbError> {
        let mute = mute.clone();
        self.writer
            .run(move |conn| Box::pin(async move { self::mute(conn, place, &mute, now).await }))
            .await
    }

    async fn unmute(&self, place: Place, mute: &Mute) -> Result<bool, DbError> {
        let mute = mute.clone();
        self.writer
            .run(move |conn| Box::pin(async move { self::unmute(conn, place, &mute).await }))
            .await
    }

    async fn mutes_of(&self, place: Place, now: DateTime<Utc>) -> Result<Vec<Mute>, DbError> {
        self.readers
            .run(move |conn| {
                Box::pin(async move {
                    let mut all = mutes(conn, &[place.0], now).await?;
                    Ok(all.remove(&(place.0, place.1.unwrap_or(0))).unwrap_or_default())
                })
            })
            .await
    }

    async fn claim_digests(
        &self,
        owner: &OwnerId,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<DigestDue>, DbError> {
        let owner = owner.clone();
        self.writer
            .run(move |conn| {
                Box::pin(async move { digests::claim(conn, &owner, now, limit).await })
            })
            .await
    }

    async fn load_digest(&self, due: &DigestDue) -> Result<Vec<Collected>, DbError> {
        let due = due.clone();
        self.readers.run(move |conn| Box::pin(async move { digests::load(conn, &due).await })).await
    }

    async fn write_digest(
        &self,
        due: &DigestDue,
        foldings: &[Folding],
        now: DateTime<Utc>,
    ) -> Result<DigestWritten, DbError> {
        let (due, foldings) = (due.clone(), foldings.to_vec());
        self.writer
            .run(move |conn| {
                Box::pin(async move { digests::write(conn, &due, &foldings, now).await })
            })
            .await
    }

    async fn why_facts(&self, ask: &WhyAsk) -> Result<WhyFacts, DbError> {
        let ask = ask.clone();
        self.readers.run(move |conn| Box::pin(async move { why::facts(conn, &ask).await })).await
    }
}

async fn set_zone(conn: &mut Conn, zone: &str) -> Result<(), DbError> {
    query(
        "INSERT INTO meta (name, value) VALUES ('zone', $1) ON CONFLICT (name) DO UPDATE SET \
         value = excluded.value WHERE meta.value <> excluded.value",
    )
    .bind(zone)
    .execute(conn)
    .await?;
    Ok(())
}

/// The zone of the installation.
async fn zone(conn: &mut Conn) -> Result<String, DbError> {
    let row = query("SELECT value FROM meta WHERE name = 'zone'").fetch_optional(conn).await?;
    row.map_or_else(|| Ok("UTC".to_owned()), |row| rows::text(&row, "value"))
}

/// See [`PreferenceRecord::preferences_of`].
pub(crate) async fn in_force(conn: &mut Conn, place: Place) -> Result<Preferences, DbError> {
    let zone = zone(conn).await?;
    Ok(said(conn, place).await?.unwrap_or_default().or_zone(&zone))
}

/// The mute of everything in a place, over or not.
pub(crate) async fn silence(
    conn: &mut Conn,
    (chat, thread): Place,
) -> Result<Option<Mute>, DbError> {
    let row = query("SELECT ends_at FROM mutes WHERE chat = $1 AND thread = $2 AND kind = 'all'")
        .bind(chat.0)
        .bind(thread.unwrap_or(0))
        .fetch_optional(conn)
        .await?;
    row.map(|row| Ok(Mute::all(rows::maybe_number(&row, "ends_at")?.map(moment)))).transpose()
}

/// What is said for places, with a zone that can be read; a place for which nothing is said is not among them.
pub(crate) async fn standing(
    conn: &mut Conn,
    asked: &[Place],
) -> Result<HashMap<Place, Preferences>, DbError> {
    let said = said_of(conn, &chats_of(asked)).await?;
    if said.is_empty() {
        return Ok(HashMap::new());
    }
    let zone = zone(conn).await?;
    let of_place = |place: &Place| Some((*place, said_for(&said, *place)?.clone().or_zone(&zone)));
    Ok(asked.iter().filter_map(of_place).collect())
}

/// The stored preferences of a topic, or else of its chat.
async fn said(conn: &mut Conn, (chat, thread): Place) -> Result<Option<Preferences>, DbError> {
    let row = query(
        "SELECT data FROM chat_preferences WHERE chat = $1 AND thread IN ($2, 0) \
         ORDER BY CASE WHEN thread = 0 THEN 1 ELSE 0 END LIMIT 1",
    )
    .bind(chat.0)
    .bind(thread.unwrap_or(0))
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok(serde_json::from_str(&rows::text(&row, "data")?)?)).transpose()
}

/// Binds exactly [`IDS`] chats: the last one repeated fills the list.
fn bind_chats<'q>(mut query: Query<'q>, chats: &[ChatId]) -> Query<'q> {
    let last = chats.last().map_or(0, |chat| chat.0);
    for place in 0..IDS {
        query = query.bind(chats.get(place).map_or(last, |chat| chat.0));
    }
    query
}

/// See [`PreferenceRecord::how_told`].
pub(crate) async fn how_told(
    conn: &mut Conn,
    asked: &[Place],
    now: DateTime<Utc>,
) -> Result<HashMap<Place, HowTold>, DbError> {
    let mut found = said_and_muted(conn, asked, now).await?;
    let capped: Vec<Place> = found
        .iter()
        .filter(|(_, how)| how.preferences.cap_per_hour.is_some())
        .map(|(place, _)| *place)
        .collect();
    for place in capped {
        let counts = counts(conn, place, now).await?;
        found.entry(place).or_default().counts = counts;
    }
    Ok(found)
}

/// Stored preferences by chat and topic, 0 for the chat itself.
type Said = HashMap<(ChatId, i64), Preferences>;

/// Each chat once.
fn chats_of(places: &[Place]) -> Vec<ChatId> {
    let chats: HashSet<ChatId> = places.iter().map(|(chat, _)| *chat).collect();
    chats.into_iter().collect()
}

/// All that is said for chats and their topics.
async fn said_of(conn: &mut Conn, chats: &[ChatId]) -> Result<Said, DbError> {
    let text =
        format!("SELECT chat, thread, data FROM chat_preferences WHERE chat IN {}", places(1));
    let mut said = Said::new();
    for chunk in chats.chunks(IDS) {
        for row in bind_chats(query(text.clone()), chunk).fetch_all(&mut *conn).await? {
            let place = (ChatId(rows::number(&row, "chat")?), rows::number(&row, "thread")?);
            said.insert(place, serde_json::from_str(&rows::text(&row, "data")?)?);
        }
    }
    Ok(said)
}

/// What is said for a topic, or else for its chat.
fn said_for(said: &Said, (chat, thread): Place) -> Option<&Preferences> {
    said.get(&(chat, thread.unwrap_or(0))).or_else(|| said.get(&(chat, 0)))
}

/// Preferences and mutes of places; a topic has those of its chat.
pub(super) async fn said_and_muted(
    conn: &mut Conn,
    asked: &[Place],
    now: DateTime<Utc>,
) -> Result<HashMap<Place, HowTold>, DbError> {
    let chats = chats_of(asked);
    let said = said_of(conn, &chats).await?;
    let muted = mutes(conn, &chats, now).await?;
    if said.is_empty() && muted.is_empty() {
        return Ok(HashMap::new());
    }
    let zone = zone(conn).await?;
    let of_place = |place: &Place| {
        let (own, chat) = ((place.0, place.1.unwrap_or(0)), (place.0, 0));
        let preferences = said_for(&said, *place);
        let mut mutes = muted.get(&chat).cloned().unwrap_or_default();
        if own != chat {
            mutes.extend(muted.get(&own).cloned().unwrap_or_default());
        }
        if preferences.is_none() && mutes.is_empty() {
            return None;
        }
        let preferences = preferences.cloned().unwrap_or_default().or_zone(&zone);
        Some((*place, HowTold { preferences, mutes, counts: Counts::default() }))
    };
    Ok(asked.iter().filter_map(of_place).collect())
}

async fn mutes(
    conn: &mut Conn,
    chats: &[ChatId],
    now: DateTime<Utc>,
) -> Result<HashMap<(ChatId, i64), Vec<Mute>>, DbError> {
    let text = format!(
        "SELECT chat, thread, kind, subject, ends_at FROM mutes WHERE (ends_at IS NULL OR ends_at > $1) \
         AND chat IN {} ORDER BY created_at, kind, subject",
        places(2)
    );
    let mut muted: HashMap<(ChatId, i64), Vec<Mute>> = HashMap::new();
    for chunk in chats.chunks(IDS) {
        let asked = bind_chats(query(text.clone()).bind(ms(now)), chunk);
        for row in asked.fetch_all(&mut *conn).await? {
            let place = (ChatId(rows::number(&row, "chat")?), rows::number(&row, "thread")?);
            muted.entry(place).or_default().push(Mute {
                kind: rows::word(&row, "kind", MuteKind::from_word)?,
                subject: rows::text(&row, "subject")?,
                ends_at: rows::maybe_number(&row, "ends_at")?.map(moment),
            });
        }
    }
    Ok(muted)
}

/// Alerts of a place that were due within the last hour, and those held for later. The index of lanes answers it.
pub(super) async fn counts(
    conn: &mut Conn,
    (chat, thread): Place,
    now: DateTime<Utc>,
) -> Result<Counts, DbError> {
    let rows = query(
        "SELECT state, CASE WHEN not_before > $4 THEN 1 ELSE 0 END AS later, COUNT(*) AS many \
         FROM deliveries WHERE chat = $1 AND state IN ('pending', 'sending', 'sent', 'unknown') \
         AND priority = $2 AND not_before > $3 AND COALESCE(thread, 0) = $5 GROUP BY state, later",
    )
    .bind(chat.0)
    .bind(Class::Alert.priority())
    .bind(ms(now - TimeDelta::hours(1)))
    .bind(ms(now))
    .bind(thread.unwrap_or(0))
    .fetch_all(conn)
    .await?;
    let mut counts = Counts::default();
    for row in &rows {
        let many = u32::try_from(rows::number(row, "many")?).unwrap_or(u32::MAX);
        if rows::number(row, "later")? == 1 {
            counts.held += many;
        } else {
            counts.told += many;
        }
    }
    Ok(counts)
}

/// See [`PreferenceRecord::prefer`].
pub(crate) async fn prefer(
    conn: &mut Conn,
    place: Place,
    patches: &[Patch],
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let mut preferences = said(conn, place).await?.unwrap_or_default();
    for patch in patches {
        patch.apply(&mut preferences);
    }
    query(
        "INSERT INTO chat_preferences (chat, thread, data, updated_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (chat, thread) DO UPDATE SET data = excluded.data, \
         updated_at = excluded.updated_at",
    )
    .bind(place.0.0)
    .bind(place.1.unwrap_or(0))
    .bind(serde_json::to_string(&preferences)?)
    .bind(ms(now))
    .execute(&mut *conn)
    .await?;
    decide_again(conn, place.0, now).await
}

/// See [`PreferenceRecord::mute`].
pub(crate) async fn mute(
    conn: &mut Conn,
    (chat, thread): Place,
    mute: &Mute,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    query(
        "INSERT INTO mutes (chat, thread, kind, subject, ends_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (chat, thread, kind, subject) DO UPDATE SET \
         ends_at = excluded.ends_at",
    )
    .bind(chat.0)
    .bind(thread.unwrap_or(0))
    .bind(mute.kind.as_str())
    .bind(mute.subject.as_str())
    .bind(mute.ends_at.map(ms))
    .bind(ms(now))
    .execute(&mut *conn)
    .await?;
    decide_again(conn, chat, now).await
}

/// See [`PreferenceRecord::unmute`].
pub(crate) async fn unmute(
    conn: &mut Conn,
    (chat, thread): Place,
    mute: &Mute,
) -> Result<bool, DbError> {
    let ended =
        query("DELETE FROM mutes WHERE chat = $1 AND thread = $2 AND kind = $3 AND subject = $4")
            .bind(chat.0)
            .bind(thread.unwrap_or(0))
            .bind(mute.kind.as_str())
            .bind(mute.subject.as_str())
            .execute(conn)
            .await?;
    Ok(ended.rows_affected() > 0)
}
