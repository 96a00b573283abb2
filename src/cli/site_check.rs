//! `magpie site check`: how the sites are doing, from the last runs of their sources.

use std::io::Write;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde_json::json;

use super::site::Deps;
use super::table;
use crate::domain::source::{Source, Verdict};
use crate::store::SourceFilter;

/// How one site is doing over all its sources.
#[derive(Debug, Default)]
struct Health {
    sources: usize,
    paused: usize,
    good: usize,
    bad: usize,
    last_run_at: Option<DateTime<Utc>>,
    complaint: Option<String>,
}

impl Health {
    fn of<'s>(sources: impl Iterator<Item = &'s Source>) -> Self {
        let mut health = Self::default();
        for source in sources {
            health.sources += 1;
            health.paused += usize::from(source.paused);
            match source.verdict.map(Verdict::is_good) {
                Some(true) => health.good += 1,
                Some(false) => health.bad += 1,
                None => {}
            }
            if source.last_run_at >= health.last_run_at {
                health.last_run_at = source.last_run_at;
                health.complaint = source.last_error.clone().or(health.complaint);
            }
        }
        health
    }

    fn word(&self) -> &'static str {
        match (self.sources, self.good, self.bad) {
            (0, _, _) => "unused",
            (_, 0, 0) => "not run yet",
            (_, _, 0) => "good",
            (_, 0, _) => "broken",
            _ => "partly broken",
        }
    }
}

/// Prints the table; false when a search of some site is ill.
pub(super) async fn check(
    deps: &Deps<'_>,
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<bool> {
    let db =
        deps.db.context("`magpie site check` needs the database; set DATABASE_URL or DATA_DIR")?;
    let sources = db.sources(&SourceFilter::default()).await?;
    let health: Vec<(String, Health)> = deps
        .modules
        .all()
        .iter()
        .map(|site| {
            let own = sources.iter().filter(|source| source.spec.site == site.id);
            (site.id.clone(), Health::of(own))
        })
        .collect();
    if json {
        let one = |(id, health): &(String, Health)| {
            json!({
                "site": id, "state": health.word(), "sources": health.sources,
                "paused": health.paused, "good": health.good, "bad": health.bad,
                "last_run_at": health.last_run_at, "complaint": health.complaint,
            })
        };
        table::print_json(out, &health.iter().map(one).collect::<Vec<_>>())?;
    } else {
        let row = |(id, health): &(String, Health)| {
            vec![
                id.clone(),
                health.word().to_owned(),
                health.sources.to_string(),
                health.good.to_string(),
                health.bad.to_string(),
                table::when(health.last_run_at, deps.now),
                health.complaint.clone().unwrap_or_default(),
            ]
        };
        let rows: Vec<_> = health.iter().map(row).collect();
        let header = ["site", "state", "searches", "good", "bad", "last run", "last complaint"];
        table::print(out, deps.screen, &header, &rows)?;
    }
    Ok(health.iter().all(|(_, health)| health.bad == 0))
}
