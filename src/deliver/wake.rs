//! A nudge from those who write deliveries to the one who sends them, within one process.

use std::sync::Arc;

use tokio::sync::Notify;

/// Shared by handle. A nudge that comes while nobody waits is kept, once; several become one.
#[derive(Debug, Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// There may be something to send. Harmless when there is not.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Returns at the next nudge, or at once when one was kept.
    pub async fn woken(&self) {
        self.0.notified().await;
    }
}
