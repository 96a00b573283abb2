//! What goes into a parser and what comes out of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::listing::Listing;

/// A fetched page, decoded to text. Nothing in it is trusted.
#[derive(Debug, Clone)]
pub struct Page {
    /// Address after redirects.
    pub url: Url,
    /// HTTP status, if there was one.
    pub status: Option<u16>,
    /// `Content-Type` header as received, lower case, if any.
    pub content_type: Option<String>,
    /// The body as text: HTML, JSON or XML.
    pub body: String,
    /// What the module's `[script]` returned inside the browser, if it ran.
    pub script: Option<serde_json::Value>,
    /// When the page was fetched: "today" and "5 minutes ago" are relative to this.
    pub fetched_at: DateTime<Utc>,
}

/// What kind of page it was. Empty and blocked are different words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// At least one listing was found.
    Results,
    /// The page says, by positive proof, that nothing matches.
    NoResults,
    /// A captcha or block page.
    Blocked,
    /// The site wants a login first.
    LoginWall,
    /// None of the above: the layout may have changed.
    Unrecognised,
}

/// Something a parser could not read. A complaint never stops a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// Position of the item on the page, from 1; `None` when it is about the page.
    pub item: Option<usize>,
    /// The field concerned, if any.
    pub field: Option<String>,
    /// One sentence for an operator.
    pub text: String,
}

/// Everything a parser understood of one page. Parsing never fails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parsed {
    /// The verdict about the page itself.
    pub kind: PageKind,
    /// Listings in page order, ids unique.
    pub listings: Vec<Listing>,
    /// What could not be read.
    pub complaints: Vec<Complaint>,
    /// For each field, how often each source won: `price` → `json_ld` → 25. A silent move to the second
    /// source is the early sign of a layout change.
    pub won: BTreeMap<String, BTreeMap<String, usize>>,
    /// Total number of results as printed by the page.
    pub total: Option<u64>,
    /// Address of the next page.
    pub next: Option<Url>,
}
