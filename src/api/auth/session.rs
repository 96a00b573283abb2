//! A session: 15 minutes in the name of one person, as a token that only we can make.
//!
//! ```text
//! 42.1790000900.uk.<HMAC-SHA-256 of what stands before the last dot, hex>
//! user  ends    language
//! ```
//!
//! It is no JWT: nothing in it says how it is to be checked, so nothing in it can be played with. It is sent as a bearer
//! in a header and never as a cookie, so no other page can make a browser send it.

use chrono::{DateTime, TimeDelta, Utc};
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::init_data::InitData;
use crate::domain::{Language, UserId};

/// How long a session lives.
pub const LIFE: TimeDelta = TimeDelta::minutes(15);

/// Longest token that is looked at, bytes.
const LONGEST: usize = 160;

/// The person of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub user: UserId,
    /// Language for somebody whom the record does not know yet.
    pub language: Language,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// The key of the sessions of one bot.
#[derive(Clone)]
pub struct SessionKey(hmac::Key);

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

impl SessionKey {
    /// The key made of the configured secret, or of the token if there is none. Processes with the same
    /// configuration know each other's sessions.
    pub fn derive(token: &SecretString, secret: Option<&SecretString>) -> Self {
        let (domain, secret) = match secret.map(ExposeSecret::expose_secret) {
            None | Some("") => ("magpie session of token 1", token.expose_secret()),
            Some(secret) => ("magpie session of secret 1", secret),
        };
        let mut hash = Sha256::new();
        hash.update(domain.as_bytes());
        hash.update([0]);
        hash.update(secret.as_bytes());
        Self(hmac::Key::new(hmac::HMAC_SHA256, &hash.finalize()))
    }

    /// Begins a session for who opened the app.
    pub fn begin(&self, opened: &InitData, now: DateTime<Utc>) -> (String, Session) {
        let language = Language::from_tag(opened.language.as_deref().unwrap_or(""));
        let session = Session { user: opened.user, language, until: now + LIFE };
        let words = format!("{}.{}.{}", session.user, session.until.timestamp(), language.code());
        let tag = hex::encode(hmac::sign(&self.0, words.as_bytes()));
        (format!("{words}.{tag}"), session)
    }

    /// The session of a token; `None` when it is not ours or over at `now`.
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Option<Session> {
        let (words, tag) = token.rsplit_once('.').filter(|_| token.len() <= LONGEST)?;
        // One spelling only: upper-case digits would be another text for the same session.
        let tag = hex::decode(tag).ok().filter(|bytes| hex::encode(bytes) == tag)?;
        hmac::verify(&self.0, words.as_bytes(), &tag).ok()?;
        let mut parts = words.split('.');
        let user = UserId(parts.next()?.parse().ok()?);
        let until = DateTime::from_timestamp(parts.next()?.parse().ok()?, 0)?;
        let language = Language::from_tag(parts.next()?);
        (until > now).then_some(Session { user, language, until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).expect("a date")
    }

    fn anna() -> InitData {
        InitData { user: UserId(42), language: Some("uk-UA".into()), auth_date: now() }
    }

    fn key() -> SessionKey {
        SessionKey::derive(&"1:token".into(), None)
    }

    #[test]
    fn a_session_names_its_person_until_it_ends() {
        let (token, session) = key().begin(&anna(), now());
        assert_eq!(key().read(&token, now()), Some(session));
        assert_eq!((session.user, session.language), (UserId(42), Language::Uk));
        let last = now() + LIFE;
        assert!(key().read(&token, last - TimeDelta::seconds(1)).is_some());
        assert_eq!(key().read(&token, last), None);
    }

    #[test]
    fn only_untouched_tokens_pass() {
        let (token, _) = key().begin(&anna(), now());
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok(touched) = String::from_utf8(bytes) else { continue };
            assert_eq!(key().read(&touched, now()), None, "{touched}");
        }
        for cut in 0..token.len() {
            assert_eq!(key().read(&token[..cut], now()), None);
        }
        let upper = token.to_uppercase();
        for other in [format!("{token}0"), format!(" {token}"), upper, "a".repeat(9_999)] {
            assert_eq!(key().read(&other, now()), None, "{other:.40}");
        }
    }

    #[test]
    fn another_secret_knows_other_sessions() {
        let (token, _) = key().begin(&anna(), now());
        let configured = SessionKey::derive(&"1:token".into(), Some(&"secret".into()));
        let other_bot = SessionKey::derive(&"2:token".into(), None);
        assert_eq!(configured.read(&token, now()), None);
        assert_eq!(other_bot.read(&token, now()), None);
        let empty = SessionKey::derive(&"1:token".into(), Some(&"".into()));
        assert!(empty.read(&token, now()).is_some(), "an empty secret is none");
    }
}
