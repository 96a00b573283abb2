//! The listings of a page beside what is known of them: prices, currencies, ids, letters, dates.

use std::collections::{BTreeMap, HashMap};

use sites::Listing;

use super::counts::{OPTIONAL, RunCounts, has};
use super::profile::{Profile, share};
use super::suspicion::Suspicion;

/// Share of known prices that must move alike.
const MOST: f64 = 0.5;
/// Share of a page that must be new for its ids to be doubted.
const NEW: f64 = 0.8;

/// What a comparison found, in counts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Compared {
    /// Listings on the page.
    pub items: u64,
    /// Listings that the source had not shown.
    pub new: u64,
    /// New ones that equal a known listing which has vanished from the page.
    pub same: u64,
    /// Known listings with a price before and now.
    pub priced: u64,
    /// Of these: by power of ten by which the price moved (0 is not counted).
    pub powers: BTreeMap<i32, u64>,
    /// Of these: by currency now, where it is another one.
    pub currencies: BTreeMap<String, u64>,
    /// Of these: with another price at all.
    pub moved: u64,
    /// Titles with broken letters.
    pub rubbish: u64,
    /// Of these: known with whole ones.
    pub broken: u64,
    /// Optional field → known listings that had it, and that lost it.
    pub fields: BTreeMap<&'static str, (u64, u64)>,
    /// Whether the page prints words in the place of a lost price.
    pub words: bool,
}

impl Compared {
    /// Compares the listings of a page (`now`) with what is known of them by id (`known`: shown by this source
    /// before). `latest` are the last listings of the source; only those that are not on the page count.
    pub fn of(now: &[Listing], known: &HashMap<String, Listing>, latest: &[Listing]) -> Self {
        let mut found = Self { items: now.len() as u64, ..Self::default() };
        for listing in now {
            found.rubbish += u64::from(is_rubbish(&listing.title));
            match known.get(&listing.id) {
                Some(before) => found.pair(before, listing),
                None => found.new += 1,
            }
        }
        found.same = same_offers(now, known, latest);
        found
    }

    fn pair(&mut self, before: &Listing, now: &Listing) {
        self.broken += u64::from(is_rubbish(&now.title) && !is_rubbish(&before.title));
        for name in OPTIONAL {
            if has(before, name) {
                let entry = self.fields.entry(name).or_default();
                entry.0 += 1;
                entry.1 += u64::from(!has(now, name));
            }
        }
        self.words |= before.price.is_some() && now.price.is_none() && now.price_text.is_some();
        let (Some(before), Some(now)) = (&before.price, &now.price) else { return };
        self.priced += 1;
        if before.currency != now.currency {
            *self.currencies.entry(now.currency.clone()).or_default() += 1;
        } else if before.minor != now.minor {
            self.moved += 1;
            if let Some(power) = power(before.minor, now.minor) {
                *self.powers.entry(power).or_default() += 1;
            }
        }
    }

    /// Whether known listings lost a field that is nearly all of them had: alone enough for a doubt where a page
    /// holds too few listings for shares. One price that became words is somebody's wish.
    pub fn lost(&self, field: &str) -> bool {
        let Some(&(had, lost)) = self.fields.get(field) else { return false };
        match had {
            0 => false,
            1 => lost == 1 && field == "price" && !self.words,
            2 => lost == 2,
            _ => lost >= 3 && share(lost, had) > 0.5,
        }
    }

    /// The doubts about values.
    pub(super) fn doubts(&self, profile: &Profile, counts: &RunCounts) -> Vec<Suspicion> {
        let mut found = Vec::new();
        // One price that moves so was mistyped, once.
        let most = |count: u64| count >= 2 && share(count, self.priced) > MOST;
        if let Some((power, count)) = self.powers.iter().max_by_key(|(_, count)| **count)
            && most(*count)
        {
            found.push(Suspicion::Prices { power: *power, most: *count, of: self.priced });
        }
        if let Some((to, count)) = self.currencies.iter().max_by_key(|(_, count)| **count)
            && most(*count)
        {
            found.push(Suspicion::Currency { to: to.clone(), most: *count, of: self.priced });
        }
        if share(self.rubbish, self.items) > 0.2 && (self.broken > 0 || self.rubbish >= 3) {
            found.push(Suspicion::Rubbish { titles: self.rubbish, of: self.items });
        }
        if share(self.new, self.items) > NEW && profile.runs > 0 {
            found.extend(self.doubt_of_ids(profile));
        }
        found.extend(self.old_page(profile, counts));
        found
    }

    fn doubt_of_ids(&self, profile: &Profile) -> Option<Suspicion> {
        if self.same >= 2 && share(self.same, self.new) >= 0.6 {
            return Some(Suspicion::NewIds { same: self.same, of: self.items });
        }
        let unusual = profile.runs >= 5 && profile.fresh < 0.4 && self.items >= 5;
        unusual.then_some(Suspicion::Storm { new: self.new, of: self.items })
    }

    /// A page of yesterday: its newest listing is hours older than that of the last run, nothing is new, and
    /// prices differ, which would be told.
    fn old_page(&self, profile: &Profile, counts: &RunCounts) -> Option<Suspicion> {
        let hours = (profile.newest? - counts.newest?).num_hours();
        (hours >= 6 && self.new == 0 && self.moved > 0).then_some(Suspicion::OldPage { hours })
    }
}

/// By which power of ten a price moved, if by one.
fn power(before: i64, now: i64) -> Option<i32> {
    if before <= 0 || now <= 0 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "only the order of magnitude counts")]
    let exponent = (now as f64 / before as f64).log10();
    let nearest = exponent.round();
    #[expect(clippy::cast_possible_truncation, reason = "between -19 and 19")]
    let power = nearest as i32;
    // Within a tenth of the hundredfold: some prices move at the same time.
    (power != 0 && (exponent - nearest).abs() < 0.04).then_some(power)
}

/// How many unknown listings equal one that has vanished: same title, same price. Each vanished one counts once.
fn same_offers(now: &[Listing], known: &HashMap<String, Listing>, latest: &[Listing]) -> u64 {
    let name = |one: &Listing| (one.title.clone(), one.price.as_ref().map(|price| price.minor));
    let mut vanished: HashMap<_, usize> = HashMap::new();
    for listing in latest.iter().filter(|old| now.iter().all(|one| one.id != old.id)) {
        *vanished.entry(name(listing)).or_default() += 1;
    }
    let mut same = 0;
    for listing in now.iter().filter(|one| !known.contains_key(&one.id)) {
        if let Some(left) = vanished.get_mut(&name(listing)).filter(|left| **left > 0) {
            *left -= 1;
            same += 1;
        }
    }
    same
}

/// Whether a text was read in the wrong encoding: replacement marks, or UTF-8 read as Latin.
pub fn is_rubbish(text: &str) -> bool {
    let mut before = ' ';
    for c in text.chars() {
        let continues = ('\u{80}'..='\u{bf}').contains(&c) || matches!(c, '€' | '™' | 'œ' | 'Ÿ');
        if c == '\u{fffd}' || (matches!(before, 'Ã' | 'Ð' | 'Ñ' | 'Å' | 'Ä') && continues) {
            return true;
        }
        before = c;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use sites::Money;

    fn offer(id: &str, minor: i64, currency: &str) -> Listing {
        Listing {
            price: Some(Money { minor, currency: currency.into() }),
            ..Listing::new(id, format!("https://example.com/{id}"), format!("Flat {minor}"))
        }
    }

    fn page(change: impl Fn(&mut Listing)) -> (Vec<Listing>, HashMap<String, Listing>) {
        let before: Vec<Listing> =
            (1..=6).map(|n| offer(&n.to_string(), n * 1_100, "EUR")).collect();
        let known = before.iter().map(|one| (one.id.clone(), one.clone())).collect();
        let mut now = before;
        now.iter_mut().for_each(change);
        (now, known)
    }

    fn doubts(change: impl Fn(&mut Listing)) -> Vec<Suspicion> {
        let (now, known) = page(change);
        let latest: Vec<Listing> = known.values().cloned().collect();
        let profile = Profile { runs: 1, ..Profile::default() };
        Compared::of(&now, &known, &latest).doubts(&profile, &RunCounts::default())
    }

    fn price(one: &mut Listing) -> &mut Money {
        one.price.as_mut().expect("a price")
    }

    #[test]
    fn the_same_page_raises_no_doubt() {
        assert_eq!(doubts(|_| ()), []);
        assert_eq!(doubts(|one| price(one).minor -= 100), [], "a sale is no fault");
    }

    #[test]
    fn prices_that_move_by_a_power_of_ten_are_doubted() {
        for (power, change) in [(2, 100), (1, 10), (3, 1_000)] {
            let up = doubts(|one| price(one).minor *= change);
            assert_eq!(up, [Suspicion::Prices { power, most: 6, of: 6 }]);
        }
        let down = doubts(|one| price(one).minor /= 100);
        assert_eq!(down, [Suspicion::Prices { power: -2, most: 6, of: 6 }]);
    }

    #[test]
    fn another_currency_is_doubted() {
        let found = doubts(|one| price(one).currency = "CHF".into());
        assert_eq!(found, [Suspicion::Currency { to: "CHF".into(), most: 6, of: 6 }]);
    }

    #[test]
    fn known_offers_under_new_ids_are_recognised() {
        let found = doubts(|one| one.id = format!("n-{}", one.id));
        assert_eq!(found, [Suspicion::NewIds { same: 6, of: 6 }]);
        assert_eq!(doubts(|one| *one = offer(&format!("n-{}", one.id), 7, "EUR")), []);
    }

    #[test]
    fn broken_letters_are_seen_and_whole_ones_left_alone() {
        for text in ["GroÃŸe Wohnung", "ÐšÐ²Ð°Ñ€Ñ‚Ð¸Ñ€Ð°", "Stra\u{fffd}e"] {
            assert!(is_rubbish(text), "{text}");
        }
        for text in ["Große Straße", "Квартира", "São Paulo", "Ångström, Ålesund", "Ñandú 5 €"]
        {
            assert!(!is_rubbish(text), "{text}");
        }
        assert_eq!(doubts(|one| one.title = "GroÃŸ".into())[0].sign().word(), "letters");
    }

    #[test]
    fn a_page_of_yesterday_is_seen_by_its_dates_and_prices() {
        let (now, known) = page(|one| price(one).minor += 7);
        let at = |text: &str| text.parse().ok();
        let profile = Profile { newest: at("2026-03-02T12:00:00Z"), ..Profile::default() };
        let counts = RunCounts { newest: at("2026-03-01T12:00:00Z"), ..RunCounts::default() };
        let found = Compared::of(&now, &known, &[]).doubts(&profile, &counts);
        assert_eq!(found, [Suspicion::OldPage { hours: 24 }]);
    }

    #[test]
    fn one_price_that_became_words_is_no_fault() {
        let (mut now, known) = page(|_| ());
        now.truncate(1);
        now[0].price = None;
        assert!(Compared::of(&now, &known, &[]).lost("price"));
        now[0].price_text = Some("on request".into());
        assert!(!Compared::of(&now, &known, &[]).lost("price"));
    }
}
