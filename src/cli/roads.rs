//! `magpie scrape URL --explain`: every rung of the ladder, what it brought or why it was not tried, and what
//! could be learned from what the browser saw. The learned request is repeated once, as a run would.

use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use sites::endpoint::{Agreement, agree};
use sites::{Page, Parsed, Render, Site};

use super::scrape::Deps;
use super::table::{self, Screen};
use crate::scrape::host::How;
use crate::scrape::parse::parse;
use crate::scrape::road::{Endpoint, Recorded, find_endpoint};
use crate::scrape::{FetchError, FetchJob, Rung, Want};

/// One rung.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Tried {
    pub(super) rung: Rung,
    pub(super) tried: bool,
    /// Time of the request, without waiting for a turn.
    pub(super) milliseconds: u128,
    pub(super) bytes: usize,
    /// What it brought, or why it was not tried.
    pub(super) words: String,
}

/// The request from which the listings can be read.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Learned {
    /// Method and address.
    request: String,
    /// Where its listings stand.
    list: String,
    /// Each field and where it stands.
    fields: Vec<(String, String)>,
}

/// What is to be explained.
#[derive(Debug, Default, Clone, Serialize)]
pub(super) struct Roads {
    pub(super) rungs: Vec<Tried>,
    #[serde(skip_serializing_if = "Option::is_none")]
    learned: Option<Learned>,
}

impl Roads {
    /// A rung that was tried.
    pub(super) fn brought(&mut self, rung: Rung, time: u128, bytes: usize, words: String) {
        self.rungs.push(Tried { rung, tried: true, milliseconds: time, bytes, words });
    }

    /// A rung that was not.
    fn left(&mut self, rung: Rung, words: &str) {
        let words = format!("not tried: {words}");
        self.rungs.push(Tried { rung, tried: false, milliseconds: 0, bytes: 0, words });
    }

    /// Adds what the rendered page teaches, and the rungs that were not tried.
    pub(super) async fn complete(
        &mut self,
        deps: &Deps<'_>,
        site: &Arc<Site>,
        shown: Option<(&Arc<Page>, &Parsed, &[Recorded])>,
    ) {
        match shown {
            Some((page, parsed, recorded)) if site.fetch.learn => {
                match find_endpoint(site, page, parsed, recorded, page.fetched_at).await {
                    Some(endpoint) => self.repeat(deps, site, parsed, endpoint).await,
                    None => {
                        let words = format!(
                            "none of the {} answers that the page fetched holds its listings, or \
                             none may be repeated",
                            recorded.len()
                        );
                        self.left(Rung::Endpoint, &words);
                    }
                }
            }
            Some(_) => self.left(Rung::Endpoint, "the module says learn = false"),
            None => self.left(Rung::Endpoint, "it is learned from a page in the browser"),
        }
        let words = match site.fetch.render {
            Render::Http => "the module says render = \"http\"",
            Render::Browser => "the module says render = \"browser\"",
            Render::Auto => "a cheaper road did",
        };
        for (rung, words) in [
            (Rung::Http, words),
            (Rung::InPage, "only where the endpoint refuses plain HTTP"),
            (Rung::Browser, words),
        ] {
            if !self.rungs.iter().any(|one| one.rung == rung) {
                self.left(rung, words);
            }
        }
        self.rungs.sort_by_key(|one| one.rung);
    }

    async fn repeat(
        &mut self,
        deps: &Deps<'_>,
        site: &Arc<Site>,
        shown: &Parsed,
        endpoint: Endpoint,
    ) {
        let Ok(reader) = endpoint.lesson.over(site).map(Arc::new) else { return };
        self.learned = Some(Learned {
            request: format!("{} {}", endpoint.ask.method, endpoint.ask.url),
            list: endpoint.lesson.list.clone(),
            fields: endpoint.lesson.fields.clone(),
        });
        let endpoint = Arc::new(endpoint);
        for rung in [Rung::Endpoint, Rung::InPage] {
            let begun = Instant::now();
            match ask(deps, site, &reader, &endpoint, rung).await {
                Ok((bytes, time, parsed)) => {
                    let words = match agree(&shown.listings, &parsed.listings) {
                        Agreement::Same => "the same listings as the page".to_owned(),
                        Agreement::Drift => "the same but for a few that came or went".to_owned(),
                        Agreement::Differs(how) => format!("other listings: {how}"),
                    };
                    self.brought(rung, time, bytes, words);
                    return;
                }
                Err(error) => {
                    self.brought(rung, begun.elapsed().as_millis(), 0, error.to_string());
                }
            }
        }
    }
}

async fn ask(
    deps: &Deps<'_>,
    site: &Arc<Site>,
    reader: &Arc<Site>,
    endpoint: &Arc<Endpoint>,
    rung: Rung,
) -> Result<(usize, u128, Parsed), FetchError> {
    let job = FetchJob {
        picture: false,
        site: site.clone(),
        url: endpoint.page.clone(),
        etag: None,
        last_modified: None,
        deadline: deps.deadline,
        want: Want::Replay(endpoint.clone()),
        session: None,
        identity: None,
    };
    let turn = deps.hosts.turn(job.asked(), site.fetch.gap).await?;
    let fetched = deps.ladder.fetch(rung, &job).await;
    turn.end(How::of(&fetched));
    let fetched = fetched?;
    let failed = |text: String| FetchError {
        class: crate::scrape::FetchFailure::Status,
        text,
        status: None,
        retry_after: None,
    };
    let page = fetched.page.ok_or_else(|| failed("an answer without a body".into()))?;
    let parsed = parse(reader.clone(), page).await.map_err(failed)?;
    Ok((fetched.bytes, fetched.elapsed.as_millis(), parsed))
}

/// Prints the rungs and what was learned.
pub(super) fn print(out: &mut dyn Write, screen: Screen, roads: &Roads) -> std::io::Result<()> {
    let row = |one: &Tried| {
        let (time, bytes) = match one.tried {
            true => (one.milliseconds.to_string(), one.bytes.to_string()),
            false => (String::new(), String::new()),
        };
        vec![one.rung.as_str().to_owned(), time, bytes, table::tame(&one.words)]
    };
    let rows: Vec<_> = roads.rungs.iter().map(row).collect();
    table::print(out, screen, &["rung", "ms", "bytes", "what it brought"], &rows)?;
    let Some(learned) = &roads.learned else { return Ok(()) };
    writeln!(out, "Learned: {}", table::tame(&learned.request))?;
    writeln!(out, "  listings at {}", table::tame(&learned.list))?;
    for (name, source) in &learned.fields {
        writeln!(out, "  {name} = {}", table::tame(source))?;
    }
    Ok(())
}
