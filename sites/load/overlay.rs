//! A site whose list is read in another way: the map of a learned endpoint over everything else of the module.

use toml::Table;

use super::fields::{self, PageParts};
use super::problem::{LoadError, Problem};
use super::section::{Problems, Section};
use crate::site::Site;

/// Compiles `[listing]`, `search.total` and `check.empty_when` of `text` into a copy of `site`. Locale, shares
/// and the words of block pages stay; pages of single offers and the function of `parse.rs` are left out.
pub fn compile(site: &Site, text: &str) -> Result<Site, LoadError> {
    let file = format!("{}/endpoint", site.id);
    let table: Table = text.parse().map_err(|error: toml::de::Error| LoadError {
        problems: vec![Problem {
            file: file.clone(),
            key: String::new(),
            text: format!("is no TOML: {}", error.to_string().replace('\n', " ")),
        }],
    })?;
    let problems = Problems::new(&file);
    let root = Section::new("", Some(&table), &problems);
    let (search, check) = (root.section("search"), root.section("check"));
    let parts = PageParts {
        total: search.texts("total"),
        next: Vec::new(),
        empty: check.texts("empty_when"),
    };
    search.finish();
    check.finish();
    let list = fields::layout(root.section("listing"), Some(parts));
    root.finish();
    if !problems.is_empty() {
        return Err(LoadError { problems: problems.into_list() });
    }
    Ok(Site { list, detail: None, refine: None, ..site.clone() })
}
