//! The one place that knows which SQL engine runs below: type names, connections and error classes.
//!
//! The text of all statements is valid on SQLite and PostgreSQL, and nothing outside this file and
//! [`super::statement`] names an engine. SQLite runs on the thread that asks: a statement takes some
//! microseconds, and a thread between caller and engine, as drivers for servers have it, costs several times
//! that for each one (docs/PERFORMANCE.md, "Figures").

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::statement::{Columns, script};
use crate::store::DbError;

/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 200;

/// A connection.
#[derive(Debug)]
pub(crate) struct Conn {
    /// The engine's own.
    pub inner: rusqlite::Connection,
    /// Names of the columns of statements that were run.
    pub columns: Columns,
}

/// Where the database is and how it is opened.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The file, for checks that it is still the one we opened.
    pub path: PathBuf,
    /// How long a file that another process writes is waited for.
    pub busy_timeout: Duration,
}

impl Place {
    /// Reads an address of the form `sqlite://path` or `sqlite:path`; creates missing folders.
    pub fn parse(url: &str, busy_timeout: Duration) -> Result<Self, DbError> {
        let path = file_of(url)?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| {
                DbError::Unavailable(format!("cannot create {}: {error}", folder.display()))
            })?;
        }
        Ok(Self { path, busy_timeout })
    }

    /// Opens the connection of the writer. Its cache (8 MB at most) holds more of the indexes that random ids go into.
    pub async fn writer(&self) -> Result<Conn, DbError> {
        self.open("PRAGMA query_only = OFF; PRAGMA cache_size = -8000").await
    }

    /// Opens a connection that cannot write.
    pub async fn reader(&self) -> Result<Conn, DbError> {
        self.open("PRAGMA query_only = ON").await
    }

    /// An acknowledged commit survives a power cut only with `synchronous = FULL`; the log is cut back to
    /// 64 MB after a large one.
    async fn open(&self, mode: &'static str) -> Result<Conn, DbError> {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE
            | rusqlite::OpenFlags::SQLITE_OPEN_CREATE
            | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let inner = rusqlite::Connection::open_with_flags(&self.path, flags)?;
        inner.busy_timeout(self.busy_timeout)?;
        inner.set_prepared_statement_cache_capacity(STATEMENTS);
        // Without it SQLite plans a statement anew for each value of its LIMIT; ours fit all values.
        inner.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let mut conn = Conn { inner, columns: Columns::default() };
        script(
            &mut conn,
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
             PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY",
        )
        .await?;
        script(&mut conn, mode).await?;
        Ok(conn)
    }
}

/// The file of an SQLite address.
fn file_of(url: &str) -> Result<PathBuf, DbError> {
    let rest = url.strip_prefix("sqlite:").ok_or_else(|| {
        let scheme = url.split(':').next().unwrap_or("");
        DbError::Broken(format!("DATABASE_URL must begin with sqlite:, not {scheme}:"))
    })?;
    let path = rest.strip_prefix("//").unwrap_or(rest).split('?').next().unwrap_or("");
    if path.is_empty() || path == ":memory:" {
        return Err(DbError::Broken("DATABASE_URL must name a file".into()));
    }
    Ok(Path::new(path).to_path_buf())
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error().map(|refusal| refusal.extended_code.to_string());
        if code.is_some_and(|code| is_transient_code(&code)) {
            Self::Unavailable(error.to_string())
        } else {
            Self::Broken(error.to_string())
        }
    }
}

impl From<serde_json::Error> for DbError {
    fn from(error: serde_json::Error) -> Self {
        Self::Broken(format!("a stored document cannot be read or written: {error}"))
    }
}

/// Whether an engine's error code says "later". SQLite: primary result codes (sqlite.org/rescode.html), the
/// low byte of the extended ones; PostgreSQL: five characters (appendix A of its manual).
fn is_transient_code(code: &str) -> bool {
    if code.len() == 5 {
        let class = &code[..2];
        return ["08", "53", "57", "58"].contains(&class) || code == "40001" || code == "40P01";
    }
    // busy, locked, no memory, read-only, interrupted, I/O, full, cannot open, lock protocol
    const LATER: [i32; 9] = [5, 6, 7, 8, 9, 10, 13, 14, 15];
    code.parse::<i32>().is_ok_and(|code| LATER.contains(&(code & 0xff)))
}

/// The stored form of a moment: milliseconds since 1970 UTC.
pub(crate) fn ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// The moment of a stored number.
pub(crate) fn moment(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// The stored form of a duration.
pub(crate) fn span_ms(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_found_in_every_form_of_the_address() {
        for url in ["sqlite:///d/x.db", "sqlite:/d/x.db", "sqlite:///d/x.db?mode=rwc"] {
            assert_eq!(file_of(url).unwrap(), Path::new("/d/x.db"));
        }
        assert_eq!(file_of("sqlite://data/x.db").unwrap(), Path::new("data/x.db"));
        assert!(file_of("sqlite::memory:").is_err());
        assert!(file_of("mysql://secret@host/x").unwrap_err().to_string().contains("not mysql:"));
    }

    #[test]
    fn only_codes_that_pass_by_themselves_are_transient() {
        for code in ["5", "517", "6", "13", "10", "1034", "8", "40001", "57P01", "08006"] {
            assert!(is_transient_code(code), "{code}");
        }
        for code in ["1", "11", "19", "2067", "23505", "42601", "x"] {
            assert!(!is_transient_code(code), "{code}");
        }
    }
}
