//! `magpie source`: the searches that are scraped.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde_json::json;
use url::Url;

use super::table::{self, Screen};
use crate::domain::source::{Source, SourceSpec, Verdict};
use crate::scrape::Modules;
use crate::scrape::road::Road;
use crate::store::{Db, SourceFilter, SourceOrder};

/// The shortest interval that a site's owner should have to bear.
const SHORTEST: Duration = Duration::from_secs(30);

/// Look at the searches and steer them.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do with the searches.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List searches with their last verdict
    List {
        /// Only of this site
        #[arg(long)]
        site: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Scrape a search page from now on
    Add {
        /// Address of the search page, as the browser shows it
        url: String,
        /// What people call it (default: the site's name and the address)
        #[arg(long)]
        title: Option<String>,
        /// Time between two runs, such as 6m or 1h (default: the configuration's)
        #[arg(long, value_parser = table::duration)]
        every: Option<Duration>,
        /// Offer it to everybody in the bot
        #[arg(long)]
        offer: bool,
    },
    /// Show one search: the road to its listings and its last runs
    Show {
        /// Its id, or the beginning of it
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Stop scraping it
    Pause {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Go on scraping it
    Resume {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Scrape it now
    Run {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Forget it, with its watches
    Remove {
        /// Its id, or the beginning of it
        id: String,
    },
}

/// What the command works with.
pub struct Deps<'a> {
    /// The record.
    pub db: &'a dyn Db,
    /// The site modules.
    pub modules: &'a Modules,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// Time between two runs of a search that names none.
    pub interval: Duration,
    /// Where the output goes.
    pub screen: Screen,
}

/// Runs the command.
pub async fn run(
    args: Args,
    deps: Deps<'_>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::List { site, json } => list(&deps, site, json, out).await?,
        Command::Show { id, json } => super::source_show::show(&deps, &id, json, out).await?,
        Command::Add { url, title, every, offer } => {
            add(&deps, &url, title, every.unwrap_or(deps.interval), offer, out).await?;
        }
        Command::Pause { id } => order(&deps, &id, SourceOrder::Pause, "is paused", out).await?,
        Command::Resume { id } => {
            order(&deps, &id, SourceOrder::Resume, "is scraped again", out).await?;
        }
        Command::Run { id } => {
            order(&deps, &id, SourceOrder::RunNow, "is due now; a running scraper takes it", out)
                .await?;
        }
        Command::Remove { id } => {
            order(&deps, &id, SourceOrder::Remove, "is forgotten, with its watches", out).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(
    deps: &Deps<'_>,
    site: Option<String>,
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let filter = SourceFilter { site, ..SourceFilter::default() };
    let sources = deps.db.sources(&filter).await?;
    if json {
        let all: Vec<_> = sources.iter().map(as_json).collect();
        table::print_json(out, &all)?;
        return Ok(());
    }
    if sources.is_empty() {
        writeln!(out, "No searches. Add one: `magpie source add URL --offer`.")?;
        return Ok(());
    }
    let row = |one: &Source| {
        let state = if one.paused { "paused" } else { one.verdict.map_or("-", Verdict::as_str) };
        vec![
            one.id.as_str().chars().take(8).collect(),
            one.spec.site.clone(),
            one.spec.title.clone(),
            state.to_owned(),
            one.last_count.map_or_else(String::new, |count| count.to_string()),
            table::when(one.last_run_at, deps.now),
            if one.paused { String::new() } else { table::when(Some(one.next_due_at), deps.now) },
            one.rung.clone().unwrap_or_default(),
            one.last_error.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = sources.iter().map(row).collect();
    let header = ["id", "site", "title", "verdict", "items", "last run", "next", "by", "complaint"];
    table::print(out, deps.screen, &header, &rows)?;
    Ok(())
}

async fn add(
    deps: &Deps<'_>,
    text: &str,
    title: Option<String>,
    interval: Duration,
    offered: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    if interval < SHORTEST {
        bail!("--every is at least {} s, out of politeness", SHORTEST.as_secs());
    }
    let (spec, unknown) = spec(deps.modules, text, title, interval, offered)?;
    let id = spec.id();
    deps.db.put_sources(std::slice::from_ref(&spec), deps.now).await?;
    writeln!(out, "Search {id} of site {}: {}", spec.site, spec.url)?;
    writeln!(
        out,
        "It is scraped every {}; the first run is silent.",
        table::span(interval.as_secs())
    )?;
    if !unknown.is_empty() {
        writeln!(out, "Kept but not understood in the address: {}.", unknown.join(", "))?;
    }
    Ok(())
}

/// The canonical search behind an address that somebody typed, and what of it is not understood.
pub fn spec(
    modules: &Modules,
    text: &str,
    title: Option<String>,
    interval: Duration,
    offered: bool,
) -> anyhow::Result<(SourceSpec, Vec<String>)> {
    let url = Url::parse(text.trim())
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .with_context(|| {
            format!("\"{text}\" is no complete address; copy it from the browser, with https://")
        })?;
    let site = modules.recognise(&url).with_context(|| {
        let host = url.host_str().unwrap_or_default();
        format!("no site module knows {host}; `magpie site list` shows the known ones")
    })?;
    if !site.matches(&url) {
        bail!(
            "{url} belongs to site {} but is no search page that its module knows; open a search \
             there and copy its address",
            site.id
        );
    }
    let cleaned = site.clean(&url);
    let title = title.unwrap_or_else(|| {
        let filters: Vec<&str> = cleaned.filters.values().map(String::as_str).collect();
        if filters.is_empty() {
            site.name.clone()
        } else {
            format!("{}: {}", site.name, filters.join(", "))
        }
    });
    let spec =
        SourceSpec { site: site.id.clone(), url: cleaned.url.into(), title, interval, offered };
    Ok((spec, cleaned.unknown))
}

async fn order(
    deps: &Deps<'_>,
    id: &str,
    order: SourceOrder,
    done: &str,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let all = deps.db.sources(&SourceFilter::default()).await?;
    let source = table::pick("search", id, all, |source| source.id.as_str())?;
    if !deps.db.order_source(&source.id, order, deps.now).await? {
        bail!("search {} has just been removed by somebody else", source.id);
    }
    writeln!(out, "\"{}\" {done}.", table::tame(&source.spec.title))?;
    Ok(())
}

/// A search for programs.
pub(super) fn as_json(one: &Source) -> serde_json::Value {
    json!({
        "id": one.id,
        "site": one.spec.site,
        "url": one.spec.url,
        "title": one.spec.title,
        "interval_s": one.spec.interval.as_secs(),
        "offered": one.spec.offered,
        "paused": one.paused,
        "verdict": one.verdict,
        "items": one.last_count,
        "failures": one.failures,
        "baseline_done": one.baseline_done,
        "last_run_at": one.last_run_at,
        "next_due_at": one.next_due_at,
        "rung": one.rung,
        "road": Road::of(one.road.as_deref()).words(),
        "complaint": one.last_error,
    })
}
