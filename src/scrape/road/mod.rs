//! The learned road: from what the browser sees to a request that costs a hundredth of it.
//!
//! ```text
//! browser run ─► JSON the page fetched ─► learn: which answer holds the listings, and how? ─► Endpoint
//!             ─► the same request by plain HTTP (shadow), compared with the page
//!                  │ the same, three runs in a row ─► promoted to `endpoint`
//!                  │ refused ─► asked from inside a page instead ─► promoted to `in_page`
//!                  └ different ─► forgotten; rest, twice as long each time
//! promoted ─► every 20th run, or after a day, a browser run checks it
//!          ─► any doubt: the same run goes on to the browser; what the browser shows and the endpoint
//!             did not demotes it
//! ```
//!
//! Pure: [`ask`] (which requests may be repeated), [`state`] (what is known and what follows from it).
//! Shell: `teach` (the shadow request).

pub mod ask;
pub mod state;
pub(super) mod teach;

pub use ask::{Ask, Endpoint, Recorded};
pub use state::{Circumstances, Plan, Road, Seen, Stage};
pub use teach::find_endpoint;
