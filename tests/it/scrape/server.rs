//! A shop on the loopback that tests stock and break.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode, Uri, header};
use futures_util::stream;
use tokio::sync::watch;

/// How the shop answers a search.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The offers, with an `ETag`.
    Offers,
    /// The offers without validators.
    OffersAnew,
    /// This status, these headers, this body.
    Fixed(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Half of the offers, then the connection breaks.
    Truncated,
    /// A first byte, and then nothing for ever.
    Silence,
    /// A body without end.
    Endless,
}

/// What the shop saw of one address.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visits {
    pub count: usize,
    pub now: usize,
    pub most_at_once: usize,
}

#[derive(Default)]
struct Stock {
    offers: Vec<(String, i64)>,
    texts: HashMap<String, String>,
    /// Offers on a page, and how many of them the next page repeats.
    paging: Option<(usize, usize)>,
    /// Addresses that do not answer like the rest.
    apart: HashMap<String, Answer>,
    only: HashMap<String, Vec<String>>,
    answer: Option<Answer>,
    robots: Option<String>,
    visits: HashMap<String, Visits>,
    agents: Vec<String>,
    times: Vec<Instant>,
    hops: usize,
}

/// The shop.
#[derive(Clone)]
pub struct Shop {
    pub address: SocketAddr,
    stock: Arc<Mutex<Stock>>,
    total: watch::Sender<usize>,
}

impl Shop {
    pub async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shop = Self { address, stock: Arc::default(), total: watch::Sender::new(0) };
        let router = Router::new().fallback(serve).with_state(shop.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        shop
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sets the offers: ids with prices in cents, in page order.
    pub fn stock(&self, offers: &[(&str, i64)]) {
        self.stock.lock().unwrap().offers =
            offers.iter().map(|(id, price)| ((*id).to_owned(), *price)).collect();
    }

    pub fn stock_many(&self, prefix: &str, count: usize) {
        self.stock.lock().unwrap().offers =
            (0..count).map(|n| (format!("{prefix}{n}"), 1_000)).collect();
    }

    /// Searches with this query show these offers only.
    pub fn only(&self, query: &str, ids: &[&str]) {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        self.stock.lock().unwrap().only.insert(query.to_owned(), ids);
    }

    /// What the page of an offer says about it.
    pub fn text(&self, id: &str, text: &str) {
        self.stock.lock().unwrap().texts.insert(id.to_owned(), text.to_owned());
    }

    /// Shows `size` offers on a page; the next page begins with the last `repeated` of them.
    pub fn paging(&self, size: usize, repeated: usize) {
        self.stock.lock().unwrap().paging = Some((size, repeated));
    }

    /// Answers this address (a path with its query) in its own way; `None` ends that.
    pub fn apart(&self, address: &str, answer: Option<Answer>) {
        let mut stock = self.stock.lock().unwrap();
        match answer {
            Some(answer) => stock.apart.insert(address.to_owned(), answer),
            None => stock.apart.remove(address),
        };
    }

    pub fn answer(&self, answer: Answer) {
        self.stock.lock().unwrap().answer = Some(answer);
    }

    pub fn page(&self, body: &str) {
        let html = vec![("content-type", "text/html; charset=utf-8".to_owned())];
        self.answer(Answer::Fixed(200, html, body.as_bytes().to_vec()));
    }

    pub fn status(&self, status: u16, headers: &[(&'static str, &str)]) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.answer(Answer::Fixed(status, headers, vec![]));
    }

    pub fn robots(&self, text: &str) {
        self.stock.lock().unwrap().robots = Some(text.to_owned());
    }

    /// Visits of a path with its query.
    pub fn visits(&self, address: &str) -> Visits {
        self.stock.lock().unwrap().visits.get(address).copied().unwrap_or_default()
    }

    /// `/hop/0` leads to `/hop/1` and so on, so many times.
    pub fn chain(&self, hops: usize) {
        self.stock.lock().unwrap().hops = hops;
    }

    /// When each search was asked for.
    pub fn times(&self) -> Vec<Instant> {
        self.stock.lock().unwrap().times.clone()
    }

    pub fn agents(&self) -> Vec<String> {
        self.stock.lock().unwrap().agents.clone()
    }

    /// Waits until this many searches were answered.
    pub async fn answered(&self, count: usize) {
        let mut total = self.total.subscribe();
        let wait = total.wait_for(|now| *now >= count);
        tokio::time::timeout(Duration::from_secs(60), wait).await.expect("in time").unwrap();
    }
}

async fn serve(State(shop): State<Shop>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let address = uri.path_and_query().map_or("/", |whole| whole.as_str()).to_owned();
    if address == "/robots.txt" {
        let robots = shop.stock.lock().unwrap().robots.clone();
        return match robots {
            Some(text) => plain(200, &[("content-type", "text/plain".into())], text.into()),
            None => plain(404, &[], Bytes::new()),
        };
    }
    let (answer, page) = {
        let mut stock = shop.stock.lock().unwrap();
        let agent = headers.get(header::USER_AGENT).map(|v| v.to_str().unwrap().to_owned());
        stock.agents.extend(agent);
        stock.times.push(Instant::now());
        let visits = stock.visits.entry(address.clone()).or_default();
        visits.count += 1;
        visits.now += 1;
        visits.most_at_once = visits.most_at_once.max(visits.now);
        let hop = address.strip_prefix("/hop/").and_then(|hop| hop.parse::<usize>().ok());
        if let Some(hop) = hop.filter(|hop| *hop < stock.hops) {
            stock.answer =
                Some(Answer::Fixed(302, vec![("location", format!("/hop/{}", hop + 1))], vec![]));
        }
        let general = || stock.answer.clone().unwrap_or(Answer::Offers);
        match (stock.apart.get(&address), address.strip_prefix("/offer/")) {
            (Some(answer), _) => (answer.clone(), page(&stock, uri.query().unwrap_or(""))),
            (None, Some(id)) => own_page(&stock, id),
            (None, None) => (general(), page(&stock, uri.query().unwrap_or(""))),
        }
    };
    // Two visits at once would meet here.
    tokio::task::yield_now().await;
    shop.stock.lock().unwrap().visits.get_mut(&address).unwrap().now -= 1;
    shop.total.send_modify(|total| *total += 1);
    let html = ("content-type", "text/html; charset=utf-8".to_owned());
    match answer {
        Answer::Offers => offers(page, &headers),
        Answer::OffersAnew => plain(200, &[html], page.into()),
        Answer::Fixed(status, fields, body) => plain(status, &fields, body.into()),
        Answer::Truncated => {
            let half = Bytes::from(page.as_bytes()[..page.len() / 2].to_vec());
            // While the second piece is not there yet, the head and the first one leave.
            let broken = stream::once(async {
                tokio::task::yield_now().await;
                Err(std::io::Error::other("cut"))
            });
            let whole = futures_util::StreamExt::chain(stream::iter([Ok(half)]), broken);
            Response::new(Body::from_stream(whole))
        }
        Answer::Silence => {
            let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"<"))]);
            let body = futures_util::StreamExt::chain(first, stream::pending());
            let mut response = Response::new(Body::from_stream(body));
            response.headers_mut().insert(header::CONTENT_TYPE, html.1.parse().unwrap());
            response
        }
        Answer::Endless => {
            let chunk = Bytes::from(vec![b' '; 64 * 1024]);
            let body = stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone()));
            Response::new(Body::from_stream(body))
        }
    }
}

fn plain(status: u16, fields: &[(&'static str, String)], body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in fields {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}

fn offers(page: String, headers: &HeaderMap) -> Response<Body> {
    let tag =
        format!("\"{}\"", page.bytes().fold(7u64, |sum, b| sum * 31 % 1_000_003 + u64::from(b)));
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value == tag.as_str());
    let fields = [("etag", tag), ("content-type", "text/html; charset=utf-8".to_owned())];
    if known { plain(304, &fields, Bytes::new()) } else { plain(200, &fields, page.into()) }
}

/// The page of one offer, or that there is none.
fn own_page(stock: &Stock, id: &str) -> (Answer, String) {
    let Some((_, price)) = stock.offers.iter().find(|(other, _)| other == id) else {
        return (Answer::Fixed(404, vec![], vec![]), String::new());
    };
    let text = stock.texts.get(id).map_or("", String::as_str);
    let page = format!(
        "<!doctype html><html><body><h1>Offer {id}</h1><span class=\"price\">€ {}.{:02}</span>\
         <p class=\"text\">{text}</p></body></html>",
        price / 100,
        price % 100
    );
    (Answer::OffersAnew, page)
}

fn page(stock: &Stock, query: &str) -> String {
    let number = query.split('&').find_map(|field| field.strip_prefix("page=")?.parse().ok());
    let number: usize = number.unwrap_or(1);
    let (size, repeated) = stock.paging.unwrap_or((usize::MAX, 0));
    let from = (number - 1) * size.saturating_sub(repeated);
    let next = if from.saturating_add(size) < stock.offers.len() {
        format!("<a class=\"next\" href=\"?page={}\">More</a>", number + 1)
    } else {
        String::new()
    };
    let shown = |id: &String| stock.only.get(query).is_none_or(|ids| ids.contains(id));
    let cards: String = stock
        .offers
        .iter()
        .skip(from)
        .take(size)
        .filter(|(id, _)| shown(id))
        .map(|(id, price)| {
            format!(
                "<li class=\"offer\" data-id=\"{id}\"><a class=\"title\" href=\"/offer/{id}\">\
                 Offer {id}</a><span class=\"price\">€ {}.{:02}</span></li>",
                price / 100,
                price % 100
            )
        })
        .collect();
    format!("<!doctype html><html><body><ul class=\"results\">{cards}</ul>{next}</body></html>")
}
