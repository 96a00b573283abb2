//! `magpie source show ID`: one search, the road to its listings, and its last runs.

use std::io::Write;

use serde_json::json;

use super::source::Deps;
use super::table;
use crate::scrape::road::Road;
use crate::store::{RunRecord, SourceFilter};

/// Runs shown.
const RUNS: u32 = 10;

/// Prints one search.
pub(super) async fn show(
    deps: &Deps<'_>,
    id: &str,
    as_json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let all = deps.db.sources(&SourceFilter::default()).await?;
    let source = table::pick("search", id, all, |source| source.id.as_str())?;
    let runs = deps.db.runs(&source.id, RUNS).await?;
    let road = Road::of(source.road.as_deref());
    if as_json {
        let run = |run: &RunRecord| {
            json!({
                "at": run.finished_at, "verdict": run.verdict, "rung": run.rung, "why": run.why,
                "items": run.items, "bytes": run.bytes, "complaint": run.error,
            })
        };
        let runs: Vec<_> = runs.iter().map(run).collect();
        let known = json!({ "words": road.words(), "known": road });
        table::print_json(
            out,
            &json!({"source": super::source::as_json(&source), "road": known, "runs": runs}),
        )?;
        return Ok(());
    }
    writeln!(out, "{} ({}): {}", table::tame(&source.spec.title), source.id, source.spec.url)?;
    let rung = source.rung.as_deref().unwrap_or("nothing yet");
    writeln!(out, "Road: {rung}. {}", table::tame(&road.words()))?;
    if let Some(endpoint) = &road.endpoint {
        writeln!(out, "  {} {}", endpoint.ask.method, table::tame(endpoint.ask.url.as_str()))?;
        writeln!(out, "  listings at {}", table::tame(&endpoint.lesson.list))?;
        for (name, value) in &endpoint.lesson.fields {
            writeln!(out, "  {name} = {}", table::tame(value))?;
        }
    }
    let row = |run: &RunRecord| {
        vec![
            table::when(Some(run.finished_at), deps.now),
            run.verdict.as_str().to_owned(),
            run.items.to_string(),
            run.rung.clone(),
            table::tame(&run.why),
            table::tame(run.error.as_deref().unwrap_or_default()),
        ]
    };
    let rows: Vec<_> = runs.iter().map(row).collect();
    let header = ["run", "verdict", "items", "by", "why", "complaint"];
    table::print(out, deps.screen, &header, &rows)?;
    Ok(())
}
