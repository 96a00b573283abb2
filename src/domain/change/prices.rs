//! The asking prices of a listing so far.

use chrono::{DateTime, Utc};
use sites::Money;

use super::gate::Held;

/// Prices that are looked at: the latest ones.
pub const KEPT: usize = 15;

/// A price that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Version of the listing; there is one price for each.
    pub version: i64,
    /// When it was first seen.
    pub at: DateTime<Utc>,
    /// How much.
    pub price: Money,
    /// Whether it was told, or is the first one: moves are measured from there. A move too small to be told leaves
    /// a point that was not.
    pub told: bool,
}

/// What is known of the asking prices of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prices {
    /// Newest first: the latest ones, and those that were told.
    pub points: Vec<Point>,
    /// The reading that waits for another one to agree.
    pub held: Option<Held>,
}

impl Prices {
    /// The price from which moves are measured: the one that was told last. Ten moves of half a percent are told
    /// when they add up, although none of them is.
    pub fn base(&self) -> Option<&Money> {
        self.points.iter().find(|point| point.told).map(|point| &point.price)
    }

    /// The prices that were told, oldest first, at most [`KEPT`].
    pub fn told(&self) -> Vec<Money> {
        let told = self.points.iter().filter(|point| point.told).take(KEPT);
        let mut told: Vec<Money> = told.map(|point| point.price.clone()).collect();
        told.reverse();
        told
    }

    /// The median of the latest prices in a currency, minor units, `now` included.
    pub fn median(&self, now: &Money) -> i64 {
        let latest = self.points.iter().take(KEPT).map(|point| &point.price);
        let alike = latest.filter(|price| price.currency == now.currency && price.minor > 0);
        let mut all: Vec<i64> = alike.map(|price| price.minor).chain([now.minor]).collect();
        all.sort_unstable();
        all[all.len() / 2]
    }
}

/// What a reading does to the prices on record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PriceWrite {
    /// The listing's price is a new point: version of the listing from then on, and whether it is told.
    pub point: Option<(i64, bool)>,
    /// The reading that waits from now on; `None`: none does.
    pub held: Option<Held>,
}
