//! `magpie site login` and `magpie site sessions`: who we are at the sites.
//!
//! ```text
//! $ magpie site login example
//! example: logged in; the session holds until 2026-03-01 12:00 UTC
//! $ magpie site login example --remote
//! The page is open at 127.0.0.1:9222. …
//! Log in there, then press Enter here.
//! ```

use std::io::Write;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use browser::{Browser, JailMode, PageRequest};
use chrono::{DateTime, Utc};
use serde_json::json;
use sites::{Site, Step};
use tokio::io::{AsyncBufReadExt, BufReader};

use super::table::{self, Screen};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::roles::{build, fetching};
use crate::scrape::Modules;
use crate::scrape::session::{MAIN, jar_of};
use crate::store::{Db, SessionRecord as _, StoredSession};

/// Logs in at a site.
#[derive(Debug, clap::Args)]
pub struct LoginArgs {
    /// The site
    pub id: String,
    /// Open the page for a person, who logs in over DevTools on this loopback port
    #[arg(long, value_name = "PORT", num_args = 0..=1, default_missing_value = "9222")]
    pub remote: Option<u16>,
    /// Forget the session instead
    #[arg(long, conflicts_with = "remote")]
    pub forget: bool,
}

/// Lists the sessions.
#[derive(Debug, clap::Args)]
pub struct SessionsArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `magpie site login ID`.
pub async fn login(args: LoginArgs, config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let modules = Modules::new(Modules::load(config.paths.sites.as_deref())?);
    let site = modules.get(&args.id).with_context(|| {
        format!("there is no site module {}; `magpie site list` shows all", args.id)
    })?;
    let db = build::open(config).await?;
    let ended = if args.forget {
        forget(&db, &site, out).await
    } else {
        log_in(&args, config, &site, Arc::new(db.clone()), out).await
    };
    db.close().await;
    ended
}

async fn forget(db: &dyn Db, site: &Site, out: &mut dyn Write) -> anyhow::Result<()> {
    let gone = db.drop_session(&site.id, MAIN).await?;
    let words = if gone { "the session is forgotten" } else { "there was no session" };
    writeln!(out, "{}: {words}", site.id)?;
    Ok(())
}

async fn log_in(
    args: &LoginArgs,
    config: &Config,
    site: &Site,
    db: Arc<dyn Db>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let fetching = fetching::start(config, &clock).await?;
    let access = fetching.access(config, Arc::clone(&db), Arc::clone(&clock));
    let done = match args.remote {
        Some(port) => by_hand(&fetching, config, &access, site, port, out).await,
        None => access.log_in_now(site).await.map(|_| ()).map_err(anyhow::Error::from),
    };
    fetching.stop().await;
    done?;
    let stored = db.session(&site.id, MAIN).await?.context("the session was removed meanwhile")?;
    let until = stored.expires_at.map_or_else(
        || "as long as the site knows it".to_owned(),
        |at| format!("until {} UTC", at.format("%Y-%m-%d %H:%M")),
    );
    writeln!(out, "{}: logged in; the session holds {until}", site.id)?;
    Ok(())
}

/// A person logs in: a browser of its own, outside the jail, with a DevTools port on the loopback address.
async fn by_hand(
    fetching: &fetching::Fetching,
    config: &Config,
    access: &crate::scrape::session::Access,
    site: &Site,
    port: u16,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let Some(Step::Goto(url)) = site.login.as_ref().and_then(|login| login.steps.first()) else {
        bail!("the module of site {} has no [login] with a page to begin with", site.id);
    };
    if config.browser.cdp_url.is_some() {
        bail!("the browser at CDP_URL is somebody else's; log in without CDP_URL");
    }
    let work_dir = config.paths.data.join("browser-login");
    let options = browser::Options {
        devtools_port: Some(port),
        jail: JailMode::Off,
        work_dir: work_dir.clone(),
        ..fetching.options(config)?
    };
    let browser = Browser::new(options);
    writeln!(
        out,
        "The page is open at 127.0.0.1:{port} for as long as this command runs.\n\
         On another machine, first: ssh -L {port}:127.0.0.1:{port} this-machine\n\
         Then open chrome://inspect in Chrome, add localhost:{port} under \"Configure\", and press \"inspect\".\n\
         Log in there, then press Enter here."
    )?;
    out.flush()?;
    let identity = access.proxy_of(site).await?;
    let request =
        PageRequest { proxy: identity.clone(), ..PageRequest::new(url.clone(), "by hand") };
    let lent = browser.lend(request, enter()).await;
    browser.close().await;
    let _ = std::fs::remove_dir(&work_dir);
    let jar = jar_of(lent.context("the browser could not be lent")?);
    if jar.cookies.is_empty() {
        bail!("the page has set no cookies: nothing was logged in to");
    }
    access.take_over(site, jar, identity).await?;
    Ok(())
}

/// Waits for a line on standard input, or its end.
async fn enter() {
    let _ = BufReader::new(tokio::io::stdin()).read_line(&mut String::new()).await;
}

/// `magpie site sessions`.
pub async fn sessions(
    args: &SessionsArgs,
    config: &Config,
    screen: Screen,
    now: DateTime<Utc>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let db = build::open(config).await?;
    let all = db.sessions().await;
    db.close().await;
    let all = all?;
    if args.json {
        let list: Vec<_> = all.iter().map(json_of).collect();
        table::print_json(out, &list)?;
        return Ok(());
    }
    if all.is_empty() {
        writeln!(out, "No site has a session. A module with [login] gets one with its first run.")?;
        return Ok(());
    }
    let row = |one: &StoredSession| {
        vec![
            one.site.clone(),
            one.state.as_str().to_owned(),
            table::when(Some(one.updated_at), now),
            table::when(one.expires_at, now),
            one.identity.clone(),
            one.last_error.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    table::print(
        out,
        screen,
        &["site", "state", "written", "ends", "proxy", "last failure"],
        &rows,
    )?;
    Ok(())
}

fn json_of(one: &StoredSession) -> serde_json::Value {
    json!({
        "site": one.site, "name": one.name, "state": one.state.as_str(),
        "updated_at": one.updated_at, "expires_at": one.expires_at, "proxy": one.identity,
        "failures": one.failures, "last_error": one.last_error,
    })
}
