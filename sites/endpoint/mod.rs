//! How the listings of a rendered page stand in the JSON that the page fetched for itself.
//!
//! ```text
//! JSON ─► arrays of objects ─► members as columns ─► which column holds the ids? ─► object ↔ listing
//!      ─► for each field the listings have: which source gives exactly these values? ─► Lesson
//!      ─► compiled like any module, read, compared with the page: all of it, or nothing is learned
//! ```
//!
//! A [`Lesson`] is written in the language of modules, so that transforms, locale and judge are the same.

mod agree;
mod arrays;
mod columns;
mod fit;
mod lesson;
mod texts;

pub use agree::{Agreement, agree};
pub use lesson::Lesson;

use serde_json::Value;

use crate::listing::Listing;
use crate::page::Page;
use crate::site::Site;

/// Fewer listings than this could agree by chance.
const FEWEST: usize = 2;

/// Learns how to read `listings`, which stand on `shown`, from the JSON text `body`. `None`: they do not stand
/// there, or not with all that matters of them.
pub fn learn(site: &Site, shown: &Page, listings: &[Listing], body: &str) -> Option<Lesson> {
    if listings.len() < FEWEST {
        return None;
    }
    let root: Value = serde_json::from_str(body).ok()?;
    let answer = answer(shown, body);
    arrays::arrays(&root, listings.len())
        .into_iter()
        .find_map(|array| fit::fit(site, &answer, listings, &array))
}

/// The answer of an endpoint as a page of the site: it stands for the page at `shown.url`.
pub fn answer(shown: &Page, body: &str) -> Page {
    Page {
        content_type: Some("application/json".to_owned()),
        body: body.to_owned(),
        script: None,
        ..shown.clone()
    }
}
