//! Broadcasts: one message to many, each of them once.
//!
//! ```text
//! draft ──start──► freezing ──all recipients are rows──► running ──nobody left──► done
//!   │                  │                                   │ ▲
//!   └─ removed         └────────────── stop ──────────► stopped ── start again
//! ```
//!
//! The audience is frozen as rows before the first message goes out, so who it is for cannot change under way. From
//! then on each recipient has at most one delivery, whose name says campaign and chat: repeating a step writes
//! nothing twice. Only a few seconds' worth of deliveries is queued ahead, and stopping withdraws those, so a stop
//! takes effect at once. What a crash leaves in doubt is never repeated by itself: it is listed as unknown.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{ChatId, DeliveryId};
use super::message::Outgoing;
use super::user::{ChatKind, Language};
use super::{Class, DeliveryState};
use crate::domain::delivery::delivery_id;

/// The name of a broadcast.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CampaignId(pub String);

impl CampaignId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The delivery of this broadcast to a chat: always the same one.
    pub fn delivery(&self, chat: ChatId) -> DeliveryId {
        delivery_id(Class::Broadcast, chat, None, &format!("campaign/{}", self.0))
    }
}

impl std::fmt::Display for CampaignId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// Where a broadcast is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// Written, not started.
    Draft,
    /// Its audience is being written down.
    Freezing,
    /// Its messages go out.
    Running,
    /// Stopped by a person.
    Stopped,
    /// Everybody has a result.
    Done,
}

impl CampaignState {
    /// All states.
    pub const ALL: [Self; 5] =
        [Self::Draft, Self::Freezing, Self::Running, Self::Stopped, Self::Done];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Freezing => "freezing",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Done => "done",
        }
    }

    /// The state of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What is said, by language. A reader of another language gets English, or else the first there is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wording(pub BTreeMap<Language, Outgoing>);

impl Wording {
    /// The message for a reader of `language`.
    pub fn of(&self, language: Language) -> Option<&Outgoing> {
        let wordings = &self.0;
        wordings.get(&language).or_else(|| wordings.get(&Language::En)).or(wordings.values().next())
    }
}

/// Whom it is for: everybody to whom all given conditions apply. Chats that may not be written to and banned people
/// are never among them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audience {
    /// Readers of these languages; empty means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// Those who are entitled to one of these plans now; empty means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<String>,
    /// Those who are entitled to any plan now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub with_plan: bool,
    /// Those who are entitled to no plan now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub without_plan: bool,
    /// Those who have said nothing to the bot for so many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inactive_days: Option<u32>,
    /// Those who have said something to the bot within so many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_days: Option<u32>,
    /// Those who watch something (true) or nothing (false).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watching: Option<bool>,
    /// Types of chats; empty means people only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<ChatKind>,
    /// Only these chats.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chats: Vec<ChatId>,
}

impl Audience {
    /// The types of chats that are meant.
    pub fn kinds(&self) -> Vec<ChatKind> {
        if self.kinds.is_empty() { vec![ChatKind::Private] } else { self.kinds.clone() }
    }

    /// What contradicts itself, each with a remedy.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.without_plan && (self.with_plan || !self.plans.is_empty()) {
            problems.push("nobody has a plan and no plan: ask for one of the two".to_owned());
        }
        if let (Some(inactive), Some(active)) = (self.inactive_days, self.active_days)
            && inactive >= active
        {
            problems.push(format!(
                "nobody is silent for {inactive} days and active within {active}: \
                 the days of silence must be fewer"
            ));
        }
        problems
    }
}

/// How it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CampaignOptions {
    /// Against Stars, faster than the free limits (see `deliver.paid_per_second` in the configuration).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub paid: bool,
    /// Without sound.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
}

/// A broadcast as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCampaign {
    /// Its name.
    pub id: CampaignId,
    /// What operators call it.
    pub title: String,
    /// What it says.
    pub wording: Wording,
    /// Whom it is for.
    pub audience: Audience,
    /// How it is sent.
    pub options: CampaignOptions,
    /// Who wrote it.
    pub created_by: String,
}

impl NewCampaign {
    /// What must be mended before it can be kept, each with a remedy.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = self.audience.problems();
        if self.title.trim().is_empty() {
            problems.push("it has no title: give it one by which it can be found".to_owned());
        }
        if self.wording.0.is_empty() {
            problems.push("it says nothing: write a message in at least one language".to_owned());
        }
        for (language, message) in &self.wording.0 {
            let copied = message.copy.as_ref();
            if message.text.trim().is_empty() && message.photo.is_none() && copied.is_none() {
                problems.push(format!("the message in {} is empty", language.code()));
            }
            if !message.album.is_empty() {
                problems.push(format!(
                    "the message in {} is an album: a broadcast has one picture at most",
                    language.code()
                ));
            }
            if message.count() > 1 && !message.buttons.is_empty() {
                problems.push(format!(
                    "the message in {} is an album with buttons: Telegram shows none under an album",
                    language.code()
                ));
            }
            if message.edit.is_some() || message.reply_to.is_some() {
                problems.push(format!(
                    "the message in {} edits or answers another one: a broadcast stands alone",
                    language.code()
                ));
            }
        }
        problems
    }
}

/// A broadcast as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    /// As it was written.
    pub new: NewCampaign,
    /// Where it is in its life.
    pub state: CampaignState,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// Not before this moment.
    pub start_at: Option<DateTime<Utc>>,
    /// When it was last stopped.
    pub stopped_at: Option<DateTime<Utc>>,
    /// When everybody had a result.
    pub done_at: Option<DateTime<Utc>>,
}

/// How far a broadcast is: numbers of recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Progress {
    /// Frozen as rows.
    pub recipients: i64,
    /// Without a delivery yet.
    pub waiting: i64,
    /// Queued or under way.
    pub under_way: i64,
    /// Accepted by Telegram.
    pub sent: i64,
    /// Refused for good: the bot is blocked, the account is gone.
    pub dropped: i64,
    /// Nobody knows whether it arrived; never repeated by itself.
    pub unknown: i64,
    /// Refused in every form.
    pub dead: i64,
}

impl Progress {
    /// Counts `many` deliveries of `state`.
    pub fn add(&mut self, state: DeliveryState, many: i64) {
        let place = match state {
            DeliveryState::Pending | DeliveryState::Sending | DeliveryState::Collected => {
                &mut self.under_way
            }
            DeliveryState::Sent | DeliveryState::Folded => &mut self.sent,
            DeliveryState::Dropped => &mut self.dropped,
            DeliveryState::Unknown => &mut self.unknown,
            DeliveryState::Dead => &mut self.dead,
        };
        *place += many;
    }

    /// Those who have a result.
    pub fn ended(&self) -> i64 {
        self.sent + self.dropped + self.unknown + self.dead
    }
}

/// One recipient and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipient {
    /// Place in the frozen order, from 1.
    pub place: i64,
    /// Which chat.
    pub chat: ChatId,
    /// In which language.
    pub language: Language,
    /// Its delivery's state; `None` while it waits.
    pub state: Option<DeliveryState>,
    /// Why it ended so.
    pub reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn campaign() -> NewCampaign {
        NewCampaign {
            id: CampaignId("c".into()),
            title: "News".into(),
            wording: Wording([(Language::En, Outgoing::text("Hello"))].into()),
            audience: Audience::default(),
            options: CampaignOptions::default(),
            created_by: "cli".into(),
        }
    }

    #[test]
    fn a_reader_of_another_language_gets_english_or_the_first_there_is() {
        let mut wording = campaign().wording;
        wording.0.insert(Language::Uk, Outgoing::text("Вітаю"));
        let text = |wording: &Wording, language| wording.of(language).map(|m| m.text.clone());
        assert_eq!(text(&wording, Language::Uk).as_deref(), Some("Вітаю"));
        assert_eq!(text(&wording, Language::Ru).as_deref(), Some("Hello"));
        wording.0.remove(&Language::En);
        assert_eq!(text(&wording, Language::Ru).as_deref(), Some("Вітаю"));
        assert_eq!(text(&Wording::default(), Language::Ru), None);
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        assert_eq!(campaign().problems(), Vec::<String>::new());
        let bad = NewCampaign {
            title: " ".into(),
            wording: Wording([(Language::Ru, Outgoing::text(" "))].into()),
            audience: Audience {
                without_plan: true,
                plans: vec!["pro".into()],
                inactive_days: Some(30),
                active_days: Some(7),
                ..Audience::default()
            },
            ..campaign()
        };
        assert_eq!(bad.problems().len(), 4, "{:?}", bad.problems());
    }

    #[test]
    fn the_delivery_of_a_recipient_has_one_name() {
        let id = CampaignId("c".into());
        assert_eq!(id.delivery(ChatId(1)), id.delivery(ChatId(1)));
        assert_ne!(id.delivery(ChatId(1)), id.delivery(ChatId(2)));
        assert_ne!(id.delivery(ChatId(1)), CampaignId("d".into()).delivery(ChatId(1)));
    }
}
