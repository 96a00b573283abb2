//! `magpie run`: the scraper process. Schedule, scrape and send, each of which can be run alone.

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::build::{self, build};
use super::fetching::{self, Fetching};
use crate::config::{self, Config, Search};
use crate::context::Context;
use crate::deliver::render::Renderer;
use crate::deliver::render::templates::Templates;
use crate::deliver::{Desk, SenderOptions, Wake, campaign, digest, recovery, sender};
use crate::domain::ChatId;
use crate::domain::source::SourceSpec;
use crate::observe::health::{Health, watch_stores};
use crate::observe::{http, logs, metrics, signals};
use crate::schedule::{Scheduler, Work};
use crate::scrape::{Modules, Scraper};
use crate::shutdown::{Shutdown, Stage};
use crate::telegram::HttpPhotos;

/// How often the stores are asked how they are.
const WATCH: Duration = Duration::from_secs(5);

/// The loops of the process, each answering its name and how it ended.
type Loops = JoinSet<(&'static str, anyhow::Result<()>)>;

/// One part of the scraper process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// The cron jobs: housekeeping and reports.
    Schedule,
    /// Claims due sources, fetches and reads them.
    Scrape,
    /// Empties the outbox.
    Send,
}

/// `magpie run …`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Only these roles; all three by default.
    #[arg(long, value_delimiter = ',', value_enum)]
    pub only: Vec<Role>,
}

impl RunArgs {
    fn has(&self, role: Role) -> bool {
        self.only.is_empty() || self.only.contains(&role)
    }
}

/// Runs the scraper process until a signal ends it.
pub async fn main(args: RunArgs, config: Arc<Config>) -> anyhow::Result<ExitCode> {
    let _logs = logs::init(&config.log, Some("scraper"))?;
    let shutdown = Shutdown::default();
    let reload = Arc::new(Notify::new());
    let _signals = signals::listen(shutdown.clone(), Arc::clone(&reload))
        .context("signals cannot be listened to")?;
    run(&args, config, shutdown, reload).await?;
    Ok(ExitCode::SUCCESS)
}

/// Runs the roles until the shutdown is over.
pub async fn run(
    args: &RunArgs,
    config: Arc<Config>,
    shutdown: Shutdown,
    reload: Arc<Notify>,
) -> anyhow::Result<()> {
    let Some(built) = build(Arc::clone(&config), "scraper", &shutdown).await? else {
        return Ok(());
    };
    let context = built.context.clone();
    tracing::info!(owner = %context.owner, version = env!("CARGO_PKG_VERSION"), "the scraper starts");
    let clocks = build::host_clock(&config, Arc::clone(&context.db))?;
    let fetching = fetching::start_with(&config, &context.clock, Some(clocks)).await?;
    let photos = photos(&fetching, &config)?;
    let modules = modules(&context)?;
    let (mut loops, mut services) = (Loops::new(), Loops::new());
    let wake = Wake::default();
    if args.has(Role::Schedule) || args.has(Role::Scrape) {
        let scheduler = scheduler(args, &context, &fetching, Arc::clone(&modules), wake.clone())?;
        put_sources(&scheduler, &context).await?;
        if args.has(Role::Scrape) {
            follow_watches(&mut loops, &scheduler, &context);
        }
        begin(&mut loops, "reloading", reloading(scheduler.clone(), context.clone(), reload));
        begin(&mut loops, "scheduler", async move { scheduler.run().await });
    }
    // Healthy means that the searches are in the record: who asks the bot now sees them.
    serve(&mut services, &context)?;
    let own = context.clone();
    begin(&mut loops, "recovery", async move {
        recovery::run(&own).await;
        Ok(())
    });
    if args.has(Role::Schedule) {
        let (own, told) = (context.clone(), wake.clone());
        begin(&mut loops, "digests", async move {
            digest::run(&own, &told).await;
            Ok(())
        });
    }
    if args.has(Role::Send) {
        let mut options =
            SenderOptions::new(&config.deliver, Arc::clone(&photos) as _, wake.clone());
        options.desk = desk(&config, modules, photos)?;
        let ahead = campaign::Ahead::of(config.deliver.per_second, config.deliver.paid_per_second);
        let own = context.clone();
        begin(&mut loops, "broadcasts", async move {
            campaign::run(&own, ahead, wake).await;
            Ok(())
        });
        let own = context.clone();
        begin(&mut loops, "sender", async move {
            sender::run(&own, options).await;
            Ok(())
        });
    }
    let ladder = fetching.ladder.clone();
    let ended = end(&mut loops, &shutdown).await;
    // Health and metrics answer until the last loop is done, and no longer.
    services.shutdown().await;
    ladder.close().await;
    fetching.proxy.stop().await;
    fetching.hosts.settle().await;
    built.close().await;
    tracing::info!("the scraper has ended");
    ended
}

/// Keeps the match index close to the record, so that a run finds it loaded.
fn follow_watches(loops: &mut Loops, scheduler: &Scheduler, context: &Context) {
    let (index, own) = (scheduler.matching(), context.clone());
    begin(loops, "watch feed", async move {
        index.run(own.db.as_ref(), &own.shutdown).await;
        Ok(())
    });
}

/// Starts a loop under its name.
fn begin(
    loops: &mut Loops,
    name: &'static str,
    work: impl Future<Output = anyhow::Result<()>> + Send + 'static,
) {
    loops.spawn(async move { (name, work.await) });
}

fn photos(fetching: &Fetching, config: &Config) -> anyhow::Result<Arc<HttpPhotos>> {
    let proxy = format!("http://{}", fetching.proxy.tcp_address());
    HttpPhotos::new(&proxy, &config.scrape.user_agent).map(Arc::new).map_err(anyhow::Error::msg)
}

/// How messages are worded: the operator's templates over ours, by the kind of things that a site lists.
fn desk(
    config: &Config,
    modules: Arc<Modules>,
    photos: Arc<HttpPhotos>,
) -> anyhow::Result<Arc<Desk>> {
    let templates = Templates::load(config.paths.templates.as_deref()).map_err(|broken| {
        let broken: Vec<String> = broken.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the templates of messages are broken:\n{}", broken.join("\n"))
    })?;
    let kind_of = move |site: &str| modules.get(site).map(|site| site.kind);
    Ok(Arc::new(Desk::new(Renderer::new(templates, Arc::new(kind_of)), photos)))
}

/// `/health` and `/metrics` on the scraper's own port.
fn serve(loops: &mut Loops, context: &Context) -> anyhow::Result<()> {
    let metrics = metrics::init().context("the metrics cannot be set up")?;
    tokio::spawn(metrics.clone().tend());
    let health = Health::new("scraper", Arc::clone(&context.clock), context.shutdown.clone());
    let listen = context.config.scrape.listen;
    let (db, seen) = (Arc::clone(&context.db), Arc::clone(&context.seen));
    let shutdown = context.shutdown.clone();
    let watched = health.clone();
    begin(loops, "store watch", async move {
        watch_stores(watched, db, seen, WATCH, shutdown).await;
        Ok(())
    });
    let shutdown = context.shutdown.clone();
    begin(loops, "health server", async move {
        if let Err(error) = http::serve(listen, health, metrics, shutdown).await {
            tracing::error!(%error, %listen, "health and metrics are not served");
        }
        Ok(())
    });
    Ok(())
}

/// The site modules of the installation.
fn modules(context: &Context) -> anyhow::Result<Arc<Modules>> {
    let folder = context.config.paths.sites.as_deref();
    let operators = context.config.bot.admin_ids.iter().copied().map(ChatId).collect();
    let modules = Modules::new(Modules::load(folder)?).in_folder(folder).operated_by(operators);
    Ok(Arc::new(modules))
}

fn scheduler(
    args: &RunArgs,
    context: &Context,
    fetching: &Fetching,
    modules: Arc<Modules>,
    wake: Wake,
) -> anyhow::Result<Scheduler> {
    let hosts = Arc::clone(&fetching.hosts);
    let access = fetching.access(&context.config, context.db.clone(), context.clock.clone());
    let scraper =
        Scraper { access, ..Scraper::new(context, modules, fetching.ladder.clone(), hosts) };
    let work = Work { scrape: args.has(Role::Scrape), care: args.has(Role::Schedule) };
    let told = move || wake.wake();
    Ok(Scheduler::new(Arc::new(scraper), context.owner.clone(), context.config.schedule.clone())
        .doing(work)
        .growing(context.config.growth.clone())
        .telling(Arc::new(told)))
}

/// Writes the configured list of searches into the record.
async fn put_sources(scheduler: &Scheduler, context: &Context) -> anyhow::Result<()> {
    let Some(path) = &context.config.paths.sources else { return Ok(()) };
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the list of searches {name} (paths.sources) cannot be read"))?;
    let searches = config::searches(&name, &text)
        .map_err(|problems| anyhow::anyhow!("{}", config::report(&problems)))?;
    let specs = specs(scheduler.modules(), &name, &searches, context.config.schedule.interval)?;
    scheduler.reload_sources(&specs).await?;
    Ok(())
}

/// Finds the module of each search; all searches without one are named at once.
fn specs(
    modules: &Modules,
    name: &str,
    searches: &[Search],
    interval: Duration,
) -> anyhow::Result<Vec<SourceSpec>> {
    let mut unknown = Vec::new();
    let mut specs = Vec::new();
    for search in searches {
        let named = search.site.as_deref().and_then(|id| modules.get(id));
        let Some(site) = named.or_else(|| modules.recognise(&search.url)) else {
            unknown.push(format!("  {name}:{}: no site module reads {}", search.line, search.url));
            continue;
        };
        specs.push(SourceSpec {
            site: site.id.clone(),
            url: site.clean(&search.url).url.to_string(),
            title: search.title.clone(),
            interval: search.every.unwrap_or(interval),
            offered: search.offered,
            rhythm: search.rhythm.clone().in_zone(site.time_zone),
        });
    }
    anyhow::ensure!(
        unknown.is_empty(),
        "some searches cannot be read; `magpie site list` shows the sites:\n{}",
        unknown.join("\n")
    );
    Ok(specs)
}

/// SIGHUP: site modules and searches are read again; a mistake leaves the old ones in force.
async fn reloading(
    scheduler: Scheduler,
    context: Context,
    reload: Arc<Notify>,
) -> anyhow::Result<()> {
    loop {
        tokio::select! {
            () = context.shutdown.reached(Stage::Quiet) => return Ok(()),
            () = reload.notified() => {}
        }
        match Modules::load(context.config.paths.sites.as_deref()) {
            Ok(registry) => {
                scheduler.reload_modules(registry);
                if let Err(error) = scheduler.wake_repaired().await {
                    tracing::warn!(%error, "repaired modules are tried within the hour");
                }
            }
            Err(error) => tracing::error!(%error, "the site modules stay as they were"),
        }
        match put_sources(&scheduler, &context).await {
            Ok(()) => tracing::info!("sites and searches were read again"),
            Err(error) => tracing::error!("the searches stay as they were: {error:#}"),
        }
        match build::seed_plans(&context.config, context.db.as_ref(), context.clock.now()).await {
            Ok(_) => {}
            Err(error) => tracing::error!("the plans stay as they were: {error:#}"),
        }
    }
}

/// Waits for the loops: a loop that fails takes the process into its soft stop, and its error is the answer.
async fn end(loops: &mut Loops, shutdown: &Shutdown) -> anyhow::Result<()> {
    let mut first = Ok(());
    while let Some(ended) = loops.join_next().await {
        let (name, result) = match ended {
            Ok(ended) => ended,
            Err(error) => ("unknown", Err(error.into())),
        };
        tracing::debug!(name, "a loop has ended");
        if let Err(error) = result {
            tracing::error!(name, "a loop of the process failed: {error:#}");
            shutdown.reach(Stage::Quiet);
            if first.is_ok() {
                first = Err(error.context(format!("the loop \"{name}\" failed")));
            }
        }
    }
    first
}
