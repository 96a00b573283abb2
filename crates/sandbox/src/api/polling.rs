//! getUpdates: long polling, confirmation by offset, and the conflicts.

use serde_json::Value;

use crate::answer::{Done, Outcome, Refusal};
use crate::app::App;
use crate::clock::Millis;
use crate::methods::{Call, webhook};
use crate::world::{Bot, World};

use super::params::Params;

/// The longest poll, in seconds.
const LONGEST: i64 = 50;
const HOOKED: &str = "can't use getUpdates method while webhook is active; use deleteWebhook to \
                      delete the webhook first";
const REPLACED: &str = "terminated by other getUpdates request; make sure that only one bot \
                        instance is running";

struct Poll {
    bot: i64,
    /// Which poll of the bot this is; the newest one wins.
    number: u64,
    offset: i64,
    limit: usize,
    deadline: Millis,
}

/// Serves one getUpdates call.
pub async fn get_updates(app: &App, bot: i64, params: &Params) -> Outcome {
    let mut seen = app.stirred.subscribe();
    let poll = app.with(|world, now| begin(world, bot, params, now))?;
    loop {
        seen.borrow_and_update();
        let (updates, now) = app.with(|world, now| (collect(world, &poll, now), now));
        let updates = updates?;
        if !updates.is_empty() || now >= poll.deadline || app.is_stopping() {
            return Ok(Done::value(Value::Array(updates)));
        }
        app.change_or(&mut seen, poll.deadline).await;
    }
}

fn bot(world: &mut World, id: i64) -> Result<&mut Bot, Refusal> {
    world.bots.get_mut(&id).ok_or_else(|| Refusal::new(401, "Unauthorized"))
}

fn begin(world: &mut World, id: i64, params: &Params, now: Millis) -> Result<Poll, Refusal> {
    let call = Call { params: params.clone(), ..Call::default() };
    let allowed = webhook::allowed_updates(&call)?;
    // Whoever polls already must learn of the newcomer.
    world.touch();
    let bot = bot(world, id)?;
    if bot.webhook.is_some() {
        return Err(Refusal::conflict(HOOKED));
    }
    if let Some(allowed) = allowed {
        bot.queue.allowed = Some(allowed);
    }
    let offset = params.int("offset").unwrap_or(0);
    if offset != 0 {
        bot.queue.confirm(offset);
    }
    bot.poll += 1;
    let limit = params.int("limit").filter(|limit| (1..=100).contains(limit)).unwrap_or(100);
    let timeout = params.int("timeout").unwrap_or(0).clamp(0, LONGEST);
    Ok(Poll {
        bot: id,
        number: bot.poll,
        offset: offset.max(0),
        limit: usize::try_from(limit).unwrap_or(100),
        deadline: now + timeout * 1_000,
    })
}

fn collect(world: &mut World, poll: &Poll, now: Millis) -> Result<Vec<Value>, Refusal> {
    let bot = bot(world, poll.bot)?;
    if bot.webhook.is_some() {
        return Err(Refusal::conflict("terminated by setWebhook request"));
    }
    if bot.poll != poll.number {
        return Err(Refusal::conflict(REPLACED));
    }
    bot.queue.expire(now);
    let waiting = bot.queue.pending.iter().filter(|update| update.id >= poll.offset);
    Ok(waiting.take(poll.limit).map(|update| update.body.clone()).collect())
}
