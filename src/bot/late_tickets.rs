//! Looks each minute for people who wait too long for an answer.
//!
//! Staff is told of each such ticket once, and again each day until it is answered: the alarm is a delivery whose name
//! says ticket, since when and which day, so several processes, or one that was restarted, tell it once. It goes to the
//! group and to every operator: should the bot have lost the group, somebody still hears of it.

use std::time::Duration;

use chrono::TimeDelta;

use crate::context::Context;
use crate::domain::ChatId;
use crate::domain::ticket::Staff;
use crate::shutdown::Stage;
use crate::store::DbError;

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(60);

/// Looks until the process goes down.
pub async fn run(context: &Context) {
    while context.shutdown.is_running() {
        if let Err(error) = look(context).await {
            tracing::warn!(%error, "who waits for support is not known; the next minute looks again");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = context.shutdown.reached(Stage::Quiet) => {}
        }
    }
}

/// Looks once; answers of how many tickets staff is told.
pub async fn look(context: &Context) -> Result<u64, DbError> {
    let now = context.clock.now();
    let waiting = context.db.tickets_waiting().await?;
    let age = waiting.oldest.map_or(TimeDelta::zero(), |oldest| now - oldest);
    metrics::gauge!("magpie_tickets_waiting").set(waiting.count as f64);
    metrics::gauge!("magpie_ticket_oldest_seconds").set(age.num_seconds() as f64);
    let within = TimeDelta::from_std(context.config.support.answer_within);
    let within = within.unwrap_or(TimeDelta::MAX);
    if waiting.count == 0 || age < within {
        return Ok(0);
    }
    let told = context.db.tell_late_tickets(now - within, &staff(context), now).await?;
    if told > 0 {
        tracing::warn!(
            tickets = told,
            hours = age.num_hours(),
            "people wait for support: see `magpie ticket list`"
        );
    }
    Ok(told)
}

fn staff(context: &Context) -> Staff {
    let bot = &context.config.bot;
    let chats = bot.support_chat_id.into_iter().chain(bot.admin_ids.iter().copied());
    Staff { chats: chats.map(ChatId).collect(), language: context.config.support.language }
}
