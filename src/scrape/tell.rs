//! How a run ended, for logs and metrics.

use super::run::{Ended, RunReport, Scraper};
use crate::domain::source::{Source, Verdict};

/// Tells logs and metrics.
pub(super) fn count(scraper: &Scraper, source: &Source, report: &RunReport) {
    let verdict = match report.ended {
        Ended::Held => "held",
        _ => report.verdict.map_or("released", Verdict::as_str),
    };
    let site = source.spec.site.clone();
    metrics::counter!("magpie_runs_total", "site" => site.clone(), "verdict" => verdict)
        .increment(1);
    metrics::counter!("magpie_new_listings_total", "site" => site)
        .increment(report.accepted.new_listings);
    let milliseconds = u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX);
    let good = report.verdict.is_none_or(Verdict::is_good);
    macro_rules! tell {
        ($level:ident) => {
            tracing::$level!(
                source = %source.id,
                site = %source.spec.site,
                search = %source.spec.title,
                verdict,
                rung = report.rung.as_str(),
                items = report.items,
                pages = report.pages,
                details = report.details,
                new = report.accepted.new_listings,
                deliveries = report.accepted.deliveries,
                doubted = report.accepted.doubted,
                milliseconds,
                error = report.error.as_deref(),
                "run ended"
            )
        };
    }
    let now = scraper.clock.now();
    scraper.life.tell_summed(now);
    let error = report.error.as_deref().unwrap_or(verdict);
    if good {
        tell!(info);
    } else if scraper.life.rollup().note(&source.spec.site, error, now) {
        tell!(warn);
    } else {
        tell!(debug);
    }
}
