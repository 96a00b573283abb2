//! The same thing on two sites, and a repost: what chats are told, and what they are not.

use std::sync::Arc;
use std::time::Duration;

use crate::scratch::Scratch;
use chrono::{DateTime, TimeDelta, Utc};
use magpie::clock::SystemClock;
use magpie::domain::change::{PriceWrite, Rules};
use magpie::domain::delivery::Content;
use magpie::domain::health::News;
use magpie::domain::pace::Limits;
use magpie::domain::source::SourceSpec;
use magpie::domain::{
    Change, ChangeKind, ChatId, Filter, Language, OwnerId, PostForm, UserId, Verdict, WatchId,
};
use magpie::matching::LiveIndex;
use magpie::scrape::accept::{Accepted, Telling, accept, look};
use magpie::store::{
    ClaimRequest, Db, Effect, ListingWrite, MatchBatch, MemorySeen, RunRecord, ThingRecord,
    UpdateCommit,
};
use sites::{Area, Kind, Listing, ListingKey, Money};

/// Two searches on two sites, both with their baseline, and the moment of the next run.
struct Sites {
    db: Scratch,
    seen: MemorySeen,
    index: LiveIndex,
    now: DateTime<Utc>,
    updates: i64,
}

fn spec(site: &str) -> SourceSpec {
    SourceSpec {
        site: site.into(),
        url: format!("https://{site}.example/search"),
        title: site.into(),
        interval: Duration::from_secs(60),
        offered: true,
        rhythm: Default::default(),
    }
}

fn flat(id: &str, euros: i64) -> Listing {
    Listing {
        price: Some(Money { minor: euros * 100, currency: "EUR".into() }),
        area: Some(Area(81.5)),
        rooms: Some(3.0),
        location: Some("40237 Düsseldorf, Lindenallee 12".into()),
        description: Some(
            "Second floor, oak floors, a quiet yard, two balconies and a dry cellar, free from March on".into(),
        ),
        ..Listing::new(id, format!("https://a.example/{id}"), "Bright corner flat with balconies")
    }
}

impl Sites {
    async fn new() -> Self {
        let now = DateTime::from_timestamp_millis(1_760_000_000_000).unwrap();
        let mut sites = Self {
            db: Scratch::new(),
            index: LiveIndex::default(),
            seen: MemorySeen::new(Arc::new(SystemClock), Duration::from_secs(3_600)),
            now,
            updates: 0,
        };
        sites.db.put_sources(&[spec("north"), spec("south")], now).await.unwrap();
        sites.run("north", vec![]).await;
        sites.run("south", vec![]).await;
        sites
    }

    /// A good run of a site that shows these listings.
    async fn run(&mut self, site: &str, listings: Vec<Listing>) -> Accepted {
        self.now += TimeDelta::minutes(10);
        let owner = OwnerId("w".into());
        let claimed = self.db.claim_due_sources(&owner, self.now, 10).await.unwrap();
        let mut source = None;
        for one in claimed {
            if one.spec.site == site {
                source = Some(one);
            } else {
                self.db.release_source(&one.id, one.epoch, self.now).await.unwrap();
            }
        }
        let source = source.unwrap();
        let run = RunRecord {
            source: source.id.clone(),
            epoch: source.epoch,
            started_at: self.now,
            finished_at: self.now,
            verdict: Verdict::Ok,
            items: 1,
            rung: "http".into(),
            bytes: 1,
            error: None,
            won: "{}".into(),
            etag: None,
            last_modified: None,
            next_due_at: None,
            why: String::new(),
            road: None,
            rate: None,
        };
        let sighting = look(&*self.db, &self.seen, &source, listings).await.unwrap();
        let sighting = sighting.of_kind(Some(Kind::Home));
        self.index.follow(&*self.db).await.unwrap();
        let telling = Telling { max_alerts: 30, news: News::All };
        accept(
            &*self.db,
            &self.seen,
            &self.index,
            &source,
            sighting,
            run,
            (&Rules::default(), telling),
        )
        .await
        .unwrap()
    }

    /// Somebody watches these sites in one chat.
    async fn watch(&mut self, chat: i64, sites: &[&str], filter: Filter) {
        for site in sites {
            self.updates += 1;
            let effects = vec![Effect::Subscribe {
                watch: WatchId(format!("{chat}/{site}")),
                user: UserId(chat),
                chat: ChatId(chat),
                thread: None,
                source: spec(site).id(),
                name: (*site).into(),
                filter: filter.clone(),
                language: Language::En,
            }];
            let commit = UpdateCommit {
                bot: 1,
                update: self.updates,
                kind: "message".into(),
                received_at: self.now,
                dialogue: None,
                effects,
                replies: vec![],
                owner: OwnerId("bot".into()),
                limits: Limits::OFF,
                dues: Default::default(),
            };
            self.db.commit_update(&commit).await.unwrap();
        }
    }

    /// The site says that a listing is gone.
    async fn gone(&mut self, site: &str, listing: Listing, version: i64) {
        self.now += TimeDelta::minutes(10);
        let owner = OwnerId("w".into());
        let claimed = self.db.claim_due_sources(&owner, self.now, 10).await.unwrap();
        let source = claimed.iter().find(|one| one.spec.site == site).unwrap();
        let key = ListingKey { site: site.into(), id: listing.id.clone() };
        let change = Change::new(key, ChangeKind::Gone, version, self.now, listing.clone());
        let batch = MatchBatch {
            source: source.id.clone(),
            epoch: source.epoch,
            site: site.into(),
            listings: vec![ListingWrite {
                fingerprint: 0,
                listing,
                change: Some(change),
                price: PriceWrite::default(),
            }],
            deliveries: vec![],
            run: None,
            now: self.now,
        };
        self.db.record_matches(&batch).await.unwrap();
        for one in &claimed {
            self.db.release_source(&one.id, one.epoch, self.now).await.unwrap();
        }
    }

    /// What chats were told so far, oldest first: chat, kind, id.
    async fn told(&self) -> Vec<(i64, ChangeKind, Change)> {
        let request = ClaimRequest {
            owner: OwnerId("s".into()),
            now: self.now + TimeDelta::days(1),
            limit: 1_000,
            limits: Limits::OFF,
            horizon: Duration::from_secs(1),
            classes: vec![],
        };
        let mut told = Vec::new();
        loop {
            let claimed = self.db.claim_deliveries(&request).await.unwrap();
            if claimed.is_empty() {
                return told;
            }
            for one in claimed {
                let new = &one.delivery.new;
                // Standing messages that are made true again tell nothing anew.
                if matches!(new.content, Content::Change { .. }) {
                    let change = one.change.clone().unwrap();
                    told.push((new.chat.0, change.kind, change));
                }
                let settlement = magpie::domain::delivery::Settlement {
                    id: new.id.clone(),
                    chat: new.chat,
                    epoch: one.delivery.epoch,
                    outcome: magpie::domain::delivery::Outcome::Sent {
                        message_id: 1,
                        form: PostForm::Text,
                        version: 1,
                    },
                };
                self.db.settle_deliveries(&[settlement], self.now).await.unwrap();
            }
        }
    }
}

fn kinds(told: &[(i64, ChangeKind, Change)]) -> Vec<(i64, ChangeKind, &str)> {
    told.iter().map(|(chat, kind, change)| (*chat, *kind, change.key.id.as_str())).collect()
}

#[tokio::test]
async fn a_chat_is_told_of_a_thing_once_and_others_hear_where_else_it_is() {
    let mut sites = Sites::new().await;
    sites.watch(1, &["north", "south"], Filter::default()).await;
    sites.watch(2, &["south"], Filter::default()).await;
    sites.run("north", vec![flat("n1", 1_249)]).await;
    sites.run("south", vec![flat("s1", 1_249)]).await;
    let told = sites.told().await;
    assert_eq!(kinds(&told), [(1, ChangeKind::New, "n1"), (2, ChangeKind::New, "s1")]);
    assert_eq!(told[0].2.same_as, None);
    let same = told[1].2.same_as.as_ref().unwrap();
    assert_eq!((same.key.site.as_str(), same.key.id.as_str(), same.gone), ("north", "n1", false));
    let key = ListingKey { site: "south".into(), id: "s1".into() };
    assert_eq!(sites.db.thing_of(&key).await.unwrap().len(), 2);
}

#[tokio::test]
async fn cheaper_on_another_site_is_news_to_those_who_know_the_thing() {
    let mut sites = Sites::new().await;
    sites.watch(1, &["north", "south"], Filter::default()).await;
    let only_new = Filter { changes: vec![ChangeKind::New], ..Filter::default() };
    sites.watch(2, &["north", "south"], only_new).await;
    sites.run("north", vec![flat("n1", 1_249)]).await;
    sites.run("south", vec![flat("s1", 1_199)]).await;
    let told = sites.told().await;
    assert_eq!(
        kinds(&told),
        [(1, ChangeKind::New, "n1"), (2, ChangeKind::New, "n1"), (1, ChangeKind::PriceDown, "s1")]
    );
    let change = &told[2].2;
    assert_eq!(change.price_before.as_ref().map(|price| price.minor), Some(124_900));
    // The first site follows: the same price is not told twice.
    sites.run("north", vec![flat("n1", 1_199)]).await;
    assert_eq!(kinds(&sites.told().await), []);
    // Lower still is news again.
    sites.run("north", vec![flat("n1", 1_099)]).await;
    assert_eq!(kinds(&sites.told().await), [(1, ChangeKind::PriceDown, "n1")]);
}

#[tokio::test]
async fn dearer_on_another_site_is_no_news() {
    let mut sites = Sites::new().await;
    sites.watch(1, &["north", "south"], Filter::default()).await;
    sites.run("north", vec![flat("n1", 1_249)]).await;
    sites.run("south", vec![flat("s1", 1_299)]).await;
    assert_eq!(kinds(&sites.told().await), [(1, ChangeKind::New, "n1")]);
}

#[tokio::test]
async fn a_repost_is_back_or_cheaper_and_not_new() {
    let mut sites = Sites::new().await;
    sites.watch(1, &["north"], Filter::default()).await;
    sites.run("north", vec![flat("n1", 1_249)]).await;
    // While the old one is offered, another id is another flat.
    sites.run("north", vec![flat("n1", 1_249), flat("n2", 1_249)]).await;
    assert_eq!(
        kinds(&sites.told().await),
        [(1, ChangeKind::New, "n1"), (1, ChangeKind::New, "n2")]
    );

    let mut sites = Sites::new().await;
    sites.watch(1, &["north"], Filter::default()).await;
    sites.run("north", vec![flat("n1", 1_249)]).await;
    sites.gone("north", flat("n1", 1_249), 2).await;
    sites.run("north", vec![flat("n2", 1_249)]).await;
    sites.gone("north", flat("n2", 1_249), 2).await;
    sites.run("north", vec![flat("n3", 1_199)]).await;
    let told = sites.told().await;
    assert_eq!(
        kinds(&told),
        [(1, ChangeKind::New, "n1"), (1, ChangeKind::Back, "n2"), (1, ChangeKind::PriceDown, "n3")]
    );
    assert!(told[1].2.same_as.as_ref().is_some_and(|same| same.gone && same.key.id == "n1"));
}

#[tokio::test]
async fn what_was_in_the_baseline_is_no_reason_to_be_silent() {
    let mut sites = Sites::new().await;
    sites.run("north", vec![flat("n1", 1_249)]).await;
    sites.watch(1, &["north", "south"], Filter::default()).await;
    sites.run("south", vec![flat("s1", 1_249)]).await;
    assert_eq!(kinds(&sites.told().await), [(1, ChangeKind::New, "s1")]);
}

#[tokio::test]
async fn two_flats_of_one_house_that_look_alike_are_not_guessed_at() {
    let mut sites = Sites::new().await;
    sites.watch(1, &["north", "south"], Filter::default()).await;
    sites.run("north", vec![flat("n1", 1_249), flat("n2", 1_249)]).await;
    sites.run("south", vec![flat("s1", 1_249)]).await;
    assert_eq!(sites.told().await.len(), 3);
    // Nor when both of the second site could be the one of the first.
    let mut sites = Sites::new().await;
    sites.watch(1, &["north", "south"], Filter::default()).await;
    sites.run("north", vec![flat("n1", 1_249)]).await;
    sites.run("south", vec![flat("s1", 1_249), flat("s2", 1_249)]).await;
    assert_eq!(sites.told().await.len(), 3);
}

#[tokio::test]
async fn a_split_thing_stays_split() {
    let mut sites = Sites::new().await;
    sites.watch(1, &["north", "south"], Filter::default()).await;
    sites.run("north", vec![flat("n1", 1_249)]).await;
    sites.run("south", vec![flat("s1", 1_249)]).await;
    let key = ListingKey { site: "south".into(), id: "s1".into() };
    assert!(sites.db.split_thing(&key).await.unwrap());
    sites.run("south", vec![flat("s1", 1_149)]).await;
    sites.run("north", vec![flat("n1", 1_149)]).await;
    let told = sites.told().await;
    assert_eq!(
        kinds(&told)[1..],
        [(1, ChangeKind::PriceDown, "s1"), (1, ChangeKind::PriceDown, "n1")]
    );
    assert_eq!(sites.db.thing_of(&key).await.unwrap().len(), 1);
}
