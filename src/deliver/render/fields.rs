//! What a template may say about a listing: a closed set of fields, each a text in the reader's language or
//! unknown. Pure.
//!
//! Values from a page are foreign: cleaned, cut, on one line. Numbers and dates are written by us.

use sites::{Listing, Money};
use url::Url;

use super::wording::{Farewell, farewell, headline, rooms_text, words};
use crate::domain::change::{FieldChange, Status};
use crate::domain::delivery::Latest;
use crate::domain::{Change, ChangeKind, Language};
use crate::texts::builder::{clean, cut, web_address};
use crate::texts::money::{measure, moment, money, per_square_metre, percentage};
use crate::texts::things::also;
use crate::texts::{Value, plain, say};

/// Longest title that is shown, UTF-16 units: all other lines must still fit into a caption.
const TITLE_UNITS: usize = 250;

/// Longest other foreign value, UTF-16 units.
pub(super) const WORDS_UNITS: usize = 80;

/// Edited fields that are told.
const EDITS: usize = 4;

/// Longest description, UTF-16 units.
const DESCRIPTION_UNITS: usize = 200;

/// A value that a template can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// What happened, and what has happened since.
    Headline,
    /// The title.
    Title,
    /// The asking price, or what the page prints instead.
    Price,
    /// The same for jobs: what the page prints, which may be a range, or the amount.
    Salary,
    /// The price before, when it is another one.
    Before,
    /// The change of the price in per cent, with its sign.
    Percent,
    /// The price of a square metre.
    PerArea,
    /// Which values were edited, before and after, one line each.
    Changes,
    /// The place as printed.
    Place,
    /// Living area.
    Area,
    /// Number of rooms.
    Rooms,
    /// When it was published.
    Posted,
    /// The seller.
    Seller,
    /// The beginning of the description.
    Description,
    /// Host of the listing's address.
    Site,
    /// Where else the same thing is offered, or that it was offered before.
    Also,
    /// Who offers the job.
    Company,
    /// A value that several sites have under several names.
    Common(Common),
    /// A value by the name that the site's module gives it.
    Attribute(String),
}

/// Values that have many names on pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Common {
    /// Floor of a home.
    Floor,
    /// Year of a car.
    Year,
    /// What a car has run.
    Mileage,
    /// What a car burns.
    Fuel,
    /// Gearbox of a car.
    Gearbox,
    /// Kind of a job's contract.
    Contract,
    /// What a job asks for.
    Experience,
    /// New or used.
    Condition,
}

impl Field {
    /// Fields by name.
    pub const NAMES: [(&'static str, Self); 25] = [
        ("headline", Self::Headline),
        ("title", Self::Title),
        ("price", Self::Price),
        ("salary", Self::Salary),
        ("before", Self::Before),
        ("percent", Self::Percent),
        ("per_area", Self::PerArea),
        ("changes", Self::Changes),
        ("place", Self::Place),
        ("area", Self::Area),
        ("rooms", Self::Rooms),
        ("posted", Self::Posted),
        ("seller", Self::Seller),
        ("description", Self::Description),
        ("site", Self::Site),
        ("also", Self::Also),
        ("company", Self::Company),
        ("floor", Self::Common(Common::Floor)),
        ("year", Self::Common(Common::Year)),
        ("mileage", Self::Common(Common::Mileage)),
        ("fuel", Self::Common(Common::Fuel)),
        ("gearbox", Self::Common(Common::Gearbox)),
        ("contract", Self::Common(Common::Contract)),
        ("experience", Self::Common(Common::Experience)),
        ("condition", Self::Common(Common::Condition)),
    ];

    /// The field of a name; `attr.NAME` is a value of the site's module.
    pub fn from_name(name: &str) -> Option<Self> {
        if let Some(attribute) = name.strip_prefix("attr.").filter(|name| !name.is_empty()) {
            return Some(Self::Attribute(attribute.to_owned()));
        }
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, field)| field.clone())
    }
}

impl Common {
    /// Names of the value on the pages of sites, lower case.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Floor => &["floor", "etage", "stockwerk", "piętro", "piso", "поверх", "этаж"],
            Self::Year => {
                &["year", "erstzulassung", "baujahr", "rok produkcji", "ano", "årsmodell"]
            }
            Self::Mileage => {
                &["mileage", "kilometerstand", "przebieg", "quilometragem", "kilometer", "пробіг"]
            }
            Self::Fuel => {
                &["fuel", "kraftstoff", "kraftstoffart", "brandstof", "paliwo", "drivstoff"]
            }
            Self::Gearbox => {
                &["gearbox", "transmission", "getriebe", "transmissie", "girkasse", "câmbio"]
            }
            Self::Contract => &["contract", "employment", "schedule", "arbeitszeit", "vertrag"],
            Self::Experience => &["experience", "erfahrung", "опыт", "досвід"],
            Self::Condition => &["condition", "zustand", "stan", "tilstand", "estado", "conditie"],
        }
    }
}

/// What is known when a change is told: the change, and the listing as it is now.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    change: &'a Change,
    /// Something later than the change, if there is.
    later: Option<&'a Latest>,
    language: Language,
}

impl<'a> Facts<'a> {
    /// What is known of `change` and of the listing now.
    pub fn new(change: &'a Change, latest: Option<&'a Latest>, language: Language) -> Self {
        let later = latest.filter(|latest| latest.version > change.version);
        Self { change, later, language }
    }

    /// The listing as it is now.
    pub fn listing(&self) -> &'a Listing {
        self.later.map_or(&self.change.listing, |later| &later.listing)
    }

    /// Id of its site.
    pub fn site_id(&self) -> &'a str {
        &self.change.key.site
    }

    /// Its address, if it may be linked.
    pub fn link(&self) -> Option<Url> {
        web_address(&self.listing().url)
    }

    /// Version of the listing that is shown.
    pub fn version(&self) -> i64 {
        self.later.map_or(self.change.version, |later| later.version)
    }

    /// The value of a field, never empty.
    pub fn value(&self, field: &Field) -> Option<String> {
        let (listing, language) = (self.listing(), self.language);
        let text = match field {
            Field::Headline => self.headline(),
            Field::Title => match cut(&clean(&listing.title), TITLE_UNITS) {
                empty if empty.is_empty() => plain(language, "deliver-untitled"),
                title => title,
            },
            Field::Price => self.price()?,
            Field::Salary => {
                listing.price_text.as_deref().and_then(words).or_else(|| self.price())?
            }
            Field::Before => money(self.before()?, language),
            Field::Percent => percentage(self.before()?, listing.price.as_ref()?, language)?,
            Field::PerArea => {
                let metre = per_square_metre(listing.price.as_ref()?, listing.area?.0)?;
                let amount = money(&metre, language);
                say(language, "deliver-per-metre", &[("price", Value::Text(&amount))])
            }
            Field::Changes => self.changes()?,
            Field::Place => listing.location.as_deref().and_then(words)?,
            Field::Area => {
                let area = measure(listing.area?.0, language)?;
                say(language, "deliver-area", &[("area", Value::Text(&area))])
            }
            Field::Rooms => rooms_text(listing.rooms?, language)?,
            Field::Posted => {
                let at = moment(listing.posted_at?, language);
                say(language, "deliver-posted", &[("at", Value::Text(&at))])
            }
            Field::Seller => listing.seller.as_deref().and_then(words)?,
            Field::Description => cut(&clean(listing.description.as_deref()?), DESCRIPTION_UNITS),
            Field::Site => self.site(),
            Field::Also => also(self.change.same_as.as_ref()?, self.language),
            Field::Company => self
                .attribute(&["company", "employer", "firma", "arbeitgeber", "компания"])
                .or_else(|| listing.seller.as_deref().and_then(words))?,
            Field::Common(common) => self.common(*common)?,
            Field::Attribute(name) => words(listing.attributes.get(name)?)?,
        };
        (!text.is_empty()).then_some(text)
    }

    /// What happened, and what has happened since it was written down.
    fn headline(&self) -> String {
        let first = plain(self.language, headline(self.change));
        match self.meanwhile() {
            Some(key) => format!("{first} — {}", plain(self.language, key)),
            None => first,
        }
    }

    fn meanwhile(&self) -> Option<&'static str> {
        let later = self.later?;
        let ended = self.change.kind.ends();
        if later.gone {
            return (self.change.kind != ChangeKind::Gone).then(|| {
                match farewell(&later.listing) {
                    Farewell::Sold => "deliver-meanwhile-sold",
                    Farewell::Let => "deliver-meanwhile-let",
                    Farewell::Removed => "deliver-meanwhile-gone",
                }
            });
        }
        if Status::stated(&later.listing) == Some(Status::Reserved) {
            return (!ended).then_some("deliver-meanwhile-reserved");
        }
        if ended {
            return Some("deliver-meanwhile-back");
        }
        let (before, now) = (self.change.listing.price.as_ref()?, later.listing.price.as_ref()?);
        if before.currency != now.currency {
            return None;
        }
        match now.minor.cmp(&before.minor) {
            std::cmp::Ordering::Less => Some("deliver-meanwhile-cheaper"),
            std::cmp::Ordering::Greater => Some("deliver-meanwhile-dearer"),
            std::cmp::Ordering::Equal => None,
        }
    }

    fn price(&self) -> Option<String> {
        let listing = self.listing();
        match &listing.price {
            Some(price) => Some(money(price, self.language)),
            None => listing.price_text.as_deref().and_then(words),
        }
    }

    /// The price before, when it is the news: that of the change, or that which has moved since.
    fn before(&self) -> Option<&'a Money> {
        let now = self.listing().price.as_ref()?;
        let moved = |before: &&Money| *before != now;
        let since = self.later.and(self.change.listing.price.as_ref()).filter(moved);
        since.or_else(|| {
            let is_news = self.change.kind.is_price();
            self.change.price_before.as_ref().filter(|_| is_news).filter(moved)
        })
    }

    /// The edited fields, each with its value before and after.
    fn changes(&self) -> Option<String> {
        let lines: Vec<String> =
            self.change.fields.iter().filter_map(|field| self.edited(field)).take(EDITS).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn edited(&self, change: &FieldChange) -> Option<String> {
        let key = match change.name.as_str() {
            "title" => "deliver-field-title",
            "area" => "deliver-field-area",
            "rooms" => "deliver-field-rooms",
            "location" => "deliver-field-location",
            "seller" => "deliver-field-seller",
            _ => return None,
        };
        let shown = |value: &str| match (change.name.as_str(), value.parse()) {
            ("area", Ok(area)) => {
                let area = measure(area, self.language)?;
                Some(say(self.language, "deliver-area", &[("area", Value::Text(&area))]))
            }
            ("rooms", Ok(rooms)) => measure(rooms, self.language),
            _ => words(value),
        };
        let (before, now) = (shown(&change.before)?, shown(&change.after)?);
        let field = plain(self.language, key);
        let values = [
            ("field", Value::Text(&field)),
            ("before", Value::Text(&before)),
            ("now", Value::Text(&now)),
        ];
        Some(say(self.language, "deliver-edited-line", &values))
    }

    fn common(&self, common: Common) -> Option<String> {
        let value = self.attribute(common.names())?;
        let bare_number = value.chars().all(|letter| letter.is_ascii_digit());
        Some(match common {
            // A bare number says nothing without its word or unit.
            Common::Floor if bare_number => {
                say(self.language, "deliver-floor", &[("floor", Value::Text(&value))])
            }
            Common::Mileage if bare_number => {
                let run = value.parse().ok().and_then(|run| measure(run, self.language))?;
                say(self.language, "deliver-mileage", &[("run", Value::Text(&run))])
            }
            _ => value,
        })
    }

    /// The first attribute of one of these names, whatever their case.
    fn attribute(&self, names: &[&str]) -> Option<String> {
        let attributes = &self.listing().attributes;
        names.iter().find_map(|name| {
            let exact = attributes.get(*name);
            let alike = || attributes.iter().find(|(key, _)| key.to_lowercase() == **name);
            words(exact.or_else(|| alike().map(|(_, value)| value))?)
        })
    }

    fn site(&self) -> String {
        let link = self.link();
        let host = link.as_ref().and_then(Url::host_str).unwrap_or(&self.change.key.site);
        cut(&clean(host.strip_prefix("www.").unwrap_or(host)), WORDS_UNITS)
    }
}
