//! A pasted search address: what becomes of it, and what a person should know of that.
//!
//! ```text
//! "look: https://shop.example/s?maxPrice=900&utm_source=x&page=3#view=map"
//!    │ address            the first address in the text
//!    ▼ paste              the module that knows it: cleaned, newest first, paging and tracking gone
//! https://shop.example/s?maxPrice=900&sort=date  ─►  source: equal searches of all users are one
//!    + price_max = 900      the site filters by it
//!    + #view=map            ignored: no server ever sees what stands behind the #
//! ```
//!
//! A filter that the module does not know, but whose name says what it is (`min_price`, `priceTo`), is applied by us
//! as well: it stays in the address, and [`Pasted::filter`] makes sure of it.

mod names;

use sites::transform::currency;
use sites::transform::number::Decimal;
use sites::{Cleaned, Site};
use url::Url;

use super::filter::{Filter, Range};
use super::ids::SourceId;
use names::{Meaning, meaning, pairs};

/// Longest address, bytes.
const LONGEST: usize = 2_048;

/// Parts of an address that are told of at most.
const PARTS: usize = 30;

/// A search address made ready.
#[derive(Debug, Clone, PartialEq)]
pub struct Pasted {
    /// Id of the site module.
    pub site: String,
    /// Name of the site.
    pub name: String,
    /// Canonical address: equal searches have equal ones.
    pub url: Url,
    /// Whether the newest come first.
    pub newest: Newest,
    /// What the address filters by, and who sees to it.
    pub parts: Vec<Part>,
    /// What we filter by ourselves.
    pub filter: Filter,
}

/// Whether the newest offers come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newest {
    /// The address now says so.
    Forced,
    /// The site does so by itself.
    Always,
    /// The site does not offer it.
    Never,
}

/// A filter of the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// A word of the module (`price_max`), or the parameter's own name.
    pub name: String,
    /// Its value, as the address has it.
    pub value: String,
    /// Who sees to it.
    pub by: By,
}

/// Who sees to a filter of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// The site: the module knows what it means there.
    Site,
    /// We do: [`Pasted::filter`] has it.
    Us,
    /// It stays in the address, and nobody knows what it does.
    Kept,
    /// Nobody: it stands behind the `#`, where no server sees it.
    Nobody,
}

/// Why nothing can be made of what was pasted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasteError {
    /// There is no address in it.
    #[error("\"{0}\" is no complete address; copy it from the browser, with https://")]
    NoAddress(String),
    /// No module knows the host.
    #[error("no site module knows {host}; `magpie site list` shows the known ones")]
    UnknownSite {
        /// The host.
        host: String,
    },
    /// It is the page of a single offer.
    #[error(
        "{url} is a single offer of site {site}; open a search there and copy the address of its results"
    )]
    OneOffer {
        /// The address.
        url: String,
        /// Id of the site module.
        site: String,
    },
    /// It is another page of a known site.
    #[error(
        "{url} belongs to site {site} but is no search page that its module knows; open a search \
         there and copy its address"
    )]
    NoSearch {
        /// The address.
        url: String,
        /// Id of the site module.
        site: String,
    },
}

/// The first web address in a text.
pub fn address(text: &str) -> Result<Url, PasteError> {
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let mut words = text.split_whitespace().filter(|word| word.len() <= LONGEST);
    words.find_map(|word| Url::parse(word).ok().filter(is_web)).ok_or_else(|| {
        let shown: String = text.trim().chars().take(100).collect();
        PasteError::NoAddress(shown)
    })
}

/// All web addresses in a text, each once, in order. Signs that a sentence puts around them are none of theirs.
pub fn addresses(text: &str) -> Vec<Url> {
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let mut found: Vec<Url> = Vec::new();
    for word in text.split_whitespace().filter(|word| word.len() <= LONGEST) {
        let word = word.trim_start_matches(['(', '[', '<', '"', '\'', '«', '“', '„']);
        let word = word.trim_end_matches([')', ']', '>', '"', '\'', '»', '”', ',', ';', '!', '.']);
        if let Some(url) = Url::parse(word).ok().filter(is_web)
            && !found.contains(&url)
        {
            found.push(url);
        }
    }
    found
}

/// What becomes of an address; `site` is the module that claims it.
pub fn paste(site: Option<&Site>, url: &Url) -> Result<Pasted, PasteError> {
    let host = || url.host_str().unwrap_or_default().to_owned();
    let site = site.ok_or_else(|| PasteError::UnknownSite { host: host() })?;
    if !site.matches(url) {
        let (text, id) = (url.to_string(), site.id.clone());
        return Err(if site.is_detail(url) {
            PasteError::OneOffer { url: text, site: id }
        } else {
            PasteError::NoSearch { url: text, site: id }
        });
    }
    let cleaned = site.clean(url);
    let newest = match (site.newest_by_default(), cleaned.newest) {
        (true, _) => Newest::Always,
        (false, true) => Newest::Forced,
        (false, false) => Newest::Never,
    };
    let mut pasted = Pasted {
        site: site.id.clone(),
        name: site.name.clone(),
        url: cleaned.url.clone(),
        newest,
        parts: vec![],
        filter: Filter::default(),
    };
    pasted.tell_apart(&cleaned, url, &site.currency);
    Ok(pasted)
}

impl Pasted {
    /// The source that it is: the same for everybody who pastes an equal search.
    pub fn source(&self) -> SourceId {
        SourceId::of(&self.site, self.url.as_str())
    }

    /// What the search may be called: the site and the values it filters by.
    pub fn title(&self) -> String {
        let of_site = self.parts.iter().filter(|part| part.by == By::Site);
        let values: Vec<&str> = of_site.map(|part| part.value.as_str()).collect();
        if values.is_empty() {
            self.name.clone()
        } else {
            format!("{}: {}", self.name, values.join(", "))
        }
    }

    /// The parts that `by` sees to.
    pub fn parts_by(&self, by: By) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| part.by == by)
    }

    fn tell_apart(&mut self, cleaned: &Cleaned, pasted: &Url, currency: &str) {
        let of_site =
            cleaned.filters.iter().map(|(name, value)| (name.clone(), value.clone(), By::Site));
        self.parts.extend(of_site.map(|(name, value, by)| Part { name, value, by }));
        let sent: Vec<(String, String)> = cleaned
            .url
            .query_pairs()
            .filter(|(name, _)| cleaned.unknown.iter().any(|unknown| unknown == name))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let hidden = cleaned.unknown.iter().any(|name| name.starts_with('#'));
        let hidden = pasted.fragment().filter(|_| hidden).map(pairs).unwrap_or_default();
        for (all, otherwise) in [(sent, By::Kept), (hidden, By::Nobody)] {
            for (name, value) in all.into_iter().take(PARTS.saturating_sub(self.parts.len())) {
                let ours = meaning(&name).filter(|meaning| self.apply(*meaning, &value, currency));
                let by = if ours.is_some() { By::Us } else { otherwise };
                let name = ours.map_or(name, |meaning| meaning.word().to_owned());
                self.parts.push(Part { name, value, by });
            }
        }
        self.parts.sort_by_key(|part| part.by);
    }

    /// Takes a wish into our own filter, if the value can be read and does not contradict what is there.
    fn apply(&mut self, meaning: Meaning, value: &str, currency: &str) -> bool {
        let Some(number) = Decimal::plain(value.trim()).filter(|number| number.digits > 0) else {
            return false;
        };
        let filter = &mut self.filter;
        let Meaning(field, most) = meaning;
        if field == "price" {
            let Some(minor) = number.minor(currency::exponent(currency)) else { return false };
            let (mine, other) = if most {
                (&mut filter.max_price, filter.min_price)
            } else {
                (&mut filter.min_price, filter.max_price)
            };
            let contradicts =
                other.is_some_and(|other| if most { minor < other } else { minor > other });
            if mine.is_some() || contradicts {
                return false;
            }
            *mine = Some(minor);
            filter.currency = Some(currency.to_owned());
            return true;
        }
        let number = number.to_f64();
        let range: &mut Range = filter.ranges.entry(field.to_owned()).or_default();
        let (mine, other) =
            if most { (&mut range.max, range.min) } else { (&mut range.min, range.max) };
        let contradicts =
            other.is_some_and(|other| if most { number < other } else { number > other });
        if mine.is_some() || contradicts {
            return false;
        }
        *mine = Some(number);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = r#"
[site]
id = "shop"
name = "Shop"
hosts = ["shop.example"]
kind = "goods"
country = "de"
time_zone = "Europe/Berlin"
currency = "EUR"
[search]
match = '^https://shop\.example/s(\?|$)'
newest = { sort = "date" }
strip = ["page"]
filters = { q = "keywords", maxPrice = "price_max" }
[listing]
item = "li"
id = "@id"
url = "a@href"
title = "a"
[detail]
match = '^https://shop\.example/offer/\d+'
item = "html"
id = 'url | regex (\d+)'
url = "url"
title = "h1"
"#;

    fn shop() -> Site {
        Site::from_toml("shop/site.toml", MODULE).expect("a module")
    }

    fn pasted(text: &str) -> Result<Pasted, PasteError> {
        paste(Some(&shop()), &address(text)?)
    }

    fn told(pasted: &Pasted) -> Vec<(&str, &str, By)> {
        pasted.parts.iter().map(|part| (part.name.as_str(), part.value.as_str(), part.by)).collect()
    }

    #[test]
    fn everybody_who_pastes_an_equal_search_gets_the_same_source() {
        let one =
            pasted("https://shop.example/s?q=rad&maxPrice=900&page=3&utm_source=x").expect("good");
        let other =
            pasted("look: https://shop.example/s?maxPrice=900&sort=up&q=rad#top !").expect("good");
        assert_eq!(one.url.as_str(), "https://shop.example/s?maxPrice=900&q=rad&sort=date");
        assert_eq!((one.source(), one.newest), (other.source(), Newest::Forced));
        assert_eq!(told(&one), [("keywords", "rad", By::Site), ("price_max", "900", By::Site)]);
        assert_eq!(one.title(), "Shop: rad, 900");
        assert_eq!(one.filter, Filter::default());
        let another = pasted("https://shop.example/s?q=rad").expect("good");
        assert_ne!(one.source(), another.source());
    }

    #[test]
    fn all_addresses_of_a_sentence_are_found_without_its_signs() {
        let text = "Look (https://a.example/s?q=1), «https://b.example/x»! https://a.example/s?q=1. \
                    ftp://c.example/ d.example/s mailto:a@b.example https://";
        let found: Vec<String> = addresses(text).iter().map(Url::to_string).collect();
        assert_eq!(found, ["https://a.example/s?q=1", "https://b.example/x"]);
        assert_eq!(addresses("no address here"), []);
    }

    #[test]
    fn each_filter_is_told_with_who_sees_to_it() {
        let all = "https://shop.example/s?q=rad&price_from=100.50&rooms[max]=3&colour=red#/?priceTo=900&view=map";
        let all = pasted(all).expect("good");
        assert_eq!(
            told(&all),
            [
                ("keywords", "rad", By::Site),
                ("price_min", "100.50", By::Us),
                ("rooms_max", "3", By::Us),
                ("price_max", "900", By::Us),
                ("colour", "red", By::Kept),
                ("view", "map", By::Nobody),
            ]
        );
        let Filter { min_price, max_price, currency, ranges, .. } = &all.filter;
        assert_eq!(
            (*min_price, *max_price, currency.as_deref()),
            (Some(10_050), Some(90_000), Some("EUR"))
        );
        assert_eq!(ranges["rooms"], Range { min: None, max: Some(3.0) });
        assert_eq!(all.filter.check(), []);
    }

    #[test]
    fn what_cannot_be_read_or_contradicts_is_not_applied() {
        for query in
            ["price_from=low", "price_from=-5", "price_from=0", "price_range=5", "sqftareamax=5x"]
        {
            let pasted = pasted(&format!("https://shop.example/s?{query}")).expect("good");
            assert_eq!(pasted.filter, Filter::default(), "{query}");
            assert!(pasted.parts.iter().all(|part| part.by == By::Kept), "{query}");
        }
        let odd = pasted("https://shop.example/s?price_from=900&price_to=100").expect("good");
        assert_eq!((odd.filter.min_price, odd.filter.max_price), (Some(90_000), None));
    }

    #[test]
    fn what_is_no_search_is_refused_with_what_to_do() {
        let error = |text: &str| pasted(text).expect_err(text).to_string();
        assert!(error("shop.example/s").contains("with https://"));
        assert!(error("ftp://shop.example/s").contains("with https://"));
        assert!(
            error(&format!("https://shop.example/s?q={}", "x".repeat(LONGEST)))
                .contains("no complete")
        );
        assert!(error("https://shop.example/offer/7").contains("a single offer"));
        assert!(error("https://shop.example/help").contains("no search page"));
        let url = address("https://elsewhere.example/").expect("an address");
        let error = paste(None, &url).expect_err("unknown").to_string();
        assert!(
            error.contains("elsewhere.example") && error.contains("magpie site list"),
            "{error}"
        );
    }
}
