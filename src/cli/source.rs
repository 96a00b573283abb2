//! `magpie source`: the searches that are scraped.

pub mod explain;
mod road;
mod show;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use clap::Subcommand;
use serde_json::json;

use super::table::{self, Screen};
use crate::domain::paste::{PasteError, Pasted, address, paste};
use crate::domain::rhythm::{Cron, Gate, Policy, Rhythm, Window, zone_of};
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
        /// When it runs
        #[command(flatten)]
        rhythm: Box<RhythmArgs>,
        /// Offer it to everybody in the bot
        #[arg(long)]
        offer: bool,
    },
    /// What becomes of an address: the search that it is, and who sees to each filter in it
    Explain {
        /// Address of the search page, as the browser shows it
        url: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Everything about one: its rhythm, its next runs, why its interval is what it is, the road to its listings
    Show {
        /// Its id, or the beginning of it
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Stop scraping it
    Pause(Which),
    /// Go on scraping it
    Resume(Which),
    /// Scrape it now, or when its window opens
    Run(Which),
    /// List the hosts with their clocks: next request, held until when and why, gap, answer time
    Hosts {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Forget it, with its watches
    Remove {
        /// Its id, or the beginning of it
        id: String,
    },
}

/// One search, or all of a site.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// Its id, or the beginning of it
    #[arg(required_unless_present = "site", conflicts_with = "site")]
    pub id: Option<String>,
    /// All searches of this site
    #[arg(long)]
    pub site: Option<String>,
}

/// When a search runs.
#[derive(Debug, Default, clap::Args)]
pub struct RhythmArgs {
    /// Moments of its runs instead of an interval, such as "0 9 * * mon-fri"
    #[arg(long, conflicts_with = "every")]
    pub cron: Option<Cron>,
    /// Runs only then, such as "mon-fri 07:00-22:00"; may be given several times
    #[arg(long = "window", value_name = "WINDOW")]
    pub windows: Vec<Window>,
    /// Time zone of --cron and --window, such as Europe/Berlin (default: the site's)
    #[arg(long, value_parser = zone_of)]
    pub zone: Option<Tz>,
    /// Shifts each run at random within this time
    #[arg(long, value_parser = table::duration)]
    pub jitter: Option<Duration>,
    /// Keeps the interval as it is: it does not follow the rate of change
    #[arg(long)]
    pub no_adaptive: bool,
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
    /// How intervals are chosen.
    pub policy: Policy,
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
        Command::Hosts { json } => {
            super::hosts::print(&deps.db.host_paces().await?, json, deps.now, deps.screen, out)?;
        }
        Command::Add { url, title, every, rhythm, offer } => {
            let interval = every.unwrap_or(deps.interval);
            let (spec, pasted) = spec(deps.modules, &url, title, interval, offer)?;
            add(&deps, SourceSpec { rhythm: rhythm.of_site(&deps, &spec)?, ..spec }, &pasted, out)
                .await?;
        }
        Command::Explain { url, json } => explain::explain(&deps, &url, json, out).await?,
        Command::Show { id, json } => show::show(&deps, &id, json, out).await?,
        Command::Pause(which) => {
            order(&deps, &which, SourceOrder::Pause, "is paused", out).await?;
        }
        Command::Resume(which) => {
            order(&deps, &which, SourceOrder::Resume, "is scraped again", out).await?;
        }
        Command::Run(which) => {
            order(
                &deps,
                &which,
                SourceOrder::RunNow,
                "is due now; a running scraper takes it",
                out,
            )
            .await?;
        }
        Command::Remove { id } => {
            let which = Which { id: Some(id), site: None };
            order(&deps, &which, SourceOrder::Remove, "is forgotten, with its watches", out)
                .await?;
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

impl RhythmArgs {
    /// The rhythm of a search; zones that are not named are the site's.
    fn of_site(self, deps: &Deps<'_>, spec: &SourceSpec) -> anyhow::Result<Rhythm> {
        let Self { cron, windows, zone, jitter, no_adaptive } = self;
        let rhythm = Rhythm { cron, windows, zone, jitter, exact: no_adaptive };
        if zone.is_some() && rhythm.cron.is_none() && rhythm.windows.is_empty() {
            bail!("--zone is the zone of --cron or --window; add one of them, or leave it out");
        }
        rhythm.check()?;
        let site = deps.modules.get(&spec.site).context("the site module has just been removed")?;
        Ok(rhythm.in_zone(site.time_zone))
    }
}

async fn add(
    deps: &Deps<'_>,
    spec: SourceSpec,
    pasted: &Pasted,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    if spec.interval < SHORTEST {
        bail!("--every is at least {} s, out of politeness", SHORTEST.as_secs());
    }
    let id = spec.id();
    deps.db.put_sources(std::slice::from_ref(&spec), deps.now).await?;
    writeln!(out, "Search {id} of site {}: {}", spec.site, spec.url)?;
    writeln!(out, "It is scraped {}; the first run is silent.", show::rhythm(&spec))?;
    explain::report(pasted, out)?;
    Ok(())
}

/// What becomes of an address that somebody typed.
pub fn pasted(modules: &Modules, text: &str) -> Result<Pasted, PasteError> {
    let url = address(text)?;
    paste(modules.recognise(&url).as_deref(), &url)
}

/// The canonical search behind an address that somebody typed, and what becomes of its filters.
pub fn spec(
    modules: &Modules,
    text: &str,
    title: Option<String>,
    interval: Duration,
    offered: bool,
) -> anyhow::Result<(SourceSpec, Pasted)> {
    let pasted = pasted(modules, text)?;
    let spec = SourceSpec {
        site: pasted.site.clone(),
        url: pasted.url.to_string(),
        title: title.unwrap_or_else(|| pasted.title()),
        interval,
        offered,
        rhythm: Rhythm::default(),
    };
    Ok((spec, pasted))
}

async fn order(
    deps: &Deps<'_>,
    which: &Which,
    order: SourceOrder,
    done: &str,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    for source in chosen(deps, which).await? {
        if !deps.db.order_source(&source.id, order, deps.now).await? {
            bail!("search {} has just been removed by somebody else", source.id);
        }
        let title = table::tame(&source.spec.title);
        match source.spec.rhythm.gate(deps.now) {
            Gate::Closed(next) if order == SourceOrder::RunNow => {
                let opens = show::local(next.from, &source.spec.rhythm);
                writeln!(out, "\"{title}\" runs when its window opens, {opens}.")?;
            }
            _ => writeln!(out, "\"{title}\" {done}.")?,
        }
    }
    Ok(())
}

/// The searches that an order is for.
async fn chosen(deps: &Deps<'_>, which: &Which) -> anyhow::Result<Vec<Source>> {
    let filter = SourceFilter { site: which.site.clone(), ..SourceFilter::default() };
    let all = deps.db.sources(&filter).await?;
    match (&which.id, &which.site) {
        (Some(id), _) => Ok(vec![table::pick("search", id, all, |one| one.id.as_str())?]),
        (None, Some(site)) if all.is_empty() => {
            bail!("there is no search of site \"{site}\"; `magpie source list` shows all")
        }
        _ => Ok(all),
    }
}

fn as_json(one: &Source) -> serde_json::Value {
    json!({
        "id": one.id,
        "site": one.spec.site,
        "url": one.spec.url,
        "title": one.spec.title,
        "interval_s": one.spec.interval.as_secs(),
        "present_interval_s": one.interval().as_secs(),
        "rhythm": one.spec.rhythm,
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
