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

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use chrono::DateTime;

    use super::*;
    use crate::domain::OwnerId;
    use crate::domain::pace::Limits;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("a lock").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_of_the_log_names_who_did_what_to_whom_in_which_update() {
        let entry = AuditEntry {
            id: "9001-a".into(),
            actor: "user 42".into(),
            action: "user.ban".into(),
            target: "user 77".into(),
            detail: "two\nlines".into(),
        };
        let commit = UpdateCommit {
            bot: 1,
            update: 9_001,
            kind: "callback_query".into(),
            received_at: DateTime::UNIX_EPOCH,
            dialogue: None,
            effects: vec![Effect::Audit(entry)],
            replies: vec![],
            owner: OwnerId("bot".into()),
            limits: Limits::OFF,
            dues: crate::store::Dues::None,
        };
        let captured = Captured::default();
        let sink = captured.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_writer(move || sink.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || log(&commit));
        let text = String::from_utf8(captured.0.lock().expect("a lock").clone()).expect("text");
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        for (field, value) in [
            ("target", "magpie::admin"),
            ("actor", "user 42"),
            ("action", "user.ban"),
            ("object", "user 77"),
            ("detail", "two\nlines"),
        ] {
            assert_eq!(line[field], value, "{text}");
        }
        assert_eq!(line["update"], 9_001);
    }
}
