//! See [`PostRecord`].

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::{Listing, ListingKey};

use super::SqlDb;
use super::engine::{Conn, moment, ms};
use super::listings::{IDS, filled, places};
use super::outbox::{self, Intent};
use super::rows::{maybe_text, number, text, word};
use super::settle::Ended;
use super::statement::{Row, query};
use crate::domain::delivery::{Content, Outcome, Settlement};
use crate::domain::preferences::{Pictures, Preferences};
use crate::domain::{Change, ChatId, EventId, Language, NewDelivery, Post, PostForm, UserId};
use crate::store::chapters::{listing_subject, seller_subject};
use crate::store::{About, DbError, PostRecord, Saved};

/// Listings of one person's list that are looked up.
const SAVED: i64 = 200;

#[async_trait]
impl PostRecord for SqlDb {
    async fn posts_of(&self, listings: &[ListingKey]) -> Result<Vec<Post>, DbError> {
        let listings = listings.to_vec();
        self.readers.run(move |conn| Box::pin(async move { posts_of(conn, &listings).await })).await
    }

    async fn album_places(
        &self,
        places: &[(ChatId, Option<i64>)],
    ) -> Result<Vec<(ChatId, Option<i64>)>, DbError> {
        let places = places.to_vec();
        self.readers
            .run(move |conn| Box::pin(async move { album_places(conn, &places).await }))
            .await
    }
}

async fn album_places(
    conn: &mut Conn,
    places: &[(ChatId, Option<i64>)],
) -> Result<Vec<(ChatId, Option<i64>)>, DbError> {
    let mut wanted = Vec::new();
    for (chat, thread) in places {
        let preferences = preferences(conn, *chat, *thread).await?;
        if preferences.is_some_and(|one| one.pictures == Pictures::Album) {
            wanted.push((*chat, *thread));
        }
    }
    Ok(wanted)
}

/// How a place wants to be told: a topic's own words, or else those of its chat.
pub(crate) async fn preferences(
    conn: &mut Conn,
    chat: ChatId,
    thread: Option<i64>,
) -> Result<Option<Preferences>, DbError> {
    let row = query(
        "SELECT COALESCE((SELECT data FROM chat_preferences WHERE chat = $1 AND thread = $2), \
         (SELECT data FROM chat_preferences WHERE chat = $1 AND thread = 0)) AS data",
    )
    .bind(chat.0)
    .bind(thread.unwrap_or(0))
    .fetch_one(conn)
    .await?;
    let data = maybe_text(&row, "data")?;
    Ok(data.as_deref().map(serde_json::from_str).transpose()?)
}

/// Columns and tables of a post as [`post`] reads it.
const POSTS: &str = "SELECT p.chat, p.thread, p.message_id, p.site, p.ext_id, p.form, p.version, \
     d.language, d.content, COALESCE(t.data, h.data) AS preferences FROM posts p \
     JOIN deliveries d ON d.id = p.delivery LEFT JOIN chats c ON c.id = p.chat \
     LEFT JOIN chat_preferences t ON t.chat = p.chat AND t.thread = p.thread \
     LEFT JOIN chat_preferences h ON h.chat = p.chat AND h.thread = 0 \
     WHERE COALESCE(c.active, 1) = 1";

async fn posts_of(conn: &mut Conn, listings: &[ListingKey]) -> Result<Vec<Post>, DbError> {
    let text = format!(
        "{POSTS} AND p.site = $1 AND p.ext_id IN {} ORDER BY p.sent_at, p.message_id",
        places(2)
    );
    let mut sites: Vec<&str> = listings.iter().map(|key| key.site.as_str()).collect();
    sites.sort_unstable();
    sites.dedup();
    let mut posts = Vec::new();
    for site in sites {
        let ids: Vec<&str> =
            listings.iter().filter(|key| key.site == site).map(|key| key.id.as_str()).collect();
        for chunk in ids.chunks(IDS) {
            let mut query = query(text.clone()).bind(site);
            for id in filled(chunk) {
                query = query.bind(id);
            }
            for row in query.fetch_all(&mut *conn).await? {
                posts.push(post(&row)?);
            }
        }
    }
    Ok(posts)
}

fn post(row: &Row) -> Result<Post, DbError> {
    let content: Content = serde_json::from_str(&text(row, "content")?)?;
    let watches = match content {
        Content::Change { watches, .. } | Content::Amend { watches, .. } => watches,
        Content::Message(_)
        | Content::Chart { .. }
        | Content::Figures(_)
        | Content::Copy { .. }
        | Content::ToStaff { .. }
        | Content::Campaign { .. } => vec![],
    };
    let preferences = maybe_text(row, "preferences")?;
    let preferences: Option<Preferences> =
        preferences.as_deref().map(serde_json::from_str).transpose()?;
    Ok(Post {
        chat: ChatId(number(row, "chat")?),
        thread: Some(number(row, "thread")?).filter(|thread| *thread > 0),
        message_id: number(row, "message_id")?,
        key: ListingKey { site: text(row, "site")?, id: text(row, "ext_id")? },
        form: word(row, "form", PostForm::from_word)?,
        version: number(row, "version")?,
        language: Language::from_tag(&text(row, "language")?),
        watches,
        replies: preferences.is_some_and(|preferences| preferences.replies),
    })
}

/// What the settlements of one batch share: the listings of the changes that they told, each read once.
#[derive(Default)]
pub(crate) struct Shown {
    listings: HashMap<EventId, Option<Told>>,
}

/// The listing of a change, and its version by now.
#[derive(Debug, Clone)]
struct Told {
    site: String,
    id: String,
    version: i64,
}

/// How a message about a listing stands.
struct Sent {
    message_id: i64,
    form: PostForm,
    version: i64,
}

impl Shown {
    /// Keeps posts true to what was sent, in the transaction that settles it.
    pub async fn settled(
        &mut self,
        conn: &mut Conn,
        settlement: &Settlement,
        ended: &Ended,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        match &settlement.outcome {
            Outcome::Sent { message_id, form, version } if *version > 0 => {
                let sent = Sent { message_id: *message_id, form: *form, version: *version };
                self.stands(conn, settlement, ended, sent, now).await
            }
            Outcome::Dropped { .. } => {
                let Content::Amend { message_id, .. } = serde_json::from_str(&ended.content)?
                else {
                    return Ok(());
                };
                query("DELETE FROM posts WHERE chat = $1 AND message_id = $2")
                    .bind(settlement.chat.0)
                    .bind(message_id)
                    .execute(conn)
                    .await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn stands(
        &mut self,
        conn: &mut Conn,
        settlement: &Settlement,
        ended: &Ended,
        sent: Sent,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        match serde_json::from_str(&ended.content)? {
            Content::Change { event, .. } if sent.message_id > 0 => {
                let Some(told) = self.told(conn, &event).await? else { return Ok(()) };
                query(
                    "INSERT INTO posts (chat, message_id, thread, site, ext_id, delivery, form, \
                     version, sent_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
                     ON CONFLICT (chat, message_id) DO NOTHING",
                )
                .bind(settlement.chat.0)
                .bind(sent.message_id)
                .bind(ended.thread.unwrap_or(0))
                .bind(told.site)
                .bind(told.id)
                .bind(settlement.id.as_str())
                .bind(sent.form.as_str())
                .bind(sent.version)
                .bind(ms(now))
                .execute(&mut *conn)
                .await?;
                if told.version > sent.version {
                    catch_up(conn, settlement.chat, &sent, now).await?;
                }
                Ok(())
            }
            Content::Amend { message_id, .. } => {
                query(
                    "UPDATE posts SET version = $3 \
                     WHERE chat = $1 AND message_id = $2 AND version < $3",
                )
                .bind(settlement.chat.0)
                .bind(message_id)
                .bind(sent.version)
                .execute(conn)
                .await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn told(&mut self, conn: &mut Conn, event: &EventId) -> Result<Option<Told>, DbError> {
        if let Some(told) = self.listings.get(event) {
            return Ok(told.clone());
        }
        let row = query(
            "SELECT e.site, e.ext_id, COALESCE(l.version, e.version) AS version FROM events e \
             LEFT JOIN listings l ON l.site = e.site AND l.ext_id = e.ext_id WHERE e.id = $1",
        )
        .bind(event.as_str())
        .fetch_optional(conn)
        .await?;
        let read = |row: &Row| {
            let (site, id) = (text(row, "site")?, text(row, "ext_id")?);
            Ok::<_, DbError>(Told { site, id, version: number(row, "version")? })
        };
        let told = row.as_ref().map(read).transpose()?;
        self.listings.insert(event.clone(), told.clone());
        Ok(told)
    }
}

/// What happened while the message was on its way found no message to amend.
async fn catch_up(
    conn: &mut Conn,
    chat: ChatId,
    sent: &Sent,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = query(
        "SELECT e.id FROM posts p JOIN events e ON e.site = p.site AND e.ext_id = p.ext_id \
         WHERE p.chat = $1 AND p.message_id = $2 AND e.version > $3 AND e.kind <> 'new' \
         ORDER BY e.version DESC LIMIT 1",
    )
    .bind(chat.0)
    .bind(sent.message_id)
    .bind(sent.version)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let event = EventId(text(&row, "id")?);
    let row = query(format!("{POSTS} AND p.chat = $1 AND p.message_id = $2"))
        .bind(chat.0)
        .bind(sent.message_id)
        .fetch_optional(&mut *conn)
        .await?;
    if let Some(row) = row {
        let amend = NewDelivery::amend(&post(&row)?, event, now);
        outbox::insert(conn, &amend, Intent::Wait, now).await?;
    }
    Ok(())
}

/// What a person sees of the listing of a change: see [`crate::store::View::about`].
pub(crate) async fn about(
    conn: &mut Conn,
    event: &EventId,
    (chat, thread): (ChatId, Option<i64>),
    user: Option<UserId>,
) -> Result<Option<About>, DbError> {
    let row = query(
        "SELECT e.data, l.data AS listing FROM events e LEFT JOIN listings l ON l.site = e.site \
         AND l.ext_id = e.ext_id WHERE e.id = $1",
    )
    .bind(event.as_str())
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let change: Change = serde_json::from_str(&text(&row, "data")?)?;
    let listing = maybe_text(&row, "listing")?;
    let listing: Option<Listing> = listing.as_deref().map(serde_json::from_str).transpose()?;
    let seller = seller_subject(&change.key.site, listing.as_ref().unwrap_or(&change.listing));
    let row = query(
        "SELECT (SELECT COUNT(*) FROM saved WHERE user_id = $1 AND site = $2 AND ext_id = $3) \
         AS saved, (SELECT COUNT(*) FROM mutes WHERE chat = $4 AND thread = $5 \
         AND kind = 'listing' AND subject = $6) AS muted, (SELECT COUNT(*) FROM mutes \
         WHERE chat = $4 AND thread = $5 AND kind = 'seller' AND subject = $7) AS hidden",
    )
    .bind(user.map_or(0, |user| user.0))
    .bind(change.key.site.as_str())
    .bind(change.key.id.as_str())
    .bind(chat.0)
    .bind(thread.unwrap_or(0))
    .bind(listing_subject(&change.key))
    .bind(seller.unwrap_or_default())
    .fetch_one(conn)
    .await?;
    let is = |column: &str| Ok::<bool, DbError>(number(&row, column)? > 0);
    let (saved, muted, hidden) = (is("saved")?, is("muted")?, is("hidden")?);
    Ok(Some(About { change, listing, saved, muted, hidden }))
}

/// What a person keeps, newest first.
pub(crate) async fn saved(conn: &mut Conn, user: UserId) -> Result<Vec<Saved>, DbError> {
    let rows = query(
        "SELECT s.site, s.ext_id, s.saved_at, l.data, l.gone FROM saved s JOIN listings l \
         ON l.site = s.site AND l.ext_id = s.ext_id WHERE s.user_id = $1 \
         ORDER BY s.saved_at DESC, s.site, s.ext_id LIMIT $2",
    )
    .bind(user.0)
    .bind(SAVED)
    .fetch_all(conn)
    .await?;
    let one = |row: &Row| {
        Ok(Saved {
            key: ListingKey { site: text(row, "site")?, id: text(row, "ext_id")? },
            listing: serde_json::from_str(&text(row, "data")?)?,
            gone: number(row, "gone")? == 1,
            saved_at: moment(number(row, "saved_at")?),
        })
    };
    rows.iter().map(one).collect()
}

/// A person keeps a listing, or no longer does.
pub(crate) async fn keep(
    conn: &mut Conn,
    user: UserId,
    key: &ListingKey,
    kept: bool,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let statement = match kept {
        true => {
            "INSERT INTO saved (user_id, site, ext_id, saved_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (user_id, site, ext_id) DO NOTHING"
        }
        false => {
            "DELETE FROM saved WHERE user_id = $1 AND site = $2 AND ext_id = $3 AND saved_at <= $4"
        }
    };
    query(statement)
        .bind(user.0)
        .bind(key.site.as_str())
        .bind(key.id.as_str())
        .bind(ms(now))
        .execute(conn)
        .await?;
    Ok(())
}
