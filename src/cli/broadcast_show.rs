//! A broadcast as it is printed.

use std::io::Write;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::table::{self, Screen};
use crate::domain::campaign::{Campaign, Progress, Recipient};
use crate::domain::{DeliveryState, Outgoing};

/// For scripts.
pub fn as_json(campaign: &Campaign, progress: &Progress) -> serde_json::Value {
    json!({
        "id": campaign.new.id,
        "title": campaign.new.title,
        "state": campaign.state,
        "audience": campaign.new.audience,
        "options": campaign.new.options,
        "wording": campaign.new.wording,
        "created_by": campaign.new.created_by,
        "created_at": campaign.created_at,
        "start_at": campaign.start_at,
        "stopped_at": campaign.stopped_at,
        "done_at": campaign.done_at,
        "progress": progress,
    })
}

/// One broadcast with its progress and what it says.
pub fn show(
    campaign: &Campaign,
    progress: &Progress,
    screen: Screen,
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    if json {
        table::print_json(out, &as_json(campaign, progress))?;
        return Ok(());
    }
    let moment = |at: Option<DateTime<Utc>>| {
        at.map_or_else(String::new, |at| at.format("%F %T UTC").to_string())
    };
    let audience = serde_json::to_string(&campaign.new.audience)?;
    let rows = [
        ("id", campaign.new.id.to_string()),
        ("title", campaign.new.title.clone()),
        ("state", campaign.state.as_str().to_owned()),
        ("audience", if audience == "{}" { "everybody".to_owned() } else { audience }),
        ("paid", if campaign.new.options.paid { "yes" } else { "no" }.to_owned()),
        ("written by", campaign.new.created_by.clone()),
        ("started", moment(campaign.start_at)),
        ("stopped", moment(campaign.stopped_at)),
        ("done", moment(campaign.done_at)),
        ("recipients", progress.recipients.to_string()),
        ("waiting", progress.waiting.to_string()),
        ("under way", progress.under_way.to_string()),
        ("sent", progress.sent.to_string()),
        ("refused", progress.dropped.to_string()),
        ("unknown", progress.unknown.to_string()),
        ("dead", progress.dead.to_string()),
    ];
    let shown: Vec<Vec<String>> = rows
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| vec![name.to_owned(), value])
        .collect();
    table::print(out, screen, &["what", "value"], &shown)?;
    for (language, message) in &campaign.new.wording.0 {
        writeln!(out, "\n[{}]\n{}", language.code(), words(message))?;
    }
    Ok(())
}

/// What a message says; of a copy, where it stands.
fn words(message: &Outgoing) -> String {
    match &message.copy {
        Some(copied) => {
            let ids: Vec<String> = copied.ids.iter().map(i64::to_string).collect();
            format!("a copy of message {} of chat {}", ids.join(", "), copied.from)
        }
        None => message.text.clone(),
    }
}

/// Recipients and what became of each.
pub fn recipients(
    found: &[Recipient],
    screen: Screen,
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let word = |one: &Recipient| one.state.map_or("waiting", DeliveryState::as_str);
    if json {
        let as_json = |one: &Recipient| {
            json!({
                "place": one.place, "chat": one.chat, "language": one.language.code(),
                "state": word(one), "reason": one.reason,
            })
        };
        let all: Vec<_> = found.iter().map(as_json).collect();
        table::print_json(out, &all)?;
    } else if found.is_empty() {
        writeln!(out, "No recipients.")?;
    } else {
        let row = |one: &Recipient| {
            vec![
                one.place.to_string(),
                one.chat.to_string(),
                one.language.code().to_owned(),
                word(one).to_owned(),
                one.reason.clone().unwrap_or_default(),
            ]
        };
        let rows: Vec<_> = found.iter().map(row).collect();
        table::print(out, screen, &["place", "chat", "language", "state", "reason"], &rows)?;
    }
    Ok(())
}
