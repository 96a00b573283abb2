//! The webhook: what only Telegram and we know, and keeping Telegram's setting as it should be.
//!
//! ```text
//! getWebhookInfo ──► as wanted ──► nothing                         (looked at again every minute)
//!        └──► another address, kinds, width or secret, or Telegram was answered 401 ──► setWebhook
//! ```
//!
//! Waiting updates are never dropped. Telegram does not tell which secret it holds, so the record keeps a digest of the
//! last one that was set. A secret is changed by naming the new one before the old one: the first is set, both are
//! accepted, and calls that are under way with the old one lose nothing.
//!
//! The same look tells how many updates wait at Telegram and what it last complained of; both are worth a line in the
//! log once.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::back_off::BackOff;
use super::counters;
use crate::shutdown::{Shutdown, Stage};
use crate::store::Db;
use crate::telegram::{Messenger, SendError, WebhookInfo, WebhookSetting};

/// Kinds of update that we want. Sent with every setting: an omitted list would leave a former one in force.
///
/// Left out on purpose: `chat_member` (others who come and go in a group change nothing for us, and in a large one they
/// are most of the traffic), `message_reaction` (nothing is decided by one), channel posts, inline queries and all of
/// business accounts. `subscription` is taken although only payments will use it, since what is not asked for is lost.
pub const ALLOWED_UPDATES: &[&str] = &[
    "message",
    "edited_message",
    "callback_query",
    "pre_checkout_query",
    "my_chat_member",
    "subscription",
];

/// How often the setting is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// What a call must know to be Telegram's.
pub struct HookKeys {
    path: String,
    /// The first is Telegram's from now on; the others were, or will be.
    secrets: Vec<SecretString>,
    /// Of the first secret, by the token: says nothing to whom the record falls into hands.
    digest: String,
}

impl std::fmt::Debug for HookKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HookKeys(..)")
    }
}

impl HookKeys {
    /// The keys of a bot. Path and secret are digests of the token, so the token itself is in no address and
    /// no log. A configured secret is used as it is if Telegram allows it (1–256 of `A-Za-z0-9_-`), else its
    /// digest; several are separated by commas.
    pub fn derive(token: &SecretString, secret: Option<&SecretString>) -> Self {
        let token = token.expose_secret();
        let path = hex_digest("magpie webhook path 1", token)[..32].to_owned();
        let named = secret.map_or("", ExposeSecret::expose_secret).split(',').map(str::trim);
        let mut secrets: Vec<String> = named
            .filter(|secret| !secret.is_empty())
            .map(|secret| match is_legal(secret) {
                true => secret.to_owned(),
                false => hex_digest("magpie webhook secret 1", secret),
            })
            .collect();
        if secrets.is_empty() {
            secrets.push(hex_digest("magpie webhook secret 1", token));
        }
        let digest = hex_digest("magpie webhook digest 1", &format!("{token}\0{}", secrets[0]));
        Self { path, secrets: secrets.into_iter().map(SecretString::from).collect(), digest }
    }

    /// The path below the public address.
    pub fn path(&self) -> String {
        format!("/telegram/{}", self.path)
    }

    /// The secret, as Telegram is told it.
    pub fn secret(&self) -> &str {
        self.secrets.first().map_or("", ExposeSecret::expose_secret)
    }

    /// What the record keeps of the secret, see [`crate::store::QuotaRecord::webhook_digest`].
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether the last part of a path is ours; takes the same time for every guess of it.
    pub fn is_path(&self, hash: &str) -> bool {
        same(hash.as_bytes(), self.path.as_bytes()).into()
    }

    /// Whether there is a secret and every copy of it is ours; takes the same time for every guess.
    pub fn are_secrets<'a>(&self, copies: impl Iterator<Item = &'a [u8]>) -> bool {
        let is_ours = |copy: &[u8]| {
            let compare = |secret: &SecretString| same(copy, secret.expose_secret().as_bytes());
            self.secrets.iter().map(compare).fold(Choice::from(0), |any, one| any | one)
        };
        let (count, all) = copies
            .fold((0u32, Choice::from(1)), |(count, all), copy| (count + 1, all & is_ours(copy)));
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

/// The setting of one bot, and what has been seen of it.
pub struct Keeper<'a> {
    /// Telegram.
    pub messenger: &'a dyn Messenger,
    /// The record.
    pub db: &'a dyn Db,
    /// Id of the bot.
    pub bot: i64,
    /// What we want.
    pub wanted: WebhookSetting,
    /// Digest of its secret.
    pub digest: String,
    /// Updates waiting at Telegram above which the log warns; 0: never.
    pub pending_warning: i64,
    seen: Seen,
}

/// What was in the log already.
#[derive(Debug, Default)]
struct Seen {
    error: Option<(Option<i64>, String)>,
    crowded: bool,
    /// Date of the last refusal of a call without our secret that was answered by setting it.
    mended: Option<i64>,
}

impl<'a> Keeper<'a> {
    /// A keeper that has seen nothing yet.
    pub fn new(
        messenger: &'a dyn Messenger,
        db: &'a dyn Db,
        bot: i64,
        wanted: WebhookSetting,
        keys: &HookKeys,
        pending_warning: i64,
    ) -> Self {
        let (digest, seen) = (keys.digest().to_owned(), Seen::default());
        Self { messenger, db, bot, wanted, digest, pending_warning, seen }
    }

    /// Sets the webhook if it is not as wanted; says whether it had to.
    ///
    /// # Errors
    /// What Telegram answered. A record that does not answer only leaves the secret unjudged.
    pub async fn reconcile(&mut self) -> Result<bool, SendError> {
        let info = self.messenger.webhook_info().await?;
        self.watch(&info);
        let mut reasons = differences(&info, &self.wanted);
        let known = self.db.webhook_digest(self.bot).await;
        if matches!(&known, Ok(known) if known.as_deref() != Some(&*self.digest)) {
            reasons.push("another secret");
        }
        // The complaint stays there after it was mended.
        if is_without_secret(&info) && self.seen.mended != info.last_error_date {
            self.seen.mended = info.last_error_date;
            reasons.push("our secret was missing");
        }
        if reasons.is_empty() {
            return Ok(false);
        }
        self.messenger.set_webhook(&self.wanted).await?;
        tracing::info!(reasons = reasons.join(", "), "the webhook is set");
        if let Err(error) = self.db.set_webhook_digest(self.bot, &self.digest).await {
            tracing::warn!(%error, "that the webhook is set was not noted; it will be set again");
        }
        Ok(true)
    }

    /// Tells operators what changed at Telegram's end.
    fn watch(&mut self, info: &WebhookInfo) {
        let pending = info.pending_update_count;
        counters::pending(pending);
        let crowded = self.pending_warning > 0 && pending > self.pending_warning;
        if crowded && !self.seen.crowded {
            let above = self.pending_warning;
            tracing::warn!(pending, above, "many updates wait at Telegram: are we too slow?");
        } else if !crowded && self.seen.crowded {
            tracing::info!(pending, "few updates wait at Telegram again");
        }
        self.seen.crowded = crowded;
        let error = info.last_error_message.clone().map(|text| (info.last_error_date, text));
        if let Some((at, text)) = error.as_ref().filter(|_| error != self.seen.error) {
            tracing::warn!(at, error = text, "Telegram could not deliver an update to us");
        }
        self.seen.error = error;
    }

    /// Keeps the webhook as wanted until the shutdown is quiet.
    pub async fn keep(mut self, shutdown: &Shutdown) {
        let mut back_off = BackOff::default();
        while shutdown.is_running() {
            let pause = match self.reconcile().await {
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
}

/// Whether Telegram was answered 401 lately: it calls with a secret that is none of ours.
fn is_without_secret(info: &WebhookInfo) -> bool {
    info.last_error_message.as_deref().is_some_and(|message| message.contains("401"))
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
    reasons
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
    fn while_a_secret_is_changed_both_are_ours_and_the_new_one_is_set() {
        let both = keys(Some("new, old"));
        assert_eq!(both.secret(), "new");
        let check = |copies: &[&str]| both.are_secrets(copies.iter().map(|copy| copy.as_bytes()));
        assert!(check(&["new"]) && check(&["old"]));
        for copies in [&["older"][..], &["new", "wrong"], &["new, old"], &[""]] {
            assert!(!check(copies), "{copies:?}");
        }
        assert_ne!(both.digest(), keys(Some("old")).digest());
        assert_eq!(both.digest(), keys(Some("new")).digest());
        assert!(!both.digest().contains("new"));
        assert_eq!(keys(Some(" ,")).secret(), keys(None).secret());
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
        assert!(is_without_secret(&info));
        assert_eq!(differences(&WebhookInfo::default(), &wanted).len(), 2);
    }
}
