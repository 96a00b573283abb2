use super::*;
use crate::domain::ChangeKind;
use crate::domain::preferences::{Digest, Quiet};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

fn key() -> ListingKey {
    ListingKey { site: "shop".into(), id: "7".into() }
}

fn night() -> Preferences {
    Preferences {
        zone: "UTC".into(),
        quiet: Some(Quiet { from: 23 * 60, to: 7 * 60 }),
        ..Preferences::default()
    }
}

fn how(preferences: Preferences) -> HowTold {
    HowTold { preferences, ..HowTold::default() }
}

fn wish(telling: WatchTelling) -> Wish {
    Wish { telling, muted_until: None }
}

/// A lower price, after those that were told.
fn cheaper(told: &[i64], now: i64) -> Change {
    let euros = |minor| sites::Money { minor, currency: "EUR".into() };
    let listing = sites::Listing {
        price: Some(euros(now)),
        ..sites::Listing::new("7", "https://shop.example/7", "Bike")
    };
    Change {
        price_before: told.last().map(|minor| euros(*minor)),
        told_before: told.iter().map(|minor| euros(*minor)).collect(),
        ..Change::new(key(), ChangeKind::PriceDown, 2, at(NOON), listing)
    }
}

fn decided(how: &HowTold, wishes: &[Wish], now: &str) -> Telling {
    let key = key();
    let change = cheaper(&[10_000], 9_800);
    let subject = Some(Subject { key: &key, seller: Some("Ann/Bob"), weighed: Some(&change) });
    decide(&Facts { how, subject, wishes }, at(now))
}

const NOON: &str = "2026-01-10T12:00:00Z";
const NIGHT: &str = "2026-01-10T23:30:00Z";
const MORNING: &str = "2026-01-11T07:00:00Z";

#[test]
fn without_preferences_everything_is_told_at_once() {
    assert_eq!(decided(&HowTold::default(), &[Wish::default()], NIGHT), Telling::Send);
}

#[test]
fn quiet_hours_hold_and_urgent_watches_pass() {
    let how = how(night());
    let held = Telling::Hold { until: at(MORNING), why: Stop::Quiet };
    assert_eq!(decided(&how, &[Wish::default()], NIGHT), held);
    assert_eq!(decided(&how, &[Wish::default()], NOON), Telling::Send);
    let urgent = wish(WatchTelling { urgent: true, ..WatchTelling::default() });
    assert_eq!(decided(&how, &[Wish::default(), urgent], NIGHT), Telling::Send);
}

#[test]
fn a_mute_stops_what_it_names_until_its_end() {
    let ends = Some(at(MORNING));
    let cases = [
        (Mute::all(None), Some(Stop::MutedAll)),
        (Mute::listing(&key(), ends), Some(Stop::MutedListing)),
        (Mute::seller("shop", "Ann/Bob", None), Some(Stop::MutedSeller)),
        (Mute::seller("shop", "Bob", None), None),
        (Mute::seller("sho", "p/Ann/Bob", None), None),
        (Mute::listing(&ListingKey { site: "shop".into(), id: "8".into() }, None), None),
        (Mute::all(Some(at(NOON))), None),
    ];
    for (mute, stop) in cases {
        let how = HowTold { mutes: vec![mute.clone()], ..HowTold::default() };
        assert_eq!(decided(&how, &[Wish::default()], NOON).stop(), stop, "{mute:?}");
    }
    let muted = Wish { muted_until: Some(at(MORNING)), ..Wish::default() };
    let none = HowTold::default();
    assert_eq!(
        decided(&none, std::slice::from_ref(&muted), NOON),
        Telling::Drop { why: Stop::MutedWatch }
    );
    assert_eq!(decided(&none, &[muted.clone(), Wish::default()], NOON), Telling::Send);
    assert_eq!(decided(&none, &[muted], MORNING), Telling::Send);
}

#[test]
fn a_muted_watch_has_no_say_in_how_the_others_are_told() {
    let urgent = WatchTelling { urgent: true, ..WatchTelling::default() };
    let muted = Wish { telling: urgent, muted_until: Some(at("2026-02-01T00:00:00Z")) };
    let telling = decided(&how(night()), &[muted, Wish::default()], NIGHT);
    assert_eq!(telling.stop(), Some(Stop::Quiet));
}

#[test]
fn the_most_immediate_digest_wins() {
    let daily = Digest::Day { at: 18 * 60 };
    let how = how(Preferences { digest: daily, zone: "UTC".into(), ..Preferences::default() });
    let own = |digest| wish(WatchTelling { digest: Some(digest), ..WatchTelling::default() });
    let slot = |text: &str| Telling::Collect { slot: at(text), why: Stop::Digest };
    assert_eq!(decided(&how, &[Wish::default()], NOON), slot("2026-01-10T18:00:00Z"));
    assert_eq!(
        decided(&how, &[Wish::default(), own(Digest::Hour)], NOON),
        slot("2026-01-10T13:00:00Z")
    );
    assert_eq!(decided(&how, &[Wish::default(), own(Digest::Off)], NOON), Telling::Send);
    let none = HowTold::default();
    assert_eq!(decided(&none, &[own(Digest::Hour)], NOON), slot("2026-01-10T13:00:00Z"));
    assert_eq!(decided(&none, &[own(Digest::Hour), Wish::default()], NOON), Telling::Send);
}

#[test]
fn what_is_over_the_cap_comes_with_the_next_full_hour() {
    let mut how = how(Preferences { cap_per_hour: Some(2), ..night() });
    let told = |how: &HowTold, now| decided(how, &[Wish::default()], now);
    let mut decisions = vec![];
    for _ in 0..4 {
        let telling = told(&how, "2026-01-10T12:10:00Z");
        how.counts.note(telling);
        decisions.push(telling);
    }
    let over = Telling::Collect { slot: at("2026-01-10T13:00:00Z"), why: Stop::Cap };
    assert_eq!(decisions, [Telling::Send, Telling::Send, over, over]);
    // At night as many are held as an hour may have; the rest comes in one message with them.
    how.counts = Counts::default();
    let mut decisions = vec![];
    for _ in 0..3 {
        let telling = told(&how, NIGHT);
        how.counts.note(telling);
        decisions.push(telling);
    }
    let held = Telling::Hold { until: at(MORNING), why: Stop::Quiet };
    assert_eq!(decisions, [held, held, Telling::Collect { slot: at(MORNING), why: Stop::Cap }]);
}

#[test]
fn a_small_move_is_not_told() {
    let least =
        |percent| wish(WatchTelling { min_move_percent: Some(percent), ..WatchTelling::default() });
    let none = HowTold::default();
    assert_eq!(decided(&none, &[least(5.0)], NOON), Telling::Drop { why: Stop::SmallMove });
    assert_eq!(decided(&none, &[least(2.0)], NOON), Telling::Send);
    assert_eq!(decided(&none, &[least(5.0), Wish::default()], NOON), Telling::Send);
}

#[test]
fn a_summary_is_held_but_never_collected() {
    let how = how(Preferences { digest: Digest::Hour, cap_per_hour: Some(1), ..night() });
    let facts = Facts { how: &how, subject: None, wishes: &[] };
    assert_eq!(decide(&facts, at(NOON)), Telling::Send);
    assert_eq!(decide(&facts, at(NIGHT)), Telling::Hold { until: at(MORNING), why: Stop::Quiet });
}

#[test]
fn reasons_are_words_of_their_own() {
    for stop in Stop::ALL {
        assert_eq!(Stop::from_reason(stop.reason()), Some(stop));
    }
    assert_eq!(Stop::from_reason("an operator sends it again"), None);
}

#[test]
fn a_bad_zone_is_the_installations() {
    let preferences = Preferences { zone: "Mars/Base".into(), ..night() };
    assert_eq!(preferences.clone().or_zone("Europe/Kyiv").tz(), chrono_tz::Tz::Europe__Kyiv);
    assert_eq!(preferences.or_zone("also/bad").tz(), chrono_tz::Tz::UTC);
    assert_eq!(night().or_zone("Europe/Kyiv").zone, "UTC");
}

#[test]
fn small_moves_are_weighed_against_what_the_watch_heard_last() {
    let wishes = [wish(WatchTelling { min_move_percent: Some(5.0), ..WatchTelling::default() })];
    let how = HowTold::default();
    let told = |change: &Change| {
        decide(&Facts { how: &how, subject: Some(Subject::of(change)), wishes: &wishes }, at(NOON))
    };
    let small = Telling::Drop { why: Stop::SmallMove };
    assert_eq!(told(&cheaper(&[10_000], 9_800)), small);
    assert_eq!(told(&cheaper(&[10_000, 9_800], 9_600)), small);
    assert_eq!(told(&cheaper(&[10_000, 9_800, 9_600], 9_400)), Telling::Send, "creep adds up");
    let matched = cheaper(&[10_000], 9_800);
    let subject = Some(Subject::of_matched(&matched));
    let facts = Facts { how: &how, subject, wishes: &wishes };
    assert_eq!(decide(&facts, at(NOON)), Telling::Send, "its watches have weighed it");
}
