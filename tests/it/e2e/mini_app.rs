//! The Mini App as a person uses it, in a real browser: opened with what the menu button hands over, a search with a
//! circle on the map is made in it, and the bot shows it in the chat. Beside it the key below the chat, whose app sends
//! its data to the bot.
//!
//! ```text
//! chat page (Chromium) ── address with init data ──► /app/ (Chromium) ── /api/v1 ──► magpie-bot ──► record
//!          └── data of the key's app ──► sandbox ──► magpie-bot ──► /watches names both
//! ```

use std::path::PathBuf;
use std::time::Duration;

use browser::{Browser, Options, PageRequest, ProxyEndpoint};
use serde_json::Value;

use crate::support::World;

/// Runs in the chat page: the buttons that open the app are there, and what the app sends by the key is answered. The app
/// itself is opened as a page of its own, as phones do it: see [`IN_THE_APP`].
const JOURNEY: &str = r"(async () => {
  const until = (what, probe, ms = 25000) => new Promise((resolve, reject) => {
    const end = Date.now() + ms;
    const look = () => {
      const found = probe();
      if (found) return resolve(found);
      if (Date.now() > end) return reject(new Error('not seen: ' + what + ' in ' + document.body.innerText));
      setTimeout(look, 50);
    };
    look();
  });
  const $ = (selector) => document.querySelector(selector);
  const visible = (element) => element && !element.hidden && element.offsetParent !== null;
  const said = () => [...document.querySelectorAll('article .text')].map((text) => text.innerText);
  (await until('the Start button', () => visible($('#start')) && $('#start'))).click();
  await until('the greeting', () => said().length >= 2);
  await until('the menu button', () => visible($('#open-app')) && $('#open-app'));
  const opened = await (await fetch('/_sandbox/say', { method: 'POST',
    body: JSON.stringify({ user: 1001, open_app: {} }) })).json();
  const address = opened.app.url;
  const theme = new URLSearchParams(address.split('#')[1]).get('tgWebAppThemeParams');
  await until('the key of the app', () => visible($('[data-app-key]')));
  const sent = { v: 1, do: 'save', key: 'by-key', watch: { name: 'By key', sources: [SOURCE], filter: { max_price: 5000 } } };
  await (await fetch('/_sandbox/say', { method: 'POST',
    body: JSON.stringify({ user: 1001, app_data: { data: JSON.stringify(sent) } }) })).json();
  await until('the bot has saved it', () => said().some((text) => text.includes('“By key”')));
  return { address, theme: JSON.parse(theme) };
})()";

/// Runs in the app: makes a search with a circle, as fingers and keys would.
const IN_THE_APP: &str = r"(async () => {
  const until = (what, probe, ms = 30000) => new Promise((resolve, reject) => {
    const end = Date.now() + ms;
    const look = () => {
      const found = probe();
      if (found) return resolve(found);
      if (Date.now() > end) return reject(new Error('not seen: ' + what + ' in ' + document.body.innerText));
      setTimeout(look, 50);
    };
    look();
  });
  const all = (selector) => [...document.querySelectorAll(selector)];
  const named = (selector, words) => all(selector).find((node) => node.innerText.includes(words));
  (await until('a new search', () => named('button.main', 'New search'))).click();
  const form = await until('the editor', () => document.querySelector('form.editor'));
  const type = (input, words) => {
    input.value = words;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  };
  type(form.querySelector('input'), 'Circle in town');
  const box = await until('the offered search', () => named('.ticks .tick', 'Second-hand goods'));
  if (!box.querySelector('input').checked) box.click();
  type(form.querySelectorAll('.span input')[1], '900.50');
  named('.part', 'On the map').click();
  const view = await until('the map', () => document.querySelector('.map .view[data-lat]'));
  const at = view.getBoundingClientRect();
  const before = view.dataset.lat;
  const point = { clientX: at.left + at.width * 0.3, clientY: at.top + at.height * 0.3, bubbles: true, pointerId: 1, button: 0, isPrimary: true };
  view.setPointerCapture = () => {};
  view.dispatchEvent(new PointerEvent('pointerdown', point));
  view.dispatchEvent(new PointerEvent('pointerup', point));
  await until('the circle has moved', () => view.dataset.lat !== before);
  view.focus();
  view.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true }));
  const radius = form.querySelector('input[type=range]');
  type(radius, '20');
  radius.dispatchEvent(new Event('change', { bubbles: true }));
  const circle = { lat: Number(view.dataset.lat), lon: Number(view.dataset.lon), km: Number(view.dataset.km) };
  const small = all('button, select, .chip, .tick').filter((node) => node.offsetParent && node.getBoundingClientRect().height < 44)
    .map((node) => node.outerHTML.slice(0, 80));
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
  form.requestSubmit();
  const card = await until('the search in the list', () => named('.watch', 'Circle in town'));
  const summary = card.querySelector('.summary').innerText;
  named('.watch button', 'Pause').click();
  await until('it is paused', () => named('.watch', 'Paused'));
  return { circle, summary, small, wide };
})()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_with_a_circle_made_in_the_app_is_shown_by_the_bot() {
    let mut world = World::start(sandbox::Options::default()).await;
    let url = world.sandbox.url();
    world.put_sources(&format!(
        "[[source]]\nurl = \"{url}/demo/goods\"\ntitle = \"Second-hand goods\"\nevery = \"1s\"\noffered = true\n"
    ));
    let app = format!("{}/app/", world.bot_url());
    for (key, value) in [("MAGPIE_BOT__APP_URL", &app), ("MAGPIE_BOT__APP_FRAMES", &url)] {
        world.environment.insert(key.to_owned(), value.clone());
    }
    let bot = world.bot();
    let scraper = world.magpie(&["run"]);
    world.until_ready(&format!("{}/health", world.bot_url()), Duration::from_secs(30)).await;
    world.until_baseline(Duration::from_secs(60)).await;
    let here = world.sandbox.address();
    let bots: u16 = world.environment["PORT"].parse().expect("a port");
    let allow = [here.port(), bots].map(|port| egress::Target::new(here.ip().to_string(), port));
    let proxy = egress::Proxy::start(egress::Policy::allowing(allow)).await.expect("a proxy");
    let browser = Browser::new(Options {
        proxy: Some(ProxyEndpoint { tcp: proxy.tcp_address(), unix: Some(proxy.unix_path()) }),
        guard: PathBuf::from(env!("CARGO_BIN_EXE_magpie")),
        work_dir: world.path().join("app-browser"),
        ..Options::default()
    });
    let db = world.db().await;
    let filter = magpie::store::SourceFilter::default();
    let sources = magpie::store::Db::sources(&db, &filter).await.expect("sources");
    let source = sources.first().expect("a source").id.to_string();
    db.close().await;
    let drive = async |address: &str, session: &str, script: String| -> Value {
        let request = PageRequest {
            script: Some(script),
            deadline: Duration::from_secs(120),
            ..PageRequest::new(address.parse().expect("an address"), session)
        };
        let driven = browser.fetch(request).await;
        let driven = driven.unwrap_or_else(|error| panic!("the page {session}: {error:?}"));
        driven.script.expect("an answer")
    };
    let chat = drive(&url, "chat", JOURNEY.replace("SOURCE", &format!("'{source}'"))).await;
    let address = chat["address"].as_str().expect("the address of the app");
    assert!(address.starts_with(&app) && address.contains("tgWebAppData="), "{address}");
    let made = drive(address, "app", IN_THE_APP.to_owned()).await;
    assert_eq!(made["small"], serde_json::json!([]), "fingers need 44 points");
    assert_eq!(made["wide"], false, "nothing sticks out");
    let summary = made["summary"].as_str().unwrap_or_default();
    assert!(summary.contains("€900.50") && summary.contains("km"), "{made}");
    let said = world.say(serde_json::json!({ "user": 1001, "text": "/watches" })).await;
    assert_eq!(said["ok"], true);
    let shows = |lines: &[Value]| {
        lines.iter().any(|line| {
            let text = line["params"]["text"].as_str().unwrap_or_default();
            line["decision"] == "accepted"
                && text.contains("Circle in town")
                && text.contains("By key")
        })
    };
    world.journal.until("the search in /watches", Duration::from_secs(30), shows).await;
    browser.close().await;
    proxy.stop().await;
    for (name, process) in [("scraper", scraper), ("bot", bot)] {
        let status = process.terminate(Duration::from_secs(20)).await;
        assert!(status.success(), "{name}: {status}");
    }
}
