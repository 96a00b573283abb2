//! A proposed module: where the items stand, how each field is read, and its text as `site.toml`.

use std::fmt::Write as _;

use toml::Value;
use url::Url;

use super::guess::Home;

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
            weight: 1.0,
            home: home.clone(),
        }
    }

    pub(super) fn field(&mut self, name: &str, sources: Vec<String>) {
        if !sources.is_empty() {
            self.fields.push((name.to_owned(), sources));
        }
    }

    /// The module as text. `url` is a search page of the site.
    pub(super) fn toml(&self, id: &str, url: &Url) -> String {
        let host = url.host_str().unwrap_or("example.com");
        let bare = host.strip_prefix("www.").unwrap_or(host);
        let first = url.path().split('/').nth(1).unwrap_or("");
        let pattern =
            format!("^https?://(www\\.)?{}(:\\d+)?/{}", regex::escape(bare), regex::escape(first));
        let mut out = String::new();
        let mut line = |key: &str, value: String| {
            let _ = writeln!(out, "{key} = {value}");
        };
        line("# Proposed from one page; look at every field before use.\n[site]\nid", text(id));
        line("name", text(bare));
        line("hosts", format!("[{}]", text(bare)));
        line("kind", text("classified"));
        line("country", text(self.home.country));
        line("time_zone", text(self.home.zone));
        line("currency", text(&self.home.currency));
        line("\n[search]\nmatch", text(&pattern));
        if self.source == Source::Elements {
            line("next", "[\"link[rel=next]@href\", \"a[rel=next]@href\"]".to_owned());
        }
        line("\n[listing]\nitem", text(&self.item));
        for (name, sources) in &self.fields {
            let list: Vec<String> = sources.iter().map(|s| text(s)).collect();
            let list = format!("[{}]", list.join(", "));
            let apart = name == "price" && (self.currency.is_some() || self.decimal.is_some());
            if !apart {
                line(name, list);
                continue;
            }
            let mut value = format!("{{ from = {list}");
            if let Some(currency) = &self.currency {
                let _ = write!(value, ", currency = {}", text(currency));
            }
            if let Some(decimal) = self.decimal {
                let _ = write!(value, ", decimal = {}", text(&decimal.to_string()));
            }
            line(name, value + " }");
        }
        out
    }
}

fn text(value: &str) -> String {
    Value::String(value.to_owned()).to_string()
}
