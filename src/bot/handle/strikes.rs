//! How often the record refused an update. In memory only: a restart gives every update new chances.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Refusals after which an update is poison.
const OUT: u32 = 3;
/// Updates that are remembered; more than that means that the record refuses everything.
const REMEMBERED: usize = 1_000;

/// Refusals per update.
#[derive(Debug, Default)]
pub struct Strikes {
    counts: Mutex<HashMap<i64, u32>>,
}

impl Strikes {
    /// Counts one more refusal of the update and says whether it was the last one.
    pub fn is_out(&self, update: i64) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= REMEMBERED {
            counts.clear();
        }
        let count = counts.entry(update).or_default();
        *count += 1;
        let is_out = *count >= OUT;
        if is_out {
            counts.remove(&update);
        }
        is_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_refusal_of_the_same_update_is_the_last() {
        let strikes = Strikes::default();
        assert_eq!(
            [1, 2, 1, 1, 1].map(|id| strikes.is_out(id)),
            [false, false, false, true, false]
        );
    }
}
