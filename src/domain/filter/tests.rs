//! Filters against listings: cases that people meet, and what must hold for all.

use proptest::prelude::*;
use sites::{Area, Listing, Money, Position};

use super::*;

fn flat() -> Listing {
    let mut flat = Listing::new("1", "https://example.com/1", "Flat with BALCONY");
    flat.description = Some("Straße am Park, ёлка во дворе".into());
    flat.price = Some(Money { minor: 90_000, currency: "EUR".into() });
    flat.location = Some("10115 Berlin-Mitte".into());
    flat.position = Some(Position { lat: 52.53, lon: 13.385 });
    flat.area = Some(Area(60.0));
    flat.rooms = Some(2.0);
    flat.attributes.insert("year".into(), "Baujahr 1998".into());
    flat.attributes.insert("seller_kind".into(), "private".into());
    flat.images.push("https://example.com/1.jpg".into());
    flat
}

fn bare() -> Listing {
    Listing::new("2", "https://example.com/2", "Flat")
}

fn wants(filter: &Filter, listing: &Listing) -> bool {
    filter.wants(ChangeKind::New, "demo", listing)
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn range(field: &str, min: Option<f64>, max: Option<f64>) -> Filter {
    let ranges = BTreeMap::from([(field.to_owned(), Range { min, max })]);
    Filter { ranges, ..Filter::default() }
}

fn place(place: Place) -> Filter {
    Filter { place, ..Filter::default() }
}

fn any() -> Filter {
    Filter::default()
}

/// Filters that want the flat, and filters that do not.
fn cases() -> (Vec<Filter>, Vec<Filter>) {
    let named = |names: &[&str]| Place { names: words(names), ..Place::default() };
    let near = |lat, lon, km| Place { near: vec![Circle { lat, lon, km }], ..Place::default() };
    let square = |lat: f64| Place {
        inside: vec![vec![[lat, 13.0], [lat, 14.0], [lat + 1.0, 14.0], [lat + 1.0, 13.0]]],
        ..Place::default()
    };
    let good = vec![
        any(),
        Filter { min_price: Some(90_000), max_price: Some(90_000), ..any() },
        Filter { max_price: Some(90_000), currency: Some("EUR".into()), ..any() },
        Filter { max_price: Some(1), currency: Some("USD".into()), ..any() },
        range("rooms", Some(2.0), Some(3.0)),
        range("area", None, Some(60.0)),
        range("price_per_m2", Some(1_500.0), Some(1_500.0)),
        range("year", Some(1_990.0), None),
        range("floor", Some(1.0), None),
        Filter { all_words: words(&["balcony", "STRASSE"]), ..any() },
        Filter { any_words: words(&["tower", "елка"]), ..any() },
        Filter { none_words: words(&["swap"]), ..any() },
        Filter { regex: Some(r"balcon(y|ies)\b".into()), ..any() },
        place(named(&["Hamburg", "berlin mitte"])),
        place(named(&["10115"])),
        place(near(52.52, 13.405, 2.0)),
        place(square(52.0)),
        Filter { seller: Some(SellerKind::Private), ..any() },
        Filter { with_photo: true, sites: words(&["other", "demo"]), ..any() },
        Filter {
            changes: vec![ChangeKind::New],
            must_know: words(&["price", "place", "seller"]),
            ..any()
        },
        Filter { expert: Some("price <= 900 and not title has swap".into()), ..any() },
    ];
    let bad = vec![
        Filter { min_price: Some(90_001), ..any() },
        Filter { max_price: Some(89_999), ..any() },
        Filter { currency: Some("USD".into()), must_know: words(&["price"]), ..any() },
        range("rooms", Some(2.5), None),
        range("year", Some(2_000.0), None),
        Filter { must_know: words(&["floor"]), ..range("floor", Some(1.0), None) },
        Filter { all_words: words(&["balcony", "tower"]), ..any() },
        Filter { any_words: words(&["tower", "castle"]), ..any() },
        Filter { none_words: words(&["park"]), ..any() },
        Filter { regex: Some("^balcony".into()), ..any() },
        Filter { regex: Some("(".into()), ..any() },
        place(named(&["Berl", "Mittel"])),
        place(near(52.52, 13.405, 1.0)),
        place(square(53.0)),
        Filter { seller: Some(SellerKind::Dealer), ..any() },
        Filter { sites: words(&["other"]), ..any() },
        Filter { changes: vec![ChangeKind::Gone], ..any() },
        Filter { expert: Some("price > 900".into()), ..any() },
        Filter { expert: Some("price >".into()), ..any() },
    ];
    (good, bad)
}

#[test]
fn each_condition_wants_what_it_says() {
    let (good, bad) = cases();
    for filter in &good {
        assert!(wants(filter, &flat()), "{filter:?}");
    }
    for filter in &bad {
        assert!(!wants(filter, &flat()), "{filter:?}");
    }
}

#[test]
fn a_missing_value_drops_nothing_unless_it_must_be_known() {
    for field in ["price", "area", "rooms", "price_per_m2", "seller", "place"] {
        let filter = Filter {
            max_price: Some(1),
            seller: Some(SellerKind::Dealer),
            place: Place {
                names: words(&["Berlin"]),
                near: vec![Circle { lat: 0.0, lon: 0.0, km: 1.0 }],
                ..Place::default()
            },
            ranges: ["area", "rooms", "price_per_m2"]
                .map(|name| (name.to_owned(), Range { min: Some(1e6), max: None }))
                .into(),
            ..any()
        };
        assert!(wants(&filter, &bare()));
        let strict = Filter { must_know: words(&[field]), ..filter };
        assert!(!wants(&strict, &bare()), "{field}");
        assert!(
            strict.may_want(ChangeKind::New, "demo", &bare()),
            "{field} may stand on its own page"
        );
    }
}

#[test]
fn a_printed_place_elsewhere_leaves_the_circle_open() {
    let filter = place(Place {
        names: words(&["Lviv"]),
        near: vec![Circle { lat: 49.84, lon: 24.03, km: 5.0 }],
        ..Place::default()
    });
    let mut listing = bare();
    listing.location = Some("Kyiv".into());
    assert!(wants(&filter, &listing), "the position is not known");
    let strict = Filter { must_know: words(&["place"]), ..filter.clone() };
    assert!(!wants(&strict, &listing));
    listing.position = Some(Position { lat: 50.45, lon: 30.52 });
    assert!(!wants(&filter, &listing));
    listing.position = Some(Position { lat: 49.85, lon: 24.03 });
    assert!(wants(&strict, &listing), "any of the ways is enough");
}

#[test]
fn before_its_own_page_is_read_only_what_cannot_change_rules_a_listing_out() {
    let (good, _) = cases();
    let may =
        |filter: &Filter, listing: &Listing| filter.may_want(ChangeKind::New, "demo", listing);
    let mut list = flat();
    (list.description, list.images) = (None, vec![]);
    for filter in &good {
        assert!(may(filter, &list), "{filter:?}");
    }
    for filter in [
        Filter { max_price: Some(1), ..any() },
        Filter { none_words: words(&["balcony"]), ..any() },
        Filter { changes: vec![ChangeKind::Back], ..any() },
        Filter { expert: Some("title has balcony and price < 5".into()), ..any() },
    ] {
        assert!(!may(&filter, &list), "{filter:?}");
    }
    assert!(may(&Filter { with_photo: true, ..any() }, &list));
}

#[test]
fn every_condition_is_explained_with_what_it_saw() {
    let filter = Filter {
        max_price: Some(80_000),
        ranges: BTreeMap::from([
            ("rooms".into(), Range { min: Some(2.0), max: None }),
            ("floor".into(), Range::default()),
        ]),
        any_words: words(&["Balcony", "tower"]),
        place: Place { names: words(&["Lviv"]), ..Place::default() },
        expert: Some("area > 50 and (photo or price < 5)".into()),
        must_know: words(&["floor"]),
        ..any()
    };
    let told: Vec<_> = filter
        .explain(ChangeKind::New, "demo", &flat())
        .into_iter()
        .map(|finding| (finding.truth, finding.seen))
        .collect();
    let price = Money { minor: 90_000, currency: "EUR".into() };
    assert_eq!(
        told,
        [
            (Truth::No, Some(Seen::Money(price))),
            (Truth::Unknown, None),
            (Truth::Yes, Some(Seen::Number(2.0))),
            (Truth::No, Some(Seen::Text("10115 Berlin-Mitte".into()))),
            (Truth::Yes, Some(Seen::Words(words(&["Balcony"])))),
            (Truth::Yes, Some(Seen::Number(60.0))),
            (Truth::Yes, None),
            (Truth::No, None),
        ]
    );
}

#[test]
fn a_stored_filter_reads_back_as_it_was() {
    let (good, bad) = cases();
    for filter in good.into_iter().chain(bad) {
        let text = serde_json::to_string(&filter).expect("is written");
        assert_eq!(serde_json::from_str::<Filter>(&text).expect("is read"), filter);
    }
    assert_eq!(serde_json::to_string(&any()).expect("is written"), "{}");
}

fn filter() -> impl Strategy<Value = Filter> {
    let number = || proptest::option::of((0i32..40).prop_map(|n| f64::from(n) / 4.0));
    let list = |all: &[&'static str]| {
        let all = all.to_vec();
        let most = all.len();
        proptest::sample::subsequence(all, 0..=most).prop_map(|list| words(&list))
    };
    let numbers =
        (proptest::option::of(0i64..3_000), proptest::option::of(0i64..3_000), number(), number());
    let texts = (list(&["swap"]), list(&["flat", "park"]), list(&["sale"]));
    let places = (list(&["Lviv", "Kyiv"]), proptest::bool::ANY);
    let others = (
        proptest::option::of(proptest::sample::select(vec![
            SellerKind::Private,
            SellerKind::Dealer,
        ])),
        proptest::bool::ANY,
        list(&["price", "rooms", "place", "seller"]),
        proptest::option::of(proptest::sample::select(vec![
            "rooms > 3 or price < 9",
            "not text has park",
        ])),
    );
    (numbers, texts, places, others).prop_map(|(numbers, texts, (names, near), others)| {
        let (min_price, max_price, min, max) = numbers;
        let (all_words, any_words, none_words) = texts;
        let (seller, with_photo, must_know, expert) = others;
        let near = near.then_some(Circle { lat: 1.0, lon: 1.0, km: 50.0 });
        Filter {
            min_price,
            max_price,
            all_words,
            any_words,
            none_words,
            place: Place { names, near: near.into_iter().collect(), inside: vec![] },
            seller,
            with_photo,
            must_know,
            expert: expert.map(str::to_owned),
            ..range("rooms", min, max)
        }
    })
}

fn listing() -> impl Strategy<Value = Listing> {
    let text = "(swap|flat|park|sale| ){0,3}";
    let numbers = (proptest::option::of(0i64..3_000), proptest::option::of(0i32..40));
    let place = proptest::option::of(proptest::sample::select(vec!["Lviv", "Odesa"]));
    let others = (place, proptest::option::of(0i32..3), proptest::option::of(proptest::bool::ANY));
    (text, proptest::option::of(text), numbers, others, proptest::bool::ANY).prop_map(
        |(title, description, (price, rooms), (place, lat, private), photo)| {
            let mut listing = Listing::new("1", "https://example.com/1", title);
            listing.description = description;
            listing.price = price.map(|minor| Money { minor, currency: "EUR".into() });
            listing.rooms = rooms.map(|rooms| f64::from(rooms) / 4.0);
            listing.location = place.map(str::to_owned);
            listing.position = lat.map(|lat| Position { lat: lat.into(), lon: 1.0 });
            let kind = private.map(|private| if private { "private" } else { "dealer" });
            listing.attributes.extend(kind.map(|kind| ("seller_kind".into(), kind.into())));
            listing.images.extend(photo.then(|| "https://example.com/1.jpg".into()));
            listing
        },
    )
}

/// The listing without the values that `hidden` says.
fn without(listing: &Listing, hidden: [bool; 5]) -> Listing {
    let mut less = listing.clone();
    let [price, rooms, location, position, seller] = hidden;
    less.price = less.price.filter(|_| !price);
    less.rooms = less.rooms.filter(|_| !rooms);
    less.location = less.location.filter(|_| !location);
    less.position = less.position.filter(|_| !position);
    if seller {
        less.attributes.clear();
    }
    less
}

proptest! {
    #[test]
    fn learning_a_value_never_turns_a_condition_round(
        filter in filter(), listing in listing(), hidden in proptest::array::uniform5(proptest::bool::ANY),
    ) {
        let less = without(&listing, hidden);
        let lenient = Filter { must_know: vec![], ..filter };
        let before = lenient.explain(ChangeKind::New, "demo", &less);
        let after = lenient.explain(ChangeKind::New, "demo", &listing);
        prop_assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(before.truth == Truth::Unknown || before.truth == after.truth, "{:?}", before);
        }
        prop_assert!(wants(&lenient, &less) || !wants(&lenient, &listing), "what is wanted was not ruled out");
    }

    #[test]
    fn what_is_wanted_in_the_end_was_never_ruled_out_before(
        filter in filter(), listing in listing(), hidden in proptest::array::uniform5(proptest::bool::ANY),
    ) {
        let mut list = without(&listing, hidden);
        (list.description, list.images) = (None, vec![]);
        let may = filter.may_want(ChangeKind::New, "demo", &list);
        prop_assert!(may || !wants(&filter, &listing));
    }

    #[test]
    fn a_listing_is_wanted_when_no_finding_says_no(filter in filter(), listing in listing()) {
        let findings = filter.explain(ChangeKind::New, "demo", &listing);
        let none = findings.iter().all(|finding| finding.truth != Truth::No);
        prop_assert_eq!(wants(&filter, &listing), none);
    }

    #[test]
    fn one_more_wish_never_wants_more(filter in filter(), more in filter(), listing in listing()) {
        let stricter = Filter {
            none_words: [filter.none_words.clone(), more.none_words].concat(),
            all_words: [filter.all_words.clone(), more.all_words].concat(),
            must_know: [filter.must_know.clone(), more.must_know].concat(),
            with_photo: true,
            ..filter.clone()
        };
        prop_assert!(wants(&filter, &listing) || !wants(&stricter, &listing));
    }
}
