//! `magpie-bot`: the bot process. Webhook or polling, replies, and the rest of its own outbox after a crash.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use clap::Parser;
use tokio::sync::Notify;

use super::{build, entry};
use crate::bot::lanes::ReplySender;
use crate::bot::{self, Wiring};
use crate::config::Config;
use crate::context::Context;
use crate::deliver::sender::limits;
use crate::deliver::{SenderOptions, Wake, recovery, send_one, sender};
use crate::domain::Class;
use crate::domain::delivery::Claimed;
use crate::observe::{logs, metrics, signals};
use crate::shutdown::{Shutdown, Stage};
use crate::telegram::NoPhotos;

/// The bot process: webhook if WEBHOOK_URL is set, else long polling.
#[derive(Debug, Parser)]
#[command(name = "magpie-bot", version, max_term_width = 100)]
pub struct Cli {
    /// Configuration file over the defaults.
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
    let wiring = Wiring {
        limits: limits(config.deliver.per_second),
        replies: Arc::new(Replies { context: context.clone() }),
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
    let (ended, (), ()) =
        tokio::join!(talking, sender::run(&context, options), recovery::run(&context));
    built.close().await;
    tracing::info!("the bot has ended");
    ended
}

/// Sends a reply whose intent was committed with its update, and settles it.
struct Replies {
    context: Context,
}

#[async_trait]
impl ReplySender for Replies {
    async fn send(&self, reply: Claimed) {
        let Context { clock, db, messenger, .. } = &self.context;
        let wait = (reply.send_at - clock.now()).to_std().unwrap_or_default();
        tokio::time::sleep(wait).await;
        let settlement = send_one(&**messenger, &NoPhotos, &**clock, &reply).await;
        if let Err(error) = db.settle_deliveries(&[settlement], clock.now()).await {
            let id = &reply.delivery.new.id;
            tracing::error!(%error, delivery = %id, "a reply could not be settled: it stays in doubt");
        }
    }
}
