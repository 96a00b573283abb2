//! Quotas: counted once, by all processes together, in the transaction of what they are for.

use chrono::{DateTime, TimeDelta, Utc};
use magpie::domain::quota::{Act, Bucket, Quotas, Standing, Toll};
use magpie::domain::{ChatId, DeliveryState, Language, NewDelivery, Outgoing, UserId};
use magpie::store::{
    AuditEntry, Committed, Db, DeliveryFilter, Dues, Overdrawn, SqlDb, SqlOptions, UpdateCommit,
};

use super::fixtures::*;

super::for_each_db!(
    exactly_the_number_passes_and_then_one_a_step,
    a_repeated_update_pays_once,
    a_refused_update_leaves_no_trace,
    a_conflict_gives_its_tokens_back,
    the_second_bucket_that_is_empty_leaves_the_first_as_it_was,
    that_it_is_too_much_is_said_once_until_the_bucket_was_full,
    the_record_counts_like_the_arithmetic,
    full_buckets_are_forgotten,
    a_barred_person_is_barred_until_let_in_again,
    the_digest_of_a_webhook_is_kept_by_bot,
);

/// Seconds after the beginning.
fn after(seconds: i64) -> DateTime<Utc> {
    at(seconds * 1_000)
}

const ANNA: UserId = UserId(1);

fn bucket(act: Act, number: u32) -> Toll {
    let quotas = Quotas {
        messages: number,
        operations: number,
        support: number,
        burst: 1_000,
        ..Quotas::default()
    };
    Toll { act, bucket: quotas.bucket(act, Standing::Known).unwrap() }
}

fn paying(id: i64, now: DateTime<Utc>, tolls: Vec<Toll>) -> UpdateCommit {
    let dues = Dues::Tolls { user: ANNA, tolls };
    UpdateCommit { dues, ..update(id, now, vec![meet(1, 1)]) }
}

async fn overdrawn(db: &dyn Db, commit: &UpdateCommit) -> Overdrawn {
    match db.commit_update(commit).await.unwrap() {
        Committed::Refused(over) => over,
        other => panic!("{other:?}"),
    }
}

async fn exactly_the_number_passes_and_then_one_a_step(db: &dyn Db) {
    let toll = bucket(Act::Message, 30);
    for id in 0..30 {
        apply(db, &paying(id, after(0), vec![toll])).await;
    }
    let over = overdrawn(db, &paying(30, after(0), vec![toll])).await;
    assert_eq!(over, Overdrawn { act: Act::Message, again_at: after(2), told: false });
    apply(db, &paying(30, after(2), vec![toll])).await;
    overdrawn(db, &paying(31, after(3), vec![toll])).await;
    // Another act and another person have buckets of their own.
    apply(db, &paying(32, after(3), vec![bucket(Act::Operation, 30)])).await;
    let dues = Dues::Tolls { user: UserId(2), tolls: vec![toll] };
    apply(db, &UpdateCommit { dues, ..update(33, after(3), vec![]) }).await;
}

async fn a_repeated_update_pays_once(db: &dyn Db) {
    let toll = bucket(Act::Message, 2);
    for _ in 0..20 {
        db.commit_update(&paying(1, after(0), vec![toll])).await.unwrap();
    }
    apply(db, &paying(2, after(0), vec![toll])).await;
    overdrawn(db, &paying(3, after(0), vec![toll])).await;
}

async fn a_refused_update_leaves_no_trace(db: &dyn Db) {
    let toll = bucket(Act::Message, 1);
    apply(db, &paying(1, after(0), vec![toll])).await;
    let text = Outgoing::text("never said");
    let reply = NewDelivery::reply(2, 0, ChatId(7), None, Language::En, text, after(0));
    let refused = UpdateCommit {
        replies: vec![reply],
        effects: vec![meet(7, 7)],
        ..paying(2, after(0), vec![toll])
    };
    overdrawn(db, &refused).await;
    assert!(view(db, 7, 7).await.user.is_none());
    assert!(db.deliveries(&DeliveryFilter::default()).await.unwrap().is_empty());
    // It was not noted either: when it comes again there may be room.
    let later = UpdateCommit { received_at: after(3_600), ..refused };
    apply(db, &later).await;
    assert!(view(db, 7, 7).await.user.is_some());
}

async fn a_conflict_gives_its_tokens_back(db: &dyn Db) {
    let toll = bucket(Act::Message, 2);
    let dialogue = magpie::domain::dialogue::Dialogue {
        chat: ChatId(1),
        user: ANNA,
        state: "x".into(),
        at: after(0),
        version: 5,
    };
    for id in 0..10 {
        let moved_on =
            UpdateCommit { dialogue: Some(dialogue.clone()), ..paying(id, after(0), vec![toll]) };
        assert_eq!(db.commit_update(&moved_on).await.unwrap(), Committed::Conflict);
    }
    apply(db, &paying(20, after(0), vec![toll])).await;
    apply(db, &paying(21, after(0), vec![toll])).await;
    overdrawn(db, &paying(22, after(0), vec![toll])).await;
}

async fn the_second_bucket_that_is_empty_leaves_the_first_as_it_was(db: &dyn Db) {
    let (message, support) = (bucket(Act::Message, 3), bucket(Act::Support, 1));
    apply(db, &paying(1, after(0), vec![message, support])).await;
    for id in 2..9 {
        let over = overdrawn(db, &paying(id, after(0), vec![message, support])).await;
        assert_eq!(over.act, Act::Support);
    }
    apply(db, &paying(10, after(0), vec![message])).await;
    apply(db, &paying(11, after(0), vec![message])).await;
    assert_eq!(overdrawn(db, &paying(12, after(0), vec![message])).await.act, Act::Message);
}

async fn that_it_is_too_much_is_said_once_until_the_bucket_was_full(db: &dyn Db) {
    let toll = bucket(Act::Message, 2);
    let text = || Outgoing::text("please wait");
    let telling = |id: i64, now| UpdateCommit {
        dues: Dues::Telling { user: ANNA, act: Act::Message },
        replies: vec![NewDelivery::reply(id, 0, ChatId(1), None, Language::En, text(), now)],
        ..update(id, now, vec![])
    };
    apply(db, &paying(1, after(0), vec![toll])).await;
    apply(db, &paying(2, after(0), vec![toll])).await;
    assert!(!overdrawn(db, &paying(3, after(0), vec![toll])).await.told);
    // Two processes want to say it: one does.
    let (one, other) =
        tokio::join!(async { db.commit_update(&telling(3, after(0))).await }, async {
            db.commit_update(&telling(4, after(0))).await
        });
    let said = [one.unwrap(), other.unwrap()];
    assert_eq!(said.iter().filter(|one| matches!(one, Committed::Applied { .. })).count(), 1);
    let sending = DeliveryFilter { state: Some(DeliveryState::Sending), ..Default::default() };
    assert_eq!(db.deliveries(&sending).await.unwrap().len(), 1);
    // Who goes on stays told, although single tokens come back.
    for step in 1..6 {
        let now = after(30 * step);
        apply(db, &paying(10 * step, now, vec![toll])).await;
        assert!(overdrawn(db, &paying(10 * step + 1, now, vec![toll])).await.told);
    }
    // A minute of rest, and it is said anew.
    let now = after(150 + 61);
    apply(db, &paying(100, now, vec![toll])).await;
    apply(db, &paying(101, now, vec![toll])).await;
    assert!(!overdrawn(db, &paying(102, now, vec![toll])).await.told);
}

async fn the_record_counts_like_the_arithmetic(db: &dyn Db) {
    let toll = Toll { act: Act::Operation, bucket: Bucket { step: 7_000, room: 50_000 } };
    let (mut full_at, mut now) = (0i64, after(0).timestamp_micros());
    let mut seed = 12_345u64;
    for id in 0..300 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Now and then a clock that is a little behind.
        now += i64::try_from((seed >> 40) % 12_000).unwrap() - 1_000;
        let moment = DateTime::from_timestamp_micros(now).unwrap();
        let committed = db.commit_update(&paying(id, moment, vec![toll])).await.unwrap();
        match (toll.bucket.take(full_at, now), committed) {
            (Ok(next), Committed::Applied { .. }) => full_at = next,
            (Err(again), Committed::Refused(over)) => {
                assert_eq!(over.again_at.timestamp_micros(), again);
            }
            different => panic!("{id}: {different:?}"),
        }
    }
    // A moment that a wrong clock has set is nobody's fault.
    let past = after(0) - TimeDelta::days(400);
    assert!(toll.bucket.take(full_at, past.timestamp_micros()).is_ok());
    for id in 1_000..1_007 {
        apply(db, &paying(id, past, vec![toll])).await;
    }
    overdrawn(db, &paying(1_007, past, vec![toll])).await;
}

async fn full_buckets_are_forgotten(db: &dyn Db) {
    apply(db, &paying(1, after(0), vec![bucket(Act::Message, 30)])).await;
    let levels = db.levels(ANNA, after(0)).await.unwrap();
    assert_eq!((levels.len(), levels[0].act, levels[0].full_at), (1, Act::Message, after(2)));
    assert!(db.levels(ANNA, after(3)).await.unwrap().is_empty());
    assert_eq!(db.prune(after(3_600)).await.unwrap(), 0, "kept for a day, for whoever asks");
    assert_eq!(db.prune(after(2 * 86_400)).await.unwrap(), 1);
}

async fn a_barred_person_is_barred_until_let_in_again(db: &dyn Db) {
    apply(db, &update(1, after(0), vec![meet(1, 1)])).await;
    let audit = |id: &str| AuditEntry {
        id: id.to_owned(),
        actor: "command line".to_owned(),
        action: "user.ban".to_owned(),
        target: "user 1".to_owned(),
        detail: String::new(),
    };
    assert!(db.bar(ANNA, true, &audit("a"), after(1)).await.unwrap());
    assert!(!db.bar(ANNA, true, &audit("b"), after(2)).await.unwrap());
    assert!(db.person(ANNA).await.unwrap().unwrap().banned);
    assert!(view(db, 1, 1).await.user.unwrap().banned);
    assert!(db.bar(ANNA, false, &audit("c"), after(3)).await.unwrap());
    let person = db.person(ANNA).await.unwrap().unwrap();
    assert_eq!((person.banned, person.language), (false, Language::Uk), "nothing was lost");
    // Somebody who never came can be barred; letting in whom nobody knows makes nobody up.
    assert!(db.bar(UserId(5), true, &audit("d"), after(4)).await.unwrap());
    assert!(db.person(UserId(5)).await.unwrap().unwrap().banned);
    assert!(!db.bar(UserId(6), false, &audit("e"), after(4)).await.unwrap());
    assert!(db.person(UserId(6)).await.unwrap().is_none());
}

async fn the_digest_of_a_webhook_is_kept_by_bot(db: &dyn Db) {
    assert_eq!(db.webhook_digest(1).await.unwrap(), None);
    db.set_webhook_digest(1, "a").await.unwrap();
    db.set_webhook_digest(1, "b").await.unwrap();
    db.set_webhook_digest(2, "c").await.unwrap();
    assert_eq!(db.webhook_digest(1).await.unwrap().as_deref(), Some("b"));
    assert_eq!(db.webhook_digest(2).await.unwrap().as_deref(), Some("c"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_on_one_record_count_together() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("m.db").display());
    let mut processes: Vec<SqlDb> = Vec::new();
    for _ in 0..2 {
        processes.push(SqlDb::open(&url, SqlOptions::default()).await.unwrap());
    }
    let toll = bucket(Act::Operation, 20);
    let all = (0..200i64).map(|id| {
        let db = &processes[usize::try_from(id % 2).unwrap()];
        async move { db.commit_update(&paying(id, after(0), vec![toll])).await.unwrap() }
    });
    let all = futures_util::future::join_all(all).await;
    let passed = all.iter().filter(|one| matches!(one, Committed::Applied { .. })).count();
    let refused = all.iter().filter(|one| matches!(one, Committed::Refused(_))).count();
    assert_eq!((passed, refused), (20, 180));
    for db in processes {
        db.close().await;
    }
}
