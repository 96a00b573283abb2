//! A page that no site module knows: fetched like any other, with robots.txt, pace and the filtering proxy,
//! and read by detection. HTTP first; where that shows no list, the browser.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;
use sites::infer::{self, Inferred};
use sites::{Page, PageKind, Render};
use url::Url;

use super::scrape::{Args, Deps, explained, kind_words, listings};
use super::table;
use crate::scrape::host::How;
use crate::scrape::ladder::rungs;
use crate::scrape::parse::detect;
use crate::scrape::{FetchError, FetchJob, Hosts, Ladder, Rung};

/// The roads to a page.
#[derive(Clone, Copy)]
pub struct Roads<'a> {
    /// HTTP and browser.
    pub ladder: &'a Ladder,
    /// Politeness: robots.txt and gaps count here too.
    pub hosts: &'a Hosts,
    /// Everything about one page must be over by then.
    pub deadline: Duration,
}

/// A page and what detection made of it.
pub(super) struct Look {
    pub(super) page: Page,
    pub(super) rung: Rung,
    pub(super) bytes: usize,
    pub(super) inferred: Inferred,
    waited: Duration,
    fetched: Duration,
    read: Duration,
}

impl Look {
    /// How the site must be fetched, by what this page needed.
    pub(super) fn render(&self) -> Render {
        match self.rung {
            Rung::Browser => Render::Browser,
            _ => Render::Http,
        }
    }

    /// How much is understood: many offers, each read well.
    fn worth(&self) -> (usize, u32) {
        // Percent, so that it can be compared.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
        let percent = (self.inferred.confidence * 100.0) as u32;
        (usize::from(percent >= SURE), percent)
    }
}

/// From this percentage of confidence a page that came by HTTP is not rendered.
const SURE: u32 = 60;

/// Looks at a page by one road after the other, until a list is found.
pub(super) async fn look(roads: Roads<'_>, url: &Url, plan: &[Rung]) -> anyhow::Result<Look> {
    let waiting = table::waiting(format!("{url}: waiting for a turn"));
    let mut best: Option<Look> = None;
    for rung in plan {
        match attempt(roads, url, *rung, &waiting).await {
            Ok(look) => {
                let refused =
                    matches!(look.inferred.parsed.kind, PageKind::Blocked | PageKind::LoginWall);
                let (sure, _) = look.worth();
                if best.as_ref().is_none_or(|best| look.worth() > best.worth()) {
                    best = Some(look);
                }
                // A refusal is an answer; a browser must not get around it.
                if refused || sure > 0 {
                    break;
                }
            }
            Err(error) if best.is_none() => return Err(explained(&error, url)),
            // What HTTP has shown is better than nothing.
            Err(_) => break,
        }
    }
    best.context("there is no road to this page")
}

async fn attempt(
    roads: Roads<'_>,
    url: &Url,
    rung: Rung,
    waiting: &table::Waiting,
) -> Result<Look, FetchError> {
    let failed = |text: String| FetchError {
        class: crate::scrape::FetchFailure::Status,
        text,
        status: None,
        retry_after: None,
    };
    let site = infer::guest(url).ok_or_else(|| failed("the address has no host".into()))?;
    let begun = Instant::now();
    let turn = roads.hosts.turn(url, None).await?;
    let waited = begun.elapsed();
    waiting.say(format!("{url}: fetching by {}", rung.as_str()));
    let job = FetchJob {
        want: crate::scrape::Want::default(),
        picture: false,
        site: Arc::new(site),
        url: url.clone(),
        session: None,
        identity: None,
        etag: None,
        last_modified: None,
        deadline: roads.deadline,
    };
    let result = roads.ladder.fetch(rung, &job).await;
    turn.end(How::of(&result));
    let fetched = result?;
    let page = fetched.page.ok_or_else(|| failed("an answer without a page".into()))?;
    waiting.say(format!("{url}: looking for the list"));
    let begun = Instant::now();
    let (page, inferred) = detect(page)
        .await
        .map_err(|reason| failed(format!("the list could not be looked for: {reason}")))?;
    Ok(Look {
        page,
        rung,
        bytes: fetched.bytes,
        inferred,
        waited,
        fetched: fetched.elapsed,
        read: begun.elapsed(),
    })
}

/// The roads to try for a page nobody knows.
pub(super) fn plan(http: bool, browser: bool, ladder: &Ladder) -> Vec<Rung> {
    match (http, browser) {
        (true, _) => vec![Rung::Http],
        (_, true) => vec![Rung::Browser],
        _ => rungs(Render::Auto, None, ladder.has_browser(), 1),
    }
}

/// `magpie scrape` for a page without a module. Exit code 1 when no list was found.
pub(super) async fn scrape(
    args: &Args,
    deps: &Deps<'_>,
    url: &Url,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    let roads = Roads { ladder: deps.ladder, hosts: deps.hosts, deadline: deps.deadline };
    let look = look(roads, url, &plan(args.http, args.browser, deps.ladder)).await?;
    let good = look.inferred.parsed.kind == PageKind::Results;
    if args.json {
        table::print_json(out, &answer(&look))?;
    } else {
        listings(out, deps.screen, &look.inferred.parsed.listings)?;
        write!(out, "{}", summary(&look, url, args.explain))?;
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn answer(look: &Look) -> serde_json::Value {
    let parsed = &look.inferred.parsed;
    let how = look.inferred.how.as_ref().map(|how| {
        json!({
            "source": format!("{:?}", how.source).to_lowercase(),
            "item": how.item,
            "fields": how.fields.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        })
    });
    json!({
        "url": look.page.url, "site": null, "confidence": look.inferred.confidence,
        "read_by": how, "rung": look.rung.as_str(), "status": look.page.status,
        "kind": parsed.kind, "listings": parsed.listings, "complaints": parsed.complaints,
        "won": parsed.won, "total": parsed.total, "next": parsed.next, "bytes": look.bytes,
        "milliseconds": {
            "waiting": look.waited.as_millis(), "fetching": look.fetched.as_millis(),
            "parsing": look.read.as_millis(),
        },
    })
}

fn summary(look: &Look, url: &Url, explain: bool) -> String {
    let parsed = &look.inferred.parsed;
    let host = url.host_str().unwrap_or_default();
    let mut out = format!("No site module knows {host}. ");
    let shown = table::tame(url.as_str());
    match &look.inferred.how {
        Some(how) => {
            out.push_str(&format!(
                "Found without one: {} listings, {:.0} % sure, in the {} of the page.\n\
                 `magpie site new '{shown}'` proposes a module for it.\n",
                parsed.listings.len(),
                look.inferred.confidence * 100.0,
                source_words(how.source),
            ));
            if explain {
                out.push_str(&format!("  item: {}\n", table::tame(&how.item)));
                for (field, sources) in &how.fields {
                    out.push_str(&format!("  {field}: {}\n", table::tame(&sources.join(", "))));
                }
            }
        }
        None if parsed.kind == PageKind::Unrecognised => {
            out.push_str("No list was found on the page either; is it a search page?\n");
        }
        None => out.push_str(&format!("The page is {}.\n", kind_words(parsed.kind))),
    }
    out.push_str(&format!(
        "by {}, {} kB; waited {} ms, fetched in {} ms, read in {} ms\n",
        look.rung.as_str(),
        look.bytes.div_ceil(1024),
        look.waited.as_millis(),
        look.fetched.as_millis(),
        look.read.as_millis(),
    ));
    out
}

/// Where a list stands, in words.
pub(super) fn source_words(source: infer::Source) -> &'static str {
    match source {
        infer::Source::Api => "JSON",
        infer::Source::Feed => "feed",
        infer::Source::Embedded => "data inside a script",
        infer::Source::JsonLd => "structured data",
        infer::Source::Elements => "elements",
    }
}
