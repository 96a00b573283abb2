//! `cargo xtask bench`: measures the built executables against the sandbox and prints the figures with their
//! units. Figures are medians; the machine they were taken on is named in the first line.
//!
//! `cargo xtask chaos`: kills and refuses them, and judges what became of every message.

mod bench;
mod chaos;
mod dice;

use clap::{Parser, Subcommand};

/// Chores of the project.
#[derive(Debug, Parser)]
#[command(name = "xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measures; needs built executables beside this one.
    Bench {
        /// Only these measurements (`latency`, `browser`, `roads`, `updates`, `start`, `sends`, `fanout`, `publish`, `match`,
        /// `memory`, `extract`, and `limits`, which only runs when it is named).
        only: Vec<String>,
        /// Print JSON lines instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Kills and refuses the built executables and judges what became of every message.
    Chaos {
        #[command(subcommand)]
        what: chaos::Chaos,
    },
    /// The guard that Chromium is started through.
    #[command(hide = true)]
    BrowserGuard {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<std::ffi::OsString>,
    },
}

fn main() -> anyhow::Result<std::process::ExitCode> {
    match Cli::parse().command {
        Command::BrowserGuard { arguments } => Ok(browser::guard::main(arguments)),
        Command::Chaos { what } => {
            let _ = rustls::crypto::ring::default_provider().install_default();
            let runtime = tokio::runtime::Runtime::new()?;
            let kept = runtime.block_on(chaos::run(what))?;
            Ok(if kept { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE })
        }
        Command::Bench { only, json } => {
            let _ = rustls::crypto::ring::default_provider().install_default();
            let runtime = tokio::runtime::Runtime::new()?;
            let figures = runtime.block_on(bench::run(&only))?;
            bench::print(&figures, json);
            Ok(std::process::ExitCode::SUCCESS)
        }
    }
}
