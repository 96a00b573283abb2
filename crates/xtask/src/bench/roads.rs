//! The same listings by every rung: CPU of one page from the request to the parsed listings. Sandbox and egress
//! proxy run in this process and are in the figures.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use browser::Browser;
use magpie::clock::{Clock, SystemClock};
use magpie::scrape::browser::BrowserFetcher;
use magpie::scrape::http::{Client, HttpFetcher, Options};
use magpie::scrape::road::{Endpoint, find_endpoint};
use magpie::scrape::{FetchJob, Ladder, Modules, Rung, Want};
use sites::{Parsed, Site};
use url::Url;

use super::world::World;
use super::{Figure, tree};

/// Pages by the rungs that need Chromium.
const PAGES: usize = 60;
/// Requests by the rungs that do not: one takes less than the kernel's clock shows.
const REQUESTS: usize = 1_000;

/// The rungs and a site for them.
struct Roads {
    ladder: Ladder,
    homes: (Arc<Site>, Url),
    goods: (Arc<Site>, Url),
}

pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let world = World::start().await?;
    let address = world.sandbox.address();
    let allow = [egress::Target::new(address.ip().to_string(), address.port())];
    let proxy = egress::Proxy::start(egress::Policy::allowing(allow)).await?;
    let browser = Browser::new(browser::Options {
        proxy: Some(browser::ProxyEndpoint {
            tcp: proxy.tcp_address(),
            unix: Some(proxy.unix_path()),
        }),
        guard: std::env::current_exe()?,
        work_dir: PathBuf::from(world.folder.path()),
        // The figures are of pages, not of starts.
        recycle_after_pages: u64::MAX,
        ..browser::Options::default()
    });
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let client = Client::new(Options {
        proxy: proxy.tcp_address(),
        user_agent: "Magpie-bench/1".to_owned(),
        max_bytes: 8 << 20,
    })?;
    let pages = BrowserFetcher::new(browser.clone(), clock.clone(), 8 << 20);
    let modules = Modules::new(Modules::load(None)?);
    let site = |id: &str| modules.get(id).with_context(|| format!("there is no module {id}"));
    let url = |path: &str| Url::parse(&format!("{}{path}", world.sandbox.url()));
    let roads = Roads {
        ladder: Ladder::new(Arc::new(HttpFetcher::new(client, clock)), Some(Arc::new(pages))),
        homes: (site("demo_homes")?, url("/demo/homes")?),
        goods: (site("demo_goods")?, url("/demo/goods")?),
    };
    let figures = roads.measure().await;
    browser.close().await;
    proxy.stop().await;
    figures
}

impl Roads {
    async fn measure(&self) -> anyhow::Result<Vec<Figure>> {
        let endpoint = Arc::new(self.learn().await?);
        let replay = || Want::Replay(endpoint.clone());
        let mut figures = Vec::new();
        for (rung, want, count, budget) in [
            (Rung::Browser, Want::Page, PAGES, "155"),
            (Rung::InPage, replay(), PAGES * 5, "25"),
            (Rung::Endpoint, replay(), REQUESTS, "1"),
        ] {
            let cpu = self.cost(rung, &want, count).await?;
            let what = format!("CPU of a page by {}", rung.as_str());
            let note = format!(
                "30 offers, request to listings, sandbox and proxy included; budget {budget} ms"
            );
            figures.push(Figure::new(&what, cpu, "ms", note));
        }
        let cpu = self.cost(Rung::Http, &Want::Page, REQUESTS).await?;
        let note = "30 offers from the server, request to listings, sandbox and proxy included";
        figures.push(Figure::new("CPU of a page by http", cpu, "ms", note));
        Ok(figures)
    }

    /// What a run in the browser teaches.
    async fn learn(&self) -> anyhow::Result<Endpoint> {
        let (site, url) = &self.homes;
        let job = job(site, url, Want::Recorded);
        let fetched = self.ladder.fetch(Rung::Browser, &job).await?;
        let page = Arc::new(fetched.page.context("the browser brought no page")?);
        let parsed = site.parse(&page);
        find_endpoint(site, &page, &parsed, &fetched.recorded, page.fetched_at)
            .await
            .context("nothing could be learned from the homes site")
    }

    /// Milliseconds of CPU for one page, all our processes together.
    async fn cost(&self, rung: Rung, want: &Want, count: usize) -> anyhow::Result<f64> {
        let (site, url) = if rung == Rung::Http { &self.goods } else { &self.homes };
        let job = job(site, url, want.clone());
        // The first one opens connections and pages.
        self.page(rung, &job).await?;
        let before = tree::cpu_seconds(std::process::id());
        for _ in 0..count {
            let parsed = self.page(rung, &job).await?;
            ensure!(parsed.listings.len() == 30, "{} listings", parsed.listings.len());
        }
        #[expect(clippy::cast_precision_loss, reason = "a small count")]
        let count = count as f64;
        Ok((tree::cpu_seconds(std::process::id()) - before) * 1000.0 / count)
    }

    async fn page(&self, rung: Rung, job: &FetchJob) -> anyhow::Result<Parsed> {
        let fetched = self.ladder.fetch(rung, job).await?;
        let page = fetched.page.context("an answer without a page")?;
        Ok(match &job.want {
            Want::Replay(endpoint) => endpoint.lesson.over(&job.site)?.parse(&page),
            Want::Page | Want::Recorded => job.site.parse(&page),
        })
    }
}

fn job(site: &Arc<Site>, url: &Url, want: Want) -> FetchJob {
    FetchJob {
        picture: false,
        site: site.clone(),
        url: url.clone(),
        etag: None,
        last_modified: None,
        deadline: Duration::from_secs(20),
        want,
        session: None,
        identity: None,
    }
}
