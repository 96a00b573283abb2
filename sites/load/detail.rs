//! Compiling `[detail]`: the page of a single offer.

use crate::offer::Detail;

use super::fields;
use super::section::Section;
use super::site::{patterns, render, word};

/// Compiles the table, if there is one.
pub fn detail(detail: Section<'_>) -> Option<Detail> {
    if !detail.exists() {
        return None;
    }
    let rules = patterns(&detail, "match");
    if rules.is_empty() && detail.entry("match").is_none() {
        detail.note("match", "is missing; write a pattern for the addresses of single offers");
    }
    let fetch = word(&detail, "fetch", &["wanted", "never"], Some("never"));
    let (render, gone_at) = (render(&detail), patterns(&detail, "gone_at"));
    let layout = fields::layout(detail, None);
    Some(Detail { matches: rules, layout, wanted: fetch == Some("wanted"), render, gone_at })
}
