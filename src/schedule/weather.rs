//! Whether we are offline: when no host can be reached, it is us.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::rhythm::{Reach, offline, tune};
use crate::domain::source::Source;
use crate::scrape::{Ended, FetchFailure, RunReport};

/// How long tries are remembered: longer than they count.
const MEMORY: TimeDelta = TimeDelta::minutes(2);

/// What the runs of this process said about the way to the internet.
#[derive(Debug, Default)]
pub struct Weather {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    tries: Vec<Reach>,
    offline: bool,
}

impl Weather {
    /// Whether no host could be reached when last anybody tried.
    pub fn is_offline(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).offline
    }

    /// Takes a run into account; true when it shows that we were offline and are not any more.
    pub fn came_back(&self, source: &Source, report: &RunReport, now: DateTime<Utc>) -> bool {
        if report.ended != Ended::Recorded {
            return false;
        }
        let reached = !report.failure.is_some_and(FetchFailure::is_unreachable);
        let reach = Reach { host: tune::host_of(source), at: now, reached };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.tries.retain(|one| now - one.at <= MEMORY && one.host != reach.host);
        state.tries.push(reach);
        let was = state.offline;
        // Once offline, only a host that answers says otherwise: back-off makes tries rare.
        state.offline = !reached && (was || offline(&state.tries, now));
        match (was, state.offline) {
            (false, true) => tracing::error!(
                hosts = state.tries.len(),
                "offline: no host can be reached; look at the connection of this machine"
            ),
            (true, false) => tracing::warn!("online again"),
            _ => return false,
        }
        metrics::gauge!("magpie_offline").set(f64::from(u8::from(state.offline)));
        was
    }
}
