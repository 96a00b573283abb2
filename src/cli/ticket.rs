//! `magpie ticket`: conversations with support.
//!
//! ```text
//! $ magpie ticket list
//! ticket  state  waits  person      language  messages to
//! A7K2    open   5 h    Anna (42)   uk        -1001234567890
//! $ magpie ticket answer A7K2 'We are looking at it.'
//! The answer is on its way to Anna.
//! $ magpie ticket canned set refund --language en 'The money is back within five days.'
//! ```

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde_json::{Value, json};

use super::table::{self, Screen};
use crate::bot::dialogues::tickets::closed_by_staff;
use crate::domain::delivery::Content;
use crate::domain::ticket::{Ticket, TicketId};
use crate::domain::{ChatId, Language, Outgoing, UserId};
use crate::store::{Answered, Canned, Db, TicketEffect, TicketMessage};
use crate::texts::builder::{TEXT_LIMIT, utf16_len};

/// Who answers on the command line.
const OPERATOR: &str = "the operator";
/// Longest name of a canned answer: it must fit on a button.
const LONGEST_NAME: usize = 24;

/// Conversations with support.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do with tickets.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open tickets, those that have waited longest first
    List {
        /// Closed ones too
        #[arg(long)]
        all: bool,
        /// At most this many
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// One ticket with its messages
    Show {
        /// Its name, such as A7K2
        ticket: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Answer the person
    Answer {
        /// Its name
        ticket: String,
        /// What to say
        text: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Close it and tell the person
    Close {
        /// Its name
        ticket: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Answers that are kept ready
    Canned {
        /// What to do with them
        #[command(subcommand)]
        command: CannedCommand,
    },
}

/// What to do with canned answers.
#[derive(Debug, Subcommand)]
pub enum CannedCommand {
    /// All of them
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Keep one ready, or change it
    Set {
        /// Its name: letters, digits and _, at most 24
        name: String,
        /// Its language: en, ru or uk
        #[arg(long, default_value = "en")]
        language: String,
        /// What it says
        text: String,
    },
    /// Forget one, in all languages
    Remove {
        /// Its name
        name: String,
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
    match args.command {
        Command::List { all, limit, json } => {
            let tickets = db.tickets(all, limit).await?;
            if json {
                table::print_json(out, &tickets.iter().map(as_json).collect::<Vec<_>>())?;
                return Ok(ExitCode::SUCCESS);
            }
            let rows: Vec<Vec<String>> = tickets.iter().map(|one| row(one, now)).collect();
            table::print(
                out,
                screen,
                &["ticket", "state", "waits", "person", "language", "told to"],
                &rows,
            )?;
        }
        Command::Show { ticket, json } => {
            let (ticket, messages) = find(db, &ticket).await?;
            show(out, &ticket, &messages, json)?;
        }
        Command::Answer { ticket, text, json } => {
            let (ticket, _) = find(db, &ticket).await?;
            answer(db, &ticket, text.trim(), now).await?;
            done(out, &ticket, json, "The answer is on its way to")?;
        }
        Command::Close { ticket, json } => {
            let (ticket, _) = find(db, &ticket).await?;
            let tell = Some(Box::new(closed_by_staff(&ticket)));
            let close =
                TicketEffect::Close { ticket: ticket.id.clone(), by: OPERATOR.to_owned(), tell };
            if !db.order_ticket(&close, now).await? {
                bail!("ticket {} is closed already", ticket.id);
            }
            done(out, &ticket, json, "Closed. Told:")?;
        }
        Command::Canned { command } => canned(command, db, screen, out).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn find(db: &dyn Db, typed: &str) -> anyhow::Result<(Ticket, Vec<TicketMessage>)> {
    let found = db.ticket(&TicketId::typed(typed)).await?;
    found.with_context(|| {
        format!("there is no ticket {typed}; `magpie ticket list --all` lists all")
    })
}

async fn answer(
    db: &dyn Db,
    ticket: &Ticket,
    text: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    check_length(text)?;
    let answered = Answered {
        ticket: ticket.id.clone(),
        chat: ChatId(0),
        // There is no message: the moment is as good a number.
        message_id: now.timestamp_micros(),
        by: UserId(0),
        author: OPERATOR.to_owned(),
        text: text.to_owned(),
        content: Content::Message(Outgoing::text(text)),
    };
    let answered = TicketEffect::Answer(Box::new(answered));
    if !db.order_ticket(&answered, now).await? {
        bail!("ticket {} has gone meanwhile", ticket.id);
    }
    Ok(())
}

fn check_length(text: &str) -> anyhow::Result<()> {
    if text.trim().is_empty() || utf16_len(text) > TEXT_LIMIT {
        bail!("a text has 1 to {TEXT_LIMIT} characters");
    }
    Ok(())
}

fn done(
    out: &mut (dyn Write + Send),
    ticket: &Ticket,
    json: bool,
    words: &str,
) -> anyhow::Result<()> {
    if json {
        table::print_json(out, &json!({ "ticket": ticket.id, "user": ticket.user, "ok": true }))?;
    } else {
        writeln!(out, "{words} {}.", person(ticket))?;
    }
    Ok(())
}

fn person(ticket: &Ticket) -> String {
    if ticket.name.is_empty() {
        return ticket.user.to_string();
    }
    format!("{} ({})", crate::texts::builder::clean(&ticket.name), ticket.user)
}

fn row(ticket: &Ticket, now: DateTime<Utc>) -> Vec<String> {
    let waits = match ticket.waiting_since {
        Some(since) if (now - since).num_hours() > 0 => format!("{} h", (now - since).num_hours()),
        Some(since) => format!("{} min", (now - since).num_minutes()),
        None => String::new(),
    };
    let chats: Vec<String> = ticket.staff.chats.iter().map(ToString::to_string).collect();
    let state = match (ticket.open, ticket.unreachable) {
        (true, true) => "open, unreachable",
        (true, false) => "open",
        (false, _) => "closed",
    };
    let language = ticket.language.code().to_owned();
    vec![ticket.id.to_string(), state.to_owned(), waits, person(ticket), language, chats.join(" ")]
}

fn as_json(ticket: &Ticket) -> Value {
    json!({
        "ticket": ticket.id, "user": ticket.user, "chat": ticket.chat, "name": ticket.name,
        "language": ticket.language, "open": ticket.open, "unreachable": ticket.unreachable,
        "created_at": ticket.created_at, "updated_at": ticket.updated_at,
        "waiting_since": ticket.waiting_since, "told_to": ticket.staff.chats,
    })
}

fn show(
    out: &mut (dyn Write + Send),
    ticket: &Ticket,
    messages: &[TicketMessage],
    json: bool,
) -> anyhow::Result<()> {
    if json {
        let said: Vec<Value> = messages
            .iter()
            .map(|one| json!({ "side": one.side, "author": one.author, "text": one.text, "at": one.at }))
            .collect();
        let mut all = as_json(ticket);
        all["messages"] = Value::Array(said);
        table::print_json(out, &all)?;
        return Ok(());
    }
    let state = if ticket.open { "open" } else { "closed" };
    writeln!(out, "{} · {} · {state}", ticket.id, person(ticket))?;
    for one in messages {
        let who = match one.author.as_str() {
            "" => one.side.as_str().to_owned(),
            author => format!("{} ({})", crate::texts::builder::clean(author), one.side.as_str()),
        };
        let at = one.at.format("%Y-%m-%d %H:%M");
        writeln!(out, "\n{at} {who}:\n{}", crate::texts::builder::clean(&one.text))?;
    }
    Ok(())
}

async fn canned(
    command: CannedCommand,
    db: &dyn Db,
    screen: Screen,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    match command {
        CannedCommand::List { json } => {
            let all = db.canned().await?;
            if json {
                let all: Vec<Value> = all
                    .iter()
                    .map(|one| json!({ "name": one.name, "language": one.language, "text": one.text }))
                    .collect();
                table::print_json(out, &all)?;
                return Ok(());
            }
            let row = |one: &Canned| {
                vec![one.name.clone(), one.language.code().to_owned(), one.text.clone()]
            };
            let rows: Vec<Vec<String>> = all.iter().map(row).collect();
            table::print(out, screen, &["name", "language", "text"], &rows)?;
        }
        CannedCommand::Set { name, language, text } => {
            let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if !(1..=LONGEST_NAME).contains(&name.len()) || !name.bytes().all(legal) {
                bail!("a name has 1 to {LONGEST_NAME} letters, digits or _");
            }
            check_length(&text)?;
            let spoken = Language::ALL.into_iter().find(|one| one.code() == language);
            let language = spoken.context("the language is en, ru or uk")?;
            let text = text.trim().to_owned();
            db.put_canned(&Canned { name: name.clone(), language, text }).await?;
            writeln!(out, "{name} is kept ready in {}.", language.code())?;
        }
        CannedCommand::Remove { name } => {
            if db.drop_canned(&name).await? == 0 {
                bail!("there is no canned answer {name}; `magpie ticket canned list` lists all");
            }
            writeln!(out, "{name} is forgotten.")?;
        }
    }
    Ok(())
}
