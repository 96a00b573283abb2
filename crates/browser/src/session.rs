//! Sessions and tabs: made when they are asked for, kept while they are good.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use chromiumoxide::Page;
use chromiumoxide::cdp::browser_protocol::browser::{
    BrowserContextId, SetDownloadBehaviorBehavior, SetDownloadBehaviorParams,
};
use chromiumoxide::cdp::browser_protocol::network::SetBypassServiceWorkerParams;
use chromiumoxide::cdp::browser_protocol::target::{
    CreateBrowserContextParams, CreateTargetParams, SetAutoAttachParams,
};
use chromiumoxide::error::CdpError;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::in_page::Kept;
use crate::instance::{Instance, in_time};
use crate::page::{PageRequest, ResourceKind};
use crate::relay;
use crate::state::{self, SessionState};
use crate::visit;

pub(crate) struct Session {
    pub(crate) context: BrowserContextId,
    pub(crate) idle: Mutex<Vec<Tab>>,
    /// The page from inside which requests are made.
    pub(crate) kept: Mutex<Option<Kept>>,
    /// What it began with.
    pub(crate) state: Option<Arc<SessionState>>,
    pub(crate) visits: AtomicU32,
    pub(crate) users: AtomicU32,
    /// No new visits; disposed when the last user leaves.
    pub(crate) retired: AtomicBool,
    pub(crate) last_used: std::sync::Mutex<Instant>,
}

pub(crate) struct Tab {
    pub(crate) page: Page,
    pub(crate) blocks: Vec<ResourceKind>,
}

/// What a session is made with.
#[derive(Clone, Copy)]
pub(crate) struct Begin<'r> {
    pub(crate) name: &'r str,
    pub(crate) proxy: Option<&'r str>,
    pub(crate) state: Option<&'r Arc<SessionState>>,
}

impl<'r> Begin<'r> {
    pub(crate) fn of(request: &'r PageRequest) -> Begin<'r> {
        Begin {
            name: &request.session,
            proxy: request.proxy.as_deref(),
            state: request.state.as_ref(),
        }
    }
}

impl Instance {
    /// The session of the request and a tab in it, both made if need be.
    pub(crate) async fn open(
        &self,
        request: &PageRequest,
    ) -> Result<(Arc<Session>, Tab), CdpError> {
        let session = self.session(Begin::of(request)).await?;
        let opened = self.tab(&session, &request.block).await;
        match opened {
            Ok(tab) => Ok((session, tab)),
            Err(error) => {
                self.retire(&request.session, &session).await;
                self.put_down(&session).await;
                Err(error)
            }
        }
    }

    /// Where another way out is found from inside the browser.
    fn identity(&self, name: &str) -> Option<String> {
        let place = self.options.identities.keys().position(|known| known == name)?;
        let jailed = self.processes.as_ref().is_some_and(|processes| processes.jailed);
        let endpoint = self.options.identities.get(name)?;
        Some(if jailed {
            format!("127.0.0.1:{}", relay::identity_port(place))
        } else {
            endpoint.tcp.to_string()
        })
    }

    /// Takes a session up: finds or makes it and counts us as a user.
    pub(crate) async fn session(&self, begin: Begin<'_>) -> Result<Arc<Session>, CdpError> {
        let name = begin.name;
        let mut sessions = self.sessions.lock().await;
        let found = sessions.get(name).filter(|session| !session.retired.load(Ordering::Acquire));
        let session = if let Some(session) = found {
            session.clone()
        } else {
            if sessions.len() >= self.options.max_sessions {
                self.make_room(&mut sessions).await;
            }
            let context = in_time(self.new_context(begin.proxy)).await?;
            if let Some(state) = begin.state {
                in_time(state::set_cookies(&self.client, &context, &state.cookies)).await?;
            }
            let session = Arc::new(Session {
                context,
                idle: Mutex::default(),
                kept: Mutex::default(),
                state: begin.state.cloned(),
                visits: AtomicU32::new(0),
                users: AtomicU32::new(0),
                retired: false.into(),
                last_used: std::sync::Mutex::new(Instant::now()),
            });
            sessions.insert(name.to_owned(), session.clone());
            session
        };
        session.users.fetch_add(1, Ordering::AcqRel);
        if session.visits.fetch_add(1, Ordering::Relaxed) + 1 >= self.options.session_visits {
            session.retired.store(true, Ordering::Release);
            sessions.remove(name);
        }
        Ok(session)
    }

    /// Disposes the session that nobody uses and nobody used for longest.
    async fn make_room(&self, sessions: &mut HashMap<String, Arc<Session>>) {
        let unused = sessions.iter().filter(|(_, s)| s.users.load(Ordering::Acquire) == 0);
        let last_used = |session: &Session| session.last_used.lock().map(|at| *at).ok();
        let oldest = unused.min_by_key(|(_, s)| last_used(s)).map(|(name, _)| name.clone());
        if let Some(session) = oldest.and_then(|name| sessions.remove(&name)) {
            session.retired.store(true, Ordering::Release);
            self.dispose(&session).await;
        }
    }

    async fn new_context(&self, proxy: Option<&str>) -> Result<BrowserContextId, CdpError> {
        let mut params = CreateBrowserContextParams::builder().dispose_on_detach(true).build();
        if let Some(name) = proxy {
            let address = self.identity(name).ok_or_else(|| {
                CdpError::msg(format!("the browser knows no way out called {name}"))
            })?;
            params.proxy_server = Some(format!("http://{address}"));
            params.proxy_bypass_list = Some("<-loopback>".to_owned());
        }
        let context = self.client.create_browser_context(params).await?;
        let mut downloads = SetDownloadBehaviorParams::new(SetDownloadBehaviorBehavior::Deny);
        downloads.browser_context_id = Some(context.clone());
        self.client.execute(downloads).await?;
        Ok(context)
    }

    pub(crate) async fn tab(
        &self,
        session: &Session,
        block: &[ResourceKind],
    ) -> Result<Tab, CdpError> {
        let mut wanted = block.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let idle = session.idle.lock().await.pop();
        let mut tab = match idle {
            Some(tab) => tab,
            None => in_time(self.new_tab(session)).await?,
        };
        if tab.blocks != wanted {
            in_time(visit::set_blocking(&tab.page, &wanted)).await?;
            tab.blocks = wanted;
        }
        Ok(tab)
    }

    /// A tab is always opened empty and navigated later: a tab opened with an address leaks if
    /// the call is given up.
    async fn new_tab(&self, session: &Session) -> Result<Tab, CdpError> {
        let mut params = CreateTargetParams::new("about:blank");
        params.browser_context_id = Some(session.context.clone());
        let page = self.client.new_page(params).await?;
        // The client attaches to every worker and foreign frame and holds it until it has
        // looked at it. We look at none, and a worker that is never let go would hang its page.
        let mut attach = SetAutoAttachParams::new(false, false);
        attach.flatten = Some(true);
        page.execute(attach).await?;
        page.execute(SetBypassServiceWorkerParams::new(true)).await?;
        if let Some(begin) = &session.state {
            state::fill_storage(&page, &begin.storage).await?;
        }
        Ok(Tab { page, blocks: Vec::new() })
    }
}
