//! Health of sites and sources, alarms, and who is to be told.

use chrono::{DateTime, Utc};
use sites::Listing;

use super::engine::{Conn, moment, ms};
use super::lanes;
use super::outbox::{self, Intent};
use super::rows::{maybe_number, maybe_text, number, text, word};
use super::statement::{Row, query};
use crate::domain::health::{Alarm, SiteHealth, SourceHealth, State};
use crate::domain::{ChatId, Language, SourceId, Verdict};
use crate::store::{DbError, HealthWrite, LifeView, Recipient, RunBrief};

/// See [`crate::store::SiteRecord::life_of`].
pub(crate) async fn view(
    conn: &mut Conn,
    source: &SourceId,
    site: &str,
) -> Result<LifeView, DbError> {
    let health = query("SELECT * FROM site_health WHERE site = $1")
        .bind(site)
        .fetch_optional(&mut *conn)
        .await?;
    let own = query("SELECT * FROM source_health WHERE source = $1")
        .bind(source.as_str())
        .fetch_optional(&mut *conn)
        .await?;
    let count = query("SELECT COUNT(*) AS many FROM sources WHERE site = $1 AND paused = 0")
        .bind(site)
        .fetch_one(conn)
        .await?;
    Ok(LifeView {
        site: health.as_ref().map(site_health).transpose()?,
        source: own.as_ref().map(source_health).transpose()?,
        sources: u32::try_from(number(&count, "many")?).unwrap_or(u32::MAX),
    })
}

/// The health of a site, if anything is known of it.
pub(super) async fn of_site(conn: &mut Conn, site: &str) -> Result<Option<SiteHealth>, DbError> {
    let row =
        query("SELECT * FROM site_health WHERE site = $1").bind(site).fetch_optional(conn).await?;
    row.as_ref().map(site_health).transpose()
}

/// See [`crate::store::SiteRecord::site_healths`].
pub(crate) async fn all(conn: &mut Conn) -> Result<Vec<SiteHealth>, DbError> {
    let rows = query("SELECT * FROM site_health ORDER BY site").fetch_all(conn).await?;
    rows.iter().map(site_health).collect()
}

fn site_health(row: &Row) -> Result<SiteHealth, DbError> {
    let step = number(row, "step")?;
    let at = |column: &str| Ok::<_, DbError>(maybe_number(row, column)?.map(moment));
    Ok(SiteHealth {
        site: text(row, "site")?,
        state: word(row, "state", |stored| State::from_word(stored, step))?,
        since: moment(number(row, "since")?),
        probe_at: at("probe_at")?,
        told_at: at("told_at")?,
        revision: number(row, "revision")?,
        detail: serde_json::from_str(&text(row, "data")?)?,
    })
}

fn source_health(row: &Row) -> Result<SourceHealth, DbError> {
    let held = maybe_text(row, "held")?;
    Ok(SourceHealth {
        source: SourceId(text(row, "source")?),
        epoch: number(row, "epoch")?,
        profile: serde_json::from_str(&text(row, "profile")?)?,
        held: held.map(|text| serde_json::from_str(&text)).transpose()?,
        module: text(row, "module")?,
    })
}

/// See [`crate::store::SiteRecord::record_health`].
pub(crate) async fn record(
    conn: &mut Conn,
    write: &HealthWrite,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    if let Some(site) = &write.site
        && !put_site(conn, site, now).await?
    {
        return Ok(false);
    }
    if let Some(source) = &write.source {
        put_source(conn, source, now).await?;
    }
    for alarm in &write.alarms {
        put_alarm(conn, alarm).await?;
    }
    let mut chats = Vec::new();
    for notice in &write.notices {
        if let Some(after) = &notice.after {
            let told = query("SELECT id FROM deliveries WHERE id = $1")
                .bind(after.as_str())
                .fetch_optional(&mut *conn)
                .await?;
            if told.is_none() {
                continue;
            }
        }
        if outbox::insert(conn, &notice.delivery, Intent::Wait, now).await?.is_some() {
            chats.push(notice.delivery.chat);
        }
    }
    lanes::refresh_all(conn, chats, now).await?;
    Ok(true)
}

/// Compare and set: false when the stored revision is another one.
pub(super) async fn put_site(
    conn: &mut Conn,
    site: &SiteHealth,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let done = query(
        "INSERT INTO site_health (site, state, step, since, probe_at, told_at, updated_at, revision, \
         data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8 + 1, $9) ON CONFLICT (site) DO UPDATE SET \
         state = excluded.state, step = excluded.step, since = excluded.since, \
         probe_at = excluded.probe_at, told_at = excluded.told_at, \
         updated_at = excluded.updated_at, revision = excluded.revision, data = excluded.data \
         WHERE site_health.revision = $8",
    )
    .bind(site.site.as_str())
    .bind(site.state.word())
    .bind(i64::from(site.state.step()))
    .bind(ms(site.since))
    .bind(site.probe_at.map(ms))
    .bind(site.told_at.map(ms))
    .bind(ms(now))
    .bind(site.revision)
    .bind(serde_json::to_string(&site.detail)?)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn put_source(
    conn: &mut Conn,
    source: &SourceHealth,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    query(
        "INSERT INTO source_health (source, epoch, profile, held, module, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (source) DO UPDATE SET \
         epoch = excluded.epoch, profile = excluded.profile, held = excluded.held, \
         module = excluded.module, updated_at = excluded.updated_at \
         WHERE source_health.epoch < excluded.epoch",
    )
    .bind(source.source.as_str())
    .bind(source.epoch)
    .bind(serde_json::to_string(&source.profile)?)
    .bind(source.held.as_ref().map(serde_json::to_string).transpose()?)
    .bind(source.module.as_str())
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(())
}

async fn put_alarm(conn: &mut Conn, alarm: &Alarm) -> Result<(), DbError> {
    query(
        "INSERT INTO alerts (name, detail, times, first_at, last_at, told_at, over_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO UPDATE SET \
         detail = excluded.detail, times = excluded.times, first_at = excluded.first_at, \
         last_at = excluded.last_at, told_at = excluded.told_at, over_at = excluded.over_at",
    )
    .bind(alarm.name.as_str())
    .bind(alarm.detail.as_str())
    .bind(alarm.times)
    .bind(ms(alarm.first_at))
    .bind(ms(alarm.last_at))
    .bind(alarm.told_at.map(ms))
    .bind(alarm.over_at.map(ms))
    .execute(conn)
    .await?;
    Ok(())
}

/// See [`crate::store::SiteRecord::alarms`].
pub(crate) async fn alarms(conn: &mut Conn) -> Result<Vec<Alarm>, DbError> {
    let rows = query("SELECT * FROM alerts ORDER BY name").fetch_all(conn).await?;
    let one = |row: &Row| {
        Ok(Alarm {
            name: text(row, "name")?,
            detail: text(row, "detail")?,
            times: number(row, "times")?,
            first_at: moment(number(row, "first_at")?),
            last_at: moment(number(row, "last_at")?),
            told_at: maybe_number(row, "told_at")?.map(moment),
            over_at: maybe_number(row, "over_at")?.map(moment),
        })
    };
    rows.iter().map(one).collect()
}

/// See [`crate::store::SiteRecord::site_audience`].
pub(crate) async fn audience(conn: &mut Conn, site: &str) -> Result<Vec<Recipient>, DbError> {
    let rows = query(
        "SELECT w.chat, w.thread, COALESCE(u.language, w.language) AS language \
         FROM sources s JOIN watch_sources x ON x.source = s.id JOIN watches w ON w.id = x.watch \
         LEFT JOIN users u ON u.id = w.user_id LEFT JOIN chats c ON c.id = w.chat \
         WHERE s.site = $1 AND w.paused = 0 AND COALESCE(c.active, 1) = 1 \
         AND COALESCE(u.banned, 0) = 0 ORDER BY w.chat, w.created_at, w.id",
    )
    .bind(site)
    .fetch_all(conn)
    .await?;
    let mut found: Vec<Recipient> = Vec::new();
    for row in &rows {
        let chat = ChatId(number(row, "chat")?);
        if found.last().is_none_or(|last| last.chat != chat) {
            let language = Language::from_tag(&text(row, "language")?);
            found.push(Recipient { chat, thread: maybe_number(row, "thread")?, language });
        }
    }
    Ok(found)
}

/// See [`crate::store::SiteRecord::latest_listings`].
pub(crate) async fn latest(
    conn: &mut Conn,
    source: &SourceId,
    limit: u32,
) -> Result<Vec<Listing>, DbError> {
    let rows = query(
        "SELECT l.data FROM listing_sources s JOIN listings l ON l.site = s.site \
         AND l.ext_id = s.ext_id WHERE s.source = $1 AND l.gone = 0 \
         ORDER BY s.last_seen_at DESC, s.first_seen_at DESC, s.place, s.ext_id LIMIT $2",
    )
    .bind(source.as_str())
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(serde_json::from_str(&text(row, "data")?)?)).collect()
}

/// See [`crate::store::SiteRecord::wake_sources`].
pub(crate) async fn wake(conn: &mut Conn, site: &str, due: DateTime<Utc>) -> Result<u64, DbError> {
    let done = query(
        "UPDATE sources SET next_due_at = $2 WHERE site = $1 AND paused = 0 AND next_due_at > $2",
    )
    .bind(site)
    .bind(ms(due))
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// See [`crate::store::SiteRecord::site_runs`].
pub(crate) async fn runs(
    conn: &mut Conn,
    site: &str,
    since: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<RunBrief>, DbError> {
    let rows = query(
        "SELECT r.source, r.started_at, r.finished_at, r.verdict, r.items, r.rung, r.won \
         FROM sources s JOIN runs r ON r.source = s.id WHERE s.site = $1 AND r.finished_at >= $2 \
         ORDER BY r.finished_at DESC LIMIT $3",
    )
    .bind(site)
    .bind(ms(since))
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let one = |row: &Row| {
        Ok(RunBrief {
            source: SourceId(text(row, "source")?),
            started_at: moment(number(row, "started_at")?),
            finished_at: moment(number(row, "finished_at")?),
            verdict: word(row, "verdict", Verdict::from_word)?,
            items: number(row, "items")?,
            rung: text(row, "rung")?,
            won: text(row, "won")?,
        })
    };
    rows.iter().map(one).collect()
}
