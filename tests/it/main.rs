//! The one integration binary: it mirrors `src/`, and each part has its folder here.

mod api;
mod bot;
mod cli;
mod deliver;
#[cfg(feature = "browser")]
mod e2e;
mod ops;
mod scrape;
mod scratch;
mod store;
#[cfg(feature = "browser")]
mod support;
