//! A listing as filters look at it: its texts folded once and shared by all filters that judge it.

use sites::transform::{currency, number};
use sites::{Listing, Position};

use super::SellerKind;
use super::fold::{fold, words};
use super::seller::seller_kind;

/// What is known of a listing, prepared for many filters.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    site: &'a str,
    listing: &'a Listing,
    text: String,
    title: usize,
    printed: String,
    place: Option<String>,
    seller: Option<SellerKind>,
}

impl<'a> Facts<'a> {
    /// Of a listing of the module `site`.
    pub fn new(site: &'a str, listing: &'a Listing) -> Self {
        let mut text = fold(&listing.title);
        let title = text.len();
        let mut printed = listing.title.clone();
        if let Some(description) = &listing.description {
            text.push('\n');
            text.push_str(&fold(description));
            printed.push('\n');
            printed.push_str(description);
        }
        let place = listing.location.as_deref().map(words).filter(|place| !place.is_empty());
        Self { site, listing, text, title, printed, place, seller: seller_kind(listing) }
    }

    /// Id of the site module.
    pub fn site(&self) -> &'a str {
        self.site
    }

    /// The listing itself.
    pub fn listing(&self) -> &'a Listing {
        self.listing
    }

    /// Title and description, folded, a line each.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The title, folded.
    pub fn title(&self) -> &str {
        &self.text[..self.title]
    }

    /// The description, folded, if there is one.
    pub fn description(&self) -> Option<&str> {
        self.text.get(self.title + 1..)
    }

    /// Title and description as printed, a line each: regular expressions look at these.
    pub fn printed(&self) -> &str {
        &self.printed
    }

    /// The words of the printed place as [`words`] has them.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// The point on the earth.
    pub fn position(&self) -> Option<Position> {
        self.listing.position
    }

    /// Who offers it.
    pub fn seller(&self) -> Option<SellerKind> {
        self.seller
    }

    /// The price in minor units. One in another currency than the one asked for is not known.
    pub fn price(&self, asked: Option<&str>) -> Option<i64> {
        let price = self.listing.price.as_ref()?;
        let same = asked.is_none_or(|asked| asked.eq_ignore_ascii_case(&price.currency));
        same.then_some(price.minor)
    }

    /// A number by field: `price` and `price_per_m2` in minor units, `area` in m², `rooms`, or what an attribute
    /// prints ([`number_of`]), by its name or its name folded.
    pub fn number(&self, field: &str, asked: Option<&str>) -> Option<f64> {
        match field {
            "price" => self.price(asked).map(as_float),
            "area" => self.area(),
            "rooms" => self.listing.rooms.filter(|rooms| rooms.is_finite()),
            "price_per_m2" => {
                Some(as_float(self.price(asked)?) / self.area().filter(|area| *area > 0.0)?)
            }
            name => number_of(name, self.attribute(name)?),
        }
    }

    /// What [`Self::number`] says, with money in whole units (euros, not cents).
    pub fn amount(&self, field: &str, asked: Option<&str>) -> Option<f64> {
        let number = self.number(field, asked)?;
        if !is_money(field) {
            return Some(number);
        }
        let code = &self.listing.price.as_ref()?.currency;
        Some(number / 10f64.powi(i32::try_from(currency::exponent(code)).ok()?))
    }

    /// An attribute by its name, or by its name folded.
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        let attributes = &self.listing.attributes;
        if let Some(value) = attributes.get(name) {
            return Some(value);
        }
        let name = fold(name);
        attributes.iter().find(|(known, _)| fold(known) == name).map(|(_, value)| value.as_str())
    }

    fn area(&self) -> Option<f64> {
        self.listing.area.map(|area| area.0).filter(|area| area.is_finite())
    }
}

/// Whether a field is an amount of money.
pub fn is_money(field: &str) -> bool {
    matches!(field, "price" | "price_per_m2")
}

/// The number that an attribute prints: the first of its text, whatever marks it is written with (`85.000 km`,
/// `85 000`, `1,5`). A field called `year` is the first number of four digits that can be one (`05/2019`).
pub fn number_of(field: &str, text: &str) -> Option<f64> {
    let found = number::scan(&number::fold(text), number::Marks::default());
    let mut numbers = found.iter().map(|token| token.value.to_f64()).filter(|n| n.is_finite());
    if field == "year" {
        return numbers.find(|year| (1_800.0..2_200.0).contains(year) && year.fract() == 0.0);
    }
    numbers.next()
}

#[expect(clippy::cast_precision_loss, reason = "prices beyond 2^53 minor units are no prices")]
fn as_float(minor: i64) -> f64 {
    minor as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use sites::{Area, Money};

    fn listing() -> Listing {
        let mut listing = Listing::new("1", "https://example.com/1", "Größe Wohnung");
        listing.description = Some("Mit BALKON".into());
        listing.price = Some(Money { minor: 90_010, currency: "EUR".into() });
        listing.area = Some(Area(50.0));
        for (name, value) in
            [("mileage", "85.000 km"), ("year", "EZ 05/2019"), ("Fläche", "1,5 ha")]
        {
            listing.attributes.insert(name.into(), value.into());
        }
        listing
    }

    #[test]
    fn texts_are_folded_once() {
        let listing = listing();
        let facts = Facts::new("demo", &listing);
        assert_eq!((facts.title(), facts.description()), ("grosse wohnung", Some("mit balkon")));
        assert_eq!(facts.printed(), "Größe Wohnung\nMit BALKON");
        let bare = Listing::new("1", "https://example.com/1", "X");
        assert_eq!(Facts::new("demo", &bare).description(), None);
    }

    #[test]
    fn numbers_are_read_however_they_are_written() {
        let listing = listing();
        let facts = Facts::new("demo", &listing);
        assert_eq!(facts.number("mileage", None), Some(85_000.0));
        assert_eq!(facts.number("year", None), Some(2_019.0));
        assert_eq!(facts.number("flache", None), Some(1.5));
        assert_eq!(facts.number("doors", None), None);
        assert_eq!(facts.number("price_per_m2", None), Some(1_800.2));
        assert_eq!(facts.amount("price", None), Some(900.1));
        assert_eq!(facts.price(Some("eur")), Some(90_010));
        assert_eq!(facts.number("price_per_m2", Some("USD")), None, "dollars were asked for");
    }
}
