//! Extraction alone: from the body of a page to its listings, on one core.
//!
//! The same page is read in turn by `scraper` (tree, selectors and text of the same fields, and
//! nothing else) and by the module (`Site::parse`: tree, selectors, text, and the values made of it),
//! so that a busy machine slows both.

use std::hint::black_box;
use std::time::Instant;

use anyhow::Context as _;
use scraper::{Html, Selector};
use sites::dom::Tree;
use sites::{Page, Site};

use super::{Figure, extract_page, quantile};

/// Repetitions.
const ROUNDS: usize = 200;

/// Measures.
pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let site = Site::from_toml("bench/site.toml", extract_page::MODULE)?;
    let page = Page {
        url: "https://bench.example/search?q=a".parse()?,
        status: Some(200),
        content_type: Some("text/html".into()),
        body: extract_page::page(7),
        script: None,
        fetched_at: Default::default(),
    };
    let by_hand = ByHand::new()?;
    let values = extract_page::OFFERS * extract_page::FIELDS;
    let read = site.parse(&page);
    anyhow::ensure!(read.listings.len() == extract_page::OFFERS, "{:?}", read.complaints);
    anyhow::ensure!(by_hand.read(&page.body) == values, "scraper finds something else");
    let tree = Tree::fast(&page.body).context("the page has no fast tree")?;
    black_box(tree);

    let (mut scraper, mut ours, mut trees) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        scraper.push(milliseconds(|| by_hand.read(&page.body)));
        ours.push(milliseconds(|| site.parse(&page).listings.len()));
        trees.push(milliseconds(|| Tree::fast(&page.body).is_ok()));
    }
    let (scraper, ours) = (quantile(&mut scraper, 0.5), quantile(&mut ours, 0.5));
    let note = format!("{} bytes, {values} values, median of {ROUNDS}", page.body.len());
    Ok(vec![
        Figure::new("extraction by scraper, text only", scraper, "ms", note.clone()),
        Figure::new("extraction by a module", ours, "ms", note),
        Figure::new("of it the tree", quantile(&mut trees, 0.5), "ms", "no fall-back"),
        Figure::new("scraper to module", scraper / ours, "times", "same run"),
    ])
}

fn milliseconds<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_secs_f64() * 1_000.0
}

/// The fields of the module, read with `scraper` as one would by hand.
struct ByHand {
    item: Selector,
    texts: Vec<Selector>,
    attributes: Vec<(Selector, &'static str)>,
}

impl ByHand {
    fn new() -> anyhow::Result<ByHand> {
        let selector = |text: &str| {
            Selector::parse(text).map_err(|error| anyhow::anyhow!("`{text}`: {error}"))
        };
        let texts = [
            "h2.card__title > a",
            "div.card__price span.amount",
            "div.card__place span:nth-child(2)",
            "ul.card__facts li[data-fact=area]",
        ];
        let attributes = [
            ("h2.card__title > a", "href"),
            ("div.card__media img.photo", "src"),
            ("time.card__date", "datetime"),
        ];
        Ok(ByHand {
            item: selector("ul.result-list > li.result article.card")?,
            texts: texts.into_iter().map(selector).collect::<Result<_, _>>()?,
            attributes: attributes
                .into_iter()
                .map(|(text, name)| Ok((selector(text)?, name)))
                .collect::<anyhow::Result<_>>()?,
        })
    }

    /// How many values were found.
    fn read(&self, body: &str) -> usize {
        let html = Html::parse_document(body);
        let mut found = Vec::new();
        for item in html.select(&self.item) {
            found.extend(item.value().attr("data-offer-id").map(str::to_owned));
            for selector in &self.texts {
                found.extend(item.select(selector).next().map(|e| e.text().collect::<String>()));
            }
            for (selector, name) in &self.attributes {
                let value = item.select(selector).next().and_then(|e| e.value().attr(name));
                found.extend(value.map(str::to_owned));
            }
        }
        found.len()
    }
}
