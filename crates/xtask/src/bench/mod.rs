//! The measurements, one file each.

mod browsing;
mod extract;
mod extract_page;
mod fanout;
mod latency;
mod limits;
mod matching;
mod memory;
mod publish;
mod roads;
mod seed;
mod sends;
mod start;
pub mod tree;
mod updates;
pub mod world;

use anyhow::Context as _;
use comfy_table::{Table, presets};
use serde_json::json;

/// One figure of the table.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What was measured.
    pub what: String,
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// How it was measured.
    pub note: String,
}

impl Figure {
    fn new(what: &str, value: f64, unit: &'static str, note: impl Into<String>) -> Self {
        Self { what: what.to_owned(), value, unit, note: note.into() }
    }
}

/// Runs the measurements named in `only` (all when empty), one after another.
pub async fn run(only: &[String]) -> anyhow::Result<Vec<Figure>> {
    let wanted = |name: &str| only.is_empty() || only.iter().any(|one| one == name);
    let mut figures = Vec::new();
    if wanted("memory") {
        figures.extend(memory::measure().await.context("memory")?);
    }
    if wanted("browser") {
        figures.extend(browsing::measure().await.context("browser")?);
    }
    if wanted("roads") {
        figures.extend(roads::measure().await.context("roads")?);
    }
    if wanted("sends") {
        figures.extend(sends::measure().await.context("sends")?);
    }
    if wanted("fanout") {
        figures.extend(fanout::measure().await.context("fanout")?);
    }
    // Minutes long: only when it is asked for by name.
    if only.iter().any(|one| one == "limits") {
        figures.extend(limits::measure().await.context("limits")?);
    }
    if wanted("start") {
        figures.extend(start::measure().await.context("start")?);
    }
    if wanted("updates") {
        figures.extend(updates::measure().await.context("updates")?);
    }
    if wanted("extract") {
        figures.extend(extract::measure().context("extract")?);
    }
    if wanted("match") {
        figures.extend(matching::measure().context("match")?);
    }
    if wanted("publish") {
        figures.extend(publish::measure().await.context("publish")?);
    }
    if wanted("latency") {
        figures.extend(latency::measure().await.context("latency")?);
    }
    Ok(figures)
}

/// Prints the figures as a table, or as JSON lines.
pub fn print(figures: &[Figure], as_json: bool) {
    if as_json {
        for Figure { what, value, unit, note } in figures {
            println!("{}", json!({"what": what, "value": value, "unit": unit, "note": note}));
        }
        return;
    }
    println!("{}", machine());
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(["what", "figure", "how"]);
    for Figure { what, value, unit, note } in figures {
        let digits = if *value < 100.0 { 2 } else { 0 };
        table.add_row([what.clone(), format!("{value:.digits$} {unit}"), note.clone()]);
    }
    println!("{table}");
}

/// Processor and cores, so that a figure is never quoted without them.
pub fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {cores} cores", model.unwrap_or("unknown processor"))
}

/// The value at `share` (0–1) of the sorted values.
pub fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ index ≤ last")]
    let index = (last as f64 * share).round() as usize;
    values.get(index).copied().unwrap_or(f64::NAN)
}
