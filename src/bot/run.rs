//! The bot process, from its port to its last reply.
//!
//! ```text
//! listen ──► getMe (waits for Telegram as long as it takes; /health says 503) ──► handler
//!    webhook: keep the setting, take calls        polling: remove a stale webhook, ask
//! quiet ──► no new calls, no new questions ──► work in hand ──► replies ──► done
//! ```

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::back_off::BackOff;
use super::commands;
use super::files::Files;
use super::handle::{Deps, Handler};
use super::http::{self, Mode, RenderMetrics};
use super::lanes::{ReplyLanes, ReplySender};
use super::menu_button;
use super::polling::{self, Poller};
use super::rules::{Modules, Rules};
use super::webhook::{self, HookKeys, Keeper};
use crate::context::Context;
use crate::domain::pace::Limits;
use crate::observe::vitals::{self, Measured, Vitals};
use crate::shutdown::{Shutdown, Stage};
use crate::telegram::{BotIdentity, Messenger};

/// How long giving back what is held may take after the cut.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What the process entry knows and the bot needs.
pub struct Wiring {
    /// Limits under which replies take their slots.
    pub limits: Limits,
    /// Sends replies.
    pub replies: Arc<dyn ReplySender>,
    /// Renders the metrics of the process.
    pub render_metrics: RenderMetrics,
    /// The site modules that recognise addresses.
    pub modules: Modules,
    /// Further routes on the same port: the API and the Mini App.
    pub routes: Router,
}

/// Runs the bot on the configured port until the shutdown is over.
///
/// # Errors
/// When there is no token or the port cannot be had. A dependency that is down is waited for.
pub async fn run(context: Context, wiring: Wiring) -> anyhow::Result<()> {
    let address = context.config.bot.listen;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("listening on {address} (PORT): is another process there?"))?;
    run_on(listener, context, wiring).await
}

/// Like [`run`], on a port that is open already.
///
/// # Errors
/// When there is no token.
pub async fn run_on(listener: TcpListener, context: Context, wiring: Wiring) -> anyhow::Result<()> {
    let token = context.config.telegram.token.as_ref();
    let token = token.context("there is no TELEGRAM_BOT_TOKEN: the bot cannot talk")?;
    let base = context.config.bot.webhook_url.clone();
    let mode = if base.is_some() { Mode::Webhook } else { Mode::Polling };
    let handler = Arc::new(OnceLock::new());
    let router = http::router(http::Parts {
        mode,
        keys: base.is_some().then(|| keys(&context, token)),
        max_body: context.config.bot.max_body,
        read_limit: http::READ_LIMIT,
        updates_per_second: context.config.limits.updates_per_second,
        handler: Arc::clone(&handler),
        db: Arc::clone(&context.db),
        seen: Arc::clone(&context.seen),
        messenger: Arc::clone(&context.messenger),
        render_metrics: Arc::clone(&wiring.render_metrics),
    })
    .merge(wiring.routes.clone());
    let shutdown = context.shutdown.clone();
    let serving = http::serve(listener, router, shutdown.clone());
    let working = work(&context, token, base, wiring, &handler);
    let both = async { tokio::join!(serving, working) };
    tokio::select! {
        _ = both => {}
        () = shutdown.reached(Stage::Cut) => tracing::warn!("the bot is cut off at its deadline"),
    }
    if let Some(handler) = handler.get() {
        let overdue = async {
            shutdown.reached(Stage::Cut).await;
            sleep(LAST_WORDS).await;
        };
        tokio::select! {
            () = handler.finish() => {}
            () = overdue => tracing::warn!("work was still going on; what it held is in doubt"),
        }
    }
    Ok(())
}

fn keys(context: &Context, token: &SecretString) -> HookKeys {
    HookKeys::derive(token, context.config.bot.webhook_secret.as_ref())
}

async fn work(
    context: &Context,
    token: &SecretString,
    base: Option<String>,
    wiring: Wiring,
    cell: &OnceLock<Arc<Handler>>,
) {
    let (messenger, shutdown) = (&*context.messenger, &context.shutdown);
    let Some(bot) = identify(messenger, shutdown).await else { return };
    tracing::info!(bot = bot.id, username = bot.username, "the bot takes updates");
    let id = bot.id;
    let mode = if base.is_some() { Mode::Webhook } else { Mode::Polling };
    let vitals = Arc::new(Vitals::default());
    let handler = handler(context, bot, wiring, Arc::clone(&vitals));
    let handler = Arc::clone(cell.get_or_init(|| handler));
    let updates = async {
        match base {
            Some(base) => {
                let keys = keys(context, token);
                let (config, db) = (&context.config.bot, &*context.db);
                let wanted = webhook::setting(&base, &keys, config.max_connections);
                let warning = config.pending_warning;
                Keeper::new(messenger, db, id, wanted, &keys, warning).keep(shutdown).await;
            }
            None => {
                let (messenger, db) = (Arc::clone(&context.messenger), Arc::clone(&context.db));
                let (shutdown, locks) = (shutdown.clone(), context.config.paths.data.join("locks"));
                polling::run(Poller { bot: id, messenger, db, handler, shutdown, locks }).await;
            }
        }
    };
    let measured = Measured {
        mode: mode.as_str(),
        db: Arc::clone(&context.db),
        seen: Arc::clone(&context.seen),
        messenger: Arc::clone(&context.messenger),
        clock: Arc::clone(&context.clock),
        shutdown: shutdown.clone(),
    };
    let measuring = vitals::measure(&vitals, measured);
    let app = context.config.bot.app_address();
    let button = menu_button::publish(messenger, app.as_deref(), shutdown);
    let menus = commands::publish(messenger, &context.config.bot.admin_ids, shutdown);
    tokio::join!(updates, menus, button, measuring);
}

fn handler(
    context: &Context,
    bot: BotIdentity,
    wiring: Wiring,
    vitals: Arc<Vitals>,
) -> Arc<Handler> {
    let (db, clock) = (Arc::clone(&context.db), Arc::clone(&context.clock));
    let modules = wiring.modules;
    let rules = Rules { modules, vitals, ..Rules::of(&context.config, &bot.username) };
    let lanes = ReplyLanes::new(
        wiring.replies,
        Arc::clone(&db),
        Arc::clone(&clock),
        context.shutdown.clone(),
    );
    Handler::new(Deps {
        bot,
        db,
        messenger: Arc::clone(&context.messenger),
        clock,
        owner: context.owner.clone(),
        limits: wiring.limits,
        lanes,
        files: Files::new(rules.modules.clone(), rules.interval),
        rules,
    })
}

/// Who we are; waits for Telegram as long as it takes, `None` when the shutdown came first.
async fn identify(messenger: &dyn Messenger, shutdown: &Shutdown) -> Option<BotIdentity> {
    let mut back_off = BackOff::default();
    loop {
        let asked = tokio::select! {
            asked = messenger.get_me() => asked,
            () = shutdown.reached(Stage::Quiet) => return None,
        };
        let error = match asked {
            Ok(bot) => return Some(bot),
            Err(error) => error,
        };
        let pause = back_off.after(&error);
        tracing::error!(%error, ?pause, "Telegram does not say who we are");
        tokio::select! {
            () = sleep(pause) => {}
            () = shutdown.reached(Stage::Quiet) => return None,
        }
    }
}
