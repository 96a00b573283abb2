//! The pages that the tests load, and a record of what was asked for.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

/// Paths in the order in which they were asked for.
pub(crate) type Hits = Arc<Mutex<Vec<String>>>;

/// A running site.
pub(crate) struct Site {
    pub(crate) port: u16,
    pub(crate) hits: Hits,
}

impl Site {
    pub(crate) async fn start() -> Site {
        let hits = Hits::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let app = router().layer(from_fn_with_state(hits.clone(), record));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Site { port, hits }
    }

    /// How often a path was asked for.
    pub(crate) fn hits(&self, path: &str) -> usize {
        self.hits.lock().unwrap().iter().filter(|hit| *hit == path).count()
    }
}

async fn record(State(hits): State<Hits>, request: Request, next: Next) -> Response {
    hits.lock().unwrap().push(request.uri().path().to_owned());
    next.run(request).await
}

/// A form that listens to input events, as forms made by scripts do.
const LOGIN: &str = "<form method=post action=/login><input id=user name=user><input id=pass name=pass \
     type=password><button id=go disabled>Go</button></form><script>\
     const form = document.forms[0]; form.addEventListener('input', () => { \
     form.go.disabled = !(form.user.value && form.pass.value); });</script>";

async fn log_in(body: String) -> Response {
    if body != "user=anna&pass=s%26cret" {
        return Html(LOGIN).into_response();
    }
    let cookies =
        [(SET_COOKIE, "sid=known; Path=/; HttpOnly; Max-Age=3600"), (LOCATION, "/account")];
    (StatusCode::SEE_OTHER, cookies).into_response()
}

/// What is shown depends on the cookie; what the script adds, on the storage.
async fn account(headers: HeaderMap) -> Response {
    let known = headers
        .get(COOKIE)
        .and_then(|cookie| cookie.to_str().ok())
        .is_some_and(|cookie| cookie.contains("sid=known"));
    let text = if known { "<a class=logout>out</a>" } else { "<p>log in first</p>" };
    let script = "<script>if (document.querySelector('.logout') && !localStorage.seen) \
         { localStorage.seen = 'yes'; document.body.append('first'); } \
         else if (localStorage.seen) document.body.append('again');</script>";
    Html(format!("<body>{text}{script}")).into_response()
}

fn router() -> Router {
    Router::new()
        .route("/plain", get(Html("<!doctype html><title>Plain</title><p>Grüße")))
        .route("/xhr", get(Html(XHR)))
        .route("/items.json", get(items))
        .route("/assets", get(Html(ASSETS)))
        .route("/asset/{name}", get(asset))
        .route("/status/{code}", get(status))
        .route("/moved", get(|| async { (StatusCode::FOUND, [(LOCATION, "/plain")]) }))
        .route("/round", get(|| async { (StatusCode::FOUND, [(LOCATION, "/round")]) }))
        .route("/never", get(never))
        .route("/hanging-image", get(Html("<p>here</p><img src=/never>")))
        .route("/hanging-frame", get(Html("<p>here</p><iframe src=/never></iframe>")))
        .route("/alert", get(Html("<script>alert(1);confirm(2);prompt(3)</script><p>after")))
        .route("/unload", get(Html("<script>onbeforeunload=e=>{e.preventDefault()}</script>u")))
        .route("/download", get(download))
        .route("/nothing", get(|| async { StatusCode::NO_CONTENT }))
        .route("/cut", get(cut))
        .route("/busy", get(Html("<p>x</p><script>for(;;){}</script>")))
        .route("/busy-later", get(Html("<p>x</p><script>setTimeout(()=>{for(;;){}})</script>")))
        .route("/talkative", get(Html(TALKATIVE)))
        .route("/hungry", get(Html(HUNGRY)))
        .route("/big", get(|| async { Html(format!("<p>{}", "x".repeat(300_000))) }))
        .route("/hop", get(Html("<script>location='/plain?'+Date.now()</script>")))
        .route("/hops", get(Html("<script>location='/hops?'+Math.random()</script>")))
        .route("/popups", get(Html(POPUPS)))
        .route("/popup", get(Html("<p>one</p><script>open('/plain')</script>")))
        .route("/login", get(Html(LOGIN)).post(log_in))
        .route("/account", get(account))
        .route("/zoo/{name}", get(crate::zoo::page))
        .route("/cookie", get(cookie))
        .route("/storage", get(Html(STORAGE)))
        .route("/worker", get(Html(WORKER)))
        .route("/worker.js", get(worker_script))
        .route("/spoof", get(Html(SPOOF)))
        .route("/canary/{port}", get(crate::hostile::page))
        .route("/to-canary/{port}", get(to_canary))
}

const XHR: &str = "<!doctype html><ul></ul><script>fetch('/items.json').then(r=>r.json())\
.then(items=>{for(const i of items){const li=document.createElement('li');\
li.className='item';li.textContent=i;document.querySelector('ul').append(li)}})</script>";

const ASSETS: &str = "<!doctype html><link rel=stylesheet href=/asset/a.css>\
<style>@font-face{font-family:f;src:url(/asset/f.woff2)}p{font-family:f}</style>\
<img src=/asset/i.png><video src=/asset/v.mp4 autoplay muted></video>\
<script src=/asset/s.js></script><p>text</p>";

const POPUPS: &str =
    "<p>x</p><script>for(let i=0;i<40;i++)open('/popup?'+i);setTimeout(()=>{},9e4)</script>";

const TALKATIVE: &str =
    "<script>for(let i=0;i<1e5;i++)console.log('x'.repeat(100),{i})</script><p id=end>end";

const HUNGRY: &str = "<p>x</p><script>const all=[];setTimeout(()=>{for(;;)\
all.push(new Array(1e6).fill({}).map((_,i)=>({i})))})</script>";

const STORAGE: &str = "<script>document.write('<p id=v>'+(localStorage.seen||'fresh')+'</p>');\
localStorage.seen='stale'</script>";

const WORKER: &str = "<script>(async()=>{await navigator.serviceWorker.register('/worker.js');\
await navigator.serviceWorker.ready;document.body.innerHTML='<p id=ready>'})()</script><body>";

/// A page that replaces what a reader would call.
const SPOOF: &str = "<p>true text</p><script>\
Object.defineProperty(Element.prototype,'outerHTML',{get(){return '<p>forged</p>'}});\
Document.prototype.querySelector=()=>null;JSON.stringify=()=>'\"forged\"';\
Promise=class{};window.secret=1</script><p class=late>late</p>";

async fn items() -> Response {
    tokio::time::sleep(Duration::from_millis(30)).await;
    axum::Json(["a", "b", "c"]).into_response()
}

async fn asset(Path(name): Path<String>) -> Response {
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("png") => "image/png",
        Some("mp4") => "video/mp4",
        _ => "font/woff2",
    };
    ([(CONTENT_TYPE, kind)], "").into_response()
}

async fn status(Path(code): Path<u16>) -> Response {
    let status = StatusCode::from_u16(code).unwrap();
    (status, Html(format!("<p>status {code}</p>"))).into_response()
}

async fn never() -> Response {
    std::future::pending().await
}

async fn download() -> Response {
    let headers = [
        (CONTENT_TYPE, "application/octet-stream"),
        (CONTENT_DISPOSITION, "attachment; filename=magpie-test-download.bin"),
    ];
    (headers, vec![0_u8; 100_000]).into_response()
}

async fn cookie(headers: HeaderMap) -> Response {
    let got = headers.get(COOKIE).and_then(|value| value.to_str().ok()).unwrap_or("none");
    ([(SET_COOKIE, "id=seen; Max-Age=600")], Html(format!("<p id=got>{got}</p>"))).into_response()
}

/// Announces more than it sends, then breaks off.
async fn cut() -> Response {
    let start = futures_util::stream::iter([Ok("<p>the first half"), Err("broken off")]);
    let mut answer = Html(axum::body::Body::from_stream(start)).into_response();
    answer.headers_mut().insert("content-length", 1000.into());
    answer
}

async fn worker_script() -> Response {
    let script = "self.addEventListener('install',()=>self.skipWaiting());\
        self.addEventListener('fetch',e=>e.respondWith(new Response('<p id=forged>',\
        {headers:{'content-type':'text/html'}})))";
    ([(CONTENT_TYPE, "text/javascript")], script).into_response()
}

async fn to_canary(Path(port): Path<u16>) -> Response {
    (StatusCode::FOUND, [(LOCATION, format!("http://127.0.0.1:{port}/redirected"))]).into_response()
}
