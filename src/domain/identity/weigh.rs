//! Weights: what speaks for two listings being one thing, and how much of it is enough.

use sites::Position;

use super::Relation;
use super::form::Form;
use super::sketch;
use super::traits::{Traits, significant};
use super::words::{is_number, resemblance, shared};

/// What speaks for two listings being the same, in points. Nothing in it is a contradiction.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Evidence {
    /// Equal prices by their rarity, near ones a little.
    pub price: f64,
    /// Whether both prices are known and equal within a hundredth.
    pub same_price: bool,
    /// Areas, mileages: equal ones by their rarity.
    pub size: f64,
    /// Rooms, year.
    pub count: f64,
    /// Position, postcode, words of the place.
    pub place: f64,
    /// Words of the title.
    pub title: f64,
    /// Words in the shorter title.
    pub title_words: usize,
    /// Resemblance of the titles, 0 to 1.
    pub resemblance: f64,
    /// Sketch of the description.
    pub text: f64,
    /// The same seller.
    pub seller: f64,
    /// Whether both titles name the same numbers and letters that no other value explains.
    pub same_marks: bool,
}

impl Evidence {
    /// All points together.
    pub fn total(&self) -> f64 {
        self.price + self.size + self.count + self.place + self.title + self.text + self.seller
    }
}

/// Weighs what two listings have in common. Symmetric.
pub fn evidence(a: &Traits, b: &Traits) -> Evidence {
    let (price, same_price) = price(a, b);
    let size = match (a.form, a.area, b.area, a.mileage, b.mileage) {
        (Form::Home, Some(x), Some(y), _, _) => area(x, y),
        (Form::Car, _, _, Some(x), Some(y)) => mileage(x, y),
        _ => 0.0,
    };
    let is_equal = |a: Option<f64>, b: Option<f64>| a.is_some() && a == b;
    let years = a.form == Form::Car && a.year.is_some() && a.year == b.year;
    let rooms = a.form == Form::Home && is_equal(a.rooms, b.rooms);
    let likeness = resemblance(&a.title, &b.title);
    let title_words = a.title.len().min(b.title.len());
    let text = match sketch::resemblance(&a.sketch, &b.sketch) {
        Some(share) if share >= 0.7 => 4.0,
        Some(share) if share >= 0.45 => 3.0,
        Some(share) if share >= 0.25 => 1.5,
        _ => 0.0,
    };
    let seller = !a.seller.is_empty() && resemblance(&a.seller, &b.seller) >= 0.5;
    Evidence {
        price,
        same_price,
        size,
        count: if years || rooms { 1.0 } else { 0.0 },
        place: place(a, b),
        title: title(likeness, title_words),
        title_words,
        resemblance: likeness,
        text,
        seller: if seller { 1.5 } else { 0.0 },
        same_marks: a.marks == b.marks,
    }
}

/// Whether the evidence decides. The conditions of each form are explained in the decision record.
pub fn is_enough(form: Form, found: &Evidence, relation: Relation) -> bool {
    let total = found.total();
    let numbers = found.price + found.size + found.count;
    let words = found.title + found.text;
    let repost = relation == Relation::Repost;
    match form {
        Form::Home => {
            // Flats of one plan on several storeys differ in nothing but the price.
            let own = found.text >= 3.0 || found.seller > 0.0;
            let is_one_flat = found.same_price || (found.same_marks && (repost || own));
            let by_words = words >= 2.0 && found.size >= 1.0 && total >= 7.5 && is_one_flat;
            let by_numbers = found.same_price && numbers >= 7.0 && found.place >= 4.0;
            found.place >= 1.0 && (by_words || by_numbers)
        }
        Form::Car => {
            let known = found.size >= 1.0 && found.count >= 1.0 && words >= 1.0;
            let tied = found.place >= 1.0 || found.seller > 0.0 || found.text >= 3.0;
            let by_size = found.size >= 3.0 || found.text >= 3.0 || (repost && found.size >= 2.0);
            known && tied && by_size && total >= 7.0
        }
        Form::Job => {
            let title = found.title_words >= 2 && found.resemblance >= 0.75;
            // The employer's next advertisement of a place that is gone is the same job.
            let again = repost && found.resemblance >= 0.9;
            let tied = found.text >= 3.0 || found.price >= 2.0 || again;
            found.seller > 0.0 && found.place >= 1.0 && title && tied
        }
        Form::Goods => found.title_words >= 4 && found.resemblance >= 0.9,
        Form::Advert => {
            let title = found.title_words >= 3 && found.resemblance >= 0.8;
            let own = found.text >= 3.0 || (found.seller > 0.0 && found.same_price);
            let again =
                repost && found.title_words >= 4 && found.resemblance >= 0.95 && found.price > 0.0;
            title && found.place >= 1.0 && (own || again)
        }
    }
}

fn price(a: &Traits, b: &Traits) -> (f64, bool) {
    let (Some(x), Some(y)) = (&a.price, &b.price) else { return (0.0, false) };
    if x.currency != y.currency {
        return (0.0, false);
    }
    let (apart, high) = (i128::from(x.minor.abs_diff(y.minor)), i128::from(x.minor.max(y.minor)));
    match (apart * 1_000, high) {
        (0, _) => (f64::from(a.price_digits().min(4)), true),
        (apart, high) if apart <= high * 10 => (1.0, true),
        (apart, high) if apart <= high * 55 => (0.5, false),
        _ => (0.0, false),
    }
}

/// Equal areas count their digits; one that is the other rounded counts little.
#[expect(clippy::cast_possible_truncation, reason = "areas are small")]
fn area(x: f64, y: f64) -> f64 {
    let hundredths = |area: f64| (area * 100.0).round() as i64;
    if hundredths(x) == hundredths(y) {
        return f64::from(significant(hundredths(x)).min(4));
    }
    if (x - y).abs() <= 0.55 { 1.5 } else { 1.0 }
}

fn mileage(x: u32, y: u32) -> f64 {
    if x == y { f64::from(significant(i64::from(x)).min(4)) } else { 1.0 }
}

fn place(a: &Traits, b: &Traits) -> f64 {
    let near = match (a.position, b.position) {
        (Some(x), Some(y)) => match metres(x, y) {
            close if close <= 60.0 => 3.0,
            close if close <= 250.0 => 2.0,
            _ => 0.5,
        },
        _ => 0.0,
    };
    let (common, least) = (shared(&a.place, &b.place), a.place.len().min(b.place.len()));
    let named = match (common, least) {
        (0, _) => 0.0,
        (common, _) if common >= 4 => 2.5,
        (common, least) if common == least => 1.5,
        (common, least) if common * 2 >= least => 1.0,
        _ => 0.5,
    };
    let is_code = |word: &&String| is_number(word) && (4..=6).contains(&word.len());
    let code = a.place.iter().filter(is_code).any(|word| b.place.binary_search(word).is_ok());
    near + named + if code { 1.5 } else { 0.0 }
}

/// A short title says little even if it is the same.
fn title(likeness: f64, words: usize) -> f64 {
    let most = if words >= 3 { 3.0 } else { 1.0 };
    let points: f64 = match likeness {
        share if share >= 0.8 => 3.0,
        share if share >= 0.55 => 2.0,
        share if share >= 0.35 => 1.0,
        _ => 0.0,
    };
    points.min(most)
}

/// Distance of two points, metres; exact enough for what lies near.
pub(super) fn metres(a: Position, b: Position) -> f64 {
    const DEGREE: f64 = 111_195.0;
    let north = (a.lat - b.lat) * DEGREE;
    let turn = (a.lon - b.lon).abs();
    let turn = if turn > 180.0 { 360.0 - turn } else { turn };
    let east = turn * DEGREE * f64::midpoint(a.lat, b.lat).to_radians().cos();
    north.hypot(east)
}
