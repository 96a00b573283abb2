//! See [`ModuleRecord`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::Listing;

use super::SqlDb;
use super::engine::{Conn, moment, ms};
use super::outbox::{self, Intent};
use super::statement::{Row, query};
use super::{lanes, rows};
use crate::domain::{NewDelivery, SourceId};
use crate::store::{DbError, Decision, ModuleRecord, ModuleState, ModuleVersion, NewModule};

#[async_trait]
impl ModuleRecord for SqlDb {
    async fn last_shown(&self, source: &SourceId, limit: u32) -> Result<Vec<Listing>, DbError> {
        let source = source.clone();
        self.readers
            .run(move |conn| Box::pin(async move { last_shown(conn, &source, limit).await }))
            .await
    }

    async fn propose_module(
        &self,
        new: &NewModule,
        now: DateTime<Utc>,
    ) -> Result<Option<i64>, DbError> {
        let new = new.clone();
        self.writer.run(move |conn| Box::pin(async move { propose(conn, &new, now).await })).await
    }

    async fn report_module(
        &self,
        seen: &ModuleVersion,
        report: &str,
        state: ModuleState,
        told: &[NewDelivery],
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let (seen, report, told) = (seen.clone(), report.to_owned(), told.to_vec());
        self.writer
            .run(move |conn| {
                Box::pin(async move { put_report(conn, &seen, &report, state, &told, now).await })
            })
            .await
    }

    async fn decide_module(
        &self,
        site: &str,
        decision: Decision,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let (site, by) = (site.to_owned(), by.to_owned());
        self.writer
            .run(move |conn| Box::pin(async move { decide(conn, &site, decision, &by, now).await }))
            .await
    }

    async fn module_versions(&self, site: Option<&str>) -> Result<Vec<ModuleVersion>, DbError> {
        let site = site.map(str::to_owned);
        self.readers
            .run(move |conn| Box::pin(async move { versions(conn, site.as_deref()).await }))
            .await
    }

    async fn modules_revision(&self) -> Result<String, DbError> {
        self.readers.glance(|conn| Box::pin(revision(conn))).await
    }
}

async fn last_shown(
    conn: &mut Conn,
    source: &SourceId,
    limit: u32,
) -> Result<Vec<Listing>, DbError> {
    let found = query(
        "SELECT l.data FROM listing_sources s JOIN listings l ON l.site = s.site \
         AND l.ext_id = s.ext_id WHERE s.source = $1 AND l.gone = 0 \
         ORDER BY s.first_seen_at DESC, s.place, s.ext_id LIMIT $2",
    )
    .bind(source.as_str())
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    found.iter().map(|row| Ok(serde_json::from_str(&rows::text(row, "data")?)?)).collect()
}

async fn propose(
    conn: &mut Conn,
    new: &NewModule,
    now: DateTime<Utc>,
) -> Result<Option<i64>, DbError> {
    let row = query(
        "INSERT INTO modules (site, version, toml, base, state, origin, report, created_at) \
         SELECT $1, (SELECT COALESCE(MAX(version), 0) + 1 FROM modules WHERE site = $1), $2, $3, \
         'shadow', $4, $5, $6 WHERE NOT EXISTS (SELECT 1 FROM modules WHERE site = $1 \
         AND (state IN ('shadow', 'proposed') \
         OR (toml = $2 AND state IN ('rejected', 'withdrawn', 'active')))) RETURNING version",
    )
    .bind(new.site.as_str())
    .bind(new.toml.as_str())
    .bind(new.base.as_str())
    .bind(new.origin.as_str())
    .bind(new.report.as_str())
    .bind(ms(now))
    .fetch_optional(conn)
    .await?;
    row.map(|row| rows::number(&row, "version")).transpose()
}

async fn put_report(
    conn: &mut Conn,
    seen: &ModuleVersion,
    report: &str,
    state: ModuleState,
    told: &[NewDelivery],
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let decided = (state != ModuleState::Shadow).then(|| ms(now));
    let done = query(
        "UPDATE modules SET report = $4, state = $5, \
         decided_at = COALESCE(CAST($6 AS BIGINT), decided_at) \
         WHERE site = $1 AND version = $2 AND state = 'shadow' AND report = $3",
    )
    .bind(seen.new.site.as_str())
    .bind(seen.version)
    .bind(seen.new.report.as_str())
    .bind(report)
    .bind(state.as_str())
    .bind(decided)
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    let mut chats = Vec::with_capacity(told.len());
    for delivery in told {
        if outbox::insert(conn, delivery, Intent::Wait, now).await?.is_some() {
            chats.push(delivery.chat);
        }
    }
    lanes::refresh_all(conn, chats, now).await?;
    Ok(true)
}

/// Moves a version from one state to another; false when it was in no such state.
async fn moved(
    conn: &mut Conn,
    site: &str,
    version: i64,
    (from, to): (ModuleState, ModuleState),
    (by, now): (&str, DateTime<Utc>),
) -> Result<bool, DbError> {
    let done = query(
        "UPDATE modules SET state = $4, decided_at = $5, decided_by = $6 \
         WHERE site = $1 AND version = $2 AND state = $3",
    )
    .bind(site)
    .bind(version)
    .bind(from.as_str())
    .bind(to.as_str())
    .bind(ms(now))
    .bind(by)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn decide(
    conn: &mut Conn,
    site: &str,
    decision: Decision,
    by: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let Some((action, detail)) = carry_out(conn, site, decision, (by, now)).await? else {
        return Ok(false);
    };
    audit(conn, action, site, &detail, (by, now)).await?;
    Ok(true)
}

/// Carries out a decision without a line of audit; answers what would stand there, `None` when there was nothing to
/// decide.
pub(super) async fn carry_out(
    conn: &mut Conn,
    site: &str,
    decision: Decision,
    whom: (&str, DateTime<Utc>),
) -> Result<Option<(&'static str, String)>, DbError> {
    let all = versions(conn, Some(site)).await?;
    let active = all.iter().find(|one| one.state == ModuleState::Active).map(|one| one.version);
    let retire = (ModuleState::Active, ModuleState::Retired);
    let (action, detail) = match decision {
        Decision::Approve(version) => {
            let proposed =
                |one: &ModuleVersion| one.version == version && one.state == ModuleState::Proposed;
            if !all.iter().any(proposed) {
                return Ok(None);
            }
            if let Some(active) = active {
                moved(conn, site, active, retire, whom).await?;
            }
            let put = (ModuleState::Proposed, ModuleState::Active);
            moved(conn, site, version, put, whom).await?;
            ("module approved", format!("version {version}"))
        }
        Decision::Reject(version) => {
            let put = (ModuleState::Proposed, ModuleState::Rejected);
            if !moved(conn, site, version, put, whom).await? {
                return Ok(None);
            }
            ("module rejected", format!("version {version}"))
        }
        Decision::RollBack => {
            let Some(active) = active else { return Ok(None) };
            moved(conn, site, active, retire, whom).await?;
            let earlier = all
                .iter()
                .find(|one| one.version < active && one.state == ModuleState::Retired)
                .map(|one| one.version);
            if let Some(earlier) = earlier {
                let put = (ModuleState::Retired, ModuleState::Active);
                moved(conn, site, earlier, put, whom).await?;
            }
            let to = earlier.map_or("the base module".to_owned(), |v| format!("version {v}"));
            ("module rolled back", format!("from version {active} to {to}"))
        }
    };
    if !matches!(decision, Decision::Reject(_)) {
        query("UPDATE sources SET next_due_at = $2 WHERE site = $1 AND paused = 0")
            .bind(site)
            .bind(ms(whom.1))
            .execute(conn)
            .await?;
    }
    Ok(Some((action, detail)))
}

async fn audit(
    conn: &mut Conn,
    action: &str,
    target: &str,
    detail: &str,
    (by, now): (&str, DateTime<Utc>),
) -> Result<(), DbError> {
    query(
        "INSERT INTO audit (id, actor, action, target, detail, at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(uuid::Uuid::now_v7().simple().to_string())
    .bind(by)
    .bind(action)
    .bind(target)
    .bind(detail)
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn versions(
    conn: &mut Conn,
    site: Option<&str>,
) -> Result<Vec<ModuleVersion>, DbError> {
    let found = match site {
        Some(site) => {
            query("SELECT * FROM modules WHERE site = $1 ORDER BY version DESC")
                .bind(site)
                .fetch_all(conn)
                .await?
        }
        None => query("SELECT * FROM modules ORDER BY site, version DESC").fetch_all(conn).await?,
    };
    found.iter().map(version).collect()
}

fn version(row: &Row) -> Result<ModuleVersion, DbError> {
    Ok(ModuleVersion {
        new: NewModule {
            site: rows::text(row, "site")?,
            toml: rows::text(row, "toml")?,
            base: rows::text(row, "base")?,
            origin: rows::text(row, "origin")?,
            report: rows::text(row, "report")?,
        },
        version: rows::number(row, "version")?,
        state: rows::word(row, "state", ModuleState::from_word)?,
        created_at: moment(rows::number(row, "created_at")?),
        decided_at: rows::maybe_number(row, "decided_at")?.map(moment),
        decided_by: rows::maybe_text(row, "decided_by")?,
    })
}

async fn revision(conn: &mut Conn) -> Result<String, DbError> {
    // Decisions of one millisecond differ in which versions are open or active.
    let row = query(
        "SELECT COUNT(*) AS many, COALESCE(MAX(decided_at), 0) AS last, \
         COALESCE(SUM(CASE WHEN state = 'active' THEN version ELSE 0 END), 0) AS active, \
         COALESCE(SUM(CASE WHEN state = 'shadow' THEN version ELSE 0 END), 0) AS shadow \
         FROM modules",
    )
    .fetch_one(conn)
    .await?;
    let number = |column| rows::number(&row, column);
    Ok(format!(
        "{}.{}.{}.{}",
        number("many")?,
        number("last")?,
        number("active")?,
        number("shadow")?
    ))
}
