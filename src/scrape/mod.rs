//! From a due source to recorded listings: fetch, parse, judge, accept.

pub mod fetcher;

pub use fetcher::{FetchError, FetchFailure, FetchJob, Fetched, Fetcher, Rung};
