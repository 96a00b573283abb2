//! Site modules: everything Magpie knows about how a website writes its listings.
//!
//! Pure. No async, no network, no files at parse time, no clock, no database: a page and the moment it
//! was fetched go in, listings and complaints come out.
//!
//! In reading order:
//! - [`listing`]: what one offer is ([`Listing`], [`Money`]).
//! - [`page`]: what goes in ([`Page`]) and what comes out ([`Parsed`]).

pub mod listing;
pub mod page;
pub mod robots;
pub mod transform;

pub use listing::{Area, Listing, ListingKey, Money};
pub use page::{Complaint, Page, PageKind, Parsed};
