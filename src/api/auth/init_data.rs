//! What Telegram hands to the Mini App when it opens it, and how we know that it is Telegram's
//! (core.telegram.org/bots/webapps, "Validating data received via the Mini App").
//!
//! ```text
//! pairs of the query string, values decoded, all but `hash`, sorted ─► "key=value" joined by line feeds
//! secret = HMAC-SHA-256(key "WebAppData", bot token)
//! hash   = HMAC-SHA-256(key secret, those lines)
//! ```
//!
//! `signature` is one of the lines. Which other pairs there are depends on the app and on the way of opening, so none
//! is demanded but `auth_date` and `user`; the values are compared as they came and never written anew.

use chrono::{DateTime, TimeDelta, Utc};
use ring::hmac;
use serde::Deserialize;

use crate::domain::UserId;

/// How long it may be used to begin a session.
pub const LIFE: TimeDelta = TimeDelta::hours(1);
/// How far Telegram's clock may be ahead of ours.
const LEEWAY: TimeDelta = TimeDelta::minutes(1);
/// Longest text that is looked at, bytes.
const LONGEST: usize = 16 * 1024;
/// A clock before this moment (2020-01-01) was never set: nothing old could be told from what is fresh.
const CLOCK_IS_SET: i64 = 1_577_836_800;

/// Why init data is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InitDataError {
    /// It is no query string with the pairs that are needed, each once.
    #[error("the init data is not in the form that Telegram gives it")]
    BadForm,
    /// The hash is not that of our token.
    #[error("the init data was not signed for this bot")]
    Forged,
    /// Older than [`LIFE`].
    #[error("the init data is too old; open the app again")]
    Old,
    /// From the future.
    #[error("the init data is dated in the future")]
    Future,
    /// It names no person.
    #[error("the init data names no user")]
    NoUser,
    /// Our own clock was never set.
    #[error("the clock of this machine is not set")]
    Clock,
}

/// Who opened the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitData {
    /// Who.
    pub user: UserId,
    /// Language of their app (IETF tag), if it says.
    pub language: Option<String>,
    /// When Telegram signed it.
    pub auth_date: DateTime<Utc>,
}

/// The key that init data of one bot is signed with.
#[derive(Clone)]
pub struct InitDataKey(hmac::Key);

impl std::fmt::Debug for InitDataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InitDataKey(..)")
    }
}

#[derive(Deserialize)]
struct Person {
    id: i64,
    #[serde(default)]
    language_code: Option<String>,
}

impl InitDataKey {
    /// The key of the bot with this token.
    pub fn of_token(token: &str) -> Self {
        let constant = hmac::Key::new(hmac::HMAC_SHA256, b"WebAppData");
        Self::of_secret(hmac::sign(&constant, token.as_bytes()).as_ref())
    }

    fn of_secret(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// Checks init data at `now`. The signature is compared first and in constant time: of what is not signed
    /// nothing is told.
    pub fn check(&self, init_data: &str, now: DateTime<Utc>) -> Result<InitData, InitDataError> {
        if now.timestamp() < CLOCK_IS_SET {
            return Err(InitDataError::Clock);
        }
        if init_data.len() > LONGEST {
            return Err(InitDataError::BadForm);
        }
        let mut pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(init_data.as_bytes()).into_owned().collect();
        pairs.sort();
        if pairs.windows(2).any(|two| two[0].0 == two[1].0) {
            return Err(InitDataError::BadForm);
        }
        let of = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let hash = of("hash").and_then(|hash| hex::decode(hash).ok());
        let hash = hash.ok_or(InitDataError::BadForm)?;
        let signed = pairs.iter().filter(|(key, _)| key != "hash");
        let lines: Vec<String> = signed.map(|(key, value)| format!("{key}={value}")).collect();
        hmac::verify(&self.0, lines.join("\n").as_bytes(), &hash)
            .map_err(|_| InitDataError::Forged)?;
        let seconds: Option<i64> = of("auth_date").and_then(|date| date.parse().ok());
        let auth_date = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let auth_date = auth_date.ok_or(InitDataError::BadForm)?;
        if auth_date > now + LEEWAY {
            return Err(InitDataError::Future);
        }
        if auth_date < now - LIFE {
            return Err(InitDataError::Old);
        }
        let user = of("user").ok_or(InitDataError::NoUser)?;
        let person: Person = serde_json::from_str(user).map_err(|_| InitDataError::NoUser)?;
        if person.id <= 0 {
            return Err(InitDataError::NoUser);
        }
        Ok(InitData { user: UserId(person.id), language: person.language_code, auth_date })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "123456789:TEST-ONLY-not-a-real-token";
    const LINES: &str = "auth_date=1790000000&chat_instance=-123&chat_type=private&signature=c2lnbmF0dXJl\
        &user=%7B%22id%22%3A42%2C%22first_name%22%3A%22Anna%20%26%20Co%22%2C%22username%22%3A%22anna_test%22%2C\
        %22language_code%22%3A%22en%22%7D";
    const HASH: &str = "96c1c4fb34ec3c4390571c6d2fd567a28eb5b9ecd5bbb87768757b8c45099129";
    /// Made by Telegram itself; published in the tests of Telegram-Mini-Apps/tma.js.
    const GENUINE: &str = "user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F\
        %22%2C%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C\
        %22is_premium%22%3Atrue%2C%22allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https%3A%5C%2F%5C%2Ft.me\
        %5C%2Fi%5C%2Fuserpic%5C%2F320%5C%2F4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoLDRG4PnSA.svg%22%7D\
        &chat_instance=8134722200314281151&chat_type=private&auth_date=1733584787\
        &signature=zL-ucjNyREiHDE8aihFwpfR9aggP2xiAo3NSpfe-p7IbCisNlDKlo7Kb6G4D0Ao2mBrSgEk4maLSdv6MLIlADQ\
        &hash=2174df5b000556d044f3f020384e879c8efcab55ddea2ced4eb752e93e7080d6";
    const GENUINE_SECRET: &str = "c0881d6d547967540dcb06d7378a2c2b2c79a8f915ae70a4a37a8a04de0da32b";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("a date")
    }

    fn check(init_data: &str, now: i64) -> Result<InitData, InitDataError> {
        InitDataKey::of_token(TOKEN).check(init_data, at(now))
    }

    /// The same pairs with a good hash: what differs is judged by itself.
    fn signed(pairs: &str) -> String {
        let mut all: Vec<String> = url::form_urlencoded::parse(pairs.as_bytes())
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        all.sort();
        let key = InitDataKey::of_token(TOKEN);
        let hash = hex::encode(hmac::sign(&key.0, all.join("\n").as_bytes()));
        format!("{pairs}&hash={hash}")
    }

    #[test]
    fn what_telegram_signed_is_taken() {
        let good = check(&format!("{LINES}&hash={HASH}"), 1_790_000_010).expect("good");
        assert_eq!((good.user, good.language.as_deref()), (UserId(42), Some("en")));
        let constant = hmac::Key::new(hmac::HMAC_SHA256, b"WebAppData");
        assert_eq!(
            hex::encode(hmac::sign(&constant, TOKEN.as_bytes())),
            "504a5f134e6f66410f702112babf05094d17f4e05b31cd493cfbe582ac604424"
        );
        let key = InitDataKey::of_secret(&hex::decode(GENUINE_SECRET).expect("hex"));
        let genuine = key.check(GENUINE, at(1_733_584_790)).expect("genuine");
        assert_eq!((genuine.user, genuine.language.as_deref()), (UserId(279_058_397), Some("ru")));
    }

    #[test]
    fn what_was_signed_otherwise_or_touched_is_forged() {
        let without_signature = "235c5d9c7805c8491c3826b03c4c6d04198b7b957739dc716ff9439d9bc9a6be";
        let key_and_message_swapped =
            "0a511344c5064fb0cad0714277dbfbb589ecf4636daa8f49011c055e01996c96";
        let now = 1_790_000_010;
        for hash in [without_signature, key_and_message_swapped, &HASH.replace('9', "8"), "00"] {
            let data = format!("{LINES}&hash={hash}");
            assert_eq!(check(&data, now), Err(InitDataError::Forged), "{hash}");
        }
        let dropped = LINES.replace("&signature=c2lnbmF0dXJl", "");
        let other = LINES.replace("%3A42", "%3A43");
        let added = format!("{LINES}&receiver=x");
        for lines in [dropped, other, added] {
            let data = format!("{lines}&hash={HASH}");
            assert_eq!(check(&data, now), Err(InitDataError::Forged), "{data}");
        }
        let other_bot = InitDataKey::of_token("987654321:TEST-ONLY-not-a-real-token");
        let data = format!("{LINES}&hash={HASH}");
        assert_eq!(other_bot.check(&data, at(now)), Err(InitDataError::Forged));
    }

    #[test]
    fn it_holds_for_an_hour_and_not_before_its_time() {
        let data = format!("{LINES}&hash={HASH}");
        let signed_at = 1_790_000_000;
        assert!(check(&data, signed_at + 3_600).is_ok());
        assert_eq!(check(&data, signed_at + 3_601), Err(InitDataError::Old));
        assert!(check(&data, signed_at - 60).is_ok(), "clocks differ by a little");
        assert_eq!(check(&data, signed_at - 61), Err(InitDataError::Future));
        assert_eq!(check(&data, 0), Err(InitDataError::Clock), "a clock that was never set");
        let of_1970 = signed("auth_date=0&user=%7B%22id%22%3A42%7D");
        assert_eq!(check(&of_1970, 10), Err(InitDataError::Clock));
    }

    #[test]
    fn it_names_one_person_and_every_pair_once() {
        let now = 1_790_000_000;
        let date = "auth_date=1790000000";
        for user in ["", "&user=", "&user=%7B%7D", "&user=%7B%22id%22%3A0%7D", "&user=42"] {
            let data = signed(&format!("{date}{user}"));
            assert_eq!(check(&data, now), Err(InitDataError::NoUser), "{user}");
        }
        let twice = format!("{LINES}&user=%7B%22id%22%3A1%7D&hash={HASH}");
        assert_eq!(check(&twice, now), Err(InitDataError::BadForm));
        assert_eq!(check("hash", now), Err(InitDataError::Forged), "an empty signature");
        let no_date = signed("user=%7B%22id%22%3A42%7D");
        assert_eq!(check(&no_date, now), Err(InitDataError::BadForm));
        for nonsense in ["", "hash=zz", "%ff%fe", &"a=b&".repeat(9_000)] {
            assert_eq!(check(nonsense, now), Err(InitDataError::BadForm), "{nonsense:.20}");
        }
    }
}
