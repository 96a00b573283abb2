//! What the demo sites offer: made up from a seed, one offer after another.

use super::control::Failure;
use super::homes::Api;
pub use super::offer::{Offer, Rewrite, Site, Standing, Subject, Thing};
use crate::clock::Millis;

/// Offers on a results page.
pub const PAGE: usize = 30;
/// Offers that are kept on both sites together; beyond that the oldest goes.
const MOST: usize = 4_000;
/// Offers that are there from the start.
const FIRST: i64 = 34;

/// All offers of both sites.
#[derive(Debug)]
pub struct Catalogue {
    offers: Vec<Offer>,
    random: u64,
    goods: i64,
    homes: i64,
    /// Publishes by itself.
    pub auto: bool,
    /// Which markup the sites use: 1 or 2.
    pub layout: u8,
    /// How the endpoint of the homes site behaves.
    pub api: Api,
    /// Grows with every change; the validator of conditional requests.
    pub version: u64,
    /// When something changed last.
    pub changed: Millis,
    failures: [Option<Failure>; 2],
}

const GOODS: [(Thing, [&str; 4], i64); 6] = [
    (
        Thing::Bike,
        ["Road bike, steel frame", "City bike with basket", "Gravel bike, 54 cm", "Folding bike"],
        24_000,
    ),
    (
        Thing::Lamp,
        [
            "Desk lamp, brass",
            "Floor lamp with linen shade",
            "Reading lamp",
            "Pendant lamp, opal glass",
        ],
        4_500,
    ),
    (
        Thing::Sofa,
        ["Two-seat sofa, green", "Sofa bed, grey wool", "Leather sofa", "Corner sofa"],
        32_000,
    ),
    (
        Thing::Camera,
        ["Film camera, 50 mm lens", "Compact camera", "Mirrorless camera body", "Instant camera"],
        18_000,
    ),
    (
        Thing::Guitar,
        ["Classical guitar", "Acoustic guitar, spruce top", "Electric guitar", "Travel guitar"],
        15_000,
    ),
    (
        Thing::Plant,
        ["Monstera, 90 cm", "Olive tree in a pot", "Rubber plant", "String of pearls"],
        2_500,
    ),
];
const STATES: [&str; 6] = [
    "as new",
    "hardly used",
    "well kept",
    "freshly serviced",
    "some scratches",
    "from a smoke-free home",
];
const CITIES: [&str; 6] = ["Berlin", "Hamburg", "Leipzig", "Vienna", "Warsaw", "Prague"];
const SELLERS: [&str; 8] = ["Anna", "Jonas", "Mila", "Piotr", "Lena", "Viktor", "Sofia", "Emil"];
const DISTRICTS: [(&str, [&str; 4]); 4] = [
    ("Kyiv", ["Podil", "Pechersk", "Obolon", "Lukianivka"]),
    ("Lviv", ["Old Town", "Frankivskyi", "Sykhiv", "Stryiskyi"]),
    ("Berlin", ["Mitte", "Kreuzberg", "Pankow", "Neukölln"]),
    ("Warsaw", ["Wola", "Mokotów", "Praga", "Ochota"]),
];
const HOMES: [&str; 5] = [
    "Bright flat near the park",
    "Quiet flat under the roof",
    "Renovated flat with balcony",
    "Flat in an old building",
    "Corner flat with a view",
];

impl Catalogue {
    /// The offers that are there when the sandbox starts, the last one a few minutes old.
    pub fn new(seed: u64, now: Millis) -> Self {
        let mut catalogue = Self {
            offers: Vec::new(),
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            goods: 1_000,
            homes: 2_000,
            auto: true,
            layout: 1,
            api: Api::Ok,
            version: 1,
            changed: now,
            failures: [None; 2],
        };
        for age in (1..=FIRST).rev() {
            let posted = now - age * 17 * 60_000;
            catalogue.publish(Site::Goods, posted);
            catalogue.publish(Site::Homes, posted - 120_000);
        }
        catalogue
    }

    /// The next number below `below` (xorshift).
    fn draw(&mut self, below: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let below = u64::try_from(below.max(1)).unwrap_or(1);
        usize::try_from((self.random >> 11) % below).unwrap_or(0)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.draw(from.len())]
    }

    fn share(&mut self, least: i64, most: i64) -> i64 {
        let span = usize::try_from(most - least).unwrap_or(0);
        least + i64::try_from(self.draw(span + 1)).unwrap_or(0)
    }

    /// Publishes one offer and gives its id.
    pub fn publish(&mut self, site: Site, now: Millis) -> String {
        let offer = match site {
            Site::Goods => self.new_good(now),
            Site::Homes => self.new_home(now),
        };
        let id = offer.id.clone();
        if self.offers.len() >= MOST {
            self.offers.remove(0);
        }
        self.offers.push(offer);
        self.touch(now);
        id
    }

    fn touch(&mut self, now: Millis) {
        self.version += 1;
        self.changed = self.changed.max(now);
    }

    fn new_good(&mut self, posted: Millis) -> Offer {
        self.goods += 1;
        let (thing, names, price) = self.pick(&GOODS);
        let (name, state) = (self.pick(&names), self.pick(&STATES));
        let (seller, city) = (self.pick(&SELLERS), self.pick(&CITIES));
        let minor = (price * self.share(60, 160) / 100) / 500 * 500;
        Offer {
            id: format!("g-{}", self.goods),
            site: Site::Goods,
            title: format!("{name}, {state}"),
            text: format!(
                "{name}. {}{}. Collection in {city}; cash or transfer.",
                state[..1].to_uppercase(),
                &state[1..]
            ),
            minor: minor.max(500),
            place: city.to_owned(),
            seller: seller.to_owned(),
            posted,
            area: 0,
            rooms: 0,
            subject: Subject::Thing(thing),
            standing: Standing::Open,
        }
    }

    fn new_home(&mut self, posted: Millis) -> Offer {
        self.homes += 1;
        let (city, districts) = self.pick(&DISTRICTS);
        let (district, name) = (self.pick(&districts), self.pick(&HOMES));
        let rooms = self.share(1, 4);
        let area = 18 + rooms * self.share(14, 24);
        let minor = area * self.share(12, 24) / 5 * 500;
        let seller = self.pick(&SELLERS);
        Offer {
            id: format!("h-{}", self.homes),
            site: Site::Homes,
            title: name.to_owned(),
            text: format!(
                "{name} in {district}, {city}. {area} m², {rooms} room(s), fitted kitchen, free at once."
            ),
            minor,
            place: format!("{city}, {district}"),
            seller: seller.to_owned(),
            posted,
            area,
            rooms,
            subject: Subject::House(u8::try_from(rooms).unwrap_or(1)),
            standing: Standing::Open,
        }
    }

    /// The offer with an id.
    pub fn offer(&self, id: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.id == id)
    }

    /// Changes a price; `false` for an unknown id.
    pub fn set_price(&mut self, id: &str, minor: i64, now: Millis) -> bool {
        self.change(id, now, |offer| offer.minor = minor)
    }

    /// Marks an offer; `false` for an unknown id.
    pub fn mark(&mut self, id: &str, standing: Standing, now: Millis) -> bool {
        self.change(id, now, |offer| offer.standing = standing)
    }

    /// Rewrites an offer; `false` for an unknown id.
    pub fn rewrite(&mut self, id: &str, new: Rewrite, now: Millis) -> bool {
        self.change(id, now, |offer| offer.rewrite(new))
    }

    fn change(&mut self, id: &str, now: Millis, change: impl FnOnce(&mut Offer)) -> bool {
        let known = self.offers.iter_mut().find(|offer| offer.id == id).map(change).is_some();
        self.touch(now);
        known
    }

    /// Takes an offer away; `false` for an unknown id.
    pub fn sell(&mut self, id: &str, now: Millis) -> bool {
        let before = self.offers.len();
        self.offers.retain(|offer| offer.id != id);
        self.touch(now);
        self.offers.len() < before
    }

    /// The newest offers of a site that fit.
    pub fn search(&self, site: Site, words: &str, city: &str, most: Option<i64>) -> Vec<&Offer> {
        self.search_page(site, words, city, most, 1).0
    }

    /// A page, from 1, of the offers of a site that fit, newest first; and whether another one follows.
    pub fn search_page(
        &self,
        site: Site,
        words: &str,
        city: &str,
        most: Option<i64>,
        page: usize,
    ) -> (Vec<&Offer>, bool) {
        let (words, city) = (words.to_lowercase(), city.trim().to_lowercase());
        let fits = |offer: &&Offer| {
            let text = format!("{} {}", offer.title, offer.text).to_lowercase();
            offer.site == site
                && offer.standing != Standing::Sold
                && words.split_whitespace().all(|word| text.contains(word))
                && offer.place.to_lowercase().contains(&city)
                && most.is_none_or(|most| offer.minor <= most)
        };
        let mut found: Vec<&Offer> = self.offers.iter().filter(fits).collect();
        found.sort_by_key(|offer| std::cmp::Reverse(offer.posted));
        let rest = found.split_off(found.len().min(page.saturating_sub(1).saturating_mul(PAGE)));
        let more = rest.len() > PAGE;
        (rest.into_iter().take(PAGE).collect(), more)
    }

    /// How a site fails now.
    pub fn failure(&self, site: Site) -> Option<Failure> {
        self.failures[slot(site)]
    }

    /// Lets a site fail, or both; `None` heals.
    pub fn fail(&mut self, site: Option<Site>, failure: Option<Failure>) {
        for one in [Site::Goods, Site::Homes] {
            if site.is_none_or(|site| site == one) {
                self.failures[slot(one)] = failure;
            }
        }
    }

    /// Offers of a site, all of them.
    pub fn count(&self, site: Site) -> usize {
        self.offers.iter().filter(|offer| offer.site == site).count()
    }
}

fn slot(site: Site) -> usize {
    match site {
        Site::Goods => 0,
        Site::Homes => 1,
    }
}

/// `2026-11-20T20:00:00Z`.
pub fn iso(moment: Millis) -> String {
    let time = chrono::DateTime::from_timestamp_millis(moment).unwrap_or_default();
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `1,250`; the thousands are parted by commas.
pub fn grouped(number: i64) -> String {
    let digits = number.abs().to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_offers_the_same() {
        let titles = |seed| {
            let catalogue = Catalogue::new(seed, 1_800_000_000_000);
            let list = catalogue.search(Site::Homes, "", "", None);
            list.iter().map(|offer| (offer.title.clone(), offer.minor)).collect::<Vec<_>>()
        };
        assert_eq!(titles(7), titles(7));
        assert_ne!(titles(7), titles(8));
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(
            [grouped(0), grouped(999), grouped(1_250), grouped(1_234_567)],
            ["0", "999", "1,250", "1,234,567"]
        );
    }
}
