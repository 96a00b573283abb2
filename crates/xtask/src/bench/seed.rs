//! Fills the record: people who watch one source, and one new listing that all of them want.

use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use magpie::clock::{Clock, SystemClock};
use magpie::domain::delivery::NewDelivery;
use magpie::domain::pace::Limits;
use magpie::domain::source::SourceSpec;
use magpie::domain::{
    Change, ChangeKind, ChatId, ChatKind, Filter, Language, OwnerId, UserId, WatchId,
};
use magpie::store::sql::{SqlDb, SqlOptions};
use magpie::store::{Db, Effect, ListingWrite, MatchBatch, UpdateCommit};
use sites::{Listing, ListingKey, Money};

use super::world::World;

/// Writes `count` subscribers from `first` on and an alert for each; answers when the alerts began to be written
/// and when they were committed.
pub async fn alerts(
    world: &World,
    first: i64,
    count: i64,
) -> anyhow::Result<(DateTime<Utc>, DateTime<Utc>)> {
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
        url: format!("{}/demo/goods", world.sandbox.url()),
        title: "Bench".to_owned(),
        interval: Duration::from_secs(3600),
        offered: true,
        rhythm: Default::default(),
    };
    let source = spec.id();
    db.put_sources(&[spec], now).await?;
    let owner = OwnerId("seed".to_owned());
    let commits = (first..first + count).map(|person| {
        let (user, chat) = (UserId(person), ChatId(person));
        let language = Language::En;
        let meet = Effect::Meet { user, chat, kind: ChatKind::Private, language };
        let subscribe = Effect::Subscribe {
            watch: WatchId(format!("watch-{person}")),
            user,
            chat,
            thread: None,
            source: source.clone(),
            name: "Bench".to_owned(),
            filter: Filter::default(),
            language,
        };
        UpdateCommit {
            bot: 1,
            update: person,
            kind: "message".to_owned(),
            received_at: now,
            dialogue: None,
            effects: vec![meet, subscribe],
            replies: vec![],
            owner: owner.clone(),
            limits: Limits::OFF,
            dues: Default::default(),
        }
    });
    for commit in commits {
        db.commit_update(&commit).await?;
    }
    let claimed = db.claim_due_sources(&owner, now, 1).await?;
    let epoch = claimed.first().context("the source is not due")?.epoch;
    let listing = listing();
    let change = Change {
        key: ListingKey { site: "demo_goods".to_owned(), id: listing.id.clone() },
        kind: ChangeKind::New,
        version: 1,
        at: now,
        price_before: None,
        told_before: vec![],
        fields: vec![],
        listing: listing.clone(),
        same_as: None,
    };
    let alert = |person| {
        let names = vec!["Bench".to_owned()];
        NewDelivery::alert(ChatId(person), None, Language::En, change.id(), names, now)
    };
    let batch = MatchBatch {
        source,
        epoch,
        site: "demo_goods".to_owned(),
        deliveries: (first..first + count).map(alert).collect(),
        listings: vec![ListingWrite {
            listing,
            fingerprint: 1,
            change: Some(change.clone()),
            price: Default::default(),
        }],
        run: None,
        now,
    };
    let begun = SystemClock.now();
    db.record_matches(&batch).await?;
    let committed = SystemClock.now();
    db.close().await;
    Ok((begun, committed))
}

fn listing() -> Listing {
    Listing {
        price: Some(Money { minor: 12_000, currency: "EUR".to_owned() }),
        price_text: Some("€ 120.00".to_owned()),
        location: Some("Berlin".to_owned()),
        ..Listing::new("g-1", "https://shop.example/g-1", "A bicycle with three gears")
    }
}
