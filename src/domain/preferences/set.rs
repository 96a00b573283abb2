//! Changing one preference: by a button, or by an operator who writes `key=value`.
//!
//! ```text
//! zone=Europe/Kyiv   quiet=23:00-07:00   cap=10           replies=yes
//! zone=UTC+2         quiet=off           cap=off          pictures=album
//! digest=hourly      digest=daily 09:00  digest=weekly mon 09:00   digest=off
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Digest, Pictures, Preferences, Quiet, zone};

/// Days of the week as written, Monday first.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The largest cap that says anything.
const MOST_PER_HOUR: u32 = 1_000;

/// One preference with its new value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Patch {
    /// The zone, by its IANA name.
    Zone(String),
    /// Quiet hours; `None` for none.
    Quiet(Option<Quiet>),
    /// Alerts in an hour; `None` for no cap.
    Cap(Option<u32>),
    /// When collected alerts are told.
    Digest(Digest),
    /// Whether a reply says that a told listing moved.
    Replies(bool),
    /// Pictures with an alert.
    Pictures(Pictures),
}

impl Patch {
    /// Puts the value in.
    pub fn apply(&self, preferences: &mut Preferences) {
        match self {
            Self::Zone(zone) => preferences.zone.clone_from(zone),
            Self::Quiet(quiet) => preferences.quiet = *quiet,
            Self::Cap(cap) => preferences.cap_per_hour = *cap,
            Self::Digest(digest) => preferences.digest = *digest,
            Self::Replies(replies) => preferences.replies = *replies,
            Self::Pictures(pictures) => preferences.pictures = *pictures,
        }
    }

    /// Reads `key=value`; the error says what to write instead.
    pub fn read(text: &str) -> Result<Self, String> {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| format!("{text:?} is not key=value, for example cap=10"))?;
        let value = value.trim().to_lowercase();
        let wrong = |form: &str| format!("{key}={value}: write {form}");
        match key.trim() {
            "zone" => zone::find(&value)
                .map(|zone| Self::Zone(zone.name().to_owned()))
                .ok_or_else(|| wrong("a zone such as Europe/Kyiv, a city of one, or UTC+2")),
            "quiet" => quiet(&value)
                .map(Self::Quiet)
                .ok_or_else(|| wrong("two different times such as 23:00-07:00, or off")),
            "cap" => {
                cap(&value).map(Self::Cap).ok_or_else(|| wrong("a number from 1 to 1000, or off"))
            }
            "digest" => digest(&value)
                .map(Self::Digest)
                .ok_or_else(|| wrong("off, hourly, \"daily 09:00\" or \"weekly mon 09:00\"")),
            "replies" => match &*value {
                "yes" | "on" | "true" => Ok(Self::Replies(true)),
                "no" | "off" | "false" => Ok(Self::Replies(false)),
                _ => Err(wrong("yes or no")),
            },
            "pictures" => match &*value {
                "one" => Ok(Self::Pictures(Pictures::One)),
                "album" => Ok(Self::Pictures(Pictures::Album)),
                "none" | "off" => Ok(Self::Pictures(Pictures::None)),
                _ => Err(wrong("one, album or none")),
            },
            other => Err(format!(
                "there is no preference {other:?}; there are zone, quiet, cap, digest, replies and pictures"
            )),
        }
    }

    /// Reads several; all mistakes are named at once.
    pub fn read_all<'a>(
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Self>, Vec<String>> {
        let (mut patches, mut problems) = (vec![], vec![]);
        for text in texts {
            match Self::read(text) {
                Ok(patch) => patches.push(patch),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(patches) } else { Err(problems) }
    }
}

fn quiet(value: &str) -> Option<Option<Quiet>> {
    if value == "off" {
        return Some(None);
    }
    let (from, to) = value.split_once(['-', '–'])?;
    let (from, to) = (time(from.trim())?, time(to.trim())?);
    (from != to).then_some(Some(Quiet { from, to }))
}

fn cap(value: &str) -> Option<Option<u32>> {
    if value == "off" {
        return Some(None);
    }
    let cap = value.parse().ok()?;
    (1..=MOST_PER_HOUR).contains(&cap).then_some(Some(cap))
}

fn digest(value: &str) -> Option<Digest> {
    let words: Vec<&str> = value.split_whitespace().collect();
    match words.as_slice() {
        ["off"] => Some(Digest::Off),
        ["hourly"] => Some(Digest::Hour),
        ["daily", at] => Some(Digest::Day { at: time(at)? }),
        ["weekly", day, at] => {
            let day = DAYS.iter().position(|known| known == day)?;
            Some(Digest::Week { day: u8::try_from(day).ok()?, at: time(at)? })
        }
        _ => None,
    }
}

/// A time of day as minutes, from `9:05` or `23:00`.
pub fn time(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// A time of day as people write it.
pub fn time_text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Hour => f.write_str("hourly"),
            Self::Day { at } => write!(f, "daily {}", time_text(*at)),
            Self::Week { day, at } => {
                let day = DAYS.get(usize::from(*day)).unwrap_or(&DAYS[0]);
                write!(f, "weekly {day} {}", time_text(*at))
            }
        }
    }
}

impl Pictures {
    /// The word that operators write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Album => "album",
            Self::None => "none",
        }
    }
}

/// The preferences as an operator writes them, key and value, in a fixed order.
pub fn written(preferences: &Preferences) -> [(&'static str, String); 6] {
    let Preferences { zone, quiet, cap_per_hour, digest, replies, pictures } = preferences;
    let off = || "off".to_owned();
    let quiet = quiet.map(|one| format!("{}-{}", time_text(one.from), time_text(one.to)));
    [
        ("zone", zone.clone()),
        ("quiet", quiet.unwrap_or_else(off)),
        ("cap", cap_per_hour.map_or_else(off, |cap| cap.to_string())),
        ("digest", digest.to_string()),
        ("replies", if *replies { "yes" } else { "no" }.to_owned()),
        ("pictures", pictures.as_str().to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_again() {
        let preferences = Preferences {
            zone: "Europe/Kyiv".into(),
            quiet: Some(Quiet { from: 23 * 60, to: 7 * 60 + 5 }),
            cap_per_hour: Some(10),
            digest: Digest::Week { day: 6, at: 9 * 60 },
            replies: true,
            pictures: Pictures::Album,
        };
        for preferences in [preferences, Preferences { zone: "UTC".into(), ..Default::default() }] {
            let lines = written(&preferences).map(|(key, value)| format!("{key}={value}"));
            let patches = Patch::read_all(lines.iter().map(String::as_str)).unwrap();
            let mut again = Preferences::default();
            patches.iter().for_each(|patch| patch.apply(&mut again));
            assert_eq!(again, preferences);
        }
    }

    #[test]
    fn all_mistakes_are_named_at_once() {
        let wrong = [
            "zone=nowhere",
            "quiet=7-8",
            "quiet=07:00-07:00",
            "cap=0",
            "cap=-1",
            "digest=daily",
            "digest=daily 24:00",
            "digest=weekly xyz 09:00",
            "replies=maybe",
            "pictures=two",
            "colour=red",
            "cap",
        ];
        let problems = Patch::read_all(wrong).unwrap_err();
        assert_eq!(problems.len(), wrong.len(), "{problems:#?}");
        assert!(problems[0].contains("Europe/Kyiv"), "{problems:#?}");
    }
}
