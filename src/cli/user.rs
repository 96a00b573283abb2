//! `magpie user`: how chats want to be told.
//!
//! ```text
//! $ magpie user preferences 4711 --set zone=kyiv --set quiet=23:00-07:00 --set 'digest=daily 09:00'
//! 3 waiting alerts were decided again.
//! key       value
//! zone      Europe/Kyiv
//! quiet     23:00-07:00
//! …
//! ```

use std::io::Write;
use std::process::ExitCode;

use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde_json::json;

use super::table::{self, Screen};
use super::user_reset;
use crate::domain::ChatId;
use crate::domain::preferences::{Patch, set};
use crate::store::Db;

/// Work on people and chats.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do with people and chats.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// End the conversations of a person, who may be stuck in one
    Reset(user_reset::Args),
    /// Show, or change, how a chat wants to be told
    Preferences {
        /// The chat
        #[arg(allow_negative_numbers = true)]
        chat: i64,
        /// A topic of it
        #[arg(long)]
        thread: Option<i64>,
        /// Change one: zone, quiet, cap, digest, replies or pictures
        #[arg(long = "set", value_name = "KEY=VALUE")]
        set: Vec<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub async fn run(
    args: Args,
    db: &dyn Db,
    now: DateTime<Utc>,
    screen: Screen,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    let (chat, thread, set, json) = match args.command {
        Command::Reset(args) => return user_reset::run(&args, db, now, out).await,
        Command::Preferences { chat, thread, set, json } => (chat, thread, set, json),
    };
    let place = (ChatId(chat), thread.filter(|thread| *thread > 1));
    let patches = match Patch::read_all(set.iter().map(String::as_str)) {
        Ok(patches) => patches,
        Err(problems) => bail!("nothing was changed:\n  {}", problems.join("\n  ")),
    };
    let moved = match patches.as_slice() {
        [] => 0,
        patches => db.prefer(place, patches, now).await?,
    };
    let preferences = db.preferences_of(place).await?;
    let mutes = db.mutes_of(place, now).await?;
    if json {
        let mutes: Vec<_> = mutes
            .iter()
            .map(|one| json!({ "kind": one.kind, "subject": one.subject, "ends_at": one.ends_at }))
            .collect();
        let all = json!({
            "chat": chat, "thread": place.1, "preferences": preferences, "mutes": mutes,
            "decided_again": moved
        });
        table::print_json(out, &all)?;
        return Ok(ExitCode::SUCCESS);
    }
    if moved > 0 {
        writeln!(out, "{moved} waiting alerts were decided again.")?;
    }
    let mut rows: Vec<Vec<String>> = set::written(&preferences)
        .into_iter()
        .map(|(key, value)| vec![key.to_owned(), value])
        .collect();
    rows.extend(mutes.iter().map(|one| {
        let end = one.ends_at.map_or_else(|| "for ever".to_owned(), |end| format!("until {end}"));
        vec!["muted".to_owned(), format!("{} {} {end}", one.kind.as_str(), one.subject)]
    }));
    table::print(out, screen, &["key", "value"], &rows)?;
    Ok(ExitCode::SUCCESS)
}
