//! Site modules: everything Magpie knows about how a website writes its listings.
//!
//! Pure. No async, no network, no files at parse time, no clock, no database: a page and the moment it
//! was fetched go in, listings and complaints come out.
//!
//! In reading order:
//! - [`listing`]: what one offer is ([`Listing`], [`Money`]).
//! - [`page`]: what goes in ([`Page`]) and what comes out ([`Parsed`]).
//! - [`site`]: one site ([`Site`]): how to fetch it, how to read it.
//! - [`registry`]: all sites, compiled in ([`builtin`]) or dropped in at run time.
//! - [`load`]: from `site.toml` to a site, with every problem at once.
//! - [`login`]: how to log in at a site.
//! - [`address`]: recognise, clean and explain search addresses.
//! - [`dom`]: the tree of an HTML page, and selectors in it.
//! - [`extract`]: from a page to items, from items to values.
//! - [`transform`]: from printed values to comparable ones.
//! - [`judge`]: what kind of page it was.
//! - [`offer`]: what the page of a single offer says about it still being there.
//! - [`robots`]: which pages a host allows, from its robots file.
//! - [`testing`]: saved cases beside each module, and how they are checked.
//! - [`endpoint`]: the listings of a page in the JSON that it fetched for itself.
//! - [`saved`]: the cases of the modules compiled in.
//! - [`infer`]: the listings of a page for which there is no module.
//! - [`repair`]: a module whose site has changed, repaired from what is known of its listings.
//! - [`verify`]: score of the modules on a folder of saved real pages.

pub mod address;
pub mod builtin;
pub mod dom;
pub mod endpoint;
pub mod extract;
pub mod infer;
pub mod judge;
pub mod listing;
pub mod load;
pub mod login;
pub mod offer;
pub mod page;
pub mod registry;
pub mod repair;
pub mod robots;
pub mod saved;
pub mod site;
pub mod testing;
pub mod transform;
pub mod verify;

pub use address::Cleaned;
pub use listing::{Area, Listing, ListingKey, Money, Position};
pub use load::{LoadError, Problem};
pub use login::{Login, SessionCheck, Step};
pub use offer::Standing;
pub use page::{Complaint, Page, PageKind, Parsed};
pub use registry::Registry;
pub use robots::Robots;
pub use site::{Fetch, Kind, Render, ResourceKind, Site};
