//! `magpie doctor`: checks everything that can be checked before a start and says what to do.
//!
//! Each check answers findings: ok, warn (it will run, but look at this) or fail (it will not). The caller opens the
//! stores and the Messenger, since only their modules know how; what could not be opened comes as the sentence
//! that says why.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use clap::Args;
use serde::Serialize;
use tokio::process::Command;

use crate::config::{self, Config, Loaded, Problem, Sources, names};
use crate::store::{Db, Seen};
use crate::telegram::{Messenger, SendError};

/// Arguments of `magpie doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// It will run, but look at this.
    Warn,
    /// It will not run.
    Fail,
}

/// What a failed check means for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A value is wrong: exit code 2.
    Configuration,
    /// Something we need cannot be reached: exit code 3.
    Service,
    /// Anything else on this machine: exit code 1.
    Machine,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was checked: `configuration`, `database`, …
    pub check: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What it is about.
    pub kind: Kind,
    /// What was found.
    pub text: String,
    /// What to do; empty when there is nothing to do.
    pub remedy: String,
}

impl Finding {
    /// All is well.
    pub fn ok(check: &'static str, kind: Kind, text: impl Into<String>) -> Self {
        Self { check, outcome: Outcome::Ok, kind, text: text.into(), remedy: String::new() }
    }

    /// It will run, but.
    pub fn warn(check: &'static str, kind: Kind, text: impl Into<String>, remedy: &str) -> Self {
        Self { check, outcome: Outcome::Warn, kind, text: text.into(), remedy: remedy.to_owned() }
    }

    /// It will not run.
    pub fn fail(check: &'static str, kind: Kind, text: impl Into<String>, remedy: &str) -> Self {
        Self { check, outcome: Outcome::Fail, kind, text: text.into(), remedy: remedy.to_owned() }
    }
}

/// The parts of the process that the caller has opened, or why it could not.
pub struct Parts {
    /// The record.
    pub db: Result<Arc<dyn Db>, String>,
    /// The fast filter.
    pub seen: Result<Arc<dyn Seen>, String>,
    /// Telegram; `None` without a token.
    pub messenger: Option<Arc<dyn Messenger>>,
}

/// How long one check may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// The findings about a configuration that is wrong; nothing else can be checked then.
pub fn of_problems(problems: &[Problem]) -> Vec<Finding> {
    let finding = |problem: &Problem| {
        let place = problem
            .key
            .as_ref()
            .map_or_else(|| problem.place.to_string(), |key| format!("{}: {key}", problem.place));
        let text = format!("{place}: {}", problem.what);
        Finding::fail("configuration", Kind::Configuration, text, &problem.remedy)
    };
    problems.iter().map(finding).collect()
}

/// Every check, in the order in which a person would mend them.
pub async fn examine(
    sources: &Sources,
    loaded: &Loaded,
    parts: &Parts,
    now: DateTime<Utc>,
) -> Vec<Finding> {
    let config = &loaded.config;
    let mut findings = of_problems(&super::config::searches_problems(loaded));
    if findings.is_empty() {
        let text = format!("{} keys, all good", loaded.settings.len());
        findings.push(Finding::ok("configuration", Kind::Configuration, text));
    }
    findings.extend(environment(sources));
    findings.push(clock(now));
    findings.extend(data_folder(&config.paths.data));
    findings.push(database(parts).await);
    findings.push(seen(config, parts).await);
    findings.push(chromium(config).await);
    findings.extend(telegram(config, parts.messenger.as_deref(), now).await);
    findings
}

/// Names that are nearly ours, and secrets in files that others may read.
fn environment(sources: &Sources) -> Vec<Finding> {
    let known = || names::VARIABLES.iter().map(|(name, _)| *name);
    let variables = &sources.environment.variables;
    let mut findings: Vec<Finding> = variables
        .keys()
        .filter(|name| !known().any(|known| known == name.trim_end_matches("_FILE")))
        .filter_map(|name| {
            let meant = known().find(|known| strsim::normalized_damerau_levenshtein(name, known) > 0.85)?;
            (!variables.contains_key(meant)).then(|| {
                let text = format!("{name} is set, which nobody reads");
                let remedy = format!("did you mean {meant}? Rename it, or ignore this if it belongs to another program");
                Finding::warn("environment", Kind::Configuration, text, &remedy)
            })
        })
        .collect();
    let secret_files =
        sources.environment.secret_files.keys().filter_map(|name| variables.get(name));
    for path in secret_files.map(Path::new).chain([Path::new(".env")]) {
        findings.extend(readable_by_others(path));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            "environment",
            Kind::Configuration,
            "no glued, quoted or mistyped values",
        ));
    }
    findings
}

fn readable_by_others(path: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        let text = format!("{} can be read by other users ({:03o})", path.display(), mode & 0o777);
        let remedy = format!("chmod 600 {}", path.display());
        Finding::warn("environment", Kind::Machine, text, &remedy)
    })
}

/// A machine without a battery clock starts in 1970: certificates, digests and due times would all be wrong.
fn clock(now: DateTime<Utc>) -> Finding {
    if (2026..2100).contains(&now.year()) {
        return Finding::ok(
            "clock",
            Kind::Machine,
            now.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        );
    }
    let text = format!("the clock says {}", now.format("%Y-%m-%d %H:%M"));
    Finding::fail(
        "clock",
        Kind::Machine,
        text,
        "set the time, for example with: timedatectl set-ntp true",
    )
}

/// Whether the folder can be written to, and what is left on its disk.
fn data_folder(folder: &Path) -> Vec<Finding> {
    const LOW: u64 = 500 << 20;
    const FULL: u64 = 50 << 20;
    let name = folder.display();
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, b"magpie"))
        .and_then(|()| std::fs::remove_file(&probe));
    if let Err(error) = written {
        let text = format!("{name} cannot be written to: {error}");
        let remedy = "give the folder to the user that runs Magpie, or set DATA_DIR";
        return vec![Finding::fail("data folder", Kind::Machine, text, remedy)];
    }
    let mut findings =
        vec![Finding::ok("data folder", Kind::Machine, format!("{name} can be written to"))];
    match rustix::fs::statvfs(folder) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let text = format!("{} MB free for {name}", free >> 20);
            findings.push(match free {
                0..FULL => Finding::fail(
                    "disk",
                    Kind::Machine,
                    text,
                    "make room: the database stops at a full disk",
                ),
                FULL..LOW => Finding::warn("disk", Kind::Machine, text, "make room soon"),
                _ => Finding::ok("disk", Kind::Machine, text),
            });
        }
        Err(error) => {
            let text = format!("the free space of {name} is unknown: {error}");
            findings.push(Finding::warn("disk", Kind::Machine, text, "look with df"));
        }
    }
    findings
}

async fn database(parts: &Parts) -> Finding {
    let remedy =
        "look at DATABASE_URL and at the rights of its folder; another program may hold the file";
    let db = match &parts.db {
        Ok(db) => db,
        Err(why) => return Finding::fail("database", Kind::Service, why.clone(), remedy),
    };
    let begun = Instant::now();
    match tokio::time::timeout(PATIENCE, db.ping()).await {
        Ok(Ok(())) => {
            let millis = begun.elapsed().as_millis();
            let text = format!("a durable write takes {millis} ms");
            if millis > 200 {
                let remedy = "the disk is slow: put the data folder on a local disk";
                return Finding::warn("database", Kind::Service, text, remedy);
            }
            Finding::ok("database", Kind::Service, text)
        }
        Ok(Err(error)) => Finding::fail("database", Kind::Service, error.to_string(), remedy),
        Err(_) => Finding::fail("database", Kind::Service, "no answer within 15 s", remedy),
    }
}

/// Redis is never needed: a silent one is a warning.
async fn seen(config: &Config, parts: &Parts) -> Finding {
    if config.redis.url.is_none() {
        return Finding::ok("redis", Kind::Service, "not configured; the database serves");
    }
    let remedy = "look at REDIS_URL, or leave it out: the database serves then";
    let begun = Instant::now();
    let answer = match &parts.seen {
        Ok(seen) => tokio::time::timeout(PATIENCE, seen.ping()).await,
        Err(why) => return Finding::warn("redis", Kind::Service, why.clone(), remedy),
    };
    match answer {
        Ok(Ok(())) => Finding::ok(
            "redis",
            Kind::Service,
            format!("answers in {} ms", begun.elapsed().as_millis()),
        ),
        Ok(Err(error)) => Finding::warn("redis", Kind::Service, error.to_string(), remedy),
        Err(_) => Finding::warn("redis", Kind::Service, "no answer within 15 s", remedy),
    }
}

/// Names under which distributions install it, the one that we prefer first.
const CHROMIUM_NAMES: [&str; 5] =
    ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome"];

async fn chromium(config: &Config) -> Finding {
    if config.browser.cdp_url.is_some() {
        return Finding::ok("chromium", Kind::Service, "a remote browser is configured");
    }
    let own = config.browser.executable.as_ref().map(|path| path.display().to_string());
    let candidates =
        own.map_or_else(|| CHROMIUM_NAMES.map(str::to_owned).to_vec(), |own| vec![own]);
    for candidate in &candidates {
        if let Some(version) = version_of(candidate).await {
            return Finding::ok("chromium", Kind::Machine, format!("{candidate}: {version}"));
        }
    }
    Finding::fail(
        "chromium",
        Kind::Machine,
        format!("none of {} starts", candidates.join(", ")),
        "apt-get install chromium-headless-shell, or set CHROMIUM to its path",
    )
}

async fn version_of(program: &str) -> Option<String> {
    let child = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, child).await.ok()?.ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

async fn telegram(
    config: &Config,
    messenger: Option<&dyn Messenger>,
    now: DateTime<Utc>,
) -> Vec<Finding> {
    let Some(messenger) = messenger else {
        let remedy = "set TELEGRAM_BOT_TOKEN to what @BotFather gave you";
        return vec![Finding::fail(
            "telegram",
            Kind::Configuration,
            "there is no bot token",
            remedy,
        )];
    };
    match messenger.get_me().await {
        Ok(bot) => {
            let text = format!("the token belongs to @{}", bot.username);
            vec![
                Finding::ok("telegram", Kind::Service, text),
                webhook(config, messenger, now).await,
            ]
        }
        Err(error @ SendError::Auth(_)) => {
            let remedy = "copy the token again from @BotFather";
            vec![Finding::fail("telegram", Kind::Configuration, error.to_string(), remedy)]
        }
        Err(error) => {
            let remedy = "look at the network of this machine and at TELEGRAM_API_URL";
            vec![Finding::fail("telegram", Kind::Service, error.to_string(), remedy)]
        }
    }
}

async fn webhook(config: &Config, messenger: &dyn Messenger, now: DateTime<Utc>) -> Finding {
    let info = match messenger.webhook_info().await {
        Ok(info) => info,
        Err(error) => {
            return Finding::warn("webhook", Kind::Service, error.to_string(), "try again later");
        }
    };
    let waiting = info.pending_update_count;
    let recent = info
        .last_error_date
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .is_some_and(|at| now - at < TimeDelta::hours(1));
    match (&config.bot.webhook_url, info.url.is_empty()) {
        (None, true) => {
            Finding::ok("webhook", Kind::Service, format!("long polling, {waiting} updates wait"))
        }
        (None, false) => Finding::warn(
            "webhook",
            Kind::Configuration,
            "a webhook is set, but WEBHOOK_URL is not: the bot will delete it and poll",
            "set WEBHOOK_URL if the webhook is meant",
        ),
        (Some(_), true) => {
            Finding::ok("webhook", Kind::Service, "none is set yet: the bot sets it when it starts")
        }
        (Some(ours), false) if !info.url.starts_with(ours.as_str()) => Finding::warn(
            "webhook",
            Kind::Configuration,
            "the webhook that is set leads to another address than WEBHOOK_URL",
            "is another installation using this token? The bot will set its own when it starts",
        ),
        (Some(_), false) => match info.last_error_message.filter(|_| recent) {
            Some(error) => Finding::warn(
                "webhook",
                Kind::Service,
                format!(
                    "Telegram could not deliver within the last hour: {error}; {waiting} updates wait"
                ),
                "look at the reverse proxy and its certificate",
            ),
            None => Finding::ok("webhook", Kind::Service, format!("set, {waiting} updates wait")),
        },
    }
}

/// The exit code: 0, or by the first failed check 2 (configuration), 3 (service) or 1.
pub fn exit_code(findings: &[Finding]) -> u8 {
    let failed: Vec<Kind> =
        findings.iter().filter(|f| f.outcome == Outcome::Fail).map(|f| f.kind).collect();
    match failed.first() {
        None => 0,
        Some(_) if failed.contains(&Kind::Configuration) => config::EXIT_CODE,
        Some(_) if failed.contains(&Kind::Service) => 3,
        Some(_) => 1,
    }
}

/// The findings for people: one a line, what to do under it.
pub fn render(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.check.len()).max().unwrap_or(0);
    let mut text = String::new();
    for finding in findings {
        let word = match finding.outcome {
            Outcome::Ok => "ok  ",
            Outcome::Warn => "WARN",
            Outcome::Fail => "FAIL",
        };
        text.push_str(&format!("{word}  {:width$}  {}\n", finding.check, finding.text));
        if !finding.remedy.is_empty() {
            text.push_str(&format!("{:indent$}→ {}\n", "", finding.remedy, indent = width + 8));
        }
    }
    text
}

/// Prints the findings and answers the exit code.
pub fn finish(args: &DoctorArgs, findings: &[Finding]) -> anyhow::Result<u8> {
    if args.json {
        println!("{}", serde_json::to_string_pretty(findings)?);
    } else {
        print!("{}", render(findings));
    }
    Ok(exit_code(findings))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(pairs: &[(&str, &str)]) -> (Sources, Loaded) {
        let mut sources = Sources::default();
        sources.environment.variables =
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let loaded = config::load_with_origins(&sources).unwrap();
        (sources, loaded)
    }

    #[tokio::test]
    async fn every_fault_of_a_bare_machine_is_found_with_a_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().display().to_string();
        let (sources, loaded) = loaded(&[
            ("DATA_DIR", &data),
            ("CHROMIUM", "/nowhere/chromium"),
            ("REDIS_URL", "redis://127.0.0.1:1"),
            ("TELEGRAM_BOT_TOKN", "1:a"),
        ]);
        let parts = Parts {
            db: Err("the file is locked".into()),
            seen: Err("connection refused".into()),
            messenger: None,
        };
        let findings = examine(&sources, &loaded, &parts, DateTime::UNIX_EPOCH).await;
        let bad: Vec<(&str, Outcome)> = findings
            .iter()
            .filter(|f| f.outcome > Outcome::Ok && f.check != "disk")
            .map(|f| (f.check, f.outcome))
            .collect();
        assert_eq!(
            bad,
            [
                ("environment", Outcome::Warn),
                ("clock", Outcome::Fail),
                ("database", Outcome::Fail),
                ("redis", Outcome::Warn),
                ("chromium", Outcome::Fail),
                ("telegram", Outcome::Fail),
            ]
        );
        assert!(findings.iter().all(|f| f.outcome == Outcome::Ok || !f.remedy.is_empty()));
        assert!(render(&findings).contains("did you mean TELEGRAM_BOT_TOKEN?"));
        assert_eq!(exit_code(&findings), 2);
    }

    #[test]
    fn the_exit_code_tells_what_to_mend_first() {
        let fail = |kind| Finding::fail("x", kind, "y", "z");
        assert_eq!(exit_code(&[]), 0);
        assert_eq!(exit_code(&[Finding::warn("x", Kind::Service, "y", "z")]), 0);
        assert_eq!(exit_code(&[fail(Kind::Machine)]), 1);
        assert_eq!(exit_code(&[fail(Kind::Machine), fail(Kind::Service)]), 3);
        assert_eq!(exit_code(&[fail(Kind::Service), fail(Kind::Configuration)]), 2);
    }
}
