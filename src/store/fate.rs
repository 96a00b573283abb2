//! How a fate is laid down in a row of the outbox. Pure; both records use it.

use chrono::{DateTime, Utc};

use crate::domain::preferences::Telling;
use crate::domain::{DeliveryState, NewDelivery};

/// The columns of a row that waits, or that was decided before it could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Laid {
    pub state: DeliveryState,
    pub not_before: DateTime<Utc>,
    pub reason: Option<&'static str>,
    pub done_at: Option<DateTime<Utc>>,
    pub slot: Option<DateTime<Utc>>,
}

/// The row of `new`, written at `now`.
pub(crate) fn laid(new: &NewDelivery, now: DateTime<Utc>) -> Laid {
    let pending = Laid {
        state: DeliveryState::Pending,
        not_before: new.not_before,
        reason: new.fate.stop().map(crate::domain::preferences::Stop::reason),
        done_at: None,
        slot: None,
    };
    match new.fate {
        Telling::Send => pending,
        Telling::Hold { until, .. } => Laid { not_before: until.max(new.not_before), ..pending },
        Telling::Collect { slot, .. } => {
            Laid { state: DeliveryState::Collected, slot: Some(slot), ..pending }
        }
        Telling::Drop { .. } => {
            Laid { state: DeliveryState::Dropped, done_at: Some(now), ..pending }
        }
    }
}
