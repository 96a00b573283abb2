//! Saved cases beside each module, and how they are checked.
//!
//! A case is a folder `sites/<id>/fixtures/<case>/` with a small page written in the structure of the
//! site (`page.html`, `page.json` or `page.xml`), a `case.toml` (`url`, `saved_at`, `kind`, and
//! `status` if it is not 200) and the `expected.json` that [`bless`] writes and a person reads over.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::page::{Page, PageKind, Parsed};
use crate::site::Site;

/// Why a case cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// A file or folder cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path}: {problem}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// A saved page and what it should read as.
#[derive(Debug, Clone)]
pub struct Case {
    /// Name of its folder.
    pub name: String,
    /// Its folder.
    pub dir: PathBuf,
    /// The page.
    pub page: Page,
    /// The verdict it stands for.
    pub kind: PageKind,
    /// The blessed result; `None` until the first [`bless`].
    pub expected: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    url: Url,
    saved_at: DateTime<Utc>,
    kind: PageKind,
    #[serde(default)]
    status: Option<u16>,
}

fn read(path: &Path) -> Result<String, CaseError> {
    std::fs::read_to_string(path).map_err(|source| CaseError::File { path: path.into(), source })
}

/// All cases of a module, in order of their names. `module` is the folder that holds `site.toml`.
pub fn cases(module: &Path) -> Result<Vec<Case>, CaseError> {
    let dir = module.join("fixtures");
    let file = |source| CaseError::File { path: dir.clone(), source };
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(&dir).map_err(file)? {
        let path = entry.map_err(file)?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    folders.iter().map(|folder| case(folder)).collect()
}

fn case(dir: &Path) -> Result<Case, CaseError> {
    let mut failed = None;
    let read_file = |name: &str| {
        let path = dir.join(name);
        let text = path.is_file().then(|| read(&path))?;
        text.map_err(|error| failed.get_or_insert(error)).ok()
    };
    let case = case_of(dir, read_file);
    failed.map_or(case, Err)
}

/// A case from its files, wherever they stand: `file` answers the text of one, by name, once.
pub(crate) fn case_of(
    dir: &Path,
    mut file: impl FnMut(&str) -> Option<String>,
) -> Result<Case, CaseError> {
    let content = |path: PathBuf, problem: String| CaseError::Content { path, problem };
    let path = dir.join("case.toml");
    let about = file("case.toml").ok_or_else(|| {
        content(path.clone(), "is missing; it names url, saved_at and kind".into())
    })?;
    let about: CaseFile = toml::from_str(&about)
        .map_err(|error| content(path, error.to_string().replace('\n', " ")))?;
    let names = ["page.html", "page.json", "page.xml"];
    let body = names.iter().find_map(|name| file(name)).ok_or_else(|| {
        content(dir.into(), format!("holds no page; expected one of {}", names.join(", ")))
    })?;
    let expected = match file("expected.json") {
        Some(text) => Some(
            serde_json::from_str(&text)
                .map_err(|error| content(dir.join("expected.json"), error.to_string()))?,
        ),
        None => None,
    };
    Ok(Case {
        name: dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        dir: dir.to_owned(),
        page: Page {
            url: about.url,
            status: about.status.or(Some(200)),
            content_type: None,
            body,
            script: None,
            fetched_at: about.saved_at,
        },
        kind: about.kind,
        expected,
    })
}

/// Compares a case with what the site reads now, field by field. Empty: all is as expected.
pub fn check(site: &Site, case: &Case) -> Vec<String> {
    let parsed = site.parse(&case.page);
    let mut out = Vec::new();
    if parsed.kind != case.kind {
        out.push(format!("kind: expected {:?}, found {:?}", case.kind, parsed.kind));
    }
    let Some(expected) = &case.expected else {
        out.push("expected.json is missing; look at the page, then bless the module".to_owned());
        return out;
    };
    differences("", expected, &as_value(&parsed), &mut out);
    out
}

fn as_value(parsed: &Parsed) -> Value {
    serde_json::to_value(parsed).unwrap_or(Value::Null)
}

fn differences(at: &str, expected: &Value, found: &Value, out: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|k| !a.contains_key(*k)));
            for key in keys {
                let (x, y) = (a.get(key), b.get(key));
                let none = Value::Null;
                differences(&format!("{at}/{key}"), x.unwrap_or(&none), y.unwrap_or(&none), out);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (x, y)) in a.iter().zip(b).enumerate() {
                differences(&format!("{at}/{i}"), x, y, out);
            }
        }
        (a, b) if a == b => {}
        (a, b) => out.push(format!("{at}: expected {a}, found {b}")),
    }
}

/// Writes `expected.json` of every case of a module from what the site reads now, and says how many
/// files changed. A case whose verdict is not the one its `case.toml` names is refused.
pub fn bless(site: &Site, module: &Path) -> Result<usize, CaseError> {
    let mut changed = 0;
    for case in cases(module)? {
        changed += usize::from(bless_case(site, &case)?);
    }
    Ok(changed)
}

/// Writes `expected.json` of one case; says whether it changed. Refused like [`bless`].
pub fn bless_case(site: &Site, case: &Case) -> Result<bool, CaseError> {
    let parsed = site.parse(&case.page);
    let path = case.dir.join("expected.json");
    if parsed.kind != case.kind {
        let problem = format!("reads as {:?}, but case.toml says {:?}", parsed.kind, case.kind);
        return Err(CaseError::Content { path: case.dir.clone(), problem });
    }
    let value = as_value(&parsed);
    if case.expected.as_ref() == Some(&value) {
        return Ok(false);
    }
    let text = serde_json::to_string_pretty(&value)
        .map_err(|e| CaseError::Content { path: path.clone(), problem: e.to_string() })?;
    std::fs::write(&path, text + "\n").map_err(|source| CaseError::File { path, source })?;
    Ok(true)
}
