//! Who wants a listing: the match index beside a loop over all watches, on one source that everybody watches.
//!
//! People look for flats in a country of 4,000 towns and districts: nearly all name one to three, many some of 5,000 words,
//! nearly all a price, half an area or rooms. Towns and words are asked for and printed by Zipf's law. A listing prints
//! 80 words, 15 of them such as people ask for.

use std::time::Instant;

use magpie::domain::filter::{Facts, Prepared, Range};
use magpie::domain::matching::{MatchIndex, WatchSpec};
use magpie::domain::{ChangeKind, Filter, SourceId, WatchId};
use sites::{Area, Listing, Money};

use super::{Figure, quantile};

const LISTINGS: usize = 1_000;
const WORDS: u64 = 5_000;
const TOWNS: u64 = 4_000;
/// Each listing is asked about so often, all others in between.
const ROUNDS: usize = 5;
/// Listings that the loop is asked about.
const LOOPED: usize = 5;
/// Watches that want one listing in the broad case.
const BROAD: usize = 10_000;

/// Measures with 100,000 and 1,000,000 watches.
pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for count in [100_000, 1_000_000] {
        measure_with(count, &mut figures)?;
    }
    Ok(figures)
}

fn measure_with(count: usize, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let of = |what: &str| format!("match, {count} watches: {what}");
    let mut dice = Dice(11);
    let source = [SourceId("flats".into())];
    let kinds = [ChangeKind::New];
    let before = resident();
    let (mut index, mut building) = (MatchIndex::new(), 0.0);
    for number in 0..count {
        let watch = spec(number, filter(&mut dice));
        let begun = Instant::now();
        index.insert(&watch);
        building += begun.elapsed().as_secs_f64();
    }
    let grown = resident().saturating_sub(before);
    let note = format!("{} different wishes", index.wishes());
    figures.push(Figure::new(&of("build"), building, "s", note));
    figures.push(Figure::new(&of("memory, own count"), per(index.bytes(), count), "B a watch", ""));
    figures.push(Figure::new(
        &of("memory, resident"),
        per(grown, count),
        "B a watch",
        "whole process, before and after",
    ));

    let listings: Vec<Listing> = (0..LISTINGS).map(|_| listing(&mut dice)).collect();
    let mut found = Vec::new();
    let mut times = vec![f64::INFINITY; LISTINGS];
    let spent = cpu_seconds();
    for round in 0..ROUNDS {
        for (listing, time) in listings.iter().zip(&mut times) {
            let begun = Instant::now();
            let facts = Facts::new("flats", listing);
            let wanting = index.matches(&facts, &source, &kinds);
            *time = time.min(begun.elapsed().as_secs_f64() * 1e6);
            if round == 0 {
                found.push(wanting.len());
            }
            settle(wanting);
        }
    }
    let mean = (cpu_seconds() - spent) * 1e6 / per(LISTINGS * ROUNDS, 1);
    let mut sorted: Vec<f64> = found.iter().map(|count| per(*count, 1)).collect();
    let wanting = format!(
        "{:.0} watches want a listing at the median, {:.0} at the 99th per cent, {:.0} at most",
        quantile(&mut sorted, 0.5),
        quantile(&mut sorted, 0.99),
        quantile(&mut sorted, 1.0)
    );
    let median = quantile(&mut times, 0.5);
    figures.push(Figure::new(&of("median"), median, "µs a listing", wanting));
    figures.push(Figure::new(
        &of("p99"),
        quantile(&mut times, 0.99),
        "µs a listing",
        "each listing's best of five rounds; writing ids out is counted, freeing them is not",
    ));
    figures.push(Figure::new(&of("CPU, mean"), mean, "µs a listing", "freeing the ids is counted"));

    figures.push(changes(&of, count, &mut index, &mut dice));
    broad(&of, count, &mut index, figures);
    drop(index);
    let looped = naive(count, &listings[..LOOPED], &found[..LOOPED])?;
    let note = format!("{:.0} times the index, same filters, same answers", looped / median);
    figures.push(Figure::new(&of("a loop over prepared filters"), looped, "µs a listing", note));
    Ok(())
}

/// Watches that change: taken out, and put in with another filter.
fn changes(
    of: &impl Fn(&str) -> String,
    count: usize,
    index: &mut MatchIndex,
    dice: &mut Dice,
) -> Figure {
    let mut times = Vec::new();
    for _ in 0..20_000 {
        let number = usize::try_from(dice.below(count as u64)).unwrap_or(0);
        let watch = spec(number, filter(dice));
        let begun = Instant::now();
        index.insert(&watch);
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    let note = format!(
        "p99 {:.1} µs, longest {:.0} µs",
        quantile(&mut times, 0.99),
        quantile(&mut times, 1.0)
    );
    Figure::new(&of("a watch changes"), quantile(&mut times, 0.5), "µs", note)
}

/// A listing that ten thousand want.
fn broad(
    of: &impl Fn(&str) -> String,
    count: usize,
    index: &mut MatchIndex,
    figures: &mut Vec<Figure>,
) {
    for number in 0..BROAD {
        let wide = Filter {
            any_words: vec!["lighthouse".into()],
            max_price: i64::try_from(number).ok().map(|number| 90_000_000 + number * 100),
            ..Filter::default()
        };
        index.insert(&spec(count + number, wide));
    }
    let mut listing = Listing::new("x", "https://flats.example/x", "A lighthouse");
    listing.price = Some(Money { minor: 100, currency: "EUR".into() });
    listing.location = Some("Far out at sea".into());
    let facts = Facts::new("flats", &listing);
    let source = [SourceId("flats".into())];
    let ask = || {
        let begun = Instant::now();
        let found = index.matches(&facts, &source, &[ChangeKind::New]);
        (begun.elapsed().as_secs_f64() * 1e6, found.len())
    };
    let mut times: Vec<f64> = (0..50).map(|_| ask().0).collect();
    let note = format!("{} watches want it; the best of 50", ask().1);
    figures.push(Figure::new(
        &of("a listing that thousands want"),
        quantile(&mut times, 0.0),
        "µs",
        note,
    ));
}

/// The loop: every filter prepared once, every listing asked of all. It must answer the same.
fn naive(count: usize, listings: &[Listing], found: &[usize]) -> anyhow::Result<f64> {
    let mut dice = Dice(11);
    let all: Vec<Prepared> = (0..count).map(|_| Prepared::new(&filter(&mut dice))).collect();
    let mut times = Vec::new();
    for (listing, found) in listings.iter().zip(found) {
        let begun = Instant::now();
        let facts = Facts::new("flats", listing);
        let wanting = all.iter().filter(|one| one.wants(ChangeKind::New, &facts)).count();
        times.push(begun.elapsed().as_secs_f64() * 1e6);
        anyhow::ensure!(wanting == *found, "the loop finds {wanting} watches, the index {found}");
    }
    Ok(quantile(&mut times, 0.5))
}

#[expect(clippy::cast_precision_loss, reason = "figures to be printed")]
fn per(total: usize, count: usize) -> f64 {
    total as f64 / count as f64
}

/// Memory of this process that is in use, bytes.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * 4_096
}

/// Frees an answer, with what the allocator puts off until somebody asks for a large piece: the next listing should not
/// pay for it.
fn settle(answer: Vec<WatchId>) {
    drop(answer);
    drop(std::hint::black_box(Vec::<u8>::with_capacity(1 << 16)));
}

/// What this thread has spent so far, seconds.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let spent = text.split_whitespace().next().and_then(|spent| spent.parse::<f64>().ok());
    spent.unwrap_or(f64::NAN) / 1e9
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 ^ (self.0 >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 16
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Whether something happens that happens so often in a hundred times.
    fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    fn share(&mut self) -> f64 {
        self.below(1 << 24) as f64 / f64::from(1 << 24)
    }

    /// By Zipf's law: the first of `limit` is the most frequent.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "1 to limit"
    )]
    fn zipf(&mut self, limit: u64) -> u64 {
        ((limit as f64).powf(self.share()) as u64).min(limit) - 1
    }

    /// Between `low` and `high`, in steps; the middle more often.
    fn around(&mut self, low: i64, high: i64, step: i64) -> i64 {
        let steps = u64::try_from((high - low) / step).unwrap_or(1);
        let number = (self.below(steps) + self.below(steps) + self.below(steps)) / 3;
        low + i64::try_from(number).unwrap_or(0) * step
    }
}

fn word(number: u64) -> String {
    // Words of two to five syllables, some of which begin alike.
    const SYLLABLES: [&str; 16] = [
        "bal", "kon", "gar", "ten", "alt", "bau", "neu", "ruh", "ig", "hell", "kel", "ler", "dach",
        "lift", "see", "wald",
    ];
    let mut text = String::new();
    let mut rest = number + 17;
    while rest > 0 {
        text.push_str(SYLLABLES[usize::try_from(rest % 16).unwrap_or(0)]);
        rest /= 16;
    }
    // No word is a part of another one.
    text + "y"
}

fn town(number: u64) -> String {
    format!("{}stadt", word(number * 7 + 3))
}

fn float(number: i64) -> f64 {
    f64::from(i32::try_from(number).unwrap_or(0))
}

fn filter(dice: &mut Dice) -> Filter {
    let mut filter = Filter::default();
    let some = |dice: &mut Dice, of: fn(u64) -> String, limit: u64, most: u64| -> Vec<String> {
        (0..=dice.below(most)).map(|_| of(dice.zipf(limit))).collect()
    };
    if dice.percent(97) {
        filter.place.names = some(dice, town, TOWNS, 3);
    }
    if filter.place.names.is_empty() {
        filter.all_words = vec![word(dice.zipf(WORDS)), word(dice.below(WORDS))];
    } else if dice.percent(55) {
        filter.any_words = some(dice, word, WORDS, 3);
    }
    if dice.percent(8) {
        filter.none_words = some(dice, word, WORDS, 2);
    }
    if dice.percent(85) {
        let high = dice.around(30_000, 300_000, 2_500);
        filter.max_price = Some(high);
        filter.min_price = dice.percent(30).then_some(high / 2);
        filter.currency = dice.percent(50).then(|| "EUR".into());
    }
    if dice.percent(50) {
        let min = Some(float(dice.around(20, 150, 5)));
        filter.ranges.insert("area".into(), Range { min, max: None });
    }
    if dice.percent(45) {
        let low = dice.around(1, 6, 1);
        let max = dice.percent(30).then(|| float(low + 1));
        filter.ranges.insert("rooms".into(), Range { min: Some(float(low)), max });
    }
    filter.with_photo = dice.percent(10);
    if dice.percent(15) {
        filter.changes = vec![ChangeKind::New, ChangeKind::PriceDown];
    } else if dice.percent(10) {
        filter.changes = vec![ChangeKind::PriceDown];
    }
    filter
}

fn listing(dice: &mut Dice) -> Listing {
    let mut words = |asked: usize, others: usize| {
        let mut all: Vec<String> = (0..asked).map(|_| word(dice.zipf(WORDS))).collect();
        all.extend((0..others).map(|_| format!("plain{}", dice.below(WORDS))));
        all.join(" ")
    };
    let mut listing = Listing::new("x", "https://flats.example/x", words(3, 5));
    listing.description = Some(words(12, 60));
    let minor = dice.around(30_000, 300_000, 1_000);
    listing.price = dice.percent(95).then(|| Money { minor, currency: "EUR".into() });
    listing.area = dice.percent(90).then(|| Area(float(dice.around(20, 150, 1))));
    listing.rooms = dice.percent(90).then(|| float(dice.around(1, 6, 1)));
    listing.location = Some(format!("10115 {}", town(dice.zipf(TOWNS))));
    listing.images = vec!["https://flats.example/x.jpg".into()];
    listing
}

fn spec(number: usize, filter: Filter) -> WatchSpec {
    WatchSpec {
        id: WatchId(format!("{number:032x}")),
        sources: vec![SourceId("flats".into())],
        filter,
    }
}
