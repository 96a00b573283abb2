//! Replies on their way out: at once, in order per chat, outside the request that caused them.
//!
//! A reply is in the record as `sending` of this process before it comes here, so whatever is lost here is on
//! the doubt list. When the process must end, replies whose turn has not come are given back to the outbox.

use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::counters;
use crate::clock::Clock;
use crate::domain::ChatId;
use crate::domain::delivery::{Claimed, Outcome, Settlement};
use crate::shutdown::{Shutdown, Stage};
use crate::store::Db;

/// How long a sender may take after the cut.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Sends one claimed reply: waits for its slot ([`Claimed::send_at`]), sends, settles. It answers to nobody:
/// how it ended is in the record. After the cut it has a second to settle what it could not finish.
#[async_trait]
pub trait ReplySender: Send + Sync {
    /// Sends and settles.
    async fn send(&self, reply: Claimed);
}

/// The lanes, one per chat that waits for replies.
pub struct ReplyLanes {
    sender: Arc<dyn ReplySender>,
    db: Arc<dyn Db>,
    clock: Arc<dyn Clock>,
    shutdown: Shutdown,
    lanes: Mutex<HashMap<ChatId, VecDeque<Claimed>>>,
    tasks: TaskTracker,
}

impl ReplyLanes {
    /// Lanes that send by `sender`.
    pub fn new(
        sender: Arc<dyn ReplySender>,
        db: Arc<dyn Db>,
        clock: Arc<dyn Clock>,
        shutdown: Shutdown,
    ) -> Arc<Self> {
        let (lanes, tasks) = (Mutex::default(), TaskTracker::new());
        Arc::new(Self { sender, db, clock, shutdown, lanes, tasks })
    }

    /// Queues replies of one update; returns at once.
    pub fn push(self: &Arc<Self>, replies: Vec<Claimed>) {
        for reply in replies {
            let chat = reply.delivery.new.chat;
            let is_idle = {
                let mut lanes = self.map();
                let is_idle = !lanes.contains_key(&chat);
                lanes.entry(chat).or_default().push_back(reply);
                is_idle
            };
            if is_idle {
                let lanes = Arc::clone(self);
                self.tasks.spawn(async move { lanes.run(chat).await });
            }
        }
    }

    /// Waits until every lane is empty. Call it when nothing is pushed any more.
    pub async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn run(&self, chat: ChatId) {
        while let Some(reply) = self.next(chat) {
            let id = reply.delivery.new.id.clone();
            let sending = AssertUnwindSafe(self.sender.send(reply)).catch_unwind();
            tokio::pin!(sending);
            let (sent, is_cut) = tokio::select! {
                sent = &mut sending => (Some(sent), false),
                () = self.shutdown.reached(Stage::Cut) => {
                    (timeout(LAST_WORDS, &mut sending).await.ok(), true)
                }
            };
            if matches!(sent, Some(Err(_))) {
                counters::error("reply_panic");
                tracing::error!(delivery = %id, "sending a reply panicked; it is in doubt");
            }
            if is_cut {
                return self.give_back(chat).await;
            }
        }
    }

    /// The next reply of the chat; an empty lane ends with its worker.
    fn next(&self, chat: ChatId) -> Option<Claimed> {
        let mut lanes = self.map();
        let reply = lanes.get_mut(&chat)?.pop_front();
        if reply.is_none() {
            lanes.remove(&chat);
        }
        reply
    }

    async fn give_back(&self, chat: ChatId) {
        let waiting = self.map().remove(&chat).unwrap_or_default();
        let at = self.clock.now();
        let settle = |reply: Claimed| Settlement {
            id: reply.delivery.new.id,
            chat: reply.delivery.new.chat,
            epoch: reply.delivery.epoch,
            outcome: Outcome::Later { at, reason: "the bot process stopped".to_owned() },
        };
        let settlements: Vec<_> = waiting.into_iter().map(settle).collect();
        if settlements.is_empty() {
            return;
        }
        if let Err(error) = self.db.settle_deliveries(&settlements, at).await {
            let count = settlements.len();
            tracing::error!(%error, count, "replies could not be given back; they are in doubt");
        }
    }

    fn map(&self) -> MutexGuard<'_, HashMap<ChatId, VecDeque<Claimed>>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
