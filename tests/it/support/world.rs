//! A sandbox, a data folder, and our processes in it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use magpie::store::sql::{SqlDb, SqlOptions};
use magpie::store::{Db, SourceFilter};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Journal, Process};

/// A made-up token of the right form.
pub const TOKEN: &str = "424242:TEST-ONLY-not-a-real-token";

/// Everything one end-to-end test needs.
pub struct World {
    /// The folder of databases, logs and outputs.
    pub folder: TempDir,
    /// The sandbox, in this process.
    pub sandbox: sandbox::Running,
    /// Its journal.
    pub journal: Journal,
    /// A client for the control calls.
    pub client: reqwest::Client,
    /// Variables of our processes; tests add to them.
    pub environment: BTreeMap<String, String>,
}

impl World {
    /// Starts a sandbox with `options` and prepares an environment that points to it.
    pub async fn start(options: sandbox::Options) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = TempDir::new().expect("a temporary folder can be made");
        let sandbox = sandbox::start(options).await.expect("the sandbox starts");
        let client = reqwest::Client::builder().no_proxy().build().expect("a client can be made");
        let journal = Journal::new(&sandbox.url(), client.clone());
        let mut environment = BTreeMap::new();
        let mut set = |key: &str, value: String| environment.insert(key.to_owned(), value);
        set("TELEGRAM_BOT_TOKEN", TOKEN.to_owned());
        set("TELEGRAM_API_URL", sandbox.url());
        set("DATA_DIR", folder.path().join("data").display().to_string());
        set("LOG_DIR", folder.path().join("logs").display().to_string());
        set("LOG_FORMAT", "json".to_owned());
        set("PORT", free_port().to_string());
        set("MAGPIE_SCRAPE__LISTEN", format!("127.0.0.1:{}", free_port()));
        set("MAGPIE_EGRESS__ALLOW", sandbox.address().to_string());
        Self { folder, sandbox, journal, client, environment }
    }

    /// The folder as a path.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Address of the bot's own HTTP server.
    pub fn bot_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.environment["PORT"])
    }

    /// The record that our processes share, opened by this process too.
    pub async fn db(&self) -> SqlDb {
        let folder = self.path().join("data");
        std::fs::create_dir_all(&folder).expect("the data folder can be made");
        let url = format!("sqlite://{}", folder.join("magpie.db").display());
        let options = SqlOptions {
            readers: 2,
            gather: Duration::from_millis(4),
            busy_timeout: Duration::from_secs(5),
        };
        SqlDb::open(&url, options).await.expect("the database opens")
    }

    /// Waits until the first good run of every source is recorded.
    pub async fn until_baseline(&self, deadline: Duration) {
        let (db, begin) = (self.db().await, Instant::now());
        loop {
            let sources =
                db.sources(&SourceFilter::default()).await.expect("sources can be listed");
            if !sources.is_empty() && sources.iter().all(|source| source.baseline_done) {
                db.close().await;
                return;
            }
            assert!(begin.elapsed() < deadline, "no baseline within {deadline:?}: {sources:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Writes a list of searches and names it in the environment.
    pub fn put_sources(&mut self, text: &str) {
        let path = self.path().join("sources.toml");
        std::fs::write(&path, text).expect("the list of searches can be written");
        self.environment.insert("MAGPIE_PATHS__SOURCES".to_owned(), path.display().to_string());
    }

    /// Starts `magpie` with arguments.
    pub fn magpie(&self, arguments: &[&str]) -> Process {
        let executable = Path::new(env!("CARGO_BIN_EXE_magpie"));
        Process::start("magpie", executable, arguments, &self.environment, self.path())
    }

    /// Starts `magpie-bot`.
    pub fn bot(&self) -> Process {
        let executable = Path::new(env!("CARGO_BIN_EXE_magpie-bot"));
        Process::start("magpie-bot", executable, &[], &self.environment, self.path())
    }

    /// Acts as a user.
    pub async fn say(&self, what: Value) -> Value {
        self.control("say", what).await
    }

    /// Tells the demo sites what to do.
    pub async fn demo(&self, what: Value) -> Value {
        self.control("demo", what).await
    }

    /// Makes the sandbox misbehave.
    pub async fn fault(&self, rule: Value) -> Value {
        self.control("faults", rule).await
    }

    async fn control(&self, name: &str, what: Value) -> Value {
        let address = format!("{}/_sandbox/{name}", self.sandbox.url());
        let answer =
            self.client.post(address).json(&what).send().await.expect("the sandbox answers");
        let status = answer.status();
        let text = answer.text().await.expect("the answer can be read");
        assert!(status.is_success(), "the sandbox refused {what}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(json!(null))
    }

    /// Waits until `address` answers 200.
    pub async fn until_ready(&self, address: &str, deadline: Duration) {
        let begin = Instant::now();
        loop {
            let answer = self.client.get(address).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            assert!(begin.elapsed() < deadline, "{address} did not answer 200 within {deadline:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A port that is free at the moment.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("a bound socket has an address").port()
}
