//! Reading listings out of a page.
//!
//! The flow: [`document::Document`] parses the page once → [`layout::Layout`] names where items come
//! from and how each field is read → [`items`] makes one [`crate::Listing`] per item. The small
//! language in which a module names a value is compiled by [`source`]; what it finds is turned into
//! comparable values by [`crate::transform`].

pub mod depth;
pub mod document;
pub mod feed;
pub mod field;
pub mod filter;
pub mod items;
pub mod layout;
pub mod path;
pub mod source;
pub mod structured;
