//! Births and deaths: whatever is killed, the rest goes on and nothing remains.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use browser::{Browser, JailMode, PageError, ProxyEndpoint, SandboxMode};

use crate::world::{self, World, group, holds_within, kill, processes_of};

/// Longest time Chromium may outlive us.
const SOON: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn the_walls_stand() {
    let Some(world) = World::start().await else { return };
    let facts = world.browser.self_test().await.unwrap();
    assert!(facts.version.contains("Chrome"), "{facts:?}");
    assert!(facts.rendered, "{facts:?}");
    assert_eq!(facts.renderer_sandboxed, Some(true), "{facts:?}");
    let pid = facts.pid.unwrap();
    let namespace = |pid: &str| std::fs::read_link(format!("/proc/{pid}/ns/net")).unwrap();
    assert_eq!(facts.jailed, namespace("self") != namespace(&pid.to_string()));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_inherits_nothing_from_our_environment() {
    let Some(world) = World::start().await else { return };
    let pid = world.chromium().await;
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
    let environment = String::from_utf8_lossy(&environment);
    // Cargo sets many for us; none may arrive.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    assert!(!environment.contains("CARGO"), "{environment}");
    assert!(environment.contains("TMPDIR="));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_browser_is_noticed_at_once_and_replaced() {
    let Some(world) = World::start().await else { return };
    let pid = world.chromium().await;
    let request = world.request("/never");
    let browser = world.browser.clone();
    let fetch = tokio::spawn(async move { browser.fetch(request).await });
    assert!(holds_within(Duration::from_secs(10), || world.site.hits("/never") == 1).await);
    let killed = Instant::now();
    kill(pid);
    let error = fetch.await.unwrap().unwrap_err();
    assert_eq!(error, PageError::Gone);
    assert!(error.is_transient());
    // Long before the page's own deadline; how soon is a figure, not a test.
    assert!(killed.elapsed() < Duration::from_secs(10), "{:?}", killed.elapsed());

    assert_eq!(world.get("/plain").await.unwrap().status, Some(200));
    assert_ne!(world.chromium().await, pid);
    // Its end and the end of its socket arrive in either order: the one says death, the other that it is due.
    let stats = world.browser.stats();
    assert_eq!((stats.deaths + stats.recycled, stats.launches), (1, 2), "{stats:?}");
    assert_eq!(group(pid), Vec::<u32>::new());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_guard_takes_the_browser_with_it() {
    let Some(world) = World::start().await else { return };
    let pid = world.chromium().await;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let guard = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(1).unwrap().to_owned();
    kill(guard.parse().unwrap());
    assert!(holds_within(SOON, || group(pid).is_empty()).await, "{:?}", group(pid));
    assert_eq!(world.get("/plain").await.unwrap().status, Some(200));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_renderer_fails_its_page_only() {
    let Some(world) = World::start().await else { return };
    let pid = world.chromium().await;
    world.get("/plain").await.unwrap();
    let mut request = world.request("/xhr");
    request.wait_for = Some("b.never".to_owned());
    let browser = world.browser.clone();
    let fetch = tokio::spawn(async move { browser.fetch(request).await });
    assert!(holds_within(Duration::from_secs(10), || world.site.hits("/items.json") == 1).await);
    let renderers = || {
        let is = |pid: &u32| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains("--type=renderer")
        };
        group(pid).into_iter().filter(is).collect::<Vec<u32>>()
    };
    let killed = Instant::now();
    // The page may still move to a new process: go on until the visit has failed.
    while !fetch.is_finished() {
        for renderer in renderers() {
            kill(renderer);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(killed.elapsed() < Duration::from_secs(10));
    }
    assert_eq!(fetch.await.unwrap().unwrap_err(), PageError::Crashed);
    assert_eq!(world.get("/plain").await.unwrap().status, Some(200));
    assert_eq!(world.chromium().await, pid);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_browser_is_found_out_and_replaced() {
    let Some(world) = World::start().await else { return };
    let pid = world.chromium().await;
    let leader = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    rustix::process::kill_process_group(leader, rustix::process::Signal::STOP).unwrap();
    let error = world.get_within("/plain", 1).await.unwrap_err();
    assert!(matches!(error, PageError::Timeout { .. }), "{error}");
    assert_eq!(world.get("/plain").await.unwrap().status, Some(200));
    assert_ne!(world.chromium().await, pid);
    assert_eq!(group(pid), Vec::<u32>::new());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn close_ends_everything_and_later_requests_say_so() {
    let Some(world) = World::start().await else { return };
    world.get("/plain").await.unwrap();
    assert!(processes_of(world.work.path()).len() > 1);
    let begun = Instant::now();
    world.browser.close().await;
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_eq!(processes_of(world.work.path()), Vec::<u32>::new());
    assert!(matches!(world.get("/plain").await.unwrap_err(), PageError::Unavailable(_)));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn close_waits_neither_for_pages_nor_for_a_start() {
    let Some(world) = World::with(|options| options.recycle_after_pages = 1, |_| {}).await else {
        return;
    };
    let start = |path: &str| {
        let (browser, request) = (world.browser.clone(), world.request(path));
        tokio::spawn(async move { browser.fetch(request).await })
    };
    let running = start("/never");
    assert!(holds_within(Duration::from_secs(10), || world.site.hits("/never") == 1).await);
    // This one makes the browser due and waits for the first.
    let waiting = start("/plain");
    assert!(holds_within(SOON, || world.browser.stats().recycled == 1).await);
    let begun = Instant::now();
    world.browser.close().await;
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_eq!(running.await.unwrap().unwrap_err(), PageError::Gone);
    assert!(matches!(waiting.await.unwrap().unwrap_err(), PageError::Unavailable(_)));

    let other = Browser::new(world::options(world::endpoint(&world.proxy), world.work.path()));
    let testing = tokio::spawn({
        let other = other.clone();
        async move { other.self_test().await }
    });
    let begins = || !processes_of(world.work.path()).is_empty();
    assert!(holds_within(Duration::from_secs(10), begins).await);
    other.close().await;
    let ended = testing.await.unwrap();
    assert!(matches!(ended, Ok(_) | Err(PageError::Unavailable(_) | PageError::Gone)), "{ended:?}");
    assert!(holds_within(SOON, || processes_of(world.work.path()).is_empty()).await);
    assert!(holds_within(SOON, || world::files_below(world.work.path()).is_empty()).await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_merely_dropped_ends_as_well() {
    let Some(world) = World::start().await else { return };
    let pid = world.chromium().await;
    let World { browser, work, .. } = world;
    drop(browser);
    assert!(holds_within(SOON, || group(pid).is_empty()).await);
    let gone = || processes_of(work.path()).is_empty();
    assert!(holds_within(SOON, gone).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_replaced_after_its_pages() {
    let Some(world) = World::with(|options| options.recycle_after_pages = 3, |_| {}).await else {
        return;
    };
    for _ in 0..7 {
        world.get("/plain").await.unwrap();
    }
    let stats = world.browser.stats();
    assert_eq!((stats.pages, stats.launches, stats.recycled, stats.deaths), (7, 3, 2, 0));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_replaced_when_it_holds_too_much_memory() {
    let Some(world) = World::with(|options| options.recycle_above_bytes = 1, |_| {}).await else {
        return;
    };
    for _ in 0..11 {
        world.get("/plain").await.unwrap();
    }
    assert_eq!(world.browser.stats().recycled, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_renewed_after_its_visits() {
    let Some(world) = World::with(|options| options.session_visits = 2, |_| {}).await else {
        return;
    };
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(world.get("/cookie").await.unwrap().html.contains("id=seen"));
    }
    assert_eq!(seen, [false, true, false, true]);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_browser_is_unavailable_and_not_tried_again_at_once() {
    let missing = |options: &mut browser::Options| {
        options.executable = Some("/nonexistent/chromium".into());
    };
    let Some(world) = World::with(missing, |_| {}).await else { return };
    for _ in 0..3 {
        let error = world.get("/plain").await.unwrap_err();
        assert!(
            matches!(&error, PageError::Unavailable(text) if text.contains("/nonexistent")),
            "{error}"
        );
    }
    assert_eq!(world.browser.stats().launches, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_no_browser_is_unavailable_with_its_last_words() {
    let other = |options: &mut browser::Options| options.executable = Some("/bin/false".into());
    let Some(world) = World::with(other, |_| {}).await else { return };
    let error = world.get("/plain").await.unwrap_err();
    assert!(
        matches!(&error, PageError::Unavailable(text) if text.contains("/bin/false")),
        "{error}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_socket_a_required_jail_refuses_and_an_optional_one_is_left_out() {
    let no_socket = |jail| {
        move |options: &mut browser::Options| {
            let tcp = options.proxy.as_ref().unwrap().tcp;
            options.proxy = Some(ProxyEndpoint { tcp, unix: None });
            options.jail = jail;
        }
    };
    let Some(world) = World::with(no_socket(JailMode::Require), |_| {}).await else { return };
    let error = world.get("/plain").await.unwrap_err();
    assert!(matches!(&error, PageError::Unavailable(text) if text.contains("jail")), "{error}");
    world.finish().await;
    let Some(world) = World::with(no_socket(JailMode::Auto), |_| {}).await else { return };
    assert!(!world.browser.self_test().await.unwrap().jailed);
    assert_eq!(world.get("/plain").await.unwrap().status, Some(200));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_browser_without_a_way_out() {
    let none = |options: &mut browser::Options| options.proxy = None;
    let Some(world) = World::with(none, |_| {}).await else { return };
    let error = world.get("/plain").await.unwrap_err();
    assert!(matches!(&error, PageError::Unavailable(text) if text.contains("proxy")), "{error}");
    world.finish().await;
}

/// A browser that somebody else runs, with a debugging port; killed when dropped.
struct Remote {
    child: std::process::Child,
    address: url::Url,
    _profile: tempfile::TempDir,
}

impl Remote {
    fn start() -> Remote {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new(browser::find_executable().unwrap())
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        let address = lines.find_map(|line| Some(line.split_once("listening on ")?.1.to_owned()));
        std::thread::spawn(move || lines.for_each(drop));
        let address = address.unwrap().parse().unwrap();
        Remote { child, address, _profile: profile }
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_browser_is_used_and_left_running() {
    if !world::have_chromium() {
        return;
    }
    let remote = tokio::task::spawn_blocking(Remote::start).await.unwrap();
    let port = remote.address.port().unwrap();
    for address in [remote.address.to_string(), format!("http://127.0.0.1:{port}")] {
        let at = |options: &mut browser::Options| options.cdp_url = Some(address);
        let Some(world) = World::with(at, |_| {}).await else { return };
        assert_eq!(world.get("/plain").await.unwrap().status, Some(200));
        assert_eq!(world.browser.self_test().await.unwrap().pid, None);
        world.finish().await;
    }
    drop(remote);
    let at = |options: &mut browser::Options| {
        options.cdp_url = Some(format!("http://127.0.0.1:{port}"));
    };
    let Some(world) = World::with(at, |_| {}).await else { return };
    let error = world.get("/plain").await.unwrap_err();
    assert!(matches!(&error, PageError::Unavailable(text) if text.contains("CDP_URL")), "{error}");
    world.finish().await;
}

/// Body of the process that is killed by the next test; does nothing in an ordinary run.
#[tokio::test(flavor = "multi_thread")]
async fn body_of_the_killed_parent() {
    let Ok(work) = std::env::var("BROWSER_TEST_PARENT_WORK") else { return };
    let proxy = egress::Proxy::start(egress::Policy::default()).await.unwrap();
    let mut options = world::options(world::endpoint(&proxy), work.as_ref());
    options.chromium_sandbox = SandboxMode::Require;
    let browser = Browser::new(options);
    let pid = browser.self_test().await.unwrap().pid.unwrap();
    println!("\nchromium {pid}");
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_we_are_killed_no_process_and_no_file_remains() {
    if !world::have_chromium() {
        return;
    }
    let work = world::work_dir();
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lifecycle::body_of_the_killed_parent", "--nocapture"])
        .env("BROWSER_TEST_PARENT_WORK", work.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(parent.stdout.take().unwrap()).lines();
    let pid = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("chromium ").and_then(|pid| pid.parse::<u32>().ok()));
    let pid = pid.expect("the parent has a browser");
    assert!(!group(pid).is_empty());
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert!(holds_within(SOON, || group(pid).is_empty()).await, "{:?}", group(pid));
    let guard_gone = || processes_of(work.path()).is_empty();
    assert!(holds_within(SOON, guard_gone).await);
    assert_eq!(world::files_below(work.path()), Vec::<String>::new());
}
