//! The one integration binary: it mirrors `src/`, and each part has its folder here.

mod bot;
mod deliver;
mod e2e;
mod ops;
mod scrape;
mod store;
mod support;
