//! Sessions with a log-in: made by steps or by a person, taken out and kept.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chromiumoxide::error::CdpError;
use tokio::time::{Instant, timeout};

use crate::instance::{CALL, Instance, in_time};
use crate::page::{PageError, PageRequest};
use crate::session::{Begin, Session, Tab};
use crate::state::{self, SessionState};
use crate::steps::{self, LoginFailure, LoginRequest, LoginStep};
use crate::visit::call_error;
use crate::watch::{Budget, Watch};

/// Longest wait for a page that is opened for a person.
const LENT: Duration = Duration::from_secs(20);

impl Instance {
    /// Logs in within a session of its own, which is thrown away afterwards.
    pub(crate) async fn log_in(
        &self,
        name: &str,
        request: &LoginRequest,
        deadline: Instant,
    ) -> Result<SessionState, LoginFailure> {
        self.visits.fetch_add(1, Ordering::Relaxed);
        let mut dead = self.dead.clone();
        let result = tokio::select! {
            result = self.log_in_alive(name, request, deadline) => result,
            _ = dead.wait_for(|dead| *dead) => Err(before_the_first(PageError::Gone)),
        };
        self.forget(name).await;
        result
    }

    async fn log_in_alive(
        &self,
        name: &str,
        request: &LoginRequest,
        deadline: Instant,
    ) -> Result<SessionState, LoginFailure> {
        let failed = |error: CdpError| before_the_first(call_error(&error));
        let begin = Begin { name, proxy: request.proxy.as_deref(), state: None };
        let session = self.session(begin).await.map_err(failed)?;
        let tab = match self.tab(&session, &[]).await {
            Ok(tab) => tab,
            Err(error) => {
                self.put_down(&session).await;
                return Err(failed(error));
            }
        };
        let result = self.steps(&session, &tab, &request.steps, deadline).await;
        self.leave(&session, tab, false).await;
        result
    }

    /// Opens a page for a person, waits until they are done, and answers the state of the session.
    pub(crate) async fn lend(
        &self,
        request: &PageRequest,
        done: impl Future<Output = ()>,
    ) -> Result<SessionState, PageError> {
        let opened = self.open(request).await;
        let (session, tab) = opened.map_err(|error| call_error(&error))?;
        // A page that loads for ever is the person's business.
        let _ = timeout(LENT, tab.page.goto(request.url.as_str())).await;
        let mut dead = self.dead.clone();
        let result = tokio::select! {
            () = done => self.taken(&session, &tab).await,
            _ = dead.wait_for(|dead| *dead) => Err(PageError::Gone),
        };
        self.leave(&session, tab, false).await;
        self.forget(&request.session).await;
        result
    }

    async fn taken(&self, session: &Session, tab: &Tab) -> Result<SessionState, PageError> {
        let failed = |error: CdpError| call_error(&error);
        let (page, context) = (tab.page.clone(), session.context.clone());
        let watching = Watch::start(self.client.clone(), page, context, Budget::of(&self.options));
        let mut watch = watching.await.map_err(failed)?;
        let storage = steps::storage(&tab.page, &mut watch, Instant::now() + CALL).await;
        let cookies = in_time(state::cookies(&self.client, &session.context)).await;
        Ok(SessionState {
            cookies: cookies.map_err(failed)?,
            storage: storage.into_iter().collect(),
        })
    }

    async fn steps(
        &self,
        session: &Session,
        tab: &Tab,
        steps: &[LoginStep],
        deadline: Instant,
    ) -> Result<SessionState, LoginFailure> {
        let failed = |error: CdpError| before_the_first(call_error(&error));
        let (page, context) = (tab.page.clone(), session.context.clone());
        let watching = Watch::start(self.client.clone(), page, context, Budget::of(&self.options));
        let mut watch = watching.await.map_err(failed)?;
        let storage = steps::run(&tab.page, &mut watch, steps, deadline).await?;
        let cookies = in_time(state::cookies(&self.client, &session.context)).await;
        Ok(SessionState {
            cookies: cookies.map_err(failed)?,
            storage: storage.into_iter().collect(),
        })
    }

    /// The present cookies of a session, if it is there; its storage as it began.
    pub(crate) async fn state_of(&self, name: &str) -> Option<SessionState> {
        let session = self.sessions.lock().await.get(name).cloned()?;
        let cookies = in_time(state::cookies(&self.client, &session.context)).await.ok()?;
        let storage = session.state.as_ref().map(|state| state.storage.clone());
        Some(SessionState { cookies, storage: storage.unwrap_or_default() })
    }
}

fn before_the_first(error: PageError) -> LoginFailure {
    LoginFailure { step: 0, what: "opening a page".to_owned(), error }
}
