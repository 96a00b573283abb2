//! The contract of the seen-set, for every backend, and what Redis adds.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use magpie::clock::ManualClock;
use magpie::domain::SourceId;
use magpie::store::{MemorySeen, RedisSeen, Seen, SeenItem, SqlSeen};

use super::fixtures::*;

const TTL: Duration = Duration::from_secs(600);

fn items(count: i64) -> Vec<SeenItem> {
    (0..count).map(|i| SeenItem { id: format!("id {i}"), fingerprint: i - 5 }).collect()
}

fn source(name: &str) -> SourceId {
    spec(name).id()
}

/// Everything that a seen-set promises. The clock is the one it was made with.
async fn keeps_its_contract(seen: &dyn Seen, clock: &ManualClock) {
    seen.ping().await.unwrap();
    let (a, b) = (source("a"), source("b"));
    assert!(seen.unseen(&a, &[]).await.unwrap().is_empty());
    seen.mark(&a, &[]).await.unwrap();
    let mut items = items(2_500);
    // Only reading does not remember.
    for _ in 0..2 {
        assert_eq!(seen.unseen(&a, &items).await.unwrap(), vec![true; 2_500]);
    }
    seen.mark(&a, &items[..2_000]).await.unwrap();
    seen.mark(&a, &items[..10]).await.unwrap();
    let unseen = seen.unseen(&a, &items).await.unwrap();
    assert!(unseen[..2_000].iter().all(|unseen| !unseen));
    assert!(unseen[2_000..].iter().all(|unseen| *unseen));
    // Another source remembers for itself.
    assert!(seen.unseen(&b, &items).await.unwrap().iter().all(|unseen| *unseen));
    // Another fingerprint is unseen, and replaces the old one.
    items[7].fingerprint = i64::MIN;
    assert!(seen.unseen(&a, &items).await.unwrap()[7]);
    seen.mark(&a, &items[7..8]).await.unwrap();
    assert!(!seen.unseen(&a, &items).await.unwrap()[7]);
    // Remembered for one TTL at least, and for two at most.
    clock.advance(TimeDelta::from_std(TTL / 2).unwrap());
    seen.mark(&b, &items[..5]).await.unwrap();
    assert!(!seen.unseen(&a, &items).await.unwrap()[7]);
    clock.advance(TimeDelta::from_std(TTL * 2).unwrap());
    assert!(seen.unseen(&a, &items).await.unwrap().iter().all(|unseen| *unseen));
    assert!(seen.unseen(&b, &items).await.unwrap().iter().all(|unseen| *unseen));
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(at(0)))
}

#[tokio::test]
async fn the_database_keeps_the_contract() {
    let place = Place::new();
    let clock = clock();
    let seen = SqlSeen::new(place.open().await, clock.clone(), TTL);
    keeps_its_contract(&seen, &clock).await;
}

#[tokio::test]
async fn memory_keeps_the_contract() {
    let clock = clock();
    let seen = MemorySeen::new(clock.clone(), TTL);
    keeps_its_contract(&seen, &clock).await;
}

/// A private server on a socket of its own; ends with the value.
pub struct Server {
    child: Child,
    folder: tempfile::TempDir,
}

impl Server {
    /// `None`, with a line about it, where the executable is missing. In CI that is a failure.
    pub fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        match Self::spawn(folder.path()) {
            Ok(child) => {
                let server = Self { child, folder };
                server.wait_for_socket();
                Some(server)
            }
            Err(error) => {
                assert!(!in_ci(), "redis-server cannot be started: {error}");
                println!("SKIPPED: redis-server cannot be started: {error}");
                None
            }
        }
    }

    fn spawn(folder: &Path) -> std::io::Result<Child> {
        Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(folder.join("s"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("s")
    }

    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    fn wait_for_socket(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::os::unix::net::UnixStream::connect(self.socket()).is_err() {
            assert!(Instant::now() < deadline, "redis-server does not answer");
            std::thread::yield_now();
        }
    }

    fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn start_again(&mut self) {
        let _ = std::fs::remove_file(self.socket());
        self.child = Self::spawn(self.folder.path()).unwrap();
        self.wait_for_socket();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "CI says so in its environment")]
fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|ci| ci == "true")
}

#[tokio::test]
async fn redis_keeps_the_contract() {
    let Some(server) = Server::start() else { return };
    let clock = clock();
    let seen = RedisSeen::with_clock(&server.url(), "db", TTL, clock.clone()).unwrap();
    keeps_its_contract(&seen, &clock).await;
}

#[tokio::test]
async fn another_database_sees_nothing_of_it() {
    let Some(server) = Server::start() else { return };
    let one = RedisSeen::connect(&server.url(), "one", TTL).unwrap();
    let two = RedisSeen::connect(&server.url(), "two", TTL).unwrap();
    let items = items(3);
    one.mark(&source("a"), &items).await.unwrap();
    assert_eq!(one.unseen(&source("a"), &items).await.unwrap(), [false; 3]);
    assert_eq!(two.unseen(&source("a"), &items).await.unwrap(), [true; 3]);
}

#[tokio::test]
async fn a_lost_redis_costs_a_moment_and_comes_back() {
    let Some(mut server) = Server::start() else { return };
    let seen = RedisSeen::connect(&server.url(), "db", TTL).unwrap();
    let items = items(3);
    seen.mark(&source("a"), &items).await.unwrap();
    server.stop();
    for _ in 0..3 {
        let start = Instant::now();
        seen.unseen(&source("a"), &items).await.unwrap_err();
        seen.ping().await.unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    }
    server.start_again();
    let deadline = Instant::now() + Duration::from_secs(20);
    while seen.ping().await.is_err() {
        assert!(Instant::now() < deadline, "it never came back");
    }
    // It has forgotten everything, which is its right.
    assert_eq!(seen.unseen(&source("a"), &items).await.unwrap(), [true; 3]);
    seen.mark(&source("a"), &items).await.unwrap();
    assert_eq!(seen.unseen(&source("a"), &items).await.unwrap(), [false; 3]);
}

#[tokio::test]
async fn a_redis_that_is_not_there_stops_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("redis+unix://{}/none", folder.path().display());
    let seen = RedisSeen::connect(&url, "db", TTL).unwrap();
    seen.ping().await.unwrap_err();
    seen.unseen(&source("a"), &items(1)).await.unwrap_err();
}

#[tokio::test]
async fn an_unusable_address_is_refused_without_repeating_it() {
    let error = RedisSeen::connect("http://user:secret@host", "db", TTL).err().unwrap();
    assert!(!error.to_string().contains("secret"), "{error}");
}
