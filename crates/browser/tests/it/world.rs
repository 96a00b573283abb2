//! A site, a proxy and a browser for one test, and the check that nothing of them remains.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use browser::{Browser, Options, PageAnswer, PageError, PageRequest, ProxyEndpoint};
use egress::{Policy, Proxy, Target};
use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

use crate::site::Site;

/// Browsers at once: tests measure time limits, and a crowded machine would break them.
static PLACES: Semaphore = Semaphore::const_new(2);

pub(crate) struct World {
    pub(crate) site: Site,
    pub(crate) proxy: Proxy,
    pub(crate) browser: Browser,
    pub(crate) work: TempDir,
    _place: SemaphorePermit<'static>,
}

/// Whether there is a Chromium; says SKIPPED if not, and fails in CI.
pub(crate) fn have_chromium() -> bool {
    let found = browser::find_executable().is_some();
    if !found {
        println!("SKIPPED: no Chromium on this machine (package chromium-headless-shell)");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must have a Chromium");
    }
    found
}

/// Options of a browser whose profiles live in `work`.
pub(crate) fn options(proxy: ProxyEndpoint, work: &Path) -> Options {
    Options {
        proxy: Some(proxy),
        work_dir: work.to_owned(),
        guard: env!("CARGO_BIN_EXE_browser-guard").into(),
        ..Options::default()
    }
}

pub(crate) fn endpoint(proxy: &Proxy) -> ProxyEndpoint {
    ProxyEndpoint { tcp: proxy.tcp_address(), unix: Some(proxy.unix_path()) }
}

/// A directory that the browser's own user can reach as well.
pub(crate) fn work_dir() -> TempDir {
    let work = tempfile::tempdir().unwrap();
    fs::set_permissions(work.path(), fs::Permissions::from_mode(0o755)).unwrap();
    work
}

impl World {
    pub(crate) async fn start() -> Option<World> {
        World::with(|_| {}, |_| {}).await
    }

    /// A world whose browser or policy differs.
    pub(crate) async fn with(
        options_of: impl FnOnce(&mut Options),
        policy_of: impl FnOnce(&mut Policy),
    ) -> Option<World> {
        if !have_chromium() {
            return None;
        }
        let place = PLACES.acquire().await.unwrap();
        let site = Site::start().await;
        let mut policy = Policy::allowing([Target::new("127.0.0.1", site.port)]);
        policy_of(&mut policy);
        let proxy = Proxy::start(policy).await.unwrap();
        let work = work_dir();
        let mut options = options(endpoint(&proxy), work.path());
        options_of(&mut options);
        let browser = Browser::new(options);
        Some(World { site, proxy, browser, work, _place: place })
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}{path}", self.site.port)).unwrap()
    }

    pub(crate) fn request(&self, path: &str) -> PageRequest {
        PageRequest::new(self.url(path), "test")
    }

    pub(crate) async fn get(&self, path: &str) -> Result<PageAnswer, PageError> {
        self.browser.fetch(self.request(path)).await
    }

    /// Like `get`, with a short deadline and therefore an error for pages that never come.
    pub(crate) async fn get_within(
        &self,
        path: &str,
        seconds: u64,
    ) -> Result<PageAnswer, PageError> {
        let mut request = self.request(path);
        request.deadline = Duration::from_secs(seconds);
        self.browser.fetch(request).await
    }

    /// Chromium's main process, which leads a process group of all its children.
    pub(crate) async fn chromium(&self) -> u32 {
        self.browser.self_test().await.unwrap().pid.unwrap()
    }

    /// Closes everything and checks that neither processes nor files remain.
    pub(crate) async fn finish(self) {
        self.browser.close().await;
        assert_eq!(processes_of(self.work.path()), Vec::<u32>::new());
        assert_eq!(files_below(self.work.path()), Vec::<String>::new());
        self.proxy.stop().await;
    }
}

/// Processes that name the directory on their command line: the guard and all of Chromium.
pub(crate) fn processes_of(work: &Path) -> Vec<u32> {
    let name = work.to_string_lossy().into_owned();
    processes(|pid| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&name)
    })
}

/// Processes of a process group.
pub(crate) fn group(leader: u32) -> Vec<u32> {
    processes(|pid| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let fields: Vec<&str> = rest.split_whitespace().collect();
        fields.get(2).and_then(|field| field.parse().ok()) == Some(leader)
    })
}

fn processes(wanted: impl Fn(u32) -> bool) -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| wanted(*pid))
        .collect()
}

pub(crate) fn files_below(work: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = vec![work.join("launches")];
    while let Some(directory) = todo.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            found.push(entry.path().display().to_string());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                todo.push(entry.path());
            }
        }
    }
    found
}

/// Polls until the condition holds; false if it does not within the limit.
pub(crate) async fn holds_within(limit: Duration, condition: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        if condition() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    condition()
}

pub(crate) fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}
