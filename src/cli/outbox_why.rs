//! `magpie outbox why`: why something was, or was not, sent.
//!
//! ```text
//! $ magpie outbox why demo/4711 --chat 99
//! watch     change               why
//! Flats     new, 2 hours ago     Quiet hours: it comes at 2026-11-06 07:00 EET.
//! ```

use std::io::Write;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;
use sites::ListingKey;

use super::outbox::find;
use super::table::{self, Screen};
use crate::domain::delivery::{Content, Delivery};
use crate::domain::why::{Verdict, explain, state};
use crate::domain::{ChatId, Language, WatchId};
use crate::store::{Db, WhyAsk};
use crate::texts::why::words;

/// What is asked about.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A listing as `site/id`, or the id of a delivery (or the beginning of it)
    what: String,
    /// Told, or not, to this chat
    #[arg(long, allow_negative_numbers = true, conflicts_with = "watch")]
    chat: Option<i64>,
    /// Told, or not, because of this watch
    #[arg(long)]
    watch: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub async fn run(
    args: Args,
    db: &dyn Db,
    now: DateTime<Utc>,
    screen: Screen,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let verdicts = match args.what.split_once('/') {
        Some((site, id)) => {
            let ask = WhyAsk {
                listing: ListingKey { site: site.to_owned(), id: id.to_owned() },
                chat: args.chat.map(ChatId),
                watch: args.watch.map(WatchId),
            };
            explain(&db.why_facts(&ask).await?, now)
        }
        None => of_delivery(db, &args.what, now).await?,
    };
    let why = |verdict: &Verdict| words(&verdict.because, Tz::UTC, Language::En);
    if args.json {
        let all: Vec<_> = verdicts
            .iter()
            .map(|one| {
                json!({
                    "watch": one.watch.as_ref().map(|(id, _)| id),
                    "name": one.watch.as_ref().map(|(_, name)| name),
                    "change": one.change.map(|(kind, _)| kind.as_str()),
                    "at": one.change.map(|(_, at)| at),
                    "why": why(one),
                })
            })
            .collect();
        table::print_json(out, &all)?;
        return Ok(());
    }
    let row = |one: &Verdict| {
        let watch = one.watch.as_ref().map_or_else(String::new, |(_, name)| name.clone());
        let change = one.change.map_or_else(String::new, |(kind, at)| {
            format!("{}, {}", kind.as_str().replace('_', " "), table::when(Some(at), now))
        });
        vec![watch, change, why(one)]
    };
    let rows: Vec<_> = verdicts.iter().map(row).collect();
    table::print(out, screen, &["watch", "change", "why"], &rows)?;
    Ok(())
}

/// The verdict about one delivery, with the watches that it names.
async fn of_delivery(db: &dyn Db, id: &str, now: DateTime<Utc>) -> anyhow::Result<Vec<Verdict>> {
    let found = find(db, id)
        .await
        .context("name a listing as site/id, or a delivery by its id (`magpie outbox list`)")?;
    Ok(vec![Verdict { watch: named(&found), change: None, because: state(&found, now) }])
}

fn named(delivery: &Delivery) -> Option<(WatchId, String)> {
    let Content::Change { watches, ids, .. } = &delivery.new.content else { return None };
    let id = ids.first().cloned().unwrap_or_else(|| WatchId(String::new()));
    Some((id, watches.join(", ")))
}
