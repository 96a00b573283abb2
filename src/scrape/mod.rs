//! From a due source to recorded listings.
//!
//! ```text
//! claimed source ─► host: a turn ─► a worker ─► ladder: conditional HTTP, HTTP, endpoint, in-page, browser ─► page
//!                ─► parse (own thread, panics contained) ─► judge against the source's past ─► verdict
//!                ─► stages: further pages while all is news, pages of new listings that somebody could want
//!                ─► accept: what is new, who wants it ─► one transaction ─► mark seen
//!                ─► stages: old listings are asked about, in a transaction of their own
//! ```
//!
//! If the process dies on any of these lines the claim is released by whoever notices the free lock, and the
//! next run finds the same listings: nothing is told twice, because names of changes and deliveries are made
//! of what they say. Pure: [`ladder`], [`judge`], `host::pace`, most of [`road`], [`accept`] and [`stages`]. Shells: [`http`],
//! [`host`], `attempt`, [`life`], [`run`].

pub mod accept;
mod attempt;
#[cfg(feature = "browser")]
pub mod browser;
mod climb;
pub mod fetcher;
pub mod host;
pub mod http;
pub mod judge;
pub mod ladder;
pub mod life;
pub mod modules;
pub mod parse;
pub mod repair;
pub mod road;
pub mod run;
pub mod session;
pub mod stages;
mod tell;

pub use fetcher::{FetchError, FetchFailure, FetchJob, Fetched, Fetcher, Rung, Want};
pub use host::Hosts;
pub use ladder::Ladder;
pub use life::Life;
pub use modules::Modules;
pub use run::{Ended, RunReport, Scraper, run_source};
pub use stages::{LookedAfter, StageLimits, look_after};
