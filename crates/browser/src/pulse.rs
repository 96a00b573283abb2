//! Whether a browser still does what it is for, and the end of one that does not.
//!
//! A browser can answer and be of no use: without its zygote it makes no tabs, without its network service no page
//! ever comes. So a page that takes long makes us try one of our own.

use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::target::CreateTargetParams;
use chromiumoxide::error::CdpError;
use tokio::time::Instant;

use crate::instance::{Instance, in_time, kill_groups};

/// How often a browser with a page under way is asked whether it lives.
const PULSE: Duration = Duration::from_secs(2);

/// A page that takes longer makes us look closer.
const LONG: Duration = Duration::from_secs(8);

/// An address that no proxy of ours dials: the refusal comes at once (RFC 1112, class E).
const NOWHERE: &str = "http://240.0.0.1/";

impl Instance {
    /// Returns when the browser does not answer any more, and ends it: whoever waits for one of its pages would
    /// wait for the whole deadline.
    pub(crate) async fn hangs(&self, session: &str) {
        let begun = Instant::now();
        let mut strikes = 0;
        // A page that floods us with events, or a busy machine, delays an answer; twice in a row is no delay.
        while strikes < 2 {
            tokio::time::sleep(PULSE).await;
            let long = begun.elapsed() > LONG;
            let well = self.answers().await && (!long || self.opens_pages(session).await);
            strikes = if well { 0 } else { strikes + 1 };
        }
        self.give_up("it does not answer, or its pages never come");
    }

    /// Ends a browser that is of no use any more; a remote one is only left.
    pub(crate) fn give_up(&self, why: &str) {
        tracing::warn!(why, "giving the browser up");
        self.condemned.send_replace(true);
        if let Some(processes) = &self.processes {
            kill_groups(processes);
        }
    }

    /// Whether a page can still be had in a session: made, and answered through the network. A browser whose
    /// zygote or network service has died answers as before, but its pages never come.
    async fn opens_pages(&self, session: &str) -> bool {
        let context = self.sessions.lock().await.get(session).map(|one| one.context.clone());
        let opened = async {
            let mut params = CreateTargetParams::new("about:blank");
            params.browser_context_id = context;
            let page = self.client.new_page(params).await?;
            let seen = page.goto(NOWHERE).await.map(|_| ());
            page.close().await?;
            seen
        };
        // An error is an answer; only silence is none.
        !matches!(in_time(opened).await, Err(CdpError::Timeout))
    }

    /// Whether the browser still answers.
    pub(crate) async fn answers(&self) -> bool {
        in_time(self.client.version()).await.is_ok()
    }
}
