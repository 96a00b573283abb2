//! Connections for reading. A question runs on a thread that may wait, with a connection of its own; one for
//! a few rows by key first tries to be answered without that.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::engine::{Conn, Place};
use crate::store::DbError;

/// The readers of a database; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Readers {
    place: Place,
    /// The one that was used last is used first, so that few are open where little is asked.
    idle: Arc<Mutex<Vec<Conn>>>,
    places: Arc<Semaphore>,
    count: u32,
}

impl Readers {
    /// At most `count` connections, opened when they are needed.
    pub fn new(place: Place, count: u32) -> Self {
        let count = count.max(1);
        let places = Arc::new(Semaphore::new(usize::try_from(count).unwrap_or(1)));
        Self { place, idle: Arc::default(), places, count }
    }

    /// Asks `work` on a connection that cannot write.
    pub async fn run<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, DbError>> + Send + 'static,
    {
        let late = |_| DbError::Unavailable("all readers are busy".into());
        let closed = |_| DbError::Unavailable("the database is closed".into());
        let limit = self.place.busy_timeout.max(Duration::from_millis(100));
        let places = Arc::clone(&self.places);
        let permit = timeout(limit, places.acquire_owned()).await.map_err(late)?.map_err(closed)?;
        let (readers, runtime) = (self.clone(), tokio::runtime::Handle::current());
        let asked = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            runtime.block_on(readers.ask(work))
        });
        asked.await.unwrap_or_else(|_| Err(DbError::Broken("a question panicked".into())))
    }

    /// Asks for a few rows by key, on the calling thread if a connection is open and nobody has to be waited
    /// for: the way to another thread and back costs more than such an answer.
    pub async fn glance<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<T, DbError>> + Send + Sync + 'static,
    {
        self.glance_if(true, work).await
    }

    /// A [`glance`](Self::glance) if it is quick; other questions take the way to another thread.
    pub async fn glance_if<T, F>(&self, is_quick: bool, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<T, DbError>> + Send + Sync + 'static,
    {
        if is_quick
            && let Ok(_place) = self.places.try_acquire()
            && let Some(mut conn) = self.pop()
        {
            conn.inner.busy_timeout(Duration::ZERO)?;
            match work(&mut conn).await {
                Err(DbError::Unavailable(_)) => {}
                answer => {
                    conn.inner.busy_timeout(self.place.busy_timeout)?;
                    self.idle().push(conn);
                    return answer;
                }
            }
        }
        self.run(work).await
    }

    async fn ask<T, F>(&self, work: F) -> Result<T, DbError>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, DbError>> + Send,
    {
        let mut conn = match self.pop() {
            Some(conn) => conn,
            None => self.place.reader().await?,
        };
        let answer = work(&mut conn).await?;
        // After an error the connection may be in any state, so it is not kept.
        self.idle().push(conn);
        Ok(answer)
    }

    /// Waits for questions under way, refuses new ones and closes the connections.
    pub async fn close(&self) {
        if let Ok(_all) = self.places.acquire_many(self.count).await {
            self.places.close();
        }
        self.idle().clear();
    }

    fn pop(&self) -> Option<Conn> {
        self.idle().pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Conn>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
