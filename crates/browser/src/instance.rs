//! One running browser: its sessions, its pages, its end.
//!
//! A session is a browser context: cookies and storage of its own. Its pages are used again
//! after a good visit and closed after a bad one; the whole context goes after any error, after
//! enough visits, or to make room for another session.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use chromiumoxide::error::CdpError;
use chromiumoxide::{Browser as Client, Page};
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::time::{Instant, timeout, timeout_at};

use crate::options::Options;
use crate::page::{PageError, PageRequest, Stage};
use crate::process;
use crate::record::Recorder;
use crate::session::{Session, Tab};
use crate::visit::{self, Visited, call_error};
use crate::watch::{Budget, Watch};

/// Longest wait for a call that does not load anything.
pub(crate) const CALL: Duration = Duration::from_secs(5);

/// Facts about the processes of a browser we started.
#[derive(Debug, Clone)]
pub(crate) struct Processes {
    /// The guard; also the number of its process group.
    pub(crate) guard: u32,
    /// Chromium's main process; also the number of its process group.
    pub(crate) chromium: u32,
    pub(crate) jailed: bool,
    pub(crate) sandboxed: bool,
}

/// A running browser.
pub(crate) struct Instance {
    pub(crate) client: Arc<Client>,
    pub(crate) processes: Option<Processes>,
    pub(crate) started: Instant,
    /// Free pages. Closed when the browser is being replaced.
    pub(crate) places: Semaphore,
    pub(crate) sessions: Mutex<HashMap<String, Arc<Session>>>,
    pub(crate) options: Arc<Options>,
    pub(crate) visits: AtomicU64,
    worked: AtomicBool,
    pub(crate) condemned: watch::Sender<bool>,
    /// Tells the bridge and the connection to end.
    stop: watch::Sender<bool>,
    /// True when connection or process has ended.
    pub(crate) dead: watch::Receiver<bool>,
    /// True when the process has been collected and its directory removed.
    gone: watch::Receiver<bool>,
}

/// What `launch` hands over.
pub(crate) struct Parts {
    pub(crate) client: Client,
    pub(crate) processes: Option<Processes>,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) dead: watch::Receiver<bool>,
    pub(crate) gone: watch::Receiver<bool>,
}

impl Instance {
    pub(crate) fn new(parts: Parts, options: Arc<Options>) -> Instance {
        Instance {
            client: Arc::new(parts.client),
            processes: parts.processes,
            started: Instant::now(),
            places: Semaphore::new(options.max_pages_at_once.max(1)),
            sessions: Mutex::default(),
            options,
            visits: AtomicU64::new(0),
            worked: AtomicBool::new(false),
            condemned: watch::channel(false).0,
            stop: parts.stop,
            dead: parts.dead,
            gone: parts.gone,
        }
    }

    pub(crate) fn is_dead(&self) -> bool {
        *self.dead.borrow()
    }

    /// Whether it has ever shown a page.
    pub(crate) fn has_worked(&self) -> bool {
        self.worked.load(Ordering::Relaxed)
    }

    /// Why the browser should be replaced, if it should.
    pub(crate) fn due(&self) -> Option<&'static str> {
        let visits = self.visits.load(Ordering::Relaxed);
        if *self.condemned.borrow() {
            Some("it does not answer")
        } else if visits >= self.options.recycle_after_pages {
            Some("it has shown enough pages")
        } else if self.started.elapsed() >= self.options.recycle_after {
            Some("it is old")
        } else if visits % 10 == 9 && self.memory() > self.options.recycle_above_bytes {
            Some("it holds too much memory")
        } else {
            None
        }
    }

    /// Bytes held by all processes of this browser, the guard included.
    pub(crate) fn memory(&self) -> u64 {
        self.processes.as_ref().map_or(0, |processes| process::memory(processes.guard))
    }

    /// Loads a page in the request's session.
    pub(crate) async fn load(
        &self,
        request: &PageRequest,
        deadline: Instant,
    ) -> Result<Visited, PageError> {
        self.visits.fetch_add(1, Ordering::Relaxed);
        let mut dead = self.dead.clone();
        let result = tokio::select! {
            result = self.load_alive(request, deadline) => result,
            _ = dead.wait_for(|dead| *dead) => Err(PageError::Gone),
            () = self.hangs(&request.session) => Err(PageError::Gone),
        };
        if result.is_ok() {
            self.worked.store(true, Ordering::Relaxed);
        }
        if matches!(result, Err(PageError::Timeout { .. })) && !self.answers().await {
            self.condemned.send_replace(true);
        }
        result
    }

    async fn load_alive(
        &self,
        request: &PageRequest,
        deadline: Instant,
    ) -> Result<Visited, PageError> {
        let opened = timeout_at(deadline, self.open(request)).await;
        let (session, tab) = match opened {
            Ok(Err(CdpError::Timeout)) => {
                // An empty tab needs no site: without a zygote there are none any more.
                self.give_up("it opens no tabs");
                return Err(PageError::Gone);
            }
            Ok(opened) => opened.map_err(|error| call_error(&error))?,
            Err(_) => return Err(PageError::Timeout { stage: Stage::Open }),
        };
        let result = self.visit(&session, &tab, request, deadline).await;
        let reusable = result.as_ref().is_ok_and(|visited| visited.settled);
        if result.is_err() {
            self.retire(&request.session, &session).await;
        }
        self.leave(&session, tab, reusable).await;
        result
    }

    async fn visit(
        &self,
        session: &Session,
        tab: &Tab,
        request: &PageRequest,
        deadline: Instant,
    ) -> Result<Visited, PageError> {
        let budget = Budget::of(&self.options);
        let context = session.context.clone();
        let watching = Watch::start(self.client.clone(), tab.page.clone(), context, budget);
        let mut watch = watching.await.map_err(|error| call_error(&error))?;
        watch.recorder = request.record_json.then(Recorder::default);
        visit::visit(&tab.page, &mut watch, request, deadline).await
    }

    /// Takes a session out of use.
    pub(crate) async fn retire(&self, name: &str, session: &Arc<Session>) {
        session.retired.store(true, Ordering::Release);
        let mut sessions = self.sessions.lock().await;
        if sessions.get(name).is_some_and(|current| Arc::ptr_eq(current, session)) {
            sessions.remove(name);
        }
    }

    /// Throws a session away that nobody needs any more; its tab would hold a renderer.
    pub(crate) async fn forget(&self, name: &str) {
        let session = self.sessions.lock().await.remove(name);
        if let Some(session) = session {
            session.retired.store(true, Ordering::Release);
            if session.users.load(Ordering::Acquire) == 0 {
                self.dispose(&session).await;
            }
        }
    }

    /// Gives a tab back, or closes it, and leaves the session.
    pub(crate) async fn leave(&self, session: &Session, tab: Tab, reusable: bool) {
        if !session.retired.load(Ordering::Acquire) {
            // An idle page must not go on working: timers, polling, animations.
            let parked = reusable && in_time(park(&tab.page)).await.is_ok_and(|blank| blank);
            if parked {
                session.idle.lock().await.push(tab);
            } else {
                self.close_tab(tab).await;
            }
        }
        self.put_down(session).await;
    }

    pub(crate) async fn put_down(&self, session: &Session) {
        if let Ok(mut at) = session.last_used.lock() {
            *at = Instant::now();
        }
        let last = session.users.fetch_sub(1, Ordering::AcqRel) == 1;
        if last && session.retired.load(Ordering::Acquire) {
            self.dispose(session).await;
        }
    }

    /// Throws a session away. A browser that cannot do that is replaced.
    pub(crate) async fn dispose(&self, session: &Session) {
        session.idle.lock().await.clear();
        session.kept.lock().await.take();
        let context = session.context.clone();
        if in_time(self.client.dispose_browser_context(context)).await.is_err() {
            self.condemned.send_replace(true);
        }
    }

    /// Ends the browser and waits until nothing of it is left.
    pub(crate) async fn shut_down(&self) {
        self.places.close();
        self.stop.send_replace(true);
        let mut gone = self.gone.clone();
        if timeout(CALL, gone.wait_for(|gone| *gone)).await.is_ok() {
            return;
        }
        if let Some(processes) = &self.processes {
            tracing::warn!(guard = processes.guard, "the browser's guard hangs; killing it");
            kill_groups(processes);
            let _ = timeout(CALL, gone.wait_for(|gone| *gone)).await;
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // Without a lifeline the guard does the rest.
        self.stop.send_replace(true);
    }
}

/// Leaves a page for an empty one; false when it has led elsewhere meanwhile.
async fn park(page: &Page) -> Result<bool, CdpError> {
    page.goto("about:blank").await?;
    let seen = page.evaluate("location.href === 'about:blank'").await?;
    Ok(seen.value().and_then(serde_json::Value::as_bool) == Some(true))
}

/// The last resort; the usual end is that the guard notices its closed lifeline.
pub(crate) fn kill_groups(processes: &Processes) {
    use rustix::process::{Pid, Signal, kill_process_group};
    for group in [processes.chromium, processes.guard] {
        if let Some(pid) = Pid::from_raw(group.cast_signed()) {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

pub(crate) async fn in_time<T>(
    call: impl Future<Output = Result<T, CdpError>>,
) -> Result<T, CdpError> {
    timeout(CALL, call).await.unwrap_or(Err(CdpError::Timeout))
}
