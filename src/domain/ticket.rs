//! A conversation with support.
//!
//! ```text
//! a person writes ──► open ──(staff answers)──► open, nobody waits ──► closed
//!                      ▲  └── unanswered for long: told once, then daily        │
//!                      └──────────────── [Reopen], /reopen ────────────────────┘
//! ```
//!
//! A person has at most one open ticket. What staff sees goes out as [`ForStaff`]: it is put into its place (the
//! person's topic, or the group) only when it is sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sites::Money;

use super::ids::{ChatId, UserId, digest};
use super::message::{Button, Outgoing};
use super::user::Language;

/// Letters of names: none that is taken for another.
const LETTERS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Letters in a name.
const SHORT: usize = 4;
/// Letters in a name when the short ones run out.
const LONG: usize = 8;
/// Names of [`SHORT`] letters that are tried.
pub const SHORT_TRIES: u32 = 8;

/// The name of a ticket, which people say: `A7K2`. Old tickets have a long one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketId(pub String);

impl TicketId {
    /// The name that a ticket of this person, opened by this update, is given at the `nth` try (from 0).
    pub fn candidate(user: UserId, update: i64, nth: u32) -> Self {
        let name = digest(&["ticket", &user.to_string(), &update.to_string(), &nth.to_string()]);
        let length = if nth < SHORT_TRIES { SHORT } else { LONG };
        let letter = |pair: &[u8]| {
            let number = pair.iter().fold(0, |sum, byte| sum * 16 + char_value(*byte));
            char::from(LETTERS[number % LETTERS.len()])
        };
        Self(name.as_bytes().chunks(3).take(length).map(letter).collect())
    }

    /// The name as somebody typed it: `#a7k2` is A7K2. Long names of old tickets stay as they are.
    pub fn typed(text: &str) -> Self {
        let text = text.trim().trim_start_matches('#');
        let is_long = text.len() > LONG;
        Self(if is_long { text.to_owned() } else { text.to_ascii_uppercase() })
    }

    /// The name as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for TicketId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

fn char_value(byte: u8) -> usize {
    char::from(byte).to_digit(16).map_or(0, |digit| digit as usize)
}

/// Who hears of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Staff {
    /// The group of support, or the private chats of all operators.
    pub chats: Vec<ChatId>,
    /// Language of what is written to them.
    pub language: Language,
}

/// A ticket as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// Its name.
    pub id: TicketId,
    /// Whose.
    pub user: UserId,
    /// Where the person is answered.
    pub chat: ChatId,
    /// Whether it is open.
    pub open: bool,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When something happened last.
    pub updated_at: DateTime<Utc>,
    /// Since when the person waits for an answer; `None` when nobody waits.
    pub waiting_since: Option<DateTime<Utc>>,
    /// The person cannot be written to.
    pub unreachable: bool,
    /// Who hears of it.
    pub staff: Staff,
    /// Name of the person at Telegram.
    pub name: String,
    /// Language of the person.
    pub language: Language,
}

/// What staff should know of a person.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// When the person first came.
    pub since: Option<DateTime<Utc>>,
    /// Name without `@`.
    pub username: Option<String>,
    /// Plans that hold or held, the last one first, with their ends.
    pub plans: Vec<(String, DateTime<Utc>)>,
    /// The last orders: plan, price, state, when.
    pub orders: Vec<(String, Money, String, DateTime<Utc>)>,
    /// Names of watches and whether they rest, oldest first; at most five.
    pub watches: Vec<(String, bool)>,
    /// All watches.
    pub watch_count: i64,
    /// What was not delivered last, and why.
    pub failures: Vec<(String, DateTime<Utc>)>,
    /// Earlier tickets.
    pub tickets: i64,
}

/// Whose words a message of a ticket are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The person's.
    Person,
    /// Staff's, to the person.
    Staff,
    /// Staff's, for themselves.
    Note,
}

impl Side {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Staff => "staff",
            Self::Note => "note",
        }
    }

    /// The side of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Person, Self::Staff, Self::Note].into_iter().find(|side| side.as_str() == word)
    }
}

/// Something for those who hear of a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForStaff {
    /// Who the person is: later copies answer it where there are no topics.
    Header(Outgoing),
    /// A message of the person, copied.
    Copy {
        /// Its chat.
        from: ChatId,
        /// Its id there.
        message_id: i64,
        /// What it says: shown instead when it cannot be copied.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
        /// Under the copy.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        buttons: Vec<Vec<Button>>,
    },
    /// Something that happened.
    Word(Word),
    /// The person's topic is opened or closed.
    Topic {
        /// Open from now on.
        open: bool,
    },
}

/// Something that happened to a ticket, told to staff. It is put into words when it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// The person changed a message.
    Edited {
        /// What it says now.
        text: String,
    },
    /// It was closed.
    Closed {
        /// By whom; empty for the person.
        by: String,
    },
    /// It was opened again.
    Reopened {
        /// By whom; empty for the person.
        by: String,
    },
    /// The person says that it helped.
    Helped,
    /// The person has waited for long.
    Late {
        /// For how many hours.
        hours: i64,
    },
    /// The person cannot be written to any more.
    Unreachable,
    /// An answer did not arrive.
    Undelivered {
        /// Why.
        reason: String,
    },
    /// Somebody answered elsewhere: from the command line, or in another private chat.
    Answered {
        /// Who.
        by: String,
        /// What.
        text: String,
    },
}

/// Where something for staff goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StaffPlace {
    /// What is known of the person's topic.
    pub topic: Topic,
    /// Name for a new topic.
    pub title: String,
    /// The message of that chat to answer: the copy of what is meant, or else the header.
    pub answers: Option<i64>,
    /// The header in that chat.
    pub header: Option<i64>,
}

/// What is known of the topic of a person in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Topic {
    /// Nothing.
    #[default]
    Unknown,
    /// Its thread.
    Thread(i64),
    /// The group has none.
    Plain,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_short_and_have_no_letter_that_is_taken_for_another() {
        let mut names = BTreeSet::new();
        for update in 0..1_000 {
            let id = TicketId::candidate(UserId(7), update, 0);
            assert_eq!(id.as_str().len(), 4);
            assert!(id.as_str().chars().all(|c| !"01ILO".contains(c)), "{id}");
            names.insert(id);
        }
        assert!(names.len() > 990, "{} of 1000 differ", names.len());
        assert_ne!(
            TicketId::candidate(UserId(7), 1, 0),
            TicketId::candidate(UserId(7), 1, 1),
            "a taken name gives way to another one"
        );
        assert_eq!(TicketId::candidate(UserId(7), 1, SHORT_TRIES).as_str().len(), 8);
    }

    #[test]
    fn a_name_is_understood_as_people_type_it() {
        for typed in ["A7K2", "a7k2", " #a7k2 ", "#A7K2"] {
            assert_eq!(TicketId::typed(typed), TicketId("A7K2".into()));
        }
        let old = "0192f5c8a7b87d3e9f00aa11bb22cc33";
        assert_eq!(TicketId::typed(old).as_str(), old);
    }
}
