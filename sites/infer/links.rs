//! Members of data that are, or are part of, the links the page shows.

use std::collections::HashSet;

use super::cards::ratio;
use super::columns::Column;
use super::outline;
use crate::extract::document::Document;

/// Whether the values could be addresses.
pub(super) fn is_link_like(column: &Column) -> bool {
    let like = |t: &str| t.len() >= 4 && t.contains('/') && !t.contains(char::is_whitespace);
    !column.texts.is_empty() && column.texts.iter().take(20).all(|t| like(t))
}

/// Whether most values are links of the page.
pub(super) fn is_visible(column: &Column, links: &[String], document: &Document<'_>) -> bool {
    if links.is_empty() || column.distinct() < 0.9 {
        return false;
    }
    let known: HashSet<&str> = links.iter().map(|link| bare(link)).collect();
    let shown = column.texts.iter().filter(|text| {
        outline::address(text, &document.base).is_some_and(|url| known.contains(bare(&url)))
    });
    let shown = shown.count();
    shown >= 2 && ratio(shown, column.texts.len()) >= 0.15
}

fn bare(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// A template that makes links of the page out of a member: the text before it is always the same, and
/// what stands behind it is too.
pub(super) fn wrapped(columns: &[Column], links: &[String]) -> Option<String> {
    let usable = |c: &&Column| {
        let fits = |t: &str| t.len() >= 4 && t.len() <= 200 && !t.contains(char::is_whitespace);
        c.texts.len() >= 2 && c.distinct() >= 0.95 && c.texts.iter().all(|t| fits(t))
    };
    // The longest member says most of the address.
    let mut found: Vec<(usize, String)> = Vec::new();
    for column in columns.iter().filter(usable).take(60) {
        let mut around: Vec<(&str, &str)> = Vec::new();
        for text in column.texts.iter().take(12) {
            let text = text.trim_start_matches('/');
            let hit = links.iter().find_map(|link| link.split_once(text));
            around.extend(hit.filter(|(before, _)| before.ends_with(['/', '-', '=', '_'])));
        }
        let Some(first) = around.first().copied() else { continue };
        let same = around.iter().filter(|ends| **ends == first).count();
        let tried = column.texts.len().min(12);
        if same >= 2 && ratio(same, tried) >= 0.15 && ratio(same, around.len()) >= 0.8 {
            let slash = column.texts.iter().all(|t| t.starts_with('/'));
            let before = if slash { first.0.trim_end_matches('/') } else { first.0 };
            let clean = |t: &str| !t.contains(['{', '}', '|']);
            if clean(before) && clean(first.1) {
                let template = format!("template:{before}{{{}}}{}", column.path, first.1);
                found.push((column.texts.iter().map(String::len).sum(), template));
            }
        }
    }
    found.into_iter().max_by_key(|(length, _)| *length).map(|(_, template)| template)
}
