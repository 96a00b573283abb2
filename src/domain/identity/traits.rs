//! What of a listing is compared. Kept in the record beside the listing, so names and meanings are contracts.

use serde::{Deserialize, Serialize};
use sites::{Kind, Listing, Money, Position};

use super::form::Form;
use super::sketch::sketch;
use super::words::{as_number, capital_letters, distinct, is_number, words};

/// Words of a title or a place that are kept.
const MOST_WORDS: usize = 24;

/// Words that name no seller.
const NO_SELLERS: [&str; 10] = [
    "privat",
    "private",
    "privatanbieter",
    "gewerblich",
    "particular",
    "particulier",
    "dealer",
    "частное",
    "собственник",
    "агентство",
];

/// Legal forms and titles, which one site prints and another leaves out.
const LEGAL_FORMS: [&str; 28] = [
    "gmbh", "mbh", "ag", "kg", "co", "se", "ug", "ohg", "ev", "inc", "ltd", "llc", "plc", "corp",
    "sa", "sas", "srl", "spa", "bv", "nv", "oy", "ab", "as", "ооо", "зао", "оао", "тов", "пао",
];

/// The values of a listing that two sites would both know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Traits {
    /// What it is.
    pub form: Form,
    /// Asking price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Living area, square metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<f64>,
    /// Number of rooms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rooms: Option<f64>,
    /// Storey: 0 is the ground floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<u16>,
    /// Year of a car.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Mileage, as printed (kilometres or miles).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mileage: Option<u32>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Words of the place, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub place: Vec<String>,
    /// The seller's or employer's name in words, sorted, without legal forms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seller: Vec<String>,
    /// Words of the title, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub title: Vec<String>,
    /// Numbers and single capital letters of the title that no other value explains: models, flats, storeys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
    /// Sketch of the description.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sketch: Vec<u16>,
}

impl Traits {
    /// The traits of a listing on a site of this kind.
    pub fn of(kind: Option<Kind>, listing: &Listing) -> Self {
        let form = Form::of(kind, listing);
        let title = words(&listing.title);
        let is_car = form == Form::Car;
        let mut traits = Self {
            form,
            price: listing.price.clone().filter(|price| price.minor > 0),
            area: listing.area.map(|area| area.0).filter(|area| area.is_finite() && *area > 0.0),
            rooms: listing.rooms.filter(|rooms| rooms.is_finite() && *rooms > 0.0),
            floor: floor_of(&title).or_else(|| floor_in(listing)),
            year: is_car.then(|| year_of(listing)).flatten(),
            mileage: is_car.then(|| mileage_of(listing)).flatten(),
            position: listing.position,
            place: kept(listing.location.as_deref().unwrap_or_default()),
            seller: seller(listing.seller.as_deref().unwrap_or_default()),
            title: distinct(&title),
            marks: Vec::new(),
            sketch: listing.description.as_deref().map(sketch).unwrap_or_default(),
        };
        traits.marks = traits.unexplained(&listing.title, &title);
        traits.title.truncate(MOST_WORDS);
        traits
    }

    /// What of the title's numbers and letters is neither price nor size nor postcode.
    fn unexplained(&self, printed: &str, title: &[String]) -> Vec<String> {
        let price = self.price.as_ref().map(|price| price.minor);
        let explained = |word: &String| {
            let Some(number) = as_number(word) else { return false };
            let is = |value: Option<f64>| value.is_some_and(|value| (value - number).abs() < 1.0);
            // The price in units or, for the few currencies without hundredths, as it is.
            let is_price = price.is_some_and(|minor| is_amount(minor, number));
            is(self.area)
                || is(self.rooms)
                || is(self.year.map(f64::from))
                || is(self.mileage.map(f64::from))
                || is_price
                || (word.len() > 3 && self.place.binary_search(word).is_ok())
        };
        let numbers = title.iter().filter(|word| is_number(word) && !explained(word)).cloned();
        let marks: Vec<String> = numbers.chain(capital_letters(printed)).collect();
        let mut marks: Vec<String> = marks.into_iter().take(MOST_WORDS).collect();
        marks.sort_unstable();
        marks.dedup();
        marks
    }

    /// Digits that say something: 500,000 has one, 847.23 has five.
    pub(super) fn price_digits(&self) -> u32 {
        self.price.as_ref().map_or(0, |price| significant(price.minor))
    }
}

#[expect(clippy::cast_precision_loss, reason = "prices in titles are small")]
fn is_amount(minor: i64, number: f64) -> bool {
    (minor as f64 / 100.0 - number).abs() < 1.0 || (minor as f64 - number).abs() < 1.0
}

/// Digits of a number without the zeros at its end.
pub(super) fn significant(number: i64) -> u32 {
    let mut rest = number.unsigned_abs();
    while rest != 0 && rest.is_multiple_of(10) {
        rest /= 10;
    }
    if rest == 0 { 0 } else { rest.ilog10() + 1 }
}

fn kept(text: &str) -> Vec<String> {
    let mut words = distinct(&words(text));
    words.truncate(MOST_WORDS);
    words
}

fn seller(printed: &str) -> Vec<String> {
    let mut name = kept(printed);
    if name.iter().any(|word| NO_SELLERS.contains(&word.as_str())) {
        return Vec::new();
    }
    name.retain(|word| !LEGAL_FORMS.contains(&word.as_str()));
    name
}

/// Stands for the storey under the roof.
const ATTIC: u16 = 100;

/// The storey that words name: `2. OG`, `floor 2`; `EG` is the ground, `DG` is under the roof.
fn floor_of(words: &[String]) -> Option<u16> {
    let under = |words: &[String], begins: &[&str]| {
        words.iter().any(|word| begins.iter().any(|begin| word.starts_with(begin)))
    };
    if under(words, &["erdgeschoss", "hochparterre"]) || words.iter().any(|word| word == "eg") {
        return Some(0);
    }
    if under(words, &["dachgeschoss", "penthouse"]) || words.iter().any(|word| word == "dg") {
        return Some(ATTIC);
    }
    let is_floor = |word: &str| {
        matches!(
            word,
            "og" | "obergeschoss" | "etage" | "stock" | "floor" | "поверх" | "этаж" | "pietro"
        )
    };
    words.windows(2).find_map(|pair| match pair {
        [number, word] if is_floor(word) => number.parse().ok().filter(|floor| *floor < 100),
        [a, b] if is_floor(a) && matches!(a.as_str(), "поверх" | "этаж" | "floor") => {
            b.parse().ok().filter(|floor| *floor < 100)
        }
        _ => None,
    })
}

fn floor_in(listing: &Listing) -> Option<u16> {
    let named = ["floor", "etage", "stockwerk", "поверх", "этаж"];
    let attribute = listing.attributes.iter().find(|(name, _)| {
        let name = name.to_lowercase();
        named.iter().any(|word| name == *word)
    });
    attribute.and_then(|(_, value)| words(value).first()?.parse().ok()).filter(|floor| *floor < 100)
}

/// Everything that is printed about a listing in short: attributes first, then the title.
fn printed(listing: &Listing) -> impl Iterator<Item = Vec<String>> {
    let attributes =
        listing.attributes.iter().map(|(name, value)| words(&format!("{name} {value}")));
    let description = listing.description.iter().map(|text| words(text));
    attributes.chain(std::iter::once(words(&listing.title))).chain(description)
}

/// The year of a car: a number from 1950 to 2049 that is neither a price nor a mileage.
pub(super) fn year_of(listing: &Listing) -> Option<u16> {
    printed(listing).find_map(|words| {
        let followed = |at: usize| words.get(at + 1).is_some_and(|next| is_distance(next));
        let year = |(at, word): (usize, &String)| {
            let year: u16 = word.parse().ok()?;
            ((1950..2050).contains(&year) && !followed(at)).then_some(year)
        };
        words.iter().enumerate().find_map(year)
    })
}

fn is_distance(word: &str) -> bool {
    matches!(word, "km" | "kms" | "mi" | "miles" | "км" | "mil")
}

/// The mileage of a car: the number before `km`, also written as `128 000 km`, `128 тыс. км`.
pub(super) fn mileage_of(listing: &Listing) -> Option<u32> {
    printed(listing).find_map(|words| {
        let at = words.iter().position(|word| is_distance(word))?;
        let before = |back: usize| at.checked_sub(back).and_then(|at| words.get(at));
        let last = before(1)?;
        let is_thousands = matches!(last.as_str(), "тыс" | "тис" | "tys" | "tkm");
        let number = if is_thousands {
            before(2)?.parse::<u32>().ok()?.checked_mul(1_000)?
        } else if last.len() == 3 && before(2).is_some_and(|word| is_number(word) && word.len() < 4)
        {
            format!("{}{last}", before(2)?).parse().ok()?
        } else {
            last.parse().ok()?
        };
        (1..2_000_000).contains(&number).then_some(number)
    })
}
