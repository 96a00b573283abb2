//! The HTTP rung: one honest client behind the egress proxy.
//!
//! ```text
//! job ─► request (user agent, validators) ─► proxy ─► answer
//!          ▲                                           │ 3xx: judge the next address, at most ten
//!          └───────────────────────────────────────────┘
//!        304 ─► nothing changed     403, 429, 503 ─► refused, with Retry-After
//!        2xx ─► right kind of content? ─► body: decoded up to the cap, within measure, not too slowly ─► text ─► page
//! ```
//!
//! Nothing here decides which addresses may be dialled: the proxy does, for each hop. What we add is what a
//! proxy cannot see: the kind of content, decoded size, whole bodies, the hosts of the site.

mod answer;
mod body;
mod charset;
mod client;
mod coding;
mod fetcher;
mod retry;

#[cfg(feature = "browser")]
pub(super) use answer::meaning;
pub use charset::decode;
pub use client::{Client, Options};
pub use fetcher::HttpFetcher;
pub(super) use fetcher::stays;
pub use retry::retry_after;
