//! Documents that are made from something, or speak of something that must be there.

use std::collections::BTreeSet;

use super::{files_under, read, root};

#[test]
fn the_page_about_the_configuration_is_current() {
    let made = magpie::config::doc::page(magpie::config::DEFAULT);
    assert!(
        made == read("docs/CONFIG.md"),
        "docs/CONFIG.md is not what the defaults say: run `magpie config doc > docs/CONFIG.md`"
    );
}

/// The manifests of all packages of the workspace.
fn manifests() -> Vec<(String, toml::Table)> {
    let crates = files_under("crates").into_iter().map(|(path, _)| path);
    let names = ["Cargo.toml", "sites/Cargo.toml"].map(str::to_owned).into_iter();
    names
        .chain(crates.filter(|path| path.ends_with("/Cargo.toml")))
        .map(|path| (path.clone(), read(&path).parse().unwrap()))
        .collect()
}

/// Direct dependencies that are not packages of ours: (manifest, name).
fn foreign_dependencies() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (path, table) in manifests() {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(toml::Value::Table(entries)) = table.get(section) else { continue };
            let foreign = entries.iter().filter(|(_, value)| value.get("path").is_none());
            found.extend(foreign.map(|(name, _)| (path.clone(), name.clone())));
        }
    }
    found
}

#[test]
fn every_dependency_has_its_line_of_reason_and_every_line_its_dependency() {
    let page = read("docs/DEPENDENCIES.md");
    let lines = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let explained: BTreeSet<&str> =
        lines.filter(|(_, reason)| reason.len() > 10).map(|(name, _)| name).collect();
    let used = foreign_dependencies();
    let missing: Vec<_> =
        used.iter().filter(|(_, name)| !explained.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "docs/DEPENDENCIES.md has no line for: {missing:#?}");
    let used: BTreeSet<&str> = used.iter().map(|(_, name)| name.as_str()).collect();
    let idle: Vec<_> = explained.difference(&used).collect();
    assert!(idle.is_empty(), "docs/DEPENDENCIES.md explains what nobody depends on: {idle:#?}");
    let root: toml::Table = read("Cargo.toml").parse().unwrap();
    let shared = root["workspace"]["dependencies"].as_table().unwrap();
    let unshared: Vec<_> = shared.keys().filter(|name| !used.contains(name.as_str())).collect();
    assert!(unshared.is_empty(), "the workspace names what no package uses: {unshared:#?}");
}

#[test]
fn every_dependency_is_named_in_code() {
    let mut idle = Vec::new();
    for (manifest, name) in foreign_dependencies() {
        let folders: Vec<String> = match manifest.as_str() {
            "Cargo.toml" => vec!["src".into(), "tests".into()],
            other => vec![other.trim_end_matches("/Cargo.toml").into()],
        };
        let word = name.replace('-', "_");
        let named = folders.iter().flat_map(|folder| files_under(folder)).any(|(path, _)| {
            path.ends_with(".rs")
                && read(&path).lines().any(|line| {
                    let code = line.split("//").next().unwrap_or_default();
                    code.contains(&format!("{word}::")) || code.contains(&format!("use {word}"))
                })
        });
        if !named {
            idle.push(format!("{manifest}: {name}"));
        }
    }
    assert!(idle.is_empty(), "nobody names these dependencies in code: {idle:#?}");
}

#[test]
fn links_between_documents_lead_somewhere() {
    let pages =
        files_under("docs").into_iter().map(|(path, _)| path).chain(["README.md".to_owned()]);
    let mut dead = Vec::new();
    for page in pages.filter(|path| path.ends_with(".md")) {
        let text = read(&page);
        let folder = root().join(&page).parent().unwrap().to_owned();
        let text = text.lines().filter(|line| !line.starts_with("![")).collect::<String>();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") && !folder.join(target).exists() {
                dead.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(dead.is_empty(), "dead links: {dead:#?}");
}

#[test]
fn every_metric_has_a_description() {
    use magpie::observe::metrics::{COUNTERS, GAUGES, HISTOGRAMS};
    let described: Vec<&str> =
        [COUNTERS, GAUGES, HISTOGRAMS].concat().into_iter().map(|(name, _)| name).collect();
    let mut missing = Vec::new();
    for (path, _) in files_under("src").into_iter().filter(|(path, _)| path.ends_with(".rs")) {
        let text = read(&path);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for macro_name in ["counter!(", "gauge!(", "histogram!("] {
            for (at, _) in code.match_indices(macro_name) {
                let rest = code[at + macro_name.len()..].trim_start();
                let Some(name) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next())
                else {
                    continue;
                };
                if !described.contains(&name) {
                    missing.push(format!("{path}: {name}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "src/observe/metrics.rs does not describe: {missing:#?}");
}
