//! The only way out to the network.
//!
//! Chromium and our own HTTP client reach other machines through [`Proxy`] and through nothing
//! else, so that one place decides which addresses may be dialled. Modules in reading order:
//!
//! * [`address`]: is an address globally routable? One predicate, by the RFC 6890 registries.
//! * [`policy`]: what is allowed, denied and how much of it.
//! * [`gate`]: the rule for a URL that somebody typed, before anything is fetched.
//! * [`resolve`]: names to addresses, replaceable in tests.
//! * [`request`]: a bounded, strict parser of one request head.
//! * [`dial`]: policy, one resolution, and a connection to exactly the judged address.
//! * [`exchange`]: one proxied request, from its head to its last byte.
//! * [`refusals`]: who was refused lately, for clients that are not told.
//! * `frame`: bodies that end with their connection.
//! * [`proxy`]: the listeners, their life and their counters.

pub mod address;
mod dial;
mod exchange;
mod frame;
pub mod gate;
pub mod policy;
pub mod proxy;
pub mod refusals;
mod request;
pub mod resolve;
mod upstream;

pub use address::is_global;
pub use dial::Refusal;
pub use policy::{Limits, Policy, Target, Upstream};
pub use proxy::{Proxy, Stats};
pub use refusals::Refusals;
pub use resolve::{Resolve, SystemResolver};

/// Response header with which the proxy marks its own refusals.
///
/// It is removed from the answers of other servers, so its presence on a plain `http:` answer
/// means that the proxy spoke. The value is the [`Refusal`] class, or `dead` for a target that
/// could not be reached.
pub const REFUSED_HEADER: &str = "x-egress-refused";
