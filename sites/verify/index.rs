//! The entries of `index.json`.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// One saved page and what it should read as.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) file: String,
    pub(super) kind: String,
    #[serde(default)]
    pub(super) role: Option<String>,
    #[serde(default)]
    pub(super) url: Option<String>,
    #[serde(default = "utf8")]
    pub(super) encoding: String,
    #[serde(default)]
    pub(super) captured: Option<String>,
    #[serde(default)]
    pub(super) source_commit_date: Option<String>,
    #[serde(default)]
    pub(super) expected: Value,
}

fn utf8() -> String {
    "utf-8".to_owned()
}

impl Entry {
    /// The address, without a remark behind it.
    pub(super) fn address(&self) -> Option<Url> {
        Url::parse(self.url.as_deref()?.split_whitespace().next()?).ok()
    }

    /// The folder the file stands in.
    pub(super) fn folder(&self) -> &str {
        self.file.split('/').next().unwrap_or("")
    }
}
