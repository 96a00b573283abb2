//! Webhook delivery: order within a queue, retries, and methods in the answer.
//!
//! Updates of one queue go one after another, different queues in parallel. A failed update is
//! repeated at once, then after 2, 4, 8, 16 and 32 s, then every 60–120 s, until it expires; only its
//! own queue waits meanwhile.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};

use super::params::Params;
use super::{Visit, perform, record};
use crate::answer::Refusal;
use crate::app::App;
use crate::clock::Millis;
use crate::world::updates::Update;
use crate::world::{Secret, World};

/// How long a webhook may take, as Telegram allows it.
const PATIENCE: Duration = Duration::from_secs(60);
/// So long only 410 answers, and the webhook is closed.
const GONE: Millis = 23 * 3_600 * 1_000;
/// The dispatcher looks again after this time even if nothing happened.
const IDLE: Millis = 60_000;

/// One delivery.
#[derive(Clone, Debug)]
struct Job {
    bot: i64,
    generation: i64,
    url: String,
    secret: Option<Secret>,
    update: Update,
    attempt: u32,
}

/// What became of it.
enum Fate {
    /// A 2xx, with content type and body.
    Taken(String, Bytes),
    /// Anything else: the message for getWebhookInfo, the status, and the server's Retry-After.
    Failed { message: String, status: Option<u16>, retry_after: Option<i64> },
}

/// Delivers updates until the sandbox stops.
pub async fn run(app: Arc<App>) {
    let mut seen = app.stirred.subscribe();
    while !app.is_stopping() {
        seen.borrow_and_update();
        let (jobs, next) = app.with(ready);
        for job in jobs {
            let app = Arc::clone(&app);
            tokio::spawn(async move { deliver(&app, job).await });
        }
        app.change_or(&mut seen, next).await;
    }
}

/// Marks what can go now as busy; the second value is when to look again.
fn ready(world: &mut World, now: Millis) -> (Vec<Job>, Millis) {
    let mut jobs = Vec::new();
    let mut next = now + IDLE;
    for bot in world.bots.values_mut() {
        let Some(webhook) = &mut bot.webhook else { continue };
        bot.queue.expire(now);
        let mut busy = webhook.lanes.values().filter(|lane| lane.busy).count();
        let most = usize::try_from(webhook.max_connections).unwrap_or(1);
        let mut heads = HashSet::new();
        for update in &bot.queue.pending {
            if busy >= most {
                break;
            }
            if !heads.insert(update.queue.as_str()) {
                continue;
            }
            let lane = webhook.lanes.entry(update.queue.clone()).or_default();
            if lane.busy {
                continue;
            }
            if lane.not_before > now {
                next = next.min(lane.not_before);
                continue;
            }
            lane.busy = true;
            busy += 1;
            jobs.push(Job {
                bot: bot.id,
                generation: webhook.generation,
                url: webhook.url.clone(),
                secret: webhook.secret.clone(),
                update: update.clone(),
                attempt: lane.failures + 1,
            });
        }
    }
    (jobs, next)
}

async fn deliver(app: &App, job: Job) {
    let started = app.clock.now();
    let fate = send(app, &job).await;
    let mut line = json!({
        "kind": "push", "at": started, "bot": job.bot, "update_id": job.update.id,
        "attempt": job.attempt, "answer_at": app.clock.now(),
    });
    match &fate {
        Fate::Taken(..) => line["decision"] = "accepted".into(),
        Fate::Failed { message, status, .. } => {
            line["decision"] = "refused".into();
            line["description"] = message.as_str().into();
            if let Some(status) = status {
                line["status"] = (*status).into();
            }
        }
    }
    app.with(|world, now| {
        settle(world, &job, &fate, now);
        app.journal.write(line);
    });
    if let Fate::Taken(kind, body) = fate {
        answer_method(app, &job, &kind, &body).await;
    }
}

async fn send(app: &App, job: &Job) -> Fate {
    let mut request = app.http.post(&job.url).timeout(PATIENCE).json(&job.update.body);
    if let Some(secret) = &job.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", &secret.0);
    }
    let failed = |message: String| Fate::Failed { message, status: None, retry_after: None };
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) if error.is_timeout() => return failed("Read timeout expired".to_owned()),
        Err(error) if error.is_connect() => return failed("Connection refused".to_owned()),
        Err(_) => return failed("Webhook connection closed".to_owned()),
    };
    let status = answer.status();
    let header = |name: &str| {
        let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    if !status.is_success() {
        let reason = status.canonical_reason().unwrap_or_default();
        let message = format!("Wrong response from the webhook: {} {reason}", status.as_u16());
        let retry_after = header("retry-after").trim().parse().ok();
        return Fate::Failed { message, status: Some(status.as_u16()), retry_after };
    }
    let kind = header("content-type");
    match answer.bytes().await {
        Ok(body) => Fate::Taken(kind, body),
        Err(_) => failed("Webhook connection closed".to_owned()),
    }
}

/// Puts the result of a delivery into the world.
fn settle(world: &mut World, job: &Job, fate: &Fate, now: Millis) {
    world.touch();
    let Some(bot) = world.bots.get_mut(&job.bot) else { return };
    let current = bot.webhook.as_mut().filter(|webhook| webhook.generation == job.generation);
    let Some(webhook) = current else { return };
    match fate {
        Fate::Taken(..) => {
            bot.queue.pending.retain(|update| update.id != job.update.id);
            webhook.lanes.remove(&job.update.queue);
            webhook.gone_since = None;
        }
        Fate::Failed { message, status, retry_after } => {
            let lane = webhook.lanes.entry(job.update.queue.clone()).or_default();
            lane.busy = false;
            lane.failures += 1;
            let delay = retry_after.map_or_else(
                || delay_after(lane.failures, job.update.id),
                |seconds| seconds.clamp(0, 3_600) * 1_000,
            );
            lane.not_before = now + delay;
            webhook.last_error = Some((now / 1_000, message.clone()));
            if lane.not_before > job.update.expires {
                bot.queue.pending.retain(|update| update.id != job.update.id);
                webhook.lanes.remove(&job.update.queue);
            }
            if *status == Some(410) {
                let since = *webhook.gone_since.get_or_insert(now);
                if now - since >= GONE {
                    bot.webhook = None;
                }
            } else {
                webhook.gone_since = None;
            }
        }
    }
}

/// Milliseconds before the next try after so many failures.
fn delay_after(failures: u32, update: i64) -> Millis {
    match failures {
        0 | 1 => 0,
        2..=6 => 1_000 << (failures - 1),
        _ => 60_000 + (update.rem_euclid(61)) * 1_000,
    }
}

/// Carries out a method that came in the answer of a webhook; nobody sees its result.
async fn answer_method(app: &App, job: &Job, kind: &str, body: &[u8]) {
    let Ok(mut params) = Params::from_body(kind, body) else { return };
    let Some(Value::String(method)) = params.take("method") else { return };
    let name = method.to_ascii_lowercase();
    let visit = Visit { bot: job.bot, method, arrived: app.clock.now(), via: "webhook" };
    let refused = ["setwebhook", "deletewebhook", "close", "logout"].contains(&name.as_str());
    if refused || name.starts_with("get") {
        let outcome = Err(Refusal::bad("the method can't be used in the answer of a webhook"));
        app.journal.write_text(record(app, &visit, &params.record(), &outcome, None));
        return;
    }
    if let Err(refusal) = perform(app, &visit, params, None).await {
        tracing::debug!(refusal = refusal.description, "a method in a webhook answer failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_retry_comes_at_once_and_then_the_pauses_double() {
        let pauses: Vec<Millis> = (1..=6).map(|failures| delay_after(failures, 5)).collect();
        assert_eq!(pauses, [0, 2_000, 4_000, 8_000, 16_000, 32_000]);
        assert!((60_000..=120_000).contains(&delay_after(7, 123)));
    }
}
