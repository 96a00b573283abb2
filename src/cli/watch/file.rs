//! Watches as files.

use std::collections::BTreeMap;
use std::io::{Read as _, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;

use super::{Deps, all, show};
use crate::domain::import::{
    self, Format, MOST_BYTES, Outcome, Owner, Report, What, check, sort_out,
};
use crate::domain::plan::Allowance;
use crate::domain::watch::NewWatch;
use crate::domain::{Language, SourceId, Watch};
use crate::store::WatchDone;
use crate::texts::import::{outcome_line, summary, what};

/// A problem in words for operators.
pub fn words(problem: &What) -> String {
    what(Language::En, problem)
}

/// Reads a file and makes the watches of its good rows. Ends with 1 when a row has problems.
pub async fn import(
    deps: &Deps<'_>,
    owner: Owner,
    path: &Path,
    dry_run: bool,
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    let bytes = bytes_of(path)?;
    let rows = import::read(&bytes)?;
    let own = all(deps, Some(owner.user), None).await?;
    let (free, held) = deps.db.plans_of(owner.user).await?;
    let checked = |row: import::Row| check(row, deps.registry, deps.interval);
    let rows = rows.into_iter().map(|(line, row)| (line, row.and_then(checked))).collect();
    let room = Allowance::of(free, held, &own);
    let (made, mut report) = sort_out(rows, &owner, &own, room, deps.now);
    if !dry_run {
        write(deps, &made, &mut report).await?;
    }
    print(&report, dry_run, json, out)?;
    let is_good = report.count(|one| matches!(one, Outcome::Wrong(_) | Outcome::Beyond(_))) == 0;
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Each watch is a transaction of its own. What somebody else did meanwhile is said in its line.
async fn write(deps: &Deps<'_>, made: &[NewWatch], report: &mut Report) -> anyhow::Result<()> {
    let lines = report.rows.iter_mut().filter(|(_, one)| matches!(one, Outcome::Added { .. }));
    for (new, (_, outcome)) in made.iter().zip(lines) {
        match deps.db.add_watch(new, deps.now).await? {
            WatchDone::Done => {}
            WatchDone::Already(_) | WatchDone::Missing => {
                *outcome = Outcome::There { name: new.name.clone() };
            }
            WatchDone::Refused(refusal) => *outcome = Outcome::Beyond(refusal),
        }
    }
    Ok(())
}

fn print(
    report: &Report,
    dry_run: bool,
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    if json {
        let row = |(line, outcome): &(u64, Outcome)| {
            let result = match outcome {
                Outcome::Added { .. } => "added",
                Outcome::There { .. } => "there",
                Outcome::Repeats { .. } => "repeats",
                Outcome::Beyond(_) => "beyond",
                Outcome::Wrong(_) => "wrong",
            };
            let words = outcome_line(Language::En, *line, outcome);
            json!({ "line": line, "result": result, "words": words })
        };
        let rows: Vec<_> = report.rows.iter().map(row).collect();
        super::table::print_json(out, &json!({ "dry_run": dry_run, "rows": rows }))?;
        return Ok(());
    }
    for (line, outcome) in &report.rows {
        writeln!(out, "{}", outcome_line(Language::En, *line, outcome))?;
    }
    writeln!(out, "{}", summary(Language::En, report))?;
    if dry_run {
        writeln!(out, "Nothing is written: this was a trial.")?;
    }
    Ok(())
}

/// At most one byte more than may be read, so that a large file is refused and not read.
fn bytes_of(path: &Path) -> anyhow::Result<Vec<u8>> {
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX) + 1;
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().take(most).read_to_end(&mut bytes).context("reading standard input")?;
    } else {
        let file = std::fs::File::open(path);
        let file = file.with_context(|| format!("opening {}", path.display()))?;
        file.take(most)
            .read_to_end(&mut bytes)
            .with_context(|| format!("reading {}", path.display()))?;
    }
    Ok(bytes)
}

/// Writes watches as a file.
pub async fn export(
    deps: &Deps<'_>,
    watches: &[Watch],
    format: Format,
    path: Option<&Path>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let sources = show::sources(deps).await?;
    let links: BTreeMap<SourceId, String> =
        sources.into_iter().map(|(id, source)| (id, source.spec.url)).collect();
    let text = import::write(format, watches, &links);
    match path {
        Some(path) => {
            std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))?;
            writeln!(out, "{} watches are in {}.", watches.len(), path.display())?;
        }
        None => out.write_all(text.as_bytes())?,
    }
    Ok(())
}
