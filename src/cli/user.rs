//! `magpie user`: who is heard, and how chats want to be told.
//!
//! ```text
//! $ magpie user preferences 4711 --set zone=kyiv --set quiet=23:00-07:00 --set 'digest=daily 09:00'
//! 3 waiting alerts were decided again.
//! key       value
//! zone      Europe/Kyiv
//! quiet     23:00-07:00
//! …
//! $ magpie user ban 4711
//! User 4711 is banned: what they send is not heard, and their watches rest.
//! $ magpie user unban 4711
//! User 4711 is heard again, and their watches go on.
//! ```

use std::io::Write;
use std::process::ExitCode;

use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde_json::json;

use super::table::{self, Screen};
use super::user_reset;
use crate::domain::preferences::{Patch, set};
use crate::domain::{ChatId, UserId};
use crate::store::{AuditEntry, Db};

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
    /// Show a person: whether they are heard, and how much they have asked lately
    Show {
        /// Telegram's id of the person
        user: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Hear nothing of a person any more; their watches rest, and nothing of theirs is lost
    Ban {
        /// Telegram's id of the person
        user: i64,
    },
    /// Hear a person again; their watches go on
    Unban {
        /// Telegram's id of the person
        user: i64,
    },
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
        Command::Show { user, json } => {
            return show(UserId(user), json, db, now, screen, out).await;
        }
        Command::Ban { user } => return bar(UserId(user), true, db, now, out).await,
        Command::Unban { user } => return bar(UserId(user), false, db, now, out).await,
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

async fn bar(
    user: UserId,
    banned: bool,
    db: &dyn Db,
    now: DateTime<Utc>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    let word = if banned { "ban" } else { "unban" };
    let audit = AuditEntry {
        id: format!("cli-{word}-{user}-{}", now.timestamp_micros()),
        actor: "command line".to_owned(),
        action: format!("user.{word}"),
        target: format!("user {user}"),
        detail: String::new(),
    };
    let changed = db.bar(user, banned, &audit, now).await?;
    let line = match (changed, banned) {
        (true, true) => "is banned: what they send is not heard, and their watches rest.",
        (true, false) => "is heard again, and their watches go on.",
        (false, true) => "was banned already.",
        (false, false) => "was not banned.",
    };
    writeln!(out, "User {user} {line}")?;
    Ok(ExitCode::SUCCESS)
}

async fn show(
    user: UserId,
    json: bool,
    db: &dyn Db,
    now: DateTime<Utc>,
    screen: Screen,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    let Some(person) = db.person(user).await? else {
        bail!("user {user} was never met: is it Telegram's id, not a name?");
    };
    let levels = db.levels(user, now).await?;
    if json {
        let levels: Vec<_> = levels
            .iter()
            .map(|one| json!({ "act": one.act.as_str(), "full_at": one.full_at, "told": one.told }))
            .collect();
        let all = json!({
            "user": user, "name": person.name, "username": person.username,
            "language": person.language.code(), "banned": person.banned,
            "met_at": person.created_at, "quotas": levels
        });
        table::print_json(out, &all)?;
        return Ok(ExitCode::SUCCESS);
    }
    let name = person.username.map_or_else(String::new, |name| format!("@{name}"));
    let mut rows = vec![
        vec!["name".to_owned(), person.name],
        vec!["username".to_owned(), name],
        vec!["language".to_owned(), person.language.code().to_owned()],
        vec!["met".to_owned(), person.created_at.to_rfc3339()],
        vec!["banned".to_owned(), if person.banned { "yes" } else { "no" }.to_owned()],
    ];
    rows.extend(levels.iter().map(|one| {
        let seconds = (one.full_at - now).num_seconds() + 1;
        let told = if one.told { ", told to wait" } else { "" };
        vec![format!("{} quota", one.act.as_str()), format!("full again in {seconds} s{told}")]
    }));
    table::print(out, screen, &["key", "value"], &rows)?;
    Ok(ExitCode::SUCCESS)
}
