//! How many updates one process takes from the webhook in a second. What is beyond is answered 503 with `Retry-After`,
//! so Telegram keeps it and brings it again.

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use crate::domain::quota::Bucket;

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;

/// See the module. It counts by a clock that nobody sets.
#[derive(Debug)]
pub struct Flow {
    bucket: Option<Bucket>,
    start: Instant,
    full_at: Mutex<i64>,
}

impl Flow {
    /// At most so many a second; 0: without limit.
    pub fn new(per_second: u32) -> Self {
        let step = (per_second > 0).then(|| (SECOND / i64::from(per_second)).max(1));
        let bucket = step.map(|step| Bucket { step, room: SECOND });
        Self { bucket, start: Instant::now(), full_at: Mutex::new(0) }
    }

    /// Whether there is room for one more now.
    pub fn admits(&self) -> bool {
        self.admits_at(i64::try_from(self.start.elapsed().as_micros()).unwrap_or(i64::MAX / 4))
    }

    /// The same so many microseconds after the start.
    fn admits_at(&self, now: i64) -> bool {
        let Some(bucket) = self.bucket else { return true };
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = bucket.take(*full_at, now);
        taken.is_ok_and(|next| {
            *full_at = next;
            true
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holds_its_number_and_the_next_one_holds_it_again() {
        let flow = Flow::new(1_000);
        let admitted = |now| (0..1_500).filter(|_| flow.admits_at(now)).count();
        assert_eq!(admitted(0), 1_000);
        assert_eq!(admitted(SECOND / 2), 500);
        assert_eq!(admitted(SECOND * 60), 1_000);
        let free = Flow::new(0);
        assert!((0..100_000).all(|_| free.admits()));
    }
}
