//! `magpie source show`: when a search runs, and why then.

use std::io::Write;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Deps, as_json};
use crate::cli::table::{self, print_json, tame};
use crate::config::duration;
use crate::domain::rhythm::{Rhythm, Why, moments, tune};
use crate::domain::source::{Source, SourceSpec, Verdict};
use crate::store::SourceFilter;

/// Runs that are foretold.
const MOMENTS: usize = 5;

/// Prints one search.
pub(super) async fn show(
    deps: &Deps<'_>,
    id: &str,
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let all = deps.db.sources(&SourceFilter::default()).await?;
    let picked = table::pick("search", id, all.iter().collect(), |one| one.id.as_str())?;
    let demands = deps.db.demands(deps.now).await?;
    let choices = tune(&all, &demands, &deps.policy, deps.now);
    let why = choices.iter().find(|choice| choice.source == picked.id).map(|choice| choice.why);
    let why = why.map_or_else(String::new, |why| reason(picked, why));
    let next = if picked.paused { vec![] } else { upcoming(picked, deps.now) };
    if json {
        let mut value = as_json(picked);
        value["why"] = json!(why);
        value["next"] = json!(next);
        value["zone"] = json!(picked.spec.rhythm.zone().name());
        print_json(out, &value)?;
        return Ok(());
    }
    let spec = &picked.spec;
    let verdict = picked.verdict.map_or("-", Verdict::as_str);
    writeln!(out, "{} ({}, {})", tame(&spec.title), spec.site, picked.id)?;
    writeln!(out, "{}", tame(&spec.url))?;
    writeln!(out, "Last run {}: {verdict}", table::when(picked.last_run_at, deps.now))?;
    if let Some(complaint) = &picked.last_error {
        writeln!(out, "  {}", tame(complaint))?;
    }
    writeln!(out, "Runs {}", rhythm(spec))?;
    if spec.rhythm.cron.is_none() {
        writeln!(out, "At present every {}: {why}", duration::show(picked.interval()))?;
    }
    if picked.paused {
        writeln!(out, "Paused; `magpie source resume {}` goes on", picked.id)?;
    }
    for at in next {
        writeln!(out, "  {}  {}", local(at, &spec.rhythm), table::when(Some(at), deps.now))?;
    }
    Ok(())
}

/// The next runs of a search, provided that they are good ones.
fn upcoming(source: &Source, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let due = source.next_due_at.max(now);
    moments(&source.spec.rhythm, source.interval(), due, source.seed(), MOMENTS)
}

/// A moment by the clock on the wall where the search belongs.
pub(super) fn local(at: DateTime<Utc>, rhythm: &Rhythm) -> String {
    at.with_timezone(&rhythm.zone()).format("%a %Y-%m-%d %H:%M:%S %Z").to_string()
}

/// What was asked for, in words.
pub(super) fn rhythm(spec: &SourceSpec) -> String {
    let Rhythm { cron, windows, zone, jitter, exact } = &spec.rhythm;
    let mut text = match cron {
        Some(cron) => format!("at \"{cron}\" {}", spec.rhythm.zone()),
        None => format!("every {}", table::span(spec.interval.as_secs())),
    };
    if !windows.is_empty() {
        let zoned = |window: &crate::domain::rhythm::Window| match (window.zone, zone) {
            (None, Some(zone)) => format!("{window} {zone}"),
            _ => window.to_string(),
        };
        let windows: Vec<String> = windows.iter().map(zoned).collect();
        text.push_str(&format!(", only {}", windows.join(" or ")));
    }
    if let Some(jitter) = jitter {
        text.push_str(&format!(", shifted within {}", duration::show(*jitter)));
    }
    if *exact {
        text.push_str(", not tuned");
    }
    text
}

/// Why the interval is what it is.
fn reason(source: &Source, why: Why) -> String {
    match why {
        Why::Asked if source.spec.rhythm.exact => "as was asked for; it is not tuned".into(),
        Why::Asked => "as was asked for".into(),
        Why::Sold => "the fastest plan among those who watch it".into(),
        Why::Idle => "nobody watches it and it is not offered (schedule.idle_interval)".into(),
        Why::Cron => "a cron expression decides".into(),
        Why::Tuned { asked, per_hour, watches } => format!(
            "tuned from {}; about {per_hour:.1} new listings an hour at this time of the day, {watches} watches",
            duration::show(asked)
        ),
    }
}
