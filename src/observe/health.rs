//! Health of a process: its parts report themselves here, `GET /health` reads it.
//!
//! A part that is degraded costs speed or a side service and leaves the process useful: 200. A part that is down
//! stops the process's work: 503. The texts are our own sentences and hold nothing secret.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::clock::Clock;
use crate::shutdown::{Shutdown, Stage};
use crate::store::{Db, Seen};

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// At work.
    Ok,
    /// The work goes on without it, or more slowly.
    Degraded,
    /// The work stands still until it is back.
    Down,
}

/// One part of a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Component {
    /// How it is.
    pub status: Status,
    /// One sentence about it; empty when all is well.
    pub text: String,
    /// Since when it has been like this.
    pub since: DateTime<Utc>,
}

/// What `GET /health` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The worst of the parts.
    pub status: Status,
    /// `scraper` or `bot`.
    pub process: &'static str,
    /// Version of the program.
    pub version: &'static str,
    /// Seconds since the process started.
    pub uptime_s: i64,
    /// On the way down: take this process out of the load balancer.
    pub stopping: bool,
    /// The parts by name.
    pub components: BTreeMap<String, Component>,
}

impl Report {
    /// The HTTP status: 200 or 503.
    pub fn http_status(&self) -> u16 {
        if self.status == Status::Down || self.stopping { 503 } else { 200 }
    }
}

/// The board on which the parts of a process report themselves; cheap to clone.
#[derive(Clone)]
pub struct Health {
    process: &'static str,
    started: DateTime<Utc>,
    clock: Arc<dyn Clock>,
    shutdown: Shutdown,
    components: Arc<Mutex<BTreeMap<String, Component>>>,
}

impl Health {
    /// The board of a process (`scraper`, `bot`) that starts now.
    pub fn new(process: &'static str, clock: Arc<dyn Clock>, shutdown: Shutdown) -> Self {
        let started = clock.now();
        Self { process, started, clock, shutdown, components: Arc::default() }
    }

    /// A part reports itself; a repetition keeps the moment since when.
    pub fn set(&self, name: &str, status: Status, text: impl Into<String>) {
        let now = self.clock.now();
        let mut components = self.components.lock().unwrap_or_else(PoisonError::into_inner);
        let since =
            components.get(name).filter(|old| old.status == status).map_or(now, |old| old.since);
        components.insert(name.to_owned(), Component { status, text: text.into(), since });
    }

    /// A part is at work.
    pub fn ok(&self, name: &str) {
        self.set(name, Status::Ok, "");
    }

    /// The present state.
    pub fn report(&self) -> Report {
        let components = self.components.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Report {
            status: components.values().map(|c| c.status).max().unwrap_or(Status::Ok),
            process: self.process,
            version: env!("CARGO_PKG_VERSION"),
            uptime_s: (self.clock.now() - self.started).num_seconds(),
            stopping: self.shutdown.stage() > Stage::Running,
            components,
        }
    }
}

/// How long a store may take to answer before it counts as silent.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the stores every `every` until the shutdown, and reports them as `database` and `seen`. The seen-set is
/// only ever degraded: the work goes on without it.
pub async fn watch_stores(
    health: Health,
    db: Arc<dyn Db>,
    seen: Arc<dyn Seen>,
    every: Duration,
    shutdown: Shutdown,
) {
    while shutdown.is_running() {
        match tokio::time::timeout(PATIENCE, db.ping()).await {
            Ok(Ok(())) => health.ok("database"),
            Ok(Err(error)) => health.set("database", Status::Down, error.to_string()),
            Err(_) => health.set("database", Status::Down, "no answer within five seconds"),
        }
        match tokio::time::timeout(PATIENCE, seen.ping()).await {
            Ok(Ok(())) => health.ok("seen"),
            Ok(Err(error)) => health.set("seen", Status::Degraded, error.to_string()),
            Err(_) => health.set("seen", Status::Degraded, "no answer within five seconds"),
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = shutdown.reached(Stage::Quiet) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn the_worst_part_decides_and_its_moment_is_kept() {
        let clock = Arc::new(ManualClock::new(DateTime::UNIX_EPOCH));
        let shutdown = Shutdown::default();
        let health = Health::new("bot", clock.clone(), shutdown.clone());
        assert_eq!(health.report().http_status(), 200);
        health.ok("database");
        health.set("seen", Status::Degraded, "Redis does not answer");
        assert_eq!(
            (health.report().status, health.report().http_status()),
            (Status::Degraded, 200)
        );

        health.set("database", Status::Down, "locked");
        clock.advance(TimeDelta::seconds(30));
        health.set("database", Status::Down, "still locked");
        let report = health.report();
        assert_eq!(report.http_status(), 503);
        assert_eq!(report.uptime_s, 30);
        assert_eq!(report.components["database"].since, DateTime::UNIX_EPOCH);

        health.ok("database");
        assert_eq!(health.report().http_status(), 200);
        shutdown.reach(Stage::Quiet);
        assert_eq!(health.report().http_status(), 503);
    }
}
