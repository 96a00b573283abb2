//! The whole journey in the chat page, driven by a real browser: a person makes a search step by step, gets its sample and an
//! alert, mutes a listing, writes to support and is answered in a topic; an operator writes to everybody.
//!
//! ```text
//! You:            Start → New search → all sites → homes → anywhere → any price → any words → at once → save → sample
//!                 → alert → mute the listing → a message to support
//! Olga (staff):   the person's topic → an answer          (a group with topics)
//! Boss:           /broadcast → a message → send → yes      (an operator)
//! You:            the answer, and the broadcast
//! ```

use std::path::PathBuf;
use std::time::Duration;

use browser::{Browser, Options, PageRequest, ProxyEndpoint};
use serde_json::{Value, json};

use crate::support::World;

const STAFF: i64 = 1003;
const BOSS: i64 = 1002;
const GROUP: i64 = -1_000_077;

/// Drives the page as people do: looks for what is shown, and presses it. What the world outside must do in between is
/// asked for by `document.documentElement.dataset.journey`, which the page shows in its journal of acts.
const JOURNEY: &str = r"(async () => {
  const until = (what, probe, ms = 20000) => new Promise((resolve, reject) => {
    const end = Date.now() + ms;
    const look = () => {
      const found = probe();
      if (found) return resolve(found);
      if (Date.now() > end) return reject(new Error('not seen: ' + what));
      setTimeout(look, 50);
    };
    look();
  });
  const $ = (query) => document.querySelector(query);
  const messages = () => [...document.querySelectorAll('article[data-message-id]:not([data-out=true])')];
  const texts = () => messages().map((m) => m.innerText);
  const shows = (words) => until(words, () => texts().some((text) => text.includes(words)));
  const press = async (label) => {
    const button = await until('the button ' + label, () =>
      [...document.querySelectorAll('button[data-callback]')].findLast((b) => label.test(b.textContent.trim()) && !b.dataset.busy));
    button.click();
  };
  const write = async (words) => {
    await until('the composer', () => !$('#composer').hidden);
    $('#text').value = words;
    $('#composer').requestSubmit();
  };
  const open = async (chat) => {
    (await until('the chat ' + chat, () => $(`[data-chat-id='${chat}']`))).click();
    await until('the chat is open', () => location.hash === '#' + chat);
  };
  const seen = {};

  (await until('the Start button', () => !$('#start').hidden && $('#start'))).click();
  await press(/New search$/);
  await press(/^All sites$/);
  await press(/^Homes$/);
  await press(/anywhere$/);
  await press(/any price$/);
  await press(/any words$/);
  await press(/at once/i);
  await shows('last week');
  seen.summary = texts().findLast((text) => text.includes('last week'));
  await press(/Save$/);
  await shows('•');
  seen.sample = texts().findLast((text) => text.includes('•'));
  const before = new Set(messages().map((m) => m.dataset.messageId));
  const alert = await until('the alert', () => messages().find((m) =>
    !before.has(m.dataset.messageId) && m.querySelector('a[data-url]')));
  seen.alert = alert.innerText;
  const mute = await until('the mute button', () =>
    [...alert.querySelectorAll('button[data-callback]')].find((b) => b.textContent.includes('MUTE')));
  mute.click();
  await until('it is muted', () => !$('#toast').hidden);
  seen.muted = $('#toast').textContent;
  await write('Was that flat let already?');
  await shows('Thank you, your message is kept');

  await open(GROUP);
  (await until('the topic', () => [...document.querySelectorAll('[data-topic]')].find((t) => t.dataset.topic !== '0'))).click();
  await shows('Was that flat let already?');
  seen.header = texts().find((text) => text.includes('English'));
  $('#as-user').value = String(STAFF);
  await write('Not yet, go and see it!');

  await open(BOSS);
  await write('/broadcast');
  await press(/New broadcast$/);
  await shows('Send me the message');
  await write('We watch Lviv now, too');
  await press(/^Only this$/);
  await press(/Send now$/);
  await press(/^Yes, send/);
  await shows('Sent: 2 of 2');

  await open(1001);
  await shows('Not yet, go and see it!');
  await shows('We watch Lviv now, too');
  seen.end = texts().slice(-2);
  return seen;
})()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_start_to_a_broadcast_in_the_chat_page() {
    let mut world = World::start(sandbox::Options::default()).await;
    let url = world.sandbox.url();
    world.put_sources(&format!(
        "[[source]]\nsite = \"demo_homes\"\nurl = \"{url}/demo/homes\"\ntitle = \"Homes to rent\"\nevery = \"1s\"\n\
         [[source]]\nsite = \"demo_goods\"\nurl = \"{url}/demo/goods\"\ntitle = \"Second-hand goods\"\nevery = \"1m\"\n"
    ));
    let mut set = |key: &str, value: String| world.environment.insert(key.to_owned(), value);
    set("ADMIN_IDS", BOSS.to_string());
    set("SUPPORT_CHAT_ID", GROUP.to_string());
    // A browser presses faster than people do.
    set("MAGPIE_LIMITS__OPERATIONS", "0".to_owned());
    set("MAGPIE_LIMITS__MESSAGES", "0".to_owned());
    let bot = world.bot();
    let scraper = world.magpie(&["run"]);
    world.until_ready(&format!("{}/health", world.bot_url()), Duration::from_secs(30)).await;
    world.until_baseline(Duration::from_secs(60)).await;
    let group = json!({ "type": "supergroup", "title": "Support", "forum": true });
    world
        .say(json!({ "user": STAFF, "name": "Olga (staff)", "chat": GROUP, "group": group,
            "bot_status": "administrator" }))
        .await;
    world.say(json!({ "user": BOSS, "name": "Boss", "lang": "en", "text": "/start" })).await;
    let shown = drive(&world, &url).await;
    for (name, process) in [("scraper", scraper), ("bot", bot)] {
        let status = process.terminate(Duration::from_secs(20)).await;
        assert!(status.success(), "{name}: {status}");
    }
    let said = |key: &str| shown[key].as_str().unwrap_or_default().to_owned();
    assert!(said("summary").contains("Homes"), "{shown}");
    assert!(said("sample").contains('€'), "{shown}");
    assert!(said("alert").contains("New") && said("alert").contains('€'), "{shown}");
    assert!(!said("muted").is_empty(), "{shown}");
    assert!(said("header").contains("1001"), "staff sees who writes: {shown}");
    assert_eq!(shown["end"].as_array().map(Vec::len), Some(2), "{shown}");
}

/// Opens the chat page and plays the journey; new homes are published until the alert of one was sent.
async fn drive(world: &World, url: &str) -> Value {
    let address = world.sandbox.address();
    let allow = [egress::Target::new(address.ip().to_string(), address.port())];
    let proxy = egress::Proxy::start(egress::Policy::allowing(allow)).await.expect("a proxy");
    let browser = Browser::new(Options {
        proxy: Some(ProxyEndpoint { tcp: proxy.tcp_address(), unix: Some(proxy.unix_path()) }),
        guard: PathBuf::from(env!("CARGO_BIN_EXE_magpie")),
        work_dir: world.path().join("chat-browser"),
        ..Options::default()
    });
    let mute = magpie::texts::plain(magpie::domain::Language::En, "deliver-button-mute");
    let script = JOURNEY
        .replace("GROUP", &GROUP.to_string())
        .replace("STAFF", &STAFF.to_string())
        .replace("BOSS", &BOSS.to_string())
        .replace("'MUTE'", &json!(mute).to_string());
    let request = PageRequest {
        script: Some(script),
        deadline: Duration::from_secs(120),
        ..PageRequest::new(format!("{url}/#1001").parse().expect("an address"), "chat")
    };
    let publishing = async {
        let sample = |lines: &[Value]| {
            lines.iter().any(|line| {
                line["params"]["text"].as_str().is_some_and(|text| text.contains('•'))
                    && line["decision"] == "accepted"
            })
        };
        world.journal.until("the sample", Duration::from_secs(90), sample).await;
        world.demo(json!({ "publish": { "site": "homes", "count": 1 } })).await;
    };
    let driving = browser.fetch(request);
    tokio::pin!(driving);
    // A step that is not seen ends the page first, and says which.
    let answer = tokio::select! {
        answer = &mut driving => answer,
        () = publishing => driving.await,
    };
    let shown = answer.expect("the page can be driven").script.expect("the journey ends");
    browser.close().await;
    proxy.stop().await;
    shown
}
