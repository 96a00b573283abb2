//! The index beside the evaluator: whatever is asked, both answer the same.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option::of as maybe;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use proptest::strategy::ValueTree as _;
use sites::{Area, Listing, Money, Position};

use super::*;
use crate::domain::filter::{Circle, Place, Range, SellerKind};

const WORDS: [&str; 14] = [
    "balkon",
    "Balkontür",
    "garten",
    "TV",
    "a",
    "3",
    "möbliert",
    "saniert",
    "дом",
    "Straße",
    "no pets",
    "",
    " ",
    "neubau mit einer wirklich sehr langen beschreibung die niemand liest und keiner sucht",
];
const PLACES: [&str; 8] =
    ["Berlin", "berlin mitte", "Köln", "10115", "Львів", "Neu", "!", "Frankfurt am Main"];
const LOCATIONS: [&str; 6] =
    ["10115 Berlin-Mitte", "KÖLN", "м. Львів, центр", "Neukölln, Berlin", "—", "Frankfurt (Oder)"];
const PIECES: [&str; 9] = [
    "Helle Wohnung",
    "mit BALKON",
    "und Balkontür",
    "kleiner Garten, TV",
    "3 Zimmer",
    "saniert",
    "möbliert",
    "Будинок / дом",
    "am Park, Strasse ruhig, no  pets",
];
const SITES: [&str; 3] = ["demo", "shop", "other"];
const SOURCES: [&str; 4] = ["s1", "s2", "s3", "s4"];
const KINDS: [ChangeKind; 4] =
    [ChangeKind::New, ChangeKind::PriceDown, ChangeKind::Back, ChangeKind::Gone];

fn texts(from: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
    vec(select(from).prop_map(str::to_owned), 0..=most)
}

/// Mostly nothing.
fn seldom<S: Strategy>(of: S) -> impl Strategy<Value = Option<S::Value>>
where
    S::Value: Clone + std::fmt::Debug,
{
    proptest::option::weighted(0.2, of)
}

fn bound() -> impl Strategy<Value = f64> {
    prop_oneof![4 => (0..12i32).prop_map(|n| f64::from(n) * 10.0), 1 => 0.0..120.0f64]
}

fn range() -> impl Strategy<Value = Range> {
    (maybe(bound()), maybe(bound())).prop_map(|(min, max)| Range { min, max })
}

fn place() -> impl Strategy<Value = Place> {
    let circle = (50..54i32, 9..14i32, 1..300i32).prop_map(|(lat, lon, km)| Circle {
        lat: f64::from(lat),
        lon: f64::from(lon),
        km: f64::from(km) + 0.5,
    });
    let square = (50..53i32, 9..13i32).prop_map(|(lat, lon)| {
        let (lat, lon) = (f64::from(lat), f64::from(lon));
        vec![[lat, lon], [lat, lon + 2.0], [lat + 2.0, lon + 2.0], [lat + 2.0, lon]]
    });
    prop_oneof![
        3 => texts(&PLACES, 3).prop_map(|names| Place { names, ..Place::default() }),
        1 => (texts(&PLACES, 2), vec(circle, 0..3), vec(square, 0..2))
            .prop_map(|(names, near, inside)| Place { names, near, inside }),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    const FIELDS: [&str; 6] = ["area", "rooms", "price_per_m2", "year", "price", "mileage"];
    let ranges = vec((select(&FIELDS[..]).prop_map(str::to_owned), range()), 0..3);
    const KNOWN: [&str; 6] = ["price", "place", "seller", "area", "year", "nothing"];
    const EXPERTS: [&str; 4] =
        ["price < 500 and not word garten", "change = new or area > 50", "((", "photo"];
    let money = (
        maybe(0..12i64),
        maybe(0..12i64),
        seldom(select(&["EUR", "usd", "eur"][..]).prop_map(str::to_owned)),
        prop_oneof![2 => Just(vec![]), 1 => ranges],
    );
    let words = (
        seldom(texts(&WORDS, 2)),
        maybe(texts(&WORDS, 3)),
        seldom(texts(&WORDS, 2)),
        seldom(select(&["balk.n", "^3", "(", r"\bpark\b"][..]).prop_map(str::to_owned)),
        maybe(place()),
    );
    let rest = (
        seldom(select(&[SellerKind::Private, SellerKind::Dealer][..])),
        seldom(Just(true)),
        seldom(texts(&SITES, 2)),
        seldom(vec(select(&KNOWN[..]).prop_map(str::to_owned), 1..3)),
        seldom(select(&EXPERTS[..]).prop_map(str::to_owned)),
        maybe(subsequence(&KINDS[..], 0..3)),
    );
    (money, words, rest).prop_map(|(money, words, rest)| {
        let (min_price, max_price, currency, ranges) = money;
        let (all_words, any_words, none_words, regex, place) = words;
        let (seller, with_photo, sites, must_know, expert, changes) = rest;
        Filter {
            min_price: min_price.map(|price| price * 10_000),
            max_price: max_price.map(|price| price * 10_000 + 1),
            currency,
            ranges: ranges.into_iter().collect::<BTreeMap<_, _>>(),
            all_words: all_words.unwrap_or_default(),
            any_words: any_words.unwrap_or_default(),
            none_words: none_words.unwrap_or_default(),
            regex,
            place: place.unwrap_or_default(),
            seller,
            with_photo: with_photo.is_some(),
            sites: sites.unwrap_or_default(),
            must_know: must_know.unwrap_or_default(),
            expert,
            changes: changes.unwrap_or_default(),
        }
    })
}

fn listing() -> impl Strategy<Value = Listing> {
    let price = (0..12i64, select(&["EUR", "USD"][..]))
        .prop_map(|(n, currency)| Money { minor: n * 10_000 + n % 3, currency: currency.into() });
    let point = (50.0..54.0f64, 9.0..14.0f64).prop_map(|(lat, lon)| Position { lat, lon });
    let some = |from: &'static [&'static str]| maybe(select(from).prop_map(str::to_owned));
    (
        vec(select(&PIECES[..]), 1..4),
        maybe(vec(select(&PIECES[..]), 0..4)),
        maybe(price),
        some(&LOCATIONS),
        maybe(bound()),
        maybe(bound()),
        maybe(point),
        some(&["Haus GmbH", "privat", "Anna"]),
        any::<bool>(),
        some(&["EZ 05/2019", "20", "unknown"]),
    )
        .prop_map(|(title, text, price, place, area, rooms, point, seller, photo, year)| {
            let mut listing = Listing::new("1", "https://example.com/1", title.join(" "));
            listing.description = text.map(|text| text.join(" "));
            listing.price = price;
            listing.location = place;
            listing.area = area.map(Area);
            listing.rooms = rooms;
            listing.position = point;
            listing.seller = seller;
            listing.images =
                photo.then(|| "https://example.com/1.jpg".to_owned()).into_iter().collect();
            listing.attributes.extend(year.map(|year| ("year".to_owned(), year)));
            listing
        })
}

fn spec(number: usize, sources: &[&str], filter: Filter) -> WatchSpec {
    let id = if number.is_multiple_of(3) { format!("w{number}") } else { format!("{number:032x}") };
    let sources = sources.iter().map(|source| SourceId((*source).into())).collect();
    WatchSpec { id: WatchId(id), sources, filter }
}

/// Everything that the index could be asked, asked of every watch.
fn brute(
    watches: &BTreeMap<WatchId, WatchSpec>,
    site: &str,
    listing: &Listing,
    sources: &[SourceId],
    kinds: &[ChangeKind],
) -> Vec<WatchId> {
    let wants = |watch: &&WatchSpec| {
        watch.sources.iter().any(|source| sources.contains(source))
            && kinds.iter().any(|kind| watch.filter.wants(*kind, site, listing))
    };
    watches.values().filter(wants).map(|watch| watch.id.clone()).collect()
}

fn asked(
    index: &MatchIndex,
    site: &str,
    listing: &Listing,
    sources: &[SourceId],
    kinds: &[ChangeKind],
) -> Vec<WatchId> {
    let mut found = index.matches(&Facts::new(site, listing), sources, kinds);
    found.sort();
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// F23. Watches come, change and go; after each step the index says what every single watch says.
    #[test]
    fn the_index_says_what_every_watch_says(
        filters in vec(filter(), 4..40),
        steps in vec((any::<Index>(), subsequence(&SOURCES[..], 0..4), any::<Index>(), 0..5u8), 20..420),
        listings in vec(listing(), 1..12),
        site in select(&SITES[..]),
        kinds in subsequence(&KINDS[..], 1..3),
    ) {
        let mut index = MatchIndex::new();
        let mut watches = BTreeMap::new();
        for (number, (who, sources, what, act)) in steps.iter().enumerate() {
            // Most steps are about a new watch, some about one that may be there.
            let who = if *act < 3 { number } else { who.index(steps.len()) };
            let watch = spec(who, sources, filters[what.index(filters.len())].clone());
            if *act == 4 {
                prop_assert_eq!(index.remove(&watch.id), watches.remove(&watch.id).is_some());
            } else {
                index.insert(&watch);
                watches.insert(watch.id.clone(), watch);
            }
            prop_assert_eq!(index.len(), watches.len());
        }
        for listing in &listings {
            for sources in [&SOURCES[..1], &SOURCES[1..3], &[], &["unknown"]] {
                let sources: Vec<SourceId> = sources.iter().map(|id| SourceId((*id).into())).collect();
                let expected = brute(&watches, site, listing, &sources, &kinds);
                prop_assert_eq!(asked(&index, site, listing, &sources, &kinds), expected);
            }
        }
        for id in watches.keys() {
            prop_assert!(index.remove(id));
        }
        prop_assert_eq!((index.len(), index.wishes()), (0, 0));
    }
}

/// A number that looks random and is the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn index(&mut self, limit: u64) -> usize {
        usize::try_from(self.below(limit)).unwrap()
    }
}

fn common(dice: &mut Dice) -> Filter {
    let words = ["balkon", "garten", "saniert", "strasse", "zimmer", "park"];
    let word = |dice: &mut Dice| words[dice.index(6)].to_owned();
    let mut filter = Filter {
        max_price: (dice.below(4) > 0).then(|| (dice.below(40) * 3_000).cast_signed()),
        min_price: (dice.below(3) == 0).then(|| (dice.below(20) * 2_000).cast_signed()),
        ..Filter::default()
    };
    if dice.below(2) == 0 {
        let min = Some(f64::from(u32::try_from(dice.below(300)).unwrap()) / 2.0);
        filter.ranges.insert("area".into(), Range { min, max: None });
    }
    if dice.below(2) == 0 {
        filter.any_words = vec![word(dice), word(dice)];
    }
    if dice.below(3) == 0 {
        filter.place.names = vec![PLACES[dice.index(5)].to_owned()];
    }
    if dice.below(3) == 0 {
        filter.changes = vec![KINDS[dice.index(4)]];
    }
    filter
}

#[test]
fn large_shelves_say_the_same_as_their_watches_while_half_of_them_change() {
    let mut dice = Dice(7);
    let (mut index, mut watches) = (MatchIndex::new(), BTreeMap::new());
    for number in 0..14_000usize {
        let sources: &[&str] = if dice.below(10) == 0 { &SOURCES[..2] } else { &SOURCES[..1] };
        let watch = spec(number, sources, common(&mut dice));
        index.insert(&watch);
        watches.insert(watch.id.clone(), watch);
    }
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut compare = |index: &MatchIndex, watches: &BTreeMap<WatchId, WatchSpec>| {
        for _ in 0..6 {
            let listing = listing().new_tree(&mut runner).unwrap().current();
            let sources = [SourceId("s1".into()), SourceId("s2".into())];
            for (sources, kinds) in [(&sources[..], &KINDS[..1]), (&sources[..1], &KINDS[1..3])] {
                let expected = brute(watches, "demo", &listing, sources, kinds);
                assert_eq!(asked(index, "demo", &listing, sources, kinds), expected);
            }
        }
    };
    compare(&index, &watches);
    let full = index.bytes();
    for _ in 0..12_000 {
        let number = usize::try_from(dice.below(14_000)).unwrap();
        let watch = spec(number, &SOURCES[..1], common(&mut dice));
        if dice.below(3) == 0 {
            index.remove(&watch.id);
            watches.remove(&watch.id);
        } else {
            index.insert(&watch);
            watches.insert(watch.id.clone(), watch);
        }
    }
    compare(&index, &watches);
    assert!(index.bytes() < full * 3 / 2, "{} after {full}", index.bytes());
    for id in watches.keys() {
        assert!(index.remove(id));
    }
    assert_eq!((index.len(), index.wishes()), (0, 0));
}

#[test]
fn equal_wishes_are_one_and_their_watches_many() {
    let mut index = MatchIndex::new();
    let filter = Filter {
        max_price: Some(100),
        any_words: vec!["B".into(), "a".into()],
        ..Filter::default()
    };
    let same = Filter { any_words: vec!["A".into(), "b".into(), "b".into()], ..filter.clone() };
    for number in 0..10 {
        let filter = if number % 2 == 0 { filter.clone() } else { same.clone() };
        index.insert(&spec(number, &["s1"], filter));
    }
    assert_eq!((index.len(), index.wishes()), (10, 1));
    let listing = Listing::new("1", "https://example.com/1", "Ab");
    let facts = Facts::new("demo", &listing);
    assert_eq!(index.matches(&facts, &[SourceId("s1".into())], &[ChangeKind::New]).len(), 10);
}

#[test]
fn a_wish_in_a_block_names_the_watches_that_it_has_now() {
    let (mut index, mut watches) = (MatchIndex::new(), BTreeMap::new());
    let wish = |number: i64| Filter {
        max_price: Some(number * 100),
        place: Place { names: vec!["Berlin".into()], ..Place::default() },
        ..Filter::default()
    };
    let mut listing = Listing::new("1", "https://example.com/1", "Flat");
    listing.location = Some("Berlin".into());
    listing.price = Some(Money { minor: 40_050, currency: "EUR".into() });
    let sources = [SourceId("s1".into())];
    // Each is there once; then every second twice; then every third of the first ones is gone.
    for round in 0..3 {
        for number in (0..1_200usize).filter(|number| number.is_multiple_of(round + 1)) {
            let filter = wish(i64::try_from(number).unwrap());
            let watch = spec(number + 1_200 * (round % 2), &SOURCES[..1], filter);
            if round == 2 {
                assert!(index.remove(&watch.id) && watches.remove(&watch.id).is_some());
            } else {
                index.insert(&watch);
                watches.insert(watch.id.clone(), watch);
            }
        }
        let expected = brute(&watches, "demo", &listing, &sources, &KINDS[..1]);
        assert_eq!(asked(&index, "demo", &listing, &sources, &KINDS[..1]), expected);
        assert_eq!(expected.len(), [799, 1_198, 932][round]);
    }
}
