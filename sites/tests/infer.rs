//! Detection of lists on pages of sites nobody has described: invented pages, no module.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use sites::infer::{Source, infer};
use sites::{Page, PageKind, Site};
use url::Url;

fn page(address: &str, body: &str) -> Page {
    Page {
        url: Url::parse(address).unwrap_or_else(|error| panic!("{address}: {error}")),
        status: Some(200),
        content_type: None,
        body: body.to_owned(),
        script: None,
        fetched_at: chrono::DateTime::UNIX_EPOCH,
    }
}

const THINGS: [&str; 6] = [
    "Walnut writing desk",
    "Enamel coffee pot",
    "Folding bicycle",
    "Brass floor lamp",
    "Oak bookcase with doors",
    "Pair of garden chairs",
];

/// A list of small advertisements between navigation, an advertisement and a footer.
fn shop() -> String {
    let mut cards = String::new();
    for (at, thing) in THINGS.iter().enumerate() {
        let id = 40_711 + at * 13;
        let _ = write!(
            cards,
            "<li class='tile tile-{at}'><a class=pic href='/item/{id}'><img src='/i/{id}.jpg'></a>\
             <h3 class=name><a href='/item/{id}'>{thing}</a></h3><del class=was>£99.00</del>\
             <span class=cost>£{}.50</span><span class=city>Leeds</span>\
             <a href='/favourite?item={id}'>Save</a></li>",
            20 + at
        );
    }
    let menu: String =
        (0..30).map(|n| format!("<li><a href='/c/{n}'>Things {n}</a></li>")).collect();
    format!(
        "<html lang=en><body><nav><ul>{menu}</ul></nav><ul class=tiles>{cards}\
         <li class=tile><a href='https://ads.invalid/x'>Sponsored</a></li></ul>\
         <footer><ul><li><a href='/about'>About</a></li><li><a href='/jobs'>Jobs</a></li></ul></footer>"
    )
}

#[test]
fn cards_are_found_between_navigation_and_advertisements() {
    let page = page("https://shop.example.co.uk/search?q=old", &shop());
    let found = infer(&page);
    let listings = &found.parsed.listings;
    assert_eq!(found.parsed.kind, PageKind::Results);
    let titles: Vec<&str> = listings.iter().map(|l| l.title.as_str()).collect();
    assert_eq!(titles, THINGS, "{:?}", found.how);
    assert_eq!(listings[1].id, "40724");
    assert_eq!(listings[1].url, "https://shop.example.co.uk/item/40724");
    let price = listings[1].price.as_ref().map(|m| (m.minor, m.currency.as_str()));
    assert_eq!(price, Some((2_150, "GBP")));
    assert_eq!(listings[1].location.as_deref(), Some("Leeds"));
    assert_eq!(listings[1].images, ["https://shop.example.co.uk/i/40724.jpg"]);
    assert!(found.confidence > 0.9, "{}", found.confidence);
}

#[test]
fn the_proposed_module_loads_and_reads_the_same_listings() {
    let page = page("https://shop.example.co.uk/search?q=old", &shop());
    let found = infer(&page);
    let text = found.site_toml("my_shop", &page.url).unwrap_or_default();
    let site = Site::from_toml("my_shop/site.toml", &text);
    let site = site.unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(site.id, "my_shop");
    assert!(site.matches(&page.url), "{text}");
    assert_eq!(site.parse(&page), found.parsed);
}

#[test]
fn an_answer_in_json_is_read_by_the_names_and_values_of_its_members() {
    let items: Vec<_> = THINGS
        .iter()
        .enumerate()
        .map(|(at, thing)| {
            serde_json::json!({"id": 900 + at, "headline": thing, "link": format!("/o/{}", 900 + at),
                "offer": {"price": 12.5, "currency": "CHF"}, "address": {"city": "Bern"},
                "owner": {"id": 7, "name": "Shop"}})
        })
        .collect();
    let body = serde_json::json!({"filters": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}],
        "data": {"hits": items}});
    let found = infer(&page("https://example.ch/api?q=x", &body.to_string()));
    let listings = &found.parsed.listings;
    assert_eq!(found.how.as_ref().map(|how| how.source), Some(Source::Api));
    assert_eq!(listings.len(), THINGS.len());
    assert_eq!((listings[2].id.as_str(), listings[2].title.as_str()), ("902", THINGS[2]));
    assert_eq!(listings[2].url, "https://example.ch/o/902");
    let price = listings[2].price.as_ref().map(|m| (m.minor, m.currency.as_str()));
    assert_eq!(price, Some((1_250, "CHF")));
}

#[test]
fn a_stored_zero_is_a_price_only_where_the_offer_is_free() {
    let kinds = ["FIXED", "FREE", "BIDDING", "FIXED", "FREE", "FIXED"];
    let items: Vec<_> = THINGS
        .iter()
        .zip(kinds)
        .enumerate()
        .map(|(at, (thing, kind))| {
            let amount = if kind == "FIXED" { 1_250 } else { 0 };
            serde_json::json!({"id": 900 + at, "title": thing, "link": format!("/o/{}", 900 + at),
                "priceInfo": {"priceCents": amount, "priceType": kind}})
        })
        .collect();
    let body = serde_json::json!({ "hits": items });
    let found = infer(&page("https://example.nl/api?q=x", &body.to_string()));
    let price = |l: &sites::Listing| l.price.as_ref().map(|m| m.minor);
    let prices: Vec<_> = found.parsed.listings.iter().map(price).collect();
    let expected = [Some(1_250), Some(0), None, Some(1_250), Some(0), Some(1_250)];
    assert_eq!(prices, expected, "{:?}", found.how);
}

#[test]
fn the_rate_in_a_link_to_financing_is_no_price() {
    let cards: String = THINGS
        .iter()
        .enumerate()
        .map(|(at, thing)| {
            let (id, price) = (40_711 + at * 13, 210 + at);
            let rate = format!("<a href='/finanzierung?sum={price}000'>ab {}26 € mtl.</a>", 5 + at);
            format!(
                "<li class=tile><a class=name href='/haus/{id}'>{thing}</a><p>Garten und Keller</p>\
                 <div class=sum>{price}.000 EUR {rate}</div></li>"
            )
        })
        .collect();
    let body = format!("<html lang=de><body><ul class=tiles>{cards}</ul>");
    let found = infer(&page("https://haus.example.de/suche", &body));
    let price = |l: &sites::Listing| l.price.as_ref().map(|m| m.minor);
    let prices: Vec<_> = found.parsed.listings.iter().map(price).collect();
    let expected: Vec<_> = (210..216).map(|n| Some(n * 100_000)).collect();
    assert_eq!(prices, expected, "{:?}", found.how);
}

#[test]
fn a_feed_is_read_with_the_price_its_titles_print() {
    let items: String = THINGS
        .iter()
        .enumerate()
        .map(|(at, t)| {
            format!(
                "<item><title>{t} - $4{at}</title><link>https://x.example/{}</link></item>",
                5_500 + at
            )
        })
        .collect();
    let body = format!("<rss><channel><title>New</title>{items}</channel></rss>");
    let listings = infer(&page("https://x.example/feed", &body)).parsed.listings;
    assert_eq!(listings.len(), THINGS.len());
    assert_eq!(listings[3].id, "5503");
    assert_eq!(listings[3].price.as_ref().map(|m| m.minor), Some(4_300));
}

#[test]
fn state_of_a_script_is_found_by_its_place() {
    let items: Vec<_> = THINGS
        .iter()
        .enumerate()
        .map(|(at, t)| serde_json::json!({"id": 70 + at, "title": t, "url": format!("/p/{at}"), "price": 3}))
        .collect();
    let state = serde_json::json!({"a": {"list": items}});
    for (body, source) in [
        (format!("<script id=S type='application/json'>{state}</script>"), Source::Embedded),
        (format!("<script>window.__S__ = {state};</script>"), Source::Embedded),
    ] {
        let found = infer(&page("https://x.example/s", &body));
        assert_eq!(found.how.map(|how| how.source), Some(source), "{body}");
        assert_eq!(found.parsed.listings.len(), THINGS.len());
    }
}

/// Cards with this in place of the price.
fn cards(inner: impl Fn(usize) -> String) -> String {
    let card = |(at, thing): (usize, &&str)| {
        format!(
            "<div class=c><a class=t href='/o/{}'><h3>{thing}</h3></a>{}</div>",
            900 + at,
            inner(at)
        )
    };
    THINGS.iter().enumerate().map(card).collect()
}

#[test]
fn a_price_in_two_parts_is_one_price() {
    for inner in [
        |at: usize| format!("<p class=p>€ 1{at}<sup>95</sup></p>"),
        |at: usize| {
            format!("<p class=p>€ <span class=w>1{at}</span><span class=cents>95</span></p>")
        },
    ] {
        let found = infer(&page("https://x.example.de/s", &cards(inner)));
        let prices: Vec<_> =
            found.parsed.listings.iter().map(|l| l.price.as_ref().map(|p| p.minor)).collect();
        let wanted: Vec<_> = (0..6).map(|at| Some(1_095 + at * 100)).collect();
        assert_eq!(prices, wanted, "{:?}", found.how);
    }
}

#[test]
fn microdata_and_attributes_are_read_where_nothing_is_printed() {
    let inner = |at: usize| {
        format!("<meta itemprop=price content='{at}1.50'><meta itemprop=priceCurrency content=PLN>")
    };
    let found = infer(&page("https://x.example.de/s", &cards(inner)));
    let price = found.parsed.listings[2].price.as_ref().map(|p| (p.minor, p.currency.as_str()));
    assert_eq!(price, Some((2_150, "PLN")), "{:?}", found.how);
}

#[test]
fn area_and_rooms_are_read_out_of_the_text() {
    let inner =
        |at: usize| format!("<p>{}00 €</p><p>{at}1,5 m² · 2{at}.000 km · 3,5 Zimmer</p>", at + 5);
    let found = infer(&page("https://x.example.de/wohnungen", &cards(inner)));
    let listing = &found.parsed.listings[3];
    assert_eq!(
        (listing.area.map(|a| a.0), listing.rooms),
        (Some(31.5), Some(3.5)),
        "{:?}",
        found.how
    );
    assert!(
        found
            .site_toml("x", &Url::parse("https://x.example.de/wohnungen").unwrap())
            .is_some_and(|text| text.contains("kind = \"home\""))
    );
}

#[test]
fn offers_that_only_a_script_leads_to_are_named_by_their_number() {
    let card = |(at, thing): (usize, &&str)| {
        format!("<div class=c onclick=\"show({})\"><h3>{thing}</h3><p>{at}5 €</p></div>", 900 + at)
    };
    let body: String = THINGS.iter().enumerate().map(card).collect();
    let found = infer(&page("https://x.example.de/s?q=1", &body));
    let listings = &found.parsed.listings;
    assert_eq!(listings.len(), THINGS.len(), "{:?}", found.how);
    assert_eq!((listings[4].id.as_str(), listings[4].title.as_str()), ("904", THINGS[4]));
    assert_eq!(listings[4].url, "https://x.example.de/s?q=1#904");
}

#[test]
fn named_attributes_of_data_are_fields() {
    let items: Vec<_> = THINGS
        .iter()
        .enumerate()
        .map(|(at, thing)| {
            serde_json::json!({"id": 5_000 + at, "path": format!("/o/{at}"), "attributes": [
                {"name": "HEADING", "values": [thing]},
                {"name": "PRICE", "values": [format!("{}", 100 + at)]}]})
        })
        .collect();
    let body = serde_json::json!({ "rows": items }).to_string();
    let listings = infer(&page("https://x.example.de/api", &body)).parsed.listings;
    assert_eq!(listings[5].title, THINGS[5]);
    assert_eq!(listings[5].price.as_ref().map(|p| p.minor), Some(10_500));
}

#[test]
fn a_page_without_a_list_gives_nothing() {
    for body in ["", "<p>Nothing here", "{}", "[]", "<a href=/x>one</a>", "<rss></rss>"] {
        let found = infer(&page("https://x.example/s", body));
        assert!(found.parsed.listings.is_empty(), "{body}");
        assert!(
            found.how.is_none()
                && found.site_toml("x", &Url::parse("https://x.example/").unwrap()).is_none()
        );
    }
}

#[test]
fn time_grows_with_the_page_not_with_its_square() {
    let of = |cards: usize| {
        let card = |n: usize| {
            format!(
                "<div class='a b c'><div class=d><a href='/p/{n}'><h2>Offer number {n}</h2></a>\
                     <span class=price>{n} €</span></div></div>"
            )
        };
        let body: String = (0..cards).map(card).collect();
        let page = page("https://x.example/s", &body);
        let start = Instant::now();
        let found = infer(&page).parsed.listings.len();
        (start.elapsed(), found)
    };
    let (small, large) = (of(400), of(4_000));
    assert_eq!((small.1, large.1), (400, 4_000));
    // Ten times the page: far below a hundred times the time, with room for a busy machine.
    assert!(large.0 < small.0 * 40 + Duration::from_secs(1), "{small:?} {large:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_soup_of_tags_is_read_without_panic(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "<li class=x>", "</li>", "<a href='/i/1'>", "<a href='/i/22'>", "<a href='//['>", "</a>",
                "<div class='a:b w-1/2'>", "</div>", "9 €", "<h2>", "Title ä", "<img src=x>", "<ul id=r>",
                "<time>", "<script>window.a = [{\"id\":1},{", "</script>", "<table>", "<tr>", "<td>", "'\"|{}",
            ]),
            0..80,
        ),
        start in prop::sample::select(vec!["", "[{", "<rss><item>", "{\"a\":[{\"id\":1,\"name\":\"bcd efg\"}]}"]),
    ) {
        let body = format!("{start}{}", parts.concat());
        let page = page("https://x.example/s", &body);
        let found = infer(&page);
        if let Some(text) = found.site_toml("soup", &page.url) {
            let site = Site::from_toml("soup/site.toml", &text).map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!(site.parse(&page), found.parsed);
        }
    }
}
