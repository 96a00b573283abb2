//! After a good run: a few old listings are asked about, and what their pages prove is told.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sites::Site;
use url::Url;

use super::alive::{Finding, Said, finding, question};
use super::visit::{Trouble, Visit, visit};
use crate::domain::source::{Source, Verdict};
use crate::scrape::accept::{Happening, count_doubts, news_of_old};
use crate::scrape::parse::standing;
use crate::scrape::run::{Ended, RunReport, Scraper};
use crate::shutdown::Stage;
use crate::store::{
    DbError, ListingWrite, MatchBatch, ProbeBatch, Recorded, SeenItem, StaleListing,
};

/// What was done after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LookedAfter {
    /// Pages of old listings that were asked for.
    pub asked: usize,
    /// Changes that had not been recorded: other prices, and what is gone.
    pub changes: u64,
    /// Deliveries that had not been recorded.
    pub deliveries: u64,
}

/// Asks about listings that `source` no longer shows, after its run that ended in `report`. The run is over and
/// recorded, so nothing here can spoil it: a record that does not answer is a warning, a cut drops it all, and
/// in both cases the same listings are asked about after another run.
pub async fn look_after(scraper: &Scraper, source: &Source, report: &RunReport) -> LookedAfter {
    let result = tokio::select! {
        biased;
        () = scraper.shutdown.reached(Stage::Cut) => Ok(LookedAfter::default()),
        result = ask(scraper, source, report) => result,
    };
    let done = result.unwrap_or_else(|error| {
        tracing::warn!(source = %source.id, %error, "old listings are asked about another time");
        LookedAfter::default()
    });
    if done.asked > 0 {
        let site = source.spec.site.clone();
        metrics::counter!("magpie_probes_total", "site" => site).increment(done.asked as u64);
        tracing::info!(
            source = %source.id,
            asked = done.asked,
            changes = done.changes,
            deliveries = done.deliveries,
            "old listings were asked about"
        );
    }
    done
}

async fn ask(
    scraper: &Scraper,
    source: &Source,
    report: &RunReport,
) -> Result<LookedAfter, DbError> {
    let nothing = Ok(LookedAfter::default());
    let Some(site) = site_of(scraper, source, report) else { return nothing };
    let db = scraper.db.as_ref();
    let now = scraper.clock.now();
    // Even where nobody watches: what this search shows, no other one takes for missing.
    if !report.shown.is_empty()
        && !db.note_shown(&source.id, source.epoch, &site.id, &report.shown, now).await?
    {
        return nothing;
    }
    if db.watches_of(&source.id).await?.is_empty() {
        return nothing;
    }
    let is_read = report.verdict != Some(Verdict::Unchanged);
    let query = question(source, is_read, scraper.stages.probes, now);
    let mut found: Vec<(StaleListing, Finding)> = Vec::new();
    for stale in db.stale_listings(&query).await? {
        let Some((said, ends)) = said(scraper, &site, &stale).await else { break };
        let finding = finding(source, &stale, said, &scraper.changes, scraper.clock.now());
        found.push((stale, finding));
        if ends {
            break;
        }
    }
    if found.is_empty() {
        return nothing;
    }
    let recorded = record(scraper, source, &found, scraper.clock.now()).await?;
    let asked = found.len();
    Ok(LookedAfter { asked, changes: recorded.new_changes, deliveries: recorded.new_deliveries })
}

/// The module, if this run of this source is one after which old listings are asked about.
fn site_of(scraper: &Scraper, source: &Source, report: &RunReport) -> Option<Arc<Site>> {
    let good = report.ended == Ended::Recorded && report.verdict.is_some_and(Verdict::is_good);
    let asks = good && source.baseline_done && scraper.stages.probes > 0;
    let site = scraper.modules.get(&source.spec.site).filter(|_| asks)?;
    site.has_detail().then_some(site)
}

/// What the page of a listing says, and whether the host wants to be left alone now. `None`: it was not asked
/// for, because of that or of a shutdown.
async fn said(scraper: &Scraper, site: &Arc<Site>, stale: &StaleListing) -> Option<(Said, bool)> {
    let listing = &stale.known.listing;
    let Some(url) = Url::parse(&listing.url).ok().filter(|url| site.is_detail(url)) else {
        return Some((Said::Nothing, false));
    };
    match visit(scraper, site, &url, site.detail_render(), None).await? {
        Ok(Visit { page, parsed }) => {
            let said = standing(site.clone(), page, parsed, listing.id.clone()).await;
            Some((said.map_or(Said::Nothing, Said::of_standing), false))
        }
        Err(trouble) if trouble.is_unasked() => None,
        Err(trouble) => {
            let said = match &trouble {
                Trouble::Fetch(error) => Said::of_error(error),
                Trouble::Parse(_) => Said::Nothing,
            };
            tracing::debug!(listing = listing.id, text = trouble.text(), "an old listing's page");
            Some((said, trouble.ends_the_stage()))
        }
    }
}

/// Writes what was found and whom to tell.
async fn record(
    scraper: &Scraper,
    source: &Source,
    found: &[(StaleListing, Finding)],
    now: DateTime<Utc>,
) -> Result<Recorded, DbError> {
    let db = scraper.db.as_ref();
    let news: Vec<(Happening, &StaleListing)> = found
        .iter()
        .filter_map(|(stale, finding)| Some((finding.happening.clone()?, stale)))
        .collect();
    let deliveries = news_of_old(db, &scraper.matching, source, &news, now).await?;
    let happenings: Vec<Happening> = news.iter().map(|(one, _)| one.clone()).collect();
    count_doubts(source, &happenings);
    forget(scraper, &news).await;
    let write = |(one, _): (Happening, &StaleListing)| ListingWrite {
        listing: one.listing,
        fingerprint: one.fingerprint,
        change: one.change,
        price: one.price,
    };
    let batch = ProbeBatch {
        asked: found.iter().map(|(_, finding)| finding.asked.clone()).collect(),
        matches: MatchBatch {
            source: source.id.clone(),
            epoch: source.epoch,
            site: source.spec.site.clone(),
            listings: news.into_iter().map(write).collect(),
            deliveries,
            run: None,
            now,
        },
    };
    db.record_probes(&batch).await
}

/// Lets the seen-set forget the readings that were true before: shown again as it was, a listing that is gone
/// must be found back, and one that is cheaper must be found dearer. Before the record is written, because
/// forgetting costs work only.
async fn forget(scraper: &Scraper, news: &[(Happening, &StaleListing)]) {
    for (happening, stale) in news {
        // No reading has this fingerprint: it is that of the change turned round.
        let item =
            SeenItem { id: happening.listing.id.clone(), fingerprint: !happening.fingerprint };
        for source in &stale.shown_in {
            if let Err(error) = scraper.seen.mark(source, std::slice::from_ref(&item)).await {
                tracing::warn!(%source, %error, "a reading is not forgotten; its return is told late");
            }
        }
    }
}
