//! The webhook: what only Telegram and we know, and keeping Telegram's setting as it should be.
//!
//! ```text
//! getWebhookInfo ──► as wanted ──► nothing        (looked at again every five minutes)
//!        └──► another address, kinds or width, or Telegram was answered 401 ──► setWebhook
//! ```
//!
//! Waiting updates are never dropped. Telegram does not tell which secret it holds; a changed one shows by our
//! own 401 in its last error.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::back_off::BackOff;
use crate::shutdown::{Shutdown, Stage};
use crate::telegram::{Messenger, SendError, WebhookInfo, WebhookSetting};

/// Kinds of update that we want. Sent with every setting: an omitted list would leave a former one in force.
pub const ALLOWED_UPDATES: &[&str] = &["message", "callback_query", "my_chat_member"];

/// How often the setting is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(300);

/// What a call must know to be Telegram's.
pub struct HookKeys {
    path: String,
    secret: SecretString,
}

impl std::fmt::Debug for HookKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HookKeys(..)")
    }
}

impl HookKeys {
    /// The keys of a bot. Path and secret are digests of the token, so the token itself is in no address and
    /// no log. A configured secret is used as it is if Telegram allows it (1–256 of `A-Za-z0-9_-`), else its
    /// digest.
    pub fn derive(token: &SecretString, secret: Option<&SecretString>) -> Self {
        let token = token.expose_secret();
        let path = hex_digest("magpie webhook path 1", token)[..32].to_owned();
        let secret = match secret.map(ExposeSecret::expose_secret) {
            None | Some("") => hex_digest("magpie webhook secret 1", token),
            Some(secret) if is_legal(secret) => secret.to_owned(),
            Some(secret) => hex_digest("magpie webhook secret 1", secret),
        };
        Self { path, secret: secret.into() }
    }

    /// The path below the public address.
    pub fn path(&self) -> String {
        format!("/telegram/{}", self.path)
    }

    /// The secret, as Telegram is told it.
    pub fn secret(&self) -> &str {
        self.secret.expose_secret()
    }

    /// Whether the last part of a path is ours; takes the same time for every guess of it.
    pub fn is_path(&self, hash: &str) -> bool {
        same(hash.as_bytes(), self.path.as_bytes()).into()
    }

    /// Whether there is a secret and every copy of it is ours; takes the same time for every guess.
    pub fn are_secrets<'a>(&self, copies: impl Iterator<Item = &'a [u8]>) -> bool {
        let secret = self.secret().as_bytes();
        let (count, all) = copies.fold((0u32, Choice::from(1)), |(count, all), copy| {
            (count + 1, all & same(copy, secret))
        });
        count > 0 && all.into()
    }
}

/// Compares digests, so that neither content nor length shows in the time it takes.
fn same(a: &[u8], b: &[u8]) -> Choice {
    Sha256::digest(a).as_slice().ct_eq(Sha256::digest(b).as_slice())
}

fn hex_digest(domain: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(domain.as_bytes());
    hash.update([0]);
    hash.update(text.as_bytes());
    hex::encode(hash.finalize())
}

fn is_legal(secret: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=256).contains(&secret.len()) && secret.bytes().all(legal)
}

/// The setting we want for the public address `base`.
pub fn setting(base: &str, keys: &HookKeys, max_connections: u32) -> WebhookSetting {
    WebhookSetting {
        url: format!("{}{}", base.trim_end_matches('/'), keys.path()),
        secret: keys.secret().to_owned(),
        max_connections: max_connections.clamp(1, 100),
        allowed_updates: ALLOWED_UPDATES.iter().map(|kind| (*kind).to_owned()).collect(),
    }
}

/// Sets the webhook if it is not as wanted; says whether it had to.
pub async fn reconcile(
    messenger: &dyn Messenger,
    wanted: &WebhookSetting,
) -> Result<bool, SendError> {
    let info = messenger.webhook_info().await?;
    let reasons = differences(&info, wanted);
    if reasons.is_empty() {
        return Ok(false);
    }
    messenger.set_webhook(wanted).await?;
    tracing::info!(reasons = reasons.join(", "), "the webhook is set");
    Ok(true)
}

/// How Telegram's setting differs from the wanted one, in words for operators.
pub fn differences(info: &WebhookInfo, wanted: &WebhookSetting) -> Vec<&'static str> {
    let sorted = |kinds: &[String]| {
        let mut kinds = kinds.to_vec();
        kinds.sort();
        kinds
    };
    let mut reasons = Vec::new();
    if info.url != wanted.url {
        reasons.push("another address");
    }
    if sorted(&info.allowed_updates) != sorted(&wanted.allowed_updates) {
        reasons.push("other kinds of update");
    }
    // Telegram leaves the number out where it is its default.
    if info.max_connections.unwrap_or(40) != i64::from(wanted.max_connections) {
        reasons.push("another number of connections");
    }
    if info.last_error_message.as_deref().is_some_and(|message| message.contains("401")) {
        reasons.push("our secret was missing");
    }
    reasons
}

/// Keeps the webhook as wanted until the shutdown is quiet.
pub async fn keep(messenger: &dyn Messenger, wanted: &WebhookSetting, shutdown: &Shutdown) {
    let mut back_off = BackOff::default();
    while shutdown.is_running() {
        let pause = match reconcile(messenger, wanted).await {
            Ok(_) => {
                back_off = BackOff::default();
                LOOK_EVERY
            }
            Err(error) => {
                let pause = back_off.after(&error);
                tracing::warn!(%error, ?pause, "the webhook could not be set");
                pause
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.reached(Stage::Quiet) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "123456:canary-of-the-token";

    fn keys(secret: Option<&str>) -> HookKeys {
        HookKeys::derive(&TOKEN.into(), secret.map(SecretString::from).as_ref())
    }

    #[test]
    fn keys_are_legal_and_show_nothing_of_the_token() {
        for secret in [None, Some("mine_-1"), Some("not legal!"), Some("")] {
            let keys = keys(secret);
            assert!(is_legal(keys.secret()), "{secret:?}");
            let shown = format!("{keys:?} {} {}", keys.path(), keys.secret());
            assert!(!shown.contains("canary") && !shown.contains("123456"), "{shown}");
        }
        assert_eq!(keys(Some("mine_-1")).secret(), "mine_-1");
        assert_ne!(keys(None).path(), HookKeys::derive(&"1:other".into(), None).path());
    }

    #[test]
    fn every_copy_of_the_secret_must_be_ours() {
        let keys = keys(Some("right"));
        let check = |copies: &[&str]| keys.are_secrets(copies.iter().map(|copy| copy.as_bytes()));
        assert!(check(&["right"]) && check(&["right", "right"]));
        for copies in [&[][..], &[""], &["wrong"], &["right", "wrong"], &["wrong", "right"]] {
            assert!(!check(copies), "{copies:?}");
        }
    }

    #[test]
    fn a_webhook_as_wanted_is_left_alone() {
        let wanted = setting("https://example.com/", &keys(None), 40);
        assert!(wanted.url.starts_with("https://example.com/telegram/"));
        let mut info = WebhookInfo {
            url: wanted.url.clone(),
            allowed_updates: wanted.allowed_updates.iter().rev().cloned().collect(),
            ..WebhookInfo::default()
        };
        assert_eq!(differences(&info, &wanted), [""; 0]);
        info.last_error_message =
            Some("Wrong response from the webhook: 401 Unauthorized".to_owned());
        assert_eq!(differences(&info, &wanted), ["our secret was missing"]);
        assert_eq!(differences(&WebhookInfo::default(), &wanted).len(), 2);
    }
}
