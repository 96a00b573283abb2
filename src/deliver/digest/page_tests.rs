use sites::ListingKey;

use super::*;
use crate::deliver::testing::{delivery, moment};
use crate::domain::delivery::{Delivery, Latest};

fn listing(id: &str, price: i64) -> Listing {
    Listing {
        price: Some(Money { minor: price * 100, currency: "EUR".into() }),
        location: Some("Lviv".into()),
        ..Listing::new(id, format!("https://shop.example/{id}"), format!("Flat {id}"))
    }
}

fn change(kind: ChangeKind, listing: &Listing, version: i64, before: Option<i64>) -> Change {
    Change {
        key: ListingKey { site: "shop".into(), id: listing.id.clone() },
        kind,
        version,
        at: moment(0),
        told_before: vec![],
        same_as: None,
        fields: vec![],
        price_before: before.map(|price| Money { minor: price * 100, currency: "EUR".into() }),
        listing: listing.clone(),
    }
}

fn told(watch: &str, change: Change, latest: Option<Latest>) -> Collected {
    let content = Content::Change {
        event: change.id(),
        watches: vec![watch.into()],
        ids: vec![],
        answers: None,
        urgent: false,
    };
    let plain = delivery(5);
    let new = crate::domain::NewDelivery { content, ..plain.new.clone() };
    Collected { delivery: Delivery { new, ..plain }, change: Some(change), latest }
}

#[test]
fn each_listing_has_one_line_with_its_last_state() {
    let (a, b, c) = (listing("a", 500), listing("b", 450), listing("c", 10));
    let cheaper = listing("a", 430);
    let gone = Latest { listing: c.clone(), version: 2, gone: true };
    let now =
        |listing: &Listing| Some(Latest { listing: listing.clone(), version: 2, gone: false });
    let told = [
        told("Flats", change(ChangeKind::PriceDown, &a, 2, Some(550)), now(&cheaper)),
        told("Bicycles", change(ChangeKind::New, &c, 1, None), Some(gone)),
        told("Flats", change(ChangeKind::New, &b, 1, None), None),
        told("Flats", change(ChangeKind::PriceDown, &cheaper, 3, Some(500)), now(&cheaper)),
    ];
    let message = page(&told, Language::En);
    assert_eq!(
        message.text,
        "🗞 3 offers for you\n\nFlats\n1. 📉 Flat a — €430, Lviv · was €550 (−22%)\n2. 🆕 Flat b — €450, Lviv\n\n\
         Bicycles\n3. ⛔ Flat c — no longer on offer"
    );
    let labels: Vec<&str> = message.buttons.iter().flatten().map(|one| one.text.as_str()).collect();
    assert_eq!(labels, ["1", "2", "3"]);
    let links = message.entities.iter().filter(|one| matches!(one.kind, EntityKind::Link(_)));
    assert_eq!(links.count(), 3);
}

#[test]
fn what_does_not_fit_is_a_number() {
    for language in Language::ALL {
        let all: Vec<Collected> = (0..400)
            .map(|n| {
                let mut one = listing(&n.to_string(), 1_000 + n);
                one.title = format!("A long title of a flat by the river, number {n}");
                told("Flats", change(ChangeKind::New, &one, 1, None), None)
            })
            .collect();
        let message = page(&all, language);
        assert!(utf16_len(&message.text) <= TEXT_LIMIT, "{}", utf16_len(&message.text));
        assert!(utf16_len(&message.text) > TEXT_LIMIT * 9 / 10, "{}", utf16_len(&message.text));
        let shown = message.text.lines().filter(|line| line.contains("🆕")).count();
        let last = message.text.lines().last().expect("a line");
        assert!(last.contains(&(400 - shown).to_string()), "{last}");
    }
}
