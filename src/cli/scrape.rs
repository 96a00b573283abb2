//! `magpie scrape URL`: one page now. Prints what a run would see; writes nothing.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Serialize;
use sites::{Complaint, Listing, Page, PageKind, Parsed, Site};
use url::Url;

use super::roads::{self, Roads};
use super::source::explain::report;
use super::table::{self, Screen};
use super::unknown;
use crate::domain::paste::{Pasted, paste};
use crate::scrape::host::{How, Manners};
use crate::scrape::ladder::{climbs, rungs};
use crate::scrape::parse::parse;
use crate::scrape::road::Recorded;
use crate::scrape::{FetchError, FetchJob, Hosts, Ladder, Modules, Rung, Want};

/// Scrape one page now and print what is understood of it. Nothing is stored.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address of a search page or of one offer
    pub url: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Only by browser
    #[arg(long, conflicts_with = "http")]
    pub browser: bool,
    /// Only by plain HTTP
    #[arg(long)]
    pub http: bool,
    /// Say which roads were tried and why, what could be learned, which source of values won for each field,
    /// and what the address filters by
    #[arg(long)]
    pub explain: bool,
}

/// What the command works with.
pub struct Deps<'a> {
    /// The site modules.
    pub modules: &'a Modules,
    /// The roads to a page.
    pub ladder: &'a Ladder,
    /// Politeness: robots.txt and gaps count here too.
    pub hosts: &'a Hosts,
    /// Everything about one page must be over by then.
    pub deadline: Duration,
    /// Where the output goes.
    pub screen: Screen,
}

/// A page, what was read from it, and the JSON that it fetched for itself.
type Shown = (Arc<Page>, Parsed, Vec<Recorded>);

/// What is printed.
#[derive(Debug, Serialize)]
struct Answer {
    url: Url,
    site: String,
    rung: &'static str,
    status: Option<u16>,
    kind: PageKind,
    listings: Vec<Listing>,
    complaints: Vec<Complaint>,
    won: BTreeMap<String, BTreeMap<String, usize>>,
    total: Option<u64>,
    next: Option<Url>,
    filters: BTreeMap<String, String>,
    unknown_filters: Vec<String>,
    canonical: Url,
    /// What becomes of the address when it is watched; `None` for one that is no search.
    #[serde(skip)]
    pasted: Option<Pasted>,
    /// With `--explain`: every rung of the ladder.
    #[serde(skip_serializing_if = "Option::is_none")]
    roads: Option<Roads>,
    bytes: usize,
    milliseconds: Timings,
}

#[derive(Debug, Default, Clone, Copy, Serialize)]
struct Timings {
    waiting: u128,
    fetching: u128,
    parsing: u128,
}

/// Runs the command. Exit code 1 when the page shows neither listings nor proof that there are none.
pub async fn run(
    args: Args,
    deps: Deps<'_>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    let url = Url::parse(args.url.trim())
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .with_context(|| {
            format!("\"{}\" is no complete address; copy it with https://", args.url)
        })?;
    let Some(site) = deps.modules.recognise(&url) else {
        return unknown::scrape(&args, &deps, &url, out).await;
    };
    let plan = match (args.http, args.browser) {
        (true, _) => vec![Rung::Http],
        (_, true) => vec![Rung::Browser],
        _ => rungs(site.fetch.render, None, deps.ladder.has_browser(), 1),
    };
    let answer = {
        let waiting = table::waiting(format!("{}: waiting for a turn", site.name));
        let mut answer = climb(&deps, &site, &url, &plan, &waiting, args.explain).await?;
        if !args.explain {
            answer.roads = None;
        }
        answer
    };
    let good = matches!(answer.kind, PageKind::Results | PageKind::NoResults);
    if args.json {
        table::print_json(out, &answer)?;
    } else {
        print(out, deps.screen, &answer, args.explain)?;
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn climb(
    deps: &Deps<'_>,
    site: &Arc<Site>,
    url: &Url,
    plan: &[Rung],
    waiting: &table::Waiting,
    explain: bool,
) -> anyhow::Result<Answer> {
    let mut best: Option<Answer> = None;
    let mut roads = Roads::default();
    let mut rendered = None;
    for rung in plan {
        let begun = Instant::now();
        match attempt(deps, site, url, *rung, waiting, explain).await {
            Ok((answer, shown, more)) => {
                let words =
                    format!("{} listings, {}", answer.listings.len(), kind_words(answer.kind));
                roads.brought(*rung, answer.milliseconds.fetching, answer.bytes, words);
                if *rung == Rung::Browser {
                    rendered = Some(shown);
                }
                best = Some(answer);
                if !more {
                    break;
                }
            }
            Err(error) if best.is_none() => return Err(explained(&error, url)),
            // What HTTP has shown is better than nothing.
            Err(error) => {
                roads.brought(*rung, begun.elapsed().as_millis(), 0, error.to_string());
                break;
            }
        }
    }
    if explain {
        let shown = rendered.as_ref().map(|(page, parsed, recorded)| (page, parsed, &recorded[..]));
        roads.complete(deps, site, shown).await;
    }
    best.map(|answer| Answer { roads: Some(roads), ..answer })
        .context("there is no road to this page")
}

async fn attempt(
    deps: &Deps<'_>,
    site: &Arc<Site>,
    url: &Url,
    rung: Rung,
    waiting: &table::Waiting,
    explain: bool,
) -> Result<(Answer, Shown, bool), FetchError> {
    let begun = Instant::now();
    let mut turn = deps.hosts.turn_with(url, Manners::of(site)).await?;
    let waited = begun.elapsed();
    waiting.say(format!("{}: fetching by {}", site.name, rung.as_str()));
    let job = FetchJob {
        picture: false,
        site: site.clone(),
        url: url.clone(),
        etag: None,
        last_modified: None,
        deadline: deps.deadline,
        want: if explain && rung == Rung::Browser { Want::Recorded } else { Want::Page },
        session: None,
        identity: None,
    };
    let result = deps.ladder.fetch(rung, &job).await;
    turn.timed(rung, &result, deps.deadline);
    turn.end(How::of(&result));
    let fetched = result?;
    let failed = |text: String| FetchError {
        class: crate::scrape::FetchFailure::Status,
        text,
        status: None,
        retry_after: None,
    };
    let recorded = fetched.recorded;
    let page = fetched.page.ok_or_else(|| failed("an answer without a page".into()))?;
    let (final_url, status) = (page.url.clone(), page.status);
    let page = Arc::new(page);
    let begun = Instant::now();
    let parsed = parse(site.clone(), page.clone())
        .await
        .map_err(|reason| failed(format!("the module of site {} failed: {reason}", site.id)))?;
    let milliseconds = Timings {
        waiting: waited.as_millis(),
        fetching: fetched.elapsed.as_millis(),
        parsing: begun.elapsed().as_millis(),
    };
    let more = climbs(&parsed);
    let cleaned = site.clean(url);
    let shown = (page, parsed.clone(), recorded);
    let Parsed { kind, listings, complaints, won, total, next } = parsed;
    let answer = Answer {
        url: final_url,
        site: site.id.clone(),
        rung: rung.as_str(),
        status,
        kind,
        listings,
        complaints,
        won,
        total,
        next,
        filters: cleaned.filters,
        unknown_filters: cleaned.unknown,
        canonical: cleaned.url,
        pasted: paste(Some(site), url).ok(),
        roads: None,
        bytes: fetched.bytes,
        milliseconds,
    };
    Ok((answer, shown, more))
}

pub(super) fn explained(error: &FetchError, url: &Url) -> anyhow::Error {
    use crate::scrape::FetchFailure as F;
    let remedy = match error.class {
        F::Dns | F::Connect => "check the address and the network",
        F::Tls => "the site's certificate is not accepted; this is never ignored",
        F::Timeout => "try again, or raise scrape.page_deadline",
        F::TooBig => "raise scrape.max_bytes if this page is really that large",
        F::Refused => "wait; asking more often makes it worse",
        F::Robots => "the site does not want this page to be read by programs",
        F::Egress => "only public addresses are allowed; the demo opens its own",
        F::BrowserUnavailable => "install chromium-headless-shell, then `magpie doctor`",
        _ => "open the page in a browser and compare",
    };
    anyhow::anyhow!("{url} gave no page: {error} ({remedy})")
}

fn print(
    out: &mut dyn Write,
    screen: Screen,
    answer: &Answer,
    explain: bool,
) -> std::io::Result<()> {
    listings(out, screen, &answer.listings)?;
    let Timings { waiting, fetching, parsing } = answer.milliseconds;
    let total = answer.total.map_or_else(String::new, |n| format!(" of {n}"));
    writeln!(
        out,
        "{}: {}, {} listings{total}, by {}, {} kB; waited {waiting} ms, fetched in {fetching} ms, \
         parsed in {parsing} ms",
        answer.site,
        kind_words(answer.kind),
        answer.listings.len(),
        answer.rung,
        answer.bytes.div_ceil(1024),
    )?;
    for complaint in &answer.complaints {
        writeln!(out, "  complaint: {}", complaint_words(complaint))?;
    }
    if explain {
        explanation(out, screen, answer)?;
    }
    Ok(())
}

/// The page's kind in words.
pub(super) fn kind_words(kind: PageKind) -> &'static str {
    match kind {
        PageKind::Results => "results",
        PageKind::NoResults => "no results, by the page's own word",
        PageKind::Blocked => "a block page",
        PageKind::LoginWall => "a login wall",
        PageKind::Unrecognised => "an unknown page: the layout may have changed",
    }
}

pub(super) fn complaint_words(complaint: &Complaint) -> String {
    let item = complaint.item.map_or_else(String::new, |item| format!("item {item}: "));
    let field = complaint.field.as_ref().map_or_else(String::new, |field| format!("{field}: "));
    table::tame(&format!("{item}{field}{}", complaint.text))
}

/// The table of listings.
pub(super) fn listings(
    out: &mut dyn Write,
    screen: Screen,
    listings: &[Listing],
) -> std::io::Result<()> {
    if listings.is_empty() {
        return Ok(());
    }
    let row = |one: &Listing| {
        vec![
            one.id.clone(),
            one.title.clone(),
            price(one),
            one.location.clone().unwrap_or_default(),
            one.posted_at.map_or_else(String::new, |at| at.format("%Y-%m-%d %H:%M").to_string()),
            one.images.len().to_string(),
        ]
    };
    let rows: Vec<_> = listings.iter().map(row).collect();
    table::print(out, screen, &["id", "title", "price", "place", "posted", "photos"], &rows)
}

fn price(listing: &Listing) -> String {
    match (&listing.price_text, &listing.price) {
        (Some(text), _) => text.clone(),
        (None, Some(money)) => sites::transform::money::print(money, '.'),
        (None, None) => String::new(),
    }
}

fn explanation(out: &mut dyn Write, screen: Screen, answer: &Answer) -> std::io::Result<()> {
    if let Some(roads) = &answer.roads {
        roads::print(out, screen, roads)?;
    }
    writeln!(out, "Canonical address: {}", answer.canonical)?;
    if let Some(pasted) = &answer.pasted {
        report(pasted, out)?;
    }
    if let Some(next) = &answer.next {
        writeln!(out, "Next page: {next}")?;
    }
    if !answer.won.is_empty() {
        let rows: Vec<_> = answer.won.iter().map(|(field, won)| won_row(field, won)).collect();
        table::print(out, screen, &["field", "read from"], &rows)?;
    }
    Ok(())
}

fn won_row(field: &str, won: &BTreeMap<String, usize>) -> Vec<String> {
    let mut sources: Vec<_> = won.iter().collect();
    sources.sort_by(|a, b| b.1.cmp(a.1));
    let sources: Vec<_> = sources.iter().map(|(name, count)| format!("{name} × {count}")).collect();
    vec![field.to_owned(), sources.join(", ")]
}
