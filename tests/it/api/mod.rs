//! The API over HTTP, against a record in a file: sessions, watches, what is refused.

mod desk;
mod page;
mod sessions;
mod watches;
