//! The match index of this process: all watches of the installation, kept up by following the log of watches.
//!
//! ```text
//! start ─► position of the log ─► all watches, page by page ─► the log from that position on, again and again
//! run   ─► follow the log to its end ─► ask the index ─► load the watches it names, which have the last word
//! ```
//!
//! **What holds.** A run follows the log to its end before it asks. Every transaction that writes a watch writes the
//! log too, so a watch that was committed before the run asked is asked, whichever process wrote it; one that is
//! committed later is like one that came after the run: the next run tells it. What the index names is read from the
//! record at once, with filter, sources, pause and chat as they are then; whoever does not want the listing any more
//! is not told. So the index decides only whom to ask, and is never behind what the run could know.
//!
//! Following costs one small query. Between runs [`LiveIndex::run`] follows every quarter of a second, so that a run
//! finds little to do. A process whose index is not loaded yet, or cannot follow, waits a bounded time; then the run
//! asks every watch of its sources, as if there were no index.
//!
//! Loading can be broken off at any point and goes on where it was.

use std::panic::AssertUnwindSafe;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::Mutex;

use crate::domain::filter::Facts;
use crate::domain::matching::MatchIndex;
use crate::domain::{ChangeKind, SourceId, WatchId};
use crate::shutdown::{Shutdown, Stage};
use crate::store::{Db, DbError};

/// How often the log is followed when no run asks.
const EVERY: Duration = Duration::from_millis(250);
/// How often the size is measured.
const MEASURE: Duration = Duration::from_secs(15);
/// Entries of the log in one reading.
const ENTRIES: usize = 500;
/// Watches on a page.
const PAGE: usize = 2_000;

/// See the module.
#[derive(Debug, Default)]
pub struct LiveIndex {
    index: RwLock<MatchIndex>,
    /// Held by whoever brings the index forward.
    place: Mutex<Place>,
}

/// How far the index is.
#[derive(Debug, Default)]
enum Place {
    /// Nothing is loaded.
    #[default]
    Nowhere,
    /// The pages up to this watch are; the log was at this position when loading began.
    Loading { head: i64, after: Option<WatchId> },
    /// All that the log says up to this position.
    At(i64),
}

impl LiveIndex {
    /// Brings the index to the end of the log, loading it first if need be. An error leaves it as far as it came.
    pub async fn follow(&self, db: &dyn Db) -> Result<(), DbError> {
        let mut place = self.place.lock().await;
        if self.index.is_poisoned() {
            // Somebody panicked while it changed: what it knows may be half of the truth.
            self.index.clear_poison();
            *place = Place::Nowhere;
        }
        loop {
            match &mut *place {
                Place::Nowhere => {
                    *self.index.write().unwrap_or_else(PoisonError::into_inner) = MatchIndex::new();
                    *place = Place::Loading { head: db.watch_head().await?, after: None };
                }
                Place::Loading { head, after } => {
                    let page = db.watches_page(after.as_ref(), PAGE).await?;
                    let Some(last) = page.last().map(|watch| watch.id.clone()) else {
                        *place = Place::At(*head);
                        self.measure();
                        continue;
                    };
                    self.change(|index| page.iter().for_each(|watch| index.insert(watch)));
                    *after = Some(last);
                }
                Place::At(position) => {
                    let Some(news) = db.watches_changed_since(*position, ENTRIES).await? else {
                        tracing::warn!(
                            position,
                            "the log of watches does not reach back: all are read anew"
                        );
                        *place = Place::Nowhere;
                        continue;
                    };
                    if news.upto > *position {
                        self.change(|index| {
                            news.gone.iter().for_each(|id| _ = index.remove(id));
                            news.present.iter().for_each(|watch| index.insert(watch));
                        });
                    }
                    *position = news.upto;
                    if !news.more {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// [`Self::follow`], but no longer than `patience`. False when the index cannot be asked.
    pub async fn is_up_to_date(&self, db: &dyn Db, patience: Duration) -> bool {
        let contained = AssertUnwindSafe(self.follow(db)).catch_unwind();
        match tokio::time::timeout(patience, contained).await {
            Ok(Ok(Ok(()))) => true,
            Ok(Err(_)) => {
                tracing::error!("the match index panicked; all watches of a source are asked");
                false
            }
            Ok(Ok(Err(error))) => {
                tracing::warn!(%error, "the match index cannot follow the watches; all of a source are asked");
                false
            }
            Err(_) => {
                tracing::warn!(
                    "the match index is still being loaded; all watches of a source are asked"
                );
                false
            }
        }
    }

    /// The watches that look at one of `sources` and want the listing with a change of one of `kinds`. Ask
    /// [`Self::is_up_to_date`] first.
    pub fn matches(
        &self,
        facts: &Facts<'_>,
        sources: &[SourceId],
        kinds: &[ChangeKind],
    ) -> Vec<WatchId> {
        let begun = Instant::now();
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let found = index.matches(facts, sources, kinds);
        metrics::histogram!("magpie_match_seconds").record(begun.elapsed());
        found
    }

    /// How many watches it knows.
    pub fn len(&self) -> usize {
        self.index.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Follows until the process ends. The record may be away for a while.
    pub async fn run(&self, db: &dyn Db, shutdown: &Shutdown) {
        let (mut measured, mut well) = (Instant::now(), true);
        loop {
            let followed = tokio::select! {
                () = shutdown.reached(Stage::Quiet) => return,
                followed = self.follow(db) => followed,
            };
            if let Err(error) = &followed
                && well
            {
                tracing::warn!(%error, "the match index cannot follow the watches; it tries again");
            }
            well = followed.is_ok();
            if measured.elapsed() >= MEASURE {
                self.measure();
                measured = Instant::now();
            }
            tokio::select! {
                () = shutdown.reached(Stage::Quiet) => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut MatchIndex)) {
        change(&mut self.index.write().unwrap_or_else(PoisonError::into_inner));
    }

    #[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
    fn measure(&self) {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        metrics::gauge!("magpie_watches").set(index.len() as f64);
        metrics::gauge!("magpie_match_index_bytes").set(index.bytes() as f64);
    }
}

#[cfg(test)]
mod tests;
