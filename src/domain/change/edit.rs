//! Which chosen fields of a listing changed, in sense and not in spelling.
//!
//! White space, case and punctuation do not count, nor does a title that is cut with dots, a place that is printed
//! more or less precisely, a rounded area. A field that was unknown, or was not read, has not changed.

use sites::Listing;

use super::FieldChange;

/// A field whose edits can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// Its title.
    Title,
    /// Its area.
    Area,
    /// Its number of rooms.
    Rooms,
    /// Where it is.
    Location,
    /// Who offers it.
    Seller,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Title, Self::Area, Self::Rooms, Self::Location, Self::Seller];

    /// The word in the configuration and in stored changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Area => "area",
            Self::Rooms => "rooms",
            Self::Location => "location",
            Self::Seller => "seller",
        }
    }

    /// The field behind a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == word)
    }

    /// What changed in it from one reading to the next, as text.
    fn change(self, before: &Listing, now: &Listing) -> Option<(String, String)> {
        let is_edit = match self {
            Self::Title => is_other_title,
            Self::Location => is_other_place,
            Self::Area | Self::Rooms => is_other_number,
            Self::Seller => is_other_text,
        };
        let (before, now) = (self.text(before)?, self.text(now)?);
        is_edit(&before, &now).then_some((before, now))
    }

    fn text(self, listing: &Listing) -> Option<String> {
        match self {
            Self::Title => Some(listing.title.clone()),
            Self::Area => listing.area.map(|area| area.0.to_string()),
            Self::Rooms => listing.rooms.map(|rooms| rooms.to_string()),
            Self::Location => listing.location.clone(),
            Self::Seller => listing.seller.clone(),
        }
    }
}

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fields([bool; Field::ALL.len()]);

impl Fields {
    /// Whether a field is among them.
    pub fn has(self, field: Field) -> bool {
        self.0[field as usize]
    }

    /// The chosen fields that changed from `before` to `now`.
    pub fn changes(self, before: &Listing, now: &Listing) -> Vec<FieldChange> {
        let chosen = Field::ALL.into_iter().filter(|field| self.has(*field));
        let change = |field: Field| {
            let (before, after) = field.change(before, now)?;
            Some(FieldChange { name: field.as_str().to_owned(), before, after })
        };
        chosen.filter_map(change).collect()
    }
}

impl FromIterator<Field> for Fields {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        let mut set = Self::default();
        for field in fields {
            set.0[field as usize] = true;
        }
        set
    }
}

/// The words of a text: lower case, letters and digits only.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

fn is_other_text(before: &str, now: &str) -> bool {
    let (before, now) = (words(before).concat(), words(now).concat());
    !before.is_empty() && !now.is_empty() && before != now
}

fn is_other_title(before: &str, now: &str) -> bool {
    is_other_text(before, now) && !is_cut_from(before, now) && !is_cut_from(now, before)
}

/// Whether a title is the beginning of another one, ended with dots.
fn is_cut_from(cut: &str, whole: &str) -> bool {
    let stem = cut.trim_end().trim_end_matches(['…', '.']);
    stem.len() < cut.trim_end().len() && words(whole).concat().starts_with(&words(stem).concat())
}

/// A place in another order of words, or with more or fewer of them, is the same one.
fn is_other_place(before: &str, now: &str) -> bool {
    let (before, now) = (words(before), words(now));
    let within = |a: &[String], b: &[String]| a.iter().all(|word| b.contains(word));
    !within(&before, &now) && !within(&now, &before)
}

/// Numbers differ by more than rounding does: half of one, and one in a hundred.
fn is_other_number(before: &str, now: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let (Some(before), Some(now)) = (number(before), number(now)) else { return false };
    let step = (before - now).abs();
    step >= 0.5 && step * 100.0 > before.abs().max(now.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sites::Area;

    fn listing(title: &str) -> Listing {
        Listing::new("7", "https://example.com/7", title)
    }

    fn all() -> Fields {
        Field::ALL.into_iter().collect()
    }

    fn title(before: &str, now: &str) -> bool {
        !all().changes(&listing(before), &listing(now)).is_empty()
    }

    fn place(before: &str, now: &str) -> bool {
        let at = |place: &str| Listing { location: Some(place.into()), ..listing("Bike") };
        !all().changes(&at(before), &at(now)).is_empty()
    }

    #[test]
    fn words_count_and_spelling_does_not() {
        assert!(title("Bike", "Bike, red"));
        assert!(title("Flat, 3 rooms", "Flat, 2 rooms"));
        assert!(title("Велосипед", "Велосипед дитячий"));
        for same in ["BIKE  red!", "bike-red", "*** Bike, Red ***", "Bikered"] {
            assert!(!title("Bike, red", same), "{same}");
        }
        assert!(!title("Bike", "!!!"), "nothing was read");
    }

    #[test]
    fn a_title_that_is_cut_is_the_same_one() {
        assert!(!title("Bright flat near the park", "Bright flat near th…"));
        assert!(!title("Bright flat ne...", "Bright flat near the park"));
        assert!(title("Bright flat near the park", "Dark flat ne…"));
    }

    #[test]
    fn a_place_may_be_printed_more_or_less_precisely() {
        assert!(!place("Berlin, Mitte", "10115 Berlin (Mitte)"));
        assert!(!place("Berlin, Mitte", "Mitte, Berlin"));
        assert!(!place("Berlin, Mitte", "Berlin"));
        assert!(place("Berlin, Mitte", "Berlin, Pankow"));
    }

    #[test]
    fn numbers_differ_by_more_than_rounding() {
        let flat = |area: f64, rooms: f64| Listing {
            area: Some(Area(area)),
            rooms: Some(rooms),
            ..listing("Flat")
        };
        let names = |now: &Listing| {
            let all = all().changes(&flat(81.5, 3.0), now);
            all.into_iter().map(|one| (one.name, one.before, one.after)).collect::<Vec<_>>()
        };
        assert_eq!(names(&flat(82.0, 3.0)), []);
        assert_eq!(names(&flat(81.6, 3.0)), []);
        let both = [("area", "81.5", "90"), ("rooms", "3", "3.5")];
        let both = both.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()));
        assert_eq!(names(&flat(90.0, 3.5)), both);
    }

    #[test]
    fn only_chosen_fields_count() {
        let chosen: Fields = [Field::Seller].into_iter().collect();
        let by =
            |seller: &str, title: &str| Listing { seller: Some(seller.into()), ..listing(title) };
        assert_eq!(chosen.changes(&by("Anna", "a"), &by("Anna", "b")), []);
        assert_eq!(chosen.changes(&by("Anna", "a"), &by("Ben", "a"))[0].name, "seller");
        assert!(Field::ALL.iter().all(|one| Field::from_word(one.as_str()) == Some(*one)));
    }

    fn any_listing() -> impl Strategy<Value = Listing> {
        let text = || proptest::option::of("[a-cA-C ,.!]{0,6}");
        let number = || proptest::option::of(0.0f64..200.0);
        ("[a-cA-C ,.!]{0,6}", text(), text(), number(), number()).prop_map(
            |(title, location, seller, area, rooms)| Listing {
                location,
                seller,
                area: area.map(Area),
                rooms,
                ..listing(&title)
            },
        )
    }

    proptest! {
        #[test]
        fn unknown_before_or_now_is_no_edit(before in any_listing(), now in any_listing()) {
            for change in all().changes(&before, &now) {
                let field = Field::from_word(&change.name).expect("a field");
                prop_assert_eq!(field.text(&before), Some(change.before));
                prop_assert_eq!(field.text(&now), Some(change.after));
            }
            prop_assert_eq!(all().changes(&before, &before), vec![]);
            let bare = listing(&now.title);
            let names: Vec<_> = all().changes(&before, &bare).into_iter().map(|one| one.name).collect();
            prop_assert!(names.iter().all(|name| name == "title"));
        }

        #[test]
        fn case_blanks_and_marks_are_no_edit(words in proptest::collection::vec("[a-zа-я0-9]{1,5}", 1..6)) {
            let plain = words.join(" ");
            let loud = format!("!! {} ", words.join(" - ").to_uppercase());
            prop_assert!(!title(&plain, &loud), "{} / {}", plain, loud);
        }
    }
}
