//! What else is known at the time of a claim: the change that a delivery tells, and how things stand by then.
//!
//! One function for each part. Each is called once per batch of claims with all of it, and reads what several
//! deliveries share once: a batch of alerts about one listing is one read.

use std::collections::HashMap;

use super::engine::Conn;
use super::statement::query;
use super::{campaigns_chapter, posts_chapter, prices_chapter, rows};
use crate::domain::campaign::CampaignId;
use crate::domain::delivery::{Claimed, Content, Latest};
use crate::domain::{Change, EventId, Language, Outgoing};
use crate::store::DbError;

/// Fills what the deliveries were claimed without.
pub(crate) async fn load(conn: &mut Conn, claimed: &mut [Claimed]) -> Result<(), DbError> {
    changes(conn, claimed).await?;
    messages(conn, claimed).await?;
    for one in claimed {
        prices_chapter::chart(conn, &one.delivery, &mut one.standing).await?;
    }
    Ok(())
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

/// The change that a delivery tells, the listing as it is known now, and how the chat wants its pictures.
async fn changes(conn: &mut Conn, claimed: &mut [Claimed]) -> Result<(), DbError> {
    let mut known: HashMap<EventId, (Option<Change>, Option<Latest>)> = HashMap::new();
    for one in claimed {
        let (Content::Change { event, .. } | Content::Amend { event, .. }) =
            &one.delivery.new.content
        else {
            continue;
        };
        if !known.contains_key(event) {
            known.insert(event.clone(), change(conn, event).await?);
        }
        if let Some((change, latest)) = known.get(event) {
            one.change.clone_from(change);
            one.standing.latest.clone_from(latest);
        }
        if one.standing.preferences.is_none() {
            let new = &one.delivery.new;
            let preferences = posts_chapter::preferences(conn, new.chat, new.thread).await?;
            one.standing.preferences = preferences;
        }
    }
    Ok(())
}

async fn change(
    conn: &mut Conn,
    event: &EventId,
) -> Result<(Option<Change>, Option<Latest>), DbError> {
    let row = query(
        "SELECT e.data, l.data AS listing, l.version, l.gone FROM events e \
         LEFT JOIN listings l ON l.site = e.site AND l.ext_id = e.ext_id WHERE e.id = $1",
    )
    .bind(event.as_str())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok((None, None)) };
    let change = Some(serde_json::from_str(&rows::text(&row, "data")?)?);
    let Some(listing) = rows::maybe_text(&row, "listing")? else { return Ok((change, None)) };
    let (version, gone) = (rows::number(&row, "version")?, rows::number(&row, "gone")? == 1);
    Ok((change, Some(Latest { listing: serde_json::from_str(&listing)?, version, gone })))
}
