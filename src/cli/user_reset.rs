//! `magpie user reset`: ends the conversations of a person that is stuck in one.
//!
//! ```text
//! $ magpie user reset 4711
//! User 4711 has no conversation under way any more (1 was); their next word begins anew.
//! ```

use std::io::Write;
use std::process::ExitCode;

use anyhow::bail;
use chrono::{DateTime, Utc};

use crate::domain::UserId;
use crate::store::{AuditEntry, Db, PanelAsk, PanelEffect, PanelView};

/// Whose.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Telegram's id of the person
    pub user: i64,
}

/// Runs the command.
pub async fn run(
    args: &Args,
    db: &dyn Db,
    now: DateTime<Utc>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    let user = UserId(args.user);
    let PanelView::Person(Some(card)) = db.panel(&PanelAsk::Person(user, now)).await? else {
        bail!("user {user} was never met: is it Telegram's id, not a name?");
    };
    let entry = AuditEntry {
        id: format!("cli-reset-{user}-{}", now.timestamp_micros()),
        actor: "command line".to_owned(),
        action: "user.reset".to_owned(),
        target: format!("user {user}"),
        detail: format!("{} conversations", card.conversations),
    };
    db.carry_out(&PanelEffect::Reset { user }, &entry, now).await?;
    let were = match card.conversations {
        1 => "1 was".to_owned(),
        count => format!("{count} were"),
    };
    writeln!(
        out,
        "User {user} has no conversation under way any more ({were}); their next word begins anew."
    )?;
    Ok(ExitCode::SUCCESS)
}
