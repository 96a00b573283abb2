//! One update of a chat at a time inside this process.
//!
//! Between processes the version of the conversation decides; here a fair lock per chat keeps the order of
//! arrival and spares the conflicts. A lock lives only as long as somebody holds it or waits for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::domain::ChatId;

type Lock = Arc<tokio::sync::Mutex<()>>;

/// The locks of the chats that are being served.
#[derive(Debug, Default)]
pub struct ChatLocks {
    locks: Mutex<HashMap<ChatId, Lock>>,
}

/// A place in the queue of a chat, then its lock. Dropping it, waiting or held, leaves nothing behind.
#[derive(Debug)]
pub struct Held<'a> {
    locks: &'a ChatLocks,
    chat: ChatId,
    lock: Option<Lock>,
    guard: Option<OwnedMutexGuard<()>>,
}

impl ChatLocks {
    /// Waits for the chat's turn; first come, first served.
    pub async fn hold(&self, chat: ChatId) -> Held<'_> {
        let lock = self.map().entry(chat).or_default().clone();
        let mut held = Held { locks: self, chat, lock: Some(lock.clone()), guard: None };
        held.guard = Some(lock.lock_owned().await);
        held
    }

    /// Chats that are being served or wait.
    pub fn len(&self) -> usize {
        self.map().len()
    }

    /// Whether no chat is being served.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn map(&self) -> MutexGuard<'_, HashMap<ChatId, Lock>> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut map = self.locks.map();
        drop(self.guard.take());
        drop(self.lock.take());
        // Places are taken under the map's lock, so a count of one means that only the map knows it.
        if map.get(&self.chat).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            map.remove(&self.chat);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_chat_is_served_one_at_a_time_and_forgotten_afterwards() {
        let locks = ChatLocks::default();
        let first = locks.hold(ChatId(1)).await;
        let other = locks.hold(ChatId(2)).await;
        let mut second = Box::pin(locks.hold(ChatId(1)));
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(first);
        let second = second.await;
        drop((second, other));
        assert!(locks.is_empty());
    }

    #[tokio::test]
    async fn giving_up_the_wait_leaves_nothing_behind() {
        let locks = ChatLocks::default();
        let first = locks.hold(ChatId(1)).await;
        let mut second = Box::pin(locks.hold(ChatId(1)));
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(first);
        drop(second);
        assert!(locks.is_empty());
    }
}
