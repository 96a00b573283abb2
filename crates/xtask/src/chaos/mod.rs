//! `cargo xtask chaos`: real processes, killed and refused at random, judged by what the sandbox saw.
//!
//! Each run prints its seed, its figures and their bars, and fails when a bar is missed. Short forms take at most
//! three minutes; `--long` are the forms that the bars were set for.

mod backlog;
pub mod check;
mod fanout;
pub mod hook;
mod hooks;
mod limits;
pub mod outbox;
mod users;

use clap::{Subcommand, ValueEnum};
use comfy_table::{Table, presets};

/// What is tried.
#[derive(Debug, Subcommand)]
pub enum Chaos {
    /// `kill -9` of the sender in the middle of a fan-out: nothing is lost, copies are in the doubt list.
    Fanout(fanout::Options),
    /// A flood of updates, many of them twice, while the bot is killed: each takes effect once.
    Hooks(hooks::Options),
    /// People who press everything at once, ask far too much, and press what is not theirs.
    Users(users::Options),
    /// Conduct under Telegram's limits and random refusals.
    Limits(limits::Options),
    /// A backlog of very many deliveries.
    Backlog(backlog::Options),
}

/// What a doubt means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Policy {
    /// As for alerts: better twice than never.
    Resend,
    /// As for broadcasts: never twice.
    Skip,
}

/// A figure with what it must be.
#[derive(Debug)]
pub struct Bar {
    what: String,
    value: String,
    bar: String,
    kept: Option<bool>,
}

impl Bar {
    /// A figure that must not be above `most`.
    pub fn most(what: &str, value: f64, most: f64, unit: &str) -> Self {
        let kept = Some(value <= most);
        let (value, bar) = (show(value, unit), format!("at most {}", show(most, unit)));
        Self { what: what.to_owned(), value, bar, kept }
    }

    /// A figure that must not be below `least`.
    pub fn least(what: &str, value: f64, least: f64, unit: &str) -> Self {
        let kept = Some(value >= least);
        let (value, bar) = (show(value, unit), format!("at least {}", show(least, unit)));
        Self { what: what.to_owned(), value, bar, kept }
    }

    /// A figure for the reader.
    pub fn told(what: &str, value: impl Into<String>) -> Self {
        Self { what: what.to_owned(), value: value.into(), bar: String::new(), kept: None }
    }
}

fn show(value: f64, unit: &str) -> String {
    let digits = if value.fract() == 0.0 || value.abs() >= 1_000.0 { 0 } else { 2 };
    format!("{value:.digits$} {unit}").trim_end().to_owned()
}

/// Runs it; false when a bar is missed.
pub async fn run(chaos: Chaos) -> anyhow::Result<bool> {
    let bars = match chaos {
        Chaos::Fanout(options) => fanout::run(&options).await?,
        Chaos::Hooks(options) => hooks::run(&options).await?,
        Chaos::Users(options) => users::run(&options).await?,
        Chaos::Limits(options) => limits::run(&options).await?,
        Chaos::Backlog(options) => backlog::run(&options).await?,
    };
    print(&bars);
    Ok(bars.iter().all(|bar| bar.kept != Some(false)))
}

fn print(bars: &[Bar]) {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(["what", "figure", "bar", ""]);
    for Bar { what, value, bar, kept } in bars {
        let word = match kept {
            None => "",
            Some(true) => "kept",
            Some(false) => "MISSED",
        };
        table.add_row([what.as_str(), value.as_str(), bar.as_str(), word]);
    }
    println!("{}\n{table}", crate::bench::machine());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_kept_at_its_figure_and_missed_beyond_it() {
        assert_eq!(Bar::most("x", 1.0, 1.0, "").kept, Some(true));
        assert_eq!(Bar::most("x", 1.01, 1.0, "").kept, Some(false));
        assert_eq!(Bar::least("x", 0.99, 1.0, "").kept, Some(false));
        assert_eq!(Bar::most("x", f64::NAN, 1.0, "").kept, Some(false), "nothing measured");
    }
}
