//! `magpie site readme`: the table of the modules that ship with Magpie, made from the modules.

use std::fmt::Write as _;
use std::path::Path;

use sites::{Registry, Render, Site, testing};

/// Prints the table of the modules compiled in.
pub(super) fn print(dir: &Path, out: &mut dyn std::io::Write) -> anyhow::Result<bool> {
    let registry = Registry::builtin()?;
    out.write_all(text(registry.iter(), dir).as_bytes())?;
    Ok(true)
}

/// The text of `sites/README.md`. `dir` is the folder of site modules, for their saved cases.
pub(super) fn text<'s>(sites: impl Iterator<Item = &'s Site>, dir: &Path) -> String {
    let mut sites: Vec<&Site> = sites.collect();
    sites.sort_by_key(|site| (site.owner == "demo", site.id.clone()));
    let mut out = String::from(
        "# Sites\n\n\
         Made from the modules by `magpie site readme`; a test holds it fresh. How to add one:\n\
         [docs/ADDING_A_SITE.md](../docs/ADDING_A_SITE.md).\n\n\
         | id | name | kind | country | currency | hosts | fetched by | filters understood | newest first | cases |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for site in sites {
        let _ = writeln!(out, "| {} |", row(site, dir).join(" | "));
    }
    out
}

fn row(site: &Site, dir: &Path) -> Vec<String> {
    let hosts: Vec<&str> = site.hosts.iter().map(|host| host.name.as_str()).collect();
    let cases = testing::cases(&dir.join(&site.id)).unwrap_or_default();
    let cases: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    let newest = match (site.newest_by_default(), site.newest_parameters()) {
        (true, _) => "always".to_owned(),
        (false, parameters) if parameters.is_empty() => "unknown".to_owned(),
        (false, parameters) => {
            let all: Vec<String> =
                parameters.iter().map(|(name, value)| format!("`{name}={value}`")).collect();
            all.join(" ")
        }
    };
    let mut filters: Vec<String> = site.filters_understood();
    filters.sort();
    filters.dedup();
    vec![
        site.id.clone(),
        site.name.clone(),
        format!("{:?}", site.kind).to_lowercase(),
        site.country.clone(),
        site.currency.clone(),
        hosts.join(", "),
        match site.fetch.render {
            Render::Http => "http",
            Render::Browser => "browser",
            Render::Auto => "auto",
        }
        .to_owned(),
        filters.join(", "),
        newest,
        cases.join(", "),
    ]
    .into_iter()
    .map(|cell| cell.replace('|', "\\|"))
    .collect()
}
