//! Where an element leads: by a link, by an address made for scripts, or by the call of a script that
//! names an offer.

use std::sync::LazyLock;

use crate::dom::ElementRef;
use regex::Regex;
use url::Url;

use super::outline::address;

/// Attributes in which scripts find an address.
const DATA: [&str; 5] =
    ["data-href", "data-url", "data-link", "data-detail-url", "data-target-url"];

/// An address inside a script, in quotes.
const QUOTED: &str = r"[\x27\x22]((?:https?:/)?/[^\x27\x22\s]+)[\x27\x22]";

/// The number a script is called with.
const CALLED: &str = r"\x28[\x27\x22]?([0-9][0-9][0-9]+)[\x27\x22]?[,\x29]";

static QUOTED_RE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(QUOTED).ok());
static CALLED_RE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(CALLED).ok());

/// Where an element leads.
pub(super) struct Target {
    /// Absolute address; that of the page with the number behind it where only a script knows more.
    pub(super) url: String,
    /// The attribute.
    pub(super) attribute: &'static str,
    /// What is done with the attribute.
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Plain,
    Quoted,
    Called,
}

impl Target {
    /// The source that reads the address from the element a selector finds.
    pub(super) fn source(&self, selector: &str, base: &Url) -> String {
        let at = format!("{selector}@{}", self.attribute);
        match self.kind {
            Kind::Plain => at,
            Kind::Quoted => format!("{at} | regex {QUOTED}"),
            Kind::Called => format!("template:{}#{{{at} | regex {CALLED}}}", bare(base)),
        }
    }
}

/// Where an element leads to by itself.
pub(super) fn target(node: &ElementRef<'_>, base: &Url) -> Option<Target> {
    let value = node.value();
    let link = value.attr("href").filter(|_| value.name() == "a");
    if let Some(url) = link.and_then(|href| address(href, base)) {
        return Some(Target { url, attribute: "href", kind: Kind::Plain });
    }
    for attribute in DATA {
        let held = value.attr(attribute).filter(|text| text.contains('/'));
        if let Some(url) = held.and_then(|text| address(text, base)) {
            return Some(Target { url, attribute, kind: Kind::Plain });
        }
    }
    let script = link.filter(|href| href.trim_start().starts_with("javascript:"));
    let scripts = [("onclick", value.attr("onclick")), ("href", script)];
    for (attribute, text) in scripts {
        let Some(text) = text else { continue };
        let first = |re: &LazyLock<Option<Regex>>| {
            let found = re.as_ref()?.captures(text)?;
            Some(found.get(1)?.as_str().to_owned())
        };
        if let Some(url) = first(&QUOTED_RE).and_then(|path| address(&path, base)) {
            return Some(Target { url, attribute, kind: Kind::Quoted });
        }
        if let Some(number) = first(&CALLED_RE) {
            let url = format!("{}#{number}", bare(base));
            return Some(Target { url, attribute, kind: Kind::Called });
        }
    }
    None
}

/// The address of the page, fit to stand in a template.
fn bare(base: &Url) -> String {
    base.as_str().split('#').next().unwrap_or("").replace(['{', '}', '|'], "")
}
