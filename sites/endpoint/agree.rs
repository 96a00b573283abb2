//! Whether two readings say the same about the same offers.

use std::collections::HashMap;

use crate::listing::Listing;

/// Offers by which two readings of the same moment may differ at most: one was published in between.
const MOST_APART: usize = 3;

/// How two readings compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Agreement {
    /// The same offers in the same order, with the same values.
    Same,
    /// The same, but for a few offers that came or went meanwhile: proves nothing.
    Drift,
    /// They differ, in these words.
    Differs(String),
}

/// Compares what a page showed with what was read by another road.
pub fn agree(shown: &[Listing], read: &[Listing]) -> Agreement {
    let by_id: HashMap<&str, &Listing> = read.iter().map(|l| (l.id.as_str(), l)).collect();
    let there: HashMap<&str, ()> = shown.iter().map(|l| (l.id.as_str(), ())).collect();
    let both: Vec<&Listing> = shown.iter().filter(|l| by_id.contains_key(l.id.as_str())).collect();
    for one in &both {
        if let Some(field) = by_id.get(one.id.as_str()).and_then(|other| lost(one, other)) {
            return Agreement::Differs(format!("{field} of {} differs", one.id));
        }
    }
    let common = read.iter().filter(|l| there.contains_key(l.id.as_str()));
    if !both.iter().map(|l| &l.id).eq(common.map(|l| &l.id)) {
        return Agreement::Differs("the offers stand in another order".to_owned());
    }
    let apart = (shown.len() - both.len()).max(read.len() - both.len());
    match apart {
        0 => Agreement::Same,
        1..=MOST_APART if both.len() > apart => Agreement::Drift,
        _ => Agreement::Differs(format!(
            "{} offers instead of {}, {} of them the same",
            read.len(),
            shown.len(),
            both.len()
        )),
    }
}

/// The first field of `shown` that `read` lost or changed. More than the page shows is no loss.
fn lost(shown: &Listing, read: &Listing) -> Option<&'static str> {
    let text = |a: &Option<String>, b: &Option<String>| a.is_none() || a == b;
    let checks = [
        ("title", shown.title == read.title),
        ("url", shown.url == read.url),
        ("price", shown.price == read.price),
        ("price_text", shown.price.is_some() || text(&shown.price_text, &read.price_text)),
        ("location", text(&shown.location, &read.location)),
        ("area", shown.area.is_none() || shown.area == read.area),
        ("rooms", shown.rooms.is_none() || shown.rooms == read.rooms),
        ("images", same_pictures(&shown.images, &read.images)),
        ("description", tells_as_much(shown.description.as_deref(), read.description.as_deref())),
    ];
    checks.iter().find(|(_, same)| !same).map(|(name, _)| *name)
}

fn same_pictures(shown: &[String], read: &[String]) -> bool {
    read.len() >= shown.len() && shown.first().is_none_or(|first| read.first() == Some(first))
}

/// A page shortens descriptions; the whole text is as good.
pub(super) fn tells_as_much(shown: Option<&str>, read: Option<&str>) -> bool {
    let Some(shown) = shown else { return true };
    let beginning = shown.trim_end_matches(['…', '.', ' ']);
    read.is_some_and(|read| read == shown || read.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Money;

    fn offer(id: &str) -> Listing {
        let price = Some(Money { minor: 100, currency: "EUR".to_owned() });
        Listing { price, ..Listing::new(id, format!("https://x/{id}"), "A flat") }
    }

    fn offers(ids: &[&str]) -> Vec<Listing> {
        ids.iter().map(|id| offer(id)).collect()
    }

    #[test]
    fn a_few_new_offers_are_no_proof_and_many_are_a_difference() {
        let shown = offers(&["a", "b", "c", "d", "e"]);
        assert_eq!(agree(&shown, &shown), Agreement::Same);
        assert_eq!(agree(&shown, &offers(&["n", "a", "b", "c", "d", "e"])), Agreement::Drift);
        assert_eq!(agree(&shown, &offers(&["n", "a", "b", "c", "d"])), Agreement::Drift);
        for other in [vec!["b", "a", "c", "d", "e"], vec![], vec!["a"], vec!["x", "y"]] {
            let result = agree(&shown, &offers(&other));
            assert!(matches!(result, Agreement::Differs(_)), "{other:?}: {result:?}");
        }
    }

    #[test]
    fn every_lost_field_is_a_difference_and_more_is_none() {
        let full = Listing {
            location: Some("Berlin".to_owned()),
            rooms: Some(2.0),
            images: vec!["https://x/1.jpg".to_owned()],
            description: Some("Bright and …".to_owned()),
            ..offer("a")
        };
        let more = Listing {
            images: vec!["https://x/1.jpg".to_owned(), "https://x/2.jpg".to_owned()],
            description: Some("Bright and quiet".to_owned()),
            seller: Some("Anna".to_owned()),
            ..full.clone()
        };
        assert_eq!(lost(&full, &more), None);
        let without = |change: fn(&mut Listing)| {
            let mut other = more.clone();
            change(&mut other);
            lost(&full, &other)
        };
        assert_eq!(without(|l| l.location = None), Some("location"));
        assert_eq!(without(|l| l.rooms = Some(3.0)), Some("rooms"));
        assert_eq!(without(|l| l.images.clear()), Some("images"));
        assert_eq!(without(|l| l.description = None), Some("description"));
        assert_eq!(without(|l| l.price = None), Some("price"));
    }
}
