//! The roads to pages, put together: egress proxy, HTTP client, browser, host objects.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use browser::{Browser, JailMode, Options, ProxyEndpoint, SandboxMode};
use secrecy::ExposeSecret;

use crate::clock::Clock;
use crate::config::{BrowserSection, Config};
use crate::scrape::browser::BrowserFetcher;
use crate::scrape::http::{self, HttpFetcher};
use crate::scrape::session::{Access, Door, Sessions, SiteProxies};
use crate::scrape::{FetchError, Fetcher, Hosts, Ladder};
use crate::store::{Db, HostClock};

/// How long a trial of the browser may take.
const TRIAL: Duration = Duration::from_secs(60);

/// Everything that is needed to fetch a page.
pub struct Fetching {
    /// The only way out.
    pub proxy: egress::Proxy,
    /// The rungs.
    pub ladder: Ladder,
    /// One object per host.
    pub hosts: Arc<Hosts>,
    /// The browser behind the last rung.
    pub browser: Browser,
    /// The browser rung itself: it logs in as well.
    pub pages: Arc<BrowserFetcher>,
    /// A way out for each proxy of the operator's own, by name.
    pub identities: Arc<BTreeMap<String, egress::Proxy>>,
}

/// Starts the proxy and prepares the rungs; the browser itself is launched with the first page that needs it.
/// The clocks of hosts are those of this process alone.
pub async fn start(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Fetching> {
    start_with(config, clock, None).await
}

/// As [`start`], with clocks of hosts that other processes share.
pub async fn start_with(
    config: &Config,
    clock: &Arc<dyn Clock>,
    shared: Option<Arc<dyn HostClock>>,
) -> anyhow::Result<Fetching> {
    let proxy = start_proxy(config).await?;
    let identities = identities(config).await?;
    let client_of = |proxy: &egress::Proxy| {
        http::Client::new(http::Options {
            proxy: proxy.tcp_address(),
            user_agent: config.scrape.user_agent.clone(),
            max_bytes: config.scrape.max_bytes,
        })
    };
    let client = client_of(&proxy)?;
    let clients: HashMap<String, http::Client> = identities
        .iter()
        .map(|(name, proxy)| Ok((name.clone(), client_of(proxy)?)))
        .collect::<Result<_, FetchError>>()?;
    let ways_out = identities.iter().map(|(name, proxy)| (name.clone(), endpoint(proxy)));
    let browser =
        Browser::new(Options { identities: ways_out.collect(), ..options(config, &proxy)? });
    let scrape = &config.scrape;
    let hosts = Hosts::new(client.clone(), scrape.respect_robots, scrape.gap)
        .at_once(scrape.concurrency_per_host);
    let hosts = Arc::new(match shared {
        Some(shared) => hosts.sharing(shared, Arc::clone(clock)),
        None => hosts,
    });
    let refusals = identities.values().chain([&proxy]).map(egress::Proxy::refusals).collect();
    let pages = Arc::new(
        BrowserFetcher::new(browser.clone(), Arc::clone(clock), config.scrape.max_bytes)
            .asking(refusals),
    );
    let http = HttpFetcher::new(client, Arc::clone(clock)).with_identities(clients);
    let ladder = Ladder::new(Arc::new(http), Some(Arc::clone(&pages) as Arc<dyn Fetcher>));
    Ok(Fetching { proxy, ladder, hosts, browser, pages, identities: Arc::new(identities) })
}

impl Fetching {
    /// Who we are at the sites: sessions in `db`, proxies of the configuration.
    pub fn access(&self, config: &Config, db: Arc<dyn Db>, clock: Arc<dyn Clock>) -> Access {
        let identities = Arc::clone(&self.identities);
        let failures =
            move |name: &str| identities.get(name).map_or(0, egress::Proxy::upstream_failures);
        let sessions = Sessions::new(
            db,
            Arc::clone(&clock),
            Arc::clone(&self.hosts),
            config.login.clone(),
            config.scrape.session_key.clone(),
            config.paths.data.join("session.key"),
        );
        let door = Arc::clone(&self.pages) as Arc<dyn Door>;
        let proxies = SiteProxies::new(config.proxies.of.clone(), Arc::new(failures), clock);
        Access::new(Arc::new(sessions.with_door(Some(door))), Arc::new(proxies))
    }
}

impl Fetching {
    /// The options with which this process starts its browser.
    pub fn options(&self, config: &Config) -> anyhow::Result<Options> {
        let ways_out = self.identities.iter().map(|(name, proxy)| (name.clone(), endpoint(proxy)));
        Ok(Options { identities: ways_out.collect(), ..options(config, &self.proxy)? })
    }

    /// Ends the browser and the proxies.
    pub async fn stop(self) {
        self.ladder.close().await;
        self.proxy.stop().await;
    }
}

/// One filtering proxy for each of the operator's own; the rules are the same for all.
async fn identities(config: &Config) -> anyhow::Result<BTreeMap<String, egress::Proxy>> {
    let mut all = BTreeMap::new();
    for (name, url) in &config.proxies.all {
        let upstream = egress::Upstream::parse(url.expose_secret())
            .map_err(|what| anyhow::anyhow!("proxies.{name}: {what}"))?;
        let policy = egress::Policy { upstream: Some(upstream), ..policy(config)? };
        let proxy = egress::Proxy::start(policy)
            .await
            .with_context(|| format!("the way out through {name} cannot be started"))?;
        all.insert(name.clone(), proxy);
    }
    Ok(all)
}

fn endpoint(proxy: &egress::Proxy) -> ProxyEndpoint {
    ProxyEndpoint { tcp: proxy.tcp_address(), unix: Some(proxy.unix_path()) }
}

/// Starts the browser in a folder of its own, renders a page without network, and ends it again.
pub async fn try_browser(config: &Config) -> anyhow::Result<browser::SelfTest> {
    let proxy = start_proxy(config).await?;
    let work_dir = config.paths.data.join("browser-trial");
    let browser = Browser::new(Options { work_dir: work_dir.clone(), ..options(config, &proxy)? });
    let tested = tokio::time::timeout(TRIAL, browser.self_test()).await;
    browser.close().await;
    proxy.stop().await;
    // Each browser clears up its own part of the folder; what is left of it is nobody's concern.
    let _ = std::fs::remove_dir(&work_dir);
    let seconds = TRIAL.as_secs();
    Ok(tested
        .with_context(|| format!("the browser did not render a page within {seconds} s"))??)
}

/// Starts the filtering proxy with the configured exceptions.
pub async fn start_proxy(config: &Config) -> anyhow::Result<egress::Proxy> {
    egress::Proxy::start(policy(config)?)
        .await
        .context("the egress proxy cannot be started on a loopback port")
}

fn policy(config: &Config) -> anyhow::Result<egress::Policy> {
    let mut allow = Vec::new();
    for target in &config.egress.allow {
        let (host, port) = target.rsplit_once(':').with_context(|| {
            format!("egress.allow: \"{target}\" is no host:port; write for example 127.0.0.1:8088")
        })?;
        let port = port.parse().with_context(|| {
            format!("egress.allow: the port of \"{target}\" is no number from 1 to 65535")
        })?;
        allow.push(egress::Target::new(host, port));
    }
    Ok(egress::Policy::allowing(allow))
}

/// The browser's options from the configuration.
fn options(config: &Config, proxy: &egress::Proxy) -> anyhow::Result<Options> {
    let section = &config.browser;
    let proxy = endpoint(proxy);
    Ok(Options {
        executable: section.executable.clone(),
        cdp_url: section.cdp_url.as_ref().map(|url| url.expose_secret().to_owned()),
        proxy: Some(proxy),
        jail: jail(section)?,
        chromium_sandbox: sandbox(section)?,
        guard: std::env::current_exe().context("our own executable cannot be named")?,
        work_dir: config.paths.data.join("browser"),
        user_agent: None,
        max_pages_at_once: section.pages.max(1),
        ..Options::default()
    })
}

fn jail(section: &BrowserSection) -> anyhow::Result<JailMode> {
    Ok(match section.jail.as_str() {
        "auto" => JailMode::Auto,
        "require" => JailMode::Require,
        "off" => JailMode::Off,
        other => bail!("browser.jail: \"{other}\" is none of auto, require, off"),
    })
}

fn sandbox(section: &BrowserSection) -> anyhow::Result<SandboxMode> {
    Ok(match section.sandbox.as_str() {
        "require" => SandboxMode::Require,
        "auto" => SandboxMode::Auto,
        other => bail!("browser.sandbox: \"{other}\" is none of require, auto"),
    })
}
