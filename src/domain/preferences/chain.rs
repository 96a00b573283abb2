//! The chain: whether an alert is told now, later, with others, or not at all. Pure.
//!
//! ```text
//! moved less than each watch wants ─► drop
//! muted: all, the listing, the seller, or each watch ─► drop
//! one watch is urgent ─► send
//! each watch has a digest ─► collect for the first slot
//! quiet hours ─► hold until their end; what is more than the cap by then is collected for it
//! cap of the hour reached ─► collect for the next full hour
//! else ─► send
//! ```
//!
//! A digest never lies inside quiet hours, so what is collected needs no holding. What is held and told later
//! counts for the hour in which it is told.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sites::ListingKey;

use super::{Moments, Preferences, WatchTelling};
use crate::domain::Class;
use crate::domain::delivery::{Claimed, Content, Outcome};

/// Where the chain stopped an alert. The words are labels of metrics, the sentences are stored as reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stop {
    /// The price moved less than the watches want to hear of.
    SmallMove,
    /// The chat wants to hear of nothing.
    MutedAll,
    /// The chat does not want to hear of this listing.
    MutedListing,
    /// The chat does not want to hear of this seller.
    MutedSeller,
    /// All watches that matched are muted.
    MutedWatch,
    /// Quiet hours.
    Quiet,
    /// The cap of the hour.
    Cap,
    /// A digest.
    Digest,
}

impl Stop {
    /// All stops.
    pub const ALL: [Self; 8] = [
        Self::SmallMove,
        Self::MutedAll,
        Self::MutedListing,
        Self::MutedSeller,
        Self::MutedWatch,
        Self::Quiet,
        Self::Cap,
        Self::Digest,
    ];

    /// The label of metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SmallMove => "small_move",
            Self::MutedAll => "muted_all",
            Self::MutedListing => "muted_listing",
            Self::MutedSeller => "muted_seller",
            Self::MutedWatch => "muted_watch",
            Self::Quiet => "quiet",
            Self::Cap => "cap",
            Self::Digest => "digest",
        }
    }

    /// The reason as stored with a delivery, for operators.
    pub fn reason(self) -> &'static str {
        match self {
            Self::SmallMove => "the price moved less than the watch wants to hear of",
            Self::MutedAll => "the chat is muted",
            Self::MutedListing => "the listing is muted in this chat",
            Self::MutedSeller => "the seller is muted in this chat",
            Self::MutedWatch => "the watch is muted",
            Self::Quiet => "quiet hours",
            Self::Cap => "the cap of the hour is reached",
            Self::Digest => "collected for a digest",
        }
    }

    /// The stop behind a stored reason.
    pub fn from_reason(reason: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stop| stop.reason() == reason)
    }
}

/// What happens to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Telling {
    /// It goes out as soon as it can.
    #[default]
    Send,
    /// It waits and goes out alone.
    Hold {
        /// When it is due.
        until: DateTime<Utc>,
        /// Why.
        why: Stop,
    },
    /// It waits and is told with others.
    Collect {
        /// The moment of the digest.
        slot: DateTime<Utc>,
        /// Why.
        why: Stop,
    },
    /// It is not told.
    Drop {
        /// Why.
        why: Stop,
    },
}

impl Telling {
    /// Where the chain stopped it.
    pub fn stop(self) -> Option<Stop> {
        match self {
            Self::Send => None,
            Self::Hold { why, .. } | Self::Collect { why, .. } | Self::Drop { why } => Some(why),
        }
    }

    /// The label of metrics: the stop, or `none`.
    pub fn label(self) -> &'static str {
        self.stop().map_or("none", Stop::as_str)
    }
}

/// What a mute is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MuteKind {
    /// One listing.
    Listing,
    /// One seller of a site.
    Seller,
    /// Everything.
    All,
}

impl MuteKind {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listing => "listing",
            Self::Seller => "seller",
            Self::All => "all",
        }
    }

    /// The kind of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Listing, Self::Seller, Self::All].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What a chat does not want to hear of, until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mute {
    /// What it is about.
    pub kind: MuteKind,
    /// Of which: `site/id` of a listing, `site/name` of a seller, empty for everything.
    pub subject: String,
    /// When it ends; never without it.
    pub ends_at: Option<DateTime<Utc>>,
}

impl Mute {
    /// Nothing of this listing.
    pub fn listing(key: &ListingKey, ends_at: Option<DateTime<Utc>>) -> Self {
        Self { kind: MuteKind::Listing, subject: format!("{}/{}", key.site, key.id), ends_at }
    }

    /// Nothing of this seller.
    pub fn seller(site: &str, name: &str, ends_at: Option<DateTime<Utc>>) -> Self {
        Self { kind: MuteKind::Seller, subject: format!("{site}/{name}"), ends_at }
    }

    /// Nothing at all.
    pub fn all(ends_at: Option<DateTime<Utc>>) -> Self {
        Self { kind: MuteKind::All, subject: String::new(), ends_at }
    }

    /// Why `subject` is not told at `now` because of this; everything else knows no subject.
    fn stops(&self, subject: Option<&Subject<'_>>, now: DateTime<Utc>) -> Option<Stop> {
        if self.ends_at.is_some_and(|end| end <= now) {
            return None;
        }
        let is = |site: &str, rest: &str| {
            self.subject.strip_prefix(site).and_then(|found| found.strip_prefix('/')) == Some(rest)
        };
        match (self.kind, subject) {
            (MuteKind::All, _) => Some(Stop::MutedAll),
            (MuteKind::Listing, Some(one)) => {
                is(&one.key.site, &one.key.id).then_some(Stop::MutedListing)
            }
            (MuteKind::Seller, Some(one)) => {
                one.seller.filter(|name| is(&one.key.site, name)).map(|_| Stop::MutedSeller)
            }
            (MuteKind::Listing | MuteKind::Seller, None) => None,
        }
    }
}

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Subject<'a> {
    /// Which listing.
    pub key: &'a ListingKey,
    /// Who offers it, if it says so.
    pub seller: Option<&'a str>,
    /// By how many percent the price moved, for a change of the price.
    pub moved: Option<f64>,
}

impl<'a> Subject<'a> {
    /// What a change is about.
    pub fn of(change: &'a crate::domain::Change) -> Self {
        let moved = match (&change.price_before, &change.listing.price) {
            (Some(before), Some(now)) if before.currency == now.currency && before.minor > 0 => {
                Some(((now.minor - before.minor) as f64 / before.minor as f64 * 100.0).abs())
            }
            _ => None,
        };
        Self { key: &change.key, seller: change.listing.seller.as_deref(), moved }
    }
}

/// How a watch that matched wants to be told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wish {
    /// Its own way, where it differs from the chat's.
    pub telling: WatchTelling,
    /// Nothing before this moment.
    pub muted_until: Option<DateTime<Utc>>,
}

impl Wish {
    /// The wish of a watch.
    pub fn of(watch: &crate::domain::Watch) -> Self {
        Self { telling: watch.telling.clone(), muted_until: watch.muted_until }
    }
}

/// Alerts of a chat around an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Told or due in the last hour.
    pub told: u32,
    /// Held for later.
    pub held: u32,
}

impl Counts {
    /// Counts what was just decided.
    pub fn note(&mut self, telling: Telling) {
        match telling {
            Telling::Send => self.told += 1,
            Telling::Hold { .. } => self.held += 1,
            Telling::Collect { .. } | Telling::Drop { .. } => {}
        }
    }
}

/// How a chat, or a topic of it, wants to be told, and what it was told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HowTold {
    /// Its preferences, with a zone that can be read.
    pub preferences: Preferences,
    /// What it does not want to hear of.
    pub mutes: Vec<Mute>,
    /// What it was told; only known where there is a cap.
    pub counts: Counts,
}

/// All that the chain looks at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// How the chat wants to be told.
    pub how: &'a HowTold,
    /// What the alert is about; `None` for a message of its own, such as a summary, which is never collected.
    pub subject: Option<Subject<'a>>,
    /// The watches that matched.
    pub wishes: &'a [Wish],
}

/// What happens to an alert at `now`.
pub fn decide(facts: &Facts<'_>, now: DateTime<Utc>) -> Telling {
    let HowTold { preferences, mutes, counts } = facts.how;
    let subject = facts.subject.as_ref();
    if let Some(why) = mutes.iter().find_map(|mute| mute.stops(subject, now)) {
        return Telling::Drop { why };
    }
    let moved = subject.and_then(|subject| subject.moved);
    let is_enough = |wish: &&Wish| {
        let least = wish.telling.min_move_percent;
        least.zip(moved).is_none_or(|(least, moved)| moved >= least)
    };
    let enough: Vec<&Wish> = facts.wishes.iter().filter(is_enough).collect();
    if enough.is_empty() && !facts.wishes.is_empty() {
        return Telling::Drop { why: Stop::SmallMove };
    }
    let is_heard = |wish: &&&Wish| wish.muted_until.is_none_or(|until| until <= now);
    let heard: Vec<&Wish> = enough.iter().filter(is_heard).copied().collect();
    if heard.is_empty() && !enough.is_empty() {
        return Telling::Drop { why: Stop::MutedWatch };
    }
    if heard.iter().any(|wish| wish.telling.urgent) {
        return Telling::Send;
    }
    let moments = Moments::of(preferences);
    let quiet = moments.quiet_until(now);
    if subject.is_some()
        && let Some(slot) = first_slot(&moments, preferences, &heard, now)
    {
        let why = if quiet.is_some() { Stop::Quiet } else { Stop::Digest };
        return Telling::Collect { slot, why };
    }
    let is_over =
        |count: u32| subject.is_some() && preferences.cap_per_hour.is_some_and(|cap| count >= cap);
    match quiet {
        Some(slot) if is_over(counts.held) => Telling::Collect { slot, why: Stop::Cap },
        Some(until) => Telling::Hold { until, why: Stop::Quiet },
        None if is_over(counts.told) => {
            Telling::Collect { slot: moments.next_hour(now), why: Stop::Cap }
        }
        None => Telling::Send,
    }
}

/// The first slot of the digests; `None` when one of the watches, or the chat without any, is told at once.
fn first_slot(
    moments: &Moments,
    preferences: &Preferences,
    heard: &[&Wish],
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if heard.is_empty() {
        return moments.next_slot(preferences.digest, now);
    }
    let slots = heard
        .iter()
        .map(|wish| moments.next_slot(wish.telling.digest.unwrap_or(preferences.digest), now));
    slots.collect::<Option<Vec<_>>>()?.into_iter().min()
}

/// What to do with a delivery that is about to be sent and has slipped into quiet hours: an alert or a digest waits
/// for their end. `None`: it may go. Urgent alerts pass.
pub fn at_send(claimed: &Claimed, now: DateTime<Utc>) -> Option<Outcome> {
    let new = &claimed.delivery.new;
    let waits = matches!(new.class, Class::Alert | Class::Digest)
        && !matches!(new.content, Content::Change { urgent: true, .. });
    let preferences = claimed.standing.preferences.as_ref().filter(|_| waits)?;
    let until = Moments::of(preferences).quiet_until(now)?;
    Some(Outcome::Held { until, reason: Stop::Quiet.reason().to_owned() })
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
