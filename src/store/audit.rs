//! What operators do is written down, in the transaction that does it.

/// What an operator did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Unique; a repetition is written once.
    pub id: String,
    /// Who: `user 42`, `command line`.
    pub actor: String,
    /// What, as `part.action`.
    pub action: String,
    /// To what.
    pub target: String,
    /// Numbers and words that matter, without secrets.
    pub detail: String,
}
