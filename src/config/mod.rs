//! The configuration: one struct per section; default ← file ← environment; every problem at once. The only
//! reader of the environment.

pub mod sections;

pub use sections::*;
