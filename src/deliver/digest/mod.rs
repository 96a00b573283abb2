//! Collections of alerts whose slot has come.
//!
//! ```text
//! claim what is due ─► load what waits for it ─► render, one message for each language ─► write and fold
//!        ▲                      ▲                                                            │
//!        │                      └──────────── something was muted in the meantime ◄──────────┤
//!        └── a claim older than a minute: its holder is gone, the epoch of the new one fences it
//! ```
//!
//! Writing the messages and folding the alerts is one transaction under the epoch of the claim, so a crash
//! anywhere loses no alert and tells none twice. From then on the digest is a delivery like any other; its doubt
//! policy is to skip: a long message that comes twice is worse than one that an operator sends again.

mod page;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Wake;
use crate::context::Context;
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::preferences::Telling;
use crate::domain::{Class, Language, NewDelivery, OwnerId};
use crate::shutdown::Stage;
use crate::store::{Collected, Db, DbError, DigestDue, DigestWritten, Folding};

pub use page::page;

/// Time between two looks for digests that are due.
const EVERY: Duration = Duration::from_secs(2);

/// Digests that are claimed at once: each is written well within its lease.
const BATCH: usize = 50;

/// How often a digest is loaded again because something of it was muted.
const ROUNDS: usize = 3;

/// Writes the digests that are due at `now`; answers how many messages.
pub async fn compose_due(
    db: &dyn Db,
    owner: &OwnerId,
    now: DateTime<Utc>,
) -> Result<usize, DbError> {
    let mut messages = 0;
    loop {
        let due = db.claim_digests(owner, now, BATCH).await?;
        for one in &due {
            messages += compose(db, one, now).await?;
        }
        if due.len() < BATCH {
            return Ok(messages);
        }
    }
}

/// Writes one claimed digest.
async fn compose(db: &dyn Db, due: &DigestDue, now: DateTime<Utc>) -> Result<usize, DbError> {
    for _ in 0..ROUNDS {
        let foldings = foldings(due, db.load_digest(due).await?, now);
        match db.write_digest(due, &foldings, now).await? {
            DigestWritten::Done => {
                metrics::counter!("magpie_digests_total").increment(foldings.len() as u64);
                return Ok(foldings.len());
            }
            DigestWritten::Fenced => return Ok(0),
            DigestWritten::Moved => {}
        }
    }
    // The claim grows old, and the digest is composed anew.
    tracing::warn!(
        chat = due.place.0.0,
        "a digest changes under our hands; it comes a minute later"
    );
    Ok(0)
}

/// The messages of a digest, one for each language in which its alerts are told. Pure.
pub fn foldings(due: &DigestDue, waiting: Vec<Collected>, now: DateTime<Utc>) -> Vec<Folding> {
    let mut languages: BTreeMap<&'static str, (Language, Vec<Collected>)> = BTreeMap::new();
    for one in waiting {
        let language = one.delivery.new.language;
        languages.entry(language.code()).or_insert((language, vec![])).1.push(one);
    }
    let (chat, thread) = due.place;
    let slot = due.slot.timestamp_millis();
    let folding = |(code, (language, told)): (&str, (Language, Vec<Collected>))| Folding {
        message: NewDelivery {
            id: delivery_id(Class::Digest, chat, thread, &format!("{slot}/{}/{code}", due.epoch)),
            class: Class::Digest,
            chat,
            thread,
            language,
            content: Content::Message(page(&told, language)),
            not_before: now,
            fate: Telling::Send,
        },
        rows: told.into_iter().map(|one| one.delivery.new.id).collect(),
    };
    languages.into_iter().map(folding).collect()
}

/// Writes digests as they come due, until the process goes down.
pub async fn run(context: &Context, wake: &Wake) {
    let mut failed = false;
    while context.shutdown.is_running() {
        match compose_due(&*context.db, &context.owner, context.clock.now()).await {
            Ok(messages) => {
                failed = false;
                if messages > 0 {
                    tracing::info!(messages, "digests were written");
                    wake.wake();
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut failed, true) {
                    tracing::error!(%error, "digests cannot be written; they are tried until they can");
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = context.shutdown.reached(Stage::Quiet) => {}
        }
    }
}
