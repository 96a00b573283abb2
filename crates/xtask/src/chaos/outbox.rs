//! A record of our own to fill and to read while the processes under test work on it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use magpie::clock::{Clock, SystemClock};
use magpie::domain::delivery::{Content, Delivery, delivery_id};
use magpie::domain::source::SourceSpec;
use magpie::domain::{
    ChatId, Class, DeliveryState, Language, NewDelivery, Outgoing, OwnerId, SourceId,
};
use magpie::store::sql::{SqlDb, SqlOptions};
use magpie::store::{Db, DeliveryFilter, MatchBatch};

use crate::bench::world::World;

/// The record, with a claimed source that deliveries are written by.
pub struct Outbox {
    /// The record.
    pub db: SqlDb,
    source: SourceId,
    epoch: i64,
}

impl Outbox {
    /// Opens the record of the world.
    pub async fn open(world: &World) -> anyhow::Result<Self> {
        let folder = world.folder.path().join("data");
        std::fs::create_dir_all(&folder)?;
        let url = format!("sqlite://{}", folder.join("magpie.db").display());
        let options = SqlOptions {
            readers: 2,
            gather: Duration::from_millis(4),
            busy_timeout: Duration::from_secs(5),
        };
        let db = SqlDb::open(&url, options).await?;
        let now = SystemClock.now();
        let spec = SourceSpec {
            site: "demo_goods".to_owned(),
            url: "http://127.0.0.1/chaos".to_owned(),
            title: "Chaos".to_owned(),
            interval: Duration::from_secs(3_600),
            offered: false,
            rhythm: Default::default(),
        };
        let source = spec.id();
        db.put_sources(&[spec], now).await?;
        let claimed = db.claim_due_sources(&OwnerId("chaos".to_owned()), now, 1).await?;
        let epoch = claimed.first().context("the source is not due")?.epoch;
        Ok(Self { db, source, epoch })
    }

    /// Writes deliveries in one transaction.
    pub async fn write(&self, deliveries: Vec<NewDelivery>) -> anyhow::Result<()> {
        let count = deliveries.len();
        let batch = MatchBatch {
            source: self.source.clone(),
            epoch: self.epoch,
            site: "demo_goods".to_owned(),
            listings: vec![],
            deliveries,
            run: None,
            now: SystemClock.now(),
        };
        let recorded = self.db.record_matches(&batch).await?;
        let written = usize::try_from(recorded.new_deliveries).unwrap_or(0);
        anyhow::ensure!(written == count, "{written} of {count} deliveries were written");
        Ok(())
    }

    /// How many are pending or on their way.
    pub async fn open_count(&self) -> anyhow::Result<i64> {
        let stats = self.db.outbox_stats().await?;
        let open = |state: &DeliveryState| {
            matches!(state, DeliveryState::Pending | DeliveryState::Sending)
        };
        Ok(stats.by_state.iter().filter(|(state, _)| open(state)).map(|(_, count)| count).sum())
    }

    /// Waits until nothing is pending or on its way.
    pub async fn until_quiet(&self, limit: Duration) -> anyhow::Result<()> {
        let begin = Instant::now();
        loop {
            let open = self.open_count().await?;
            if open == 0 {
                return Ok(());
            }
            if begin.elapsed() > limit {
                bail!("{open} deliveries are still open after {limit:?}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// All deliveries in the order of writing.
    pub async fn all(&self) -> anyhow::Result<Vec<Delivery>> {
        let filter = DeliveryFilter { limit: 2_000_000, ..DeliveryFilter::default() };
        let mut all = self.db.deliveries(&filter).await?;
        all.reverse();
        Ok(all)
    }

    /// Sends what was set aside again, as a person would; answers its texts.
    pub async fn requeue_dead(&self) -> anyhow::Result<Vec<String>> {
        let filter = DeliveryFilter {
            state: Some(DeliveryState::Dead),
            limit: 100_000,
            ..DeliveryFilter::default()
        };
        let dead = self.db.deliveries(&filter).await?;
        for one in &dead {
            self.db.requeue_delivery(&one.new.id, SystemClock.now()).await?;
        }
        Ok(dead.iter().map(mark_of).collect())
    }
}

/// A message with a text of its own.
pub fn message(class: Class, chat: i64, mark: &str) -> NewDelivery {
    NewDelivery {
        id: delivery_id(class, ChatId(chat), None, mark),
        class,
        chat: ChatId(chat),
        thread: None,
        language: Language::En,
        content: Content::Message(Outgoing::text(mark)),
        not_before: SystemClock.now(),
    }
}

/// The text of a delivery.
pub fn mark_of(delivery: &Delivery) -> String {
    match &delivery.new.content {
        Content::Message(message) => message.text.clone(),
        _ => String::new(),
    }
}
