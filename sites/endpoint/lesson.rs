//! What was learned: the place of the listings and the source of each field, in the language of modules.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::judge::has;
use crate::load::{LoadError, overlay};
use crate::page::Parsed;
use crate::site::Site;

/// How the listings stand in an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// The JSONPath of the list, without its `[*]`.
    pub list: String,
    /// Each field with its value as `site.toml` writes it.
    pub fields: Vec<(String, String)>,
    /// Fields that every listing had.
    #[serde(default)]
    pub whole: Vec<String>,
    /// Whether an empty list was seen together with the page's own word that nothing matches: only then does
    /// an empty list mean that there is nothing.
    #[serde(default)]
    pub empty_proved: bool,
}

impl Lesson {
    /// The map as the tables of a `site.toml`.
    pub fn toml(&self) -> String {
        let mut out = format!("[listing]\nitem = {}\n", quoted(&format!("{}[*]", self.list)));
        for (name, value) in &self.fields {
            let _ = writeln!(out, "{name} = {value}");
        }
        if self.empty_proved {
            let _ = writeln!(out, "[check]\nempty_when = {}", quoted(&self.list));
        }
        out
    }

    /// The site with its list read in this way.
    pub fn over(&self, site: &Site) -> Result<Site, LoadError> {
        overlay::compile(site, &self.toml())
    }

    /// A field that every listing had and that fewer than half of these have: the answer may have changed.
    pub fn lost(&self, parsed: &Parsed) -> Option<&str> {
        let rare = |name: &&String| {
            let with = parsed.listings.iter().filter(|l| has(l, name)).count();
            with * 2 < parsed.listings.len()
        };
        self.whole.iter().find(rare).map(String::as_str)
    }

    /// Whether the list in this JSON text is there and empty.
    pub fn is_empty_in(&self, body: &str) -> bool {
        let path = crate::extract::path::Path::compile(&self.list);
        let (Ok(path), Ok(root)) = (path, serde_json::from_str::<serde_json::Value>(body)) else {
            return false;
        };
        path.all(&root).first().is_some_and(|list| list.as_array().is_some_and(Vec::is_empty))
    }
}

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
