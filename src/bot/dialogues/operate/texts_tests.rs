//! The words of the panel: there in every language, with the same placeholders, and each of them used.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Language;

fn sentences(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let path = format!("{}/src/texts/{}/operate.ftl", env!("CARGO_MANIFEST_DIR"), language.code());
    let text = std::fs::read_to_string(path).expect("the texts are there");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
            key = name.to_owned();
            assert!(found.insert(key.clone(), BTreeSet::new()).is_none(), "{key} stands twice");
        }
        let names = line.split("{ $").skip(1).filter_map(|rest| rest.split_whitespace().next());
        found.entry(key.clone()).or_default().extend(names.map(str::to_owned));
    }
    found
}

#[test]
fn the_panel_speaks_every_language_with_the_same_placeholders_and_says_all_it_has() {
    let english = sentences(Language::En);
    assert_eq!(sentences(Language::Ru), english);
    assert_eq!(sentences(Language::Uk), english);
    let code = [
        include_str!("sites.rs"),
        include_str!("source.rs"),
        include_str!("proposal.rs"),
        include_str!("cast.rs"),
        include_str!("casts.rs"),
        include_str!("compose.rs"),
        include_str!("later.rs"),
        include_str!("orders.rs"),
        include_str!("service.rs"),
        include_str!("../../../texts/operate.rs"),
        include_str!("../../../deliver/progress.rs"),
    ]
    .join("\n");
    let used: BTreeSet<String> = code
        .split('"')
        .filter(|word| word.starts_with("operate-") && !word.contains(char::is_whitespace))
        .map(str::to_owned)
        .collect();
    let there: BTreeSet<String> = english.into_keys().collect();
    assert_eq!(used, there);
}
