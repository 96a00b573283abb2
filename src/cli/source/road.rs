//! The part of `magpie source show` about the road to the listings, and the last runs.

use std::io::Write;

use serde_json::{Value, json};

use super::Deps;
use crate::cli::table::{self, tame};
use crate::domain::source::Source;
use crate::scrape::road::Road;
use crate::store::RunRecord;

/// Runs shown.
const RUNS: u32 = 10;

/// The road and the runs for programs.
pub(super) async fn value(deps: &Deps<'_>, source: &Source) -> anyhow::Result<(Value, Value)> {
    let road = Road::of(source.road.as_deref());
    let run = |run: &RunRecord| {
        json!({
            "at": run.finished_at, "verdict": run.verdict, "rung": run.rung, "why": run.why,
            "items": run.items, "bytes": run.bytes, "complaint": run.error,
        })
    };
    let runs: Vec<_> = deps.db.runs(&source.id, RUNS).await?.iter().map(run).collect();
    Ok((json!({"words": road.words(), "known": road}), json!(runs)))
}

/// The road and the runs for people.
pub(super) async fn print(
    deps: &Deps<'_>,
    source: &Source,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let road = Road::of(source.road.as_deref());
    let rung = source.rung.as_deref().unwrap_or("nothing yet");
    writeln!(out, "Road: {rung}. {}", tame(&road.words()))?;
    if let Some(endpoint) = &road.endpoint {
        writeln!(out, "  {} {}", endpoint.ask.method, tame(endpoint.ask.url.as_str()))?;
        writeln!(out, "  listings at {}", tame(&endpoint.lesson.list))?;
        for (name, value) in &endpoint.lesson.fields {
            writeln!(out, "  {name} = {}", tame(value))?;
        }
    }
    let row = |run: &RunRecord| {
        vec![
            table::when(Some(run.finished_at), deps.now),
            run.verdict.as_str().to_owned(),
            run.items.to_string(),
            run.rung.clone(),
            tame(&run.why),
            tame(run.error.as_deref().unwrap_or_default()),
        ]
    };
    let rows: Vec<_> = deps.db.runs(&source.id, RUNS).await?.iter().map(row).collect();
    let header = ["run", "verdict", "items", "by", "why", "complaint"];
    table::print(out, deps.screen, &header, &rows)?;
    Ok(())
}
