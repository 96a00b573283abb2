//! `magpie watch`: the saved searches of people.

mod add;
mod file;
mod filter;
mod show;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use clap::{Subcommand, ValueEnum};
use sites::Registry;

use super::table::{self, Screen};
use crate::domain::import::{Format, Owner};
use crate::domain::watch::{self, WatchEdit, WatchOrder, Who, forever};
use crate::domain::{ChatId, ChatKind, Language, UserId, Watch, WatchId};
use crate::store::{Db, WatchDone, WatchFilter};

pub use filter::FilterArgs;

/// Watches that one question to the record brings.
const PAGE: u32 = 500;
/// Length of a whole id: a digest in hexadecimal digits.
const WHOLE: usize = 32;

/// Look at the watches of people and steer them.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do with watches.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List watches, oldest first
    List {
        /// Only of this person
        #[arg(long)]
        user: Option<i64>,
        /// Only those that tell this chat
        #[arg(long, allow_negative_numbers = true)]
        chat: Option<i64>,
        /// At most this many
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Only those after this one, for the next page
        #[arg(long, value_name = "ID")]
        after: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Everything about one
    Show {
        /// Its id, or the beginning of it
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a watch; the person gets one sample of what is there now
    Add {
        /// Whose, where it tells
        #[command(flatten)]
        owner: OwnerArgs,
        /// Addresses of search pages, as the browser shows them
        #[arg(required = true, value_name = "URL")]
        urls: Vec<String>,
        /// What the person calls it (default: the name of the search)
        #[arg(long)]
        name: Option<String>,
        /// What it wants
        #[command(flatten)]
        filter: Box<FilterArgs>,
        /// Only show which stored listings of the last week it would have told
        #[arg(long)]
        dry_run: bool,
    },
    /// Change conditions, name or searches; what is not named stays
    Edit {
        /// Its id, or the beginning of it
        id: String,
        /// Another name
        #[arg(long)]
        name: Option<String>,
        /// Other searches, instead of the present ones
        #[arg(long = "url", value_name = "URL")]
        urls: Vec<String>,
        /// What it wants
        #[command(flatten)]
        filter: Box<FilterArgs>,
        /// Forget all present conditions first
        #[arg(long)]
        clear: bool,
        /// How it is told, as JSON: {"urgent": true}
        #[arg(long, value_name = "JSON")]
        telling: Option<String>,
    },
    /// Call it otherwise
    Rename {
        /// Its id, or the beginning of it
        id: String,
        /// The name
        name: String,
    },
    /// Make another one with the same searches and conditions
    Clone {
        /// Its id, or the beginning of it
        id: String,
        /// Name of the copy (default: the name with a number)
        #[arg(long)]
        name: Option<String>,
    },
    /// Tell nothing until it is resumed; only an operator can resume it then
    Pause {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Go on, whoever paused it, if the plan has room
    Resume {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Tell nothing for a time
    Mute {
        /// Its id, or the beginning of it
        id: String,
        /// How long, such as 1h or 7d (default: for ever)
        #[arg(long = "for", value_parser = table::duration)]
        how_long: Option<Duration>,
        /// Tell again
        #[arg(long, conflicts_with = "how_long")]
        off: bool,
    },
    /// Forget it
    Remove {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Make watches of a CSV or JSON file, with a word about each row
    Import {
        /// Whose, where they tell
        #[command(flatten)]
        owner: OwnerArgs,
        /// The file; "-" is standard input
        file: PathBuf,
        /// Only say what would happen
        #[arg(long)]
        dry_run: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write the watches of a person as a file
    Export {
        /// Whose
        #[arg(long)]
        user: i64,
        /// Only those that tell this chat
        #[arg(long, allow_negative_numbers = true)]
        chat: Option<i64>,
        /// The form
        #[arg(long, value_enum, default_value = "csv")]
        format: FileFormat,
        /// The file (default: standard output)
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// A table.
    Csv,
    /// A document.
    Json,
}

impl From<FileFormat> for Format {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Csv => Self::Csv,
            FileFormat::Json => Self::Json,
        }
    }
}

/// Whose a watch is and where it tells.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct OwnerArgs {
    /// Telegram's id of the person
    #[arg(long)]
    pub user: i64,
    /// Telegram's id of the chat (default: the person's own)
    #[arg(long, allow_negative_numbers = true)]
    pub chat: Option<i64>,
    /// Type of that chat; needed once for a chat that the bot has not met: private, group, channel
    #[arg(long, value_parser = kind)]
    pub chat_kind: Option<ChatKind>,
    /// Forum topic (1 is General, which has no id)
    #[arg(long)]
    pub thread: Option<i64>,
}

fn kind(word: &str) -> Result<ChatKind, String> {
    ChatKind::from_word(word)
        .ok_or_else(|| "a chat is private, group, supergroup or channel".to_owned())
}

impl OwnerArgs {
    /// The owner. A chat of its own is private; the sign of an id says nothing about any other.
    fn owner(self) -> anyhow::Result<Owner> {
        if self.user <= 0 {
            bail!("--user {} is no person: ids of people are positive", self.user);
        }
        let chat = self.chat.unwrap_or(self.user);
        let own = chat == self.user;
        let kind = if own { Some(ChatKind::Private) } else { self.chat_kind };
        if kind == Some(ChatKind::Private) && !own {
            bail!(
                "chat {chat} cannot be private: the private chat of person {0} is {0}",
                self.user
            );
        }
        let thread = self.thread.filter(|thread| *thread != 1);
        if thread.is_some_and(|thread| thread < 1 || kind == Some(ChatKind::Private)) {
            bail!("--thread is the id of a topic in a group with topics");
        }
        let (user, chat) = (UserId(self.user), ChatId(chat));
        Ok(Owner { user, chat, kind, thread, language: Language::default() })
    }
}

/// What the command works with.
pub struct Deps<'a> {
    /// The record.
    pub db: &'a dyn Db,
    /// The site modules.
    pub registry: &'a Registry,
    /// Time between two runs of a search that is made for a watch.
    pub interval: Duration,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// Where the output goes.
    pub screen: Screen,
}

/// Runs the command.
pub async fn run(
    args: Args,
    deps: Deps<'_>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    let deps = &deps;
    match args.command {
        Command::List { user, chat, limit, after, json } => {
            let after = match after {
                Some(id) => Some(find(deps, &id).await?).map(|last| (last.created_at, last.id)),
                None => None,
            };
            let (user, chat) = (user.map(UserId), chat.map(ChatId));
            let filter = WatchFilter { user, chat, after, limit };
            show::list(deps, &deps.db.watches(&filter).await?, json, out).await?;
        }
        Command::Show { id, json } => show::one(deps, &find(deps, &id).await?, json, out).await?,
        Command::Add { owner, urls, name, filter, dry_run } => {
            let asked = add::Asked { owner: owner.owner()?, urls, name, filter: *filter };
            return add::run(deps, asked, dry_run, out).await;
        }
        Command::Edit { id, name, urls, filter, clear, telling } => {
            let watch = find(deps, &id).await?;
            let edit = add::edit(deps, &watch, name, &urls, &filter, clear, telling.as_deref())?;
            if edit == WatchEdit::default() {
                bail!(
                    "nothing is to change; name a condition, --name, --url, --telling or --clear"
                );
            }
            order(deps, &watch, WatchOrder::Edit(Box::new(edit)), "is changed", out).await?;
        }
        Command::Rename { id, name } => {
            let watch = find(deps, &id).await?;
            let name =
                watch::name(&name).context("the name has no characters that can be shown")?;
            order(deps, &watch, WatchOrder::rename(name), "is renamed", out).await?;
        }
        Command::Clone { id, name } => {
            let watch = find(deps, &id).await?;
            let own = all(deps, Some(watch.user), None).await?;
            let taken: Vec<&str> = own.iter().map(|watch| watch.name.as_str()).collect();
            let name = name.as_deref().and_then(watch::name);
            let name = name.unwrap_or_else(|| watch::copy_name(&watch.name, &taken));
            let id = WatchId(uuid::Uuid::now_v7().simple().to_string());
            let copy = WatchOrder::Clone { id: id.clone(), name };
            order(deps, &watch, copy, &format!("is copied; the copy is {id}"), out).await?;
        }
        Command::Pause { id } => {
            order(deps, &find(deps, &id).await?, WatchOrder::Pause, "rests", out).await?;
        }
        Command::Resume { id } => {
            order(deps, &find(deps, &id).await?, WatchOrder::Resume, "goes on", out).await?;
        }
        Command::Mute { id, how_long, off } => {
            let watch = find(deps, &id).await?;
            let until = how_long.map_or_else(forever, |span| deps.now + span);
            let (until, done) = match (off, how_long) {
                (true, _) => (None, "is told again".to_owned()),
                (false, None) => (Some(until), "is muted for ever".to_owned()),
                (false, Some(_)) => (Some(until), format!("is muted until {}", minute(until))),
            };
            order(deps, &watch, WatchOrder::Mute(until), &done, out).await?;
        }
        Command::Remove { id } => {
            order(deps, &find(deps, &id).await?, WatchOrder::Remove, "is forgotten", out).await?;
        }
        Command::Import { owner, file, dry_run, json } => {
            return file::import(deps, owner.owner()?, &file, dry_run, json, out).await;
        }
        Command::Export { user, chat, format, output } => {
            let watches = all(deps, Some(UserId(user)), chat.map(ChatId)).await?;
            file::export(deps, &watches, format.into(), output.as_deref(), out).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A moment as operators read it.
fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

async fn order(
    deps: &Deps<'_>,
    watch: &Watch,
    order: WatchOrder,
    done: &str,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let name = table::tame(&watch.name);
    match deps.db.change_watch(&watch.id, Who::Operator, &order, deps.now).await? {
        WatchDone::Done => writeln!(out, "\"{name}\" {done}.")?,
        WatchDone::Already(_) => writeln!(out, "\"{name}\" was so already; nothing changed.")?,
        WatchDone::Missing => bail!("watch {} has just been removed by somebody else", watch.id),
        WatchDone::Refused(refusal) => bail!("\"{name}\" stays as it is: {refusal}"),
    }
    Ok(())
}

/// The watch that a person named by its beginning.
async fn find(deps: &Deps<'_>, id: &str) -> anyhow::Result<Watch> {
    if id.len() >= WHOLE
        && let Some(watch) = deps.db.watch(&WatchId(id.to_owned())).await?
    {
        return Ok(watch);
    }
    table::pick("watch", id, all(deps, None, None).await?, |watch| watch.id.as_str())
}

/// All watches of a person and chat, oldest first.
async fn all(
    deps: &Deps<'_>,
    user: Option<UserId>,
    chat: Option<ChatId>,
) -> anyhow::Result<Vec<Watch>> {
    let mut all: Vec<Watch> = Vec::new();
    loop {
        let after = all.last().map(|last: &Watch| (last.created_at, last.id.clone()));
        let page = deps.db.watches(&WatchFilter { user, chat, after, limit: PAGE }).await?;
        let is_last = page.len() < PAGE as usize;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}
