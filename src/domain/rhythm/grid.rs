//! The grid of a plain interval: even spread by hash, no drift, missed rounds in one.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// Longest interval that the grid is kept for, ms: a year.
const LONGEST_MS: i64 = 366 * 24 * 60 * 60 * 1_000;

/// When a source with a plain interval that was due at `due` and is claimed at `now` is due again.
///
/// Each source has a grid of its own: one point per interval, at an offset that its `seed` decides, so equal
/// intervals spread over the whole interval and the rhythm never drifts. Missed rounds coalesce into one. The
/// next moment is at the first grid point that is at least half an interval away and later than the round of
/// `due`, moved by a jitter, and never nearer than half an interval. The jitter is a twentieth of the interval
/// wide unless `jitter` names another width; it is at most half an interval, so that rounds keep their order.
pub(super) fn next(
    interval: Duration,
    jitter: Option<Duration>,
    due: DateTime<Utc>,
    seed: u64,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let interval = millis(interval).clamp(1_000, LONGEST_MS);
    let offset = below(mix(seed), interval);
    let nearest = now.timestamp_millis() + interval / 2;
    let from_now = (nearest - offset).div_euclid(interval) + 1;
    // A clock that was set back must not repeat the round that is claimed right now. One set back by far
    // counts for no more than one interval, or the source would sleep until the old time comes again.
    let claimed = (due.timestamp_millis() - offset + interval / 2).div_euclid(interval);
    let round = from_now.max((claimed + 1).min(from_now + 1));
    let width = jitter.map_or(interval / 20, |width| millis(width).min(interval / 2));
    let jitter = below(mix(seed ^ round.cast_unsigned()), width) - width / 2;
    let next = (round * interval + offset + jitter).max(nearest);
    DateTime::from_timestamp_millis(next).unwrap_or(now + TimeDelta::days(1))
}

/// A moment in the `width` after `at` that the seed and `at` decide.
pub(super) fn spread(at: DateTime<Utc>, width: Duration, seed: u64) -> DateTime<Utc> {
    let minutes = (at.timestamp_millis() / 60_000).cast_unsigned();
    let later = below(mix(seed ^ mix(minutes)), millis(width).min(LONGEST_MS));
    at.checked_add_signed(TimeDelta::milliseconds(later)).unwrap_or(at)
}

/// Milliseconds as the grid counts them.
fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// A number from 0 to below `width`; 0 when the width is 0.
fn below(number: u64, width: i64) -> i64 {
    match width.max(0).cast_unsigned() {
        0 => 0,
        width => (number % width).cast_signed(),
    }
}

/// SplitMix64's finaliser: spreads a counter over all bits.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
