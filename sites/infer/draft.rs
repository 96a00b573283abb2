//! A proposed module: where the items stand, how each field is read, and its text as `site.toml`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml::Value;
use url::Url;

use super::guess::Home;
use super::kind::name;
use crate::site::{Kind, Render};

/// What kind of place the listings were found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The body is JSON.
    Api,
    /// The body is a feed.
    Feed,
    /// JSON in a script of the page.
    Embedded,
    /// JSON-LD.
    JsonLd,
    /// Repeated elements.
    Elements,
}

impl Source {
    /// How much a reading counts beside an equal one from another place. Search engines get a summary
    /// in JSON-LD, which may leave offers out or round what is printed; the page itself does not.
    pub(super) fn trust(self) -> f64 {
        match self {
            Source::Api | Source::Feed | Source::Elements => 1.0,
            Source::Embedded => 0.98,
            Source::JsonLd => 0.9,
        }
    }
}

/// A proposed module.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What kind of place the listings were found in.
    pub source: Source,
    /// Where the items stand, in the language of modules.
    pub item: String,
    /// For each field its sources, best first.
    pub fields: Vec<(String, Vec<String>)>,
    /// Where the currency stands, if apart from the price.
    pub currency: Option<String>,
    /// The decimal mark of prices, where it is not that of the country.
    pub decimal: Option<char>,
    /// What the offers are.
    pub kind: Kind,
    /// Sources of the link to the next page.
    pub next: Vec<String>,
    /// Parameters of addresses on the page that look like "newest first".
    pub newest: Vec<(String, String)>,
    /// For each field in how many of all offers it was read, and an example.
    pub found: BTreeMap<String, (usize, String)>,
    /// How many offers were read.
    pub offers: usize,
    /// Fields that do not decide between proposals, for the one that is chosen.
    pub(super) late: Vec<(&'static str, String)>,
    /// How much the place looks like the main list of the page, beside others of its kind.
    pub(super) weight: f64,
    pub(super) home: Home,
}

impl Draft {
    pub(super) fn new(source: Source, item: String, home: &Home) -> Draft {
        Draft {
            source,
            item,
            fields: Vec::new(),
            currency: None,
            decimal: None,
            kind: Kind::Classified,
            next: Vec::new(),
            newest: Vec::new(),
            found: BTreeMap::new(),
            offers: 0,
            late: Vec::new(),
            weight: 1.0,
            home: home.clone(),
        }
    }

    pub(super) fn field(&mut self, name: &str, sources: Vec<String>) {
        if !sources.is_empty() {
            self.fields.push((name.to_owned(), sources));
        }
    }

    /// The module as text. `url` is a search page of the site, `render` how its pages must be fetched.
    pub(super) fn toml(&self, id: &str, url: &Url, render: Render) -> String {
        let host = url.host_str().unwrap_or("example.com");
        let bare = host.strip_prefix("www.").unwrap_or(host);
        let named = url.port().map_or_else(|| bare.to_owned(), |port| format!("{bare}:{port}"));
        let mut out = String::from(
            "# Proposed from one page. Every field says in how many of its offers it was found, and the\n\
             # first value: look at each before use, and compare with the page.\n\n",
        );
        let mut line = |text: &str| {
            out.push_str(text);
            out.push('\n');
        };
        line("[site]");
        line(&format!("id = {}", text(id)));
        line(&format!("name = {}", text(bare)));
        line(&format!("hosts = [{}]", text(&named)));
        line(&format!("kind = {} # home, classified, car, job or goods", text(name(self.kind))));
        line(&format!("country = {} # decides how numbers are written", text(self.home.country)));
        line(&format!("time_zone = {}", text(self.home.zone)));
        line(&format!("currency = {} # of prices that print none", text(&self.home.currency)));
        line("\n[fetch]");
        match render {
            Render::Http => line("render = \"http\""),
            Render::Auto => line("render = \"auto\""),
            Render::Browser => {
                line("render = \"browser\" # by plain HTTP there was no list");
                if self.source == Source::Elements {
                    line(&format!("wait_for = {}", text(&self.item)));
                }
            }
        }
        self.search(url, bare, &mut line);
        line("\n[listing]");
        line(&format!("item = {} # {} offers", text(&self.item), self.offers));
        for (name, sources) in &self.fields {
            line(&format!("{name} = {}{}", self.value(name, sources), self.remark(name)));
        }
        line("\n[check]");
        line("# Search for something that does not exist, and name the element that says so:");
        line("# empty_when = \"p.no-results\"");
        let priced = self.found.get("price").map_or(0, |(count, _)| *count);
        if self.offers > 0 && priced * 10 >= self.offers * 9 {
            line("min_share = { price = 0.7 }");
        }
        out
    }

    fn search(&self, url: &Url, bare: &str, line: &mut impl FnMut(&str)) {
        let first = url.path().split('/').nth(1).unwrap_or("");
        // Numbers and endings belong to this search, not to all of them.
        let end = first.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(first.len());
        let first = if end >= 3 { &first[..end] } else { first };
        let (host, first) = (regex::escape(bare), regex::escape(first));
        line("\n[search]");
        line("# Which addresses of the site are searches: make it tighter if offers match, too.");
        line(&format!("match = {}", text(&format!("^https?://(www\\.)?{host}(:\\d+)?/{first}"))));
        for (name, value) in &self.newest {
            line("# Links of the page sort by this; if it puts the newest first, take it:");
            line(&format!("# newest = {{ {} = {} }}", key(name), text(value)));
        }
        if self.newest.is_empty() {
            line("# Sort by date on the site and copy the parameter that appears in the address:");
            line("# newest = { sort = \"date_desc\" }");
        }
        if !self.next.is_empty() {
            line(&format!("next = {}", list(&self.next)));
        }
    }

    fn value(&self, name: &str, sources: &[String]) -> String {
        let list = list(sources);
        if name != "price" || (self.currency.is_none() && self.decimal.is_none()) {
            return list;
        }
        let mut value = format!("{{ from = {list}");
        if let Some(currency) = &self.currency {
            let _ = write!(value, ", currency = {}", text(currency));
        }
        if let Some(decimal) = self.decimal {
            let _ = write!(value, ", decimal = {}", text(&decimal.to_string()));
        }
        value + " }"
    }

    /// How sure a field is, as a comment behind it.
    fn remark(&self, name: &str) -> String {
        let (count, example) = match self.found.get(name) {
            Some((count, example)) => (*count, example.as_str()),
            None => (0, ""),
        };
        if self.offers == 0 {
            return String::new();
        }
        let sure = match count * 10 / self.offers {
            10 => "sure",
            7.. => "likely",
            _ => "doubtful",
        };
        let shown: String =
            example.chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect();
        format!(" # {sure}: {count} of {}; {shown}", self.offers)
    }
}

fn list(sources: &[String]) -> String {
    let all: Vec<String> = sources.iter().map(|source| text(source)).collect();
    format!("[{}]", all.join(", "))
}

fn key(name: &str) -> String {
    let bare = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if bare && !name.is_empty() { name.to_owned() } else { text(name) }
}

fn text(value: &str) -> String {
    Value::String(value.to_owned()).to_string()
}
