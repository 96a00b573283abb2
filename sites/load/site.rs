//! Compiling a whole `site.toml`.

use std::time::Duration;

use chrono_tz::Tz;
use regex::Regex;
use toml::Table;

use crate::address::{AddressRules, Host};
use crate::extract::filter;
use crate::extract::items::Locale;
use crate::judge::Judge;
use crate::site::{Fetch, Kind, Render, ResourceKind, Site};

use super::detail::detail;
use super::fields::{self, PageParts};
use super::problem::{LoadError, Problem, did_you_mean};
use super::section::{Problems, Section};

/// Countries that write a dot before fractions.
const DOT_COUNTRIES: [&str; 22] = [
    "us", "gb", "uk", "ie", "au", "nz", "ca", "in", "jp", "cn", "hk", "tw", "kr", "sg", "my", "th",
    "ph", "il", "mx", "ch", "li", "za",
];

/// Compiles a module, or says everything that is wrong with it.
pub fn compile(file: &str, text: &str) -> Result<Site, LoadError> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| LoadError {
        problems: vec![Problem {
            file: file.to_owned(),
            key: String::new(),
            text: format!("is no TOML: {}", error.to_string().replace('\n', " ")),
        }],
    })?;
    let problems = Problems::new(file);
    let site = read(&table, &problems);
    match (site, problems.is_empty()) {
        (Some(site), true) => Ok(site),
        _ => Err(LoadError { problems: problems.into_list() }),
    }
}

fn read(table: &Table, problems: &Problems) -> Option<Site> {
    let root = Section::new("", Some(table), problems);
    for name in ["site", "search", "listing"] {
        if !table.contains_key(name) {
            problems.note(name, "this table is missing; docs/ADDING_A_SITE.md shows its keys");
        }
    }
    let identity = identity(root.section("site"));
    let check = check(root.section("check"));
    let (fetch, mut judge) = fetch(root.section("fetch"), root.section("script"));
    let (address, mut parts, max_pages) = search(root.section("search"));
    judge.min_share = check.1;
    parts.empty = check.0;
    let list = fields::layout(root.section("listing"), Some(parts));
    let detail = detail(root.section("detail"));
    let login = super::login::login(root.section("login"));
    root.finish();
    let identity = identity?;
    let locale = Locale {
        currency: identity.currency.clone(),
        zone: identity.time_zone,
        decimal: if DOT_COUNTRIES.contains(&identity.country.as_str()) { '.' } else { ',' },
        month_first: identity.country == "us",
    };
    Some(Site {
        id: identity.id,
        name: identity.name,
        hosts: identity.hosts,
        path: identity.path,
        kind: identity.kind,
        country: identity.country,
        time_zone: identity.time_zone,
        currency: identity.currency,
        owner: identity.owner,
        fetch,
        max_pages,
        login,
        address,
        list,
        detail,
        judge,
        locale,
        refine: None,
    })
}

struct Identity {
    id: String,
    name: String,
    hosts: Vec<Host>,
    path: String,
    kind: Kind,
    country: String,
    time_zone: Tz,
    currency: String,
    owner: String,
}

fn identity(site: Section<'_>) -> Option<Identity> {
    let id = site.required("id", "write the folder's name").filter(|id| {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let fits = id.chars().all(good);
        if !fits {
            site.note("id", "use lower-case letters, digits and `_` only, like the folder's name");
        }
        fits
    });
    let name = site.required("name", "write the name people know the site by");
    let hosts = site.texts("hosts");
    if hosts.is_empty() {
        site.note("hosts", "is missing; write for example `[\"example.com\"]`");
    }
    let parse = |h: &String| Host::parse(h).map_err(|problem| site.note("hosts", problem)).ok();
    let hosts: Vec<Host> = hosts.iter().filter_map(parse).collect();
    let path = site.text("path").unwrap_or_else(|| "/".to_owned());
    if !path.starts_with('/') {
        site.note("path", "must start with `/`");
    }
    let kinds = ["home", "classified", "car", "job", "goods"];
    let kind = word(&site, "kind", &kinds, None);
    let country = site.required("country", "write the two-letter code, like `de`");
    let country = country.filter(|c| {
        let good = c.len() == 2 && c.bytes().all(|b| b.is_ascii_lowercase());
        if !good {
            site.note("country", "write the two-letter code in lower case, like `de`");
        }
        good
    });
    let zone = site.required("time_zone", "write it like `Europe/Berlin`").and_then(|text| {
        text.parse::<Tz>()
            .map_err(|_| {
                site.note(
                    "time_zone",
                    format!("`{text}` is no time zone; write it like `Europe/Berlin`"),
                )
            })
            .ok()
    });
    let currency = site.required("currency", "write the ISO code, like `EUR`").filter(|c| {
        let good = c.len() == 3 && c.bytes().all(|b| b.is_ascii_uppercase());
        if !good {
            site.note("currency", "write the ISO code in capitals, like `EUR`");
        }
        good
    });
    let owner = site.text("owner").unwrap_or_default();
    site.finish();
    let kind = match kind? {
        "home" => Kind::Home,
        "classified" => Kind::Classified,
        "car" => Kind::Car,
        "job" => Kind::Job,
        _ => Kind::Goods,
    };
    Some(Identity {
        id: id?,
        name: name?,
        hosts,
        path,
        kind,
        country: country?,
        time_zone: zone?,
        currency: currency?,
        owner,
    })
}

/// A text that must be one of a few words.
pub(super) fn word(
    section: &Section<'_>,
    key: &'static str,
    known: &[&'static str],
    default: Option<&'static str>,
) -> Option<&'static str> {
    let Some(text) = section.text(key) else {
        if default.is_none() && section.entry(key).is_none() {
            section.note(key, format!("is missing; write one of {}", known.join(", ")));
        }
        return default;
    };
    let found = known.iter().find(|k| **k == text).copied();
    if found.is_none() {
        let hint = did_you_mean(&text, known);
        section.note(key, format!("`{text}` is unknown{hint}; known: {}", known.join(", ")));
    }
    found
}

fn fetch(fetch: Section<'_>, script: Section<'_>) -> (Fetch, Judge) {
    let render = render(&fetch).unwrap_or(Render::Http);
    let wait_for = fetch.text("wait_for");
    if let Some(selector) = &wait_for {
        if let Err(error) = crate::dom::Selector::parse(selector) {
            fetch.note("wait_for", format!("`{selector}` is no CSS selector: {error}"));
        }
        if render == Render::Http {
            fetch.note("wait_for", "only a browser can wait; set render to browser or auto");
        }
    }
    let block = fetch.texts("block");
    let block = block.iter().filter_map(|kind| resource(&fetch, kind)).collect();
    let gap = fetch.text("gap").and_then(|text| {
        let gap = duration(&text);
        if gap.is_none() {
            fetch.note("gap", format!("`{text}` is no duration; write `500ms`, `3s` or `1m`"));
        }
        gap
    });
    let concurrency = fetch.value("concurrency").and_then(|value| {
        let count = value.as_integer().filter(|count| (1..=4).contains(count));
        if count.is_none() {
            fetch.note("concurrency", "write a number from 1 to 4");
        }
        count.and_then(|count| usize::try_from(count).ok())
    });
    let lower = |key| fetch.texts(key).iter().map(|w| w.to_lowercase()).collect::<Vec<_>>();
    let judge = Judge {
        blocked_when: lower("blocked_when"),
        login_when: lower("login_when"),
        ..Judge::default()
    };
    fetch.finish();
    let code = script.text("code");
    if script.exists() && code.is_none() {
        script.note("code", "is missing; write JavaScript that returns the items");
    }
    script.finish();
    let fetch = Fetch {
        render,
        wait_for,
        block,
        gap,
        concurrency,
        blocked_when: judge.blocked_when.clone(),
        login_when: judge.login_when.clone(),
        script: code,
    };
    (fetch, judge)
}

pub(super) fn render(section: &Section<'_>) -> Option<Render> {
    section.value("render")?;
    match word(section, "render", &["http", "browser", "auto"], None)? {
        "browser" => Some(Render::Browser),
        "auto" => Some(Render::Auto),
        _ => Some(Render::Http),
    }
}

fn resource(fetch: &Section<'_>, kind: &str) -> Option<ResourceKind> {
    let known = ["image", "font", "media", "stylesheet", "script"];
    Some(match kind {
        "image" => ResourceKind::Image,
        "font" => ResourceKind::Font,
        "media" => ResourceKind::Media,
        "stylesheet" => ResourceKind::Stylesheet,
        "script" => ResourceKind::Script,
        other => {
            let hint = did_you_mean(other, &known);
            fetch.note("block", format!("`{other}` is unknown{hint}; known: {}", known.join(", ")));
            return None;
        }
    })
}

/// Reads `500ms`, `3s` or `1m`.
fn duration(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let value: u64 = text[..split].parse().ok()?;
    match &text[split..] {
        "ms" => Some(Duration::from_millis(value)),
        "s" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_secs(value.checked_mul(60)?)),
        _ => None,
    }
}

pub(super) fn patterns(section: &Section<'_>, key: &'static str) -> Vec<Regex> {
    let texts = section.texts(key);
    texts
        .iter()
        .filter_map(|text| filter::regex(text).map_err(|e| section.note(key, e)).ok())
        .collect()
}

/// Pages that a module may ask for at most.
const MOST_PAGES: usize = 50;

fn search(search: Section<'_>) -> (AddressRules, PageParts, Option<usize>) {
    let matches = patterns(&search, "match");
    if matches.is_empty() && search.exists() && search.entry("match").is_none() {
        search.note("match", "is missing; write a pattern for the addresses of search pages");
    }
    let address = AddressRules {
        matches,
        newest: search.map("newest"),
        newest_by_default: search.flag("newest_by_default"),
        strip: search.texts("strip"),
        strip_path: patterns(&search, "strip_path"),
        filters: search.map("filters"),
        path: patterns(&search, "path"),
    };
    let parts =
        PageParts { total: search.texts("total"), next: search.texts("next"), empty: Vec::new() };
    let max_pages = search.count("max_pages", MOST_PAGES);
    search.finish();
    (address, parts, max_pages)
}

fn check(check: Section<'_>) -> (Vec<String>, std::collections::BTreeMap<String, f64>) {
    let found = (check.texts("empty_when"), check.shares("min_share"));
    check.finish();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
[site]
id = "example"
name = "Example"
hosts = ["example.com"]
kind = "home"
country = "de"
time_zone = "Europe/Berlin"
currency = "EUR"
[search]
match = '^https://example\.com/search'
[listing]
item = "li.result"
id = "@data-id"
url = "a@href"
title = "a"
price = { from = ".price", as = "money" }
"#;

    #[test]
    fn a_good_module_loads() {
        let site = compile("x/site.toml", GOOD).map(|s| (s.id, s.fetch.gap));
        assert_eq!(site, Ok(("example".to_owned(), None)));
    }

    #[test]
    fn all_problems_come_at_once_with_file_and_key() {
        let bad = GOOD
            .replace("kind = \"home\"", "kind = \"hom\"\ncolour = \"red\"")
            .replace("Europe/Berlin", "Europe/Berlinn")
            .replace("li.result", "li[")
            .replace("url = \"a@href\"\n", "")
            .replace("as = \"money\"", "as = \"mony\", form = 1")
            + "[fetch]\nrender = \"http\"\nwait_fro = \"x\"\ngap = \"3\"\n";
        let error = compile("x/site.toml", &bad).expect_err("refused").to_string();
        for part in [
            "x/site.toml: site.kind: `hom` is unknown (did you mean `home`?)",
            "site.colour: is not a key",
            "site.time_zone: `Europe/Berlinn`",
            "listing.item: `li[` is no CSS selector",
            "listing.url: is missing",
            "listing.price.as: `mony` is unknown (did you mean `money`?)",
            "listing.price.form: is not a key of this table (did you mean `from`?)",
            "fetch.wait_fro: is not a key of this table (did you mean `wait_for`?)",
            "fetch.gap: `3` is no duration",
        ] {
            assert!(error.contains(part), "{part}\n---\n{error}");
        }
    }

    #[test]
    fn an_empty_file_names_what_is_missing() {
        let error = compile("x", "").expect_err("refused").to_string();
        for part in ["site: this table is missing", "listing.title: is missing", "site.hosts"] {
            assert!(error.contains(part), "{part}\n---\n{error}");
        }
        assert!(compile("x", "= 3").expect_err("refused").to_string().contains("is no TOML"));
    }
}
