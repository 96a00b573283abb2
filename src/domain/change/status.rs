//! Whether a listing can still be had, as its page says.

use sites::Listing;

/// The attribute that says whether an offer can be had, and if not, why: a word of the module (`sold`, `reserved`,
/// …), `removed` where the site says that there is no such page, or `offered` where a page that marks reserved
/// offers does not mark this one.
pub const STATE: &str = "state";

/// What a page says about an offer being to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is.
    Offered,
    /// Promised to somebody.
    Reserved,
    /// Sold, or let.
    Sold,
    /// It is not there any more, nobody says why.
    Removed,
}

impl Status {
    /// The status behind a module's word; one that we do not know means that the offer is not there any more.
    pub fn of_word(word: &str) -> Self {
        match word {
            "offered" => Self::Offered,
            "reserved" => Self::Reserved,
            "sold" | "rented" | "let" => Self::Sold,
            _ => Self::Removed,
        }
    }

    /// What the page of this reading says; `None`: nothing.
    pub fn stated(listing: &Listing) -> Option<Self> {
        listing.attributes.get(STATE).map(|word| Self::of_word(word))
    }

    /// Whether the offer is not to be had any more.
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Sold | Self::Removed)
    }
}
