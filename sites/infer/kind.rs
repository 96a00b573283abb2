//! What kind of things a page lists: guessed from the words and units of its offers and its address.

use crate::listing::Listing;
use crate::site::Kind;

/// Words by kind, in several languages; a word counts where it begins a word of the text.
const WORDS: [(Kind, &[&str]); 4] = [
    (
        Kind::Home,
        &[
            "m²",
            "m2",
            "qm",
            "sq ft",
            "sqft",
            "zimmer",
            "wohnung",
            "haus",
            "miete",
            "apartment",
            "flat",
            "bedroom",
            "house",
            "appartement",
            "maison",
            "pièces",
            "piso",
            "casa",
            "habitaci",
            "quarto",
            "apartamento",
            "mieszkanie",
            "pokoje",
            "pokój",
            "kamer",
            "woning",
            "huis",
            "lägenhet",
            "rum",
            "bolig",
            "leilighet",
            "immobil",
            "real-estate",
            "realestate",
            "property",
            "rent",
            "квартир",
            "комнат",
            "дом",
            "マンション",
            "一戸建",
            "landarea",
            "間取",
            "villa",
        ],
    ),
    (
        Kind::Car,
        &[
            "km",
            "mileage",
            "ps",
            "kw",
            "hp",
            "diesel",
            "benzin",
            "petrol",
            "automatik",
            "automatic",
            "erstzulassung",
            "ez",
            "kilom",
            "gearbox",
            "autos",
            "cars",
            "vehicle",
            "fahrzeug",
            "voiture",
            "coche",
            "carro",
            "samoch",
            "автомоб",
            "пробег",
            "bil",
            "tdi",
            "tsi",
            "hybrid",
            "suv",
            "limousine",
            "kombi",
        ],
    ),
    (
        Kind::Job,
        &[
            "m/w/d",
            "w/m/d",
            "m/f/d",
            "salary",
            "gehalt",
            "vollzeit",
            "teilzeit",
            "full-time",
            "part-time",
            "job",
            "stelle",
            "vacanc",
            "career",
            "karriere",
            "emploi",
            "empleo",
            "vaga",
            "praca",
            "engineer",
            "manager",
            "developer",
            "researcher",
            "postdoc",
            "entwickler",
            "ваканс",
            "зарплат",
            "gmbh",
            "homeoffice",
            "remote",
        ],
    ),
    (
        Kind::Goods,
        &[
            "add to cart",
            "in den warenkorb",
            "warenkorb",
            "basket",
            "cart",
            "sku",
            "product",
            "produkt",
            "produit",
            "producto",
            "produto",
            "category",
            "kategorie",
            "shop",
            "stock",
            "lieferbar",
            "auf lager",
            "kg",
            "ml",
            "liter",
            "pack",
            "versand",
        ],
    ),
];

/// Types of schema.org that say it outright.
const TYPES: [(Kind, &[&str]); 4] = [
    (
        Kind::Home,
        &["Apartment", "House", "Residence", "RealEstateListing", "SingleFamilyResidence"],
    ),
    (Kind::Car, &["Car", "Vehicle", "MotorizedBicycle"]),
    (Kind::Job, &["JobPosting"]),
    (Kind::Goods, &["Product"]),
];

/// Guesses the kind; small advertisements of all kinds when nothing speaks for another.
///
/// `texts` are the printed texts of some offers, `types` the types of structured data on the page.
pub(super) fn kind(
    address: &str,
    listings: &[Listing],
    texts: &[String],
    types: &[String],
) -> Kind {
    let address = address.to_lowercase();
    let titles = listings.iter().take(30).map(|l| l.title.to_lowercase());
    let all: Vec<String> = titles.chain(texts.iter().map(|t| t.to_lowercase())).collect();
    let score = |kind: Kind, words: &[&str]| {
        let shares = words.iter().map(|word| {
            let hits = all.iter().filter(|text| has_word(text, word)).count();
            super::ratio(hits, all.len()).min(0.5)
        });
        let named = words.iter().any(|word| word.len() > 2 && has_word(&address, word));
        let typed = TYPES.iter().any(|(k, names)| {
            *k == kind && names.iter().any(|name| types.iter().any(|t| t == name))
        });
        // Shops and small advertisements alike mark what they sell as products.
        let typed = if !typed {
            0.0
        } else if kind == Kind::Goods {
            0.3
        } else {
            1.0
        };
        shares.sum::<f64>() + if named { 0.6 } else { 0.0 } + typed
    };
    let scored = WORDS.iter().map(|(kind, words)| (score(*kind, words), *kind));
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.filter(|(score, _)| *score >= 0.5).map_or(Kind::Classified, |(_, kind)| kind)
}

/// The word of a module for a kind.
pub(super) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Home => "home",
        Kind::Classified => "classified",
        Kind::Car => "car",
        Kind::Job => "job",
        Kind::Goods => "goods",
    }
}

/// Whether a text holds a word: whole when it is short, else its beginning.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let behind = text[at + word.len()..].chars().next();
        let starts = before.is_none_or(|c| !c.is_alphabetic()) || !word.is_ascii();
        let ends = behind.is_none_or(|c| !c.is_alphabetic());
        starts && (ends || word.chars().count() > 4)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(address: &str, titles: &[&str], texts: &[&str]) -> Kind {
        let listings: Vec<Listing> =
            titles.iter().map(|t| Listing::new("1", address, *t)).collect();
        let texts: Vec<String> = texts.iter().map(|t| (*t).to_owned()).collect();
        kind(address, &listings, &texts, &[])
    }

    #[test]
    fn units_and_words_tell_the_kind() {
        let flat = ["3 Zimmer, 78 m², 1.200 €", "2 Zimmer, 54,5 m², 890 €"];
        assert_eq!(of("https://x.example/suche", &["Hell am Park", "Ruhig"], &flat), Kind::Home);
        let car = ["45.000 km, Diesel, 110 kW", "12.500 km, Benzin, 90 kW"];
        assert_eq!(of("https://x.example/l", &["Golf 2.0 TDI", "Polo"], &car), Kind::Car);
        let job = ["Vollzeit, Berlin", "Teilzeit, Hamburg"];
        assert_eq!(
            of("https://x.example/q", &["Entwickler (m/w/d)", "Koch (m/w/d)"], &job),
            Kind::Job
        );
        assert_eq!(of("https://x.example/q", &["Old lamp", "Chair"], &["Leeds"]), Kind::Classified);
    }
}
