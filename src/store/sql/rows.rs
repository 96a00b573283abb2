//! Rows to values of the domain. A word or document that this program cannot read is a defect in the file
//! or a newer writer, never a guess.

use std::time::Duration;

use super::engine::moment;
use super::statement::Row;
use crate::domain::delivery::Content;
use crate::domain::preferences::Telling;
use crate::domain::rhythm::Rhythm;
use crate::domain::source::SourceSpec;
use crate::domain::{
    ChatId, Class, Delivery, DeliveryId, DeliveryState, Language, NewDelivery, OwnerId, PausedBy,
    Source, SourceId, User, UserId, Verdict, Watch, WatchId,
};
use crate::store::{DbError, Instance, RunRecord};

/// A number column.
pub(crate) fn number(row: &Row, column: &str) -> Result<i64, DbError> {
    row.try_get(column)
}

/// A text column.
pub(crate) fn text(row: &Row, column: &str) -> Result<String, DbError> {
    row.try_get(column)
}

/// A number column that may be null.
pub(crate) fn maybe_number(row: &Row, column: &str) -> Result<Option<i64>, DbError> {
    row.try_get(column)
}

/// A text column that may be null.
pub(crate) fn maybe_text(row: &Row, column: &str) -> Result<Option<String>, DbError> {
    row.try_get(column)
}

/// The value behind a stored word.
pub(crate) fn word<T>(
    row: &Row,
    column: &str,
    from: impl Fn(&str) -> Option<T>,
) -> Result<T, DbError> {
    let stored = text(row, column)?;
    from(&stored).ok_or_else(|| DbError::Broken(format!("unknown word {stored:?} in {column}")))
}

/// A delivery from all columns of its table.
pub(crate) fn delivery(row: &Row) -> Result<Delivery, DbError> {
    let content: Content = serde_json::from_str(&text(row, "content")?)?;
    let new = NewDelivery {
        id: DeliveryId(text(row, "id")?),
        class: word(row, "class", Class::from_word)?,
        chat: ChatId(number(row, "chat")?),
        thread: maybe_number(row, "thread")?,
        language: Language::from_tag(&text(row, "language")?),
        content,
        not_before: moment(number(row, "not_before")?),
        fate: Telling::Send,
    };
    Ok(Delivery {
        new,
        state: word(row, "state", DeliveryState::from_word)?,
        epoch: number(row, "epoch")?,
        owner: maybe_text(row, "owner")?.map(OwnerId),
        intent_at: maybe_number(row, "intent_at")?.map(moment),
        attempts_refused: number(row, "attempts_refused")?,
        attempts_crashed: number(row, "attempts_crashed")?,
        doubts: number(row, "doubts")?,
        message_id: maybe_number(row, "message_id")?,
        reason: maybe_text(row, "reason")?,
        created_at: moment(number(row, "created_at")?),
        done_at: maybe_number(row, "done_at")?.map(moment),
        slot: maybe_number(row, "slot")?.map(moment),
        folded_in: maybe_text(row, "folded_in")?.map(DeliveryId),
    })
}

/// A source from all columns of its table.
pub(crate) fn source(row: &Row) -> Result<Source, DbError> {
    let interval = u64::try_from(number(row, "interval_ms")?).unwrap_or(0);
    let spec = SourceSpec {
        site: text(row, "site")?,
        url: text(row, "url")?,
        title: text(row, "title")?,
        interval: Duration::from_millis(interval),
        offered: number(row, "offered")? == 1,
        rhythm: rhythm(row)?,
    };
    let verdict = match maybe_text(row, "verdict")? {
        Some(_) => Some(word(row, "verdict", Verdict::from_word)?),
        None => None,
    };
    Ok(Source {
        id: SourceId(text(row, "id")?),
        spec,
        paused: number(row, "paused")? == 1,
        next_due_at: moment(number(row, "next_due_at")?),
        epoch: number(row, "epoch")?,
        baseline_done: number(row, "baseline_done")? == 1,
        failures: number(row, "failures")?,
        verdict,
        last_run_at: maybe_number(row, "last_run_at")?.map(moment),
        last_count: maybe_number(row, "last_count")?,
        etag: maybe_text(row, "etag")?,
        last_modified: maybe_text(row, "last_modified")?,
        rung: maybe_text(row, "rung")?,
        last_error: maybe_text(row, "last_error")?,
        road: maybe_text(row, "road")?,
        rate: maybe_text(row, "rate")?,
        pace: maybe_number(row, "pace_ms")?
            .map(|pace| Duration::from_millis(u64::try_from(pace).unwrap_or_default())),
    })
}

/// The rhythm of a source; without one it is a plain interval.
fn rhythm(row: &Row) -> Result<Rhythm, DbError> {
    match maybe_text(row, "rhythm")? {
        Some(json) => Ok(serde_json::from_str(&json)?),
        None => Ok(Rhythm::default()),
    }
}

/// A run from all columns of its table.
pub(crate) fn run(row: &Row) -> Result<RunRecord, DbError> {
    Ok(RunRecord {
        source: SourceId(text(row, "source")?),
        epoch: number(row, "epoch")?,
        started_at: moment(number(row, "started_at")?),
        finished_at: moment(number(row, "finished_at")?),
        verdict: word(row, "verdict", Verdict::from_word)?,
        items: number(row, "items")?,
        rung: text(row, "rung")?,
        bytes: number(row, "bytes")?,
        error: maybe_text(row, "error")?,
        won: text(row, "won")?,
        etag: maybe_text(row, "etag")?,
        last_modified: maybe_text(row, "last_modified")?,
        next_due_at: maybe_number(row, "next_due_at")?.map(moment),
        why: text(row, "why")?,
        road: None,
        rate: None,
    })
}

/// An instance from all columns of its table.
pub(crate) fn instance(row: &Row) -> Result<Instance, DbError> {
    Ok(Instance {
        owner: OwnerId(text(row, "owner")?),
        role: text(row, "role")?,
        pid: number(row, "pid")?,
        lock_path: text(row, "lock_path")?,
        started_at: moment(number(row, "started_at")?),
    })
}

/// A user from all columns of its table.
pub(crate) fn user(row: &Row) -> Result<User, DbError> {
    Ok(User {
        id: UserId(number(row, "id")?),
        language: Language::from_tag(&text(row, "language")?),
        created_at: moment(number(row, "created_at")?),
        banned: number(row, "banned")? == 1,
        name: text(row, "name")?,
        username: maybe_text(row, "username")?,
    })
}

/// Watches from rows of (watch, source) pairs that are ordered by watch.
pub(crate) fn watches(rows: &[Row]) -> Result<Vec<Watch>, DbError> {
    let mut watches: Vec<Watch> = Vec::new();
    for row in rows {
        let id = WatchId(text(row, "id")?);
        let source = SourceId(text(row, "source")?);
        match watches.last_mut() {
            Some(last) if last.id == id => last.sources.push(source),
            _ => watches.push(Watch {
                id,
                user: UserId(number(row, "user_id")?),
                chat: ChatId(number(row, "chat")?),
                thread: maybe_number(row, "thread")?,
                name: text(row, "name")?,
                sources: vec![source],
                filter: serde_json::from_str(&text(row, "filter")?)?,
                paused: number(row, "paused")? == 1,
                paused_by: word(row, "paused_by", PausedBy::from_word)?,
                muted_until: maybe_number(row, "muted_until")?.map(moment),
                telling: serde_json::from_str(&text(row, "telling")?)?,
                language: Language::from_tag(&text(row, "language")?),
                created_at: moment(number(row, "created_at")?),
            }),
        }
    }
    Ok(watches)
}
