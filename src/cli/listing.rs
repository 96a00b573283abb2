//! `magpie listing`: what is known of one listing: its prices over time, and where else it is offered.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde_json::json;
use sites::ListingKey;

use super::table::{self, Screen};
use crate::chart::Chart;
use crate::domain::Language;
use crate::store::{Db, Member, PriceHistory};
use crate::texts::money::money;

/// Look at one listing.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do with a listing. A key is the id of the site and the site's id of the offer: `demo_homes/h-12`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show its asking prices over time
    History {
        /// SITE/ID
        #[arg(value_parser = key)]
        key: ListingKey,
        /// Write a picture of them to this file
        #[arg(long, value_name = "FILE")]
        png: Option<PathBuf>,
        /// The picture on a dark ground
        #[arg(long, requires = "png")]
        dark: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show where else the same thing is offered
    Same {
        /// SITE/ID
        #[arg(value_parser = key)]
        key: ListingKey,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Say that it is another thing than those it was taken for
    Split {
        /// SITE/ID
        #[arg(value_parser = key)]
        key: ListingKey,
    },
}

fn key(text: &str) -> Result<ListingKey, String> {
    match text.split_once('/') {
        Some((site, id)) if !site.is_empty() && !id.is_empty() => {
            Ok(ListingKey { site: site.to_owned(), id: id.to_owned() })
        }
        _ => Err("write SITE/ID, for example demo_homes/h-12".into()),
    }
}

/// Runs the command.
pub async fn run(
    args: Args,
    db: &dyn Db,
    now: DateTime<Utc>,
    screen: Screen,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::History { key, png, dark, json } => {
            let Some(history) = db.price_history(&key).await? else { return unknown(&key) };
            if json {
                table::print_json(out, &history_json(&key, &history))?;
            } else {
                list(out, screen, &history, now)?;
            }
            if let Some(file) = png {
                picture(history, now, dark, &file).await?;
                if !json {
                    writeln!(out, "The picture is in {}.", file.display())?;
                }
            }
        }
        Command::Same { key, json } => {
            let members = db.thing_of(&key).await?;
            if members.is_empty() {
                return unknown(&key);
            }
            if json {
                table::print_json(out, &members.iter().map(member_json).collect::<Vec<_>>())?;
            } else {
                same(out, screen, &key, &members)?;
            }
        }
        Command::Split { key } => {
            if db.split_thing(&key).await? {
                writeln!(out, "{} {} is a thing of its own now.", key.site, key.id)?;
            } else {
                bail!("{} {} is taken for no other listing", key.site, key.id);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(key: &ListingKey) -> anyhow::Result<ExitCode> {
    bail!("there is no listing {} {} on record", key.site, key.id)
}

fn list(
    out: &mut dyn Write,
    screen: Screen,
    history: &PriceHistory,
    now: DateTime<Utc>,
) -> std::io::Result<()> {
    let state = if history.latest.gone { " (gone)" } else { "" };
    writeln!(out, "{}{state}", table::tame(&history.latest.listing.title))?;
    if history.points.is_empty() {
        return writeln!(out, "No price is known.");
    }
    let row = |point: &crate::domain::delivery::PricePoint| {
        vec![
            point.at.format("%Y-%m-%d %H:%M").to_string(),
            table::when(Some(point.at), now),
            point.version.to_string(),
            money(&point.price, Language::En),
        ]
    };
    let rows: Vec<_> = history.points.iter().map(row).collect();
    table::print(out, screen, &["since (UTC)", "", "version", "price"], &rows)
}

fn history_json(key: &ListingKey, history: &PriceHistory) -> serde_json::Value {
    let points: Vec<_> = history
        .points
        .iter()
        .map(|point| json!({ "at": point.at, "version": point.version, "price": point.price }))
        .collect();
    let latest = &history.latest;
    json!({
        "site": key.site, "id": key.id, "title": latest.listing.title, "url": latest.listing.url,
        "gone": latest.gone, "version": latest.version, "prices": points,
    })
}

async fn picture(
    history: PriceHistory,
    now: DateTime<Utc>,
    dark: bool,
    file: &Path,
) -> anyhow::Result<()> {
    let gone = history.latest.gone;
    let chart = Chart { points: history.points, gone, now, language: Language::En, dark };
    let drawn = tokio::task::spawn_blocking(move || chart.png()).await??;
    let Some(png) = drawn else { bail!("no price is known of this listing: nothing to draw") };
    std::fs::write(file, png)
        .with_context(|| format!("cannot write the picture to {}", file.display()))
}

fn same(
    out: &mut dyn Write,
    screen: Screen,
    key: &ListingKey,
    members: &[Member],
) -> std::io::Result<()> {
    if let [_] = members {
        return writeln!(out, "{} {} is taken for no other listing.", key.site, key.id);
    }
    let row = |member: &Member| {
        let price = member.listing.price.as_ref();
        vec![
            member.key.site.clone(),
            member.key.id.clone(),
            if member.gone { "gone" } else { "offered" }.to_owned(),
            price.map(|price| money(price, Language::En)).unwrap_or_default(),
            table::tame(&member.listing.title),
            member.listing.url.clone(),
        ]
    };
    let rows: Vec<_> = members.iter().map(row).collect();
    table::print(out, screen, &["site", "id", "state", "price", "title", "address"], &rows)?;
    writeln!(out, "If one of them is another thing: `magpie listing split SITE/ID`.")
}

fn member_json(member: &Member) -> serde_json::Value {
    json!({
        "site": member.key.site, "id": member.key.id, "gone": member.gone,
        "version": member.version, "title": member.listing.title,
        "price": member.listing.price, "url": member.listing.url,
    })
}
