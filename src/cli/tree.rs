//! The tree of commands and the way from each to its code.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser, Subcommand};

use super::table::Screen;
use super::unknown::Roads;
use super::{
    audit, broadcast, config, db, demo, doctor, hosts, listing, outbox, plan, promo, scrape, site,
    site_login, source, ticket, user, watch,
};
use crate::clock::{Clock, SystemClock};
use crate::config::{self as configuration, Config, Loaded, Sources};
use crate::observe::logs;
use crate::roles::{self, build, entry, fetching};
use crate::scrape::Modules;
use crate::scrape::life::{Folder, failures_folder};
use crate::store::Db;
use crate::telegram::Messenger;
use crate::telegram::client::TelegramClient;

/// Watches listing sites and tells Telegram subscribers what is new, cheaper, back or gone.
#[derive(Debug, Parser)]
#[command(name = "magpie", version, max_term_width = 100)]
#[command(after_help = "Examples:
  magpie demo                              everything on this machine, without any token
  magpie scrape 'https://…/search?q=bike'  one page now; prints what was understood
  magpie doctor                            checks everything that can be checked before a start")]
pub struct Cli {
    /// Configuration file over the defaults (see `magpie config doc`); MAGPIE_CONFIG names one too.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<std::path::PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// All commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The scraper process: schedule, scrape, send.
    Run(roles::scraper::RunArgs),
    /// Everything against the sandbox on this machine, without any token.
    Demo(demo::DemoArgs),
    /// Fetches and reads one page now; writes nothing.
    Scrape(scrape::Args),
    /// Works on site modules.
    Site(site::Args),
    /// Works on sources.
    Source(source::Args),
    /// Works on the watches of people.
    Watch(watch::Args),
    /// Looks into the outbox.
    Outbox(outbox::Args),
    /// Works on people and chats.
    User(user::Args),
    /// Looks at one listing: prices over time, the same thing elsewhere.
    Listing(listing::Args),
    /// Works on the plans that are offered.
    Plan(plan::Args),
    /// Works on promo codes.
    Promo(promo::Args),
    /// What operators did.
    Audit(audit::Args),
    /// Conversations with support.
    Ticket(ticket::Args),
    /// One message to many.
    Broadcast(broadcast::Args),
    /// Prints and checks the configuration.
    Config(config::ConfigArgs),
    /// Checks everything that can be checked before a start and says what to do.
    Doctor(doctor::DoctorArgs),
    /// Works on the database.
    Db(db::DbArgs),
}

/// The tree of commands, for tests and generated documents.
pub fn command() -> clap::Command {
    Cli::command()
}

/// The entry of the executable.
pub fn main() -> ExitCode {
    // Chromium's guard comes before everything else: it has no configuration, its words are no command of ours, and
    // the jail can only be entered while there is one thread.
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == browser::guard::SUBCOMMAND) {
        return browser::guard::main(words);
    }
    let cli = Cli::parse();
    let named = cli.config.as_deref();
    match cli.command {
        Command::Config(args) => exit(config::run(&args, Sources::of_machine(named))),
        Command::Doctor(args) => doctor_main(&args, named),
        Command::Demo(args) => match Sources::of_machine(named) {
            Ok(sources) => entry::block_on(|| async move { demo::main(&args, sources).await }),
            Err(problems) => {
                entry::eprint(&configuration::report(&problems));
                ExitCode::from(configuration::EXIT_CODE)
            }
        },
        command => match entry::configuration(named) {
            Ok(loaded) => configured(command, entry::shared(loaded)),
            Err(code) => code,
        },
    }
}

/// Commands that need a good configuration.
fn configured(command: Command, config: Arc<Config>) -> ExitCode {
    entry::block_on(|| async move {
        if let Command::Run(args) = command {
            return roles::scraper::main(args, config).await;
        }
        let _logs = logs::init(&config.log, None)?;
        operate(command, &config).await
    })
}

/// One operator command: opens what it needs, runs it, closes.
async fn operate(command: Command, config: &Config) -> anyhow::Result<ExitCode> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let screen = Screen::of_stdout();
    let out = &mut std::io::stdout();
    let now = clock.now();
    match command {
        Command::Scrape(args) => {
            let modules = Modules::new(Modules::load(config.paths.sites.as_deref())?);
            let fetching = fetching::start(config, &clock).await?;
            let deps = scrape::Deps {
                modules: &modules,
                ladder: &fetching.ladder,
                hosts: &fetching.hosts,
                deadline: config.scrape.page_deadline,
                screen,
            };
            let ended = scrape::run(args, deps, out).await;
            fetching.ladder.close().await;
            fetching.proxy.stop().await;
            ended
        }
        Command::Site(site::Args { command: site::Command::Login(args) }) => {
            site_login::login(args, config, out).await.map(|()| ExitCode::SUCCESS)
        }
        Command::Site(site::Args { command: site::Command::Sessions(args) }) => {
            site_login::sessions(&args, config, screen, now, out).await.map(|()| ExitCode::SUCCESS)
        }
        Command::Site(args) => {
            let folder = config.paths.sites.as_deref();
            let modules = Modules::new(Modules::load(folder)?).in_folder(folder);
            let db = if args.command.needs_db() { Some(build::open(config).await?) } else { None };
            let port = db.as_ref().map(|db| db as &dyn Db);
            let fetching = match args.command.needs_roads() {
                true => Some(fetching::start(config, &clock).await?),
                false => None,
            };
            let roads = fetching.as_ref().map(|fetching| Roads {
                ladder: &fetching.ladder,
                hosts: &fetching.hosts,
                deadline: config.scrape.page_deadline,
            });
            let folder = config.paths.sites.as_deref().unwrap_or(Path::new("sites"));
            let failures = Folder(failures_folder(config));
            let deps =
                site::Deps { modules: &modules, db: port, roads, folder, failures, now, screen };
            let ended = site::run(args, deps, out).await;
            if let Some(fetching) = fetching {
                fetching.ladder.close().await;
                fetching.proxy.stop().await;
            }
            if let Some(db) = db {
                db.close().await;
            }
            ended
        }
        // Where Redis is configured, the clocks lie there.
        Command::Source(source::Args { command: source::Command::Hosts { json } })
            if config.redis.url.is_some() =>
        {
            let db = build::open(config).await?;
            let listed = build::host_clock(config, Arc::new(db.clone()))?.hosts().await;
            db.close().await;
            hosts::print(&listed?, json, now, screen, out).map(|()| ExitCode::SUCCESS)
        }
        Command::Source(args) => {
            let modules = Modules::new(Modules::load(config.paths.sites.as_deref())?);
            let db = build::open(config).await?;
            let interval = config.schedule.interval;
            let policy = crate::schedule::policy(&config.schedule);
            let deps = source::Deps { db: &db, modules: &modules, now, interval, policy, screen };
            let ended = source::run(args, deps, out).await;
            db.close().await;
            ended
        }
        Command::Watch(args) => {
            let registry = Modules::load(config.paths.sites.as_deref())?;
            let db = build::open(config).await?;
            let interval = config.schedule.interval;
            let deps = watch::Deps { db: &db, registry: &registry, interval, now, screen };
            let ended = watch::run(args, deps, out).await;
            db.close().await;
            ended
        }
        Command::Outbox(args) => {
            let db = build::open(config).await?;
            let ended = outbox::run(args, &db, now, screen, out).await;
            db.close().await;
            ended
        }
        Command::Listing(args) => {
            let db = build::open(config).await?;
            let ended = listing::run(args, &db, now, screen, out).await;
            db.close().await;
            ended
        }
        Command::Audit(args) => {
            let db = build::open(config).await?;
            let ended = audit::run(args, &db, now, screen, out).await;
            db.close().await;
            ended
        }
        Command::Ticket(args) => {
            let db = build::open(config).await?;
            let ended = ticket::run(args, &db, now, screen, out).await;
            db.close().await;
            ended
        }
        Command::Broadcast(args) => {
            let db = build::open(config).await?;
            let ended = broadcast::run(args, &db, now, screen, out).await;
            db.close().await;
            ended
        }
        Command::Plan(args) => {
            let db = build::open(config).await?;
            let file = || build::plans(config);
            let ended = plan::run(args, &db, &file, now, screen, out).await;
            db.close().await;
            ended
        }
        Command::Promo(args) => {
            let db = build::open(config).await?;
            let ended = promo::run(args, &db, now, screen, out).await;
            db.close().await;
            ended
        }
        Command::User(args) => {
            let db = build::open(config).await?;
            let ended = user::run(args, &db, now, screen, out).await;
            db.close().await;
            ended
        }
        Command::Db(args) => db::run(&args, config).await.map(|()| ExitCode::SUCCESS),
        Command::Run(_) | Command::Demo(_) | Command::Config(_) | Command::Doctor(_) => {
            unreachable!("handled before a store is opened")
        }
    }
}

fn doctor_main(args: &doctor::DoctorArgs, named: Option<&Path>) -> ExitCode {
    let sources = match Sources::of_machine(named) {
        Ok(sources) => sources,
        Err(problems) => return exit(doctor::finish(args, &doctor::of_problems(&problems))),
    };
    let loaded = match configuration::load_with_origins(&sources) {
        Ok(loaded) => loaded,
        Err(problems) => return exit(doctor::finish(args, &doctor::of_problems(&problems))),
    };
    entry::block_on(|| async {
        let parts = parts(&loaded).await;
        let findings = doctor::examine(&sources, &loaded, &parts, SystemClock.now()).await;
        Ok(ExitCode::from(doctor::finish(args, &findings)?))
    })
}

/// Opens what the doctor looks at; what cannot be opened is a finding.
async fn parts(loaded: &Loaded) -> doctor::Parts {
    let config = &loaded.config;
    let opened = build::open(config).await.map_err(|error| error.to_string());
    let seen = match &opened {
        Ok(sql) => build::seen(config, sql, &(Arc::new(SystemClock) as Arc<dyn Clock>))
            .await
            .map_err(|error| format!("{error:#}")),
        Err(error) => Err(error.clone()),
    };
    let client = TelegramClient::new(&config.telegram).ok();
    let messenger = client.map(|client| Arc::new(client) as Arc<dyn Messenger>);
    let browser = Some(tried(config).await);
    doctor::Parts { db: opened.map(|db| Arc::new(db) as Arc<dyn Db>), seen, messenger, browser }
}

/// Starts the browser on trial.
async fn tried(config: &Config) -> Result<doctor::Trial, String> {
    let test = fetching::try_browser(config).await.map_err(|error| format!("{error:#}"))?;
    Ok(doctor::Trial {
        version: test.version,
        rendered: test.rendered,
        elapsed: test.elapsed,
        jailed: test.jailed,
        sandboxed: test.renderer_sandboxed,
    })
}

/// The exit code of a command that has printed its own findings.
fn exit(ended: anyhow::Result<u8>) -> ExitCode {
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            entry::eprint(&format!("magpie: {error:#}\n"));
            ExitCode::FAILURE
        }
    }
}
