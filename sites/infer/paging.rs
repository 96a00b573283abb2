//! What a search page tells beside its list: the link to the next page, and how its address sorts.

use crate::dom::Selector;
use url::Url;

use crate::extract::document::{Document, text_of};

/// Sources of the link to the next page, those that find one on this page.
pub(super) fn next(document: &Document<'_>) -> Vec<String> {
    const TRIED: [&str; 12] = [
        "link[rel=next]@href",
        "a[rel~=next]@href",
        "a.next@href",
        ".next > a@href",
        "li.next a@href",
        "a[class*='next']@href",
        "a[aria-label*='ext']@href",
        "a[data-testid*='next']@href",
        "a[title='Next']@href",
        "a[title='Weiter']@href",
        "a[aria-label*='eiter']@href",
        "a[class*='Next']@href",
    ];
    let Some(html) = document.html() else { return Vec::new() };
    let leads = |source: &&str| {
        let Some((selector, _)) = source.rsplit_once('@') else { return false };
        let Ok(selector) = Selector::parse(selector) else { return false };
        let hrefs = html.select(&selector).filter_map(|e| e.value().attr("href"));
        hrefs.take(3).any(|href| is_page(href, document))
    };
    let mut out: Vec<String> =
        TRIED.iter().filter(|source| leads(source)).take(2).map(|s| (*s).to_owned()).collect();
    if out.is_empty() {
        out.extend(by_number(document));
    }
    out
}

/// A link that says "2" and whose address differs from this one by a page number.
fn by_number(document: &Document<'_>) -> Option<String> {
    let html = document.html()?;
    let links = Selector::parse("a[href]").ok()?;
    let second = html.select(&links).filter(|a| text_of(a) == "2");
    let href =
        second.filter_map(|a| a.value().attr("href")).find(|href| is_page(href, document))?;
    let url = document.base.join(href).ok()?;
    let (name, _) = url.query_pairs().find(|(_, value)| value == "2")?;
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    // Without a link of its own only the second page is known; it is better than none.
    plain.then(|| format!("a[href*='{name}=2']@href"))
}

fn is_page(href: &str, document: &Document<'_>) -> bool {
    let Ok(url) = document.base.join(href.trim()) else { return false };
    let same = url.host_str() == document.page.url.host_str();
    same && matches!(url.scheme(), "http" | "https")
        && url != document.page.url
        && !href.starts_with('#')
}

/// Parameters of addresses that sort: names and the values that mean "newest first".
pub(super) fn sorting(document: &Document<'_>) -> Vec<(String, String)> {
    const NAMES: [&str; 10] = [
        "sort",
        "order",
        "orderby",
        "sorting",
        "sortby",
        "sort_by",
        "ordering",
        "s",
        "sortierung",
        "o",
    ];
    const VALUES: [&str; 12] = [
        "new", "date", "recent", "latest", "desc", "aktuell", "neu", "fecha", "data", "created",
        "publi", "time",
    ];
    let mut out: Vec<(String, String)> = Vec::new();
    let mut look = |url: &Url| {
        for (name, value) in url.query_pairs() {
            let (n, v) = (name.to_lowercase(), value.to_lowercase());
            let sorts = NAMES.contains(&n.as_str()) || n.ends_with("sort") || n.starts_with("sort");
            let newest = VALUES.iter().any(|word| v.contains(word)) && !v.contains("asc");
            let pair = (name.into_owned(), value.into_owned());
            if sorts && newest && !out.contains(&pair) && out.len() < 5 {
                out.push(pair);
            }
        }
    };
    look(&document.page.url);
    let (Some(html), Ok(links)) = (document.html(), Selector::parse("a[href]")) else { return out };
    for link in html.select(&links).take(3_000) {
        let href = link.value().attr("href").unwrap_or("");
        if let Ok(url) = document.base.join(href)
            && url.host_str() == document.page.url.host_str()
        {
            look(&url);
        }
    }
    out
}
