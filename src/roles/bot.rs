//! `magpie-bot`: the bot process. Webhook or polling, replies, and the rest of its own outbox after a crash.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use axum::Router;
use clap::Parser;
use tokio::sync::Notify;

use super::{build, entry};
use crate::api;
use crate::bot::lanes::ReplySender;
use crate::bot::{self, Wiring, late_tickets};
use crate::config::Config;
use crate::context::Context;
use crate::deliver::sender::limits;
use crate::deliver::{Desk, SenderOptions, Settler, Wake, recovery, send_and_settle, sender};
use crate::domain::Class;
use crate::domain::delivery::Claimed;
use crate::modules::Modules;
use crate::observe::{logs, metrics, signals};
use crate::shutdown::{Shutdown, Stage};
use crate::telegram::NoPhotos;

/// How long the last settlements may take after the last reply.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The bot process: webhook if WEBHOOK_URL is set, else long polling.
#[derive(Debug, Parser)]
#[command(name = "magpie-bot", version, max_term_width = 100)]
pub struct Cli {
    /// Configuration file over the defaults; MAGPIE_CONFIG names one too.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// End when the standard input is closed: for a parent that may die.
    #[arg(long, hide = true)]
    pub exit_with_stdin: bool,
}

/// The entry of the executable.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let loaded = match entry::configuration(cli.config.as_deref()) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    entry::block_on(|| async move {
        let config = entry::shared(loaded);
        let _logs = logs::init(&config.log, Some("bot"))?;
        let shutdown = Shutdown::default();
        let _signals = signals::listen(shutdown.clone(), Arc::new(Notify::new()))
            .context("signals cannot be listened to")?;
        if cli.exit_with_stdin {
            entry::stop_with_stdin(shutdown.clone());
        }
        run(config, shutdown).await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Runs the bot until the shutdown is over.
pub async fn run(config: Arc<Config>, shutdown: Shutdown) -> anyhow::Result<()> {
    let Some(built) = build(Arc::clone(&config), "bot", &shutdown).await? else { return Ok(()) };
    let context = built.context.clone();
    tracing::info!(owner = %context.owner, version = env!("CARGO_PKG_VERSION"), "the bot starts");
    let metrics = metrics::init().context("the metrics cannot be set up")?;
    tokio::spawn(metrics.clone().tend());
    let (db, clock) = (Arc::clone(&context.db), Arc::clone(&context.clock));
    let (settler, settling) = Settler::start(db, clock, shutdown.clone());
    let modules = Modules::of_folder(config.paths.sites.clone());
    let wiring = Wiring {
        routes: routes(&context, modules.clone()),
        modules,
        limits: limits(&config.deliver),
        replies: Arc::new(Replies { context: context.clone(), settler, desk: Desk::default() }),
        render_metrics: Arc::new(move || metrics.render()),
    };
    // What a dead bot left behind is sent by the next one: replies do not wait for a scraper.
    let mut options = SenderOptions::new(&config.deliver, Arc::new(NoPhotos), Wake::default());
    options.classes = vec![Class::Reply, Class::Payment, Class::Support];
    let talking = async {
        let ended = bot::run(context.clone(), wiring).await;
        context.shutdown.reach(Stage::Quiet);
        ended
    };
    let (ended, (), (), ()) = tokio::join!(
        talking,
        sender::run(&context, options),
        recovery::run(&context),
        late_tickets::run(&context)
    );
    // Every reply that was finished has been settled; one that outlived the cut may hold the queue for ever.
    if let Ok(Err(error)) = tokio::time::timeout(LAST_WORDS, settling).await {
        tracing::error!(%error, "the task that settles replies broke");
    }
    built.close().await;
    tracing::info!("the bot has ended");
    ended
}

/// The API and the Mini App. Without a token nobody could prove who they are, and the bot ends anyway.
fn routes(context: &Context, modules: Modules) -> Router {
    let Some(token) = context.config.telegram.token.as_ref() else { return Router::new() };
    let bot = &context.config.bot;
    api::router(api::Parts {
        db: Arc::clone(&context.db),
        clock: Arc::clone(&context.clock),
        token,
        secret: bot.jwt_secret.as_ref(),
        modules,
        interval: context.config.schedule.interval,
        tiles: api::MapTiles {
            address: bot.map_tiles.clone(),
            attribution: bot.map_attribution.clone(),
        },
        frames: bot.app_frames.clone(),
    })
}

/// Sends replies whose intent was committed with their update.
struct Replies {
    context: Context,
    settler: Settler,
    desk: Desk,
}

#[async_trait]
impl ReplySender for Replies {
    async fn send(&self, reply: Claimed) {
        // What Telegram said is in the record and in the log; a reply brakes nobody else.
        let _ = send_and_settle(&self.context, &self.desk, &self.settler, &reply).await;
    }
}
