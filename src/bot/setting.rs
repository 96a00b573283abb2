//! What the buttons of `/settings` carry, in the argument of the letter `q` (see [`super::callback`]).
//!
//! ```text
//! m                        the menu          t          type a zone
//! q, q-off, q-1380-420     quiet hours       z, z-asia, Z-Europe--Kyiv   zones
//! d, d-off, d-h, d-d-540, d-w-0-540          digest
//! c, c-off, c-10           cap per hour      r-1, r-0   replies
//! p, p-album               pictures          l          language
//! x, x-off, x-24           mute everything, for so many hours
//! ```

use crate::domain::preferences::{Digest, Patch, Pictures, Quiet, zone};

/// What a button of the settings means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// Show the menu.
    Menu,
    /// Show the languages.
    Language,
    /// Show quiet hours to choose from.
    Quiet,
    /// Show the regions of zones.
    Regions,
    /// Show the zones of a region, by its place in the list.
    Zones(usize),
    /// Ask for a zone in words.
    TypeZone,
    /// Show digests to choose from.
    Digest,
    /// Show caps to choose from.
    Cap,
    /// Show pictures to choose from.
    Pictures,
    /// Show how long everything may be muted.
    Mute,
    /// Mute everything for so many hours, one of [`MUTES`], or hear of it again.
    MuteAll(Option<u16>),
    /// Change one.
    Set(Patch),
}

const MINUTES: u16 = 24 * 60;

/// How long everything may be muted, hours: an hour, a day, a week.
pub const MUTES: [u16; 3] = [1, 24, 7 * 24];

impl Setting {
    /// The argument of the button.
    pub fn encode(&self) -> String {
        match self {
            Self::Menu => "m".into(),
            Self::Language => "l".into(),
            Self::Quiet => "q".into(),
            Self::Regions => "z".into(),
            Self::Zones(region) => {
                format!("z-{}", zone::REGIONS.get(*region).map_or("other", |(name, _)| name))
            }
            Self::TypeZone => "t".into(),
            Self::Digest => "d".into(),
            Self::Cap => "c".into(),
            Self::Pictures => "p".into(),
            Self::Mute => "x".into(),
            Self::MuteAll(None) => "x-off".into(),
            Self::MuteAll(Some(hours)) => format!("x-{hours}"),
            Self::Set(patch) => of_patch(patch),
        }
    }

    /// Reads an argument; `None` for anything that this version did not make.
    pub fn decode(argument: &str) -> Option<Self> {
        if let Some(name) = argument.strip_prefix("Z-") {
            let zone = zone::of_name(&name.replace("--", "/"))?;
            return Some(Self::Set(Patch::Zone(zone.name().to_owned())));
        }
        let mut parts = argument.split('-');
        let parts = (parts.next()?, parts.next(), parts.next(), parts.next(), parts.next());
        Some(match parts {
            ("m", None, ..) => Self::Menu,
            ("l", None, ..) => Self::Language,
            ("t", None, ..) => Self::TypeZone,
            ("z", None, ..) => Self::Regions,
            ("z", Some(region), None, ..) => {
                Self::Zones(zone::REGIONS.iter().position(|(name, _)| *name == region)?)
            }
            ("q", None, ..) => Self::Quiet,
            ("q", Some("off"), None, ..) => Self::Set(Patch::Quiet(None)),
            ("q", Some(from), Some(to), None, _) => {
                Self::Set(Patch::Quiet(Some(Quiet { from: minute(from)?, to: minute(to)? })))
            }
            ("d", None, ..) => Self::Digest,
            ("d", Some("off"), None, ..) => Self::Set(Patch::Digest(Digest::Off)),
            ("d", Some("h"), None, ..) => Self::Set(Patch::Digest(Digest::Hour)),
            ("d", Some("d"), Some(at), None, _) => {
                Self::Set(Patch::Digest(Digest::Day { at: minute(at)? }))
            }
            ("d", Some("w"), Some(day), Some(at), None) => {
                let day = u8::try_from(number(day)?).ok().filter(|day| *day < 7)?;
                Self::Set(Patch::Digest(Digest::Week { day, at: minute(at)? }))
            }
            ("c", None, ..) => Self::Cap,
            ("c", Some("off"), None, ..) => Self::Set(Patch::Cap(None)),
            ("c", Some(cap), None, ..) => {
                let cap = number(cap).filter(|cap| (1..=1_000).contains(cap))?;
                Self::Set(Patch::Cap(Some(u32::from(cap))))
            }
            ("r", Some("1"), None, ..) => Self::Set(Patch::Replies(true)),
            ("r", Some("0"), None, ..) => Self::Set(Patch::Replies(false)),
            ("x", None, ..) => Self::Mute,
            ("x", Some("off"), None, ..) => Self::MuteAll(None),
            ("x", Some(hours), None, ..) => {
                Self::MuteAll(Some(number(hours).filter(|hours| MUTES.contains(hours))?))
            }
            ("p", None, ..) => Self::Pictures,
            ("p", Some(word), None, ..) => {
                let all = [Pictures::One, Pictures::Album, Pictures::None];
                Self::Set(Patch::Pictures(all.into_iter().find(|one| one.as_str() == word)?))
            }
            _ => return None,
        })
    }
}

fn of_patch(patch: &Patch) -> String {
    match patch {
        Patch::Zone(name) => format!("Z-{}", name.replace('/', "--")),
        Patch::Quiet(None) => "q-off".into(),
        Patch::Quiet(Some(Quiet { from, to })) => format!("q-{from}-{to}"),
        Patch::Digest(Digest::Off) => "d-off".into(),
        Patch::Digest(Digest::Hour) => "d-h".into(),
        Patch::Digest(Digest::Day { at }) => format!("d-d-{at}"),
        Patch::Digest(Digest::Week { day, at }) => format!("d-w-{day}-{at}"),
        Patch::Cap(None) => "c-off".into(),
        Patch::Cap(Some(cap)) => format!("c-{cap}"),
        Patch::Replies(replies) => format!("r-{}", u8::from(*replies)),
        Patch::Pictures(pictures) => format!("p-{}", pictures.as_str()),
    }
}

/// A number as we write it: no sign, no leading zero.
fn number(text: &str) -> Option<u16> {
    let number: u16 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn minute(text: &str) -> Option<u16> {
    number(text).filter(|minute| *minute < MINUTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_carries_comes_back() {
        let mut all = vec![
            Setting::Menu,
            Setting::Language,
            Setting::Quiet,
            Setting::Regions,
            Setting::TypeZone,
            Setting::Digest,
            Setting::Cap,
            Setting::Pictures,
            Setting::Mute,
            Setting::MuteAll(None),
        ];
        all.extend(MUTES.map(|hours| Setting::MuteAll(Some(hours))));
        let patches = [
            Patch::Quiet(None),
            Patch::Quiet(Some(Quiet { from: 1_380, to: 420 })),
            Patch::Digest(Digest::Off),
            Patch::Digest(Digest::Hour),
            Patch::Digest(Digest::Day { at: 0 }),
            Patch::Digest(Digest::Week { day: 6, at: 1_439 }),
            Patch::Cap(None),
            Patch::Cap(Some(50)),
            Patch::Replies(true),
            Patch::Replies(false),
            Patch::Pictures(Pictures::None),
        ];
        all.extend(patches.map(Setting::Set));
        for (place, (_, zones)) in zone::REGIONS.iter().enumerate() {
            all.push(Setting::Zones(place));
            let of_zone = |zone: &chrono_tz::Tz| Setting::Set(Patch::Zone(zone.name().to_owned()));
            all.extend(zones.iter().map(of_zone));
        }
        for one in all {
            assert_eq!(Setting::decode(&one.encode()), Some(one.clone()), "{one:?}");
        }
    }

    #[test]
    fn anything_else_means_nothing() {
        for wrong in [
            "",
            "y",
            "m-1",
            "q-1440-0",
            "q-1",
            "q-01-2",
            "d-x",
            "d-d",
            "d-w-7-0",
            "d-w-0-0-0",
            "c-0",
            "c-1001",
            "c-+5",
            "r",
            "r-2",
            "p-two",
            "x-0",
            "x-25",
            "x-24-1",
            "z-mars",
            "Z-Mars--Base",
            "Z-",
        ] {
            assert_eq!(Setting::decode(wrong), None, "{wrong}");
        }
    }
}
