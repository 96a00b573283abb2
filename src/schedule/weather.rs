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
        let reached = report.failure.map_or(Some(true), FetchFailure::reached);
        let Some(reached) = reached.filter(|_| report.ended == Ended::Recorded) else {
            return false;
        };
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::rhythm::Rhythm;
    use crate::domain::source::{SourceSpec, Verdict};
    use crate::scrape::Rung;

    fn source(host: &str) -> Source {
        let spec = SourceSpec {
            site: host.into(),
            url: format!("https://{host}.example/search"),
            title: host.into(),
            interval: Duration::from_secs(360),
            offered: true,
            rhythm: Rhythm::default(),
        };
        Source::new(spec, DateTime::default())
    }

    /// A run at `host`, so many seconds after the beginning.
    fn run(weather: &Weather, host: &str, failure: Option<FetchFailure>, seconds: i64) -> bool {
        let source = source(host);
        let report = RunReport {
            shown: vec![],
            pages: 0,
            details: 0,
            source: source.id.clone(),
            ended: Ended::Recorded,
            verdict: Some(Verdict::Failed),
            rung: Rung::Http,
            items: 0,
            accepted: crate::scrape::accept::Accepted::default(),
            error: None,
            failure,
            elapsed: Duration::ZERO,
        };
        weather.came_back(&source, &report, DateTime::default() + TimeDelta::seconds(seconds))
    }

    #[test]
    fn an_outage_begins_when_no_host_answers_and_ends_with_the_first_that_does() {
        let weather = Weather::default();
        assert!(!run(&weather, "a", None, 0));
        assert!(!run(&weather, "a", Some(FetchFailure::Dns), 10));
        assert!(!weather.is_offline(), "one host may be down by itself");
        assert!(!run(&weather, "b", Some(FetchFailure::Connect), 20));
        assert!(weather.is_offline());
        // Back-off makes tries rare: silence is no sign of a return.
        assert!(!run(&weather, "a", Some(FetchFailure::Dns), 4_000));
        assert!(weather.is_offline());
        // What was not asked for at all says nothing; a refusal is an answer.
        assert!(!run(&weather, "c", Some(FetchFailure::Robots), 4_500));
        assert!(weather.is_offline());
        assert!(run(&weather, "b", Some(FetchFailure::Refused), 5_000));
        assert!(!weather.is_offline());
        assert!(!run(&weather, "a", None, 5_001));
    }
}
