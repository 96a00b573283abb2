//! The result of a verification, for people and for programs.

use std::fmt;

use serde::Serialize;

/// One expected value that was not found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which value (`listing 3 title`).
    pub what: String,
    /// As the index has it.
    pub expected: String,
    /// As it was read.
    pub found: String,
}

/// The score of one page.
#[derive(Debug, Clone, Serialize)]
pub struct PageScore {
    /// File, relative to the folder.
    pub file: String,
    /// Kind of entry: search, detail, api, feed, prices, dates, robots.
    pub kind: String,
    /// Module that read it.
    pub site: Option<String>,
    /// Values compared.
    pub checked: usize,
    /// Values found as expected.
    pub right: usize,
    /// Values that differ.
    pub differences: Vec<Difference>,
    /// A remark, for example why nothing was compared.
    pub note: Option<String>,
}

impl PageScore {
    pub(super) fn new(file: &str, kind: &str, site: Option<String>) -> PageScore {
        PageScore {
            file: file.to_owned(),
            kind: kind.to_owned(),
            site,
            checked: 0,
            right: 0,
            differences: Vec::new(),
            note: None,
        }
    }

    /// The share of values found as expected, from 0 to 1.
    pub fn share(&self) -> f64 {
        crate::infer::ratio(self.right, self.checked)
    }

    /// Compares two texts.
    pub(super) fn check(&mut self, what: &str, expected: &str, found: &str) {
        self.check_that(what, expected == found, expected, found);
    }

    /// Counts a comparison made elsewhere.
    pub(super) fn check_that(&mut self, what: &str, same: bool, expected: &str, found: &str) {
        self.checked += 1;
        if same {
            self.right += 1;
            return;
        }
        self.differences.push(Difference {
            what: what.to_owned(),
            expected: expected.to_owned(),
            found: found.to_owned(),
        });
    }
}

/// The score of a folder.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// One entry per page, in the order of the index.
    pub pages: Vec<PageScore>,
    /// Values compared.
    pub checked: usize,
    /// Values found as expected.
    pub right: usize,
    /// Pages of sites without a module.
    pub without_module: usize,
}

impl Report {
    pub(super) fn add(&mut self, page: PageScore) {
        self.checked += page.checked;
        self.right += page.right;
        self.without_module += usize::from(page.checked == 0 && page.note.is_some());
        self.pages.push(page);
    }

    /// Whether every expected value of every page with a module was found, and there was one.
    pub fn complete(&self) -> bool {
        self.checked > 0 && self.right == self.checked
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.pages.iter().map(|p| p.file.len()).max().unwrap_or(4).max(4);
        writeln!(f, "{:width$}  {:7}  {:15}  {:>11}  score", "page", "kind", "site", "values")?;
        for page in self.pages.iter().filter(|p| p.checked > 0) {
            let values = format!("{}/{}", page.right, page.checked);
            let (site, note) = (page.site.as_deref().unwrap_or("-"), page.note.as_deref());
            let note = note.map(|n| format!("  {n}")).unwrap_or_default();
            let score = percent(page.right, page.checked);
            writeln!(
                f,
                "{:width$}  {:7}  {site:15}  {values:>11}  {score}{note}",
                page.file, page.kind
            )?;
            for d in page.differences.iter().take(20) {
                writeln!(f, "    {}: expected `{}`, found `{}`", d.what, d.expected, d.found)?;
            }
            if page.differences.len() > 20 {
                writeln!(f, "    … and {} more", page.differences.len() - 20)?;
            }
        }
        let values = format!("{}/{}", self.right, self.checked);
        let (empty, score) = ("", percent(self.right, self.checked));
        writeln!(f, "{:width$}  {empty:7}  {empty:15}  {values:>11}  {score}", "total")?;
        if self.without_module > 0 {
            writeln!(f, "{} pages of sites without a module were not judged", self.without_module)?;
        }
        Ok(())
    }
}

/// A share in percent, rounded down, so that only a whole is 100 %.
fn percent(right: usize, checked: usize) -> String {
    match (right * 1_000).checked_div(checked) {
        Some(tenths) => format!("{:>3}.{} %", tenths / 10, tenths % 10),
        None => "  -".to_owned(),
    }
}
