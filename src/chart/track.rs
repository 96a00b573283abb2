//! The prices that a chart shows.

use chrono::{DateTime, Utc};

use crate::domain::delivery::PricePoint;

/// Prices in the currency of the last one, oldest first; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Moments and prices.
    pub points: Vec<PricePoint>,
    /// Where the line ends; not before the last point.
    pub end: DateTime<Utc>,
}

impl Track {
    /// The prices of one currency; none when there is no point.
    pub fn of(points: &[PricePoint], now: DateTime<Utc>) -> Option<Self> {
        let currency = &points.last()?.price.currency;
        let mut points: Vec<PricePoint> =
            points.iter().filter(|point| point.price.currency == *currency).cloned().collect();
        points.sort_by_key(|point| (point.at, point.version));
        let end = points.last()?.at.max(now);
        Some(Self { points, end })
    }

    /// The first price.
    pub fn first(&self) -> &PricePoint {
        &self.points[0]
    }

    /// The price now.
    pub fn last(&self) -> &PricePoint {
        &self.points[self.points.len() - 1]
    }

    /// The lowest price; of equal ones the latest.
    pub fn lowest(&self) -> &PricePoint {
        self.points.iter().rev().min_by_key(|point| point.price.minor).unwrap_or(self.last())
    }

    /// The highest price; of equal ones the first.
    pub fn highest(&self) -> &PricePoint {
        let highest = self.points.iter().rev().max_by_key(|point| point.price.minor);
        highest.unwrap_or(self.first())
    }
}
