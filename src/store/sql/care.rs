//! Life and care of the database: processes, health, retention.

use chrono::{DateTime, TimeDelta, Utc};

use super::engine::{Conn, ms};
use super::statement::query;
use super::writer::Writer;
use super::{feed_chapter, quotas_chapter, rows};
use crate::store::{DbError, Instance};

/// Rows that one pruning step deletes, so that other writers wait only a moment.
pub(crate) const CHUNK: i64 = 500;

/// What is deleted when: statement with the moment ($1) and the most rows ($2), and the days after which.
/// Money and watches are kept, and listings that somebody saved. What hangs on a listing goes before the listing.
pub(crate) const RETENTION: &[(&str, i64)] = &[
    (
        "DELETE FROM inbox WHERE (bot, update_id) IN (SELECT bot, update_id FROM inbox \
         WHERE received_at < $1 LIMIT $2)",
        14,
    ),
    (
        "DELETE FROM runs WHERE (source, epoch) IN (SELECT source, epoch FROM runs \
         WHERE finished_at < $1 LIMIT $2)",
        30,
    ),
    (
        "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries \
         WHERE done_at IS NOT NULL AND done_at < $1 LIMIT $2)",
        180,
    ),
    (
        "DELETE FROM clicks WHERE (chat, message_id, generation) IN \
         (SELECT chat, message_id, generation FROM clicks WHERE clicked_at < $1 LIMIT $2)",
        1,
    ),
    (
        "DELETE FROM idempotency_keys WHERE (token, request_key) IN (SELECT token, request_key \
         FROM idempotency_keys WHERE created_at < $1 LIMIT $2)",
        7,
    ),
    (
        "DELETE FROM occurrences WHERE (job, scheduled_at) IN (SELECT job, scheduled_at \
         FROM occurrences WHERE done_at IS NOT NULL AND done_at < $1 LIMIT $2)",
        90,
    ),
    (
        "DELETE FROM mutes WHERE (chat, thread, kind, subject) IN (SELECT chat, thread, kind, subject \
         FROM mutes WHERE ends_at IS NOT NULL AND ends_at < $1 LIMIT $2)",
        1,
    ),
    (
        "DELETE FROM seen WHERE (source, ext_id) IN (SELECT source, ext_id FROM seen \
         WHERE seen_at < $1 LIMIT $2)",
        180,
    ),
    (
        "DELETE FROM posts WHERE (chat, message_id) IN (SELECT chat, message_id FROM posts \
         WHERE sent_at < $1 LIMIT $2)",
        180,
    ),
    (
        "DELETE FROM lanes WHERE chat IN (SELECT l.chat FROM lanes l WHERE l.ready = 0 \
         AND l.in_flight = 0 AND l.wake_at IS NULL AND l.open_at < $1 AND NOT EXISTS \
         (SELECT 1 FROM deliveries d WHERE d.chat = l.chat AND d.state IN ('pending', 'sending')) \
         LIMIT $2)",
        30,
    ),
    (
        "DELETE FROM price_points WHERE (site, ext_id, version) IN (SELECT p.site, p.ext_id, \
         p.version FROM listings l JOIN price_points p ON p.site = l.site AND p.ext_id = l.ext_id \
         WHERE l.last_seen_at < $1 AND (l.site, l.ext_id) NOT IN (SELECT site, ext_id FROM saved) \
         LIMIT $2)",
        180,
    ),
    (
        "DELETE FROM listing_sources WHERE (source, site, ext_id) IN (SELECT s.source, s.site, \
         s.ext_id FROM listings l JOIN listing_sources s ON s.site = l.site \
         AND s.ext_id = l.ext_id WHERE l.last_seen_at < $1 \
         AND (l.site, l.ext_id) NOT IN (SELECT site, ext_id FROM saved) LIMIT $2)",
        180,
    ),
    (
        "DELETE FROM events WHERE id IN (SELECT e.id FROM events e LEFT JOIN listings l \
         ON l.site = e.site AND l.ext_id = e.ext_id WHERE e.at < $1 \
         AND (l.site IS NULL OR l.last_seen_at < $1) LIMIT $2)",
        180,
    ),
    (
        "DELETE FROM listings WHERE (site, ext_id) IN (SELECT site, ext_id FROM listings \
         WHERE last_seen_at < $1 AND (site, ext_id) NOT IN (SELECT site, ext_id FROM saved) \
         LIMIT $2)",
        180,
    ),
    (
        "DELETE FROM campaign_recipients WHERE (campaign, user_id) IN (SELECT r.campaign, r.user_id \
         FROM campaign_recipients r JOIN campaigns c ON c.id = r.campaign \
         WHERE c.done_at < $1 LIMIT $2)",
        180,
    ),
    (
        "DELETE FROM host_pace WHERE host IN (SELECT host FROM host_pace \
         WHERE updated_at < $1 LIMIT $2)",
        30,
    ),
    (
        "DELETE FROM sketch_buckets WHERE (bucket, site, ext_id) IN (SELECT bucket, site, ext_id \
         FROM sketch_buckets WHERE seen_at < $1 LIMIT $2)",
        180,
    ),
    (
        "DELETE FROM sketches WHERE (site, ext_id) IN (SELECT site, ext_id FROM sketches \
         WHERE seen_at < $1 LIMIT $2)",
        180,
    ),
    (feed_chapter::PRUNE, 1),
    (quotas_chapter::PRUNE, 1),
];

/// Deletes what has outlived its retention, in short chunks; answers how many rows went.
pub(crate) async fn prune(writer: &Writer, now: DateTime<Utc>) -> Result<u64, DbError> {
    let mut total = 0;
    for &(statement, days) in RETENTION {
        loop {
            let step = writer.run(move |conn| {
                Box::pin(async move { prune_step(conn, statement, days, now).await })
            });
            let gone = step.await?;
            total += gone;
            if gone == 0 {
                break;
            }
        }
    }
    Ok(total)
}

/// One step of pruning; answers how many rows went.
pub(crate) async fn prune_step(
    conn: &mut Conn,
    statement: &'static str,
    days: i64,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let gone =
        query(statement).bind(ms(now - TimeDelta::days(days))).bind(CHUNK).execute(conn).await?;
    Ok(gone.rows_affected())
}

/// A durable write of nothing in particular.
pub(crate) async fn pulse(conn: &mut Conn) -> Result<(), DbError> {
    query(
        "INSERT INTO meta (name, value) VALUES ('pulse', '1') ON CONFLICT (name) DO UPDATE SET \
         value = CASE WHEN meta.value = '1' THEN '0' ELSE '1' END",
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// See [`crate::store::Db::identity`].
pub(crate) async fn identity(conn: &mut Conn) -> Result<String, DbError> {
    let row = query("SELECT value FROM meta WHERE name = 'identity'").fetch_one(conn).await?;
    rows::text(&row, "value")
}

/// See [`crate::store::Db::register_instance`].
pub(crate) async fn register(conn: &mut Conn, instance: &Instance) -> Result<(), DbError> {
    query(
        "INSERT INTO instances (owner, role, pid, lock_path, started_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (owner) DO UPDATE SET role = excluded.role, \
         pid = excluded.pid, lock_path = excluded.lock_path, started_at = excluded.started_at",
    )
    .bind(instance.owner.as_str())
    .bind(instance.role.as_str())
    .bind(instance.pid)
    .bind(instance.lock_path.as_str())
    .bind(ms(instance.started_at))
    .execute(conn)
    .await?;
    Ok(())
}

/// See [`crate::store::Db::instances`].
pub(crate) async fn instances(conn: &mut Conn) -> Result<Vec<Instance>, DbError> {
    let rows = query("SELECT * FROM instances ORDER BY started_at, owner").fetch_all(conn).await?;
    rows.iter().map(rows::instance).collect()
}
