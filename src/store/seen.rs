//! The port of the seen-set: which readings of a source have been recorded before.

use async_trait::async_trait;

use crate::domain::SourceId;

/// One reading: the site's id of the offer and the fingerprint of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenItem {
    /// The site's id of the offer.
    pub id: String,
    /// See [`crate::domain::change::fingerprint`].
    pub fingerprint: i64,
}

/// Why the seen-set could not answer. Callers go on without it.
#[derive(Debug, thiserror::Error)]
#[error("the seen-set cannot answer: {0}")]
pub struct SeenError(pub String);

/// Remembers readings for a while. Keys contain the identity of the database, so that a restored or
/// replaced database is never hidden behind old memories.
#[async_trait]
pub trait Seen: Send + Sync {
    /// For each item whether it is unseen, or was seen with another fingerprint. Only reads.
    async fn unseen(&self, source: &SourceId, items: &[SeenItem]) -> Result<Vec<bool>, SeenError>;

    /// Remembers the items. Only writes; call it after the database has committed.
    async fn mark(&self, source: &SourceId, items: &[SeenItem]) -> Result<(), SeenError>;

    /// Whether it answers at all, for health pages.
    async fn ping(&self) -> Result<(), SeenError>;
}
