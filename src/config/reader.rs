//! Reads settings as typed values. A value that does not fit becomes a [`Problem`] and a stand-in is answered,
//! so that all problems of a configuration are found in one go; the stand-ins are thrown away then.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::layers::{Raw, Setting, Settings};
use super::problem::{Place, Problem, describe_hidden};
use super::{duration, names};

/// A reader of one configuration.
pub struct Reader<'a> {
    settings: &'a Settings,
    problems: RefCell<Vec<Problem>>,
    asked: RefCell<BTreeSet<String>>,
}

impl<'a> Reader<'a> {
    /// Reads from `settings`.
    pub fn new(settings: &'a Settings) -> Self {
        Self { settings, problems: RefCell::default(), asked: RefCell::default() }
    }

    /// The problems so far, and the keys that were asked for.
    pub fn finish(self) -> (Vec<Problem>, BTreeSet<String>) {
        (self.problems.into_inner(), self.asked.into_inner())
    }

    /// Notes that the value of `key` does not fit; `allowed` ends the sentence "… is not …".
    pub fn refuse(&self, key: &str, allowed: &str, remedy: &str) {
        let Some(setting) = self.settings.get(key) else { return };
        let what = format!("{} is not {allowed}", shown(key, setting));
        self.note(Problem::of(setting.place.clone(), key, what, remedy));
    }

    /// Notes a problem of several keys; it is placed where `key` was set.
    pub fn contradict(&self, key: &str, what: &str, remedy: &str) {
        let place = self.settings.get(key).map_or(Place::Default, |setting| setting.place.clone());
        self.note(Problem::of(place, key, what, remedy));
    }

    /// Whether every value so far fitted, so that none is a stand-in.
    pub fn is_clean(&self) -> bool {
        self.problems.borrow().is_empty()
    }

    fn note(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    fn raw(&self, key: &str) -> Option<&'a Raw> {
        self.asked.borrow_mut().insert(key.to_owned());
        let found = self.settings.get(key);
        if found.is_none() {
            self.note(Problem::of(Place::Default, key, "has no default", "add it to default.toml"));
        }
        found.map(|setting| &setting.raw)
    }

    /// A text; numbers and flags are taken for what they look like when they come from the environment.
    fn written(&self, key: &str, allowed: &str) -> Option<&'a str> {
        match self.raw(key)? {
            Raw::Text(text) => Some(text),
            _ => {
                self.refuse(key, allowed, "write it in quotation marks");
                None
            }
        }
    }

    /// A text that is not empty.
    pub fn text(&self, key: &str) -> String {
        let text = self.written(key, "a text").unwrap_or("?");
        if text.is_empty() {
            self.refuse(key, "a text", "write something");
        }
        text.to_owned()
    }

    /// A text, or `None` when it is empty.
    pub fn optional_text(&self, key: &str) -> Option<String> {
        self.written(key, "a text").filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A secret, or `None` when it is empty.
    pub fn secret(&self, key: &str) -> Option<SecretString> {
        self.optional_text(key).map(SecretString::from)
    }

    /// A path that must be named.
    pub fn path(&self, key: &str) -> PathBuf {
        PathBuf::from(self.text(key))
    }

    /// A path, or `None` when it is empty.
    pub fn optional_path(&self, key: &str) -> Option<PathBuf> {
        self.optional_text(key).map(PathBuf::from)
    }

    /// A duration from `least` to `most`.
    pub fn duration(&self, key: &str, least: Duration, most: Duration) -> Duration {
        let span = format!("a duration from {} to {}", duration::show(least), duration::show(most));
        let Some(text) = self.written(key, &span) else { return least };
        match duration::parse(text) {
            Some(value) if (least..=most).contains(&value) => value,
            _ => {
                self.refuse(key, &span, duration::FORM);
                least
            }
        }
    }

    /// A whole number from `least` to `most`.
    pub fn integer<N>(&self, key: &str, least: N, most: N) -> N
    where
        N: TryFrom<i64> + PartialOrd + std::fmt::Display + Copy,
    {
        let number = match self.raw(key) {
            Some(Raw::Integer(number)) => N::try_from(*number).ok(),
            Some(Raw::Text(text)) => text.parse::<i64>().ok().and_then(|n| N::try_from(n).ok()),
            _ => None,
        };
        match number {
            Some(value) if value >= least && value <= most => value,
            _ => {
                let allowed = format!("a whole number from {least} to {most}");
                self.refuse(key, &allowed, "choose one in this range");
                least
            }
        }
    }

    /// A number from `least` to `most`.
    pub fn number(&self, key: &str, least: f64, most: f64) -> f64 {
        let number = match self.raw(key) {
            Some(Raw::Float(number)) => Some(*number),
            Some(Raw::Integer(number)) => number.to_string().parse().ok(),
            Some(Raw::Text(text)) => text.parse::<f64>().ok(),
            _ => None,
        };
        match number {
            Some(value) if (least..=most).contains(&value) => value,
            _ => {
                let allowed = format!("a number from {least} to {most}");
                self.refuse(key, &allowed, "choose one in this range");
                least
            }
        }
    }

    /// The texts of a section whose keys are the operator's, by what stands behind its name.
    pub fn open(&self, section: &str) -> Vec<(String, String)> {
        let prefix = format!("{section}.");
        let own = |key: &String| key.strip_prefix(&prefix).map(str::to_owned);
        let found: Vec<(String, String)> = self
            .settings
            .keys()
            .filter_map(|key| Some((key, own(key)?)))
            .filter_map(|(key, name)| Some((name, self.written(key, "a text")?.to_owned())))
            .collect();
        found.into_iter().filter(|(_, text)| !text.is_empty()).collect()
    }

    /// Yes or no.
    pub fn flag(&self, key: &str) -> bool {
        match self.raw(key) {
            Some(Raw::Flag(flag)) => *flag,
            Some(Raw::Text(text)) if text == "true" => true,
            Some(Raw::Text(text)) if text == "false" => false,
            _ => {
                self.refuse(key, "true or false", "write one of the two");
                false
            }
        }
    }

    /// One of `words`.
    pub fn one_of(&self, key: &str, words: &[&str]) -> String {
        let allowed = format!("one of {}", words.join(", "));
        let Some(text) = self.written(key, &allowed) else { return String::new() };
        if words.contains(&text) {
            return text.to_owned();
        }
        let remedy = match names::nearest(text, words.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None => "choose one of them".to_owned(),
        };
        self.refuse(key, &allowed, &remedy);
        String::new()
    }

    /// Texts: a list in a file, separated by commas in the environment.
    pub fn list(&self, key: &str) -> Vec<String> {
        match self.raw(key) {
            Some(Raw::List(items)) => items.clone(),
            Some(Raw::Text(text)) => split(text),
            _ => {
                self.refuse(
                    key,
                    "a list of texts",
                    "write [\"one\", \"two\"], or one,two in the environment",
                );
                Vec::new()
            }
        }
    }

    /// Telegram ids.
    pub fn ids(&self, key: &str) -> Vec<i64> {
        let items = self.list(key);
        let ids: Vec<i64> = items.iter().filter_map(|item| telegram_id(item)).collect();
        if ids.len() != items.len() {
            self.refuse(
                key,
                "a list of Telegram ids",
                "write whole numbers with commas between them",
            );
        }
        ids
    }

    /// One Telegram id, or `None` when it is empty.
    pub fn optional_id(&self, key: &str) -> Option<i64> {
        let id = match self.raw(key)? {
            Raw::Text(text) if text.is_empty() => return None,
            Raw::Text(text) => telegram_id(text),
            Raw::Integer(number) => telegram_id(&number.to_string()),
            _ => None,
        };
        if id.is_none() {
            self.refuse(key, "a Telegram id", "write a whole number; groups have negative ones");
        }
        id
    }

    /// Where to listen: `address:port`, or a port alone for all addresses.
    pub fn address(&self, key: &str) -> SocketAddr {
        let fallback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let text = match self.raw(key) {
            Some(Raw::Text(text)) => text.clone(),
            Some(Raw::Integer(port)) => port.to_string(),
            _ => String::new(),
        };
        let port =
            text.parse::<u16>().ok().map(|port| SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)));
        port.or_else(|| text.parse().ok()).unwrap_or_else(|| {
            self.refuse(
                key,
                "an address with a port",
                "write it like \"127.0.0.1:8080\", or a port alone",
            );
            fallback
        })
    }
}

fn split(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// Telegram ids have at most 52 significant bits and are never 0.
fn telegram_id(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|id| *id != 0 && id.unsigned_abs() < 1 << 52)
}

/// A value for a problem's sentence: secrets, long texts and what looks like a secret in the wrong place are
/// described instead.
fn shown(key: &str, setting: &Setting) -> String {
    match &setting.raw {
        Raw::Text(text) if names::is_secret(key) || looks_secret(text) => {
            format!("the value ({})", describe_hidden(text))
        }
        Raw::Text(text) => format!("\"{}\"", text.escape_debug()),
        Raw::Integer(number) => number.to_string(),
        Raw::Float(number) => number.to_string(),
        Raw::Flag(flag) => flag.to_string(),
        Raw::List(items) => format!("a list of {}", items.len()),
        Raw::Other(word) => (*word).to_owned(),
    }
}

fn looks_secret(text: &str) -> bool {
    let long_run = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    text.chars().count() > 60
        || text.contains('@')
        || text.split(|c| !long_run(c)).any(|run| run.chars().count() >= 16)
}
