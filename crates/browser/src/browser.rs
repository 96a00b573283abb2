//! The handle: one browser at a time, started when needed, replaced when due or dead.
//!
//! ```text
//!            fetch                     100 pages, 30 min, memory, no answer
//!  nothing ────────► running ─────────────────────────────────► drained, ended ──► nothing
//!     ▲                 │ ended by itself
//!     └── back-off ◄────┘ (none for the first time)
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, timeout, timeout_at};

use crate::instance::Instance;
use crate::launch;
use crate::options::Options;
use crate::page::{PageAnswer, PageError, PageRequest, Stage};
use crate::self_test::SelfTest;
use crate::state::SessionState;
use crate::steps::{LoginFailure, LoginRequest};
use crate::visit::Visited;

/// Longest pause between attempts to start a browser.
const MAX_BACK_OFF: Duration = Duration::from_secs(300);
/// Pause before a browser that could not be had is asked for again within one request.
const PAUSE: Duration = Duration::from_millis(250);
/// Longest wait for running pages before a due browser is replaced.
const DRAIN: Duration = Duration::from_secs(60);

/// A browser for many pages. Cheap to clone; all clones share one browser.
#[derive(Clone)]
pub struct Browser {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    options: Arc<Options>,
    state: Mutex<State>,
    /// Ends waiting for running pages and starts when the browser is closed.
    closing: watch::Sender<bool>,
    counters: Counters,
}

#[derive(Default)]
struct State {
    running: Option<Arc<Instance>>,
    /// Starts in a row that came to nothing.
    failures: u32,
    not_before: Option<Instant>,
    last_error: String,
}

#[derive(Default)]
struct Counters {
    pages: AtomicU64,
    failed: AtomicU64,
    launches: AtomicU64,
    deaths: AtomicU64,
    repeated: AtomicU64,
    recycled: AtomicU64,
}

/// What the browser did since the start of the process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Pages loaded.
    pub pages: u64,
    /// Pages that failed, for whatever reason.
    pub failed: u64,
    /// Browsers started or connected to.
    pub launches: u64,
    /// Browsers that ended by themselves.
    pub deaths: u64,
    /// Pages asked for again because the browser ended underneath them.
    pub repeated: u64,
    /// Browsers replaced because they were due.
    pub recycled: u64,
    /// Bytes of memory the running browser holds; 0 without one. Reading it costs some
    /// milliseconds.
    pub memory: u64,
}

impl Browser {
    /// A browser that is started by the first request. Needs a tokio runtime from then on.
    pub fn new(options: Options) -> Browser {
        let inner = Inner {
            options: Arc::new(options),
            state: Mutex::default(),
            closing: watch::channel(false).0,
            counters: Counters::default(),
        };
        Browser { inner: Arc::new(inner) }
    }

    /// Loads a page. Returns by the request's deadline (and a short time for clearing up).
    ///
    /// Giving the returned future up does not stop the visit, which ends by its own deadline:
    /// a page that is left half-way would hold its tab for ever.
    pub async fn fetch(&self, request: PageRequest) -> Result<PageAnswer, PageError> {
        if !matches!(request.url.scheme(), "http" | "https") {
            return Err(PageError::Refused("scheme".to_owned()));
        }
        let inner = self.inner.clone();
        let visit = tokio::spawn(async move { inner.fetch(request).await });
        visit.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a visit ended unexpectedly");
            Err(PageError::Gone)
        })
    }

    /// Ends the browser; nothing of it is left when this returns. Later requests fail.
    pub async fn close(&self) {
        self.inner.closing.send_replace(true);
        let mut state = self.inner.state.lock().await;
        if let Some(instance) = state.running.take() {
            instance.shut_down().await;
        }
    }

    /// Counters, and the memory held at this moment.
    pub fn stats(&self) -> Stats {
        let counters = &self.inner.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let running = self.inner.state.try_lock().ok().and_then(|state| state.running.clone());
        Stats {
            pages: read(&counters.pages),
            failed: read(&counters.failed),
            launches: read(&counters.launches),
            deaths: read(&counters.deaths),
            repeated: read(&counters.repeated),
            recycled: read(&counters.recycled),
            memory: running.map_or(0, |instance| instance.memory()),
        }
    }

    /// Logs in at a site in a session of its own; the state that results opens other sessions
    /// (see [`PageRequest::state`]). Returns by the request's deadline.
    pub async fn log_in(&self, request: LoginRequest) -> Result<SessionState, LoginFailure> {
        let inner = self.inner.clone();
        let login = tokio::spawn(async move { inner.log_in(&request).await });
        login.await.unwrap_or_else(|_| Err(not_begun(PageError::Gone)))
    }

    /// Opens a page for a person (see [`Options::devtools_port`]), waits until `done`, and answers the state of
    /// the session. No deadline: people take their time.
    pub async fn lend(
        &self,
        request: PageRequest,
        done: impl Future<Output = ()>,
    ) -> Result<SessionState, PageError> {
        let instance = self.inner.instance().await?;
        instance.lend(&request, done).await
    }

    /// The present cookies and storage of a session; `None` when the browser does not hold it.
    pub async fn session_state(&self, session: &str) -> Option<SessionState> {
        let running = self.inner.state.lock().await.running.clone()?;
        running.state_of(session).await
    }

    /// Throws a session away, with its cookies and storage.
    pub async fn forget_session(&self, session: &str) {
        let running = self.inner.state.lock().await.running.clone();
        if let Some(running) = running {
            running.forget(session).await;
        }
    }

    /// Starts the browser if need be, renders a page without network and looks at the walls.
    pub async fn self_test(&self) -> Result<SelfTest, PageError> {
        let inner = self.inner.clone();
        let test = tokio::spawn(async move { inner.self_test().await });
        test.await.unwrap_or(Err(PageError::Gone))
    }
}

impl Inner {
    async fn fetch(self: Arc<Inner>, request: PageRequest) -> Result<PageAnswer, PageError> {
        let deadline = Instant::now() + request.deadline;
        let result = self.fetch_again(&request, deadline).await;
        let counter = if result.is_ok() { &self.counters.pages } else { &self.counters.failed };
        counter.fetch_add(1, Ordering::Relaxed);
        result
    }

    /// Asks again, within the deadline, for a page whose browser or process ended underneath it: that is no
    /// answer of the site.
    async fn fetch_again(
        self: &Arc<Inner>,
        request: &PageRequest,
        deadline: Instant,
    ) -> Result<PageAnswer, PageError> {
        let mut left = request.attempts.max(1);
        loop {
            let result = self.fetch_by(request, deadline).await;
            let again = match &result {
                Err(error) if error.is_own() => left > 1,
                // The next browser does not start yet.
                Err(PageError::Unavailable(_)) => {
                    left < request.attempts && !*self.closing.borrow()
                }
                _ => false,
            };
            if !again || Instant::now() + PAUSE >= deadline {
                return result;
            }
            match &result {
                Err(PageError::Unavailable(_)) => tokio::time::sleep(PAUSE).await,
                _ => left -= 1,
            }
            self.counters.repeated.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn fetch_by(
        self: &Arc<Inner>,
        request: &PageRequest,
        deadline: Instant,
    ) -> Result<PageAnswer, PageError> {
        loop {
            let late = |_| PageError::Timeout { stage: Stage::Queue };
            let instance = timeout_at(deadline, self.instance()).await.map_err(late)??;
            let place = timeout_at(deadline, instance.places.acquire()).await.map_err(late)?;
            // A closed desk means that this browser is being replaced: ask for the next one.
            let Ok(_place) = place else { continue };
            let begun = Instant::now();
            let visited = instance.load(request, deadline).await?;
            return Ok(answer(visited, begun.elapsed()));
        }
    }

    async fn log_in(
        self: Arc<Inner>,
        request: &LoginRequest,
    ) -> Result<SessionState, LoginFailure> {
        let deadline = Instant::now() + request.deadline;
        let late = |_| not_begun(PageError::Timeout { stage: Stage::Queue });
        loop {
            let instance = timeout_at(deadline, self.instance()).await.map_err(late)?;
            let instance = instance.map_err(not_begun)?;
            let place = timeout_at(deadline, instance.places.acquire()).await.map_err(late)?;
            let Ok(_place) = place else { continue };
            let number = self.counters.pages.fetch_add(1, Ordering::Relaxed);
            return instance.log_in(&format!("login {number}"), request, deadline).await;
        }
    }

    /// The running browser, or a new one. Starting happens in a task of its own, so that an
    /// impatient caller does not leave half a browser behind.
    pub(crate) async fn instance(self: &Arc<Inner>) -> Result<Arc<Instance>, PageError> {
        let inner = self.clone();
        let work = tokio::spawn(async move {
            let mut state = inner.state.lock().await;
            inner.running(&mut state).await
        });
        work.await.unwrap_or(Err(PageError::Gone))
    }

    async fn running(&self, state: &mut State) -> Result<Arc<Instance>, PageError> {
        if *self.closing.borrow() {
            return Err(closed());
        }
        if let Some(instance) = state.running.take() {
            if instance.is_dead() {
                self.bury(state, &instance).await;
            } else if let Some(reason) = instance.due() {
                self.recycle(&instance, reason).await;
            } else {
                state.running = Some(instance.clone());
                return Ok(instance);
            }
        }
        if state.not_before.is_some_and(|at| Instant::now() < at) {
            return Err(PageError::Unavailable(state.last_error.clone()));
        }
        let started = tokio::select! {
            started = launch::launch(&self.options) => started,
            () = self.closed() => return Err(closed()),
        };
        self.counters.launches.fetch_add(1, Ordering::Relaxed);
        match started {
            Ok(instance) => {
                let instance = Arc::new(instance);
                state.running = Some(instance.clone());
                Ok(instance)
            }
            Err(error) => {
                tracing::error!(%error, "the browser cannot be started");
                state.failures += 1;
                state.not_before = Some(Instant::now() + back_off(state.failures));
                state.last_error.clone_from(&error);
                Err(PageError::Unavailable(error))
            }
        }
    }

    /// Clears up after a browser that ended by itself and decides when the next may start.
    async fn bury(&self, state: &mut State, instance: &Instance) {
        self.counters.deaths.fetch_add(1, Ordering::Relaxed);
        let age = instance.started.elapsed();
        tracing::warn!(?age, "the browser ended by itself");
        instance.shut_down().await;
        // One that has shown pages and was killed is replaced at once; one that never did is not worth a hurry.
        state.failures = if instance.has_worked() { 0 } else { state.failures + 1 };
        state.not_before =
            (state.failures > 1).then(|| Instant::now() + back_off(state.failures - 1));
        "it keeps ending before its first page".clone_into(&mut state.last_error);
    }

    /// Lets running pages finish, then ends the browser.
    async fn recycle(&self, instance: &Instance, reason: &str) {
        self.counters.recycled.fetch_add(1, Ordering::Relaxed);
        tracing::info!(reason, "replacing the browser");
        let all = u32::try_from(self.options.max_pages_at_once.max(1)).unwrap_or(u32::MAX);
        tokio::select! {
            _ = timeout(DRAIN, instance.places.acquire_many(all)) => {}
            () = self.closed() => {}
        }
        instance.shut_down().await;
    }

    /// Returns when the browser is closed.
    async fn closed(&self) {
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }
}

fn answer(visited: Visited, elapsed: Duration) -> PageAnswer {
    PageAnswer {
        status: visited.status,
        final_url: visited.final_url,
        html: visited.html,
        script: visited.script,
        picture: visited.picture,
        elapsed,
        requests: visited.requests,
        blocked: visited.blocked,
        responses: visited.responses,
    }
}

fn not_begun(error: PageError) -> LoginFailure {
    LoginFailure { step: 0, what: "starting".to_owned(), error }
}

fn closed() -> PageError {
    PageError::Unavailable("it was closed".to_owned())
}

/// 1 s, 2 s, 4 s … 5 min.
fn back_off(failures: u32) -> Duration {
    let exponent = failures.saturating_sub(1).min(16);
    Duration::from_secs(1_u64 << exponent).min(MAX_BACK_OFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_between_starts_grow_to_five_minutes() {
        let seconds: Vec<u64> = (1..=12).map(|n| back_off(n).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert_eq!(back_off(u32::MAX), MAX_BACK_OFF);
    }
}
