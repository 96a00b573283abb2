//! Private person or dealer: what a listing says of its seller.
//!
//! A module that reads it puts `private` or `dealer` into the attribute `seller_kind`. Where none does, the printed
//! seller may say it: by a word for the kind (`Privat`, `gewerblich`), or by the legal form in a firm's name.
//! A name alone says nothing.

use sites::Listing;

use super::SellerKind;
use super::fold::words;

/// The attribute in which a module says it.
pub const ATTRIBUTE: &str = "seller_kind";

/// Words for a private person, folded.
const PRIVATE: [&str; 17] = [
    " private ",
    " privat ",
    " privately ",
    " privatanbieter ",
    " privatanzeige ",
    " particulier ",
    " particulieren ",
    " particular ",
    " privato ",
    " prywatne ",
    " prywatny ",
    " osoba prywatna ",
    " privatperson ",
    " by owner ",
    " частное лицо ",
    " приватна особа ",
    " собственник ",
];

/// Words for a dealer, and legal forms, folded.
const DEALER: [&str; 42] = [
    " dealer ",
    " dealership ",
    " agency ",
    " agent ",
    " realtor ",
    " broker ",
    " brokers ",
    " makler ",
    " haendler ",
    " handler ",
    " gewerblich ",
    " gewerblicher ",
    " immobilien ",
    " hausverwaltung ",
    " agence ",
    " agencia ",
    " inmobiliaria ",
    " immobiliare ",
    " makelaar ",
    " makelaardij ",
    " biuro ",
    " posrednik ",
    " company ",
    " gmbh ",
    " ag ",
    " kg ",
    " ohg ",
    " ug ",
    " ltd ",
    " llc ",
    " inc ",
    " plc ",
    " sarl ",
    " sas ",
    " srl ",
    " bv ",
    " sp z o o ",
    " агентство ",
    " агенство ",
    " тов ",
    " ооо ",
    " риелтор ",
];

impl SellerKind {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Dealer => "dealer",
        }
    }

    /// The kind of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Private, Self::Dealer].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Who offers a listing, if it says so.
pub fn seller_kind(listing: &Listing) -> Option<SellerKind> {
    let stated = listing.attributes.get(ATTRIBUTE).map(|word| word.trim().to_lowercase());
    if let Some(kind) = stated.as_deref().and_then(SellerKind::from_word) {
        return Some(kind);
    }
    let printed = words(listing.seller.as_deref()?);
    let says = |kinds: &[&str]| kinds.iter().any(|kind| printed.contains(kind));
    match (says(&PRIVATE), says(&DEALER)) {
        (true, false) => Some(SellerKind::Private),
        (false, true) => Some(SellerKind::Dealer),
        // "Private brokers Ltd": the words do not agree.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(seller: Option<&str>, stated: Option<&str>) -> Option<SellerKind> {
        let mut listing = Listing::new("1", "https://example.com/1", "Bike");
        listing.seller = seller.map(str::to_owned);
        let stated = stated.map(|word| (ATTRIBUTE.to_owned(), word.to_owned()));
        listing.attributes.extend(stated);
        seller_kind(&listing)
    }

    #[test]
    fn the_module_counts_before_the_printed_words() {
        assert_eq!(of(Some("Haus & Hof GmbH"), Some("private")), Some(SellerKind::Private));
        assert_eq!(of(None, Some("Dealer")), Some(SellerKind::Dealer));
        assert_eq!(of(Some("Privat"), Some("whatever")), Some(SellerKind::Private));
    }

    #[test]
    fn a_legal_form_is_a_dealer_and_a_name_is_nobody_yet() {
        for name in
            ["Haus & Hof GmbH", "Händler", "Biuro Dom Sp. z o.o.", "ТОВ «Оселя»", "Acme Ltd."]
        {
            assert_eq!(of(Some(name), None), Some(SellerKind::Dealer), "{name}");
        }
        assert_eq!(of(Some("Частное лицо"), None), Some(SellerKind::Private));
        for name in ["Anna", "Agnes", "Private brokers Ltd", ""] {
            assert_eq!(of(Some(name), None), None, "{name}");
        }
        assert_eq!(of(None, None), None);
    }
}
