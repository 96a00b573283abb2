//! Learning how the listings of a page stand in the JSON that it fetched.

use serde_json::{Value, json};
use sites::endpoint::{Agreement, Lesson, agree, answer, learn};
use sites::{Page, PageKind, Parsed, Registry, Site};
use url::Url;

fn site() -> Site {
    Registry::builtin().expect("modules").get("demo_homes").expect("demo_homes").clone()
}

/// The rendered page of `homes`: id, title, euros, place, area, rooms.
fn page(homes: &[(&str, &str, i64, &str, i64, i64)]) -> Page {
    let card = |(id, title, euros, place, area, rooms): &(&str, &str, i64, &str, i64, i64)| {
        format!(
            "<article class=home data-id={id}><a class=home-link href=/demo/homes/{id}>\
             <h2 class=home-title>{title}</h2></a><img class=home-photo src=/demo/photos/{id}.jpg>\
             <span class=home-price>{euros} € / month</span><span class=home-area>{area} m²</span>\
             <span class=home-rooms>{rooms} rooms</span><span class=home-place>{place}</span>\
             <time class=home-posted datetime=2026-03-01T10:00:00Z>today</time></article>"
        )
    };
    let cards: String = homes.iter().map(card).collect();
    let none = if homes.is_empty() { "<p class=no-homes>No homes match.</p>" } else { "" };
    Page {
        url: Url::parse("http://127.0.0.1:8088/demo/homes?city=Kyiv").expect("an address"),
        status: Some(200),
        content_type: Some("text/html".into()),
        body: format!("<!doctype html><main>{cards}{none}</main>"),
        script: None,
        fetched_at: "2026-03-01T12:00:00Z".parse().expect("a moment"),
    }
}

const HOMES: [(&str, &str, i64, &str, i64, i64); 3] = [
    ("h-2003", "Bright flat near the park", 1250, "Kyiv, Podil", 52, 2),
    ("h-2002", "Quiet flat", 800, "Kyiv, Obolon", 34, 1),
    ("h-2001", "Corner flat with a view", 2105, "Lviv, Old Town", 81, 3),
];

/// The answer of the sandbox's own endpoint.
fn plain() -> Value {
    let item = |(id, title, euros, place, area, rooms): (&str, &str, i64, &str, i64, i64)| {
        json!({
            "id": id, "title": title, "url": format!("/demo/homes/{id}"),
            "photo": format!("/demo/photos/{id}.jpg"), "place": place,
            "price": {"amount": euros, "currency": "EUR"}, "area": area, "rooms": rooms,
            "posted": "2026-03-01T10:00:00Z"
        })
    };
    json!({"total": 3, "items": HOMES.map(item)})
}

/// The same in another spirit: edges, cents, parts of addresses, numbers in words.
fn nested() -> Value {
    let edge = |(id, title, euros, place, area, rooms): (&str, &str, i64, &str, i64, i64)| {
        let (city, part) = place.split_once(", ").expect("two parts");
        let number: i64 = id[2..].parse().expect("a number");
        json!({"cursor": "x", "node": {
            "number": number, "headline": title.replace("flat", "<b>flat</b>"),
            "cost": {"minor": euros * 100, "unit": {"iso": "EUR"}},
            "where": {"city": city, "district": part}, "size": format!("{area} m²"),
            "layout": {"rooms": format!("{rooms}")}, "photos": [{"src": format!("/demo/photos/{id}.jpg")}]
        }})
    };
    json!({"facets": [{"n": 1}, {"n": 2}, {"n": 3}], "data": {"search": {"edges": HOMES.map(edge)}}})
}

fn taught(body: &Value) -> (Parsed, Page, Option<Lesson>) {
    let (site, page) = (site(), page(&HOMES));
    let parsed = site.parse(&page);
    assert_eq!(parsed.listings.len(), 3, "{parsed:?}");
    let lesson = learn(&site, &page, &parsed.listings, &body.to_string());
    (parsed, page, lesson)
}

#[test]
fn both_a_plain_and_a_nested_answer_give_the_listings_of_the_page() {
    for body in [plain(), nested()] {
        let (shown, page, lesson) = taught(&body);
        let lesson = lesson.unwrap_or_else(|| panic!("nothing learned from {body}"));
        let read =
            lesson.over(&site()).expect("it compiles").parse(&answer(&page, &body.to_string()));
        assert_eq!(read.kind, PageKind::Results);
        assert_eq!(agree(&shown.listings, &read.listings), Agreement::Same, "{}", lesson.toml());
        let text = serde_json::to_string(&lesson).expect("it can be written");
        assert_eq!(serde_json::from_str::<Lesson>(&text).expect("and read"), lesson);
    }
}

#[test]
fn an_answer_that_lacks_what_filters_need_teaches_nothing() {
    for field in ["id", "title", "url", "photo", "place", "price", "area", "rooms"] {
        let mut body = plain();
        for item in body["items"].as_array_mut().expect("items") {
            item.as_object_mut().expect("an object").remove(field);
        }
        // An address or a picture can be made from the id; nothing can be made from nothing.
        let learned = taught(&body).2.is_some();
        assert_eq!(learned, matches!(field, "url" | "photo" | "id"), "{field}");
    }
}

#[test]
fn an_answer_with_other_offers_teaches_nothing() {
    let mut more = plain();
    let extra = json!({"id": "h-1", "title": "Hidden", "url": "/demo/homes/h-1",
        "photo": "/demo/photos/h-1.jpg", "place": "Kyiv", "price": {"amount": 1, "currency": "EUR"},
        "area": 1, "rooms": 1});
    more["items"].as_array_mut().expect("items").insert(0, extra);
    assert_eq!(taught(&more).2, None);
    let mut turned = plain();
    turned["items"].as_array_mut().expect("items").reverse();
    assert_eq!(taught(&turned).2, None);
    for nothing in [json!({}), json!([]), json!({"items": []}), json!("text")] {
        assert_eq!(taught(&nothing).2, None);
    }
}

#[test]
fn an_empty_list_means_nothing_until_it_was_proved() {
    let (_, page, lesson) = taught(&plain());
    let mut lesson = lesson.expect("a lesson");
    let empty = json!({"total": 0, "items": []}).to_string();
    assert!(lesson.is_empty_in(&empty) && !lesson.is_empty_in("{}"));
    let kind = |lesson: &Lesson, body: &str| {
        lesson.over(&site()).expect("it compiles").parse(&answer(&page, body)).kind
    };
    assert_eq!(kind(&lesson, &empty), PageKind::Unrecognised);
    lesson.empty_proved = true;
    assert_eq!(kind(&lesson, &empty), PageKind::NoResults);
    assert_eq!(kind(&lesson, "{\"total\": 0}"), PageKind::Unrecognised);
    assert_eq!(kind(&lesson, "<html>"), PageKind::Unrecognised);
}
