//! How a person wants to be told.
//!
//! One chain, each stop with a reason: muted → quiet hours → cap per hour → digest → send. What is stopped by the
//! clock is held and told later, never dropped.
//!
//! [`chain`] decides, [`moments`] knows when quiet hours end and digests are due, [`zone`] finds the zone that a
//! person means, [`set`] reads what an operator writes.

pub mod chain;
pub mod moments;
pub mod set;
pub mod zone;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use chain::{
    Counts, Facts, HowTold, Mute, MuteKind, Stop, Subject, Telling, Wish, at_send, decide,
    is_urgent,
};
pub use moments::Moments;
pub use set::Patch;

/// Preferences of a chat or topic. Stored as JSON, so names are contracts; absent ones have their default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Time zone (IANA name) in which hours are meant; empty: the installation's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// Nothing is told between these times of day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    /// At most this many alerts in any hour; the rest comes in one message at the end of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap_per_hour: Option<u32>,
    /// Alerts are collected and told together.
    #[serde(skip_serializing_if = "Digest::is_off")]
    pub digest: Digest,
    /// When a listing moves that was told before, a reply says so too; without it the message is only edited.
    pub replies: bool,
    /// Pictures with an alert.
    #[serde(skip_serializing_if = "is_default")]
    pub pictures: Pictures,
}

impl Preferences {
    /// The zone in which hours are meant; UTC when the name is not one.
    pub fn tz(&self) -> Tz {
        zone::of_name(&self.zone).unwrap_or(Tz::UTC)
    }

    /// The same with a zone that can be read: without one, hours are meant in the zone `installation`.
    #[must_use]
    pub fn or_zone(mut self, installation: &str) -> Self {
        if zone::of_name(&self.zone).is_none() {
            installation.clone_into(&mut self.zone);
        }
        self
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Quiet hours in minutes of the local day, 0 to 1439; `from` later than `to` spans midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// First quiet minute.
    pub from: u16,
    /// First minute that is not quiet any more.
    pub to: u16,
}

/// When collected alerts are told. Minutes are those of the local day, 0 to 1439.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "every", rename_all = "snake_case")]
pub enum Digest {
    /// At once.
    #[default]
    Off,
    /// At each full hour.
    Hour,
    /// Each day at a time.
    Day {
        /// Minute of the day.
        at: u16,
    },
    /// Each week at a time.
    Week {
        /// Day of the week, 0 is Monday.
        day: u8,
        /// Minute of the day.
        at: u16,
    },
}

impl Digest {
    /// Whether alerts are told at once.
    pub fn is_off(&self) -> bool {
        *self == Self::Off
    }
}

/// Pictures with an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pictures {
    /// The first one, the words below it.
    #[default]
    One,
    /// An album of up to ten, then the words.
    Album,
    /// None.
    None,
}

/// How one watch is told, where it differs from its chat.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WatchTelling {
    /// Its own digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Smallest move of the price worth a message, percent of the price before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_move_percent: Option<f64>,
    /// Urgent: quiet hours, cap and digest do not hold it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
}
