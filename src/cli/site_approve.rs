//! `magpie site proposals / approve / reject / rollback / versions`: an operator's word on repaired modules.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context as _, bail};
use serde_json::json;

use super::site::Deps;
use super::table;
use crate::scrape::repair::report::Report;
use crate::store::{Db, Decision, ModuleState, ModuleVersion};

/// What an operator says about versions of modules.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Show the repaired modules that wait for your word
    Proposals {
        /// Only of this site
        id: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Put a proposed version in force; running scrapers take it over at once
    Approve {
        /// The site
        id: String,
        /// This version (default: the proposed one)
        #[arg(long, value_name = "N")]
        version: Option<i64>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Refuse a proposed version
    Reject {
        /// The site
        id: String,
        /// This version (default: the proposed one)
        #[arg(long, value_name = "N")]
        version: Option<i64>,
    },
    /// Take the version in force back; the one before it returns, or the module of the program
    Rollback {
        /// The site
        id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// List the versions of a site's module
    Versions {
        /// The site
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub(super) async fn run(
    deps: &Deps<'_>,
    command: Command,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<bool> {
    match command {
        Command::Proposals { id, json } => proposals(deps, id.as_deref(), json, out).await,
        Command::Approve { id, version, yes } => approve(deps, &id, version, yes, out).await,
        Command::Reject { id, version } => reject(deps, &id, version, out).await,
        Command::Rollback { id, yes } => roll_back(deps, &id, yes, out).await,
        Command::Versions { id, json } => versions(deps, &id, json, out).await,
    }
}

/// Who decides, in the audit.
const OPERATOR: &str = "operator at the command line";

fn db<'a>(deps: &Deps<'a>) -> anyhow::Result<&'a dyn Db> {
    deps.db.context("versions of modules stand in the database; set DATABASE_URL or DATA_DIR")
}

/// What waits for an operator, or is on trial, with all that is known of it.
async fn proposals(
    deps: &Deps<'_>,
    id: Option<&str>,
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<bool> {
    let all = db(deps)?.module_versions(id).await?;
    let open: Vec<ModuleVersion> = all.into_iter().filter(|one| one.state.is_open()).collect();
    if json {
        let list: Vec<_> = open.iter().map(as_json).collect();
        table::print_json(out, &list)?;
        return Ok(true);
    }
    if open.is_empty() {
        writeln!(out, "Nothing is proposed.")?;
    }
    for one in &open {
        show(one, out)?;
        match one.state {
            ModuleState::Proposed => writeln!(
                out,
                "Take it: magpie site approve {0} --version {1}   Refuse it: magpie site reject {0} --version {1}",
                one.new.site, one.version
            )?,
            _ => writeln!(out, "It reads pages in shadow; nothing is to be decided yet.")?,
        }
        writeln!(out)?;
    }
    Ok(true)
}

/// A version, what it changes, and what it was tried on.
fn show(one: &ModuleVersion, out: &mut dyn Write) -> anyhow::Result<()> {
    let report: Report = serde_json::from_str(&one.new.report)
        .with_context(|| format!("the report of version {} cannot be read", one.version))?;
    let (site, version) = (&one.new.site, one.version);
    writeln!(
        out,
        "{site}, version {version} ({}), made for {}",
        one.state.as_str(),
        table::tame(&report.url)
    )?;
    for change in &report.changes {
        writeln!(out, "  {}", change.field)?;
        for old in change.before.iter().filter(|old| !change.after.contains(old)) {
            writeln!(out, "    - {}", table::tame(old))?;
        }
        for source in &change.after {
            let mark = if change.before.contains(source) { ' ' } else { '+' };
            writeln!(out, "    {mark} {}", table::tame(source))?;
        }
    }
    if !report.lost.is_empty() {
        writeln!(out, "  not on the page any more: {}", report.lost.join(", "))?;
    }
    writeln!(
        out,
        "  read again: {} of {} known listings, with equal values",
        report.found, report.of
    )?;
    writeln!(out, "  saved cases that read as before: {}", report.cases)?;
    for run in &report.shadow {
        let (at, read, found) = (run.at.format("%Y-%m-%d %H:%M"), run.read, run.found);
        writeln!(out, "  in shadow at {at} UTC: {read} listings, {found} of them known")?;
    }
    if let Some(why) = &report.failed {
        writeln!(out, "  it did not stand its trial: {}", table::tame(why))?;
    }
    for sample in &report.sample {
        let price = sample.price.as_deref().unwrap_or("no price");
        writeln!(
            out,
            "  for example {}: {}, {}",
            table::tame(&sample.id),
            table::tame(&sample.title),
            table::tame(price)
        )?;
    }
    Ok(())
}

fn as_json(one: &ModuleVersion) -> serde_json::Value {
    let report: serde_json::Value = serde_json::from_str(&one.new.report).unwrap_or_default();
    json!({
        "site": one.new.site, "version": one.version, "state": one.state.as_str(),
        "origin": one.new.origin, "created_at": one.created_at, "decided_at": one.decided_at,
        "decided_by": one.decided_by, "report": report, "toml": one.new.toml,
    })
}

/// The proposed version that is meant: the named one, or the only one.
async fn proposed(
    deps: &Deps<'_>,
    id: &str,
    version: Option<i64>,
) -> anyhow::Result<ModuleVersion> {
    let all = db(deps)?.module_versions(Some(id)).await?;
    let fits = |one: &&ModuleVersion| {
        one.state == ModuleState::Proposed && version.is_none_or(|number| number == one.version)
    };
    if let Some(one) = all.iter().find(fits) {
        return Ok(one.clone());
    }
    let named = version.map_or(String::new(), |number| format!(" version {number}"));
    match all.iter().find(|one| one.state == ModuleState::Shadow) {
        Some(trial) => bail!(
            "site {id}: version {} still reads in shadow; `magpie site proposals {id}` shows it when it is ready",
            trial.version
        ),
        None => bail!("site {id} has no proposed{named}; `magpie site versions {id}` lists all"),
    }
}

/// Asks on a terminal; elsewhere `--yes` must have been said.
fn agreed(question: &str, yes: bool, out: &mut dyn Write) -> anyhow::Result<bool> {
    if yes {
        return Ok(true);
    }
    let input = std::io::stdin();
    if !input.is_terminal() {
        bail!("nobody can be asked here; say --yes to decide without a question");
    }
    write!(out, "{question} [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    input.lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Puts a proposed version in force.
async fn approve(
    deps: &Deps<'_>,
    id: &str,
    version: Option<i64>,
    yes: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<bool> {
    let one = proposed(deps, id, version).await?;
    if deps.modules.base_of(id).as_deref() != Some(one.new.base.as_str()) {
        bail!(
            "the module of site {id} has changed since version {} was derived from it; reject it, and the next run \
             that fails makes a new one",
            one.version
        );
    }
    if let Err(problem) = deps.modules.compile(id, &one.new.toml) {
        bail!("version {} of site {id} does not load any more: {problem}", one.version);
    }
    show(&one, out)?;
    if !agreed(&format!("Put version {} of {id} in force?", one.version), yes, out)? {
        writeln!(out, "Nothing has changed.")?;
        return Ok(false);
    }
    let decision = Decision::Approve(one.version);
    if !db(deps)?.decide_module(id, decision, OPERATOR, deps.now).await? {
        bail!("somebody else has just decided on version {} of site {id}", one.version);
    }
    writeln!(
        out,
        "Version {} of {id} is in force; its searches run now. Back: magpie site rollback {id}",
        one.version
    )?;
    Ok(true)
}

/// Refuses a proposed version.
async fn reject(
    deps: &Deps<'_>,
    id: &str,
    version: Option<i64>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<bool> {
    let one = proposed(deps, id, version).await?;
    let decision = Decision::Reject(one.version);
    if !db(deps)?.decide_module(id, decision, OPERATOR, deps.now).await? {
        bail!("somebody else has just decided on version {} of site {id}", one.version);
    }
    writeln!(
        out,
        "Version {} of {id} is refused, and the same will not be proposed again.",
        one.version
    )?;
    Ok(true)
}

/// Takes the version in force back.
async fn roll_back(
    deps: &Deps<'_>,
    id: &str,
    yes: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<bool> {
    let all = db(deps)?.module_versions(Some(id)).await?;
    let Some(active) = all.iter().find(|one| one.state == ModuleState::Active) else {
        bail!(
            "site {id} runs with the module of the program or of its folder; there is nothing to take back"
        );
    };
    let question = format!("Take version {} of {id} back?", active.version);
    if !agreed(&question, yes, out)? {
        writeln!(out, "Nothing has changed.")?;
        return Ok(false);
    }
    if !db(deps)?.decide_module(id, Decision::RollBack, OPERATOR, deps.now).await? {
        bail!("somebody else has just decided on site {id}");
    }
    let after = db(deps)?.module_versions(Some(id)).await?;
    match after.iter().find(|one| one.state == ModuleState::Active) {
        Some(one) => writeln!(out, "Version {} of {id} is in force again.", one.version)?,
        None => {
            writeln!(out, "The module of the program or of its folder is in force again for {id}.")?
        }
    }
    Ok(true)
}

/// All versions of a site and what became of them.
async fn versions(
    deps: &Deps<'_>,
    id: &str,
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<bool> {
    let all = db(deps)?.module_versions(Some(id)).await?;
    if json {
        table::print_json(out, &all.iter().map(as_json).collect::<Vec<_>>())?;
        return Ok(true);
    }
    let row = |one: &ModuleVersion| {
        vec![
            one.version.to_string(),
            one.state.as_str().to_owned(),
            one.new.origin.clone(),
            table::when(Some(one.created_at), deps.now),
            table::when(one.decided_at, deps.now),
            one.decided_by.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    let header = ["version", "state", "origin", "made", "decided", "by"];
    table::print(out, deps.screen, &header, &rows)?;
    Ok(true)
}
