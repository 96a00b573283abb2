//! What else is known at the time of a claim: the change that a delivery tells, and how things stand by then.
//!
//! One function for each part. Each is called once per batch of claims with all of it, and reads what several
//! deliveries share once: a batch of alerts about one listing is one read.

use std::collections::HashMap;

use super::engine::Conn;
use super::statement::query;
use super::{campaigns_chapter, preferences_chapter, rows};
use crate::domain::campaign::CampaignId;
use crate::domain::delivery::{Claimed, Content};
use crate::domain::{Change, Class, Delivery, EventId, Language, Outgoing};
use crate::store::DbError;

/// Fills what the deliveries were claimed without.
pub(crate) async fn load(conn: &mut Conn, claimed: &mut [Claimed]) -> Result<(), DbError> {
    changes(conn, claimed).await?;
    messages(conn, claimed).await?;
    preferences(conn, claimed).await
}

/// The message of a broadcast in the language of the recipient.
async fn messages(conn: &mut Conn, claimed: &mut [Claimed]) -> Result<(), DbError> {
    let mut known: HashMap<(CampaignId, Language), Option<Outgoing>> = HashMap::new();
    for one in claimed {
        let Content::Campaign { id, .. } = &one.delivery.new.content else { continue };
        let key = (id.clone(), one.delivery.new.language);
        if !known.contains_key(&key) {
            let message = campaigns_chapter::message(conn, &key.0, key.1).await?;
            known.insert(key.clone(), message);
        }
        one.standing.message = known.get(&key).cloned().flatten();
    }
    Ok(())
}

/// The change that a delivery tells.
async fn changes(conn: &mut Conn, claimed: &mut [Claimed]) -> Result<(), DbError> {
    let mut known = Changes::default();
    for one in claimed {
        one.change = known.of(conn, &one.delivery).await?;
    }
    Ok(())
}

/// Changes by id, each read once.
#[derive(Default)]
pub(crate) struct Changes {
    known: HashMap<EventId, Option<Change>>,
}

impl Changes {
    /// The change that a delivery tells, if it tells one.
    pub async fn of(
        &mut self,
        conn: &mut Conn,
        delivery: &Delivery,
    ) -> Result<Option<Change>, DbError> {
        let (Content::Change { event, .. } | Content::Amend { event, .. }) = &delivery.new.content
        else {
            return Ok(None);
        };
        if let Some(change) = self.known.get(event) {
            return Ok(change.clone());
        }
        let change = change(conn, event).await?;
        self.known.insert(event.clone(), change.clone());
        Ok(change)
    }
}

async fn change(conn: &mut Conn, event: &EventId) -> Result<Option<Change>, DbError> {
    let row = query("SELECT data FROM events WHERE id = $1")
        .bind(event.as_str())
        .fetch_optional(conn)
        .await?;
    row.map(|row| Ok(serde_json::from_str(&rows::text(&row, "data")?)?)).transpose()
}

/// How the chat wants to be told, for what it may want later.
async fn preferences(conn: &mut Conn, claimed: &mut [Claimed]) -> Result<(), DbError> {
    for one in claimed {
        let new = &one.delivery.new;
        if matches!(new.class, Class::Alert | Class::Digest) {
            one.standing.preferences =
                preferences_chapter::standing(conn, (new.chat, new.thread)).await?;
        }
    }
    Ok(())
}
