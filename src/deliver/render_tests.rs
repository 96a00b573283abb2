//! What a subscriber reads.

use proptest::prelude::*;
use sites::{Area, Listing, ListingKey};

use super::*;
use crate::domain::Entity;
use crate::texts::builder::utf16_len;

fn change(kind: ChangeKind) -> Change {
    let euros = |minor| Money { minor, currency: "EUR".into() };
    Change {
        key: ListingKey { site: "example".into(), id: "7".into() },
        kind,
        version: 2,
        at: "2026-11-06T10:00:00Z".parse().expect("a moment"),
        price_before: Some(euros(50_000_000)),
        listing: Listing {
            id: "7".into(),
            url: "https://www.example.com/flat/7?a=1&b=2".into(),
            title: "Flat <b>with</b> balcony\u{202e}".into(),
            price: Some(euros(45_000_000)),
            price_text: Some("450.000 €".into()),
            former_price: None,
            location: Some("Lviv,\n Halytskyi".into()),
            area: Some(Area(81.5)),
            rooms: Some(3.0),
            position: None,
            seller: None,
            images: vec!["data:image/png;base64,AA".into(), "https://img.example.com/7.jpg".into()],
            posted_at: Some("2026-11-05T00:00:00Z".parse().expect("a moment")),
            description: None,
            promoted: false,
            attributes: Default::default(),
        },
        same_as: None,
    }
}

fn bare() -> Change {
    let mut change = change(ChangeKind::New);
    let listing = &mut change.listing;
    (listing.price, listing.price_text, listing.location) = (None, None, None);
    (listing.area, listing.rooms, listing.posted_at) = (None, None, None);
    listing.images.clear();
    change
}

fn piece<'a>(
    message: &Outgoing,
    wanted: impl Fn(&EntityKind) -> bool,
    units: &'a mut Vec<u16>,
) -> &'a [u16] {
    *units = message.text.encode_utf16().collect();
    let entity: &Entity =
        message.entities.iter().find(|entity| wanted(&entity.kind)).expect("an entity of the kind");
    &units[entity.offset..entity.offset + entity.length]
}

#[test]
fn a_cheaper_listing_says_everything_in_english() {
    let watches = ["balcony".to_owned(), "cheap\nflats".to_owned()];
    let message = render(&change(ChangeKind::PriceDown), &watches, Language::En);
    assert_eq!(
        message.text,
        "📉 Cheaper\n\
         Flat <b>with</b> balcony\n\
         €450,000 · was €500,000 (−10%) · €5,521 per m²\n\
         📍 Lviv, Halytskyi\n\
         81.5 m² · 3 rooms\n\
         Posted: 5 Nov 2026\n\
         \n\
         Watches: balcony, cheap flats\n\
         example.com"
    );
    let mut units = vec![];
    let text = |units: &[u16]| String::from_utf16_lossy(units);
    let bold = text(piece(&message, |kind| *kind == EntityKind::Bold, &mut units));
    assert_eq!(bold, "Flat <b>with</b> balcony");
    let struck = text(piece(&message, |kind| *kind == EntityKind::Strikethrough, &mut units));
    assert_eq!(struck, "€500,000");
    let link = EntityKind::Link("https://www.example.com/flat/7?a=1&b=2".into());
    assert_eq!(text(piece(&message, |kind| *kind == link, &mut units)), bold);
    assert_eq!(message.photo.as_deref(), Some("https://img.example.com/7.jpg"));
    assert_eq!(
        message.buttons,
        [[Button {
            text: "Open".into(),
            action: Action::Url("https://www.example.com/flat/7?a=1&b=2".into())
        }]]
    );
}

#[test]
fn russian_and_ukrainian_write_numbers_and_plurals_their_way() {
    let russian = render(&change(ChangeKind::PriceDown), &["балкон".into()], Language::Ru).text;
    let ukrainian = render(&change(ChangeKind::PriceUp), &["балкон".into()], Language::Uk).text;
    for line in [
        "📉 Подешевело",
        "450\u{a0}000\u{a0}€ · было 500\u{a0}000\u{a0}€ (−10\u{a0}%) · 5\u{a0}521\u{a0}€ за м²",
        "81,5 м² · 3 комнаты",
        "Опубликовано: 05.11.2026",
        "Подписка: балкон",
    ] {
        assert!(russian.lines().any(|found| found == line), "{line:?} in {russian}");
    }
    for line in ["📈 Подорожчало", "81,5 м² · 3 кімнати", "Підписка: балкон"]
    {
        assert!(ukrainian.lines().any(|found| found == line), "{line:?} in {ukrainian}");
    }
    let rooms = |rooms| rooms_text(rooms, Language::Ru).expect("rooms");
    assert_eq!([rooms(1.0), rooms(5.0), rooms(2.5)], ["1 комната", "5 комнат", "2,5 комнаты"]);
}

#[test]
fn every_sentence_is_there_in_every_language() {
    let kinds = [
        ChangeKind::New,
        ChangeKind::PriceDown,
        ChangeKind::PriceUp,
        ChangeKind::Back,
        ChangeKind::Edited,
        ChangeKind::Gone,
    ];
    let mut seen = std::collections::BTreeSet::new();
    for language in Language::ALL {
        for kind in kinds {
            let names: Vec<String> = (0..6).map(|number| format!("w{number}")).collect();
            let text = render(&change(kind), &names, language).text;
            assert!(!text.contains("Unknown localization") && !text.contains("deliver-"), "{text}");
            assert!(!text.contains("w4") && text.contains("w3"), "{text}");
            assert!(seen.insert(text), "two languages say the same");
        }
    }
}

#[test]
fn what_the_page_did_not_say_is_not_said() {
    let message = render(&bare(), &[], Language::En);
    assert_eq!(message.text, "🆕 New\nFlat <b>with</b> balcony\n\nexample.com");
    assert_eq!(message.photo, None);
}

#[test]
fn a_price_that_could_not_be_read_is_shown_as_printed() {
    let mut change = bare();
    change.listing.price_text = Some("price on request".into());
    let text = render(&change, &[], Language::En).text;
    assert!(text.contains("\nprice on request\n"), "{text}");
}

#[test]
fn the_old_price_is_told_only_when_the_price_is_the_news() {
    let text = render(&change(ChangeKind::Back), &[], Language::En).text;
    assert!(text.contains("€450,000 · €5,521 per m²\n") && !text.contains("500,000"), "{text}");
}

#[test]
fn only_web_addresses_become_links_and_pictures() {
    for url in [
        "javascript:alert(1)",
        "tg://resolve?domain=x",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://user:pass@example.com/",
        "/relative",
        "",
    ] {
        let mut change = change(ChangeKind::New);
        change.listing.url = url.into();
        change.listing.images = vec![url.into()];
        let message = render(&change, &[], Language::En);
        assert!(message.buttons.is_empty() && message.photo.is_none(), "{url}");
        let linked =
            message.entities.iter().any(|entity| matches!(entity.kind, EntityKind::Link(_)));
        assert!(!linked, "{url}");
        assert!(message.text.ends_with("\nexample"), "the site's id stands in: {}", message.text);
    }
}

proptest! {
    #[test]
    fn any_listing_fits_under_a_picture_with_its_last_line(
        title in any::<String>(),
        place in any::<String>(),
        names in prop::collection::vec(any::<String>(), 0..8),
    ) {
        let mut change = change(ChangeKind::PriceDown);
        change.listing.title = title.repeat(9);
        change.listing.location = Some(place.repeat(9));
        let names: Vec<String> = names.into_iter().map(|name| name.repeat(9)).collect();
        let message = render(&change, &names, Language::Uk);
        prop_assert!(utf16_len(&message.text) <= CAPTION_LIMIT);
        prop_assert!(message.text.ends_with("\nexample.com"));
        for entity in &message.entities {
            prop_assert!(entity.offset + entity.length <= utf16_len(&message.text));
        }
    }
}
