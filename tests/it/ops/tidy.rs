//! The rules of docs/ARCHITECTURE.md, held by reading the sources: who knows what, who uses whom, how long a file
//! may be, and what no file may say.

use std::collections::{BTreeMap, BTreeSet};

use super::{files_under, read};

/// A word that only some places may use.
struct Rule {
    /// Any of these in code is a use.
    words: &'static [&'static str],
    /// Path beginnings that are checked.
    checked: &'static [&'static str],
    /// Path beginnings that may.
    may: &'static [&'static str],
    /// Why.
    reason: &'static str,
}

const RULES: [Rule; 7] = [
    Rule {
        words: &["rusqlite", "sqlx::", "use sqlx", "redis::", "use redis"],
        checked: &["src/", "sites/", "crates/"],
        may: &["src/store/"],
        reason: "only the store knows SQL and Redis",
    },
    Rule {
        words: &["chromiumoxide"],
        checked: &["src/", "sites/", "crates/"],
        may: &["crates/browser/", "src/observe/logs.rs"],
        reason: "only the browser package knows the protocol (the logs name it to silence it)",
    },
    Rule {
        words: &["browser::"],
        checked: &["src/"],
        may: &["src/scrape/", "src/roles/", "src/cli/", "src/bin/"],
        reason: "the browser is a road to a page and nothing else",
    },
    Rule {
        words: &["reqwest::", "use reqwest"],
        checked: &["src/", "sites/", "crates/"],
        may: &[
            "src/telegram/",
            "src/pay/",
            "src/scrape/",
            "src/deliver/",
            "crates/sandbox/",
            "crates/xtask/",
        ],
        reason: "HTTP clients belong to those who talk to the outside",
    },
    Rule {
        words: &["env::var", "env::vars", "env::set_var", "env::remove_var"],
        checked: &["src/", "sites/"],
        may: &["src/config/"],
        reason: "only config reads the environment",
    },
    Rule {
        words: &[
            "tokio::",
            "reqwest::",
            "rusqlite::",
            "sqlx::",
            "std::net",
            "async fn",
            "std::process",
        ],
        checked: &["sites/", "src/domain/"],
        may: &[],
        reason: "parsing and decisions know no I/O",
    },
    Rule {
        words: &["Utc::now", "Local::now", "SystemTime::now", "Instant::now"],
        checked: &["sites/", "src/domain/"],
        may: &[],
        reason: "the time is an argument",
    },
];

/// What every part may use.
const BASE: [&str; 11] = [
    "clock", "config", "context", "domain", "matching", "modules", "observe", "shutdown", "store",
    "telegram", "texts",
];

/// Which module of the library may use which others, beside itself.
fn directions() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let set = |names: &[&'static str]| names.iter().copied().collect::<BTreeSet<_>>();
    let base = || set(&BASE);
    let with = |more: &[&'static str]| base().union(&set(more)).copied().collect();
    BTreeMap::from([
        ("clock", set(&[])),
        ("shutdown", set(&[])),
        ("domain", set(&[])),
        // The file of searches is read into rhythms, whose words are the domain's.
        ("config", set(&["domain"])),
        ("texts", set(&["domain"])),
        ("chart", set(&["domain", "texts"])),
        ("store", set(&["domain", "config", "clock", "shutdown"])),
        ("matching", set(&["domain", "shutdown", "store"])),
        ("telegram", set(&["domain", "config", "clock", "shutdown"])),
        ("observe", set(&["config", "clock", "shutdown", "store", "telegram"])),
        ("context", set(&["clock", "config", "domain", "shutdown", "store", "telegram"])),
        // The schedule drives the scraper: claiming and running are one journey.
        ("schedule", with(&["scrape"])),
        ("scrape", base()),
        ("deliver", with(&["chart"])),
        ("modules", set(&["domain"])),
        ("bot", with(&["deliver"])),
        ("api", base()),
    ])
}

/// Files that may be longer than [`LONGEST`]: how long, and why.
const LONG_FILES: [(&str, usize, &str); 2] = [
    ("src/deliver/sender.rs", 450, "one loop: claim, wait, send and settle are one story"),
    ("crates/browser/src/launch.rs", 450, "one start from the first check to the last"),
];

/// Lines of a file, tests included.
const LONGEST: usize = 400;

/// The part of a source file that ends up in the program: without comments and without its unit tests.
fn code(text: &str) -> String {
    text.lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .map(|line| line.split("// ").next().unwrap_or_default())
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn sources() -> Vec<(String, String)> {
    ["src", "sites", "crates"]
        .into_iter()
        .flat_map(files_under)
        .filter(|(path, _)| path.ends_with(".rs"))
        .map(|(path, _)| {
            let text = read(&path);
            (path, text)
        })
        .collect()
}

/// Whether `word` stands in `code` by itself: `sites::` is no use of `tes::`.
fn uses(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '"' | ':'))
    })
}

#[test]
fn each_part_knows_only_what_it_may() {
    let mut broken = Vec::new();
    for (path, text) in sources() {
        let is_test = path.contains("/tests/");
        let code = code(&text);
        for rule in &RULES {
            let begins = |places: &[&str]| places.iter().any(|place| path.starts_with(place));
            if is_test || !begins(rule.checked) || begins(rule.may) {
                continue;
            }
            for word in rule.words.iter().filter(|word| uses(&code, word)) {
                broken.push(format!("{path} uses {word}: {}", rule.reason));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The modules of the library that a text of code names by `crate::`.
fn named_modules(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let heads: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => top_level(group),
            None => vec![rest],
        };
        for head in heads {
            let head = head.trim_start();
            let end = head.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(head.len());
            found.insert(head[..end].to_owned());
        }
    }
    found
}

/// The entries of `a::b, c::{d, e}}…`, split where no inner brace is open.
fn top_level(group: &str) -> Vec<&str> {
    let (mut depth, mut begin, mut entries) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                entries.push(&group[begin..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                entries.push(&group[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    entries
}

#[test]
fn modules_use_each_other_in_one_direction_only() {
    let directions = directions();
    let mut broken = Vec::new();
    for (path, text) in sources() {
        let Some(inner) = path.strip_prefix("src/") else { continue };
        let module = inner.split(['/', '.']).next().unwrap_or_default();
        let Some(may) = directions.get(module) else { continue };
        for used in named_modules(&code(&text)) {
            let is_module =
                directions.contains_key(used.as_str()) || used == "roles" || used == "cli";
            if is_module && used != module && !may.contains(used.as_str()) {
                broken.push(format!("{path} uses crate::{used}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_reader_of_use_lines_sees_groups() {
    let code =
        "use crate::{clock::Clock, store::{Db, Seen}, bot};\nlet x = crate::domain::change::y();";
    let named: Vec<String> = named_modules(code).into_iter().collect();
    assert_eq!(named, ["bot", "clock", "domain", "store"]);
}

#[test]
fn files_stay_short() {
    let mut long = Vec::new();
    for (path, text) in sources() {
        let count = text.lines().count();
        let excuse = LONG_FILES.iter().find(|(name, _, _)| *name == path);
        if count > excuse.map_or(LONGEST, |(_, limit, _)| *limit) {
            long.push(format!("{path}: {count} lines"));
        }
    }
    let gone = LONG_FILES
        .iter()
        .map(|(name, _, _)| name)
        .filter(|name| !super::root().join(name).exists());
    long.extend(gone.map(|name| format!("{name} is excused and does not exist")));
    assert!(long.is_empty(), "longer than {LONGEST} lines: split, or give a reason: {long:#?}");
}

#[test]
fn nothing_is_left_to_be_done_or_bound_to_a_machine() {
    // Put together here, so that this file does not say them.
    let marks =
        ["TO", "FIX", "X"].into_iter().zip(["DO", "ME", "XX"]).map(|(a, b)| format!("{a}{b}"));
    let calls = ["todo", "unimplemented"].map(|name| format!("{name}!("));
    let ignored = format!("#[{}", "ignore");
    let places = ["work", "root"].map(|folder| format!("/{folder}/"));
    let banned: Vec<String> = marks.chain(calls).chain([ignored]).chain(places).collect();
    let mut found = Vec::new();
    for (path, file) in files_under(".") {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        for (number, line) in text.lines().enumerate() {
            for word in banned.iter().filter(|word| uses(line, word)) {
                found.push(format!("{path}:{}: {word}", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
