//! Watches as a file: exported as CSV or JSON, imported from either, with a word about every row. Pure.
//!
//! ```text
//! bytes ─► read (table or document) ─► rows ─► check (addresses, amounts, filter) ─► wanted ─► sort out ─► made
//!             └─ the file is refused      └─ a row with problems: each named, nothing written  └─ there already,
//!                as a whole                                                                      twice in the file,
//!                                                                                                beyond the plan
//! ```
//!
//! Columns of a table (all but `urls` may be missing; names of columns in any case):
//!
//! | column | meaning |
//! |---|---|
//! | `name` | what the watch is called; without it: the name of the search |
//! | `urls` | addresses of search pages, as a browser shows them, separated by spaces |
//! | `min_price`, `max_price` | amounts such as `900` or `900.50`, in `currency` or else in that of the first site |
//! | `currency` | ISO 4217 code of both |
//! | `all_words`, `any_words`, `none_words` | words, separated by semicolons |
//! | `filter` | further conditions as JSON, see [`crate::domain::filter::Filter`] |
//! | `telling` | how it is told, as JSON, see [`crate::domain::preferences::WatchTelling`] |
//! | `paused` | `yes` or `no` |
//!
//! A document is a list of objects with the same keys, where `urls` may be a list, `filter` and `telling` are objects
//! and prices stand in the filter.
//!
//! Spreadsheets take a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula: see
//! [`formula`]. What is exported is imported as the same watches, and importing a file again changes nothing.

pub mod amount;
pub mod check;
mod document;
pub mod formula;
mod outcome;
mod table;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::filter::Filter;
use super::ids::SourceId;
use super::preferences::WatchTelling;
use super::watch::{PausedBy, Watch};

pub use check::{Wanted, check};
pub use outcome::{Outcome, Owner, Report, sort_out};

/// Largest file, bytes.
pub const MOST_BYTES: usize = 1 << 20;
/// Most rows of a file.
pub const MOST_ROWS: usize = 500;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table.
    Csv,
    /// A document.
    Json,
}

/// Why a file is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// More than [`MOST_BYTES`].
    #[error("the file is larger than 1 MB; split it")]
    TooLarge,
    /// More than [`MOST_ROWS`].
    #[error("the file has {0} rows and {MOST_ROWS} are read at most; split it")]
    TooMany(usize),
    /// Not UTF-8.
    #[error("the file is no text in UTF-8; save it as \"CSV UTF-8\" or as JSON")]
    NotText,
    /// No rows.
    #[error("there are no rows in the file")]
    Empty,
    /// There is no column of addresses.
    #[error("there is no column \"urls\"; the first line must name the columns")]
    NoUrls,
    /// A column that nobody knows.
    #[error("nobody knows the column \"{0}\"; the columns are {columns}", columns = table::COLUMNS.join(", "))]
    UnknownColumn(String),
    /// A column that is named twice.
    #[error("the column \"{0}\" is named twice")]
    RepeatedColumn(String),
    /// It begins like JSON and is none.
    #[error("the file is no JSON: {0}")]
    NotJson(String),
}

/// What is wrong with a value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The row cannot be read.
    Unreadable(String),
    /// There is no address.
    NoAddress,
    /// This is no complete address.
    BadAddress,
    /// No site module knows this host.
    UnknownSite(String),
    /// The site's module knows no such search page.
    NotASearch(String),
    /// This is no amount.
    BadAmount,
    /// This is no currency code.
    BadCurrency,
    /// The filter cannot be used.
    BadFilter(String),
    /// The way of telling cannot be used.
    BadTelling(String),
    /// Neither yes nor no.
    BadFlag,
    /// A document names a key that nobody knows.
    UnknownKey,
}

/// A problem of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Column or key.
    pub column: String,
    /// The value, shortened and tame.
    pub shown: String,
    /// What is wrong with it.
    pub what: What,
}

impl Problem {
    /// A problem with `value` in `column`.
    pub fn new(column: &str, value: &str, what: What) -> Self {
        let tame = value.chars().map(|c| if c.is_control() { ' ' } else { c });
        let mut shown: String = tame.take(61).collect();
        if shown.chars().count() > 60 {
            shown = shown.chars().take(59).collect::<String>() + "…";
        }
        Self { column: column.to_owned(), shown, what }
    }
}

/// A row as written; prices without a currency are not amounts yet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// Name of the watch.
    pub name: Option<String>,
    /// Addresses.
    pub urls: Vec<String>,
    /// Lowest price, as written.
    pub min_price: Option<String>,
    /// Highest price, as written.
    pub max_price: Option<String>,
    /// Conditions.
    pub filter: Filter,
    /// How it is told.
    pub telling: WatchTelling,
    /// It rests.
    pub paused: bool,
}

/// A row with its place: the line of a table (the first has the names of the columns), the number of an entry of a
/// document.
pub type Numbered = (u64, Result<Row, Vec<Problem>>);

/// Reads a file: a document if it begins like one, else a table.
pub fn read(bytes: &[u8]) -> Result<Vec<Numbered>, FileProblem> {
    if bytes.len() > MOST_BYTES {
        return Err(FileProblem::TooLarge);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| FileProblem::NotText)?;
    if text.contains('\0') {
        return Err(FileProblem::NotText);
    }
    let rows = match text.trim_start().chars().next() {
        None => return Err(FileProblem::Empty),
        Some('[' | '{') => document::read(text)?,
        Some(_) => table::read(text)?,
    };
    match rows.len() {
        0 => Err(FileProblem::Empty),
        1..=MOST_ROWS => Ok(rows),
        many => Err(FileProblem::TooMany(many)),
    }
}

/// Writes watches as a file. `links` has the addresses of searches; one without an address is left out.
pub fn write<'a>(
    format: Format,
    watches: impl IntoIterator<Item = &'a Watch>,
    links: &BTreeMap<SourceId, String>,
) -> String {
    let row = |watch: &Watch| Row {
        name: Some(watch.name.clone()),
        urls: watch.sources.iter().filter_map(|source| links.get(source).cloned()).collect(),
        min_price: None,
        max_price: None,
        filter: watch.filter.clone(),
        telling: watch.telling.clone(),
        // What the plan or an operator has paused is not the wish of the person.
        paused: watch.paused_by == PausedBy::Owner,
    };
    let rows: Vec<Row> = watches.into_iter().map(row).collect();
    match format {
        Format::Csv => table::write(&rows),
        Format::Json => document::write(&rows),
    }
}
