//! Metrics: counted anywhere with the macros of crate `metrics`, rendered here for `GET /metrics`. No listener of
//! its own, no push.
//!
//! Labels come from closed sets (site, verdict, class, outcome): never a chat, a URL or a listing.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Seconds: from a quick call to a page that uses its whole deadline.
const SECONDS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

/// Seconds: from a search that few watch to a listing that ten thousand want.
const MATCHING: [f64; 10] =
    [0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.01, 0.1];

/// How often measurements are counted when nobody asks for the metrics.
const UPKEEP: Duration = Duration::from_secs(15);

/// The one recorder of the process: the macros find it through a global of their own.
static HANDLE: OnceLock<Handle> = OnceLock::new();

/// Held while the recorder is installed: of two that begin at once, the second finds the first one's handle.
static INSTALLING: Mutex<()> = Mutex::new(());

/// Renders what has been counted.
#[derive(Clone)]
pub struct Handle {
    prometheus: PrometheusHandle,
}

impl Handle {
    /// The text format of Prometheus.
    pub fn render(&self) -> String {
        self.prometheus.run_upkeep();
        self.prometheus.render()
    }

    /// Counts what was measured, for ever: until then each measurement waits in memory, and where nobody asks
    /// for the metrics they would only grow.
    pub async fn tend(self) {
        loop {
            tokio::time::sleep(UPKEEP).await;
            self.prometheus.run_upkeep();
        }
    }
}

/// Installs the recorder of this process; a second call answers the first one's handle.
pub fn init() -> Result<Handle, BuildError> {
    let _installing = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Full("magpie_match_seconds".to_owned()), &MATCHING)?;
    let prometheus = builder.install_recorder()?;
    describe();
    Ok(HANDLE.get_or_init(|| Handle { prometheus }).clone())
}

fn describe() {
    for (name, text) in COUNTERS {
        metrics::describe_counter!(*name, *text);
    }
    for (name, text) in GAUGES {
        metrics::describe_gauge!(*name, *text);
    }
    for (name, text) in HISTOGRAMS {
        metrics::describe_histogram!(*name, metrics::Unit::Seconds, *text);
    }
    metrics::gauge!("magpie_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// Counters and what they count.
pub const COUNTERS: &[(&str, &str)] = &[
    ("magpie_runs_total", "Runs by site and verdict."),
    (
        "magpie_held_runs_total",
        "Runs whose values may be wrong, so that nothing of them was told, by site.",
    ),
    (
        "magpie_readings_held_total",
        "Prices that wait until other readings agree, each time they are read, by site and doubt.",
    ),
    ("magpie_readings_rejected_total", "Prices read that cannot be any, by site and doubt."),
    ("magpie_new_listings_total", "Listings seen for the first time, by site."),
    ("magpie_logins_total", "Logins at sites, by site and outcome."),
    ("magpie_probes_total", "Pages of old listings that were asked for, by site."),
    ("magpie_host_requests_total", "Requests to a host, by host."),
    ("magpie_host_refusals_total", "Refusals and block pages of a host, by host."),
    ("magpie_host_held_seconds_total", "Pauses after refusals, in seconds, by host."),
    ("magpie_host_queued_total", "Sources sent away because too many waited, by host."),
    ("magpie_robots_total", "Readings of robots.txt and what it forbade, by result."),
    ("magpie_listings_same_total", "New listings that are another copy of a known one."),
    ("magpie_seen_lied_total", "Readings that the seen-set knew and the record did not."),
    ("magpie_deliveries_total", "Attempts to send, by class and outcome."),
    (
        "magpie_tellings_total",
        "Alerts by where the chain of preferences stopped them; `none` went out at once.",
    ),
    ("magpie_digests_total", "Digests that were written."),
    ("magpie_doubts_total", "Deliveries of which nobody knows whether they arrived."),
    (
        "magpie_render_cache_hits_total",
        "Messages whose shared part had been made for another reader.",
    ),
    ("magpie_render_cache_misses_total", "Shared parts of messages that were made."),
    ("magpie_settlements_fenced_total", "Outcomes that came after another process had settled."),
    ("magpie_telegram_429_total", "Requests that Telegram refused as too many."),
    ("magpie_updates_total", "Updates by kind and result."),
    ("magpie_webhook_forged_total", "Webhook calls without our secret."),
    ("magpie_checkouts_refused_total", "Payments of invoices that belong to no order."),
    ("telegram_bot_messages_total", "Messages from people."),
    (
        "telegram_bot_rate_limit_hits_total",
        "Updates that were not heard because it was too much, by kind; `global` came again later.",
    ),
    ("telegram_bot_errors_total", "Failures of the bot, by kind."),
];

/// Gauges and what they show.
pub const GAUGES: &[(&str, &str)] = &[
    ("magpie_build_info", "Always 1; the label tells the version."),
    ("magpie_host_gap_seconds", "The gap kept between two requests at present, by host."),
    ("magpie_offline", "1 while no host at all can be reached."),
    ("magpie_dead_letters", "Deliveries that need a person."),
    ("magpie_dead_letter_oldest_seconds", "How long the oldest of them has waited."),
    ("magpie_tickets_waiting", "Open tickets whose person waits for an answer."),
    ("magpie_ticket_oldest_seconds", "How long the oldest of them has waited."),
    ("magpie_watches", "Watches in the match index."),
    ("magpie_match_index_bytes", "Memory of the match index, compiled expressions not counted."),
    ("magpie_telegram_pending_updates", "Updates that wait for us at Telegram."),
    ("magpie_deliveries_in_flight", "Requests to Telegram that wait for their answer."),
];

/// Histograms of seconds and what they measure.
pub const HISTOGRAMS: &[(&str, &str)] = &[
    ("magpie_match_seconds", "From a change to the names of the watches that want it."),
    ("magpie_send_seconds", "From the first byte of a send to its outcome."),
    ("telegram_bot_response_time_seconds", "From an update to its commit."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_rendered_and_a_second_start_is_harmless() {
        let handle = init().unwrap();
        init().unwrap();
        metrics::counter!("magpie_observe_test_total", "outcome" => "ok").increment(2);
        let text = handle.render();
        assert!(text.contains("magpie_observe_test_total{outcome=\"ok\"} 2"), "{text}");
        assert!(text.contains("magpie_build_info{version="), "{text}");
    }
}
