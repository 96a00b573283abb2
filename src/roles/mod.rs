//! What a process is made of: a role builds its context, starts its loops and waits for the end.
//!
//! Life of a process: configuration (exit 2 with every problem) → logs → the record, waited for if it is away
//! → instance announced under a held lock → loops → signal → quiet → deadline → cut → exit 0.

pub mod bot;
pub mod build;
pub mod entry;
#[cfg(feature = "browser")]
pub mod fetching;
#[cfg(feature = "browser")]
pub mod scraper;

pub use build::{Built, build};
