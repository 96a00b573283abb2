//! The whole journey as a person sees it: open the chat page in a real browser, press Start, choose a search,
//! and watch new listings arrive with photo, price and link. One demo site is read by Chromium (its listings come
//! from a request after load), the other by plain HTTP.
//!
//! ```text
//! chat page (Chromium) ── presses ──► sandbox ──► magpie-bot
//!          ▲                             ▲
//!          └──────── shows ──────────────┴── magpie run ──► demo sites (Chromium, HTTP)
//! ```

use std::path::PathBuf;
use std::time::Duration;

use browser::{Browser, Options, PageRequest, ProxyEndpoint};
use serde_json::{Value, json};

use crate::support::World;

/// Drives the page: every step waits for what a person would wait for.
const JOURNEY: &str = r"(async () => {
  const until = (what, probe, ms = 60000) => new Promise((resolve, reject) => {
    const end = Date.now() + ms;
    const look = () => {
      const found = probe();
      if (found) return resolve(found);
      if (Date.now() > end) return reject(new Error('not seen: ' + what));
      setTimeout(look, 50);
    };
    look();
  });
  const messages = () => [...document.querySelectorAll('article[data-message-id]:not([data-out=true])')];
  const visible = (element) => element && !element.hidden && element.offsetParent !== null;
  (await until('the Start button', () => {
    const start = document.querySelector('#start');
    return visible(start) && start;
  })).click();
  const label = SEARCH;
  const choice = await until('the list of searches', () =>
    [...document.querySelectorAll('button[data-callback]')].find((b) => b.textContent.includes(label)));
  choice.click();
  await until('the sample', () => messages().length >= 2);
  const before = new Set(messages().map((m) => m.dataset.messageId));
  document.documentElement.dataset.journey = 'subscribed';
  const offer = await until('a new listing with its photo', () =>
    messages().find((m) => !before.has(m.dataset.messageId)
      && m.querySelector('button[data-photo] img')?.naturalWidth > 0));
  return {
    text: offer.querySelector('.text').innerText,
    photoWidth: offer.querySelector('button[data-photo] img').naturalWidth,
    link: offer.querySelector('a[data-url]')?.getAttribute('href'),
    count: messages().length,
  };
})()";

async fn journey(site: &str, path: &str, search: &str) -> Value {
    let mut world = World::start(sandbox::Options::default()).await;
    let url = world.sandbox.url();
    world.put_sources(&format!(
        "[[source]]\nsite = \"{site}\"\nurl = \"{url}{path}\"\ntitle = \"{search}\"\nevery = \"1s\"\n"
    ));
    let bot = world.bot();
    let scraper = world.magpie(&["run"]);
    world.until_ready(&format!("{}/health", world.bot_url()), Duration::from_secs(30)).await;
    world.until_baseline(Duration::from_secs(60)).await;
    let address = world.sandbox.address();
    let allow = [egress::Target::new(address.ip().to_string(), address.port())];
    let proxy = egress::Proxy::start(egress::Policy::allowing(allow)).await.expect("a proxy");
    let browser = Browser::new(Options {
        proxy: Some(ProxyEndpoint { tcp: proxy.tcp_address(), unix: Some(proxy.unix_path()) }),
        guard: PathBuf::from(env!("CARGO_BIN_EXE_magpie")),
        work_dir: world.path().join("chat-browser"),
        ..Options::default()
    });
    let request = PageRequest {
        script: Some(JOURNEY.replace("SEARCH", &json!(search).to_string())),
        deadline: Duration::from_secs(90),
        ..PageRequest::new(url.parse().expect("an address"), "chat")
    };
    let watching = browser.fetch(request);
    let publishing = async {
        // The subscription is visible in the journal: the sample is the second message of the bot.
        let sample = |lines: &[Value]| {
            lines.iter().any(|line| {
                line["method"].as_str().is_some_and(|m| m.eq_ignore_ascii_case("sendMessage"))
                    && line["decision"] == "accepted"
                    && line["params"]["text"].as_str().is_some_and(|text| text.contains('•'))
            })
        };
        world.journal.until("the sample", Duration::from_secs(60), sample).await;
        let which = site.trim_start_matches("demo_");
        world.demo(json!({"publish": {"site": which, "count": 1}})).await;
    };
    let (answer, ()) = tokio::join!(watching, publishing);
    let shown = answer.expect("the page can be driven").script.expect("the journey answers");
    browser.close().await;
    proxy.stop().await;
    for (name, process) in [("scraper", scraper), ("bot", bot)] {
        let status = process.terminate(Duration::from_secs(20)).await;
        assert!(status.success(), "{name}: {status}");
    }
    assert_eq!(leftovers(world.path()), Vec::<String>::new(), "Chromium outlived its scraper");
    shown
}

/// Command lines of processes that were started below `folder`.
fn leftovers(folder: &std::path::Path) -> Vec<String> {
    let folder = folder.display().to_string();
    let entries = std::fs::read_dir("/proc").expect("/proc can be read");
    let lines = entries.flatten().filter_map(|entry| {
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    lines.filter(|line| line.contains("headless") && line.contains(&folder)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_from_a_rendered_page_arrives_in_the_chat() {
    let shown = journey("demo_homes", "/demo/homes", "Homes to rent").await;
    let text = shown["text"].as_str().unwrap_or_default();
    assert!(text.contains("New") && text.contains('€') && text.contains("m²"), "{shown}");
    assert!(shown["photoWidth"].as_i64() > Some(100), "{shown}");
    assert!(shown["link"].as_str().is_some_and(|link| link.contains("/demo/homes/h-")), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thing_from_a_plain_page_arrives_in_the_chat() {
    let shown = journey("demo_goods", "/demo/goods", "Second-hand goods").await;
    let text = shown["text"].as_str().unwrap_or_default();
    assert!(text.contains("New") && text.contains('€'), "{shown}");
    assert!(shown["link"].as_str().is_some_and(|link| link.contains("/demo/goods/g-")), "{shown}");
}
