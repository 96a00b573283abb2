//! Where an offer's address and id stand in its card.

use super::address;
use super::cards::{marks, ratio};
use super::outline::Outline;
use super::slots::Card;
use super::target::target;
use crate::extract::document::Document;
use std::collections::{BTreeMap, HashSet};

/// Selectors for the link to the offer: the one that is right in most cards, then those that help.
pub(super) fn url_sources(
    outline: &Outline<'_>,
    cards: &[Card<'_>],
    document: &Document<'_>,
) -> Vec<String> {
    // Selector → cards it is right in, cards it is wrong in.
    let mut found: BTreeMap<String, (HashSet<usize>, usize)> = BTreeMap::new();
    for (number, card) in cards.iter().enumerate() {
        let mut seen: HashSet<String> = HashSet::new();
        for at in &card.parts {
            let node = &outline.elements[*at].node;
            let Some(target) = target(node, &document.base) else { continue };
            let (tag, attribute) = (node.value().name(), target.attribute);
            let own = node.id() == card.node.id();
            let mut names: Vec<String> = if own {
                vec![String::new()]
            } else {
                marks(node).map(|m| format!("{tag}{m}")).collect()
            };
            if !own {
                names.push(format!("{tag}[{attribute}]"));
                if let Some(parent) = outline.elements[*at].parent {
                    let parent = &outline.elements[parent].node;
                    let name = parent.value().name();
                    names.push(format!("{name} > {tag}[{attribute}]"));
                    names.extend(marks(parent).map(|m| format!("{name}{m} > {tag}[{attribute}]")));
                }
                let href = node.value().attr("href").filter(|_| attribute == "href");
                names.extend(href.and_then(folder).map(|f| format!("a[href*='{f}']")));
            }
            let right = target.url == card.url;
            for name in names.iter().map(|name| target.source(name, &document.base)) {
                if seen.insert(name.clone()) {
                    let entry = found.entry(name).or_default();
                    if right {
                        entry.0.insert(number);
                    } else {
                        entry.1 += 1;
                    }
                }
            }
        }
    }
    let mut covered: HashSet<usize> = HashSet::new();
    let mut out = Vec::new();
    // A link that only one card of many has leads to something else.
    let least = (cards.len() / 12).max(1);
    while out.len() < 4 && covered.len() < cards.len() {
        let gain = |(right, wrong): &(HashSet<usize>, usize)| {
            let new = right.difference(&covered).count();
            (new > *wrong && (out.is_empty() || new >= least)).then(|| new - wrong)
        };
        let best = found
            .iter()
            .filter_map(|(name, entry)| Some((gain(entry)?, name, entry)))
            .max_by(|a, b| a.0.cmp(&b.0).then(b.1.len().cmp(&a.1.len())));
        let Some((_, name, (right, _))) = best else { break };
        out.push(name.clone());
        covered.extend(right);
    }
    out
}

/// The first folder of a link's path, as a mark of links to offers.
pub(super) fn folder(href: &str) -> Option<String> {
    let path = href.split(['?', '#']).next()?;
    let path = match path.split_once("://") {
        Some((_, rest)) => &rest[rest.find('/')?..],
        None => path,
    };
    let first = path.trim_start_matches('/').split('/').next()?;
    let plain = first.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    (plain && first.len() >= 2 && path.contains(&format!("{first}/"))).then(|| format!("{first}/"))
}

/// Sources of the id: a mark of the card that is also in its address, a number in the address, a mark
/// named like an id, the last part of the address.
pub(super) fn id_sources(cards: &[Card<'_>], urls: &[String]) -> Vec<String> {
    let addresses: Vec<&str> = cards.iter().map(|c| c.url.as_str()).collect();
    let pattern = address::id_pattern(&addresses);
    let numeric = pattern.as_ref().is_some_and(|p| p.contains(r"\d"));
    let mut best: Option<(bool, &str)> = None;
    let names: HashSet<&str> =
        cards.iter().flat_map(|c| c.node.value().attrs().map(|(name, _)| name)).collect();
    let mut names: Vec<&str> =
        names.into_iter().filter(|n| !matches!(*n, "href" | "style")).collect();
    names.sort_unstable();
    for name in names {
        let values: Vec<&str> = cards.iter().filter_map(|c| c.node.value().attr(name)).collect();
        let distinct: HashSet<&&str> = values.iter().collect();
        let token = |v: &&str| v.len() >= 3 && v.len() <= 40 && !v.contains(char::is_whitespace);
        if values.len() < cards.len() || distinct.len() < values.len() || !values.iter().all(token)
        {
            continue;
        }
        let inside = cards.iter().zip(&values).filter(|(c, v)| c.url.contains(**v)).count();
        let inside = ratio(inside, cards.len()) >= 0.9;
        let named = name.starts_with("data-") && (name.ends_with("id") || name.ends_with("asin"));
        if (inside || named) && best.is_none_or(|(known, _)| inside && !known) {
            best = Some((inside, name));
        }
    }
    let mut out = Vec::new();
    if let Some((inside, name)) = best
        && (inside || !numeric)
    {
        out.push(format!("@{name}"));
    }
    if let Some(pattern) = pattern {
        out.extend(urls.iter().map(|source| format!("{source} | regex {}", relative(&pattern))));
    }
    out
}

/// Links may be relative: a pattern for the whole address is made to fit both.
pub(super) fn relative(pattern: &str) -> String {
    match pattern.strip_prefix("^https?://[^/]+") {
        Some(_) => "^(?:https?://[^/]+)?([^#]+)".to_owned(),
        None => match pattern.strip_prefix('/') {
            Some(rest) => format!("(?:^|/){rest}"),
            None => pattern.to_owned(),
        },
    }
}
