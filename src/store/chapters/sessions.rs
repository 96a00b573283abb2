//! The chapter of the record about log-ins at sites.
//!
//! What a session consists of is sealed before it comes here; the record keeps bytes that it cannot read.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::store::DbError;

/// How a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It can be used.
    Open,
    /// The site does not know it any more: log in before the next use.
    Closed,
    /// Logging in failed; tried again later.
    Failed,
    /// Logging in failed too often: a person has to look.
    Stuck,
}

impl SessionState {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Failed => "failed",
            Self::Stuck => "stuck",
        }
    }

    /// The state of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Open, Self::Closed, Self::Failed, Self::Stuck]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// A session as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// Id of the site module.
    pub site: String,
    /// Name of the session at that site.
    pub name: String,
    /// Cookies and storage, sealed.
    pub sealed: Vec<u8>,
    /// How it stands.
    pub state: SessionState,
    /// When it ends, if that is known.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was written last.
    pub updated_at: DateTime<Utc>,
    /// Name of the proxy that belongs to it; empty: none.
    pub identity: String,
    /// Rises with each write, from 1.
    pub revision: i64,
    /// Failures to log in, in a row.
    pub failures: i64,
    /// Why logging in failed last, without secrets.
    pub last_error: Option<String>,
}

impl std::fmt::Debug for StoredSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredSession")
            .field("site", &self.site)
            .field("name", &self.name)
            .field("state", &self.state)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

/// Sessions in the record.
#[async_trait]
pub trait SessionRecord: Send + Sync {
    /// One session.
    async fn session(&self, site: &str, name: &str) -> Result<Option<StoredSession>, DbError>;

    /// All sessions, by site and name.
    async fn sessions(&self) -> Result<Vec<StoredSession>, DbError>;

    /// Writes a session whose present revision is one less (0: there is none yet); false when somebody else
    /// wrote first, and then nothing is changed.
    async fn put_session(&self, session: &StoredSession) -> Result<bool, DbError>;

    /// Forgets a session; false when there is none.
    async fn drop_session(&self, site: &str, name: &str) -> Result<bool, DbError>;
}
