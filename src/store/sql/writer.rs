//! The one writer of a process: gathers waiting commits into one physical transaction.
//!
//! ```text
//! callers ──jobs──► queue ──► BEGIN IMMEDIATE
//!                              SAVEPOINT → run → RELEASE     (or ROLLBACK TO: only this job fails)
//!                              SAVEPOINT → run
//!                             COMMIT (one fsync for all) ──► every caller is answered
//! (a job that is alone needs no savepoint)
//! ```
//!
//! While one transaction is being made durable, the next jobs wait in the queue and become the next batch.
//! Only after a batch of several does the writer wait a moment (at most `gather`) for as many again.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::engine::{Conn, Place};
use super::statement::query;
use crate::store::DbError;

/// Most jobs in one physical transaction.
const BATCH: usize = 256;
/// Jobs that may wait before callers have to.
const QUEUE: usize = 4_096;

/// Hands jobs to the writer task; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Writer {
    /// Starts the task with an open connection. It ends when the last handle is gone or is closed.
    pub fn start(place: Place, conn: Conn, gather: Duration) -> Result<Self, DbError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let conn = Some(conn);
        let work = Loop { place, conn, gather, jobs, stop: stop.clone(), last: 0 };
        // A thread of its own: the engine runs on it and waits for the disk. It is none of the runtime's, whose
        // end would wait for it while our handles keep it alive.
        let (runtime, running) = (tokio::runtime::Handle::current(), tasks.token());
        tasks.close();
        let life = move || {
            let _running = running;
            runtime.block_on(work.run());
        };
        let begun = std::thread::Builder::new().name("store-writer".into()).spawn(life);
        begun
            .map_err(|error| DbError::Unavailable(format!("no thread for the writer: {error}")))?;
        Ok(Self { queue, stop, tasks })
    }

    /// Takes no new jobs, finishes those that wait, closes the connection.
    pub async fn close(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }

    /// Runs `work` inside a transaction of its own; answers after it is durable.
    pub async fn run<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, DbError>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Task { work: Some(work), result: None, reply: Some(reply) };
        let gone = || DbError::Unavailable("the writer has stopped".into());
        self.queue.send(Box::new(job)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// A unit of work whose result type is hidden.
trait Job: Send {
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
    /// Runs it; `Err` is kept for the caller, the return value says whether to keep what was written.
    fn run<'j>(&'j mut self, conn: &'j mut Conn) -> BoxFuture<'j, bool>;
    /// Answers the caller: its own result, or that the whole transaction failed.
    fn answer(&mut self, failure: Option<&DbError>);
}

struct Task<T, F> {
    work: Option<F>,
    result: Option<Result<T, DbError>>,
    reply: Option<oneshot::Sender<Result<T, DbError>>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, DbError>> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    fn run<'j>(&'j mut self, conn: &'j mut Conn) -> BoxFuture<'j, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            let result = AssertUnwindSafe(async move { work(conn).await }).catch_unwind().await;
            let result =
                result.unwrap_or_else(|_| Err(DbError::Broken("a write job panicked".into())));
            let keep = result.is_ok();
            self.result = Some(result);
            keep
        })
    }

    fn answer(&mut self, failure: Option<&DbError>) {
        let Some(reply) = self.reply.take() else { return };
        let own = self.result.take();
        let lost = |error: &DbError| match error {
            DbError::Unavailable(text) | DbError::Broken(text) => {
                Err(DbError::Unavailable(text.clone()))
            }
            newer => Err(DbError::Unavailable(newer.to_string())),
        };
        let result = match (failure, own) {
            (_, Some(Err(error))) => Err(error),
            (Some(error), _) => lost(error),
            (None, Some(result)) => result,
            (None, None) => Err(DbError::Unavailable("the job was not run".into())),
        };
        // A caller that went away does not want the answer.
        let _ = reply.send(result);
    }
}

struct Loop {
    place: Place,
    conn: Option<Conn>,
    gather: Duration,
    jobs: mpsc::Receiver<Box<dyn Job>>,
    stop: CancellationToken,
    last: usize,
}

impl Loop {
    async fn run(mut self) {
        let mut batch: Vec<Box<dyn Job>> = Vec::with_capacity(BATCH);
        while self.next(&mut batch).await {
            self.gather_more(&mut batch).await;
            batch.retain(|job| !job.is_abandoned());
            if batch.is_empty() {
                continue;
            }
            self.last = batch.len();
            let failure = self.commit(&mut batch).await.err();
            if let Some(error) = &failure {
                tracing::warn!(jobs = batch.len(), %error, "a write transaction failed");
                // The handle may be in any state, and an fsync is never repeated on it.
                self.conn = None;
            }
            for mut job in batch.drain(..) {
                job.answer(failure.as_ref());
            }
        }
        if let Some(conn) = self.conn {
            drop(conn);
        }
    }

    /// Fills an empty batch; false when there will be no more jobs.
    async fn next(&mut self, batch: &mut Vec<Box<dyn Job>>) -> bool {
        tokio::select! {
            biased;
            () = self.stop.cancelled(), if !self.jobs.is_closed() => self.jobs.close(),
            count = self.jobs.recv_many(batch, BATCH) => return count > 0,
        }
        self.jobs.recv_many(batch, BATCH).await > 0
    }

    /// Waits for about as many jobs as last time, since their callers are likely to come again together.
    async fn gather_more(&mut self, batch: &mut Vec<Box<dyn Job>>) {
        if self.last <= 1 || self.gather.is_zero() {
            return;
        }
        let until = Instant::now() + self.gather;
        while batch.len() < self.last.min(BATCH) {
            let room = BATCH - batch.len();
            match timeout_at(until, self.jobs.recv_many(batch, room)).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    /// One physical transaction. An error here concerns all jobs of the batch.
    async fn commit(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), DbError> {
        if self.conn.is_none() {
            self.conn = Some(self.place.writer().await?);
        }
        let Some(conn) = self.conn.as_mut() else {
            return Err(DbError::Unavailable("no connection".into()));
        };
        execute(conn, "BEGIN IMMEDIATE").await?;
        // A job that is alone is undone with its transaction; a savepoint would copy each page it touches.
        if let [job] = batch {
            let keep = job.run(conn).await;
            return execute(conn, if keep { "COMMIT" } else { "ROLLBACK" }).await;
        }
        execute(conn, "SAVEPOINT job").await?;
        let last = batch.len() - 1;
        for (place, job) in batch.iter_mut().enumerate() {
            if !job.run(conn).await {
                // The savepoint stays and serves the next job.
                execute(conn, "ROLLBACK TO SAVEPOINT job").await?;
            } else if place < last {
                execute(conn, "RELEASE SAVEPOINT job").await?;
                execute(conn, "SAVEPOINT job").await?;
            }
        }
        execute(conn, "COMMIT").await
    }
}

async fn execute(conn: &mut Conn, statement: &'static str) -> Result<(), DbError> {
    query(statement).execute(conn).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn start(folder: &std::path::Path, gather: Duration) -> Writer {
        let url = format!("sqlite://{}", folder.join("w.db").display());
        let place = Place::parse(&url, Duration::from_secs(5)).unwrap();
        let mut conn = place.writer().await.unwrap();
        query("CREATE TABLE IF NOT EXISTS t (n BIGINT NOT NULL PRIMARY KEY)")
            .execute(&mut conn)
            .await
            .unwrap();
        Writer::start(place, conn, gather).unwrap()
    }

    async fn insert(writer: &Writer, n: i64) -> Result<(), DbError> {
        writer
            .run(move |conn| {
                Box::pin(async move {
                    query("INSERT INTO t (n) VALUES ($1)").bind(n).execute(conn).await?;
                    Ok(())
                })
            })
            .await
    }

    async fn numbers(writer: &Writer) -> Vec<i64> {
        writer
            .run(|conn| {
                Box::pin(async move {
                    let rows = query("SELECT n FROM t ORDER BY n").fetch_all(conn).await?;
                    rows.iter().map(|row| row.try_get("n")).collect()
                })
            })
            .await
            .unwrap()
    }

    /// Inserts a number and then fails or panics.
    async fn spoil(writer: &Writer, n: i64, panics: bool) -> Result<(), DbError> {
        writer
            .run(move |conn| {
                Box::pin(async move {
                    query("INSERT INTO t (n) VALUES ($1)").bind(n).execute(conn).await?;
                    assert!(!panics, "as asked");
                    Err(DbError::Broken("as asked".into()))
                })
            })
            .await
    }

    #[tokio::test]
    async fn a_failing_or_panicking_job_undoes_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let writer = start(folder.path(), Duration::from_millis(4)).await;
        let (a, b, c, d, e) = tokio::join!(
            insert(&writer, 1),
            spoil(&writer, 2, false),
            insert(&writer, 3),
            spoil(&writer, 4, true),
            insert(&writer, 5),
        );
        assert!(a.is_ok() && c.is_ok() && e.is_ok());
        assert!(matches!(b, Err(DbError::Broken(text)) if text == "as asked"));
        assert!(matches!(d, Err(DbError::Broken(text)) if text.contains("panicked")));
        assert_eq!(numbers(&writer).await, [1, 3, 5]);
        // A refused statement is the caller's fault alone.
        let (twice, once) = tokio::join!(insert(&writer, 1), insert(&writer, 6));
        assert!(!twice.unwrap_err().is_transient());
        assert!(once.is_ok());
    }

    #[tokio::test]
    async fn closing_finishes_what_waits_and_refuses_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let writer = start(folder.path(), Duration::ZERO).await;
        let jobs = futures_util::future::join_all((0..50).map(|n| insert(&writer, n)));
        let (done, ()) = tokio::join!(jobs, async {
            tokio::task::yield_now().await;
            writer.close().await;
        });
        assert!(done.iter().all(Result::is_ok));
        assert!(insert(&writer, 99).await.unwrap_err().is_transient());
        let again = start(folder.path(), Duration::ZERO).await;
        assert_eq!(numbers(&again).await.len(), 50);
    }

    #[tokio::test]
    async fn a_lost_connection_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let writer = start(folder.path(), Duration::ZERO).await;
        // A job that ends the transaction behind the writer's back makes the whole batch fail.
        let rude = writer
            .run(|conn| {
                Box::pin(async move {
                    query("ROLLBACK").execute(conn).await?;
                    Ok(())
                })
            })
            .await;
        assert!(rude.unwrap_err().is_transient());
        insert(&writer, 1).await.unwrap();
        assert_eq!(numbers(&writer).await, [1]);
    }
}
