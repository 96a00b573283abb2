use proptest::prelude::*;
use sites::Area;

use super::*;
use crate::domain::change::{Held, Point};

fn at() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn euros(minor: i64) -> Money {
    Money { minor, currency: "EUR".into() }
}

fn listing(minor: Option<i64>) -> Listing {
    Listing { price: minor.map(euros), ..Listing::new("7", "https://example.com/7", "Bike") }
}

fn state(listing: Listing, word: &str) -> Listing {
    let mut listing = listing;
    listing.attributes.insert(STATE.into(), word.into());
    listing
}

/// A listing on record, its price told.
fn known(listing: Listing) -> KnownListing {
    let price = listing.price.clone();
    let mut known = KnownListing::new(listing, 3);
    known.prices.points =
        price.into_iter().map(|price| Point { version: 1, at: at(), price, told: true }).collect();
    known
}

/// The completed reading, as merging makes it.
fn completed(read: &Listing, known: &Listing) -> Listing {
    let mut listing = read.clone();
    listing.price = listing.price.or_else(|| known.price.clone());
    listing.area = listing.area.or(known.area);
    listing
}

fn sees(known: &KnownListing, read: &Listing) -> Judged {
    let listing = completed(read, &known.listing);
    let sight = Sight { read, listing, edits: true, confirmed: false, at: at() };
    judge(Some(known), sight, &Rules::default())
}

/// What the store makes of it.
fn written(known: &KnownListing, judged: &Judged) -> KnownListing {
    let mut next = known.clone();
    next.listing = judged.listing.clone();
    if let Some(event) = &judged.event {
        next.version = event.version;
        next.gone = event.kind == ChangeKind::Gone;
    }
    if let (Some((version, told)), Some(price)) = (judged.price.point, &judged.listing.price) {
        next.version = next.version.max(version);
        let point = Point { version, at: at(), price: price.clone(), told };
        next.prices.points.insert(0, point);
    }
    next.prices.held.clone_from(&judged.price.held);
    next
}

fn kind(judged: &Judged) -> Option<ChangeKind> {
    judged.event.as_ref().map(|event| event.kind)
}

#[test]
fn a_move_is_told_and_too_small_a_one_is_only_noted() {
    let known = known(listing(Some(10_000)));
    let down = sees(&known, &listing(Some(9_000)));
    let event = down.event.clone().unwrap();
    assert_eq!((event.kind, event.version), (ChangeKind::PriceDown, 4));
    assert_eq!((event.price_before, event.told_before), (Some(euros(10_000)), vec![euros(10_000)]));
    assert_eq!(down.price.point, Some((4, true)));

    let small = sees(&known, &listing(Some(9_950)));
    assert_eq!((kind(&small), small.price.point), (None, Some((4, false))));
    assert_eq!(small.listing.price, Some(euros(9_950)));
}

#[test]
fn a_creeping_price_is_told_when_its_steps_add_up() {
    let mut known = known(listing(Some(10_000)));
    let mut told = Vec::new();
    for step in 1..=10 {
        let judged = sees(&known, &listing(Some(10_000 - step * 50)));
        if let Some(event) = &judged.event {
            told.push((step, event.price_before.clone().unwrap().minor));
        }
        known = written(&known, &judged);
    }
    assert_eq!(told, [(2, 10_000), (4, 9_900), (6, 9_800), (8, 9_700), (10, 9_600)]);
    assert_eq!(known.version, 13, "each accepted price has its version");
}

#[test]
fn unread_is_unknown_and_never_zero() {
    let known = known(Listing { area: Some(Area(80.0)), ..listing(Some(10_000)) });
    let unread = sees(&known, &listing(None));
    assert_eq!((kind(&unread), unread.price.point, unread.doubt), (None, None, None));
    assert_eq!(unread.listing.price, Some(euros(10_000)));
    let zero = sees(&known, &listing(Some(0)));
    assert_eq!((kind(&zero), zero.doubt), (None, Some(Doubt::NoPrice)));
    assert_eq!(zero.listing.price, Some(euros(10_000)));
}

#[test]
fn what_was_unknown_becomes_known_without_a_word() {
    let known = KnownListing::new(listing(None), 1);
    let read = Listing { area: Some(Area(80.0)), ..listing(Some(10_000)) };
    let judged = sees(&known, &read);
    assert_eq!((kind(&judged), judged.price.point), (None, Some((1, true))));
    let next = written(&known, &judged);
    assert_eq!(kind(&sees(&next, &listing(Some(9_000)))), Some(ChangeKind::PriceDown));
}

#[test]
fn a_held_price_stays_away_until_others_agree() {
    let mut known = known(listing(Some(10_000)));
    let slip = listing(Some(1_000_000));
    for _ in 0..2 {
        let judged = sees(&known, &slip);
        assert_eq!((kind(&judged), judged.doubt), (None, Some(Doubt::Power)));
        assert_eq!(judged.listing.price, Some(euros(10_000)));
        known = written(&known, &judged);
        let held = known.prices.held.as_mut().unwrap();
        held.last -= chrono::TimeDelta::minutes(6);
    }
    let judged = sees(&known, &slip);
    assert_eq!(kind(&judged), Some(ChangeKind::PriceUp));
    assert_eq!((judged.price.point, judged.price.held), (Some((4, true)), None));
}

#[test]
fn a_confirmed_run_passes_the_gate() {
    let known = known(listing(Some(10_000)));
    let read = listing(Some(1_000_000));
    let sight =
        Sight { read: &read, listing: read.clone(), edits: true, confirmed: true, at: at() };
    let judged = judge(Some(&known), sight, &Rules::default());
    assert_eq!(judged.listing.price, Some(euros(1_000_000)));
}

#[test]
fn another_currency_is_held_and_then_taken_without_a_word() {
    let mut known = known(listing(Some(10_000)));
    let francs =
        Listing { price: Some(Money { minor: 9_500, currency: "CHF".into() }), ..listing(None) };
    assert_eq!(sees(&known, &francs).doubt, Some(Doubt::Currency));
    let price = francs.price.clone().unwrap();
    let last = at() - chrono::TimeDelta::hours(1);
    known.prices.held = Some(Held { price, reads: 2, since: last, last });
    let judged = sees(&known, &francs);
    assert_eq!((kind(&judged), judged.price.point), (None, Some((4, true))));
    assert_eq!(judged.listing.price, francs.price);
}

#[test]
fn an_edit_is_told_beside_or_instead_of_a_move() {
    let known = known(listing(Some(10_000)));
    let read = Listing { title: "Bike with lamp".into(), ..listing(Some(10_000)) };
    let edited = sees(&known, &read);
    let event = edited.event.unwrap();
    assert_eq!((event.kind, edited.price.point), (ChangeKind::Edited, None));
    assert_eq!(event.fields[0].after, "Bike with lamp");
    let both = sees(&known, &Listing { price: Some(euros(9_000)), ..read.clone() });
    let event = both.event.unwrap();
    assert_eq!((event.kind, event.fields.len()), (ChangeKind::PriceDown, 1));
    let small = sees(&known, &Listing { price: Some(euros(9_990)), ..read });
    assert_eq!((kind(&small), small.price.point), (Some(ChangeKind::Edited), Some((4, false))));
}

#[test]
fn reserved_and_free_again_sold_and_back() {
    let open = known(listing(Some(10_000)));
    let reserved = sees(&open, &state(listing(Some(10_000)), "reserved"));
    assert_eq!(kind(&reserved), Some(ChangeKind::Reserved));
    let held = written(&open, &reserved);
    assert_eq!(kind(&sees(&held, &state(listing(Some(10_000)), "reserved"))), None, "once");
    let silent = sees(&held, &listing(Some(10_000)));
    assert_eq!(kind(&silent), None, "a page that cannot say so proves nothing");
    assert_eq!(silent.listing.attributes[STATE], "reserved");
    let free = sees(&held, &state(listing(Some(10_000)), "offered"));
    assert_eq!(kind(&free), Some(ChangeKind::Back));
    assert!(!free.listing.attributes.contains_key(STATE));

    let sold = sees(&held, &state(listing(Some(10_000)), "sold"));
    assert_eq!(kind(&sold), Some(ChangeKind::Gone));
    assert_eq!(Status::stated(&sold.listing), Some(Status::Sold));
    let gone = written(&held, &sold);
    assert_eq!(kind(&sees(&gone, &state(listing(Some(9_000)), "sold"))), None);
    let back = sees(&gone, &listing(Some(9_000)));
    assert_eq!((kind(&back), back.price.point), (Some(ChangeKind::Back), Some((6, true))));
}

#[test]
fn a_listing_that_is_sold_when_it_is_first_seen_is_no_news() {
    let first = |read: &Listing| {
        let sight = Sight { read, listing: read.clone(), edits: true, confirmed: false, at: at() };
        judge(None, sight, &Rules::default())
    };
    assert_eq!(kind(&first(&listing(Some(1)))), Some(ChangeKind::New));
    assert_eq!(kind(&first(&state(listing(Some(1)), "sold"))), None);
    assert_eq!(kind(&first(&state(listing(Some(1)), "reserved"))), Some(ChangeKind::New));
    let free = first(&listing(Some(0)));
    assert_eq!((free.listing.price, free.doubt), (None, Some(Doubt::NoPrice)));
}

#[test]
fn an_own_page_may_say_that_it_is_over() {
    let open = known(listing(Some(10_000)));
    let kind_of = |known: &KnownListing, word| ended(known, word).map(|(event, _)| event.kind);
    assert_eq!(kind_of(&open, "sold"), Some(ChangeKind::Gone));
    assert_eq!(kind_of(&open, "gone"), Some(ChangeKind::Gone));
    assert_eq!(kind_of(&open, "reserved"), Some(ChangeKind::Reserved));
    let reserved = known(state(listing(Some(10_000)), "reserved"));
    assert_eq!(kind_of(&reserved, "reserved"), None);
    assert_eq!(kind_of(&reserved, "removed"), Some(ChangeKind::Gone));
}

fn reading() -> impl Strategy<Value = Listing> {
    let word =
        prop_oneof![Just(None), Just(Some("offered")), Just(Some("reserved")), Just(Some("sold"))];
    let price = proptest::option::of(prop_oneof![Just(0i64), 9_000i64..11_000, Just(1_000_000)]);
    (price, word, "[ab ]{1,3}", proptest::option::of(40.0f64..50.0)).prop_map(
        |(price, word, title, area)| {
            let read = Listing { title, area: area.map(Area), ..listing(price) };
            match word {
                Some(word) => state(read, word),
                None => read,
            }
        },
    )
}

proptest! {
    #[test]
    fn the_same_reading_twice_is_no_news_and_history_is_true(
        reads in proptest::collection::vec(reading(), 1..25),
    ) {
        let mut now = known(listing(Some(10_000)));
        for read in reads {
            let judged = sees(&now, &read);
            if let Some(event) = &judged.event {
                prop_assert_eq!(event.version, now.version + 1);
                if event.kind.is_price() {
                    prop_assert!(read.price.is_some());
                }
            }
            let held_before = now.prices.held.clone();
            now = written(&now, &judged);
            prop_assert!(now.listing.price.as_ref().is_some_and(|price| price.minor > 0));
            prop_assert_eq!(&now.prices.points[0].price, now.listing.price.as_ref().unwrap());
            let versions: Vec<i64> = now.prices.points.iter().map(|one| one.version).collect();
            prop_assert!(versions.windows(2).all(|pair| pair[0] > pair[1]), "{:?}", versions);
            if judged.doubt.is_none() {
                let again = sees(&now, &read);
                prop_assert_eq!(kind(&again), None);
                prop_assert_eq!(again.price.point, None);
            } else if held_before.is_some() {
                prop_assert!(now.prices.held.is_some());
            }
        }
    }

    #[test]
    fn an_unread_price_changes_no_price(read in reading(), minor in 1i64..1_000_000) {
        let now = known(listing(Some(minor)));
        let judged = sees(&now, &Listing { price: None, ..read });
        prop_assert_eq!(judged.listing.price, Some(euros(minor)));
        prop_assert!(judged.event.is_none_or(|event| !event.kind.is_price()));
        prop_assert_eq!(judged.price.point, None);
    }
}
