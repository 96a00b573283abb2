//! Whatever an operator does is written down: in the same commit as the deed, and after it in `logs/admin.log`.
//!
//! ```text
//! {"message":"an operator acted","actor":"user 42","action":"user.ban","object":"user 77",
//!  "detail":"banned","update":9001,…}
//! ```
//!
//! The name of an entry is unique per update and deed, so that an update that comes again is written once.

use super::Scene;
use crate::domain::ids::digest;
use crate::domain::mask::masked;
use crate::observe::logs;
use crate::store::{AuditEntry, Effect, UpdateCommit};
use crate::texts::builder::shorten;

/// Longest detail, UTF-16 units.
const DETAIL: usize = 500;

impl Scene<'_> {
    /// Writes down that this person did `action` (as `part.action`) to `target`. Secrets in `detail` are masked.
    pub(in crate::bot) fn audit(&self, action: &str, target: &str, detail: &str) -> Effect {
        let moment = self.now.timestamp_millis().to_string();
        let name = digest(&[&moment, action, target, detail]);
        let detail = match detail.trim() {
            "" => String::new(),
            detail => shorten(&masked(detail), DETAIL),
        };
        Effect::Audit(AuditEntry {
            id: format!("{}-{}", self.update, &name[..16]),
            actor: format!("user {}", self.user),
            action: action.to_owned(),
            target: target.to_owned(),
            detail,
        })
    }
}

/// Writes what operators did in a committed update to the log.
pub fn log(commit: &UpdateCommit) {
    for effect in &commit.effects {
        let Effect::Audit(AuditEntry { actor, action, target, detail, .. }) = effect else {
            continue;
        };
        let update = commit.update;
        // A field called `target` would stand beside the target of the event.
        let object = target;
        tracing::info!(
            target: logs::ADMIN,
            actor, action, object, detail, update, "an operator acted"
        );
    }
}
