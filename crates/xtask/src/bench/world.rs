//! A sandbox in this process and our executables as children.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// Between two looks at the journal.
const REST: Duration = Duration::from_millis(20);

/// A made-up token of the right form.
pub const TOKEN: &str = "424242:BENCH-ONLY-not-a-real-token";

/// Everything one measurement needs.
pub struct World {
    /// Databases and logs.
    pub folder: TempDir,
    /// The imitation.
    pub sandbox: sandbox::Running,
    /// For control calls.
    pub client: reqwest::Client,
    /// Variables of our processes.
    pub environment: BTreeMap<String, String>,
}

impl World {
    /// Starts a sandbox without limits.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(sandbox::limits::Mode::Off).await
    }

    /// Starts a sandbox that counts its limits so.
    pub async fn start_with(limits: sandbox::limits::Mode) -> anyhow::Result<Self> {
        let sandbox = sandbox::start(sandbox::Options { limits, ..Default::default() }).await?;
        let folder = TempDir::new()?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        let mut environment = BTreeMap::new();
        let mut set = |key: &str, value: String| environment.insert(key.to_owned(), value);
        set("TELEGRAM_BOT_TOKEN", TOKEN.to_owned());
        set("TELEGRAM_API_URL", sandbox.url());
        set("DATA_DIR", folder.path().join("data").display().to_string());
        set("LOG_DIR", folder.path().join("logs").display().to_string());
        set("LOG_FORMAT", "json".to_owned());
        set("LOG_LEVEL", "warn".to_owned());
        set("PORT", free_port()?.to_string());
        set("MAGPIE_SCRAPE__LISTEN", format!("127.0.0.1:{}", free_port()?));
        set("MAGPIE_EGRESS__ALLOW", sandbox.address().to_string());
        set("MAGPIE_DELIVER__PER_SECOND", "0".to_owned());
        Ok(Self { folder, sandbox, client, environment })
    }

    /// Names one search in the list of sources.
    pub fn put_source(&mut self, site: &str, path: &str, every: &str) -> anyhow::Result<()> {
        let file = self.folder.path().join("sources.toml");
        let url = format!("{}{path}", self.sandbox.url());
        let text = format!(
            "[[source]]\nsite = \"{site}\"\nurl = \"{url}\"\ntitle = \"Bench\"\nevery = \"{every}\"\noffered = true\n"
        );
        std::fs::write(&file, text)?;
        let name = "MAGPIE_PATHS__SOURCES".to_owned();
        self.environment.insert(name, file.display().to_string());
        Ok(())
    }

    /// Starts one of our executables.
    pub fn child(&self, name: &str, arguments: &[&str]) -> anyhow::Result<Child> {
        let executable = executable(name)?;
        let log = std::fs::File::create(self.folder.path().join(format!("{name}.out")))?;
        Command::new(&executable)
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", executable.display()))
    }

    /// Address of the bot's own HTTP server.
    pub fn bot_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.environment["PORT"])
    }

    /// A control call of the sandbox.
    pub async fn control(&self, name: &str, what: &Value) -> anyhow::Result<Value> {
        let address = format!("{}/_sandbox/{name}", self.sandbox.url());
        let answer = self.client.post(address).json(what).send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }

    /// Removes all rules of misbehaviour.
    pub async fn clear_faults(&self) -> anyhow::Result<()> {
        let address = format!("{}/_sandbox/faults", self.sandbox.url());
        self.client.delete(address).send().await?.error_for_status()?;
        Ok(())
    }

    /// Journal lines after `after`, waiting up to `wait` for the first.
    pub async fn journal(&self, after: u64, wait: Duration) -> anyhow::Result<Vec<Value>> {
        let base = self.sandbox.url();
        let wait = wait.as_millis();
        let address = format!("{base}/_sandbox/journal?after={after}&wait={wait}");
        let text = self.client.get(address).send().await?.text().await?;
        Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    }

    /// When messages were accepted (ms since 1970) that the journal has after `after`, which moves on. A reader who is
    /// called for each line would cost as much as what is measured, so it rests before it asks.
    pub async fn accepted(&self, after: &mut u64) -> anyhow::Result<Vec<i64>> {
        tokio::time::sleep(REST).await;
        let base = self.sandbox.url();
        let address = format!("{base}/_sandbox/journal?after={after}&wait=1000");
        let text = self.client.get(address).send().await?.text().await?;
        let mut moments = Vec::new();
        for line in text.lines() {
            let line: Line<'_> = serde_json::from_str(line)?;
            *after = line.seq;
            if line.decision == "accepted" && sends(line.method) {
                moments.push(line.answer_at);
            }
        }
        Ok(moments)
    }

    /// Waits until `address` answers 200.
    pub async fn until_ready(&self, address: &str) -> anyhow::Result<Duration> {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(30) {
            let answer = self.client.get(address).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(begin.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let output = std::fs::read_to_string(self.folder.path().join("magpie-bot.out"));
        bail!("{address} did not answer within 30 s: {}", output.unwrap_or_default())
    }
}

/// Whether a journal line is an accepted message.
pub fn is_message(line: &Value) -> bool {
    line["decision"] == "accepted" && sends(line["method"].as_str().unwrap_or(""))
}

fn sends(method: &str) -> bool {
    ["sendMessage", "sendPhoto"].iter().any(|name| name.eq_ignore_ascii_case(method))
}

/// What is read of a journal line.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Line<'a> {
    seq: u64,
    method: &'a str,
    decision: &'a str,
    answer_at: i64,
}

/// One of our executables, beside this one.
pub fn executable(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    if !path.exists() {
        bail!("{} is not built: cargo build --release --workspace --bins", path.display());
    }
    Ok(path)
}

fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
