//! Long polling: the way without a public address.
//!
//! ```text
//! wait for the lock ──► remove a stale webhook ──► getUpdates(offset, 50 s) ──► handle all: chats side by side, each in order
//!                               ▲                                │ some not committed: again, 1 → 30 s
//!                               └──── offset stored ◄── all committed
//! ```
//!
//! Asking with a higher offset makes Telegram forget the updates below it, so the offset moves only when the
//! whole batch is in the record. A batch that comes twice is harmless: an update takes effect once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use serde_json::Value;
use tokio::time::sleep;

use super::back_off::BackOff;
use super::handle::Handler;
use super::poller_lock;
use super::webhook::ALLOWED_UPDATES;
use crate::shutdown::{Shutdown, Stage};
use crate::store::Db;
use crate::telegram::{Messenger, SendError};

/// How long Telegram may hold a question; its own maximum.
const HOLD_S: u32 = 50;
/// Chats that are served side by side.
const CHATS: usize = 64;

/// What polling needs.
pub struct Poller {
    /// Id of the bot: the position is stored by it.
    pub bot: i64,
    /// Telegram.
    pub messenger: Arc<dyn Messenger>,
    /// The record.
    pub db: Arc<dyn Db>,
    /// Handles the updates.
    pub handler: Arc<Handler>,
    /// When to stop.
    pub shutdown: Shutdown,
    /// Folder of the locks: processes that share it poll one at a time.
    pub locks: PathBuf,
}

/// Polls until the shutdown is quiet. A batch in hand is finished first. Telegram gives the updates to whoever asked
/// last, so of several processes one polls and the others wait for its end.
pub async fn run(poller: Poller) {
    let mut back_off = BackOff::default();
    let Some(_lock) = poller_lock::wait(&poller.locks, poller.bot, &poller.shutdown).await else {
        return;
    };
    let Some(mut offset) = poller.begin().await else { return };
    let kinds: Vec<String> = ALLOWED_UPDATES.iter().map(|kind| (*kind).to_owned()).collect();
    while poller.shutdown.is_running() {
        let asking = poller.messenger.get_updates(offset, HOLD_S, &kinds);
        let asked = tokio::select! {
            asked = asking => asked,
            () = poller.shutdown.reached(Stage::Quiet) => return,
        };
        match asked {
            Ok(batch) => {
                back_off = BackOff::default();
                if !poller.take(&batch, &mut offset).await {
                    return;
                }
            }
            Err(error) => {
                let pause = back_off.after(&error);
                tell(&error, pause);
                poller.pause(pause).await;
            }
        }
    }
}

fn tell(error: &SendError, pause: Duration) {
    match error {
        SendError::Conflict(_) => {
            tracing::warn!(%error, ?pause, "another process takes our updates: stepping back");
        }
        error => tracing::warn!(%error, ?pause, "updates could not be fetched"),
    }
}

impl Poller {
    /// Removes a stale webhook and reads the stored position; `None` when the shutdown came first.
    async fn begin(&self) -> Option<Option<i64>> {
        let mut back_off = BackOff::default();
        while self.shutdown.is_running() {
            let pause = match self.remove_webhook().await {
                Ok(()) => match self.db.polling_offset(self.bot).await {
                    Ok(offset) => return Some(offset),
                    Err(error) => {
                        tracing::warn!(%error, "the polling position could not be read");
                        back_off.step()
                    }
                },
                Err(error) => {
                    tracing::warn!(%error, "a stale webhook could not be removed");
                    back_off.after(&error)
                }
            };
            self.pause(pause).await;
        }
        None
    }

    async fn remove_webhook(&self) -> Result<(), SendError> {
        if self.messenger.webhook_info().await?.url.is_empty() {
            return Ok(());
        }
        self.messenger.delete_webhook().await?;
        tracing::info!("a webhook was set; it is removed, since this process polls");
        Ok(())
    }

    /// Handles a batch until all of it is committed, then moves the position; false when the shutdown was cut
    /// before that.
    async fn take(&self, batch: &[Value], offset: &mut Option<i64>) -> bool {
        let Some(next) = batch.iter().filter_map(id_of).max().and_then(|id| id.checked_add(1))
        else {
            return true;
        };
        let mut lanes = lanes_of(batch);
        let mut back_off = BackOff::default();
        loop {
            let handled = stream::iter(lanes).map(|lane| self.take_lane(lane));
            lanes = handled
                .buffer_unordered(CHATS)
                .filter(|l| std::future::ready(!l.is_empty()))
                .collect()
                .await;
            if lanes.is_empty() {
                match self.db.set_polling_offset(self.bot, next).await {
                    Ok(()) => break,
                    Err(error) => tracing::warn!(%error, "the polling position was not stored"),
                }
            }
            let pause = back_off.step();
            tokio::select! {
                () = sleep(pause) => {}
                () = self.shutdown.reached(Stage::Quiet) => return false,
            }
        }
        *offset = Some(next);
        true
    }

    /// Handles the updates of one chat in order; answers those that must come again.
    async fn take_lane(&self, mut lane: Vec<Bytes>) -> Vec<Bytes> {
        let mut done = 0;
        for body in &lane {
            if !self.handler.handle(body.clone()).await.is_done() {
                break;
            }
            done += 1;
        }
        lane.drain(..done);
        lane
    }

    async fn pause(&self, pause: Duration) {
        tokio::select! {
            () = sleep(pause) => {}
            () = self.shutdown.reached(Stage::Quiet) => {}
        }
    }
}

fn id_of(update: &Value) -> Option<i64> {
    update.get("update_id").and_then(Value::as_i64)
}

/// The updates by chat, each chat's in order of arrival; those without a chat are one lane.
fn lanes_of(batch: &[Value]) -> Vec<Vec<Bytes>> {
    let mut lanes: BTreeMap<Option<i64>, Vec<Bytes>> = BTreeMap::new();
    for update in batch {
        if let Ok(body) = serde_json::to_vec(update) {
            lanes.entry(chat_of(update)).or_default().push(body.into());
        }
    }
    lanes.into_values().collect()
}

fn chat_of(update: &Value) -> Option<i64> {
    let bodies = update.as_object()?.values();
    let chat = |body: &Value| body.get("chat")?.get("id")?.as_i64();
    bodies.filter_map(|body| chat(body).or_else(|| chat(body.get("message")?))).next()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_chat_keeps_its_order_within_a_batch() {
        let message = |id, chat| json!({"update_id": id, "message": {"chat": {"id": chat}}});
        let press = json!({"update_id": 3, "callback_query": {"message": {"chat": {"id": 7}}}});
        let batch = [message(1, 7), message(2, 8), press, json!({"update_id": 4, "poll": {}})];
        let lanes = lanes_of(&batch);
        let ids = |lane: &Vec<Bytes>| -> Vec<i64> {
            let update = |body: &Bytes| serde_json::from_slice::<Value>(body).expect("JSON");
            lane.iter().filter_map(|body| id_of(&update(body))).collect()
        };
        assert_eq!(lanes.iter().map(ids).collect::<Vec<_>>(), [vec![4], vec![1, 3], vec![2]]);
    }
}
