//! What operators are told: metrics and one line of log for each end of an attempt, and news of the brake.

use super::brake::News;
use super::outcome::outcome_word;
use super::send_one::Attempt;
use crate::domain::delivery::{Claimed, Outcome};
use crate::telegram::SendError;

/// A wait longer than this is for an operator to know.
const ALARMING_WAIT_S: u64 = 3_600;

/// Metrics and one line of log for what an operator may look for. Texts of messages are never logged.
pub(super) fn record(claimed: &Claimed, attempt: &Attempt) {
    let delivery = &claimed.delivery;
    let class = delivery.new.class.as_str();
    let outcome = &attempt.settlement.outcome;
    metrics::counter!(
        "magpie_deliveries_total", "class" => class, "outcome" => outcome_word(outcome)
    )
    .increment(1);
    let (id, chat) = (delivery.new.id.as_str(), delivery.new.chat.0);
    match outcome {
        Outcome::Sent { message_id, .. } => tracing::debug!(id, chat, class, message_id, "sent"),
        Outcome::ChatWaits { until } => {
            metrics::counter!("magpie_telegram_429_total").increment(1);
            if matches!(attempt.error, Some(SendError::RetryAfter(wait)) if wait > ALARMING_WAIT_S)
            {
                tracing::error!(id, chat, class, %until, "Telegram asks this chat to wait for long");
            } else {
                tracing::warn!(id, chat, class, %until, "Telegram asks this chat to wait");
            }
        }
        Outcome::Doubt { at, reason } => {
            metrics::counter!("magpie_doubts_total").increment(1);
            tracing::warn!(id, chat, class, reason, %at, "nobody knows whether this delivery arrived");
        }
        Outcome::Dead { reason } => {
            tracing::error!(
                id,
                chat,
                class,
                reason,
                "a delivery was refused in every form; look at it with `magpie outbox`"
            );
        }
        Outcome::Later { at, reason }
        | Outcome::Retry { at, reason }
        | Outcome::Held { until: at, reason } => {
            tracing::debug!(id, chat, class, reason, %at, "a delivery waits");
        }
        Outcome::ChatGone { reason } | Outcome::Dropped { reason } => {
            tracing::info!(id, chat, class, reason, "a delivery was given up");
        }
        Outcome::Migrated { to } => {
            tracing::info!(
                id,
                chat,
                class,
                to = to.0,
                "the group moved; its deliveries move along"
            );
        }
    }
}

/// News of the brake, once each.
pub(super) fn tell(news: Option<News>) {
    match news {
        None => {}
        Some(News::Storm(seconds)) => {
            tracing::warn!(seconds, "Telegram refuses several chats at once: all sending pauses");
        }
        Some(News::Down) => tracing::warn!("Telegram cannot be reached: deliveries wait"),
        Some(News::Up) => tracing::info!("Telegram answers again"),
        Some(News::TokenRefused) => tracing::error!(
            "Telegram refuses the bot token: nothing is sent until it is accepted again; \
             check TELEGRAM_BOT_TOKEN and TELEGRAM_API_URL"
        ),
        Some(News::TokenAccepted) => tracing::info!("Telegram accepts the bot token again"),
    }
}
