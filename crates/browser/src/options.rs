//! What an operator decides about the browser.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// The way out: where the filtering proxy listens.
#[derive(Debug, Clone)]
pub struct ProxyEndpoint {
    /// Loopback address of the proxy, used when the browser shares our network namespace.
    pub tcp: SocketAddr,
    /// Unix socket of the proxy, needed by the jail. Without it there is no jail.
    pub unix: Option<PathBuf>,
}

/// Whether Chromium lives in a network namespace in which nothing but the proxy exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JailMode {
    /// Use the jail where the kernel allows it, else go on without and say so in the log.
    #[default]
    Auto,
    /// Refuse to start a browser without the jail.
    Require,
    /// Never use it.
    Off,
}

/// Whether Chromium's own sandbox must be on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SandboxMode {
    /// Refuse to start a browser whose sandbox cannot work.
    #[default]
    Require,
    /// Start without it as the last resort and name the risk in the log.
    Auto,
}

/// How to run the browser. Start from `Options::default()` and set what differs.
#[derive(Debug, Clone)]
pub struct Options {
    /// The browser program; found by itself when absent.
    pub executable: Option<PathBuf>,
    /// `ws://` or `http://` address of a browser that somebody else runs; nothing is launched.
    pub cdp_url: Option<String>,
    /// The only way out. No browser is launched without it.
    pub proxy: Option<ProxyEndpoint>,
    /// Other ways out, by name, for sessions that name one (see [`crate::PageRequest::proxy`]).
    pub identities: BTreeMap<String, ProxyEndpoint>,
    /// Loopback port on which a person can look into the browser and drive it; only without the jail, and only
    /// for as long as somebody is needed.
    pub devtools_port: Option<u16>,
    /// Network namespace for Chromium.
    pub jail: JailMode,
    /// Chromium's own sandbox.
    pub chromium_sandbox: SandboxMode,
    /// Program that runs [`crate::guard::main`] when called with the word `browser-guard`;
    /// usually our own executable.
    pub guard: PathBuf,
    /// Directory for the profiles. Each launch has its own below it, removed afterwards.
    pub work_dir: PathBuf,
    /// User agent to send instead of Chromium's own.
    pub user_agent: Option<String>,
    /// Languages the browser asks for, as in `Accept-Language`.
    pub languages: String,
    /// Pages loaded at once; further requests wait. Above four nothing gets faster.
    pub max_pages_at_once: usize,
    /// Sessions kept at once; the one unused for longest makes room.
    pub max_sessions: usize,
    /// Visits after which a session's cookies and storage are thrown away.
    pub session_visits: u32,
    /// Pages after which the browser is replaced.
    pub recycle_after_pages: u64,
    /// Age at which the browser is replaced.
    pub recycle_after: Duration,
    /// Memory of all its processes (proportional set size) at which the browser is replaced.
    pub recycle_above_bytes: u64,
    /// Longest wait for a started browser to answer.
    pub launch_timeout: Duration,
    /// Most requests one page may make.
    pub max_requests: u32,
    /// Most pop-ups and workers one page may open.
    pub max_targets: u32,
    /// Most navigations of the page itself, redirects by script included.
    pub max_navigations: u32,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            executable: None,
            cdp_url: None,
            proxy: None,
            identities: BTreeMap::new(),
            devtools_port: None,
            jail: JailMode::default(),
            chromium_sandbox: SandboxMode::default(),
            guard: std::env::current_exe().unwrap_or_default(),
            work_dir: std::env::temp_dir().join("magpie-browser"),
            user_agent: None,
            languages: "en-US,en".to_owned(),
            max_pages_at_once: 4,
            max_sessions: 8,
            session_visits: 50,
            recycle_after_pages: 100,
            recycle_after: Duration::from_secs(30 * 60),
            recycle_above_bytes: 600 << 20,
            launch_timeout: Duration::from_secs(15),
            max_requests: 1_000,
            max_targets: 20,
            max_navigations: 10,
        }
    }
}

impl ProxyEndpoint {
    /// A proxy on a loopback port only.
    pub fn loopback(port: u16) -> ProxyEndpoint {
        ProxyEndpoint { tcp: (Ipv4Addr::LOCALHOST, port).into(), unix: None }
    }
}
