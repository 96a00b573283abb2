//! `magpie config print|check|get|doc`: what is in force, and whether it is good.

use anyhow::Context;
use clap::{Args, Subcommand};

use crate::config::{self, Loaded, Problem, Sources};
use crate::deliver::render::templates;

/// Arguments of `magpie config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What `magpie config` can do.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Print every key with its value and origin; secrets are masked.
    Print {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check the configuration, the file of searches and the templates of messages; every problem is printed, the exit code is 2.
    Check,
    /// Print the value of one key; a secret is masked, an empty one is "(not set)".
    Get {
        /// The key, like schedule.interval.
        key: String,
    },
    /// Print docs/CONFIG.md, made from the defaults.
    Doc,
}

/// Runs a command and answers the exit code; what it says goes to standard output.
pub fn run(args: &ConfigArgs, sources: Result<Sources, Vec<Problem>>) -> anyhow::Result<u8> {
    if args.command == ConfigCommand::Doc {
        print!("{}", config::doc::page(config::DEFAULT));
        return Ok(0);
    }
    let loaded = sources.and_then(|sources| config::load_with_origins(&sources));
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(problems) => {
            tell_problems(&problems)?;
            return Ok(config::EXIT_CODE);
        }
    };
    match &args.command {
        ConfigCommand::Print { json: false } => {
            print!("{}", config::print::print(&loaded.settings))
        }
        ConfigCommand::Print { json: true } => {
            println!("{:#}", config::print::print_json(&loaded.settings));
        }
        ConfigCommand::Check => return check(&loaded),
        ConfigCommand::Get { key } => return get(key, &loaded),
        ConfigCommand::Doc => {}
    }
    Ok(0)
}

/// Writes every problem to standard error: what each executable does before it ends with exit code 2.
pub fn tell_problems(problems: &[Problem]) -> anyhow::Result<()> {
    use std::io::Write;
    std::io::stderr()
        .write_all(config::report(problems).as_bytes())
        .context("standard error is closed")
}

fn check(loaded: &Loaded) -> anyhow::Result<u8> {
    let mut problems = searches_problems(loaded);
    problems.extend(templates::problems(loaded.config.paths.templates.as_deref()));
    if problems.is_empty() {
        println!("The configuration is good ({} keys).", loaded.settings.len());
        if !config::names_contact(&loaded.config.scrape.user_agent) {
            println!(
                "Warning: scrape.user_agent still names the example; put a contact of yours there."
            );
        }
        return Ok(0);
    }
    tell_problems(&problems)?;
    Ok(config::EXIT_CODE)
}

/// The problems of the file of searches, if one is configured.
pub fn searches_problems(loaded: &Loaded) -> Vec<Problem> {
    let Some(path) = &loaded.config.paths.sources else { return Vec::new() };
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => config::searches(&name, &text).err().unwrap_or_default(),
        Err(error) => {
            let place = config::Place::File { name, line: None };
            let what = format!("cannot be read ({error})");
            vec![Problem::of(place, "paths.sources", what, "name a readable file, or none")]
        }
    }
}

fn get(key: &str, loaded: &Loaded) -> anyhow::Result<u8> {
    match loaded.settings.get(key) {
        Some(setting) => println!("{}", config::print::masked(key, setting)),
        None => {
            let known = loaded.settings.keys().map(String::as_str);
            let hint = config::names::nearest(key, known).map_or_else(
                || "see docs/CONFIG.md".to_owned(),
                |near| format!("did you mean {near}?"),
            );
            anyhow::bail!("there is no key {key}; {hint}");
        }
    }
    Ok(0)
}
