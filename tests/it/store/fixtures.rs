//! Values for tests of the stores.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use magpie::domain::change::PriceWrite;
use magpie::domain::delivery::{Content, Outcome, Settlement};
use magpie::domain::pace::Limits;
use magpie::domain::source::SourceSpec;
use magpie::domain::{
    Change, ChangeKind, ChatId, ChatKind, Class, DeliveryId, Filter, Language, NewDelivery,
    Outgoing, OwnerId, SourceId, UserId, Verdict, WatchId,
};
use magpie::store::{
    ClaimRequest, Committed, Db, Effect, ListingWrite, MatchBatch, RunRecord, SqlDb, SqlOptions,
    UpdateCommit, View, ViewRequest,
};
use sites::{Listing, ListingKey, Money};

/// A folder for a database.
pub struct Place {
    pub folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn url(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("magpie.db").display())
    }

    pub async fn open(&self) -> SqlDb {
        SqlDb::open(&self.url(), SqlOptions::default()).await.unwrap()
    }
}

/// A fixed moment plus milliseconds.
pub fn at(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_760_000_000_000).unwrap() + TimeDelta::milliseconds(ms)
}

pub fn owner(name: &str) -> OwnerId {
    OwnerId(name.into())
}

/// A ready-made message for `chat`; the subject makes it unique.
pub fn message(class: Class, chat: i64, subject: &str, now: DateTime<Utc>) -> NewDelivery {
    let chat = ChatId(chat);
    NewDelivery {
        id: magpie::domain::delivery::delivery_id(class, chat, None, subject),
        class,
        chat,
        thread: None,
        language: Language::En,
        content: Content::Message(Outgoing::text(subject)),
        not_before: now,
        fate: Default::default(),
    }
}

pub fn spec(name: &str) -> SourceSpec {
    SourceSpec {
        site: "demo".into(),
        url: format!("https://demo.example/search?q={name}"),
        title: name.into(),
        interval: Duration::from_secs(60),
        offered: true,
        rhythm: Default::default(),
    }
}

pub fn listing(id: &str, minor: i64) -> Listing {
    Listing {
        price: Some(Money { minor, currency: "EUR".into() }),
        ..Listing::new(id, format!("https://demo.example/item/{id}"), format!("Item {id}"))
    }
}

pub fn change(listing: &Listing, kind: ChangeKind, version: i64, now: DateTime<Utc>) -> Change {
    let key = ListingKey { site: "demo".into(), id: listing.id.clone() };
    Change::new(key, kind, version, now, listing.clone())
}

pub fn write(listing: Listing, change: Option<Change>) -> ListingWrite {
    let fingerprint = magpie::domain::change::fingerprint(&listing);
    let version = change.as_ref().map_or(1, |change| change.version);
    let point = listing.price.is_some().then_some((version, true));
    let price = PriceWrite { point, held: None };
    ListingWrite { listing, fingerprint, change, price }
}

pub fn run(source: &SourceId, epoch: i64, verdict: Verdict, now: DateTime<Utc>) -> RunRecord {
    RunRecord {
        source: source.clone(),
        epoch,
        started_at: now,
        finished_at: now + TimeDelta::milliseconds(250),
        verdict,
        items: 3,
        rung: "http".into(),
        bytes: 1_000,
        error: None,
        won: "{}".into(),
        etag: Some("\"a\"".into()),
        last_modified: None,
        next_due_at: None,
        why: String::new(),
        road: None,
        rate: None,
    }
}

/// A source that `owner` has claimed, with the epoch of the claim.
pub async fn claimed_source(db: &dyn Db, name: &str, holder: &str) -> (SourceId, i64) {
    let spec = spec(name);
    db.put_sources(std::slice::from_ref(&spec), at(0)).await.unwrap();
    let claimed = db.claim_due_sources(&owner(holder), at(0), 10).await.unwrap();
    let source = claimed.into_iter().find(|source| source.id == spec.id()).unwrap();
    (source.id, source.epoch)
}

/// Writes deliveries by way of a source of their own.
pub async fn enqueue(db: &dyn Db, deliveries: Vec<NewDelivery>, now: DateTime<Utc>) {
    let spec = spec("outbox");
    db.put_sources(std::slice::from_ref(&spec), now).await.unwrap();
    let far = now + TimeDelta::days(9_999);
    let mut epoch = 0;
    for source in db.claim_due_sources(&owner("writer"), far, 100).await.unwrap() {
        if source.id == spec.id() {
            epoch = source.epoch;
        } else {
            db.release_source(&source.id, source.epoch, now).await.unwrap();
        }
    }
    let batch = MatchBatch {
        source: spec.id(),
        epoch,
        site: spec.site.clone(),
        listings: vec![],
        deliveries,
        run: None,
        now,
    };
    let recorded = db.record_matches(&batch).await.unwrap();
    assert!(!recorded.fenced);
    db.release_source(&spec.id(), epoch, now).await.unwrap();
}

/// A request for everything that is ready, without limits.
pub fn claim_all(holder: &str, now: DateTime<Utc>) -> ClaimRequest {
    ClaimRequest {
        owner: owner(holder),
        now,
        limit: 100,
        limits: Limits::OFF,
        horizon: Duration::from_secs(1),
        classes: vec![],
    }
}

pub fn settlement(claimed: &magpie::domain::delivery::Claimed, outcome: Outcome) -> Settlement {
    let new = &claimed.delivery.new;
    Settlement { id: new.id.clone(), chat: new.chat, epoch: claimed.delivery.epoch, outcome }
}

pub fn sent() -> Outcome {
    Outcome::Sent { message_id: 7, form: magpie::domain::PostForm::Text, version: 0 }
}

/// An update of `bot` 1 with effects only.
pub fn update(id: i64, now: DateTime<Utc>, effects: Vec<Effect>) -> UpdateCommit {
    UpdateCommit {
        bot: 1,
        update: id,
        kind: "message".into(),
        received_at: now,
        dialogue: None,
        effects,
        replies: vec![],
        owner: owner("bot"),
        limits: Limits::OFF,
        dues: Default::default(),
    }
}

pub async fn apply(db: &dyn Db, commit: &UpdateCommit) {
    let committed = db.commit_update(commit).await.unwrap();
    assert!(matches!(committed, Committed::Applied { .. }), "{committed:?}");
}

pub fn meet(user: i64, chat: i64) -> Effect {
    Effect::Meet {
        user: UserId(user),
        chat: ChatId(chat),
        kind: if chat > 0 { ChatKind::Private } else { ChatKind::Group },
        language: Language::Uk,
    }
}

pub fn subscribe(name: &str, user: i64, chat: i64, source: &SourceId) -> Effect {
    Effect::Subscribe {
        watch: WatchId(name.into()),
        user: UserId(user),
        chat: ChatId(chat),
        thread: None,
        source: source.clone(),
        name: name.into(),
        filter: Filter::default(),
        language: Language::Uk,
    }
}

pub async fn view(db: &dyn Db, user: i64, chat: i64) -> View {
    let request = ViewRequest {
        chat: ChatId(chat),
        thread: None,
        user: Some(UserId(user)),
        searches: true,
        sample_of: None,
        about: None,
        why: false,
        saved: false,
        told: true,
        look: Default::default(),
    };
    db.load_view(&request).await.unwrap()
}

/// The delivery of this name.
pub async fn delivery(db: &dyn Db, id: &DeliveryId) -> magpie::domain::Delivery {
    let all = db.deliveries(&Default::default()).await.unwrap();
    all.into_iter().find(|delivery| delivery.new.id == *id).unwrap()
}
