//! The real record under a world of transcripts: each step is one blocking call.

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use magpie::bot::decide::{Decision, Sight, sight};
use magpie::bot::event::{Event, Update};
use magpie::bot::state::State;
use magpie::domain::change::fingerprint;
use magpie::domain::delivery::{Claimed, Outcome, Settlement};
use magpie::domain::dialogue::Dialogue;
use magpie::domain::pace::Limits;
use magpie::domain::source::SourceSpec;
use magpie::domain::{
    ChatId, EventId, Language, NewDelivery, OwnerId, PostForm, SourceId, Terms, Verdict,
};
use magpie::store::{
    AccountRecord as _, ClaimRequest, Committed, Db, DbError, ListingWrite, Look, MatchBatch,
    RunRecord, SqlDb, UpdateCommit, View, ViewRequest,
};
use sites::Listing;
use tokio::runtime::Runtime;

use super::house::open;
use super::world::{about, alert_of};

/// See the module.
pub struct Record {
    // Before the runtime, whose end waits for the thread that writes, which waits for the last handle.
    db: SqlDb,
    runtime: Runtime,
    _folder: tempfile::TempDir,
}

impl Record {
    pub fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let db = runtime.block_on(open(&folder));
        Self { runtime, db, _folder: folder }
    }

    /// Does something that only a test does.
    pub fn with<T>(&self, work: impl AsyncFnOnce(&SqlDb) -> T) -> T {
        self.runtime.block_on(work(&self.db))
    }

    /// The record itself, and the runtime it lives on.
    pub fn parts(&self) -> (&SqlDb, &Runtime) {
        (&self.db, &self.runtime)
    }

    /// Offers a search, or no longer.
    pub fn offer(&self, spec: &SourceSpec, now: DateTime<Utc>) {
        let putting = self.db.put_sources(std::slice::from_ref(spec), now);
        self.runtime.block_on(putting).expect("put");
    }

    /// Writes what a search shows, as a run does.
    pub fn list(&self, source: &SourceId, shown: &[Listing], now: DateTime<Utc>) {
        let owner = OwnerId("scraper".to_owned());
        let write = |listing: &Listing| ListingWrite {
            listing: listing.clone(),
            fingerprint: fingerprint(listing),
            change: None,
            price: Default::default(),
        };
        let listings = shown.iter().map(write).collect();
        self.runtime.block_on(async {
            let claimed = self.db.claim_due_sources(&owner, now, 100).await.expect("claims");
            for other in claimed.iter().filter(|claimed| claimed.id != *source) {
                self.db.release_source(&other.id, other.epoch, now).await.expect("released");
            }
            let claim = claimed.iter().find(|claimed| claimed.id == *source).expect("it is due");
            let batch = MatchBatch {
                source: source.clone(),
                epoch: claim.epoch,
                site: claim.spec.site.clone(),
                listings,
                deliveries: vec![],
                run: None,
                now,
            };
            assert!(!self.db.record_matches(&batch).await.expect("recorded").fenced);
            self.db.release_source(source, claim.epoch, now).await.expect("released");
        });
    }

    /// A good run of a search that finds nothing more.
    pub fn look_at(&self, source: &SourceId, now: DateTime<Utc>) {
        let owner = OwnerId("scraper".to_owned());
        self.runtime.block_on(async {
            let far = now + chrono::TimeDelta::days(1);
            let claimed = self.db.claim_due_sources(&owner, far, 100).await.expect("claims");
            for other in claimed.iter().filter(|claimed| claimed.id != *source) {
                self.db.release_source(&other.id, other.epoch, now).await.expect("released");
            }
            let claim = claimed.iter().find(|claimed| claimed.id == *source).expect("it is due");
            let run = RunRecord {
                source: source.clone(),
                epoch: claim.epoch,
                started_at: now,
                finished_at: now,
                verdict: Verdict::Ok,
                items: 0,
                rung: "http".into(),
                bytes: 0,
                error: None,
                won: "{}".into(),
                etag: None,
                last_modified: None,
                next_due_at: Some(now),
                why: String::new(),
                road: None,
                rate: None,
            };
            assert!(self.db.record_run(&run).await.expect("recorded"));
        });
    }

    /// Writes a change as a run does, and sends the alert of it; answers its name.
    pub fn news(
        &self,
        source: &SourceId,
        listing: &Listing,
        chat: ChatId,
        now: DateTime<Utc>,
    ) -> EventId {
        let owner = OwnerId("scraper".to_owned());
        let change = alert_of(listing, now);
        let name = change.id();
        let alert = NewDelivery::alert(chat, None, Language::En, name.clone(), vec![], now);
        let write = ListingWrite {
            listing: listing.clone(),
            fingerprint: fingerprint(listing),
            change: Some(change),
            price: Default::default(),
        };
        self.runtime.block_on(async {
            let far = now + chrono::TimeDelta::days(1);
            let claimed = self.db.claim_due_sources(&owner, far, 100).await.expect("claims");
            let claim = claimed.iter().find(|claimed| claimed.id == *source).expect("it is due");
            let batch = MatchBatch {
                source: source.clone(),
                epoch: claim.epoch,
                site: "demo".to_owned(),
                listings: vec![write],
                deliveries: vec![alert],
                run: None,
                now,
            };
            assert!(!self.db.record_matches(&batch).await.expect("recorded").fenced);
            for claim in &claimed {
                self.db.release_source(&claim.id, claim.epoch, now).await.expect("released");
            }
            let request = ClaimRequest {
                owner,
                now,
                limit: 100,
                limits: Limits::OFF,
                horizon: std::time::Duration::from_secs(1),
                classes: vec![magpie::domain::Class::Alert],
            };
            let alerts = self.db.claim_deliveries(&request).await.expect("claimed");
            assert_eq!(alerts.len(), 1);
            self.sent(&alerts, now).await;
        });
        name
    }

    /// What became of messages: all are sent.
    async fn sent(&self, claimed: &[Claimed], now: DateTime<Utc>) {
        let sent = |one: &Claimed| Settlement {
            id: one.delivery.new.id.clone(),
            chat: one.delivery.new.chat,
            epoch: one.delivery.epoch,
            outcome: Outcome::Sent { message_id: 9, form: PostForm::Text, version: 0 },
        };
        let all: Vec<Settlement> = claimed.iter().map(sent).collect();
        self.db.settle_deliveries(&all, now).await.expect("settled");
    }

    /// Writes a plan as an operator does.
    pub fn plan(&self, plan: &magpie::domain::Plan, now: DateTime<Utc>) {
        let set = self.db.set_plan(plan, now);
        assert!(self.runtime.block_on(set).expect("written"), "it is there already");
    }

    /// The record itself, asked to the end.
    pub fn ask<T>(&self, question: impl AsyncFnOnce(&SqlDb) -> T) -> T {
        self.runtime.block_on(question(&self.db))
    }

    /// Does something else with the record.
    pub fn does<T>(
        &self,
        work: impl for<'d> FnOnce(&'d SqlDb) -> BoxFuture<'d, Result<T, DbError>>,
    ) -> T {
        self.runtime.block_on(work(&self.db)).expect("done")
    }

    /// Sets the terms of everybody.
    pub fn limit(&mut self, terms: Terms) {
        self.db = self.db.clone().with_free(terms);
    }

    pub fn view(&self, chat: ChatId, update: &Update, look: &Look) -> View {
        let sample_of = match &update.event {
            Event::Press { data, .. } if data.starts_with("1:w:") => data.split(':').nth(2),
            _ => None,
        };
        let request = ViewRequest {
            chat,
            thread: None,
            user: update.who.as_ref().map(|who| who.id),
            searches: sight(&update.event) == Sight::Searches,
            sample_of: sample_of.map(|id| SourceId(id.to_owned())),
            about: about(update).map(|event| (event, None)),
            why: true,
            saved: true,
            told: true,
            look: look.clone(),
        };
        self.runtime.block_on(self.db.load_view(&request)).expect("a view")
    }

    pub fn commit(&self, chat: ChatId, update: &Update, decision: &Decision, now: DateTime<Utc>) {
        let dialogue = self.view(chat, update, &Look::default()).dialogue;
        if !decision.writes(&State::of(dialogue.as_ref(), now)) {
            return;
        }
        let version = dialogue.map_or(0, |dialogue| dialogue.version);
        let said = !matches!(update.event, Event::Membership { .. } | Event::Migrated { .. });
        let dialogue = update.who.as_ref().filter(|_| said).map(|who| Dialogue {
            chat,
            user: who.id,
            state: decision.state.to_json(),
            at: now,
            version,
        });
        let reply = |(place, reply): (usize, &magpie::bot::decide::Reply)| {
            let (message, language) = (reply.message.clone(), reply.language);
            NewDelivery::reply(update.id, place, chat, None, language, message, now)
        };
        let commit = UpdateCommit {
            bot: 77,
            update: update.id,
            kind: update.kind.to_owned(),
            received_at: now,
            dialogue,
            effects: decision.effects.clone(),
            replies: decision.replies.iter().enumerate().map(reply).collect(),
            owner: OwnerId("bot".to_owned()),
            limits: Limits::OFF,
            dues: Default::default(),
        };
        let committed = self.runtime.block_on(self.db.commit_update(&commit)).expect("committed");
        let Committed::Applied { replies } = committed else { panic!("{committed:?}") };
        assert_eq!(replies.len(), decision.replies.len());
        self.runtime.block_on(self.sent(&replies, now));
    }
}
