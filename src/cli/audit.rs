//! `magpie audit`: what operators did, in the chat and on the command line.
//!
//! ```text
//! $ magpie audit list --target 'user 4711'
//! when        actor    action      target     detail
//! 3 min ago   user 42  user.grant  user 4711  30 days of plus, until 2026-04-02T10:00:00+00:00
//! ```

use std::io::Write;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde_json::json;

use super::table::{self, Screen};
use crate::store::{AuditFilter, Audited, Db};

/// What operators did.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do with the log of operators.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List what was done, newest first
    List {
        /// Only by this actor, such as "user 42" or "command line"
        #[arg(long)]
        actor: Option<String>,
        /// Only actions that begin so, such as "plan." or "user.ban"
        #[arg(long)]
        action: Option<String>,
        /// Only what was done to this, such as "user 4711"
        #[arg(long)]
        target: Option<String>,
        /// At most this many
        #[arg(long, default_value_t = 50)]
        limit: u32,
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
    let Command::List { actor, action, target, limit, json } = args.command;
    let found = db.audited(&AuditFilter { actor, target, action, limit }).await?;
    if json {
        let one = |Audited { entry, at }: &Audited| {
            json!({
                "id": entry.id, "at": at, "actor": entry.actor, "action": entry.action,
                "target": entry.target, "detail": entry.detail
            })
        };
        table::print_json(out, &found.iter().map(one).collect::<Vec<_>>())?;
    } else if found.is_empty() {
        writeln!(out, "Nothing was done.")?;
    } else {
        let row = |Audited { entry, at }: &Audited| {
            let entry = entry.clone();
            let when = table::when(Some(*at), now);
            vec![when, entry.actor, entry.action, entry.target, entry.detail]
        };
        let rows: Vec<_> = found.iter().map(row).collect();
        table::print(out, screen, &["when", "actor", "action", "target", "detail"], &rows)?;
    }
    Ok(ExitCode::SUCCESS)
}
