//! What a process counts of each host, for reports and metrics.

use std::time::Duration;

use super::How;
use crate::domain::host::HostPace;

/// Counts of one host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HostStats {
    /// Requests begun.
    pub requests: u64,
    /// Answers: a page or "nothing has changed".
    pub answers: u64,
    /// Refusals and block pages.
    pub refusals: u64,
    /// Requests that failed otherwise.
    pub failures: u64,
    /// Bytes of decoded bodies.
    pub bytes: u64,
    /// Sent away: too many waited already.
    pub queued: u64,
    /// How long the host was left alone because it refused us, all pauses together.
    pub held: Duration,
}

impl HostStats {
    pub(super) fn begun(&mut self, host: &str) {
        self.requests += 1;
        metrics::counter!("magpie_host_requests_total", "host" => host.to_owned()).increment(1);
    }

    pub(super) fn sent_away(&mut self, host: &str) {
        self.queued += 1;
        metrics::counter!("magpie_host_queued_total", "host" => host.to_owned()).increment(1);
    }

    /// Counts an end; `pace` are the clocks after it.
    pub(super) fn ended(&mut self, host: &str, how: How, pace: &HostPace, now: i64) {
        match how {
            How::Answered(bytes) => {
                self.answers += 1;
                self.bytes += bytes as u64;
            }
            How::Failed => self.failures += 1,
            How::Refused(_) | How::RefusedFor(..) => {
                self.refusals += 1;
                let pause = pace.held_until.saturating_sub(now).max(0).unsigned_abs();
                self.held += Duration::from_millis(pause);
                metrics::counter!("magpie_host_refusals_total", "host" => host.to_owned())
                    .increment(1);
                metrics::counter!("magpie_host_held_seconds_total", "host" => host.to_owned())
                    .increment(pause / 1_000);
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a gap of some seconds")]
        let gap = pace.gap_ms as f64 / 1_000.0;
        metrics::gauge!("magpie_host_gap_seconds", "host" => host.to_owned()).set(gap);
    }
}
