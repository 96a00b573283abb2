//! Hostile answers over plain HTTP: each has its class, takes no more than it may, and nobody dies of it.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use futures_util::future::join_all;
use magpie::scrape::http::{Client, HttpFetcher, Options};
use magpie::scrape::{FetchError, FetchFailure as F, FetchJob, Fetched, Fetcher};
use sites::PageKind;
use url::Url;

use super::trap::{Serve, Trap};
use super::world::{AGENT, module, start};

/// The cap on bodies here.
const CAP: usize = 1 << 20;
/// What sockets between us and a server hold when nobody reads, and some more.
const BUFFERS: u64 = 24 << 20;

/// What is expected of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Expect {
    /// A page whose text has these words.
    Page(&'static str),
    /// A page of this kind.
    Kind(PageKind),
    /// This class.
    Class(F),
    /// Refused, with a pause of so many seconds asked for.
    Pause(Option<u64>),
}

use Expect::{Class, Kind, Page, Pause};

type Make = Box<dyn FnOnce(SocketAddr) -> Serve>;

struct Case {
    name: &'static str,
    serve: Make,
    expect: Expect,
    /// Requests that may be made.
    requests: usize,
}

fn case(name: &'static str, serve: Serve, expect: Expect) -> Case {
    Case { name, serve: Box::new(move |_| serve), expect, requests: 1 }
}

fn head(fields: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{fields}\r\n")
        .into_bytes()
}

/// A whole answer with its length.
fn whole(fields: &str, body: &[u8]) -> Serve {
    let fields = format!("{fields}Content-Length: {}\r\n", body.len());
    Serve::Bytes([&head(&fields), body].concat())
}

fn typed(kind: &str, body: &[u8]) -> Serve {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    Serve::Bytes([head.as_bytes(), body].concat())
}

fn status(status: u16, fields: &str) -> Serve {
    Serve::Bytes(format!("HTTP/1.1 {status} X\r\n{fields}Content-Length: 0\r\n\r\n").into_bytes())
}

fn raw(bytes: &[u8]) -> Serve {
    Serve::Bytes(bytes.to_vec())
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn bare_deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// "magpie " ten times.
const BROTLI: [u8; 23] = [
    27, 69, 0, 248, 141, 148, 110, 222, 180, 14, 75, 107, 131, 147, 32, 101, 103, 113, 79, 36, 48,
    227, 13,
];

/// 64 MB of zeros in 106 bytes.
const BROTLI_BOMB: [u8; 106] = [
    203, 255, 255, 63, 248, 39, 0, 226, 177, 64, 32, 247, 254, 143, 255, 255, 127, 240, 79, 0, 196,
    97, 17, 128, 238, 253, 31, 255, 255, 255, 224, 159, 0, 136, 195, 2, 0, 221, 251, 63, 254, 255,
    255, 193, 63, 1, 16, 135, 5, 0, 186, 247, 127, 252, 255, 255, 131, 127, 2, 32, 14, 11, 0, 116,
    239, 255, 248, 255, 255, 7, 255, 4, 64, 28, 22, 0, 232, 222, 255, 241, 255, 255, 15, 254, 9,
    128, 56, 44, 0, 208, 189, 255, 203, 255, 255, 63, 252, 19, 0, 113, 88, 0, 160, 123, 255, 7,
];

fn redirect(to: &str) -> Serve {
    status(302, &format!("Location: {to}\r\n"))
}

const OFFER: &str = "<ul><li class=\"offer\" data-id=\"1\"><a class=\"title\" href=\"/offer/1\">One\
                     </a><span class=\"price\">€ 1.00</span></li></ul>";

fn wide(text: &str, low_first: bool) -> Vec<u8> {
    let bytes = |unit: u16| if low_first { unit.to_le_bytes() } else { unit.to_be_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

fn bodies() -> Vec<Case> {
    let zeros = vec![0_u8; 64 << 20];
    let bomb = gzip(&zeros);
    let page = OFFER.as_bytes();
    let long = vec![b' '; 3 * CAP];
    let varied: Vec<u8> =
        (0..20_000_usize).map(|n| b' ' + (n * n / 7 % 90).to_le_bytes()[0]).collect();
    let cut = gzip(&[page, &varied].concat());
    let mut damaged = gzip(page);
    let last = damaged.len() - 6;
    damaged[last] ^= 0xff;
    let coded = |coding: &str, body: &[u8]| whole(&format!("Content-Encoding: {coding}\r\n"), body);
    vec![
        case("a page", whole("", page), Kind(PageKind::Results)),
        case("gzip", coded("gzip", &gzip(page)), Kind(PageKind::Results)),
        case("brotli", coded("br", &BROTLI), Page("magpie magpie")),
        case("deflate", coded("deflate", &zlib(page)), Kind(PageKind::Results)),
        case("bare deflate", coded("deflate", &bare_deflate(page)), Kind(PageKind::Results)),
        case("gzip twice", coded("gzip, gzip", &gzip(&gzip(page))), Kind(PageKind::Results)),
        case("a gzip bomb", coded("gzip", &bomb), Class(F::TooBig)),
        case("a nested gzip bomb", coded("gzip, gzip", &gzip(&bomb)), Class(F::TooBig)),
        case("a brotli bomb", coded("br", &BROTLI_BOMB), Class(F::TooBig)),
        case("a brotli bomb in gzip", coded("br, gzip", &gzip(&BROTLI_BOMB)), Class(F::TooBig)),
        case("a deflate bomb", coded("deflate", &zlib(&zeros)), Class(F::TooBig)),
        case("three codings", coded("gzip, br, gzip", page), Class(F::ContentType)),
        case("a coding that we did not offer", coded("zstd", page), Class(F::ContentType)),
        case("gzip that is none", coded("gzip", page), Class(F::Truncated)),
        case("brotli that is none", coded("br", page), Class(F::Truncated)),
        case("gzip cut short", coded("gzip", &cut[..cut.len() / 2]), Class(F::Truncated)),
        case("gzip with a wrong sum", coded("gzip", &damaged), Class(F::Truncated)),
        case("a body over the cap", whole("", &long), Class(F::TooBig)),
        case("an endless body", Serve::Endless(head(""), vec![b' '; 65_536]), Class(F::TooBig)),
        case(
            "endless chunks",
            Serve::Endless(
                head("Transfer-Encoding: chunked\r\n"),
                [b"10000\r\n".as_slice(), &[b' '; 65_536], b"\r\n"].concat(),
            ),
            Class(F::TooBig),
        ),
        case(
            "a body shorter than announced",
            Serve::Bytes([&head("Content-Length: 4000\r\n"), page].concat()),
            Class(F::Truncated),
        ),
        case(
            "chunks without an end",
            Serve::Bytes(
                [&head("Transfer-Encoding: chunked\r\n"), b"5\r\n<ul>\n".as_slice()].concat(),
            ),
            Class(F::Truncated),
        ),
        case(
            "a chunk of no size",
            Serve::Bytes([&head("Transfer-Encoding: chunked\r\n"), b"zz\r\nx".as_slice()].concat()),
            Class(F::Truncated),
        ),
        case(
            "a chunk larger than numbers",
            Serve::Bytes(
                [&head("Transfer-Encoding: chunked\r\n"), b"fffffffffffffffff\r\nx".as_slice()]
                    .concat(),
            ),
            Class(F::Truncated),
        ),
        case("a reset in the body", Serve::Reset([&head(""), page].concat()), Class(F::Truncated)),
        case(
            "a body that ends with its connection",
            Serve::Bytes([&head(""), page].concat()),
            Kind(PageKind::Results),
        ),
        case("an empty body", whole("", b""), Kind(PageKind::Unrecognised)),
    ]
}

fn connections() -> Vec<Case> {
    let cookies: String =
        (0..5_000).map(|n| format!("Set-Cookie: c{n}=xxxxxxxxxxxx\r\n")).collect();
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(10_000);
    vec![
        case("no answer and the end", Serve::Bytes(vec![]), Class(F::Connect)),
        case("no answer and a reset", Serve::Reset(vec![]), Class(F::Connect)),
        case("half a head", raw(b"HTTP/1.1 200 OK\r\nContent-"), Class(F::Connect)),
        case("noise", raw(b"\x16\x03\x01\x02\x00 what?\r\n\r\n"), Class(F::Connect)),
        case("a page without any head", raw(b"<html><ul></ul>\r\n\r\n</html>"), Class(F::Connect)),
        case("a status beyond all", raw(b"HTTP/1.1 999 X\r\n\r\n"), Class(F::Connect)),
        case(
            "two lengths",
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
            Class(F::Connect),
        ),
        case(
            "a length below zero",
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx"),
            Class(F::Connect),
        ),
        case(
            "a field of 1 MB",
            whole(&format!("X: {}\r\n", "x".repeat(1 << 20)), b""),
            Class(F::TooBig),
        ),
        case("5000 cookies", whole(&cookies, b""), Class(F::TooBig)),
        case(
            "an endless head",
            Serve::Endless(
                b"HTTP/1.1 200 OK\r\n".to_vec(),
                b"X: xxxxxxxxxxxxxxxxxx\r\n".repeat(99),
            ),
            Class(F::TooBig),
        ),
        case("hints without end", raw(hints.as_bytes()), Class(F::TooBig)),
    ]
}

impl Case {
    fn requests(self, requests: usize) -> Self {
        Self { requests, ..self }
    }
}

fn redirects() -> Vec<Case> {
    let own = |name, path: &'static str, expect| Case {
        name,
        serve: Box::new(move |address| {
            let fields = format!("Location: http://{address}{path}\r\n");
            status(301, &fields)
        }),
        expect,
        requests: 11,
    };
    vec![
        own("a redirect to itself", "/search", Class(F::Redirect)),
        case("a loop by paths", redirect("./a/b"), Class(F::Redirect)).requests(11),
        case("a private address", redirect("http://10.0.0.1/"), Class(F::Redirect)),
        case("machine credentials", redirect("http://169.254.169.254/latest"), Class(F::Redirect)),
        case("the machine itself", redirect("http://[::1]:9101/metrics"), Class(F::Redirect)),
        case("a number as a host", redirect("http://2130706434/"), Class(F::Redirect)),
        case("a file", redirect("file:///etc/passwd"), Class(F::Redirect)),
        case("a script", redirect("javascript:alert(1)"), Class(F::Redirect)),
        case("a document in an address", redirect("data:text/html,<p>x"), Class(F::Redirect)),
        case("another protocol", redirect("ftp://files.example/"), Class(F::Redirect)),
        case("no address", redirect("http://["), Class(F::Redirect)),
        case("a user name", redirect("http://me:pass@127.0.0.1/"), Class(F::Redirect)),
        case("no place at all", status(302, ""), Class(F::Redirect)),
        case("another site", redirect("https://elsewhere.example/search"), Class(F::Moved)),
        case("a parking page", redirect("http://parked.example/?domain=shop"), Class(F::Moved)),
    ]
}

fn texts() -> Vec<Case> {
    let (cyrillic, _, _) = encoding_rs::WINDOWS_1251.encode("Квартира у моря, свой вход");
    let html = "text/html; charset=utf-8";
    let lone: Vec<u8> = [0xd800_u16; 200].iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let lone = [b"\xff\xfe".as_slice(), &wide("<p>", true), &lone].concat();
    let zeros = [b"<html><p>".as_slice(), &[0; 400]].concat();
    let nested = "<div>".repeat(100_000);
    let broken = "<ul <li class=offer data-id=1 <<a href=' title=\"".repeat(2_000);
    let blocked = "<h1>Are you a robot?</h1>";
    let wide_page = format!("<html><body>{OFFER}</body></html>");
    vec![
        case("windows-1251 as utf-8", typed(html, &cyrillic), Class(F::Encoding)),
        case("lone surrogates", typed("text/html; charset=utf-16", &lone), Class(F::Encoding)),
        case("zeros", typed(html, &zeros), Class(F::Encoding)),
        case("utf-16 as utf-8", typed(html, &wide(&wide_page, true)), Class(F::Encoding)),
        case(
            "utf-16 undeclared",
            typed("text/html", &wide(&wide_page, true)),
            Kind(PageKind::Results),
        ),
        case(
            "utf-16 turned round",
            typed("text/html", &wide(&wide_page, false)),
            Kind(PageKind::Results),
        ),
        case(
            "a few bad bytes",
            typed(html, &[OFFER.as_bytes(), b"\xff\xfe"].concat()),
            Kind(PageKind::Results),
        ),
        case(
            "a charset that nobody knows",
            typed("text/html; charset=klingon-8", OFFER.as_bytes()),
            Kind(PageKind::Results),
        ),
        case("a picture", typed("image/png", b"\x89PNG\r\n\x1a\n0000"), Class(F::ContentType)),
        case(
            "a picture as html",
            typed(html, b"\x89PNG\r\n\x1a\n00000000000"),
            Class(F::ContentType),
        ),
        case("a document as html", typed(html, b"%PDF-1.7 00000000000"), Class(F::ContentType)),
        case(
            "an archive as html",
            typed(html, b"PK\x03\x04 00000000000000"),
            Class(F::ContentType),
        ),
        case("bytes of no kind", typed("application/octet-stream", b"x"), Class(F::ContentType)),
        case("gzip undeclared", typed(html, &gzip(OFFER.as_bytes())), Class(F::ContentType)),
        case("100000 nested tags", typed(html, nested.as_bytes()), Kind(PageKind::Unrecognised)),
        case("nothing is closed", typed(html, broken.as_bytes()), Page("offer")),
        case("a block page with 200", typed(html, blocked.as_bytes()), Kind(PageKind::Blocked)),
    ]
}

fn statuses() -> Vec<Case> {
    let wait = |value: &str| status(429, &format!("Retry-After: {value}\r\n"));
    vec![
        case("429 with seconds", wait("120"), Pause(Some(120))),
        case("429 with a date", wait("Sun, 01 Mar 2026 12:05:00 GMT"), Pause(Some(300))),
        case("429 with a date gone by", wait("Sun, 01 Mar 1998 12:05:00 GMT"), Pause(Some(1))),
        case("429 with less than nothing", wait("-30"), Pause(Some(1))),
        case("429 with 30 years", wait("1000000000"), Pause(Some(21_600))),
        case("429 with garbage", wait("when hell freezes"), Pause(None)),
        case("429 with nothing", status(429, ""), Pause(None)),
        case("503", status(503, "Retry-After: 5\r\n"), Pause(Some(5))),
        case("403", status(403, ""), Pause(None)),
        case("401", status(401, ""), Pause(None)),
        case("404", status(404, ""), Class(F::Status)),
        case("410", status(410, ""), Class(F::Status)),
        case("500", status(500, ""), Class(F::Status)),
        case("a page without a page", status(204, ""), Class(F::Status)),
        case("a part of a page", status(206, ""), Class(F::Status)),
        case("unchanged, though nobody asked", status(304, ""), Class(F::Status)),
        case("a choice", status(300, ""), Class(F::Status)),
    ]
}

fn slow() -> Vec<Case> {
    vec![
        case("a trickle", Serve::Trickle(head("")), Class(F::Timeout)),
        case(
            "a trickle of known length",
            Serve::Trickle(head("Content-Length: 99999\r\n")),
            Class(F::Timeout),
        ),
        case(
            "a head and silence",
            Serve::Silence(head("Content-Length: 5\r\n")),
            Class(F::Timeout),
        ),
        case(
            "a trickle of a head",
            Serve::Trickle(b"HTTP/1.1 200 OK\r\nX: ".to_vec()),
            Class(F::Timeout),
        ),
        case("silence", Serve::Silence(vec![]), Class(F::Timeout)),
    ]
}

async fn fetch(client: Client, url: &str, deadline: Duration) -> Result<Fetched, FetchError> {
    let clock = Arc::new(magpie::clock::ManualClock::new(start()));
    let job = FetchJob {
        site: Arc::new(module()),
        url: Url::parse(url).unwrap(),
        etag: None,
        last_modified: None,
        deadline,
        identity: None,
        session: None,
    };
    HttpFetcher::new(client, clock).fetch(&job).await
}

/// What is wrong with how an answer was taken, if anything is.
async fn wrong(expect: Expect, result: Result<Fetched, FetchError>) -> Option<String> {
    let page = match (expect, result) {
        (Class(class), Err(error)) if error.class == class => return None,
        (Pause(seconds), Err(error)) if error.class == F::Refused => {
            let asked = error.retry_after.map(|wait| wait.as_secs());
            return (asked != seconds).then(|| format!("asked for {asked:?}"));
        }
        (Page(_) | Kind(_), Ok(fetched)) => fetched.page.expect("a page"),
        (_, result) => return Some(format!("{:?}", result.map(|fetched| fetched.bytes))),
    };
    if let Page(words) = expect
        && !page.body.contains(words)
    {
        return Some("other words".into());
    }
    match magpie::scrape::parse::parse(Arc::new(module()), page).await {
        Ok(parsed) => match expect {
            Kind(kind) if kind != parsed.kind => Some(format!("{:?}", parsed.kind)),
            _ => None,
        },
        Err(reason) => Some(reason),
    }
}

/// Complaints about how the answers were taken, and how many answers there were.
async fn trial(
    cases: Vec<Case>,
    deadline: Duration,
    window: Option<Duration>,
) -> (Vec<String>, usize) {
    let mut traps = Vec::new();
    for case in cases {
        traps.push((case.name, case.expect, case.requests, Trap::set(case.serve).await));
    }
    let target = |trap: &Trap| egress::Target::new("127.0.0.1", trap.address.port());
    let targets = traps.iter().map(|(.., trap)| target(trap));
    let proxy = egress::Proxy::start(egress::Policy::allowing(targets)).await.unwrap();
    let options = Options { proxy: proxy.tcp_address(), user_agent: AGENT.into(), max_bytes: CAP };
    let mut client = Client::new(options).unwrap();
    if let Some(window) = window {
        client = client.measuring(window);
    }
    let runs = traps.iter().map(async |(name, expect, requests, trap)| {
        let wrong = wrong(*expect, fetch(client.clone(), &trap.url(), deadline).await).await;
        let wrong = wrong.or_else(|| {
            let made = trap.connections();
            (made != *requests).then(|| format!("{made} requests"))
        });
        let wrong = wrong.or_else(|| {
            let sent = trap.sent();
            (sent > BUFFERS).then(|| format!("{sent} bytes were taken"))
        });
        wrong.map(|wrong| format!("{name}: {expect:?} expected, but {wrong}"))
    });
    let complaints = join_all(runs).await.into_iter().flatten().collect();
    (complaints, traps.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_answers_have_their_class_and_cost_what_they_may() {
    let patient = Duration::from_secs(60);
    let (mut complaints, mut count) = (Vec::new(), 0);
    for cases in [bodies(), connections(), redirects(), texts(), statuses()] {
        let (more, tried) = trial(cases, patient, None).await;
        complaints.extend(more);
        count += tried;
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert!(count >= 80, "{count} answers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_never_come_or_come_too_slowly_end() {
    let begun = Instant::now();
    let window = Some(Duration::from_millis(400));
    let (complaints, _) = trial(slow(), Duration::from_millis(1_500), window).await;
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_redirect_chain_longer_than_ten_is_left() {
    // Each hop has an address of its own, so that nothing but the count can end it.
    let shop = super::server::Shop::open().await;
    let target = egress::Target::new("127.0.0.1", shop.address.port());
    let proxy = egress::Proxy::start(egress::Policy::allowing([target])).await.unwrap();
    shop.chain(50);
    let client = super::world::client(&proxy);
    let error = fetch(client, &shop.url("/hop/0"), Duration::from_secs(60)).await.unwrap_err();
    assert_eq!(error.class, F::Redirect);
    assert_eq!((shop.visits("/hop/10").count, shop.visits("/hop/11").count), (1, 0));
}
