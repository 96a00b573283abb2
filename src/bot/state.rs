//! What a conversation remembers between two updates.
//!
//! Most of what people do needs no memory: buttons carry all they mean. What is remembered: that somebody is
//! writing to support, because people write one thought in five messages and want one acknowledgement; and which
//! watch the next words are to name.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::WatchId;
use crate::domain::dialogue::Dialogue;

/// The state of one person's conversation in one chat. Stored as JSON, so names are contracts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum State {
    /// Nothing is going on.
    #[default]
    Idle,
    /// The person is writing to support.
    Support {
        /// When we last said that we keep what is written.
        acknowledged_at: DateTime<Utc>,
    },
    /// The next words are the new name of a watch.
    Naming {
        /// Which.
        watch: WatchId,
    },
    /// The person was asked for a time zone in words.
    Zone {
        /// When.
        asked_at: DateTime<Utc>,
    },
}

impl State {
    /// The stored state. One that this version cannot read (an older or newer program wrote it) is idle:
    /// the person starts anew instead of being stuck.
    pub fn of(dialogue: Option<&Dialogue>) -> Self {
        dialogue.and_then(|d| serde_json::from_str(&d.state).ok()).unwrap_or_default()
    }

    /// The state as stored.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| r#"{"step":"idle"}"#.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ChatId, UserId};

    fn stored(state: &str) -> Dialogue {
        Dialogue { chat: ChatId(1), user: UserId(1), state: state.to_owned(), version: 3 }
    }

    #[test]
    fn a_state_survives_the_store() {
        let at = DateTime::from_timestamp_millis(1_234_567).expect("a date");
        let naming = State::Naming { watch: WatchId("a".into()) };
        let zone = State::Zone { asked_at: at };
        for state in [State::Idle, State::Support { acknowledged_at: at }, naming, zone] {
            assert_eq!(State::of(Some(&stored(&state.to_json()))), state);
        }
    }

    #[test]
    fn an_unreadable_state_is_idle() {
        for text in ["", "null", "[]", r#"{"step":"paying"}"#, r#"{"step":"support"}"#, "\u{0}"] {
            assert_eq!(State::of(Some(&stored(text))), State::Idle, "{text}");
        }
        assert_eq!(State::of(None), State::Idle);
    }
}
