//! Drives Chromium: launch, sessions, pages, and the certainty that nothing is left behind.
//!
//! This is the only package that knows the DevTools protocol and its client. Outwards it speaks
//! in its own small types: a [`PageRequest`] goes in, a [`PageAnswer`] or a [`PageError`] comes
//! out. The client's generics stay inside, so its many message types compile once, here.
//!
//! ```text
//! our process ── stdin/stdout (DevTools messages, and the lifeline) ──┐
//!     │                                                              guard ── Chromium
//!     └── egress proxy ◄── unix socket ◄── relay (in the guard) ◄── proxy port ──┘
//!                                          [        jail: a network of its own      ]
//! ```
//!
//! Modules in reading order:
//!
//! * [`options`], [`page`]: what callers configure, ask and get.
//! * [`browser`]: the handle; launches lazily, relaunches, recycles, closes.
//! * `executable`, `flags`, `profile`: which program, with which switches, in which directory.
//! * `launch`: one start: the guard, its pipes, the connection, the checks after it.
//! * `chatter`: what the guard and Chromium say on stderr.
//! * [`guard`]: the small process between us and Chromium; `relay` is its way to the proxy and
//!   `jail` the namespaces it enters. `jail` holds the only unsafe code.
//! * `bridge`: DevTools messages from the pipe to the client's websocket.
//! * `instance`, `session`: one running browser, its sessions and tabs, and its end; `pulse`: whether it is still of use;
//!   `access`: sessions with a log-in.
//! * `visit`, `watch`, `script`: one page from navigation to HTML; `record`: the JSON it fetched.
//! * [`in_page`]: a request made from inside a page of the site.
//! * [`state`], [`steps`]: cookies and storage of a session, and how to log in.
//! * `process`: facts about processes from `/proc`.
//! * `remote`: a browser that somebody else runs.

mod access;
mod bridge;
pub mod browser;
mod chatter;
mod executable;
mod flags;
pub mod guard;
pub mod in_page;
mod instance;
mod jail;
mod launch;
pub mod options;
pub mod page;
mod process;
mod profile;
mod pulse;
mod record;
mod relay;
mod remote;
mod script;
mod self_test;
mod session;
pub mod state;
pub mod steps;
mod visit;
mod watch;

pub use browser::{Browser, Stats};
pub use executable::find_executable;
pub use in_page::{InPageAnswer, InPageRequest};
pub use options::{JailMode, Options, ProxyEndpoint, SandboxMode};
pub use page::{PageAnswer, PageError, PageRequest, RecordedResponse, ResourceKind, Stage};
pub use self_test::SelfTest;
pub use state::{CookieState, OriginStorage, SessionState};
pub use steps::{LoginFailure, LoginRequest, LoginStep};
