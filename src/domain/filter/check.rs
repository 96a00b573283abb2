//! Whether a filter makes sense: all problems at once, each with the field and the remedy.

use std::ops::RangeInclusive;

/// Radius of a circle, kilometres.
pub const NEAR_KM: RangeInclusive<f64> = 0.05..=1_000.0;
/// Corners of a polygon.
pub const CORNERS: RangeInclusive<usize> = 3..=100;
