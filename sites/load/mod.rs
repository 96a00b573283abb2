//! From `site.toml` to a [`crate::Site`]: everything compiled, every problem reported at once.
//!
//! The flow: [`section::Section`] walks a table key by key and notes what is missing, mistyped or
//! unknown → [`fields`] compiles the field map → [`site`] puts the parts together. Nothing is half
//! loaded: one problem and the module is refused with the list of all of them.

mod detail;
pub mod fields;
mod login;
pub mod problem;
pub mod section;
pub mod site;

pub use problem::{LoadError, Problem};
