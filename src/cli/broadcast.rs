//! `magpie broadcast`: one message to many.
//!
//! ```text
//! $ magpie broadcast new --title 'New city' --text en='We watch Lviv now.' --text uk=@lviv.txt --watching
//! Broadcast 01ja… is a draft for 1,204 chats (en 804, uk 400).
//! $ magpie broadcast test 01ja --chat 4711
//! $ magpie broadcast start 01ja --yes
//! $ magpie broadcast show 01ja
//! ```

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use chrono::{DateTime, Utc};
use clap::{Args as ClapArgs, Subcommand};

use super::broadcast_read::{self as read, Draft};
use super::broadcast_show::{as_json, recipients, show};
use super::table::{self, Screen};
use crate::domain::campaign::{Campaign, CampaignId};
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::{ChatId, Class, DeliveryState, Language, NewDelivery};
use crate::store::Db;

/// Write, start, stop and follow broadcasts.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do with broadcasts.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a draft; nothing is sent before `start`
    New(Box<Draft>),
    /// List broadcasts, newest first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one: what it says, whom it is for, how far it is
    Show {
        /// Its id, or the beginning of it
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Send it to one chat only, to look at it
    Test {
        /// Its id, or the beginning of it
        id: String,
        /// The chat
        #[arg(long, allow_negative_numbers = true)]
        chat: i64,
        /// In this language (en, ru, uk)
        #[arg(long, default_value = "en", value_parser = read::language)]
        language: Language,
    },
    /// Freeze the audience and send; a stopped one goes on where it stopped
    Start {
        /// Its id, or the beginning of it
        id: String,
        /// Not before this moment (RFC 3339, such as 2026-12-24T09:00:00Z)
        #[arg(long)]
        at: Option<DateTime<Utc>>,
        /// Do it; without this only the number of recipients is printed
        #[arg(long)]
        yes: bool,
    },
    /// Stop it within a second; what is queued is withdrawn
    Stop {
        /// Its id, or the beginning of it
        id: String,
    },
    /// List recipients and what became of each
    Recipients {
        /// Its id, or the beginning of it
        id: String,
        /// Only those whose delivery is in this state
        #[arg(long, value_parser = super::outbox::state)]
        state: Option<DeliveryState>,
        /// Only those behind this place
        #[arg(long, default_value_t = 0)]
        after: i64,
        /// At most this many
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Send again to those of whom nobody knows whether it arrived
    Resend {
        /// Its id, or the beginning of it
        id: String,
        /// Do it; without this only their number is printed
        #[arg(long)]
        yes: bool,
    },
    /// Forget a draft
    Remove {
        /// Its id, or the beginning of it
        id: String,
    },
}

/// Broadcasts among which the beginning of an id is looked for.
const SEARCHED: u32 = 10_000;

/// Runs the command.
pub async fn run(
    args: Args,
    db: &dyn Db,
    now: DateTime<Utc>,
    screen: Screen,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::New(draft) => new(&draft, db, now, out).await?,
        Command::List { json } => list(db, now, screen, json, out).await?,
        Command::Show { id, json } => {
            let campaign = find(db, &id).await?;
            let progress = db.campaign_progress(&campaign.new.id).await?;
            show(&campaign, &progress, screen, json, out)?;
        }
        Command::Test { id, chat, language } => {
            let campaign = find(db, &id).await?;
            test(&campaign, ChatId(chat), language, db, now, out).await?;
        }
        Command::Start { id, at, yes } => start(&id, at, yes, db, now, out).await?,
        Command::Stop { id } => {
            let id = find(db, &id).await?.new.id;
            match db.stop_campaign(&id, now).await? {
                Some(withdrawn) => {
                    writeln!(
                        out,
                        "Broadcast {id} is stopped; {withdrawn} queued messages were withdrawn."
                    )?;
                }
                None => bail!("broadcast {id} does not run, so there is nothing to stop"),
            }
        }
        Command::Recipients { id, state, after, limit, json } => {
            let id = find(db, &id).await?.new.id;
            let found = db.recipients(&id, state, after, limit).await?;
            recipients(&found, screen, json, out)?;
        }
        Command::Resend { id, yes } => resend(&id, yes, db, now, out).await?,
        Command::Remove { id } => {
            let id = find(db, &id).await?.new.id;
            ensure!(
                db.remove_campaign(&id).await?,
                "broadcast {id} was started; its record stays for those who ask what was sent"
            );
            writeln!(out, "Draft {id} is removed.")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn find(db: &dyn Db, id: &str) -> anyhow::Result<Campaign> {
    if let Some(campaign) = db.campaign(&CampaignId(id.to_owned())).await? {
        return Ok(campaign);
    }
    let all = db.campaigns(&[], SEARCHED).await?;
    table::pick("broadcast", id, all, |one| one.new.id.as_str())
}

async fn new(
    draft: &Draft,
    db: &dyn Db,
    now: DateTime<Utc>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let new = draft.read(now)?;
    let problems = new.problems();
    ensure!(problems.is_empty(), "the broadcast cannot be kept:\n  {}", problems.join("\n  "));
    ensure!(
        db.put_campaign(&new, now).await?,
        "broadcast {} was started already; write a new one",
        new.id
    );
    let counts = db.count_audience(&new.audience, now).await?;
    writeln!(out, "Broadcast {} is a draft for {}.", new.id, read::counted(&counts))?;
    writeln!(out, "Look at it with `magpie broadcast test {} --chat <your id>`.", new.id)?;
    Ok(())
}

async fn start(
    id: &str,
    at: Option<DateTime<Utc>>,
    yes: bool,
    db: &dyn Db,
    now: DateTime<Utc>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let campaign = find(db, id).await?;
    let id = campaign.new.id;
    if !yes {
        let progress = db.campaign_progress(&id).await?;
        if progress.recipients > 0 {
            writeln!(out, "{} of {} still wait.", progress.waiting, progress.recipients)?;
        } else {
            let counts = db.count_audience(&campaign.new.audience, now).await?;
            writeln!(out, "It would go to {}.", read::counted(&counts))?;
        }
        writeln!(out, "Nothing was started; add --yes to do it.")?;
        return Ok(());
    }
    ensure!(
        db.start_campaign(&id, at.unwrap_or(now)).await?,
        "broadcast {id} is {}; only drafts and stopped ones can be started",
        campaign.state.as_str()
    );
    match at.filter(|at| *at > now) {
        Some(at) => writeln!(out, "Broadcast {id} starts at {}.", at.format("%F %T UTC"))?,
        None => writeln!(
            out,
            "Broadcast {id} is started; `magpie broadcast show {id}` says how far it is."
        )?,
    }
    Ok(())
}

async fn resend(
    id: &str,
    yes: bool,
    db: &dyn Db,
    now: DateTime<Utc>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let id = find(db, id).await?.new.id;
    if yes {
        let count = db.resend_unknown(&id, now).await?;
        writeln!(out, "{count} messages are sent again.")?;
    } else {
        let progress = db.campaign_progress(&id).await?;
        writeln!(
            out,
            "Nobody knows whether {} messages arrived; most did. Add --yes to send them again.",
            progress.unknown
        )?;
    }
    Ok(())
}

/// A look at the message in one chat. Each test is a message of its own.
async fn test(
    campaign: &Campaign,
    chat: ChatId,
    language: Language,
    db: &dyn Db,
    now: DateTime<Utc>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let message = campaign.new.wording.of(language).context("the broadcast says nothing")?.clone();
    let subject = format!("campaign/{}/test/{}", campaign.new.id, now.timestamp_micros());
    let delivery = NewDelivery {
        id: delivery_id(Class::Reply, chat, None, &subject),
        class: Class::Reply,
        chat,
        thread: None,
        language,
        content: Content::Message(message),
        not_before: now,
        fate: crate::domain::preferences::Telling::Send,
    };
    db.put_delivery(&delivery, now).await?;
    writeln!(out, "A test of broadcast {} is on its way to chat {chat}.", campaign.new.id)?;
    Ok(())
}

async fn list(
    db: &dyn Db,
    now: DateTime<Utc>,
    screen: Screen,
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let all = db.campaigns(&[], 100).await?;
    let mut rows = Vec::with_capacity(all.len());
    let mut values = Vec::with_capacity(all.len());
    for campaign in &all {
        let progress = db.campaign_progress(&campaign.new.id).await?;
        values.push(as_json(campaign, &progress));
        rows.push(vec![
            campaign.new.id.as_str().chars().take(12).collect(),
            campaign.state.as_str().to_owned(),
            campaign.new.title.clone(),
            progress.recipients.to_string(),
            progress.sent.to_string(),
            (progress.dropped + progress.unknown + progress.dead).to_string(),
            table::when(Some(campaign.created_at), now),
        ]);
    }
    if json {
        table::print_json(out, &values)?;
    } else if rows.is_empty() {
        writeln!(out, "No broadcasts.")?;
    } else {
        let header = ["id", "state", "title", "recipients", "sent", "not sent", "written"];
        table::print(out, screen, &header, &rows)?;
    }
    Ok(())
}
