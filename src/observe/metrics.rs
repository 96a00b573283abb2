//! Metrics: counted anywhere with the macros of crate `metrics`, rendered here for `GET /metrics`. No listener of
//! its own, no push.
//!
//! Labels come from closed sets (site, verdict, class, outcome): never a chat, a URL or a listing.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Seconds: from a quick call to a page that uses its whole deadline.
const SECONDS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

/// The one recorder of the process: the macros find it through a global of their own.
static HANDLE: OnceLock<Handle> = OnceLock::new();

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
}

/// Installs the recorder of this process; a second call answers the first one's handle.
pub fn init() -> Result<Handle, BuildError> {
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?;
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
pub const COUNTERS: &[(&str, &str)] = &[];

/// Gauges and what they show.
pub const GAUGES: &[(&str, &str)] =
    &[("magpie_build_info", "Always 1; the label tells the version.")];

/// Histograms of seconds and what they measure.
pub const HISTOGRAMS: &[(&str, &str)] = &[];

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
