//! Whether what a run read is believed: its counts against the source's past, its listings against known ones.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sites::{Listing, Parsed};

use super::Look;
use crate::domain::Verdict;
use crate::domain::health::compared::Compared;
use crate::domain::health::hold::{Ruling, rule};
use crate::domain::health::profile::share;
use crate::domain::health::suspicion::suspicions;
use crate::domain::health::{News, RunCounts, SourceHealth, Suspicion};
use crate::domain::source::Source;
use crate::scrape::accept::{CHUNK, Telling};
use crate::scrape::attempt::{Attempt, Brought};
use crate::scrape::judge::Judgement;
use crate::scrape::run::Scraper;
use crate::store::DbError;

/// Known listings that are looked at when most of a page is new.
const LATEST: u32 = 300;
/// Share of new listings from which on they are.
const MOSTLY_NEW: f64 = 0.8;

/// A judged run, weighed.
pub(in crate::scrape) struct Weighed {
    /// The verdict; that of a held run is `changed`.
    pub(in crate::scrape) judgement: Judgement,
    /// How much of it is told.
    pub(in crate::scrape) telling: Telling,
    /// What is odd about it.
    pub(super) doubts: Vec<Suspicion>,
    /// Whether it is held.
    pub(super) is_held: bool,
    /// What is known of the source from now on, if the run says anything.
    pub(super) health: Option<SourceHealth>,
}

/// Weighs a judged run. Only a page with listings can be doubted.
pub(in crate::scrape) async fn weigh(
    scraper: &Scraper,
    source: &Source,
    look: &Look,
    attempt: &Attempt,
    judgement: Judgement,
    (started_at, now): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Weighed, DbError> {
    let telling = Telling { max_alerts: scraper.max_alerts, news: News::All };
    let plain = Weighed { judgement, telling, doubts: vec![], is_held: false, health: None };
    let Ok(Brought { parsed: Some(Ok(parsed)), page: Some(page), bytes, .. }) = &attempt.result
    else {
        return Ok(plain);
    };
    if plain.judgement.verdict != Verdict::Ok {
        return Ok(plain);
    }
    let millis = u64::try_from((now - started_at).num_milliseconds()).unwrap_or(0);
    let rung = attempt.rung.as_str();
    let counts = RunCounts::of(parsed, &page.body, *bytes as u64, millis, rung);
    let compared = compare(scraper, source, parsed).await?;
    let before = look.view.source.clone().unwrap_or_else(|| SourceHealth::new(source.id.clone()));
    Ok(ruled(
        plain,
        source,
        look,
        before,
        &counts,
        &compared,
        (scraper.life.max_alerts_after_repair, now),
    ))
}

/// Loads what is known of the listings of a page and compares.
async fn compare(scraper: &Scraper, source: &Source, parsed: &Parsed) -> Result<Compared, DbError> {
    if !source.baseline_done {
        return Ok(Compared::default());
    }
    let ids: Vec<String> = parsed.listings.iter().map(|listing| listing.id.clone()).collect();
    let mut known: HashMap<String, Listing> = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let rows = scraper.db.known_listings(&source.id, &source.spec.site, chunk).await?;
        let shown = rows.into_iter().filter(|row| row.in_source);
        known.extend(shown.map(|row| (row.listing.id.clone(), row.listing)));
    }
    let new = ids.iter().filter(|id| !known.contains_key(*id)).count();
    let mostly_new = share(new as u64, ids.len() as u64) > MOSTLY_NEW;
    let latest =
        if mostly_new { scraper.db.latest_listings(&source.id, LATEST).await? } else { vec![] };
    Ok(Compared::of(&parsed.listings, &known, &latest))
}

/// The rulings of the domain, applied to a run.
fn ruled(
    mut weighed: Weighed,
    source: &Source,
    look: &Look,
    mut health: SourceHealth,
    counts: &RunCounts,
    compared: &Compared,
    (after_repair, now): (usize, DateTime<Utc>),
) -> Weighed {
    let repaired = health.is_repaired(&look.module);
    if repaired {
        // What was usual for another module says nothing of this one.
        health.profile = crate::domain::health::Profile::default();
        weighed.telling.max_alerts = weighed.telling.max_alerts.min(after_repair);
    }
    weighed.doubts = suspicions(&health.profile, counts, compared);
    health.epoch = source.epoch;
    match rule(health.held.as_ref(), &weighed.doubts, repaired, now) {
        Ruling::Hold(held) => {
            weighed.is_held = true;
            metrics::counter!("magpie_held_runs_total", "site" => source.spec.site.clone())
                .increment(1);
            weighed.judgement = Judgement {
                verdict: Verdict::Changed,
                error: Some(held_words(&weighed.doubts)),
                next_due_at: None,
            };
            health.held = Some(held);
        }
        Ruling::Take(news) => {
            weighed.telling.news = news;
            weighed.judgement.error = words(&weighed.doubts);
            let fresh = share(compared.new, compared.items);
            health.profile.learn(counts, fresh, &weighed.doubts);
            health.held = None;
            look.module.clone_into(&mut health.module);
        }
    }
    weighed.health = Some(health);
    weighed
}

fn words(doubts: &[Suspicion]) -> Option<String> {
    let texts: Vec<String> = doubts.iter().map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

fn held_words(doubts: &[Suspicion]) -> String {
    let why = words(doubts).unwrap_or_default();
    format!("held: {why}; nothing of this run is told or recorded until the next one says the same")
}
