use sites::{Area, Kind, Listing, Money, Position};

use super::*;

fn flat(id: &str) -> Listing {
    Listing {
        price: Some(Money { minor: 44_900_000, currency: "EUR".into() }),
        area: Some(Area(81.5)),
        rooms: Some(3.0),
        location: Some("40237 Düsseldorf, Lindenallee 12".into()),
        ..Listing::new(id, "https://a.example/1", "Bright corner flat with two balconies")
    }
}

fn home(listing: &Listing) -> Traits {
    Traits::of(Some(Kind::Home), listing)
}

fn candidate(site: &str, listing: &Listing, gone: bool) -> Candidate {
    let key = ListingKey { site: site.into(), id: listing.id.clone() };
    Candidate { key, traits: home(listing), gone, thing: None }
}

fn key(site: &str, id: &str) -> ListingKey {
    ListingKey { site: site.into(), id: id.into() }
}

#[test]
fn the_same_flat_on_another_site_is_found_by_its_buckets_and_is_the_same() {
    let mut other = flat("77");
    other.title = "Corner flat, bright, with two balconies".into();
    other.area = Some(Area(82.0));
    other.location = Some("Lindenallee 12, 40237 Duesseldorf".into());
    let (a, b) = (home(&flat("1")), home(&other));
    assert!(b.neighbours().iter().any(|name| a.buckets().contains(name)));
    assert!(a.buckets().len() <= 6);
    assert!(is_same(&a, &b, Relation::OtherSite));
    assert_eq!(is_same(&a, &b, Relation::OtherSite), is_same(&b, &a, Relation::OtherSite));
}

#[test]
fn a_number_that_contradicts_is_a_veto() {
    let a = home(&flat("1"));
    let check = |change: &dyn Fn(&mut Listing), expected| {
        let mut other = flat("2");
        change(&mut other);
        assert_eq!(contradiction(&a, &home(&other)), expected);
        assert_eq!(contradiction(&home(&other), &a), expected);
    };
    check(&|_| {}, None);
    check(&|one| one.price.as_mut().unwrap().minor = 50_000_000, Some(Contradiction::Price));
    check(&|one| one.area = Some(Area(84.0)), Some(Contradiction::Area));
    check(&|one| one.rooms = Some(4.0), Some(Contradiction::Rooms));
    check(&|one| one.location = Some("40239 Düsseldorf".into()), Some(Contradiction::Place));
    check(&|one| one.location = Some("Köln".into()), Some(Contradiction::Place));
    // What one of both does not state contradicts nothing.
    check(&|one| (one.price, one.area, one.rooms, one.location) = (None, None, None, None), None);
}

#[test]
fn flats_and_storeys_of_one_house_are_kept_apart_by_their_titles() {
    let titled = |title: &str| {
        let mut listing = flat("1");
        listing.title = format!("New house at the park, {title}");
        home(&listing)
    };
    for (a, b) in [("WE 12", "WE 14"), ("2. OG", "3. OG"), ("Flat A", "Flat B"), ("EG", "2. OG")] {
        assert!(contradiction(&titled(a), &titled(b)).is_some(), "{a} {b}");
    }
    // A number that another value explains is none of a flat.
    assert_eq!(contradiction(&titled("3 rooms, 81,5 m²"), &titled("449.000 €")), None);
}

#[test]
fn far_apart_is_another_place_whatever_it_is_called() {
    let at = |lat, lon| Traits { position: Some(Position { lat, lon }), ..home(&flat("1")) };
    assert_eq!(contradiction(&at(50.45, 30.52), &at(50.45, 30.521)), None);
    assert_eq!(contradiction(&at(50.45, 30.52), &at(50.47, 30.52)), Some(Contradiction::Place));
}

#[test]
fn two_live_listings_of_one_site_are_two_things_and_a_gone_one_may_be_reposted() {
    let new = home(&flat("2"));
    let live = [candidate("a", &flat("1"), false)];
    assert!(only_match(&key("a", "2"), &new, &live).is_none());
    let gone = [candidate("a", &flat("1"), true)];
    assert_eq!(only_match(&key("a", "2"), &new, &gone).map(|one| &one.key), Some(&key("a", "1")));
    // A listing is no repost of itself.
    assert!(only_match(&key("a", "1"), &new, &gone).is_none());
}

#[test]
fn twins_forbid_a_decision() {
    let new = home(&flat("9"));
    let one = candidate("a", &flat("1"), false);
    let twin = candidate("a", &flat("2"), false);
    assert!(only_match(&key("b", "9"), &new, std::slice::from_ref(&one)).is_some());
    assert!(only_match(&key("b", "9"), &new, &[one.clone(), twin.clone()]).is_none());
    // Beside the new one as well.
    let beside = candidate("b", &flat("3"), false);
    assert!(only_match(&key("b", "9"), &new, &[one.clone(), beside]).is_none());
    // Two that were found to be one thing are no twins.
    let linked = |one: &Candidate| Candidate { thing: Some("a/1".into()), ..one.clone() };
    let elsewhere = Candidate { key: key("c", "5"), ..linked(&twin) };
    assert!(only_match(&key("b", "9"), &new, &[linked(&one), elsewhere]).is_some());
}

#[test]
fn another_price_needs_more_than_a_title_on_another_site_but_not_for_a_repost() {
    let mut cheaper = flat("2");
    cheaper.price = Some(Money { minor: 43_000_000, currency: "EUR".into() });
    let (a, b) = (home(&flat("1")), home(&cheaper));
    assert!(!is_same(&a, &b, Relation::OtherSite));
    assert!(is_same(&a, &b, Relation::Repost));
    let described = |listing: &Listing| Listing {
        description: Some(
            "Second floor, lift, oak floors, quiet yard, free from March, no agents please".into(),
        ),
        ..listing.clone()
    };
    let (a, b) = (home(&described(&flat("1"))), home(&described(&cheaper)));
    assert!(is_same(&a, &b, Relation::OtherSite));
}

#[test]
fn a_site_for_everything_is_read_by_its_values() {
    let form = |title: &str| {
        let listing = Listing::new("1", "https://a.example/1", title);
        Traits::of(Some(Kind::Classified), &listing)
    };
    let car = form("Golf Variant 2016, 128 000 km");
    assert_eq!((car.form, car.year, car.mileage), (Form::Car, Some(2016), Some(128_000)));
    assert_eq!(form("Шкода 2014, 180 тыс. км").mileage, Some(180_000));
    assert_eq!(form("Oak table 1960").form, Form::Advert);
    assert_eq!(home(&flat("1")).form, Form::Home);
}

#[test]
fn the_traits_of_a_record_are_read_again() {
    let traits = home(&flat("1"));
    let text = serde_json::to_string(&traits).unwrap();
    assert_eq!(serde_json::from_str::<Traits>(&text).unwrap(), traits);
}
