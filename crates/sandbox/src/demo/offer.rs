//! One offer of the demo sites.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// One of the two sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Site {
    /// Second-hand goods.
    Goods,
    /// Flats to rent.
    Homes,
}

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A thing with wheels, strings, a lens, …
    Thing(Thing),
    /// A house with so many rooms.
    House(u8),
}

/// Kinds of goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A bicycle.
    Bike,
    /// A lamp.
    Lamp,
    /// A sofa.
    Sofa,
    /// A camera.
    Camera,
    /// A guitar.
    Guitar,
    /// A plant in a pot.
    Plant,
}

/// Whether an offer can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can.
    Open,
    /// Promised to somebody: it is listed, and marked.
    Reserved,
    /// Sold: its own page says so, no list shows it.
    Sold,
}

/// What is rewritten in an offer; what is not named stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Rewrite {
    /// Its title.
    pub title: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// Its place.
    pub place: Option<String>,
    /// Its area, square metres.
    pub area: Option<i64>,
    /// Its rooms.
    pub rooms: Option<i64>,
}

/// One offer.
#[derive(Clone, Debug)]
pub struct Offer {
    /// `g-1001` or `h-2001`.
    pub id: String,
    /// Where it is offered.
    pub site: Site,
    /// Title.
    pub title: String,
    /// A few sentences.
    pub text: String,
    /// Price in minor units (cents).
    pub minor: i64,
    /// City, and for homes the district.
    pub place: String,
    /// Who offers it.
    pub seller: String,
    /// When it was published.
    pub posted: Millis,
    /// Area in square metres; 0 for goods.
    pub area: i64,
    /// Rooms; 0 for goods.
    pub rooms: i64,
    /// What its picture shows.
    pub subject: Subject,
    /// Whether it can be had.
    pub standing: Standing,
}

impl Offer {
    /// Rewrites what is named.
    pub fn rewrite(&mut self, new: Rewrite) {
        let text = |old: &mut String, new: Option<String>| {
            if let Some(new) = new {
                *old = new;
            }
        };
        text(&mut self.title, new.title);
        text(&mut self.text, new.text);
        text(&mut self.place, new.place);
        self.area = new.area.unwrap_or(self.area);
        self.rooms = new.rooms.unwrap_or(self.rooms);
    }
}
