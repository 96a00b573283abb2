//! Hostile pages: each ends in time and in its class, and the page after it is as good as ever.
//!
//! What a page can do to a browser by script, markup and headers; what a server can do to a connection is tested
//! where our own client is.

use std::time::{Duration, Instant};

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION, REFRESH, WWW_AUTHENTICATE};
use axum::response::{Html, IntoResponse, Response};
use browser::{PageAnswer, PageError};

use crate::world::{World, files_below};

/// How a visit may end.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// The page is read, and this stands in it.
    Read(&'static str),
    /// Given up as hostile, as slow or as none, or read before it got that far: that depends on the machine.
    GivenUp,
    /// Its time runs out, or it dies of what it does.
    Late,
    /// It is no page: the text of the navigation error contains this.
    NoPage(&'static str),
    /// Larger than we take, or too slow for it.
    TooBig,
}

impl Fate {
    /// Time that is enough on a slow machine, and not wasted on pages that take all of it.
    fn deadline(self) -> Duration {
        Duration::from_secs(if matches!(self, Fate::Late) { 3 } else { 8 })
    }

    fn fits(self, result: &Result<PageAnswer, PageError>) -> bool {
        match (self, result) {
            (Fate::Read(text), Ok(page)) => page.html.contains(text),
            (Fate::GivenUp, Ok(_)) => true,
            (Fate::GivenUp, Err(error)) => matches!(
                error,
                PageError::Hostile(_)
                    | PageError::Timeout { .. }
                    | PageError::Navigation { .. }
                    | PageError::Gone
            ),
            (Fate::Late, Err(PageError::Timeout { .. } | PageError::Crashed | PageError::Gone)) => {
                true
            }
            (Fate::NoPage(text), Err(PageError::Navigation { text: said })) => said.contains(text),
            (Fate::TooBig, Err(PageError::TooBig(_) | PageError::Timeout { .. })) => true,
            _ => false,
        }
    }
}

/// A page with a mark, and a script behind it.
macro_rules! script {
    ($source:expr) => {
        concat!("<!doctype html><p>mark</p><script>", $source, "</script>")
    };
}

/// Name, page, fate. The script runs while the page is read.
const PAGES: &[(&str, &str, Fate)] = &[
    ("alerts for ever", script!("setInterval(() => alert(1), 1)"), Fate::Read("mark")),
    ("print", script!("print(); setInterval(print, 10)"), Fate::Read("mark")),
    (
        "asks for permissions",
        script!(
            "Notification.requestPermission(); navigator.geolocation.getCurrentPosition(() => 0); navigator.mediaDevices && navigator.mediaDevices.getUserMedia({audio: true, video: true}).catch(() => 0)"
        ),
        Fate::Read("mark"),
    ),
    (
        "a thousand pop-ups",
        script!("for (let i = 0; i < 1000; i++) open('/plain?' + i)"),
        Fate::GivenUp,
    ),
    (
        "a hundred workers",
        script!(
            "for (let i = 0; i < 100; i++) new Worker(URL.createObjectURL(new Blob(['for(;;){}'])))"
        ),
        Fate::GivenUp,
    ),
    (
        "a hundred shared workers",
        script!(
            "for (let i = 0; i < 100; i++) new SharedWorker(URL.createObjectURL(new Blob(['onconnect=()=>0'])), 'w' + i)"
        ),
        Fate::GivenUp,
    ),
    (
        "a thousand frames",
        script!(
            "for (let i = 0; i < 1000; i++) document.body.append(document.createElement('iframe'))"
        ),
        Fate::GivenUp,
    ),
    (
        "frames in frames",
        script!(
            "let d = document; for (let i = 0; i < 40; i++) { const f = d.createElement('iframe'); d.body.append(f); d = f.contentDocument }"
        ),
        Fate::Read("mark"),
    ),
    ("a loop without end", script!("for (;;) {}"), Fate::Late),
    (
        "a loop of microtasks",
        script!("(function again() { Promise.resolve().then(again) })()"),
        Fate::Late,
    ),
    ("a pattern that backtracks", script!("/^(a+)+$/.test('a'.repeat(60) + 'b')"), Fate::Late),
    (
        "an array without end",
        script!("const all = []; for (;;) all.push(new Array(1e6).fill(all.length))"),
        Fate::Late,
    ),
    (
        "a text without end",
        script!("let t = 'x'; for (;;) t += t.slice(0, 1e6) + Math.random()"),
        Fate::Late,
    ),
    (
        "a memory of pages",
        script!(
            "const m = []; for (let i = 0; i < 40; i++) { try { m.push(new WebAssembly.Memory({initial: 16000})) } catch (e) {} }"
        ),
        Fate::GivenUp,
    ),
    (
        "console lines without end",
        script!("for (let i = 0; i < 3e4; i++) console.log(i, 'x'.repeat(100))"),
        Fate::Read("mark"),
    ),
    (
        "requests without end",
        script!("for (let i = 0; i < 20000; i++) fetch('/plain?' + i).catch(() => 0)"),
        Fate::GivenUp,
    ),
    (
        "pictures without end",
        script!("for (let i = 0; i < 20000; i++) new Image().src = '/plain?' + i"),
        Fate::GivenUp,
    ),
    ("reloads itself", script!("location.reload()"), Fate::GivenUp),
    (
        "leads on and on",
        script!("location = '/zoo/leads%20on%20and%20on?' + Math.random()"),
        Fate::GivenUp,
    ),
    ("refreshes itself", "<meta http-equiv=refresh content=0><p>mark", Fate::GivenUp),
    (
        "states without end",
        script!(
            "for (let i = 0; i < 1e4; i++) try { history.pushState(i, '', '?' + i) } catch (e) {}"
        ),
        Fate::GivenUp,
    ),
    (
        "fragments without end",
        script!("let i = 0; setInterval(() => { location.hash = i++ }, 1)"),
        Fate::Read("mark"),
    ),
    ("goes to chrome", script!("location = 'chrome://crash'"), Fate::Read("mark")),
    ("goes to a file", script!("location = 'file:///etc/passwd'"), Fate::Read("mark")),
    (
        "goes to a source",
        script!("location = 'view-source:file:///etc/passwd'"),
        Fate::Read("mark"),
    ),
    (
        "goes to an application",
        script!("location = 'intent://x#Intent;scheme=y;end'; location = 'mailto:x@y'"),
        Fate::GivenUp,
    ),
    ("goes to data", script!("location = 'data:text/html,<p>elsewhere'"), Fate::Read("mark")),
    (
        "downloads without end",
        script!(
            "for (let i = 0; i < 50; i++) { const a = document.createElement('a'); a.href = URL.createObjectURL(new Blob(['x'.repeat(1e5)])); a.download = i + '.bin'; a.click() }"
        ),
        Fate::Read("mark"),
    ),
    (
        "does not want to be left",
        script!(
            "addEventListener('beforeunload', e => { e.preventDefault(); e.returnValue = 'stay' }); setInterval(() => alert(1), 50)"
        ),
        Fate::Read("mark"),
    ),
    (
        "closes itself",
        script!("window.close(); self.close(); open('', '_self').close()"),
        Fate::Read("mark"),
    ),
    (
        "writes itself anew",
        script!("setTimeout(() => { document.open(); document.write('<p>other') }, 0)"),
        Fate::GivenUp,
    ),
    (
        "grows for ever",
        script!(
            "const grow = () => { for (let i = 0; i < 500; i++) document.body.append(document.createElement('div')); requestAnimationFrame(grow) }; grow()"
        ),
        Fate::GivenUp,
    ),
    ("deep", "DEEP", Fate::GivenUp),
    ("wide", "WIDE", Fate::GivenUp),
    ("giant", "GIANT", Fate::TooBig),
    ("a giant by script", script!("document.body.append('x'.repeat(3e7))"), Fate::TooBig),
    ("a giant attribute", script!("document.body.title = 'y'.repeat(3e7)"), Fate::TooBig),
    (
        "a canvas",
        script!(
            "const c = document.createElement('canvas'); c.width = c.height = 16000; c.getContext('2d').fillRect(0, 0, 16000, 16000); document.body.append(c)"
        ),
        Fate::GivenUp,
    ),
    (
        "drawings in drawings",
        "<svg><defs><g id=a><rect/></g><g id=b><use href=#a /><use href=#a /></g><g id=c><use href=#b /><use href=#b /></g><g id=d><use href=#c /><use href=#c /></g><g id=e><use href=#d /><use href=#d /></g></defs><use href=#e /></svg><p>mark</p>",
        Fate::Read("mark"),
    ),
    (
        "stores a lot",
        script!(
            "try { for (let i = 0; i < 100; i++) localStorage[i] = 'x'.repeat(1e6) } catch (e) {}"
        ),
        Fate::Read("mark"),
    ),
    (
        "caches a lot",
        script!(
            "caches.open('x').then(async c => { for (let i = 0; i < 50; i++) await c.put('/c' + i, new Response('x'.repeat(1e6))) }).catch(() => 0)"
        ),
        Fate::Read("mark"),
    ),
    (
        "sockets without end",
        script!(
            "for (let i = 0; i < 500; i++) try { new WebSocket('ws://' + location.host + '/' + i) } catch (e) {}"
        ),
        Fate::GivenUp,
    ),
    (
        "events without end",
        script!("for (let i = 0; i < 100; i++) new EventSource('/never?' + i)"),
        Fate::Read("mark"),
    ),
    ("objects", "<object data=/never></object><embed src=/never><p>mark</p>", Fate::Read("mark")),
    (
        "breaks what we call",
        script!(
            "Object.prototype.toJSON = () => { throw 1 }; Node.prototype.appendChild = null; document.querySelector = () => { for (;;) {} }; window.Promise = null"
        ),
        Fate::Read("mark"),
    ),
    ("throws at once", script!("throw new Error('x'.repeat(1e6))"), Fate::Read("mark")),
];

/// Pages that are made, and answers that are more than a page.
pub(crate) async fn page(Path(name): Path<String>) -> Response {
    let known = PAGES.iter().find(|(known, _, _)| *known == name).map(|(_, html, _)| *html);
    match (known, name.as_str()) {
        (Some("DEEP"), _) => Html("<div>".repeat(100_000)).into_response(),
        (Some("WIDE"), _) => Html("<b>x</b>".repeat(200_000)).into_response(),
        (Some("GIANT"), _) => Html("x".repeat(20 << 20)).into_response(),
        (Some(html), _) => Html(html).into_response(),
        (None, "password") => {
            let ask = [(WWW_AUTHENTICATE, "Basic realm=\"x\"")];
            (StatusCode::UNAUTHORIZED, ask, Html("<p>mark")).into_response()
        }
        (None, "to a file") => {
            (StatusCode::FOUND, [(LOCATION, "file:///etc/passwd")]).into_response()
        }
        (None, "refresh by header") => ([(REFRESH, "0")], Html("<p>mark")).into_response(),
        (None, "paper") => ([(CONTENT_TYPE, "application/pdf")], "%PDF-1.4").into_response(),
        (None, "parts") => {
            let kind = "multipart/x-mixed-replace; boundary=b";
            let part = "--b\r\nContent-Type: text/html\r\n\r\n<p>mark</p>\r\n".repeat(50);
            ([(CONTENT_TYPE, kind)], part).into_response()
        }
        (None, "body without end") => {
            let more = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>("<p>more</p>"));
            Html(axum::body::Body::from_stream(more)).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Answers that are more than a page.
const ANSWERS: &[(&str, Fate)] = &[
    ("password", Fate::Read("mark")),
    ("to a file", Fate::NoPage("net::")),
    ("refresh by header", Fate::GivenUp),
    ("paper", Fate::NoPage("download")),
    ("parts", Fate::GivenUp),
    ("body without end", Fate::Late),
];

/// Resident memory of this process, bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap_or(0) * 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_pages_end_in_their_class_and_harm_nobody_else() {
    let Some(world) = World::start().await else { return };
    assert!(world.get("/plain").await.is_ok());
    let before = resident();
    let all = PAGES.iter().map(|(name, _, fate)| (*name, *fate)).chain(ANSWERS.iter().copied());
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, fate) in all {
        let begun = Instant::now();
        let mut url = world.url("/zoo/");
        url.set_path(&format!("/zoo/{name}"));
        let mut request = world.request("/plain");
        (request.url, request.deadline) = (url, fate.deadline());
        (request.session, request.max_bytes) = ("zoo".to_owned(), 8 << 20);
        let result = world.browser.fetch(request).await;
        if !fate.fits(&result) {
            let said = result.map(|page| page.html.chars().take(80).collect::<String>());
            wrong.push(format!("{name}: {said:?}, expected {fate:?}"));
        }
        // What a visit may take beyond its deadline: finding out whether the browser still answers.
        assert!(begun.elapsed() < Duration::from_secs(30), "{name} took {:?}", begun.elapsed());
        let mut good = world.request("/plain");
        good.attempts = 3;
        let good = world.browser.fetch(good).await;
        assert!(good.is_ok_and(|page| page.html.contains("Grüße")), "after {name}");
        count += 1;
    }
    println!("{count} hostile pages, {:?}", world.browser.stats());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(resident() < before + (150 << 20), "our own memory has grown");
    assert!(!files_below(world.work.path()).iter().any(|name| name.ends_with(".bin")));
    world.finish().await;
}
