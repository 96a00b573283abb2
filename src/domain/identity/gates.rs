//! Gates: what both listings state and what cannot both be true of one thing.

use super::form::Form;
use super::traits::Traits;
use super::weigh::metres;
use super::words::{is_number, resemblance, shared};

/// Why two listings are different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Contradiction {
    /// Different forms.
    Form,
    /// Prices too far apart.
    Price,
    /// Areas differ by more than rounding.
    Area,
    /// Different numbers of rooms.
    Rooms,
    /// Different storeys.
    Floor,
    /// Different years.
    Year,
    /// Mileages differ by more than rounding.
    Mileage,
    /// Too far from each other, other postcodes, or no common word of place.
    Place,
    /// Different sellers or employers, where that decides.
    Seller,
    /// Models, flats or sizes that exclude each other, by the numbers and letters of the titles.
    Marks,
    /// One is a variant of the other (Pro, Max, left, right).
    Variant,
}

/// Farther apart than this, metres, is another place. Sites blur positions by up to a kilometre.
const FAR: f64 = 1_500.0;

/// Words that make another thing of the same name.
const VARIANTS: [&str; 36] = [
    "pro",
    "max",
    "plus",
    "mini",
    "ultra",
    "lite",
    "air",
    "fe",
    "se",
    "xl",
    "xs",
    "neo",
    "links",
    "rechts",
    "mitte",
    "left",
    "right",
    "middle",
    "diesel",
    "benzin",
    "benziner",
    "hybrid",
    "electric",
    "elektro",
    "kombi",
    "avant",
    "variant",
    "limousine",
    "cabrio",
    "coupe",
    "damen",
    "herren",
    "kinder",
    "senior",
    "junior",
    "lead",
];

/// The first contradiction between two listings, if there is one. Symmetric.
pub fn contradiction(a: &Traits, b: &Traits) -> Option<Contradiction> {
    use Contradiction as C;
    let found = [
        (a.form != b.form, C::Form),
        (prices_differ(a, b), C::Price),
        (differ(a.area, b.area, |x, y| (x - y).abs() > (0.015 * x.max(y)).max(0.55)), C::Area),
        (differ(a.rooms, b.rooms, |x, y| (x - y).abs() > 0.5), C::Rooms),
        (differ(a.floor, b.floor, |x, y| x != y), C::Floor),
        (differ(a.year, b.year, |x, y| x != y), C::Year),
        (differ(a.mileage, b.mileage, mileages_differ), C::Mileage),
        (places_differ(a, b), C::Place),
        (sellers_differ(a, b), C::Seller),
        (marks_differ(a, b), C::Marks),
        (variants_differ(a, b), C::Variant),
    ];
    found.into_iter().find(|(is_true, _)| *is_true).map(|(_, why)| why)
}

fn differ<T: Copy>(a: Option<T>, b: Option<T>, is_other: impl Fn(T, T) -> bool) -> bool {
    matches!((a, b), (Some(a), Some(b)) if is_other(a, b))
}

/// How far apart the prices of one thing may be, in per cent: what is asked for a home hardly depends on the
/// site, what shops ask for a product does.
fn price_span(form: Form) -> i128 {
    match form {
        Form::Home | Form::Job => 8,
        Form::Car | Form::Advert => 12,
        Form::Goods => 30,
    }
}

fn prices_differ(a: &Traits, b: &Traits) -> bool {
    let (Some(x), Some(y)) = (&a.price, &b.price) else { return false };
    let (low, high) = (i128::from(x.minor.min(y.minor)), i128::from(x.minor.max(y.minor)));
    x.currency == y.currency && (high - low) * 100 > high * price_span(a.form)
}

/// Mileages may be rounded to thousands, and a car is driven while it is for sale.
fn mileages_differ(x: u32, y: u32) -> bool {
    let apart = x.abs_diff(y);
    apart > 600 && u64::from(apart) * 100 > u64::from(x.max(y)) * 2
}

fn places_differ(a: &Traits, b: &Traits) -> bool {
    if a.form == Form::Goods {
        return false;
    }
    if let (Some(x), Some(y)) = (a.position, b.position) {
        return metres(x, y) > FAR;
    }
    if a.place.is_empty() || b.place.is_empty() {
        return false;
    }
    postcodes_differ(a, b) || shared(&a.place, &b.place) == 0
}

/// Both name numbers of the length of a postcode, and none is the same.
fn postcodes_differ(a: &Traits, b: &Traits) -> bool {
    (4..=6).any(|length| {
        let codes = |traits: &Traits| -> Vec<String> {
            let of_length = |word: &&String| is_number(word) && word.len() == length;
            traits.place.iter().filter(of_length).cloned().collect()
        };
        let (x, y) = (codes(a), codes(b));
        !x.is_empty() && !y.is_empty() && shared(&x, &y) == 0
    })
}

/// A job belongs to its employer, a single thing to its owner. Homes and cars are offered by several agents.
fn sellers_differ(a: &Traits, b: &Traits) -> bool {
    matches!(a.form, Form::Job | Form::Advert)
        && !a.seller.is_empty()
        && !b.seller.is_empty()
        && resemblance(&a.seller, &b.seller) < 0.5
}

/// Marks that only one of both has may have been left out; marks of both that differ may not.
fn marks_differ(a: &Traits, b: &Traits) -> bool {
    let both = shared(&a.marks, &b.marks);
    let is_subset = both == a.marks.len() || both == b.marks.len();
    match a.form {
        Form::Goods | Form::Advert => a.marks != b.marks,
        Form::Home | Form::Car | Form::Job => !is_subset,
    }
}

fn variants_differ(a: &Traits, b: &Traits) -> bool {
    let of = |traits: &Traits| -> Vec<String> {
        let is_variant = |word: &&String| VARIANTS.contains(&word.as_str());
        traits.title.iter().filter(is_variant).cloned().collect()
    };
    let (x, y) = (of(a), of(b));
    match a.form {
        Form::Goods | Form::Advert | Form::Job => x != y,
        // Titles of homes and cars often leave out what their values say.
        Form::Home | Form::Car => {
            let both = shared(&x, &y);
            both != x.len() && both != y.len()
        }
    }
}
