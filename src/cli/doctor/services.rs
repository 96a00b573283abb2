//! Checks of what we talk to: database, Redis, Telegram.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Finding, Kind, PATIENCE, Parts};
use crate::config::Config;
use crate::telegram::{Messenger, SendError};

pub(super) async fn database(parts: &Parts) -> Finding {
    let remedy =
        "look at DATABASE_URL and at the rights of its folder; another program may hold the file";
    let db = match &parts.db {
        Ok(db) => db,
        Err(why) => return Finding::fail("database", Kind::Service, why.clone(), remedy),
    };
    let begun = Instant::now();
    match tokio::time::timeout(PATIENCE, db.ping()).await {
        Ok(Ok(())) => {
            let millis = begun.elapsed().as_millis();
            let text = format!("a durable write takes {millis} ms");
            if millis > 200 {
                let remedy = "the disk is slow: put the data folder on a local disk";
                return Finding::warn("database", Kind::Service, text, remedy);
            }
            Finding::ok("database", Kind::Service, text)
        }
        Ok(Err(error)) => Finding::fail("database", Kind::Service, error.to_string(), remedy),
        Err(_) => Finding::fail("database", Kind::Service, "no answer within 15 s", remedy),
    }
}

/// Redis is never needed: a silent one is a warning.
pub(super) async fn seen(config: &Config, parts: &Parts) -> Finding {
    if config.redis.url.is_none() {
        return Finding::ok("redis", Kind::Service, "not configured; the database serves");
    }
    let remedy = "look at REDIS_URL, or leave it out: the database serves then";
    let begun = Instant::now();
    let answer = match &parts.seen {
        Ok(seen) => tokio::time::timeout(PATIENCE, seen.ping()).await,
        Err(why) => return Finding::warn("redis", Kind::Service, why.clone(), remedy),
    };
    match answer {
        Ok(Ok(())) => Finding::ok(
            "redis",
            Kind::Service,
            format!("answers in {} ms", begun.elapsed().as_millis()),
        ),
        Ok(Err(error)) => Finding::warn("redis", Kind::Service, error.to_string(), remedy),
        Err(_) => Finding::warn("redis", Kind::Service, "no answer within 15 s", remedy),
    }
}

pub(super) async fn telegram(
    config: &Config,
    messenger: Option<&dyn Messenger>,
    now: DateTime<Utc>,
) -> Vec<Finding> {
    let Some(messenger) = messenger else {
        let remedy = "set TELEGRAM_BOT_TOKEN to what @BotFather gave you";
        return vec![Finding::fail(
            "telegram",
            Kind::Configuration,
            "there is no bot token",
            remedy,
        )];
    };
    match messenger.get_me().await {
        Ok(bot) => {
            let text = format!("the token belongs to @{}", bot.username);
            vec![
                Finding::ok("telegram", Kind::Service, text),
                webhook(config, messenger, now).await,
            ]
        }
        Err(error @ SendError::Auth(_)) => {
            let remedy = "copy the token again from @BotFather";
            vec![Finding::fail("telegram", Kind::Configuration, error.to_string(), remedy)]
        }
        Err(error) => {
            let remedy = "look at the network of this machine and at TELEGRAM_API_URL";
            vec![Finding::fail("telegram", Kind::Service, error.to_string(), remedy)]
        }
    }
}

async fn webhook(config: &Config, messenger: &dyn Messenger, now: DateTime<Utc>) -> Finding {
    let info = match messenger.webhook_info().await {
        Ok(info) => info,
        Err(error) => {
            return Finding::warn("webhook", Kind::Service, error.to_string(), "try again later");
        }
    };
    let waiting = info.pending_update_count;
    let recent = info
        .last_error_date
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .is_some_and(|at| now - at < TimeDelta::hours(1));
    match (&config.bot.webhook_url, info.url.is_empty()) {
        (None, true) => {
            Finding::ok("webhook", Kind::Service, format!("long polling, {waiting} updates wait"))
        }
        (None, false) => Finding::warn(
            "webhook",
            Kind::Configuration,
            "a webhook is set, but WEBHOOK_URL is not: the bot will delete it and poll",
            "set WEBHOOK_URL if the webhook is meant",
        ),
        (Some(_), true) => {
            Finding::ok("webhook", Kind::Service, "none is set yet: the bot sets it when it starts")
        }
        (Some(ours), false) if !info.url.starts_with(ours.as_str()) => Finding::warn(
            "webhook",
            Kind::Configuration,
            "the webhook that is set leads to another address than WEBHOOK_URL",
            "is another installation using this token? The bot will set its own when it starts",
        ),
        (Some(_), false) => match info.last_error_message.filter(|_| recent) {
            Some(error) => Finding::warn(
                "webhook",
                Kind::Service,
                format!(
                    "Telegram could not deliver within the last hour: {error}; {waiting} updates wait"
                ),
                "look at the reverse proxy and its certificate",
            ),
            None => Finding::ok("webhook", Kind::Service, format!("set, {waiting} updates wait")),
        },
    }
}
