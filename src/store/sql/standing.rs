//! What else is known at the time of a claim: the change that a delivery tells, and how things stand by then.
//!
//! One function for each part. Each is called once per batch of claims with all of it, and reads what several
//! deliveries share once: a batch of alerts about one listing is one read.

use std::collections::HashMap;

use super::engine::Conn;
use super::statement::query;
use super::{campaign_queue, outbox, preferences_chapter, prices_chapter, rows};
use crate::domain::campaign::CampaignId;
use crate::domain::delivery::{Claimed, Content, Latest, album_id};
use crate::domain::preferences::Pictures;
use crate::domain::{Change, Class, Delivery, EventId, Language, Outgoing};
use crate::store::{DbError, Place};

/// Fills what the deliveries were claimed without.
pub(crate) async fn load(conn: &mut Conn, claimed: &mut [Claimed]) -> Result<(), DbError> {
    changes(conn, claimed).await?;
    messages(conn, claimed).await?;
    for one in claimed.iter_mut() {
        prices_chapter::chart(conn, &one.delivery, &mut one.standing).await?;
    }
    preferences(conn, claimed).await
}

/// The message of a broadcast in the language of the recipient.
async fn messages(conn: &mut Conn, claimed: &mut [Claimed]) -> Result<(), DbError> {
    let mut known: HashMap<(CampaignId, Language), Option<Outgoing>> = HashMap::new();
    for one in claimed {
        let Content::Campaign { id, .. } = &one.delivery.new.content else { continue };
        let key = (id.clone(), one.delivery.new.language);
        if !known.contains_key(&key) {
            let message = campaign_queue::message(conn, &key.0, key.1).await?;
            known.insert(key.clone(), message);
        }
        one.standing.message = known.get(&key).cloned().flatten();
    }
    Ok(())
}

/// The change that a delivery tells, and the listing as it is known now.
async fn changes(conn: &mut Conn, claimed: &mut [Claimed]) -> Result<(), DbError> {
    let mut known = Changes::default();
    for one in claimed {
        (one.change, one.standing.latest) = known.told(conn, &one.delivery).await?;
    }
    Ok(())
}

/// A change, and its listing as it is known now, which may be later.
type Told = (Option<Change>, Option<Latest>);

/// Changes by id, each read once.
#[derive(Default)]
pub(crate) struct Changes {
    known: HashMap<EventId, Told>,
}

impl Changes {
    /// The change that a delivery tells, if it tells one.
    pub async fn of(
        &mut self,
        conn: &mut Conn,
        delivery: &Delivery,
    ) -> Result<Option<Change>, DbError> {
        Ok(self.told(conn, delivery).await?.0)
    }

    async fn told(&mut self, conn: &mut Conn, delivery: &Delivery) -> Result<Told, DbError> {
        let (Content::Change { event, .. } | Content::Amend { event, .. }) = &delivery.new.content
        else {
            return Ok((None, None));
        };
        if let Some(told) = self.known.get(event) {
            return Ok(told.clone());
        }
        let told = change(conn, event).await?;
        self.known.insert(event.clone(), told.clone());
        Ok(told)
    }
}

async fn change(conn: &mut Conn, event: &EventId) -> Result<Told, DbError> {
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

/// How the chats want to be told, for what they may want later.
async fn preferences(conn: &mut Conn, claimed: &mut [Claimed]) -> Result<(), DbError> {
    let asks = |one: &&mut Claimed| matches!(one.delivery.new.class, Class::Alert | Class::Digest);
    let asking = claimed.iter_mut().filter(asks);
    let places: Vec<Place> = asking.map(|one| place(&one.delivery)).collect();
    if places.is_empty() {
        return Ok(());
    }
    let said = preferences_chapter::standing(conn, &places).await?;
    for one in claimed.iter_mut().filter(asks) {
        let new = &one.delivery.new;
        one.standing.preferences = said.get(&place(&one.delivery)).cloned();
        let pictures = one.standing.preferences.as_ref().map(|said| said.pictures);
        if let (Content::Change { event, .. }, Some(Pictures::Album)) = (&new.content, pictures) {
            let album = album_id(new.chat, new.thread, event);
            one.standing.has_album = outbox::went_out(conn, &album).await?;
        }
    }
    Ok(())
}

fn place(delivery: &Delivery) -> Place {
    (delivery.new.chat, delivery.new.thread)
}
