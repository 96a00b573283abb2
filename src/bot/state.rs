//! What a conversation remembers between two updates.
//!
//! Most of what people do needs no memory: buttons carry all they mean. What is remembered: that somebody is
//! writing to support, because people write one thought in five messages and want one acknowledgement; and which
//! watch the next words are to name. A question that nobody answers is over after a while: what is written then is
//! meant for something else.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::dialogues::operate::Composing;
use super::dialogues::panel::Asked;
use super::dialogues::tickets::Writing;
use super::dialogues::wizard::Draft;
use crate::domain::WatchId;
use crate::domain::dialogue::Dialogue;

/// The state of one person's conversation in one chat. Stored as JSON, so names are contracts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
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
    /// A watch is being made.
    Drafting(Box<Draft>),
    /// The person writes to support, or an operator answers.
    Writing(Writing),
    /// An operator was asked for something.
    Asked(Asked),
    /// An operator composes a broadcast.
    Composing(Composing),
    /// The person was asked for a time zone in words.
    Zone {
        /// When.
        asked_at: DateTime<Utc>,
    },
}

impl State {
    /// The stored state, as far as it is not over at `now`. One that this version cannot read (an older or newer
    /// program wrote it) is idle: the person starts anew instead of being stuck.
    pub fn of(dialogue: Option<&Dialogue>, now: DateTime<Utc>) -> Self {
        let Some(dialogue) = dialogue else { return Self::Idle };
        let state: Self = serde_json::from_str(&dialogue.state).unwrap_or_default();
        if now - dialogue.at >= state.patience() { Self::Idle } else { state }
    }

    /// How long the state waits for the person.
    fn patience(&self) -> TimeDelta {
        match self {
            Self::Idle | Self::Support { .. } => TimeDelta::MAX,
            Self::Zone { .. } | Self::Naming { .. } | Self::Asked(_) => TimeDelta::minutes(15),
            Self::Drafting(_) | Self::Writing(_) | Self::Composing(_) => TimeDelta::hours(24),
        }
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
        let (chat, user, at) = (ChatId(1), UserId(1), DateTime::UNIX_EPOCH);
        Dialogue { chat, user, state: state.to_owned(), at, version: 3 }
    }

    #[test]
    fn a_state_survives_the_store() {
        let at = DateTime::from_timestamp_millis(1_234_567).expect("a date");
        let naming = State::Naming { watch: WatchId("a".into()) };
        let zone = State::Zone { asked_at: at };
        for state in [State::Idle, State::Support { acknowledged_at: at }, naming, zone] {
            assert_eq!(State::of(Some(&stored(&state.to_json())), DateTime::UNIX_EPOCH), state);
        }
    }

    #[test]
    fn an_unreadable_state_is_idle() {
        let now = DateTime::UNIX_EPOCH;
        for text in ["", "null", "[]", r#"{"step":"paying"}"#, r#"{"step":"support"}"#, "\u{0}"] {
            assert_eq!(State::of(Some(&stored(text)), now), State::Idle, "{text}");
        }
        assert_eq!(State::of(None, now), State::Idle);
    }

    #[test]
    fn a_question_that_nobody_answers_is_over() {
        let asked = State::Naming { watch: WatchId("a".into()) };
        let stored = stored(&asked.to_json());
        let after = |minutes| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        assert_eq!(State::of(Some(&stored), after(14)), asked);
        assert_eq!(State::of(Some(&stored), after(15)), State::Idle);
    }
}
