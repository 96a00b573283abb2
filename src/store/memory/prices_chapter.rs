//! See [`PriceRecord`].

use async_trait::async_trait;
use sites::ListingKey;

use super::{MemoryDb, State};
use crate::domain::change::Point;
use crate::domain::delivery::{Content, Delivery, Latest, PricePoint, Standing};
use crate::domain::{ChatId, Class, DeliveryState};
use crate::store::chapters::{PRICE_POINTS, TOLD};
use crate::store::{DbError, PriceHistory, PriceRecord, Told};

impl State {
    /// See [`PriceRecord::price_points`].
    pub(super) fn price_points(&self, key: &ListingKey) -> Vec<PricePoint> {
        let key = (key.site.clone(), key.id.clone());
        let known = self.listings.get(&key).map(|known| known.prices.points.as_slice());
        let point = |point: &Point| PricePoint {
            version: point.version,
            at: point.at,
            price: point.price.clone(),
        };
        let points = known.unwrap_or_default().iter().take(PRICE_POINTS);
        points.rev().map(point).collect()
    }

    /// See [`PriceRecord::price_history`].
    pub(super) fn price_history(&self, key: &ListingKey) -> Option<PriceHistory> {
        let known = self.listings.get(&(key.site.clone(), key.id.clone()))?;
        let latest =
            Latest { listing: known.listing.clone(), version: known.version, gone: known.gone };
        Some(PriceHistory { latest, points: self.price_points(key) })
    }

    /// See [`View::told`](crate::store::View).
    pub(super) fn told_to(&self, chat: ChatId) -> Vec<Told> {
        let ended = [DeliveryState::Sent, DeliveryState::Folded];
        let is_told = |one: &&Delivery| {
            one.new.chat == chat && one.new.class == Class::Alert && ended.contains(&one.state)
        };
        let told = |one: &Delivery| {
            let Content::Change { event, .. } = &one.new.content else { return None };
            let key = self.events.get(event)?.key.clone();
            let known = self.listings.get(&(key.site.clone(), key.id.clone()))?;
            Some(Told { event: event.clone(), key, listing: known.listing.clone() })
        };
        self.deliveries.iter().rev().filter(is_told).take(TOLD).filter_map(told).collect()
    }

    /// Fills in what a chart shows, when a delivery is one.
    pub(super) fn chart(&self, delivery: &Delivery, standing: &mut Standing) {
        let Content::Chart { key, .. } = &delivery.new.content else { return };
        if let Some(history) = self.price_history(key) {
            standing.latest = Some(history.latest);
            standing.prices = history.points;
        }
    }
}

#[async_trait]
impl PriceRecord for MemoryDb {
    async fn price_points(&self, key: &ListingKey) -> Result<Vec<PricePoint>, DbError> {
        Ok(self.state().price_points(key))
    }

    async fn price_history(&self, key: &ListingKey) -> Result<Option<PriceHistory>, DbError> {
        Ok(self.state().price_history(key))
    }
}
