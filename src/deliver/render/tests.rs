//! What a subscriber reads.

use proptest::prelude::*;
use sites::{Area, Listing, ListingKey, Money};

use super::wording::rooms_text;
use super::*;
use crate::domain::message::Action;
use crate::domain::{Button, ChangeKind, Entity, EntityKind, Outgoing};
use crate::texts::builder::{CAPTION_LIMIT, utf16_len};

/// The message for a reader, with its picture, from a renderer that knows nothing yet.
fn render(change: &Change, watches: &[String], language: Language) -> Outgoing {
    render_with(&Renderer::default(), change, None, watches, language)
}

fn render_with(
    renderer: &Renderer,
    change: &Change,
    latest: Option<&Latest>,
    watches: &[String],
    language: Language,
) -> Outgoing {
    let body = renderer.body(&change.id(), change, latest, language, Length::Whole);
    Outgoing { photo: body.photos.first().cloned(), ..body.message(watches) }
}

fn change(kind: ChangeKind) -> Change {
    let euros = |minor| Money { minor, currency: "EUR".into() };
    Change {
        key: ListingKey { site: "example".into(), id: "7".into() },
        kind,
        version: 2,
        at: "2026-11-06T10:00:00Z".parse().expect("a moment"),
        price_before: Some(euros(50_000_000)),
        same_as: None,
        told_before: vec![],
        fields: vec![],
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
            attributes: [("Etage".to_owned(), "2".to_owned())].into(),
        },
    }
}

fn bare() -> Change {
    let mut change = change(ChangeKind::New);
    let listing = &mut change.listing;
    (listing.price, listing.price_text, listing.location) = (None, None, None);
    (listing.area, listing.rooms, listing.posted_at) = (None, None, None);
    listing.images.clear();
    listing.attributes.clear();
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
         €500,000 → €450,000 (−10%) · €5,521 per m²\n\
         📍 Lviv, Halytskyi\n\
         81.5 m² · 3 rooms · floor 2\n\
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
        message.buttons[0],
        [Button {
            text: "Open".into(),
            action: Action::Url("https://www.example.com/flat/7?a=1&b=2".into())
        }]
    );
}

#[test]
fn russian_and_ukrainian_write_numbers_and_plurals_their_way() {
    let russian = render(&change(ChangeKind::PriceDown), &["балкон".into()], Language::Ru).text;
    let ukrainian = render(&change(ChangeKind::PriceUp), &["балкон".into()], Language::Uk).text;
    for line in [
        "📉 Подешевело",
        "500\u{a0}000\u{a0}€ → 450\u{a0}000\u{a0}€ (−10\u{a0}%) · 5\u{a0}521\u{a0}€ за м²",
        "81,5 м² · 3 комнаты · 2 этаж",
        "Опубликовано: 5 нояб. 2026",
        "Подписка: балкон",
    ] {
        assert!(russian.lines().any(|found| found == line), "{line:?} in {russian}");
    }
    for line in ["📈 Подорожчало", "81,5 м² · 3 кімнати · 2 поверх", "Підписка: балкон"]
    {
        assert!(ukrainian.lines().any(|found| found == line), "{line:?} in {ukrainian}");
    }
    let rooms = |rooms| rooms_text(rooms, Language::Ru).expect("rooms");
    assert_eq!([rooms(1.0), rooms(5.0), rooms(2.5)], ["1 комната", "5 комнат", "2,5 комнаты"]);
}

#[test]
fn every_sentence_is_there_in_every_language() {
    let kinds = ChangeKind::ALL;
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
        let mut buttons = message.buttons.iter().flatten();
        let opens = buttons.any(|button| matches!(button.action, Action::Url(_)));
        assert!(!opens && message.photo.is_none(), "{url}");
        let linked =
            message.entities.iter().any(|entity| matches!(entity.kind, EntityKind::Link(_)));
        assert!(!linked, "{url}");
        assert!(message.text.ends_with("\nexample"), "the site's id stands in: {}", message.text);
    }
}

fn latest(version: i64, minor: i64, gone: bool) -> Latest {
    let mut listing = change(ChangeKind::New).listing;
    listing.price = Some(Money { minor, currency: "EUR".into() });
    Latest { listing, version, gone }
}

#[test]
fn a_thousand_readers_share_one_body_for_each_language() {
    let (renderer, change) = (Renderer::default(), change(ChangeKind::PriceDown));
    for reader in 0..1_000 {
        let names = [format!("watch {reader}")];
        let message = render_with(&renderer, &change, None, &names, Language::En);
        assert!(message.text.contains(&format!("\nWatch: watch {reader}\nexample.com")));
    }
    assert_eq!(renderer.rendered(), 1);
    render_with(&renderer, &change, None, &[], Language::Uk);
    assert_eq!(renderer.rendered(), 2);
    // What is known is newer: another text.
    render_with(&renderer, &change, Some(&latest(3, 44_000_000, false)), &[], Language::Uk);
    assert_eq!(renderer.rendered(), 3);
}

#[test]
fn what_happened_since_is_told_with_the_news() {
    let change = change(ChangeKind::New);
    let said = |latest: &Latest| {
        let text = render_with(&Renderer::default(), &change, Some(latest), &[], Language::En).text;
        text.lines().take(3).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(said(&latest(3, 45_000_000, true))[0], "🆕 New — meanwhile gone");
    let cheaper = said(&latest(3, 40_500_000, false));
    assert_eq!(cheaper[0], "🆕 New — meanwhile cheaper");
    assert_eq!(cheaper[2], "€450,000 → €405,000 (−10%) · €4,969 per m²");
    assert_eq!(said(&latest(2, 40_500_000, true))[0], "🆕 New", "no newer than the change");
}

#[test]
fn sold_let_reserved_and_removed_are_four_words() {
    let mut change = change(ChangeKind::Gone);
    let mut said = |state: &str, kind| {
        change.kind = kind;
        change.listing.attributes.insert("state".into(), state.into());
        let text = render(&change, &[], Language::En).text;
        text.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(said("sold", ChangeKind::Gone), "🤝 Sold");
    assert_eq!(said("rented", ChangeKind::Gone), "🔑 Let");
    assert_eq!(said("removed", ChangeKind::Gone), "⛔ No longer on offer");
    assert_eq!(said("reserved", ChangeKind::Reserved), "🔒 Reserved");
    let mut now = latest(3, 45_000_000, false);
    now.listing.attributes.insert("state".into(), "reserved".into());
    let new = self::change(ChangeKind::New);
    let text = render_with(&Renderer::default(), &new, Some(&now), &[], Language::En).text;
    assert!(text.starts_with("🆕 New — meanwhile reserved\n"), "{text}");
}

#[test]
fn an_edit_names_what_was_edited_before_and_after() {
    let mut change = change(ChangeKind::Edited);
    let field = |name: &str, before: &str, after: &str| crate::domain::change::FieldChange {
        name: name.into(),
        before: before.into(),
        after: after.into(),
    };
    change.fields = vec![
        field("area", "80", "81.5"),
        field("title", "Flat\nold", "{title} <b>"),
        field("later", "1", "2"),
    ];
    let text = render(&change, &[], Language::Ru).text;
    for line in ["✏️ Изменено", "Площадь: 80 м² → 81,5 м²", "Название: Flat old → {title} <b>"]
    {
        assert!(text.lines().any(|found| found == line), "{line:?} in {text}");
    }
    assert!(!text.contains("later"), "an unknown field of a newer program is left out");
}

#[test]
fn each_kind_of_things_says_what_matters_to_it() {
    let of = |kind: Kind, listing: Listing| {
        let renderer = Renderer::new(Templates::default(), Arc::new(move |_: &str| Some(kind)));
        let change = Change { listing, ..change(ChangeKind::New) };
        render_with(&renderer, &change, None, &[], Language::En).text
    };
    let listing = |attributes: &[(&str, &str)]| Listing {
        price: Some(Money { minor: 1_200_000, currency: "EUR".into() }),
        location: Some("Kyiv".into()),
        seller: Some("Best Ltd".into()),
        price_text: Some("from €12,000 a year".into()),
        attributes: attributes.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        ..Listing::new("7", "https://example.com/7", "Thing")
    };
    let car = [("Erstzulassung", "2019"), ("mileage", "98000"), ("Getriebe", "manual")];
    assert_eq!(
        of(Kind::Car, listing(&car)),
        "🆕 New\nThing\n€12,000\n2019 · 98,000 km · manual\n📍 Kyiv\n\nexample.com"
    );
    assert_eq!(
        of(Kind::Job, listing(&[("experience", "3 years")])),
        "🆕 New\nThing\n🏢 Best Ltd\nfrom €12,000 a year\n📍 Kyiv\n3 years\n\nexample.com"
    );
    assert_eq!(
        of(Kind::Classified, listing(&[("Zustand", "used")])),
        "🆕 New\nThing\n€12,000 · used\n📍 Kyiv\n\nexample.com"
    );
}

#[test]
fn words_of_a_page_are_never_read_as_a_template_or_as_markup() {
    let mut change = change(ChangeKind::New);
    change.listing.title = "{price} [x] *bold* <i>".into();
    change.listing.location = Some("{title|bold}".into());
    let message = render(&change, &["{site}".into()], Language::En);
    for piece in ["\n{price} [x] *bold* <i>\n", "📍 {title|bold}\n", "Watch: {site}\n"] {
        assert!(message.text.contains(piece), "{piece:?} in {}", message.text);
    }
}

#[test]
fn a_short_answer_says_what_happened_to_what_and_has_no_buttons() {
    let change = change(ChangeKind::Gone);
    let renderer = Renderer::default();
    let body = renderer.body(&change.id(), &change, None, Language::En, Length::Short);
    assert_eq!(body.message(&[]).text, "⛔ No longer on offer\nFlat <b>with</b> balcony");
    assert!(body.buttons.is_empty() && body.photos.is_empty());
}

#[test]
fn every_button_fits_into_64_bytes_whatever_the_sites_id_is() {
    let mut change = change(ChangeKind::New);
    change.key.id = "x".repeat(500);
    change.listing.seller = Some("Best Homes".into());
    let message = render(&change, &[], Language::Uk);
    assert_eq!(message.buttons.len(), 4);
    for button in message.buttons.iter().flatten() {
        if let Action::Callback(data) = &button.action {
            assert!(data.len() <= 64, "{data}");
        }
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
