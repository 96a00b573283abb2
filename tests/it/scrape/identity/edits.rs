//! Copies of a listing as another site, or its seller the next week, would print it.

use magpie::domain::identity::Relation;
use sites::{Area, Money};

use super::Base;

/// Words and what another language or taste says instead.
const OTHER_WORDS: [(&str, &str); 32] = [
    ("wohnung", "apartment"),
    ("zimmer", "rooms"),
    ("haus", "house"),
    ("balkon", "balcony"),
    ("mit", "with"),
    ("und", "and"),
    ("helle", "bright"),
    ("ruhige", "quiet"),
    ("garten", "garden"),
    ("terrasse", "terrace"),
    ("verkaufen", "sale"),
    ("vermieten", "rent"),
    ("neu", "new"),
    ("flat", "apartment"),
    ("bright", "sunny"),
    ("quiet", "calm"),
    ("house", "home"),
    ("garden", "yard"),
    ("balcony", "loggia"),
    ("near", "by"),
    ("mieszkanie", "apartment"),
    ("pokoje", "rooms"),
    ("casa", "house"),
    ("quartos", "rooms"),
    ("bil", "car"),
    ("automatic", "automatik"),
    ("developer", "engineer"),
    ("senior", "experienced"),
    ("driver", "chauffeur"),
    ("table", "desk"),
    ("used", "second-hand"),
    ("nice", "fine"),
];

/// The edited copies with their names. All are the same thing.
pub fn copies(base: &Base) -> Vec<(&'static str, Base, Relation)> {
    use Relation::{OtherSite, Repost};
    vec![
        ("same: pictures only", pictures(base), OtherSite),
        ("same: another site's print", printed_elsewhere(base), OtherSite),
        ("same: retitled", retitled(base), OtherSite),
        ("same: translated words", translated(base), OtherSite),
        ("same: 5 % cheaper elsewhere", repriced(base, 95), OtherSite),
        ("same: repost", pictures(base), Repost),
        ("same: repost, 5 % cheaper", repriced(base, 95), Repost),
        ("same: repost, 5 % dearer, retitled", retitled(&repriced(base, 105)), Repost),
    ]
}

fn pictures(base: &Base) -> Base {
    let mut copy = base.clone();
    copy.listing.id = format!("x{}", base.listing.id);
    copy.listing.images.truncate(1);
    copy.listing.images.push("https://pictures.example/0.jpg".into());
    copy.listing.posted_at = None;
    copy
}

/// The place in another order, the area rounded, the description cut, the title in capitals with its own ending.
fn printed_elsewhere(base: &Base) -> Base {
    let mut copy = pictures(base);
    let listing = &mut copy.listing;
    if let Some(place) = &listing.location {
        let mut parts: Vec<&str> = place.split(',').map(str::trim).collect();
        parts.reverse();
        listing.location = Some(parts.join(", "));
    }
    listing.area = listing.area.map(|area| Area(area.0.round()));
    listing.description = listing.description.as_ref().map(|text| {
        let cut: String = text.chars().take(220).collect();
        format!("{cut}…")
    });
    listing.title = format!("{} !", listing.title.to_uppercase());
    listing.price_text = None;
    copy
}

/// Other words around, and one of the old ones gone.
fn retitled(base: &Base) -> Base {
    let mut copy = pictures(base);
    let words: Vec<&str> = base.listing.title.split_whitespace().collect();
    let plain = |word: &&str| !word.contains(|c: char| c.is_ascii_digit());
    let gone = words.iter().rposition(|word| plain(word) && word.chars().count() > 3);
    let rest = words.iter().enumerate().filter(|(at, _)| Some(*at) != gone).map(|(_, word)| *word);
    copy.listing.title = format!("{} – top", rest.collect::<Vec<_>>().join(" "));
    copy
}

fn translate(text: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let other = OTHER_WORDS.iter().find(|(from, _)| *from == bare);
        other.map_or_else(|| word.to_owned(), |(_, to)| (*to).to_owned())
    };
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

fn translated(base: &Base) -> Base {
    let mut copy = pictures(base);
    copy.listing.title = translate(&base.listing.title);
    copy.listing.description = base.listing.description.as_deref().map(translate);
    copy
}

fn repriced(base: &Base, percent: i64) -> Base {
    let mut copy = pictures(base);
    let change = |price: &Money| Money { minor: price.minor * percent / 100, ..price.clone() };
    copy.listing.price = base.listing.price.as_ref().map(change);
    copy
}
