//! Watches as CSV.

use csv::{ReaderBuilder, StringRecord, WriterBuilder};

use super::formula::{guard, unguard};
use super::{FileProblem, MOST_ROWS, Numbered, Problem, Row, What, amount};
use crate::domain::filter::Filter;
use crate::domain::preferences::WatchTelling;

/// The columns, in the order of an export.
pub const COLUMNS: [&str; 11] = [
    "name",
    "urls",
    "min_price",
    "max_price",
    "currency",
    "all_words",
    "any_words",
    "none_words",
    "filter",
    "telling",
    "paused",
];

/// Reads a table whose first line names the columns.
pub fn read(text: &str) -> Result<Vec<Numbered>, FileProblem> {
    let head = text.lines().next().unwrap_or_default();
    // Spreadsheets of many countries write semicolons, because the comma is in their numbers.
    let delimiter = [b'\t', b';', b','].into_iter().find(|one| head.contains(char::from(*one)));
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .flexible(true)
        .has_headers(true)
        .from_reader(text.as_bytes());
    let columns = reader.headers().map_err(|_| FileProblem::NoUrls)?.clone();
    let columns = columns_of(&columns)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) if record.iter().all(|cell| cell.trim().is_empty()) => {}
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                rows.push((line, row(&columns, &record)));
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                let what = What::Unreadable("it is broken".to_owned());
                rows.push((line, Err(vec![Problem::new("", "", what)])));
            }
        }
        // Who sends a million rows is told their number, but they are not kept.
        if rows.len() > 20 * MOST_ROWS {
            break;
        }
    }
    Ok(rows)
}

fn columns_of(head: &StringRecord) -> Result<Vec<&'static str>, FileProblem> {
    let mut columns: Vec<&'static str> = Vec::new();
    for name in head {
        let name = unguard(name).trim().to_lowercase();
        let name = if name == "url" { "urls" } else { &name };
        let Some(known) = COLUMNS.into_iter().find(|column| *column == name) else {
            let shown = Problem::new("", name, What::UnknownKey).shown;
            let no_head = !head.iter().any(|name| COLUMNS.contains(&name.trim()));
            return Err(if no_head {
                FileProblem::NoUrls
            } else {
                FileProblem::UnknownColumn(shown)
            });
        };
        if columns.contains(&known) {
            return Err(FileProblem::RepeatedColumn(known.to_owned()));
        }
        columns.push(known);
    }
    if columns.contains(&"urls") { Ok(columns) } else { Err(FileProblem::NoUrls) }
}

/// The cells of a line by column.
struct Line<'a> {
    columns: &'a [&'static str],
    record: &'a StringRecord,
    problems: Vec<Problem>,
}

impl<'a> Line<'a> {
    fn cell(&self, column: &str) -> Option<&'a str> {
        let place = self.columns.iter().position(|known| *known == column)?;
        self.record.get(place).map(unguard).filter(|cell| !cell.trim().is_empty())
    }

    fn complain(&mut self, column: &str, value: &str, what: What) {
        self.problems.push(Problem::new(column, value, what));
    }

    fn json<T: serde::de::DeserializeOwned + Default>(
        &mut self,
        column: &str,
        what: fn(String) -> What,
    ) -> T {
        let Some(cell) = self.cell(column) else { return T::default() };
        serde_json::from_str(cell).unwrap_or_else(|error| {
            self.complain(column, cell, what(error.to_string()));
            T::default()
        })
    }

    fn words(&self, column: &str) -> Vec<String> {
        let cell = self.cell(column).unwrap_or_default();
        let words = cell.split(';').map(str::trim).filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    }
}

fn row(columns: &[&'static str], record: &StringRecord) -> Result<Row, Vec<Problem>> {
    let mut line = Line { columns, record, problems: vec![] };
    if record.len() > columns.len() {
        let what = What::Unreadable("it has more cells than the first line".to_owned());
        line.complain("", "", what);
    }
    let mut filter: Filter = line.json("filter", What::BadFilter);
    let telling: WatchTelling = line.json("telling", What::BadTelling);
    filter.all_words.extend(line.words("all_words"));
    filter.any_words.extend(line.words("any_words"));
    filter.none_words.extend(line.words("none_words"));
    if let Some(cell) = line.cell("currency") {
        match amount::currency(cell) {
            Some(code) => filter.currency = Some(code),
            None => line.complain("currency", cell, What::BadCurrency),
        }
    }
    let paused = match line.cell("paused").map(|cell| cell.trim().to_lowercase()).as_deref() {
        None | Some("no" | "false" | "0") => false,
        Some("yes" | "true" | "1") => true,
        Some(other) => {
            line.complain("paused", other, What::BadFlag);
            false
        }
    };
    let row = Row {
        name: line.cell("name").map(str::to_owned),
        urls: line.cell("urls").unwrap_or("").split_whitespace().map(str::to_owned).collect(),
        min_price: line.cell("min_price").map(str::to_owned),
        max_price: line.cell("max_price").map(str::to_owned),
        filter,
        telling,
        paused,
    };
    if line.problems.is_empty() { Ok(row) } else { Err(line.problems) }
}

/// Writes a table. What has no plain form stands in the columns `filter` and `telling`.
pub fn write(rows: &[Row]) -> String {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory does not fail; a row that could not be written would be left out.
    let _ = writer.write_record(COLUMNS);
    for row in rows {
        let _ = writer.write_record(cells(row).map(|cell| guard(&cell)));
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn cells(row: &Row) -> [String; COLUMNS.len()] {
    let mut rest = row.filter.clone();
    let (mut min, mut max, mut currency) = (None, None, String::new());
    if let Some(code) = rest.currency.take_if(|code| amount::currency(code).as_ref() == Some(code))
    {
        min = rest.min_price.take().map(|minor| amount::major(minor, &code));
        max = rest.max_price.take().map(|minor| amount::major(minor, &code));
        currency = code;
    }
    let all = plain_words(&mut rest.all_words);
    let any = plain_words(&mut rest.any_words);
    let none = plain_words(&mut rest.none_words);
    let filter = if rest == Filter::default() { String::new() } else { json(&rest) };
    let told = row.telling != WatchTelling::default();
    [
        row.name.clone().unwrap_or_default(),
        row.urls.join(" "),
        min.unwrap_or_default(),
        max.unwrap_or_default(),
        currency,
        all,
        any,
        none,
        filter,
        if told { json(&row.telling) } else { String::new() },
        if row.paused { "yes" } else { "no" }.to_owned(),
    ]
}

/// Words as a cell; those that would not come back stay where they are.
fn plain_words(words: &mut Vec<String>) -> String {
    let is_plain = |word: &String| !word.is_empty() && !word.contains(';') && word.trim() == word;
    let cell = words.join("; ");
    if words.iter().all(is_plain) && unguard(&guard(&cell)) == cell {
        words.clear();
        return cell;
    }
    String::new()
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
