//! The browser as its callers see it: a real Chromium, real pages on loopback, real signals.
//!
//! Without a Chromium on the machine the tests say SKIPPED, and fail where `CI=true`.

mod chaos;
mod hostile;
mod lifecycle;
mod login;
mod pages;
mod site;
mod world;
mod zoo;
