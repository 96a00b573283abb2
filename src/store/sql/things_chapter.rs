//! See [`ThingRecord`].

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::ListingKey;

use super::SqlDb;
use super::engine::{Conn, ms};
use super::listings::{IDS, filled, places};
use super::rows::{maybe_text, number, text};
use super::statement::{Row, query};
use crate::domain::EventId;
use crate::domain::identity::{Candidate, thing_name};
use crate::store::chapters::BUCKET;
use crate::store::{DbError, Member, SameLink, Sketched, ThingRecord};

#[async_trait]
impl ThingRecord for SqlDb {
    async fn candidates(&self, buckets: &[String]) -> Result<Vec<Candidate>, DbError> {
        let buckets = buckets.to_vec();
        self.readers.run(move |conn| Box::pin(async move { found(conn, &buckets).await })).await
    }

    async fn note_things(
        &self,
        sketches: &[Sketched],
        links: &[SameLink],
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let (sketches, links) = (sketches.to_vec(), links.to_vec());
        let note = async move |conn: &mut Conn| {
            for one in &sketches {
                put(conn, one, now).await?;
            }
            for one in &links {
                link(conn, one).await?;
            }
            Ok(())
        };
        self.writer.run(move |conn| Box::pin(async move { note(conn).await })).await
    }

    async fn thing_of(&self, key: &ListingKey) -> Result<Vec<Member>, DbError> {
        let key = key.clone();
        self.readers.run(move |conn| Box::pin(async move { members(conn, &key).await })).await
    }

    async fn split_thing(&self, key: &ListingKey) -> Result<bool, DbError> {
        let key = key.clone();
        self.writer.run(move |conn| Box::pin(async move { split(conn, &key).await })).await
    }
}

async fn found(conn: &mut Conn, buckets: &[String]) -> Result<Vec<Candidate>, DbError> {
    let text = format!(
        "SELECT DISTINCT s.site, s.ext_id, s.data, l.gone, l.thing FROM sketch_buckets b \
         JOIN sketches s ON s.site = b.site AND s.ext_id = b.ext_id \
         JOIN listings l ON l.site = b.site AND l.ext_id = b.ext_id WHERE b.bucket IN {}",
        places(1)
    );
    let mut all = BTreeMap::new();
    for chunk in buckets.chunks(IDS) {
        let chunk: Vec<&str> = chunk.iter().map(String::as_str).collect();
        let asked = filled(&chunk).fold(query(text.clone()), super::statement::Query::bind);
        for row in asked.fetch_all(&mut *conn).await? {
            let one = candidate(&row)?;
            all.insert(one.key.clone(), one);
        }
    }
    Ok(all.into_values().collect())
}

fn candidate(row: &Row) -> Result<Candidate, DbError> {
    Ok(Candidate {
        key: key_of(row)?,
        traits: serde_json::from_str(&text(row, "data")?)?,
        gone: number(row, "gone")? == 1,
        thing: maybe_text(row, "thing")?,
    })
}

fn key_of(row: &Row) -> Result<ListingKey, DbError> {
    Ok(ListingKey { site: text(row, "site")?, id: text(row, "ext_id")? })
}

async fn put(conn: &mut Conn, one: &Sketched, now: DateTime<Utc>) -> Result<(), DbError> {
    let (site, id) = (one.key.site.as_str(), one.key.id.as_str());
    query(
        "INSERT INTO sketches (site, ext_id, data, seen_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (site, ext_id) DO UPDATE SET data = excluded.data, seen_at = excluded.seen_at",
    )
    .bind(site)
    .bind(id)
    .bind(serde_json::to_string(&one.traits)?)
    .bind(ms(now))
    .execute(&mut *conn)
    .await?;
    query("DELETE FROM sketch_buckets WHERE site = $1 AND ext_id = $2")
        .bind(site)
        .bind(id)
        .execute(&mut *conn)
        .await?;
    for bucket in one.traits.buckets() {
        query(
            "INSERT INTO sketch_buckets (bucket, site, ext_id, seen_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (bucket, site, ext_id) DO NOTHING",
        )
        .bind(bucket.as_str())
        .bind(site)
        .bind(id)
        .bind(ms(now))
        .execute(&mut *conn)
        .await?;
        trim(conn, &bucket).await?;
    }
    Ok(())
}

/// Keeps a bucket small: the oldest go, of equal age those with the smallest names.
async fn trim(conn: &mut Conn, bucket: &str) -> Result<(), DbError> {
    let over = query(
        "SELECT site, ext_id FROM sketch_buckets WHERE bucket = $1 \
         ORDER BY seen_at DESC, site DESC, ext_id DESC LIMIT 1000 OFFSET $2",
    )
    .bind(bucket)
    .bind(i64::try_from(BUCKET).unwrap_or(i64::MAX))
    .fetch_all(&mut *conn)
    .await?;
    for row in &over {
        let key = key_of(row)?;
        query("DELETE FROM sketch_buckets WHERE bucket = $1 AND site = $2 AND ext_id = $3")
            .bind(bucket)
            .bind(key.site)
            .bind(key.id)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// The thing of a recorded listing; the outer `None` when the listing is unknown.
async fn thing(conn: &mut Conn, key: &ListingKey) -> Result<Option<Option<String>>, DbError> {
    let row = query("SELECT thing FROM listings WHERE site = $1 AND ext_id = $2")
        .bind(key.site.as_str())
        .bind(key.id.as_str())
        .fetch_optional(conn)
        .await?;
    row.map(|row| maybe_text(&row, "thing")).transpose()
}

async fn link(conn: &mut Conn, link: &SameLink) -> Result<(), DbError> {
    let (Some(known), Some(_)) = (thing(conn, &link.known).await?, thing(conn, &link.new).await?)
    else {
        return Ok(());
    };
    let name = known.unwrap_or_else(|| thing_name(&link.known));
    for key in [&link.known, &link.new] {
        query("UPDATE listings SET thing = $3 WHERE site = $1 AND ext_id = $2")
            .bind(key.site.as_str())
            .bind(key.id.as_str())
            .bind(name.as_str())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

async fn members(conn: &mut Conn, key: &ListingKey) -> Result<Vec<Member>, DbError> {
    let Some(thing) = thing(conn, key).await? else { return Ok(Vec::new()) };
    const COLUMNS: &str = "SELECT site, ext_id, data, version, gone FROM listings";
    let rows = match thing {
        Some(thing) => {
            query(format!("{COLUMNS} WHERE thing = $1 ORDER BY site, ext_id"))
                .bind(thing)
                .fetch_all(&mut *conn)
                .await?
        }
        None => {
            query(format!("{COLUMNS} WHERE site = $1 AND ext_id = $2"))
                .bind(key.site.as_str())
                .bind(key.id.as_str())
                .fetch_all(&mut *conn)
                .await?
        }
    };
    let mut members = Vec::with_capacity(rows.len());
    for row in &rows {
        let key = key_of(row)?;
        let events = query("SELECT id FROM events WHERE site = $1 AND ext_id = $2 ORDER BY id")
            .bind(key.site.as_str())
            .bind(key.id.as_str())
            .fetch_all(&mut *conn)
            .await?;
        let event = |row: &Row| Ok(EventId(text(row, "id")?));
        members.push(Member {
            listing: serde_json::from_str(&text(row, "data")?)?,
            version: number(row, "version")?,
            gone: number(row, "gone")? == 1,
            events: events.iter().map(event).collect::<Result<_, DbError>>()?,
            key,
        });
    }
    Ok(members)
}

async fn split(conn: &mut Conn, key: &ListingKey) -> Result<bool, DbError> {
    let Some(Some(thing)) = thing(conn, key).await? else { return Ok(false) };
    query("UPDATE listings SET thing = NULL WHERE site = $1 AND ext_id = $2")
        .bind(key.site.as_str())
        .bind(key.id.as_str())
        .execute(&mut *conn)
        .await?;
    query(
        "UPDATE listings SET thing = NULL WHERE thing = $1 \
         AND (SELECT COUNT(*) FROM listings WHERE thing = $1) = 1",
    )
    .bind(thing)
    .execute(conn)
    .await?;
    Ok(true)
}
