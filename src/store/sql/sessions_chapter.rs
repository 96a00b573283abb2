//! Sessions: see [`SessionRecord`].

use async_trait::async_trait;

use super::SqlDb;
use super::engine::{Conn, moment, ms};
use super::rows::{maybe_number, maybe_text, number, text, word};
use super::statement::{Row, query};
use crate::store::{DbError, SessionRecord, SessionState, StoredSession};

#[async_trait]
impl SessionRecord for SqlDb {
    async fn session(&self, site: &str, name: &str) -> Result<Option<StoredSession>, DbError> {
        let (site, name) = (site.to_owned(), name.to_owned());
        self.readers.run(|conn| Box::pin(async move { one(conn, &site, &name).await })).await
    }

    async fn sessions(&self) -> Result<Vec<StoredSession>, DbError> {
        self.readers.run(|conn| Box::pin(all(conn))).await
    }

    async fn put_session(&self, session: &StoredSession) -> Result<bool, DbError> {
        let session = session.clone();
        self.writer.run(|conn| Box::pin(async move { put(conn, &session).await })).await
    }

    async fn drop_session(&self, site: &str, name: &str) -> Result<bool, DbError> {
        let (site, name) = (site.to_owned(), name.to_owned());
        let drop = async move |conn: &mut Conn| {
            let done = query("DELETE FROM sessions WHERE site = $1 AND name = $2")
                .bind(site.as_str())
                .bind(name.as_str())
                .execute(conn)
                .await?;
            Ok(done.rows_affected() == 1)
        };
        self.writer.run(|conn| Box::pin(async move { drop(conn).await })).await
    }
}

async fn one(conn: &mut Conn, site: &str, name: &str) -> Result<Option<StoredSession>, DbError> {
    let row = query("SELECT * FROM sessions WHERE site = $1 AND name = $2")
        .bind(site)
        .bind(name)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(session).transpose()
}

async fn all(conn: &mut Conn) -> Result<Vec<StoredSession>, DbError> {
    let rows = query("SELECT * FROM sessions ORDER BY site, name").fetch_all(conn).await?;
    rows.iter().map(session).collect()
}

async fn put(conn: &mut Conn, session: &StoredSession) -> Result<bool, DbError> {
    let done = query(
        "INSERT INTO sessions (site, name, sealed, state, expires_at, updated_at, identity, \
         revision, failures, last_error) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE $8 = 1 OR EXISTS \
         (SELECT 1 FROM sessions WHERE site = $1 AND name = $2) \
         ON CONFLICT (site, name) DO UPDATE SET sealed = excluded.sealed, state = excluded.state, \
         expires_at = excluded.expires_at, updated_at = excluded.updated_at, \
         identity = excluded.identity, revision = excluded.revision, \
         failures = excluded.failures, last_error = excluded.last_error \
         WHERE sessions.revision = excluded.revision - 1",
    )
    .bind(session.site.as_str())
    .bind(session.name.as_str())
    .bind(session.sealed.clone())
    .bind(session.state.as_str())
    .bind(session.expires_at.map(ms))
    .bind(ms(session.updated_at))
    .bind(session.identity.as_str())
    .bind(session.revision)
    .bind(session.failures)
    .bind(session.last_error.as_deref())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

fn session(row: &Row) -> Result<StoredSession, DbError> {
    Ok(StoredSession {
        site: text(row, "site")?,
        name: text(row, "name")?,
        sealed: row.try_get("sealed")?,
        state: word(row, "state", SessionState::from_word)?,
        expires_at: maybe_number(row, "expires_at")?.map(moment),
        updated_at: moment(number(row, "updated_at")?),
        identity: text(row, "identity")?,
        revision: number(row, "revision")?,
        failures: number(row, "failures")?,
        last_error: maybe_text(row, "last_error")?,
    })
}
