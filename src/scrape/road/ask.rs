//! Requests that a page made and that may be repeated without it.
//!
//! Only what asks and changes nothing, names nobody, and goes to the site itself. A value that is the time is
//! renewed, a random one is left out, and a request that changes in another way is not learned.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sites::endpoint::Lesson;
use url::Url;

/// JSON that a page fetched for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Address, after redirects.
    pub url: Url,
    /// HTTP method.
    pub method: String,
    /// Headers of the request without credentials; names in lower case.
    pub headers: Vec<(String, String)>,
    /// What was sent.
    pub sent: Option<String>,
    /// HTTP status.
    pub status: u16,
    /// The body, decoded.
    pub body: String,
}

/// A request and how its answer is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The request.
    pub ask: Ask,
    /// The page in whose place it stands; relative addresses begin there.
    pub page: Url,
    /// How the listings stand in the answer.
    pub lesson: Lesson,
    /// The next page, as the page itself named it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Url>,
}

/// A request to repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// `GET` or `POST`.
    pub method: String,
    /// The address as it was seen.
    pub url: Url,
    /// Headers to send.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Parameters of the address that differ each time.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fresh: BTreeMap<String, Fresh>,
}

/// What is done about a parameter that differs each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fresh {
    /// It is the time in seconds.
    Seconds,
    /// It is the time in milliseconds.
    Milliseconds,
    /// It is random and left out.
    Without,
}

/// What became of a known request on another visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renewed {
    /// The page makes it as before.
    Same,
    /// It makes it with other values, which are understood.
    Changed(Ask),
    /// It differs in a way that is not understood, or is not made any more.
    Lost(String),
}

/// Headers that are repeated; all others are left to the client.
const SENT: [&str; 4] = ["accept", "content-type", "x-requested-with", "accept-language"];
/// Words in the names of values that say who asks.
const SECRET: [&str; 11] = [
    "token",
    "auth",
    "session",
    "secret",
    "passw",
    "signature",
    "csrf",
    "apikey",
    "api_key",
    "api-key",
    "jwt",
];
/// Words in the paths of what is searched.
const SEARCH: [&str; 9] =
    ["search", "query", "graphql", "list", "find", "filter", "result", "offers", "browse"];
/// Beginnings of operations that do more than ask.
const DEEDS: [&str; 14] = [
    "mutation", "create", "update", "delete", "add", "remove", "save", "set", "send", "login",
    "track", "log", "report", "subscri",
];
/// Bytes of an address, and of what is sent with it.
const LONGEST: usize = 8 << 10;
/// How far a value may be from now to be the time, in seconds.
const NEAR: i64 = 2 * 86_400;

impl Ask {
    /// The request behind an answer, or why it is not to be repeated.
    pub fn of(recorded: &Recorded, now: DateTime<Utc>) -> Result<Self, &'static str> {
        if !(200..300).contains(&recorded.status) {
            return Err("the answer was an error");
        }
        if recorded.url.as_str().len() > LONGEST || body_of(recorded).len() > LONGEST {
            return Err("it is too long to be kept");
        }
        if recorded.url.query_pairs().any(|(name, _)| is_secret(&name)) {
            return Err("its address holds a credential");
        }
        match recorded.method.as_str() {
            "GET" if recorded.sent.is_none() => {}
            "POST" => may_be_sent(recorded)?,
            _ => return Err("it may do more than ask"),
        }
        let sent = recorded.headers.iter().filter(|(name, _)| SENT.contains(&name.as_str()));
        let fresh = recorded
            .url
            .query_pairs()
            .filter_map(|(name, value)| Some((name.into_owned(), time(&value, now)?)));
        Ok(Self {
            method: recorded.method.clone(),
            url: recorded.url.clone(),
            headers: sent.cloned().collect(),
            body: recorded.sent.clone(),
            fresh: fresh.collect(),
        })
    }

    /// The address with what differs each time made new.
    pub fn address(&self, now: DateTime<Utc>) -> Url {
        if self.fresh.is_empty() {
            return self.url.clone();
        }
        let pairs: Vec<(String, String)> = self
            .url
            .query_pairs()
            .filter_map(|(name, value)| {
                let value = match self.fresh.get(name.as_ref()) {
                    None => value.into_owned(),
                    Some(Fresh::Seconds) => now.timestamp().to_string(),
                    Some(Fresh::Milliseconds) => now.timestamp_millis().to_string(),
                    Some(Fresh::Without) => return None,
                };
                Some((name.into_owned(), value))
            })
            .collect();
        let mut url = self.url.clone();
        url.query_pairs_mut().clear().extend_pairs(pairs);
        if url.query() == Some("") {
            url.set_query(None);
        }
        url
    }

    /// The recorded answer to this very request, or to the same one with fresh values.
    pub fn find<'r>(&self, recorded: &'r [Recorded]) -> Option<&'r Recorded> {
        recorded.iter().find(|one| {
            self.is_like(one) && self.body == one.sent && self.differing(one).is_empty()
        })
    }

    /// Looks for the request among those of another visit.
    pub fn renewed(&self, recorded: &[Recorded], now: DateTime<Utc>) -> Renewed {
        if self.find(recorded).is_some() {
            return Renewed::Same;
        }
        let Some(like) = recorded.iter().find(|one| self.is_like(one)) else {
            return Renewed::Lost("the page does not make this request any more".to_owned());
        };
        if self.body != like.sent {
            return Renewed::Lost("what the page sends differs from visit to visit".to_owned());
        }
        let mut ask = self.clone();
        for name in self.differing(like) {
            let (old, new) = (value(&self.url, &name), value(&like.url, &name));
            let kind = match time(&new, now) {
                Some(kind) => kind,
                None if is_random(&old) && is_random(&new) => Fresh::Without,
                None => {
                    return Renewed::Lost(format!(
                        "parameter {name} of the request differs from visit to visit"
                    ));
                }
            };
            ask.fresh.insert(name, kind);
        }
        Renewed::Changed(ask)
    }

    fn is_like(&self, one: &Recorded) -> bool {
        let place = |url: &Url| (url.origin(), url.path().to_owned());
        let names = |url: &Url| {
            let mut names: Vec<_> = url.query_pairs().map(|(n, _)| n.into_owned()).collect();
            names.sort();
            names
        };
        self.method == one.method
            && place(&self.url) == place(&one.url)
            && names(&self.url) == names(&one.url)
    }

    /// Parameters with another value that are not known to differ.
    fn differing(&self, one: &Recorded) -> Vec<String> {
        let others = one.url.query_pairs().map(|(name, _)| name.into_owned());
        others
            .filter(|name| !self.fresh.contains_key(name))
            .filter(|name| value(&self.url, name) != value(&one.url, name))
            .collect()
    }
}

/// A `POST` is repeated only if it is a question by all its signs.
fn may_be_sent(recorded: &Recorded) -> Result<(), &'static str> {
    let body = body_of(recorded);
    let path = recorded.url.path().to_ascii_lowercase();
    let lower = body.to_ascii_lowercase();
    if !SEARCH.iter().any(|word| path.contains(word)) {
        return Err("it may do more than ask");
    }
    if is_secret(&lower) || lower.contains("email") || lower.contains("mutation") {
        return Err("what it sends may be more than a question");
    }
    let json: Option<serde_json::Value> = serde_json::from_str(body).ok();
    let word = |name: &str| json.as_ref()?.get(name)?.as_str().map(str::trim_start);
    let deed = word("operationName")
        .map(str::to_ascii_lowercase)
        .is_some_and(|name| DEEDS.iter().any(|deed| name.starts_with(deed)));
    let asks = word("query").is_none_or(|query| {
        !path.contains("graphql") || query.starts_with("query") || query.starts_with('{')
    });
    let form = body.contains('=') && !body.contains(['{', '<']);
    if deed || !asks || (json.is_none() && !form) {
        return Err("what it sends may be more than a question");
    }
    Ok(())
}

fn body_of(recorded: &Recorded) -> &str {
    recorded.sent.as_deref().unwrap_or_default()
}

fn is_secret(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower == "sig" || SECRET.iter().any(|word| lower.contains(word))
}

fn value(url: &Url, name: &str) -> String {
    url.query_pairs().filter(|(n, _)| n == name).map(|(_, v)| v.into_owned() + "\n").collect()
}

/// Whether a value is the present time.
fn time(value: &str, now: DateTime<Utc>) -> Option<Fresh> {
    let value = value.trim_end();
    let number: i64 = value.parse().ok()?;
    let near = |seconds: i64| (seconds - now.timestamp()).abs() <= NEAR;
    match value.len() {
        10 if near(number) => Some(Fresh::Seconds),
        13 if near(number / 1000) => Some(Fresh::Milliseconds),
        _ => None,
    }
}

/// Whether a value has no meaning but to differ.
fn is_random(value: &str) -> bool {
    let value = value.trim_end();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let fraction = value.strip_prefix("0.").is_some_and(|rest| rest.len() >= 8);
    let token = value.len() >= 12
        && digits >= 3
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    (fraction && digits == value.len() - 1) || token
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().expect("a moment")
    }

    fn get(url: &str) -> Recorded {
        Recorded {
            url: Url::parse(url).expect("an address"),
            method: "GET".into(),
            headers: vec![
                ("accept".into(), "application/json".into()),
                ("x-shop".into(), "7".into()),
            ],
            sent: None,
            status: 200,
            body: String::new(),
        }
    }

    fn post(url: &str, sent: &str) -> Recorded {
        Recorded { method: "POST".into(), sent: Some(sent.into()), ..get(url) }
    }

    #[test]
    fn only_questions_without_credentials_are_repeated() {
        let ask = Ask::of(&get("https://x.example/api/list?q=a"), now()).expect("repeatable");
        assert_eq!(ask.headers, [("accept".to_owned(), "application/json".to_owned())]);
        for good in [
            post("https://x.example/api/search", "{\"q\": \"a\"}"),
            post("https://x.example/search", "q=a&page=1"),
            post("https://x.example/graphql", "{\"query\": \"query Ads { ads { id } }\"}"),
        ] {
            assert!(Ask::of(&good, now()).is_ok(), "{good:?}");
        }
        for bad in [
            get("https://x.example/api/list?access_token=1"),
            get("https://x.example/api/list?sig=abc"),
            Recorded { status: 403, ..get("https://x.example/api/list") },
            Recorded { method: "DELETE".into(), ..get("https://x.example/api/list") },
            post("https://x.example/cart", "{\"q\": 1}"),
            post("https://x.example/search", "{\"password\": 1}"),
            post("https://x.example/graphql", "{\"query\": \"mutation { pay }\"}"),
            post("https://x.example/graphql", "{\"query\": \"subscription { ads }\"}"),
            post("https://x.example/graphql", "{\"operationName\": \"SaveSearch\"}"),
            post("https://x.example/search", "<xml>"),
        ] {
            assert!(Ask::of(&bad, now()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_time_is_renewed_and_what_is_random_is_left_out() {
        let first = get("https://x.example/api?q=a&_=1772366400123&n=0.8273645512");
        let ask = Ask::of(&first, now()).expect("repeatable");
        assert_eq!(ask.fresh.get("_"), Some(&Fresh::Milliseconds));
        let second = [get("https://x.example/api?q=a&_=1772366409999&n=0.1273645519")];
        let Renewed::Changed(ask) = ask.renewed(&second, now()) else { panic!("not understood") };
        assert_eq!(
            ask.address(now()).as_str(),
            format!("https://x.example/api?q=a&_={}", now().timestamp_millis())
        );
        assert_eq!(ask.renewed(&[first], now()), Renewed::Same);
    }

    #[test]
    fn what_differs_without_a_reason_we_know_is_not_learned() {
        let ask = Ask::of(&get("https://x.example/api?q=a&p=1"), now()).expect("repeatable");
        let lost = |recorded: Recorded| matches!(ask.renewed(&[recorded], now()), Renewed::Lost(_));
        assert!(lost(get("https://x.example/api?q=b&p=1")));
        assert!(lost(get("https://x.example/other?q=a&p=1")));
        assert!(lost(get("https://x.example/api?q=a&p=1&r=2")));
        assert!(!lost(get("https://x.example/api?p=1&q=a")));
    }
}
