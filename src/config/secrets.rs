//! Whether tokens and secrets can be what they claim to be.

use secrecy::{ExposeSecret, SecretString};

use super::reader::Reader;
use super::sections::Config;

pub(super) fn check_secrets(reader: &Reader<'_>, config: &Config) {
    let scheme = |secret: &SecretString| {
        secret.expose_secret().split_once(':').map_or("", |(scheme, _)| scheme).to_owned()
    };
    if config.telegram.token.as_ref().is_some_and(|token| !is_token(token.expose_secret())) {
        reader.refuse(
            "telegram.token",
            "a bot token",
            "copy it again from BotFather: digits, a colon, then letters, digits, _ and -",
        );
    }
    if config.bot.webhook_secret.as_ref().is_some_and(|s| !is_webhook_secret(s.expose_secret())) {
        reader.refuse(
            "bot.webhook_secret",
            "1 to 256 of A-Z a-z 0-9 _ -, or several such with commas between",
            "leave it out: a legal one is derived from the token",
        );
    }
    if scheme(&config.database.url) != "sqlite" {
        reader.refuse(
            "database.url",
            "a sqlite:// address",
            "write sqlite:///path/to/magpie.db, or leave it out",
        );
    }
    let redis_schemes = ["redis", "rediss", "unix", "redis+unix"];
    if config.redis.url.as_ref().is_some_and(|url| !redis_schemes.contains(&scheme(url).as_str())) {
        reader.refuse(
            "redis.url",
            "a redis://, rediss:// or unix:// address",
            "write it like redis://127.0.0.1:6379/0, or leave it out",
        );
    }
    let cdp_schemes = ["ws", "http"];
    if config
        .browser
        .cdp_url
        .as_ref()
        .is_some_and(|url| !cdp_schemes.contains(&scheme(url).as_str()))
    {
        reader.refuse(
            "browser.cdp_url",
            "a ws:// or http:// address (without TLS: the browser is a neighbour)",
            "write it like ws://127.0.0.1:9222/devtools/browser/…",
        );
    }
}

fn is_token(text: &str) -> bool {
    text.split_once(':').is_some_and(|(id, secret)| {
        !id.is_empty()
            && id.bytes().all(|b| b.is_ascii_digit())
            && !secret.is_empty()
            && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    })
}

fn is_webhook_secret(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    let fits = |one: &str| (1..=256).contains(&one.len()) && one.bytes().all(legal);
    text.split(',').map(str::trim).all(fits)
}
