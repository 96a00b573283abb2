//! Wrong data never reaches people: the fixtures of every module of the program, each with a past, are damaged in
//! every way a site can think of, and judged, weighed and accepted. Nothing wrong may be told, every damage must be
//! noticed in the same run, and the untouched page must raise no doubt.

use std::path::Path;

use magpie::domain::delivery::Content;
use magpie::domain::{ChatId, SourceId, Verdict};
use magpie::store::{Db, DeliveryFilter};
use sites::testing::{Case, cases};
use sites::{Page, PageKind, Parsed, Registry, Site};

use super::lab::{Lab, registry};

/// A page of the wild holds dozens of listings; a fixture two or three. Each stands for six.
fn enlarged(_: &Page, mut parsed: Parsed) -> Parsed {
    let originals = std::mem::take(&mut parsed.listings);
    for n in 0..6i64 {
        for original in &originals {
            let mut copy = original.clone();
            copy.id = format!("{}-{n}", original.id);
            copy.title = format!("{} no. {n}", original.title);
            if let Some(price) = &mut copy.price {
                price.minor += n * 700;
            }
            parsed.listings.push(copy);
        }
    }
    for by in parsed.won.values_mut() {
        by.values_mut().for_each(|count| *count *= 6);
    }
    parsed
}

/// What happens to a page.
enum Damage {
    /// To its text.
    Text(fn(&str) -> String),
    /// To what the module makes of it.
    Reading(fn(&Page, Parsed) -> Parsed),
}

/// A change of every listing of the enlarged page.
macro_rules! each {
    ($change:expr) => {
        Damage::Reading(|page, parsed| {
            let mut parsed = enlarged(page, parsed);
            let change: fn(&mut sites::Listing) = $change;
            parsed.listings.iter_mut().for_each(change);
            parsed
        })
    };
}

fn damages() -> Vec<(&'static str, Damage)> {
    vec![
        (
            "items gone",
            Damage::Reading(|_, mut parsed| {
                parsed.listings.clear();
                parsed.kind = PageKind::Unrecognised;
                parsed
            }),
        ),
        (
            "price gone",
            each!(|listing| {
                listing.price = None;
                listing.price_text = None;
            }),
        ),
        ("ids renamed", each!(|listing| listing.id = format!("n{}", listing.id))),
        ("price × 100", each!(|listing| listing.price.iter_mut().for_each(|p| p.minor *= 100))),
        ("price ÷ 100", each!(|listing| listing.price.iter_mut().for_each(|p| p.minor /= 100))),
        (
            "wrong currency",
            each!(|listing| {
                listing.price.iter_mut().for_each(|price| price.currency = "XAU".into());
            }),
        ),
        ("broken letters", each!(|listing| listing.title = format!("{} GrÃ¶ÃŸe", listing.title))),
        (
            "half of the items",
            Damage::Reading(|page, parsed| {
                let mut parsed = enlarged(page, parsed);
                parsed.listings.truncate(parsed.listings.len() / 2);
                parsed
            }),
        ),
        (
            "other names",
            Damage::Text(|body| {
                body.replace("class=\"", "class=\"zz-")
                    .replace("id=\"", "id=\"zz-")
                    .replace("data-", "data-zz-")
                    .replace("<script type=\"application", "<script type=\"zz")
                    .replace("\":", "_zz\":")
                    .replace("<article", "<div")
                    .replace("</article", "</div")
                    .replace("<li", "<div")
                    .replace("</li", "</div")
                    .replace("<entry", "<zz")
                    .replace("<item", "<zz")
                    .replace("=\"http", "=\"zz")
                    .replace("href=\"/", "href=\"#/")
            }),
        ),
        ("block page", Damage::Text(|_| BLOCK.to_owned())),
        ("page of another site", Damage::Text(|_| OTHER.to_owned())),
        ("nothing", Damage::Text(|_| String::new())),
        (
            "cut short",
            Damage::Text(|body| {
                let half: String = body.chars().take(body.chars().count() / 2).collect();
                half
            }),
        ),
    ]
}

const BLOCK: &str = "<html><head><title>Just a moment...</title></head><body></body></html>";
const OTHER: &str =
    "<html><head><title>Parked</title></head><body><p>Buy this name</p></body></html>";

/// Every saved page with listings of every module that needs no code of its own here.
fn pages() -> Vec<(Site, Case)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sites");
    let mut found = Vec::new();
    for site in Registry::builtin().unwrap().iter() {
        for case in cases(&root.join(&site.id)).unwrap() {
            let parsed = site.parse(&case.page);
            // A page of one offer is not searched.
            if case.kind == PageKind::Results && parsed.listings.len() >= 2 {
                found.push((site.clone(), case));
            }
        }
    }
    assert!(found.len() >= 14, "{}", found.len());
    found
}

/// A source with a past of four good runs of its page.
async fn with_a_past(site: &Site, case: &Case) -> (Lab, SourceId) {
    let mut lab = Lab::new(vec![site.clone().with_refine(enlarged)]);
    lab.scraper.life.folder = None;
    let url = case.page.url.as_str();
    let source = lab.search(&site.id, url, 1).await;
    lab.shows(url, case.page.body.clone());
    for _ in 0..4 {
        let report = lab.run_all().await.remove(0);
        assert_eq!((report.verdict, report.error), (Some(Verdict::Ok), None), "{}", case.name);
    }
    (lab, source)
}

/// Alerts and lines about listings that a chat has got.
async fn messages(lab: &Lab) -> Vec<String> {
    let filter = DeliveryFilter { chat: Some(ChatId(1)), limit: 10_000, ..Default::default() };
    let all = lab.db.deliveries(&filter).await.unwrap();
    all.iter()
        .map(|one| match &one.new.content {
            Content::Message(message) => message.text.clone(),
            Content::Change { event, .. } | Content::Amend { event, .. } => event.to_string(),
            Content::Chart { key, .. } => key.id.clone(),
            Content::Campaign { id, .. } => id.to_string(),
            other => panic!("not about listings: {other:?}"),
        })
        .collect()
}

/// What came of the damages.
#[derive(Default)]
struct Tally {
    tried: usize,
    noticed: usize,
    gone: usize,
    missed: Vec<String>,
    wrong: Vec<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_pages_are_noticed_at_once_and_nothing_wrong_is_told() {
    let mut pages: tokio::task::JoinSet<Tally> = pages()
        .into_iter()
        .map(|(site, case)| async move {
            let mut tally = Tally::default();
            for (name, damage) in damages() {
                damaged(&site, &case, name, damage, &mut tally).await;
            }
            tally
        })
        .collect();
    let mut all = Tally::default();
    while let Some(tally) = pages.join_next().await {
        let tally = tally.unwrap();
        all.tried += tally.tried;
        all.noticed += tally.noticed;
        all.gone += tally.gone;
        all.missed.extend(tally.missed);
        all.wrong.extend(tally.wrong);
    }
    let Tally { tried, noticed, gone, missed, wrong } = all;
    println!("{tried} damages, {noticed} noticed, {} wrong messages", wrong.len());
    assert!(wrong.is_empty(), "{} wrong messages: {wrong:#?}", wrong.len());
    assert_eq!(gone, 0, "nothing was recorded as gone");
    assert!(tried >= 150 && noticed * 100 >= tried * 99, "{noticed} of {tried}: {missed:#?}");
}

/// Shows one damage to a source with a past.
async fn damaged(site: &Site, case: &Case, name: &str, damage: Damage, tally: &mut Tally) {
    let (lab, source) = with_a_past(site, case).await;
    let what = format!("{}/{}: {name}", site.id, case.name);
    let before = messages(&lab).await;
    let known = site.parse(&case.page).listings;
    match damage {
        Damage::Text(change) => lab.shows(case.page.url.as_str(), change(&case.page.body)),
        Damage::Reading(change) => {
            lab.scraper.modules.replace(registry(vec![site.clone().with_refine(change)]));
        }
    }
    let report = lab.run_all().await.remove(0);
    // Damage to what a page does not have is none.
    let touches_prices = name.contains("price") || name.contains("currency");
    if !touches_prices || known.iter().any(|listing| listing.price.is_some()) {
        tally.tried += 1;
        let bad = report.verdict.is_none_or(|verdict| !verdict.is_good());
        // A page that reads the same under other names is not damaged.
        let unharmed = !bad && name == "other names" && report.items == known.len() * 6;
        if bad || report.error.is_some() || unharmed {
            tally.noticed += 1;
        } else {
            tally.missed.push(format!("{what}: {report:?}"));
        }
    }
    let after = messages(&lab).await;
    let fresh = after.iter().filter(|one| !before.contains(one));
    tally.wrong.extend(fresh.map(|one| format!("{what}: {one}")));
    tally.gone += gone_listings(&lab, &source, &site.id, &known).await;
}

async fn gone_listings(
    lab: &Lab,
    source: &SourceId,
    site: &str,
    known: &[sites::Listing],
) -> usize {
    let ids: Vec<String> = known.iter().map(|listing| format!("{}-0", listing.id)).collect();
    let rows = lab.db.known_listings(source, site, &ids).await.unwrap();
    assert_eq!(rows.len(), ids.len(), "nothing is forgotten");
    rows.iter().filter(|row| row.gone).count()
}

#[tokio::test]
async fn untouched_pages_and_usual_news_raise_no_doubt() {
    fn news(page: &Page, parsed: Parsed) -> Parsed {
        let mut parsed = enlarged(page, parsed);
        // The last one has gone, a new one has come, one is cheaper.
        let mut fresh = parsed.listings.pop().expect("many");
        fresh.id = "brand-new".into();
        fresh.title = "Brand new".into();
        parsed.listings.insert(0, fresh);
        if let Some(price) = parsed.listings.iter_mut().find_map(|one| one.price.as_mut()) {
            price.minor -= price.minor / 10;
        }
        parsed
    }
    for (site, case) in pages() {
        let (lab, _) = with_a_past(&site, &case).await;
        for _ in 0..3 {
            let report = lab.run_all().await.remove(0);
            assert_eq!((report.verdict, report.error), (Some(Verdict::Ok), None), "{}", site.id);
        }
        lab.scraper.modules.replace(registry(vec![site.clone().with_refine(news)]));
        let report = lab.run_all().await.remove(0);
        assert_eq!((report.verdict, report.error), (Some(Verdict::Ok), None), "{}", site.id);
        assert_eq!(report.accepted.new_listings, 1, "{}", site.id);
        assert_eq!(lab.texts(super::lab::OPERATOR).await, Vec::<String>::new());
        assert!((1..=2).contains(&lab.alerts(ChatId(1)).await), "{}", site.id);
    }
}
