//! Whether a site module still reads its site right, and what follows from a doubt. Pure.
//!
//! ```text
//! page ─► counts ─┐
//! profile ────────┴► suspicions ─► hold or tell ─► signs of the site ─► alarms for operators
//! verdict ─► fact ─► quarantine: healthy → watching → quarantined (15 min, 1 h, 6 h) → recovering → healthy
//! ```
//!
//! [`counts`]: what one run brought. [`profile`]: what is usual for a source. [`suspicion`], [`compared`]: what
//! differs from it. [`hold`]: whether a doubtful run is told. [`quarantine`]: the module over all its sources.
//! [`signs`]: which sources show what. [`alarm`]: when an operator hears of it. [`failure`], [`outline`]: which
//! failures are the same one. [`offline`]: whether it is us.

pub mod alarm;
pub mod compared;
pub mod counts;
pub mod failure;
pub mod hold;
pub mod offline;
pub mod outline;
pub mod profile;
pub mod quarantine;
#[cfg(test)]
mod quarantine_tests;
pub mod signs;
pub mod suspicion;

pub use alarm::Alarm;
pub use counts::RunCounts;
pub use failure::{FailureCaps, FailurePage};
pub use hold::{Held, News, SourceHealth};
pub use offline::Offline;
pub use profile::Profile;
pub use quarantine::{Fact, Outcome, SiteHealth, State};
pub use signs::{Sign, Signs};
pub use suspicion::Suspicion;
