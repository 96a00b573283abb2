//! Checks of the browser: one that starts is good, one that renders a page behind its walls is better.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::{Finding, Kind, PATIENCE};
use crate::config::Config;

/// What a trial start of the browser showed. The caller makes it, since only its modules know the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Name and version, as the browser says them.
    pub version: String,
    /// Whether a page with a script was rendered.
    pub rendered: bool,
    /// From nothing to the rendered page.
    pub elapsed: Duration,
    /// Whether it lives in a network of its own.
    pub jailed: bool,
    /// Whether its renderers are inside Chromium's sandbox; `None` when there was none to look at.
    pub sandboxed: Option<bool>,
}

/// Names under which distributions install it, the one that we prefer first.
const NAMES: [&str; 5] =
    ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome"];

const INSTALL: &str = "apt-get install chromium-headless-shell, or set CHROMIUM to its path";

/// The findings about the browser; `trial` is `None` in a program that is built without one.
pub(super) async fn findings(
    config: &Config,
    trial: Option<&Result<Trial, String>>,
) -> Vec<Finding> {
    match trial {
        Some(Ok(trial)) => tried(config, trial),
        Some(Err(why)) => vec![refused(config, why).await],
        None => vec![installed(config).await],
    }
}

fn tried(config: &Config, trial: &Trial) -> Vec<Finding> {
    let ms = trial.elapsed.as_millis();
    let page = if trial.rendered {
        let text =
            format!("{} rendered a page with a script, {ms} ms with its start", trial.version);
        Finding::ok("chromium", Kind::Machine, text)
    } else {
        let text = format!("{} started, but a page with a script stayed empty", trial.version);
        let remedy = "install another version of it, or name one with CHROMIUM";
        Finding::fail("chromium", Kind::Machine, text, remedy)
    };
    if config.browser.cdp_url.is_some() {
        let text = "the browser at CDP_URL is somebody else's: its sandbox and its network are not ours to judge";
        let remedy = "keep it away from networks that foreign pages must not see";
        return vec![page, Finding::warn("jail", Kind::Service, text, remedy)];
    }
    vec![page, sandbox(config, trial.sandboxed), jail(config, trial.jailed)]
}

/// Chromium's own walls around the code of foreign pages.
fn sandbox(config: &Config, sandboxed: Option<bool>) -> Finding {
    let remedy = "allow user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0, in a container \
                  its seccomp profile), or set MAGPIE_BROWSER__SANDBOX=auto and know the risk";
    match sandboxed {
        Some(true) => {
            Finding::ok("sandbox", Kind::Machine, "its renderers are inside Chromium's sandbox")
        }
        Some(false) if config.browser.sandbox == "require" => Finding::fail(
            "sandbox",
            Kind::Machine,
            "a renderer is outside Chromium's sandbox",
            remedy,
        ),
        Some(false) => {
            Finding::warn("sandbox", Kind::Machine, "Chromium runs without its sandbox", remedy)
        }
        None => {
            let text = "no renderer could be looked at";
            Finding::warn("sandbox", Kind::Machine, text, "run the doctor again")
        }
    }
}

/// Our walls around its network: nothing but the filtering proxy can be reached.
fn jail(config: &Config, jailed: bool) -> Finding {
    match (jailed, config.browser.jail.as_str()) {
        (true, _) => Finding::ok(
            "jail",
            Kind::Machine,
            "it lives in a network where nothing but our proxy exists",
        ),
        (false, "off") => Finding::ok("jail", Kind::Machine, "off, as configured"),
        (false, _) => Finding::warn(
            "jail",
            Kind::Machine,
            "it shares our network: only its own settings keep it to the proxy",
            "run Magpie as root, or allow user namespaces, so that the jail can be entered",
        ),
    }
}

/// The trial came to nothing: is there a browser at all?
async fn refused(config: &Config, why: &str) -> Finding {
    if config.browser.cdp_url.is_some() {
        let remedy = "look at CDP_URL (ws://… or http://host:port) and at the browser behind it";
        return Finding::fail("chromium", Kind::Service, why, remedy);
    }
    let remedy = match version(config).await {
        Ok(_) => {
            "start magpie as the user that will run it; MAGPIE_BROWSER__SANDBOX and MAGPIE_BROWSER__JAIL loosen \
                  the walls where the kernel does not allow them"
        }
        Err(_) => INSTALL,
    };
    Finding::fail("chromium", Kind::Machine, why, remedy)
}

async fn installed(config: &Config) -> Finding {
    if config.browser.cdp_url.is_some() {
        return Finding::ok("chromium", Kind::Service, "a remote browser is configured");
    }
    match version(config).await {
        Ok(text) => Finding::ok("chromium", Kind::Machine, text),
        Err(text) => Finding::fail("chromium", Kind::Machine, text, INSTALL),
    }
}

/// The first browser that says its version, or which ones do not.
async fn version(config: &Config) -> Result<String, String> {
    let own = config.browser.executable.as_ref().map(|path| path.display().to_string());
    let candidates = own.map_or_else(|| NAMES.map(str::to_owned).to_vec(), |own| vec![own]);
    for candidate in &candidates {
        if let Some(version) = version_of(candidate).await {
            return Ok(format!("{candidate}: {version}"));
        }
    }
    Err(format!("none of {} starts", candidates.join(", ")))
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

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::*;
    use crate::config::{self, Sources};

    fn config(pairs: &[(&str, &str)]) -> Config {
        let mut sources = Sources::default();
        sources.environment.variables =
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        config::load_with_origins(&sources).expect("a good configuration").config
    }

    fn good() -> Trial {
        Trial {
            version: "HeadlessChrome/156".into(),
            rendered: true,
            elapsed: Duration::from_millis(900),
            jailed: true,
            sandboxed: Some(true),
        }
    }

    async fn outcomes(config: &Config, trial: Trial) -> Vec<(&'static str, Outcome)> {
        let findings = findings(config, Some(&Ok(trial))).await;
        assert!(findings.iter().all(|one| one.outcome == Outcome::Ok || !one.remedy.is_empty()));
        findings.iter().map(|one| (one.check, one.outcome)).collect()
    }

    #[tokio::test]
    async fn a_missing_wall_is_a_warning_and_a_required_one_a_fault() {
        let strict = config(&[]);
        let (ok, warn, fail) = (Outcome::Ok, Outcome::Warn, Outcome::Fail);
        let all = |page, sandbox, jail| [("chromium", page), ("sandbox", sandbox), ("jail", jail)];
        assert_eq!(outcomes(&strict, good()).await, all(ok, ok, ok));
        let open = Trial { jailed: false, sandboxed: Some(false), ..good() };
        assert_eq!(outcomes(&strict, open.clone()).await, all(ok, fail, warn));
        let loose = config(&[("MAGPIE_BROWSER__SANDBOX", "auto"), ("MAGPIE_BROWSER__JAIL", "off")]);
        assert_eq!(outcomes(&loose, open).await, all(ok, warn, ok));
        let blank = Trial { rendered: false, sandboxed: None, ..good() };
        assert_eq!(outcomes(&strict, blank).await, all(fail, warn, ok));
    }

    #[tokio::test]
    async fn a_remote_browser_is_tried_but_its_walls_are_not_ours() {
        let remote = config(&[("CDP_URL", "http://127.0.0.1:9222")]);
        let found = outcomes(&remote, Trial { jailed: false, sandboxed: None, ..good() }).await;
        assert_eq!(found, [("chromium", Outcome::Ok), ("jail", Outcome::Warn)]);
        let refused = findings(&remote, Some(&Err("no answer".into()))).await;
        assert!(refused[0].remedy.contains("CDP_URL") && refused[0].outcome == Outcome::Fail);
    }
}
