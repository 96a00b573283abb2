//! `magpie outbox`: what waits, what was sent, what needs a person.

use std::io::Write;
use std::process::ExitCode;

use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde_json::json;

use super::outbox_bulk::{self, Verb, Which};
use super::table::{self, Screen};
use crate::domain::delivery::{Content, Delivery};
use crate::domain::figures::start_of;
use crate::domain::{ChatId, DeliveryState};
use crate::store::{Db, DeliveryFilter};

/// Look into the outbox and repair it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do with the outbox.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List deliveries, newest first
    List {
        /// Only this state: pending, sending, sent, dropped, unknown, dead, collected, folded
        #[arg(long, value_parser = state)]
        state: Option<DeliveryState>,
        /// Only this chat
        #[arg(long, allow_negative_numbers = true)]
        chat: Option<i64>,
        /// Only those of which nobody knew for a while whether they had arrived
        #[arg(long)]
        doubted: bool,
        /// At most this many
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Count deliveries by state
    Stats {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one delivery
    Show {
        /// Its id, or the beginning of it
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Say why a listing was, or was not, sent
    Why(super::outbox_why::Args),
    /// Send a dead, unknown or dropped delivery again, or many of them
    Requeue(Which),
    /// Close a pending or dead delivery without sending it, or many of them
    Discard(Which),
}

pub(super) fn state(word: &str) -> Result<DeliveryState, String> {
    DeliveryState::from_word(word).ok_or_else(|| {
        let words: Vec<&str> = DeliveryState::ALL.iter().map(|state| state.as_str()).collect();
        format!("there is no such state; write one of {}", words.join(", "))
    })
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
        Command::List { state, chat, doubted, limit, json } => {
            let filter = DeliveryFilter {
                state,
                chat: chat.map(ChatId),
                doubted,
                limit,
                ..DeliveryFilter::default()
            };
            let found = db.deliveries(&filter).await?;
            if json {
                let all: Vec<_> = found.iter().map(as_json).collect();
                table::print_json(out, &all)?;
            } else if found.is_empty() {
                writeln!(out, "No deliveries.")?;
            } else {
                list(out, screen, &found, now)?;
            }
        }
        Command::Stats { json } => stats(db, now, screen, json, out).await?,
        Command::Show { id, json } => {
            let found = find(db, &id).await?;
            if json {
                table::print_json(out, &as_json(&found))?;
            } else {
                show(out, screen, &found)?;
            }
        }
        Command::Why(args) => super::outbox_why::run(args, db, now, screen, out).await?,
        Command::Requeue(which) => change(Verb::Requeue, &which, db, now, out).await?,
        Command::Discard(which) => change(Verb::Discard, &which, db, now, out).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Sends again or closes the one that is named, or all that fit.
async fn change(
    verb: Verb,
    which: &Which,
    db: &dyn Db,
    now: DateTime<Utc>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let Some(id) = &which.id else { return outbox_bulk::run(verb, which, db, now, out).await };
    let found = find(db, id).await?;
    let (id, was) = (&found.new.id, found.state.as_str());
    let done = verb.to(db, id, now).await?;
    match verb {
        Verb::Requeue if done => writeln!(out, "Delivery {id} waits to be sent again.")?,
        Verb::Discard if done => writeln!(out, "Delivery {id} is closed and will not be sent.")?,
        Verb::Requeue => {
            bail!("delivery {id} is {was}; only dead, unknown and dropped ones are sent again")
        }
        Verb::Discard => {
            bail!("delivery {id} is {was}; only pending and dead ones can be discarded")
        }
    }
    Ok(())
}

pub(super) async fn find(db: &dyn Db, id: &str) -> anyhow::Result<Delivery> {
    let prefix = Some(id.to_owned());
    let filter = DeliveryFilter { prefix, limit: 100, ..DeliveryFilter::default() };
    let all = db.deliveries(&filter).await?;
    table::pick("delivery", id, all, |delivery| delivery.new.id.as_str())
}

fn list(
    out: &mut dyn Write,
    screen: Screen,
    found: &[Delivery],
    now: DateTime<Utc>,
) -> std::io::Result<()> {
    let row = |one: &Delivery| {
        vec![
            one.new.id.as_str().chars().take(12).collect(),
            one.state.as_str().to_owned(),
            one.new.class.as_str().to_owned(),
            one.new.chat.to_string(),
            table::when(Some(one.created_at), now),
            if one.doubts > 0 { one.doubts.to_string() } else { String::new() },
            what(one),
            one.reason.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = found.iter().map(row).collect();
    let header = ["id", "state", "class", "chat", "written", "doubts", "what", "reason"];
    table::print(out, screen, &header, &rows)
}

/// What a delivery says, in a few words.
fn what(delivery: &Delivery) -> String {
    match &delivery.new.content {
        Content::Message(message) => {
            let first = message.text.lines().next().unwrap_or_default();
            let short: String = first.chars().take(60).collect();
            if short.len() < message.text.len() { format!("{short}…") } else { short }
        }
        Content::Change { watches, .. } => format!("change for {}", watches.join(", ")),
        Content::Amend { message_id, .. } => format!("edit of message {message_id}"),
        Content::Campaign { id, .. } => format!("broadcast {id}"),
        Content::Copy { from, message_id, .. } => {
            format!("copy of message {message_id} of chat {from}")
        }
        Content::ToStaff { ticket, .. } => format!("ticket {ticket}, for staff"),
        Content::Chart { key, .. } => format!("prices of {} {}", key.site, key.id),
        Content::Figures(board) => format!("figures to {}", start_of(board.day).date_naive()),
    }
}

async fn stats(
    db: &dyn Db,
    now: DateTime<Utc>,
    screen: Screen,
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let stats = db.outbox_stats().await?;
    let count = |state: DeliveryState| {
        stats.by_state.iter().filter(|(known, _)| *known == state).map(|(_, n)| n).sum::<i64>()
    };
    if json {
        let by_state: serde_json::Map<String, serde_json::Value> =
            DeliveryState::ALL.iter().map(|s| (s.as_str().to_owned(), json!(count(*s)))).collect();
        let all = json!({
            "by_state": by_state, "oldest_ready": stats.oldest_ready, "doubted": stats.doubted
        });
        table::print_json(out, &all)?;
        return Ok(());
    }
    let rows: Vec<_> = DeliveryState::ALL
        .iter()
        .map(|state| vec![state.as_str().to_owned(), count(*state).to_string()])
        .collect();
    table::print(out, screen, &["state", "deliveries"], &rows)?;
    match stats.oldest_ready {
        Some(oldest) => {
            writeln!(
                out,
                "The oldest that could be sent now was written {}.",
                table::when(Some(oldest), now)
            )?;
        }
        None => writeln!(out, "Nothing waits.")?,
    }
    if stats.doubted > 0 {
        writeln!(out, "{} were once in doubt: `magpie outbox list --doubted`.", stats.doubted)?;
    }
    if count(DeliveryState::Dead) > 0 {
        writeln!(out, "Dead ones need a person: `magpie outbox list --state dead`.")?;
    }
    Ok(())
}

fn show(out: &mut dyn Write, screen: Screen, one: &Delivery) -> std::io::Result<()> {
    let serde_json::Value::Object(fields) = as_json(one) else { return Ok(()) };
    let rows: Vec<_> = fields
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            vec![name.replace('_', " "), text]
        })
        .collect();
    table::print(out, screen, &["field", "value"], &rows)
}

fn as_json(one: &Delivery) -> serde_json::Value {
    json!({
        "id": one.new.id,
        "class": one.new.class,
        "chat": one.new.chat,
        "thread": one.new.thread,
        "language": one.new.language.code(),
        "state": one.state.as_str(),
        "content": one.new.content,
        "not_before": one.new.not_before,
        "created_at": one.created_at,
        "intent_at": one.intent_at,
        "done_at": one.done_at,
        "owner": one.owner,
        "attempts_refused": one.attempts_refused,
        "attempts_crashed": one.attempts_crashed,
        "doubts": one.doubts,
        "message_id": one.message_id,
        "reason": one.reason,
        "slot": one.slot,
        "folded_in": one.folded_in,
    })
}
