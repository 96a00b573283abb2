//! Brings the schema to the version of this program. Applied migrations are never edited: their checksums
//! are stored and compared. Each start runs this; two at once wait for each other.

use sha2::{Digest, Sha256};

use super::engine::Conn;
use super::statement::{query, script};
use crate::store::DbError;

struct Migration {
    version: i64,
    name: &'static str,
    text: &'static str,
}

/// In order of version, from 1, without holes.
const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "schema", text: include_str!("../migrations/0001_schema.sql") },
    Migration { version: 2, name: "engine", text: include_str!("../migrations/0002_engine.sql") },
    Migration { version: 3, name: "telling", text: include_str!("../migrations/0003_telling.sql") },
    Migration { version: 4, name: "people", text: include_str!("../migrations/0004_people.sql") },
    Migration {
        version: 5,
        name: "accounts",
        text: include_str!("../migrations/0005_accounts.sql"),
    },
    Migration { version: 6, name: "tickets", text: include_str!("../migrations/0006_tickets.sql") },
    Migration { version: 7, name: "quotas", text: include_str!("../migrations/0007_quotas.sql") },
    Migration { version: 8, name: "panel", text: include_str!("../migrations/0008_panel.sql") },
    Migration { version: 9, name: "market", text: include_str!("../migrations/0009_market.sql") },
    Migration {
        version: 10,
        name: "operate",
        text: include_str!("../migrations/0010_operate.sql"),
    },
];

/// Newest version that this program knows.
pub(crate) const KNOWN: i64 = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// Applies what is missing, all or nothing, and makes the identity of a new database.
pub(crate) async fn migrate(conn: &mut Conn) -> Result<(), DbError> {
    script(conn, "BEGIN IMMEDIATE").await?;
    let result = apply_missing(conn).await;
    let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
    script(conn, end).await?;
    result
}

async fn apply_missing(conn: &mut Conn) -> Result<(), DbError> {
    script(
        conn,
        "CREATE TABLE IF NOT EXISTS schema_migrations \
         (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)",
    )
    .await?;
    let rows = query("SELECT version, checksum FROM schema_migrations ORDER BY version")
        .fetch_all(&mut *conn)
        .await?;
    let applied: Vec<(i64, String)> = rows
        .iter()
        .map(|row| Ok((row.try_get("version")?, row.try_get("checksum")?)))
        .collect::<Result<_, DbError>>()?;
    let found = applied.last().map_or(0, |(version, _)| *version);
    if found > KNOWN {
        return Err(DbError::Newer { found, known: KNOWN });
    }
    for migration in MIGRATIONS {
        let checksum = hex::encode(Sha256::digest(migration.text.as_bytes()));
        match applied.iter().find(|(version, _)| *version == migration.version) {
            Some((_, stored)) if *stored == checksum => {}
            Some(_) => {
                return Err(DbError::Broken(format!(
                    "migration {} ({}) differs from the one that was applied",
                    migration.version, migration.name
                )));
            }
            None => apply(conn, migration, &checksum).await?,
        }
    }
    let identity = uuid::Uuid::now_v7().simple().to_string();
    query("INSERT INTO meta (name, value) VALUES ('identity', $1) ON CONFLICT (name) DO NOTHING")
        .bind(identity)
        .execute(&mut *conn)
        .await?;
    Ok(())
}

async fn apply(conn: &mut Conn, migration: &Migration, checksum: &str) -> Result<(), DbError> {
    script(conn, migration.text).await?;
    query("INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)")
        .bind(migration.version)
        .bind(migration.name)
        .bind(checksum)
        .execute(&mut *conn)
        .await?;
    Ok(())
}
