//! Watches as people and programs read them.

use std::collections::BTreeMap;
use std::io::Write;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Deps, minute};
use crate::cli::table;
use crate::domain::import::amount;
use crate::domain::watch::forever;
use crate::domain::{PausedBy, Source, SourceId, Watch};
use crate::store::SourceFilter;

/// The searches of the record by id.
pub async fn sources(deps: &Deps<'_>) -> anyhow::Result<BTreeMap<SourceId, Source>> {
    let all = deps.db.sources(&SourceFilter::default()).await?;
    Ok(all.into_iter().map(|source| (source.id.clone(), source)).collect())
}

/// A table or a list of objects.
pub async fn list(
    deps: &Deps<'_>,
    watches: &[Watch],
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let sources = sources(deps).await?;
    if json {
        let all: Vec<_> = watches.iter().map(|watch| as_json(watch, &sources)).collect();
        table::print_json(out, &all)?;
        return Ok(());
    }
    if watches.is_empty() {
        writeln!(out, "No watches. Make one: `magpie watch add --user ID URL`.")?;
        return Ok(());
    }
    let row = |watch: &Watch| {
        vec![
            watch.id.as_str().chars().take(8).collect(),
            watch.user.to_string(),
            place(watch),
            watch.name.clone(),
            state(watch, deps.now),
            watch.sources.len().to_string(),
            table::when(Some(watch.created_at), deps.now),
        ]
    };
    let rows: Vec<_> = watches.iter().map(row).collect();
    let header = ["id", "user", "tells", "name", "state", "searches", "made"];
    table::print(out, deps.screen, &header, &rows)?;
    Ok(())
}

/// One watch.
pub async fn one(
    deps: &Deps<'_>,
    watch: &Watch,
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let sources = sources(deps).await?;
    if json {
        table::print_json(out, &as_json(watch, &sources))?;
        return Ok(());
    }
    let mut rows = vec![
        vec!["id".to_owned(), watch.id.to_string()],
        vec!["name".to_owned(), watch.name.clone()],
        vec!["user".to_owned(), watch.user.to_string()],
        vec!["tells".to_owned(), place(watch)],
        vec!["state".to_owned(), state(watch, deps.now)],
        vec!["made".to_owned(), minute(watch.created_at)],
        vec!["filter".to_owned(), serde_json::to_string(&watch.filter)?],
        vec!["telling".to_owned(), serde_json::to_string(&watch.telling)?],
    ];
    for id in &watch.sources {
        let url = sources.get(id).map_or("(removed)", |source| &source.spec.url);
        rows.push(vec![
            "search".to_owned(),
            format!("{} {url}", &id.as_str()[..8.min(id.as_str().len())]),
        ]);
    }
    table::print(out, deps.screen, &["field", "value"], &rows)?;
    Ok(())
}

fn place(watch: &Watch) -> String {
    match watch.thread {
        Some(thread) => format!("{} topic {thread}", watch.chat),
        None => watch.chat.to_string(),
    }
}

/// What a watch does at present.
fn state(watch: &Watch, now: DateTime<Utc>) -> String {
    match (watch.paused_by, watch.muted_until) {
        (PausedBy::Owner, _) => "paused by its owner".into(),
        (PausedBy::Plan, _) => "paused by the plan's limit".into(),
        (PausedBy::Operator, _) => "paused by an operator".into(),
        (PausedBy::Nobody, Some(until)) if until >= forever() => "muted for ever".into(),
        (PausedBy::Nobody, Some(until)) if until > now => format!("muted until {}", minute(until)),
        (PausedBy::Nobody, _) => "runs".into(),
    }
}

/// An amount with its currency.
pub fn money(minor: i64, currency: &str) -> String {
    format!("{} {currency}", amount::major(minor, currency))
}

fn as_json(watch: &Watch, sources: &BTreeMap<SourceId, Source>) -> serde_json::Value {
    let search = |id: &SourceId| {
        let spec = sources.get(id).map(|source| &source.spec);
        json!({
            "id": id,
            "site": spec.map(|spec| &spec.site),
            "url": spec.map(|spec| &spec.url),
            "title": spec.map(|spec| &spec.title),
        })
    };
    json!({
        "id": watch.id,
        "user": watch.user,
        "chat": watch.chat,
        "thread": watch.thread,
        "name": watch.name,
        "sources": watch.sources.iter().map(search).collect::<Vec<_>>(),
        "filter": watch.filter,
        "telling": watch.telling,
        "paused": watch.paused,
        "paused_by": watch.paused_by.as_str(),
        "muted_until": watch.muted_until,
        "language": watch.language.code(),
        "created_at": watch.created_at,
    })
}
