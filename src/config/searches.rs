//! The file of searches (`paths.sources`): `[[source]]` tables with url, title and, where wanted, site, offered and
//! when to run (`rhythm`). All problems at once, as everywhere. Which site an address belongs to is not decided here.

mod rhythm;

use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::layers::{line_of, shown_name};
use super::problem::{Place, Problem};
use super::{duration, names};
use crate::domain::rhythm::Rhythm;

/// One search of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// Id of the site module, if the file names it.
    pub site: Option<String>,
    /// The search page.
    pub url: Url,
    /// What people call it.
    pub title: String,
    /// Time between two runs, if the file names it.
    pub every: Option<Duration>,
    /// Cron expression, windows and jitter; zones that the file does not name are the site's.
    pub rhythm: Rhythm,
    /// Offered to everybody in the bot's list; true if the file says nothing.
    pub offered: bool,
    /// Line of the table in the file, for complaints about the address.
    pub line: usize,
}

const KEYS: [&str; 10] =
    ["site", "url", "title", "every", "offered", "cron", "zone", "windows", "jitter", "adaptive"];

/// The searches of a file's text, or every problem of it. `name` is the file's name as people know it.
pub fn searches(name: &str, text: &str) -> Result<Vec<Search>, Vec<Problem>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut page = Page { name, text, problems: Vec::new() };
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().map_or(0, |span| span.start);
        let what = format!("this is not TOML: {}", error.message().replace('\n', " "));
        page.complain(at, None, what, "mend this line");
    }
    let mut found = Vec::new();
    for (key, value) in document.get_ref() {
        let known: &str = key.get_ref();
        match value.get_ref() {
            DeValue::Array(items) if known == "source" => {
                found.extend(items.iter().filter_map(|item| page.search(item)));
            }
            _ => page.complain(
                key.span().start,
                Some(known),
                "there is no such key".to_owned(),
                "begin each search with a line [[source]]",
            ),
        }
    }
    page.refuse_repetitions(&found);
    if page.problems.is_empty() { Ok(found) } else { Err(page.problems) }
}

/// The file while it is read.
struct Page<'a> {
    name: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
}

impl Page<'_> {
    fn complain(&mut self, at: usize, key: Option<&str>, what: String, remedy: &str) {
        let line = Some(line_of(self.text, at));
        self.problems.push(Problem {
            place: Place::File { name: self.name.to_owned(), line },
            key: key.map(shown_name),
            what,
            remedy: remedy.to_owned(),
        });
    }

    fn search(&mut self, item: &Spanned<DeValue<'_>>) -> Option<Search> {
        let at = item.span().start;
        let Some(table) = item.get_ref().as_table() else {
            self.complain(at, Some("source"), "is not a table".into(), "write [[source]]");
            return None;
        };
        for key in table.keys() {
            let key_name: &str = key.get_ref();
            if !KEYS.contains(&key_name) {
                let remedy = names::nearest(key_name, KEYS).map_or_else(
                    || format!("the keys are {}", KEYS.join(", ")),
                    |near| format!("did you mean {near}?"),
                );
                self.complain(
                    key.span().start,
                    Some(key_name),
                    "there is no such key".into(),
                    &remedy,
                );
            }
        }
        let before = self.problems.len();
        let url =
            self.text_of(table, "url", at, true).and_then(|(text, at)| self.address(&text, at));
        let title = self.text_of(table, "title", at, true).map(|(text, _)| text);
        let site = self.text_of(table, "site", at, false).map(|(text, _)| text);
        let every = self.span_of(table, "every");
        let rhythm = self.rhythm(table);
        let offered = self.flag(table, "offered").unwrap_or(true);
        if self.problems.len() > before {
            return None;
        }
        Some(Search {
            site,
            url: url?,
            title: title?,
            every,
            rhythm,
            offered,
            line: line_of(self.text, at),
        })
    }

    fn text_of(
        &mut self,
        table: &DeTable<'_>,
        key: &str,
        at: usize,
        needed: bool,
    ) -> Option<(String, usize)> {
        match table.get(key) {
            None if needed => {
                self.complain(
                    at,
                    Some(key),
                    "is missing".into(),
                    &format!("add a line {key} = \"…\""),
                );
                None
            }
            None => None,
            Some(value) => match value.get_ref().as_str().map(str::trim) {
                Some(text) if !text.is_empty() => Some((text.to_owned(), value.span().start)),
                _ => {
                    let remedy = format!("write {key} = \"…\"");
                    self.complain(value.span().start, Some(key), "is not a text".into(), &remedy);
                    None
                }
            },
        }
    }

    fn span_of(&mut self, table: &DeTable<'_>, key: &str) -> Option<Duration> {
        self.text_of(table, key, 0, false).and_then(|(text, at)| self.span(key, &text, at))
    }

    fn address(&mut self, text: &str, at: usize) -> Option<Url> {
        let address = Url::parse(text).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty()
        });
        if address.is_none() {
            let what = "is not an http or https address".to_owned();
            self.complain(
                at,
                Some("url"),
                what,
                "copy the address of the search page from a browser",
            );
        }
        address
    }

    fn span(&mut self, key: &str, text: &str, at: usize) -> Option<Duration> {
        let span = Duration::from_secs(1)..=Duration::from_secs(30 * 86_400);
        let found = duration::parse(text).filter(|found| span.contains(found));
        if found.is_none() {
            let what = format!("\"{}\" is not a duration from 1s to 30d", text.escape_debug());
            self.complain(at, Some(key), what, duration::FORM);
        }
        found
    }

    fn flag(&mut self, table: &DeTable<'_>, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            let what = "is not true or false".to_owned();
            self.complain(value.span().start, Some(key), what, "write one of the two");
        }
        flag
    }

    fn refuse_repetitions(&mut self, found: &[Search]) {
        for (index, search) in found.iter().enumerate() {
            if let Some(first) = found[..index].iter().find(|other| other.url == search.url) {
                let what = format!("is the same address as in line {}", first.line);
                self.problems.push(Problem::of(
                    Place::File { name: self.name.to_owned(), line: Some(search.line) },
                    "url",
                    what,
                    "keep one of the two",
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_beside_the_defaults_are_good() {
        assert_eq!(searches("sources.toml", include_str!("../../config/sources.toml")), Ok(vec![]));
        let demo =
            searches("demo-sources.toml", include_str!("../../config/demo-sources.toml")).unwrap();
        let paths: Vec<&str> = demo.iter().map(|search| search.url.path()).collect();
        assert_eq!(paths, ["/demo/goods", "/demo/homes"]);
        assert!(
            demo.iter()
                .all(|search| search.every == Some(Duration::from_secs(5)) && search.offered)
        );
    }

    #[test]
    fn every_problem_of_a_file_is_told_with_its_line() {
        let text = "\
[[source]]
url = \"ftp://example.com\"
titel = \"x\"

[[source]]
url = \"https://example.com/a\"
title = \"A\"
every = \"soon\"
offered = \"yes\"

[[source]]
url = \"https://example.com/b\"
title = \"B\"

[[source]]
url = \"https://example.com/b\"
title = \"B again\"

[other]
";
        let problems = searches("s.toml", text).unwrap_err();
        let mut lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        lines.sort();
        let begins = [
            "s.toml:15: url: is the same address as in line 11",
            "s.toml:19: other: there is no such key",
            "s.toml:1: title: is missing",
            "s.toml:2: url: is not an http or https address",
            "s.toml:3: titel: there is no such key; did you mean title?",
            "s.toml:8: every: \"soon\" is not a duration from 1s to 30d",
            "s.toml:9: offered: is not true or false",
        ];
        assert_eq!(lines.len(), begins.len(), "{lines:#?}");
        for begin in begins {
            assert!(lines.iter().any(|line| line.starts_with(begin)), "{begin}: {lines:#?}");
        }
    }
}
