//! Documents that are made from something, or speak of something that must be there.

use super::{files_under, read, root};

#[test]
fn the_page_about_the_configuration_is_current() {
    let made = magpie::config::doc::page(magpie::config::DEFAULT);
    assert!(
        made == read("docs/CONFIG.md"),
        "docs/CONFIG.md is not what the defaults say: run `magpie config doc > docs/CONFIG.md`"
    );
}

#[test]
fn every_dependency_has_its_line_of_reason() {
    let reasons = read("docs/DEPENDENCIES.md");
    let manifests = ["Cargo.toml", "sites/Cargo.toml"].map(str::to_owned).into_iter();
    let crates = files_under("crates").into_iter().map(|(path, _)| path);
    let manifests = manifests.chain(crates.filter(|path| path.ends_with("Cargo.toml")));
    let mut missing = Vec::new();
    for manifest in manifests {
        let table: toml::Table = read(&manifest).parse().unwrap();
        for section in ["dependencies", "dev-dependencies"] {
            let Some(toml::Value::Table(entries)) = table.get(section) else { continue };
            for (name, value) in entries {
                let ours = value.get("path").is_some();
                if !ours && !reasons.contains(&format!("| `{name}` |")) {
                    missing.push(format!("{manifest}: {name}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "docs/DEPENDENCIES.md has no line for: {missing:#?}");
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
