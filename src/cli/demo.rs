//! `magpie demo`: everything on this machine, without any token.
//!
//! ```text
//! magpie demo ─┬─ child magpie-sandbox   (Telegram, chat page, demo sites)
//!              ├─ child magpie-bot       (polls the sandbox)
//!              └─ the scraper, in this process
//! ```
//!
//! The children hold a pipe from us as their standard input and end when it closes, so they do not outlive us
//! however we die. Each demo begins with an empty folder, since the sandbox remembers nothing either.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::json;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::Notify;

use crate::config::{self, Config, Sources};
use crate::observe::{logs, signals};
use crate::roles::entry::eprint;
use crate::roles::scraper::{self, RunArgs};
use crate::shutdown::{Shutdown, Stage};

/// A token of the right form that belongs to nobody.
const TOKEN: &str = "100001:DEMO-this-is-not-a-real-token";

/// Our searches on the demo sites, written for the sandbox's usual port.
const SEARCHES: &str = include_str!("../../config/demo-sources.toml");
const USUAL_PORT: &str = ":8088/";

/// The group of support, and somebody in it.
const SUPPORT: i64 = -1_001_000_000_001;
const STAFF: i64 = 1900;

/// Children may take this long after their pipe is closed.
const PATIENCE: Duration = Duration::from_secs(22);

/// `magpie demo …`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Port of the chat page and the demo sites.
    #[arg(long, default_value_t = 8088)]
    pub port: u16,
    /// Time between two new offers on each demo site.
    #[arg(long, default_value = "6s", value_name = "TIME")]
    pub publish_every: String,
}

/// Runs the demonstration until a signal ends it.
pub async fn main(args: &DemoArgs, sources: Sources) -> anyhow::Result<ExitCode> {
    let folder = fresh_folder(args, &sources)?;
    let variables = variables(args, &folder);
    let config = configuration(sources, &variables)?;
    let _logs = logs::init(&config.log, Some("scraper"))?;
    let shutdown = Shutdown::default();
    let reload = Arc::new(Notify::new());
    let _signals = signals::listen(shutdown.clone(), Arc::clone(&reload))
        .context("signals cannot be listened to")?;
    let (port, group) = (args.port.to_string(), support_group());
    let mut sandbox = child(
        "magpie-sandbox",
        &[
            "--port",
            &port,
            "--publish-every",
            &args.publish_every,
            "--say",
            &group,
            "--exit-with-stdin",
        ],
        &BTreeMap::new(),
    )?;
    ready(args.port, &mut sandbox.child).await?;
    let mut bot = child("magpie-bot", &["--exit-with-stdin"], &variables)?;
    let announcing = tokio::spawn(announce(args.port));
    let watching = watch(&mut sandbox.child, &mut bot.child, &shutdown);
    let run = RunArgs { only: vec![] };
    let (ended, ()) =
        tokio::join!(scraper::run(&run, Arc::new(config), shutdown.clone(), reload), watching);
    announcing.abort();
    shutdown.reach(Stage::Quiet);
    farewell(bot).await;
    farewell(sandbox).await;
    ended?;
    Ok(ExitCode::SUCCESS)
}

/// An empty folder below the data folder.
fn fresh_folder(args: &DemoArgs, sources: &Sources) -> anyhow::Result<PathBuf> {
    let data = sources.environment.variables.get("DATA_DIR").map_or("data", String::as_str);
    let folder = Path::new(data).join(format!("demo-{}", args.port));
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error)
                .with_context(|| format!("the old demo folder {} stays", folder.display()));
        }
        _ => {}
    }
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("the demo folder {} cannot be made", folder.display()))?;
    let searches = SEARCHES.replace(USUAL_PORT, &format!(":{}/", args.port));
    std::fs::write(folder.join("sources.toml"), searches)?;
    Ok(folder.canonicalize()?)
}

/// What the demonstration sets over the person's own configuration.
fn variables(args: &DemoArgs, folder: &Path) -> BTreeMap<String, String> {
    let port = args.port;
    let below = |name: &str| folder.join(name).display().to_string();
    [
        ("TELEGRAM_BOT_TOKEN", TOKEN.to_owned()),
        ("TELEGRAM_API_URL", format!("http://127.0.0.1:{port}")),
        ("DATA_DIR", folder.display().to_string()),
        ("LOG_DIR", below("logs")),
        ("PORT", port.saturating_add(1).to_string()),
        ("MAGPIE_BOT__APP_URL", format!("http://127.0.0.1:{}/app/", port.saturating_add(1))),
        ("MAGPIE_BOT__APP_FRAMES", format!("http://127.0.0.1:{port}, http://localhost:{port}")),
        ("MAGPIE_PATHS__SOURCES", below("sources.toml")),
        ("MAGPIE_EGRESS__ALLOW", format!("127.0.0.1:{port}")),
        ("MAGPIE_SCRAPE__LISTEN", format!("127.0.0.1:{}", port.saturating_add(2))),
        ("MAGPIE_SCRAPE__GAP", "200ms".to_owned()),
        ("SUPPORT_CHAT_ID", SUPPORT.to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// The act that makes the group of support: with topics, the bot as its administrator.
fn support_group() -> String {
    let group = json!({ "type": "supergroup", "title": "Support", "forum": true });
    json!({ "bot": TOKEN, "user": STAFF, "name": "Olga (staff)", "chat": SUPPORT,
        "group": group, "bot_status": "administrator" })
    .to_string()
}

fn configuration(
    mut sources: Sources,
    variables: &BTreeMap<String, String>,
) -> anyhow::Result<Config> {
    sources.environment.variables.extend(variables.clone());
    // A webhook, other stores or another file's searches would lead out of the demonstration.
    for name in ["WEBHOOK_URL", "DATABASE_URL", "REDIS_URL"] {
        sources.environment.variables.remove(name);
    }
    config::load(&sources).map_err(|problems| anyhow::anyhow!("{}", config::report(&problems)))
}

/// A child and the pipe whose closing ends it. The pipe is held apart, since waiting for a child closes its own.
struct Kept {
    child: Child,
    pipe: Option<ChildStdin>,
}

/// Starts one of our executables with a pipe as its standard input.
fn child(
    name: &str,
    arguments: &[&str],
    variables: &BTreeMap<String, String>,
) -> anyhow::Result<Kept> {
    let executable = std::env::current_exe()?.with_file_name(name);
    ensure!(
        executable.exists(),
        "{} is missing: build everything with `cargo build --workspace --bins`",
        executable.display()
    );
    let mut command = Command::new(&executable);
    for name in ["WEBHOOK_URL", "DATABASE_URL", "REDIS_URL"] {
        command.env_remove(name);
    }
    // An own process group: Ctrl-C reaches us, and we end the children in order.
    command
        .args(arguments)
        .envs(variables)
        .stdin(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let mut child =
        command.spawn().with_context(|| format!("{} cannot be started", executable.display()))?;
    let pipe = child.stdin.take();
    Ok(Kept { child, pipe })
}

/// Waits until the sandbox accepts connections.
async fn ready(port: u16, sandbox: &mut Child) -> anyhow::Result<()> {
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(());
        }
        if let Some(status) = sandbox.try_wait()? {
            anyhow::bail!("the sandbox ended at once ({status}); is port {port} in use?");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("the sandbox does not answer on port {port}")
}

/// Names the address once the scraper listens: its searches are in the record by then.
async fn announce(port: u16) {
    let health = ("127.0.0.1", port.saturating_add(2));
    while tokio::net::TcpStream::connect(health).await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let words = format!("Open http://127.0.0.1:{port}/ and press Start.  (Ctrl-C ends the demo.)");
    eprint(&format!("\n  {words}\n\n"));
}

/// A child that ends by itself ends the demonstration.
async fn watch(sandbox: &mut Child, bot: &mut Child, shutdown: &Shutdown) {
    tokio::select! {
        () = shutdown.reached(Stage::Quiet) => return,
        status = sandbox.wait() => tracing::error!(?status, "the sandbox has ended"),
        status = bot.wait() => tracing::error!(?status, "the bot has ended"),
    }
    shutdown.reach(Stage::Quiet);
}

/// Closes the child's pipe and waits; a child that does not go is killed.
async fn farewell(kept: Kept) {
    let Kept { mut child, pipe } = kept;
    drop(pipe);
    if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
        tracing::warn!("a child did not end in time and is killed");
        if let Err(error) = child.kill().await {
            tracing::error!(%error, "a child cannot be killed");
        }
    }
}
