use proptest::prelude::*;

use super::*;
use crate::domain::change::Point;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
}

fn euros(minor: i64) -> Money {
    Money { minor, currency: "EUR".into() }
}

fn history(all: &[i64]) -> Prices {
    let point = |(version, minor): (usize, &i64)| Point {
        version: i64::try_from(version).unwrap() + 1,
        at: at(0),
        price: euros(*minor),
        told: true,
    };
    let mut points: Vec<Point> = all.iter().enumerate().map(point).collect();
    points.reverse();
    Prices { points, held: None }
}

/// A listing at the gate.
struct Gated {
    price: Money,
    prices: Prices,
}

impl Gated {
    fn new(all: &[i64]) -> Self {
        Self { price: euros(*all.last().unwrap()), prices: history(all) }
    }

    /// Reads a price and says whether it was believed.
    fn read(&mut self, read: Option<Money>, minute: i64) -> bool {
        match rule(Some(&self.price), &self.prices, read.as_ref(), at(minute)) {
            Ruling::Accept => {
                self.price = read.unwrap();
                self.prices.held = None;
                true
            }
            Ruling::Hold(held, _) => {
                self.prices.held = Some(held);
                false
            }
            Ruling::Unread | Ruling::Reject(_) => false,
        }
    }
}

fn doubt_about(known: &[i64], read: Money) -> Option<Doubt> {
    let gated = Gated::new(known);
    match rule(Some(&gated.price), &gated.prices, Some(&read), at(0)) {
        Ruling::Hold(_, doubt) | Ruling::Reject(doubt) => Some(doubt),
        Ruling::Accept | Ruling::Unread => None,
    }
}

#[test]
fn each_doubt_has_its_name_and_fair_moves_raise_none() {
    for fair in [200, 999, 1_000, 1_001, 5_000] {
        assert_eq!(doubt_about(&[1_000], euros(fair)), None, "{fair}");
    }
    for (read, doubt) in [
        (0, Doubt::NoPrice),
        (-1_000, Doubt::NoPrice),
        (i64::MAX, Doubt::NoPrice),
        (100_000, Doubt::Power),
        (99_000, Doubt::Power),
        (10, Doubt::Power),
        (100, Doubt::Power),
        (199, Doubt::Far),
        (5_001, Doubt::Far),
        (50_000, Doubt::Far),
    ] {
        assert_eq!(doubt_about(&[1_000], euros(read)), Some(doubt), "{read}");
    }
    let francs = Money { minor: 1_000, currency: "CHF".into() };
    assert_eq!(doubt_about(&[1_000], francs), Some(Doubt::Currency));
}

#[test]
fn a_first_price_is_believed_and_no_price_is_none() {
    let rule = |read: Option<Money>| rule(None, &Prices::default(), read.as_ref(), at(0));
    assert_eq!(rule(Some(euros(1))), Ruling::Accept);
    assert_eq!(rule(Some(euros(0))), Ruling::Reject(Doubt::NoPrice));
    assert_eq!(rule(None), Ruling::Unread);
}

#[test]
fn what_the_median_or_the_known_price_vouches_for_is_believed() {
    assert_eq!(doubt_about(&[1_000, 1_000, 1_050, 100_000], euros(1_000)), None, "back to normal");
    let climbed = [1_000, 1_000, 1_000, 4_000, 16_000];
    assert_eq!(doubt_about(&climbed, euros(17_000)), None, "step by step");
    assert_eq!(doubt_about(&climbed, euros(85_000)), Some(Doubt::Far));
}

#[test]
fn agreeing_readings_open_the_gate_and_a_normal_one_closes_it() {
    let mut offer = Gated::new(&[1_000]);
    assert!(!offer.read(Some(euros(100_000)), 0));
    assert!(!offer.read(Some(euros(101_000)), 6), "nearly the same");
    assert!(!offer.read(None, 12), "an unread price neither confirms nor ends it");
    assert!(offer.read(Some(euros(101_000)), 18));
    assert_eq!(offer.price, euros(101_000));

    let mut offer = Gated::new(&[1_000]);
    for minute in 0..20 {
        let slip = minute % 2 == 0;
        let read = if slip { euros(100_000) } else { euros(1_000) };
        assert_eq!(offer.read(Some(read), minute * 6), !slip);
    }
    assert_eq!(offer.price, euros(1_000));
}

#[test]
fn readings_of_one_moment_are_one_and_two_a_day_apart_suffice() {
    let mut offer = Gated::new(&[1_000]);
    for _ in 0..10 {
        assert!(!offer.read(Some(euros(9_000)), 0));
    }
    assert_eq!(offer.prices.held.as_ref().unwrap().reads, 1);
    assert!(offer.read(Some(euros(9_000)), 24 * 60));

    let mut offer = Gated::new(&[1_000]);
    assert!(!offer.read(Some(euros(9_000)), 0));
    assert!(!offer.read(Some(euros(9_000)), 15 * 24 * 60), "too long ago to agree with");
}

#[test]
fn a_wait_is_stored_in_names_that_last() {
    let held = Held { price: euros(5), reads: 2, since: at(0), last: at(6) };
    let text = serde_json::to_string(&held).unwrap();
    assert!(text.contains("\"reads\":2") && text.contains("\"since\":"), "{text}");
    assert_eq!(serde_json::from_str::<Held>(&text).unwrap(), held);
}

fn currency() -> impl Strategy<Value = String> {
    prop_oneof![8 => Just("EUR".to_owned()), 1 => Just("CHF".to_owned())]
}

fn money() -> impl Strategy<Value = Money> {
    let minor = prop_oneof![Just(0i64), -100i64..100, 500i64..2_000, any::<i64>()];
    (minor, currency()).prop_map(|(minor, currency)| Money { minor, currency })
}

proptest! {
    #[test]
    fn no_reading_makes_a_price_of_nothing(
        first in 1i64..1_000_000,
        reads in proptest::collection::vec((proptest::option::of(money()), 1i64..2_000), 1..60),
    ) {
        let mut offer = Gated::new(&[first]);
        let mut minute = 0;
        for (read, pause) in reads {
            minute += pause;
            let before = (offer.price.clone(), offer.prices.held.clone());
            let believed = offer.read(read.clone(), minute);
            prop_assert!(is_plausible(&offer.price));
            match &read {
                None => prop_assert_eq!((offer.price.clone(), offer.prices.held.clone()), before),
                Some(read) if !is_plausible(read) => prop_assert!(!believed),
                Some(_) => {}
            }
        }
    }

    #[test]
    fn a_lasting_price_is_believed_in_the_end(
        known in 1i64..1_000_000_000, read in 1i64..1_000_000_000, currency in currency(),
    ) {
        let mut offer = Gated::new(&[known]);
        let read = Money { minor: read, currency };
        let believed = (0..3).any(|run| offer.read(Some(read.clone()), run * 6));
        prop_assert!(believed);
    }

    #[test]
    fn a_single_slip_is_never_believed(
        known in 100i64..1_000_000, power in 1u32..4, up in any::<bool>(), normal in 1i64..5,
    ) {
        let slip = if up { known * 10i64.pow(power) } else { known / 10i64.pow(power) };
        let mut offer = Gated::new(&[known]);
        for round in 0..6 {
            prop_assert!(!offer.read(Some(euros(slip)), round * 60));
            for turn in 0..normal {
                prop_assert!(offer.read(Some(euros(known)), round * 60 + 6 + turn * 6));
            }
        }
        prop_assert_eq!(offer.price, euros(known));
    }

    #[test]
    fn a_move_within_five_times_is_always_believed(known in 1i64..1_000_000, factor in 0.21f64..4.99) {
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small")]
        let read = ((known as f64 * factor).round() as i64).max(1);
        prop_assume!(read * 5 >= known);
        prop_assert!(Gated::new(&[known]).read(Some(euros(read)), 0));
    }
}
