//! Buckets: names under which a listing is kept, so that a new one is compared with a few instead of with all.
//!
//! A name is made of the form, a word of the place or a cell of the map, and rounded numbers. Numbers near a border
//! of their band would miss each other, so a listing is kept under one name of each sort and looked for under the
//! names of the neighbouring band too.

use super::form::Form;
use super::sketch::hash;
use super::traits::Traits;
use super::words::is_number;

/// Words of a place that make names, the rarest first.
const PLACES: usize = 3;
/// Width of a band, as the logarithm of a ratio: about 15 %.
const BAND: f64 = 0.14;
/// Half the span in which numbers of one thing may lie, likewise: about 6 %.
const REACH: f64 = 0.06;

impl Traits {
    /// Names under which the listing is kept; at most six.
    pub fn buckets(&self) -> Vec<String> {
        self.named(|value| vec![band(value)])
    }

    /// Names under which it is looked for: those of [`Traits::buckets`] and their neighbours.
    pub fn neighbours(&self) -> Vec<String> {
        self.named(|value| {
            let mut bands =
                vec![band(value * (-REACH).exp()), band(value), band(value * REACH.exp())];
            bands.dedup();
            bands
        })
    }

    fn named(&self, bands: impl Fn(f64) -> Vec<i64>) -> Vec<String> {
        let letter = self.form.letter();
        let mut names = Vec::new();
        let mut name = |sort: &str, value: Option<f64>| {
            for band in value.map(&bands).unwrap_or_default() {
                names.push(format!("{letter}/{sort}/{band}"));
            }
        };
        match self.form {
            Form::Home => {
                for place in self.place_names() {
                    name(&place, self.area);
                }
            }
            Form::Car => {
                let year = self.year.unwrap_or(0);
                name(&format!("{year}"), self.mileage.map(f64::from));
            }
            Form::Job | Form::Goods | Form::Advert => {}
        }
        if let Some(words) = self.title_name() {
            names.push(format!("{letter}/t/{words:016x}"));
        }
        if self.form == Form::Job && !self.seller.is_empty() {
            names.push(format!("{letter}/s/{:016x}", hash(&self.seller)));
        }
        names
    }

    /// The cell of the map and the longest words of the place: a postcode or a street says more than a town.
    fn place_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::with_capacity(PLACES + 1);
        if let Some(at) = self.position {
            // Cells of about two kilometres. Two sides of a border miss each other unless words help.
            names.push(format!("{:.0},{:.0}", at.lat * 50.0, at.lon * 30.0));
        }
        let is_code = |word: &&String| is_number(word) && (4..=6).contains(&word.len());
        let mut words: Vec<&String> = self.place.iter().filter(|word| !is_number(word)).collect();
        words.sort_by_key(|word| (std::cmp::Reverse(word.chars().count()), *word));
        names.extend(self.place.iter().filter(is_code).chain(words).take(PLACES).cloned());
        names
    }

    /// The two words of the title with the smallest hashes: equal titles share them always, similar ones often.
    fn title_name(&self) -> Option<u64> {
        let mut hashes: Vec<u64> = self.title.iter().map(|word| hash(&[word])).collect();
        hashes.sort_unstable();
        match hashes.as_slice() {
            [first, second, ..] => Some(first ^ second.rotate_left(1)),
            _ => None,
        }
    }
}

/// The band of a positive number.
#[expect(clippy::cast_possible_truncation, reason = "logarithms are small")]
fn band(value: f64) -> i64 {
    (value.max(0.1).ln() / BAND).floor() as i64
}
