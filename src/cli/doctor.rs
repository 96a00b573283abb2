//! `magpie doctor`: checks everything that can be checked before a start and says what to do.
//!
//! Each check answers findings: ok, warn (it will run, but look at this) or fail (it will not). The caller opens the
//! stores and the Messenger, since only their modules know how; what could not be opened comes as the sentence
//! that says why.

mod chromium;
mod machine;
mod services;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;

use crate::config::{self, Loaded, Problem, Sources};
use crate::store::{Db, Seen};
use crate::telegram::Messenger;

pub use chromium::Trial;

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
    /// A trial of the browser; `None` in a program that is built without one.
    pub browser: Option<Result<Trial, String>>,
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
    findings.extend(machine::environment(sources));
    findings.push(contact(config));
    findings.push(machine::clock(now));
    findings.extend(machine::data_folder(&config.paths.data));
    findings.push(services::database(parts).await);
    findings.push(services::seen(config, parts).await);
    findings.extend(chromium::findings(config, parts.browser.as_ref()).await);
    findings.extend(services::telegram(config, parts.messenger.as_deref(), now).await);
    findings
}

/// Whether a site can write to us instead of blocking us.
fn contact(config: &config::Config) -> Finding {
    let agent = &config.scrape.user_agent;
    if config::names_contact(agent) {
        return Finding::ok("contact", Kind::Configuration, format!("we call ourselves {agent}"));
    }
    Finding::warn(
        "contact",
        Kind::Configuration,
        format!("the user agent \"{agent}\" names nobody to write to"),
        "set scrape.user_agent (MAGPIE_SCRAPE__USER_AGENT) with an address of yours, as in \
         \"Magpie/0.1 (+https://your.site/contact)\"",
    )
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
            browser: None,
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
                ("contact", Outcome::Warn),
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
