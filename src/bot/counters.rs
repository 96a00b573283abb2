//! The bot's metrics: names in one place, labels from closed sets so that nobody outside can grow them.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

/// An update was handled (`magpie_updates_total`, `telegram_bot_messages_total`,
/// `telegram_bot_response_time_seconds`).
pub fn update(kind: &'static str, result: &'static str, took: Duration) {
    counter!("magpie_updates_total", "kind" => kind, "result" => result).increment(1);
    if kind == "message" {
        counter!("telegram_bot_messages_total").increment(1);
    }
    histogram!("telegram_bot_response_time_seconds").record(took.as_secs_f64());
}

/// Something went wrong (`telegram_bot_errors_total`).
pub fn error(kind: &'static str) {
    counter!("telegram_bot_errors_total", "kind" => kind).increment(1);
}

/// A webhook call without our secret (`magpie_webhook_forged_total`).
pub fn forged() {
    counter!("magpie_webhook_forged_total").increment(1);
}

/// Somebody asked too much (`telegram_bot_rate_limit_hits_total`).
pub fn limited(kind: &'static str) {
    counter!("telegram_bot_rate_limit_hits_total", "kind" => kind).increment(1);
}

/// Somebody was about to pay for what nobody ordered (`magpie_checkouts_refused_total`).
pub fn checkout_refused() {
    counter!("magpie_checkouts_refused_total").increment(1);
}

/// Updates wait at Telegram (`magpie_telegram_pending_updates`).
#[expect(clippy::cast_precision_loss, reason = "a count of updates")]
pub fn pending(count: i64) {
    gauge!("magpie_telegram_pending_updates").set(count as f64);
}
