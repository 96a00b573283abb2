//! Writing to the people behind the bot: what is no command is kept for them.
//!
//! ```text
//! anna> The flats of yesterday were shown twice.
//! bot> Thank you, your message is kept and will be read by a person. /help says what I can do myself.
//! anna> And one had no photo.
//!                                    (kept; acknowledged once in ten minutes)
//! ```
//!
//! A message is in the record before it is acknowledged: both are one commit. In groups people talk to each
//! other, so nothing is kept there.

use chrono::TimeDelta;

use super::Scene;
use crate::bot::decide::Decision;
use crate::bot::state::State;
use crate::domain::Outgoing;
use crate::store::Effect;

/// Messages within this time of an acknowledgement are kept silently.
const QUIET: TimeDelta = TimeDelta::minutes(10);
/// Longest kept text, characters: Telegram's own limit of a message (api "sendMessage").
const LONGEST: usize = 4096;

/// Keeps a message for support.
pub fn listen(scene: &Scene<'_>, state: State, message_id: i64, text: &str) -> Decision {
    if scene.is_group() {
        return Decision::nothing(state);
    }
    let mut decision = match state {
        State::Support { acknowledged_at } if scene.now - acknowledged_at < QUIET => {
            Decision::nothing(state)
        }
        _ => Decision {
            state: State::Support { acknowledged_at: scene.now },
            ..scene.answer([Outgoing::text(scene.plain("bot-support-kept"))])
        },
    };
    decision.effects.push(Effect::Support {
        user: scene.user,
        chat: scene.place.chat,
        message_id,
        text: text.chars().take(LONGEST).collect(),
    });
    decision
}

/// How a message that is more than words is written down; the message itself stays at Telegram.
pub fn describe(content: &str, caption: &str) -> String {
    format!("[{content}] {caption}").trim_end().to_owned()
}
