//! The command line of `magpie`: long-running roles and one file per operator command.
//!
//! Exit codes: 0 good, 2 configuration (every problem listed), 3 a needed service is unreachable, 1 other.

pub mod config;
pub mod db;
pub mod demo;
pub mod doctor;
pub mod outbox;
pub mod scrape;
pub mod site;
pub mod source;
pub mod table;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser, Subcommand};

use crate::config::Config;
use crate::roles;

/// Watches listing sites and tells Telegram subscribers what is new, cheaper, back or gone.
#[derive(Debug, Parser)]
#[command(name = "magpie", version, max_term_width = 100)]
#[command(after_help = "Examples:
  magpie demo                              everything on this machine, without any token
  magpie scrape 'https://…/search?q=bike'  one page now; prints what was understood
  magpie doctor                            checks everything that can be checked before a start")]
pub struct Cli {
    /// Configuration file over the defaults (see `magpie config doc`).
    #[arg(long, global = true, value_name = "FILE", env = "MAGPIE_CONFIG")]
    pub config: Option<std::path::PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// All commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The scraper process: schedule, scrape, send.
    Run(roles::scraper::RunArgs),
    /// Everything against the sandbox on this machine, without any token.
    Demo(demo::DemoArgs),
    /// Fetches and reads one page now; writes nothing.
    Scrape(scrape::ScrapeArgs),
    /// Works on site modules.
    Site(site::SiteArgs),
    /// Works on sources.
    Source(source::SourceArgs),
    /// Looks into the outbox.
    Outbox(outbox::OutboxArgs),
    /// Prints and checks the configuration.
    Config(config::ConfigArgs),
    /// Checks everything that can be checked before a start and says what to do.
    Doctor(doctor::DoctorArgs),
    /// Works on the database.
    Db(db::DbArgs),
    /// The guard that Chromium is started through.
    #[command(hide = true)]
    BrowserGuard {
        /// Passed on by the browser package.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<std::ffi::OsString>,
    },
}

/// The tree of commands, for tests and generated documents.
pub fn command() -> clap::Command {
    Cli::command()
}
