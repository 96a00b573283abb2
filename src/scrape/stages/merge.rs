//! One offer from two readings: what the list says and what its own page says. Pure.

use std::collections::BTreeMap;

use sites::Listing;

pub use crate::domain::change::STATE;

/// The reading of a list, completed by the offer's own page. Id, address and title stay those of the list, and so
/// does every value that the list has read; pictures and description of the own page are fuller and count.
pub fn with_detail(list: &Listing, detail: Listing) -> Listing {
    let mut merged = list.clone();
    if merged.price.is_none() && detail.price.is_some() {
        merged.price.clone_from(&detail.price);
        merged.price_text.clone_from(&detail.price_text);
    }
    if !detail.images.is_empty() {
        merged.images.clone_from(&detail.images);
    }
    if detail.description.is_some() {
        merged.description.clone_from(&detail.description);
    }
    if merged.former_price.is_none() {
        merged.former_price.clone_from(&detail.former_price);
    }
    fill(&mut merged, &detail);
    merged
}

/// The reading of a list, completed by what was known before: what the page does not say now is unknown, not
/// gone. The fuller description and the larger set of pictures stay. Whether it can be had is what the page says
/// now, or nothing: see [`crate::domain::change`] for what follows from silence.
pub fn with_known(list: &Listing, known: &Listing) -> Listing {
    let mut merged = list.clone();
    if merged.price.is_none() {
        merged.price.clone_from(&known.price);
    }
    if known.images.len() > merged.images.len() {
        merged.images.clone_from(&known.images);
    }
    let length = |listing: &Listing| listing.description.as_ref().map_or(0, String::len);
    if length(known) > length(&merged) {
        merged.description.clone_from(&known.description);
    }
    let state = merged.attributes.remove(STATE);
    fill(&mut merged, known);
    put_state(&mut merged, state);
    merged
}

/// What is known, brought up to date by the offer's own page: its values count where it has any. Address and
/// title stay those under which people were told of it, and so do place, seller, area and rooms: a page prints
/// them in its own words, and the next list would seem to have edited them.
pub fn reread(known: &Listing, read: Listing) -> Listing {
    let state = read.attributes.get(STATE).cloned();
    let mut now = Listing {
        id: known.id.clone(),
        url: known.url.clone(),
        title: known.title.clone(),
        promoted: known.promoted,
        location: known.location.clone().or(read.location),
        seller: known.seller.clone().or(read.seller),
        area: known.area.or(read.area),
        rooms: known.rooms.or(read.rooms),
        ..read
    };
    if now.price.is_none() {
        now.price.clone_from(&known.price);
        now.price_text.clone_from(&known.price_text);
    }
    if now.images.is_empty() {
        now.images.clone_from(&known.images);
    }
    if now.description.is_none() {
        now.description.clone_from(&known.description);
    }
    fill(&mut now, known);
    put_state(&mut now, state);
    now
}

fn put_state(listing: &mut Listing, state: Option<String>) {
    match state {
        Some(word) => listing.attributes.insert(STATE.into(), word),
        None => listing.attributes.remove(STATE),
    };
}

/// Takes from `other` what is unknown.
fn fill(listing: &mut Listing, other: &Listing) {
    let text = |mine: &mut Option<String>, theirs: &Option<String>| {
        if mine.is_none() {
            mine.clone_from(theirs);
        }
    };
    text(&mut listing.location, &other.location);
    text(&mut listing.seller, &other.seller);
    listing.area = listing.area.or(other.area);
    listing.rooms = listing.rooms.or(other.rooms);
    listing.position = listing.position.or(other.position);
    listing.posted_at = listing.posted_at.or(other.posted_at);
    let attributes: BTreeMap<_, _> = std::mem::take(&mut listing.attributes);
    listing.attributes = other.attributes.clone();
    listing.attributes.extend(attributes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use sites::Money;

    fn euros(minor: i64) -> Option<Money> {
        Some(Money { minor, currency: "EUR".into() })
    }

    fn attributes(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn list() -> Listing {
        Listing {
            price: euros(100),
            images: vec!["small".into()],
            description: Some("Short".into()),
            attributes: attributes(&[("colour", "red")]),
            ..Listing::new("7", "https://example.com/7", "Bike")
        }
    }

    fn detail() -> Listing {
        Listing {
            price: euros(120),
            former_price: euros(150),
            rooms: Some(2.0),
            images: vec!["large".into(), "second".into()],
            description: Some("A long text".into()),
            attributes: attributes(&[("colour", "ruby"), ("gears", "7")]),
            ..Listing::new("7", "https://example.com/other", "Bike, as new")
        }
    }

    #[test]
    fn the_list_counts_and_the_own_page_fills_and_is_fuller() {
        let merged = with_detail(&list(), detail());
        assert_eq!((merged.url.as_str(), merged.title.as_str()), ("https://example.com/7", "Bike"));
        assert_eq!((merged.price, merged.rooms), (euros(100), Some(2.0)));
        assert_eq!(merged.images, ["large", "second"]);
        assert_eq!(merged.description.as_deref(), Some("A long text"));
        assert_eq!(merged.attributes, attributes(&[("colour", "red"), ("gears", "7")]));
        let silent = Listing::new("7", "u", "t");
        assert_eq!(with_detail(&list(), silent.clone()), list());
        let priced = with_detail(&Listing { price: None, ..list() }, detail());
        assert_eq!(priced.price, euros(120));
    }

    #[test]
    fn what_a_list_does_not_say_again_is_not_forgotten() {
        let mut known = with_detail(&list(), detail());
        known.attributes.insert(STATE.into(), "reserved".into());
        let again = Listing { price: euros(90), ..list() };
        let merged = with_known(&again, &known);
        assert_eq!((merged.price, merged.rooms), (euros(90), Some(2.0)));
        assert_eq!(merged.description.as_deref(), Some("A long text"));
        assert_eq!(merged.images.len(), 2);
        assert!(!merged.attributes.contains_key(STATE), "the page says nothing of it now");
        assert_eq!(with_known(&Listing { price: None, ..again }, &known).price, euros(100));
    }

    #[test]
    fn an_own_page_brings_up_to_date_but_does_not_rename() {
        let now = reread(&list(), detail());
        assert_eq!((now.title.as_str(), now.price), ("Bike", euros(120)));
        let unread = reread(&list(), Listing { price: None, ..detail() });
        assert_eq!(unread.price, euros(100));
        assert_eq!(reread(&list(), Listing::new("7", "u", "t")), list());
    }
}
