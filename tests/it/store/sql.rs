//! What only the SQL record promises: durability, two processes on one file, versions of the schema.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use magpie::domain::{ChatId, Class, Language, NewDelivery, Outgoing};
use magpie::store::{Committed, Db, DbError, PoisonUpdate, SqlDb, SqlOptions};

use super::fixtures::*;

/// A connection beside the program's own, as an operator's shell would have.
fn shell(place: &Place) -> rusqlite::Connection {
    rusqlite::Connection::open(place.folder.path().join("magpie.db")).unwrap()
}

fn count(place: &Place, query: &str) -> i64 {
    shell(place).query_row(query, [], |row| row.get(0)).unwrap()
}

fn change_schema(place: &Place, statement: &str) {
    shell(place).execute_batch(statement).unwrap();
}

#[tokio::test]
async fn the_identity_survives_a_restart_and_is_never_shared() {
    let (place, other) = (Place::new(), Place::new());
    let db = place.open().await;
    let identity = db.identity().await.unwrap();
    db.close().await;
    assert_eq!(place.open().await.identity().await.unwrap(), identity);
    assert_ne!(other.open().await.identity().await.unwrap(), identity);
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let place = Place::new();
    place.open().await.close().await;
    change_schema(&place, "INSERT INTO schema_migrations VALUES (999, 'future', 'x')");
    let error = SqlDb::open(&place.url(), SqlOptions::default()).await.unwrap_err();
    assert!(matches!(error, DbError::Newer { found: 999, .. }), "{error}");
}

#[tokio::test]
async fn an_edited_migration_is_refused() {
    let place = Place::new();
    place.open().await.close().await;
    change_schema(&place, "UPDATE schema_migrations SET checksum = 'x' WHERE version = 1");
    let error = SqlDb::open(&place.url(), SqlOptions::default()).await.unwrap_err();
    assert!(matches!(&error, DbError::Broken(text) if text.contains("differs")), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_can_open_a_new_database_at_once() {
    let place = Place::new();
    let all = futures_util::future::join_all((0..6).map(|_| place.open())).await;
    let first = all[0].identity().await.unwrap();
    for db in &all {
        assert_eq!(db.identity().await.unwrap(), first);
    }
}

#[tokio::test]
async fn a_lost_file_is_noticed() {
    let place = Place::new();
    let db = place.open().await;
    db.ping().await.unwrap();
    std::fs::remove_file(place.folder.path().join("magpie.db")).unwrap();
    assert!(matches!(db.ping().await, Err(DbError::Broken(_))));
}

#[tokio::test]
async fn a_locked_file_is_a_passing_fault() {
    let place = Place::new();
    let options = SqlOptions { busy_timeout: Duration::from_millis(100), ..SqlOptions::default() };
    let db = SqlDb::open(&place.url(), options).await.unwrap();
    let conn = shell(&place);
    conn.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let refused = db.set_polling_offset(1, 5).await.unwrap_err();
    assert!(refused.is_transient(), "{refused}");
    conn.execute_batch("ROLLBACK").unwrap();
    db.set_polling_offset(1, 5).await.unwrap();
    assert_eq!(db.polling_offset(1).await.unwrap(), Some(5));
}

#[tokio::test]
async fn a_closed_database_answers_that_it_is_unavailable() {
    let place = Place::new();
    let db = place.open().await;
    db.close().await;
    assert!(db.set_polling_offset(1, 5).await.unwrap_err().is_transient());
    assert!(db.polling_offset(1).await.unwrap_err().is_transient());
}

#[tokio::test]
async fn poison_is_kept_as_written() {
    let place = Place::new();
    let db = place.open().await;
    let body = vec![b'x'; 100 * 1024];
    let poison =
        PoisonUpdate { bot: 1, update: None, received_at: at(0), body, reason: "bad".into() };
    db.keep_poison(&poison).await.unwrap();
    db.keep_poison(&poison).await.unwrap();
    assert_eq!(count(&place, "SELECT COUNT(*) FROM inbox WHERE poison = 1"), 1);
    let length = count(&place, "SELECT MAX(length(body)) FROM inbox");
    assert_eq!(length, 64 * 1024);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_share_one_file_without_sharing_work() {
    let place = Place::new();
    let (one, two) = (Arc::new(place.open().await), Arc::new(place.open().await));
    let many = (0..120).map(|i| message(Class::Alert, i % 50 + 1, &i.to_string(), at(0)));
    enqueue(&*one, many.collect(), at(0)).await;
    let workers = (0..8).map(|i| {
        let db = Arc::clone(if i % 2 == 0 { &one } else { &two });
        tokio::spawn(async move {
            let mut request = claim_all(&format!("s{i}"), at(0));
            request.limit = 2;
            let mut mine = Vec::new();
            loop {
                // A settlement elsewhere may free a chat at any moment: ask until all is sent.
                let claimed = db.claim_deliveries(&request).await.unwrap();
                if claimed.is_empty() && db.next_delivery_at().await.unwrap().is_none() {
                    let stats = db.outbox_stats().await.unwrap();
                    if stats.by_state.len() == 1 {
                        return mine;
                    }
                }
                let ends: Vec<_> = claimed.iter().map(|c| settlement(c, sent())).collect();
                db.settle_deliveries(&ends, at(0)).await.unwrap();
                mine.extend(claimed.into_iter().map(|claimed| claimed.delivery.new.id));
            }
        })
    });
    let mut all = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        all.extend(worker.await.unwrap());
    }
    let names: std::collections::HashSet<_> = all.iter().cloned().collect();
    assert_eq!((all.len(), names.len()), (120, 120));
}

/// Set for a child process: the folder in which it commits until it is killed.
const CHILD: &str = "MAGPIE_TEST_COMMITTING_CHILD";

/// Commits updates with replies from many tasks; a child says each number after it was acknowledged.
async fn commit_in_a_loop(url: &str, first: i64, count: i64) {
    let db = Arc::new(SqlDb::open(url, SqlOptions::default()).await.unwrap());
    let tasks = (0..8i64).map(|task| {
        let db = Arc::clone(&db);
        tokio::spawn(async move {
            for turn in 0..count {
                let id = first + turn * 8 + task;
                let mut commit = update(id, at(id), vec![meet(task + 1, task + 1)]);
                let text = Outgoing::text("x");
                let chat = ChatId(task + 1);
                commit.replies =
                    vec![NewDelivery::reply(id, 0, chat, None, Language::En, text, at(id))];
                let committed = db.commit_update(&commit).await.unwrap();
                assert!(matches!(committed, Committed::Applied { .. }));
                if child_order().is_some() {
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "acknowledged {id}").unwrap();
                    out.flush().unwrap();
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

#[expect(clippy::disallowed_methods, reason = "this test talks to a copy of itself")]
fn child_order() -> Option<String> {
    std::env::var(CHILD).ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_acknowledged_is_there_after_a_restart() {
    if let Some(order) = child_order() {
        let (first, url) = order.split_once(' ').unwrap();
        commit_in_a_loop(url, first.parse().unwrap(), i64::MAX / 16).await;
        return;
    }
    let place = Place::new();
    commit_in_a_loop(&place.url(), 1, 3).await;
    let db = place.open().await;
    for id in 1..25 {
        let again = db.commit_update(&update(id, at(id), vec![])).await.unwrap();
        assert_eq!(again, Committed::Repeat, "{id}");
    }
}

/// Starts a committing child, kills it after it has acknowledged `after` commits; answers all numbers that
/// it acknowledged.
fn run_and_kill(place: &Place, first: i64, after: usize, linger: Duration) -> Vec<i64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::sql::what_is_acknowledged_is_there_after_a_restart"])
        .args(["--nocapture", "--test-threads=1"])
        .env(CHILD, format!("{first} {}", place.url()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let number = |line: &str| -> Option<i64> {
        line.strip_prefix("acknowledged ").and_then(|n| n.parse().ok())
    };
    let mut acknowledged: Vec<i64> = Vec::new();
    while acknowledged.len() < after {
        let line = lines.next().expect("the child ended by itself").unwrap();
        acknowledged.extend(number(&line));
    }
    let until = Instant::now() + linger;
    while Instant::now() < until {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said before it died counts too; the last line may be cut.
    acknowledged.extend(lines.map_while(Result::ok).filter_map(|line| number(&line)));
    acknowledged
}

fn journal_exists(folder: &Path) -> bool {
    folder.join("magpie.db-wal").exists()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_nothing_that_it_acknowledged() {
    use rand::Rng;
    let place = Place::new();
    for round in 0..6i64 {
        let (after, linger) = {
            let mut random = rand::rng();
            (random.random_range(1..200), Duration::from_micros(random.random_range(0..9_000)))
        };
        let first = 1 + round * 1_000_000;
        let acknowledged = run_and_kill(&place, first, after, linger);
        assert!(journal_exists(place.folder.path()), "the child ended in an orderly way");
        let db = place.open().await;
        for id in &acknowledged {
            let again = db.commit_update(&update(*id, at(*id), vec![])).await.unwrap();
            assert_eq!(again, Committed::Repeat, "round {round}: {id} is lost");
        }
        // Each update came with its reply, or not at all.
        let orphans = "SELECT COUNT(*) FROM inbox WHERE kind = 'message'";
        let replies = "SELECT COUNT(*) FROM deliveries";
        assert_eq!(count(&place, orphans), count(&place, replies));
        let held = count(&place, "SELECT COUNT(*) FROM deliveries WHERE state = 'sending'");
        let buried = db.bury_instance(&owner("bot"), at(0)).await.unwrap();
        assert_eq!(buried.doubts.len() as i64, held);
        assert!(acknowledged.len() as i64 <= held);
        db.close().await;
    }
    let intact = "SELECT CASE WHEN integrity_check = 'ok' THEN 1 ELSE 0 END \
                  FROM pragma_integrity_check LIMIT 1";
    assert_eq!(count(&place, intact), 1);
}

#[tokio::test]
async fn listings_that_nobody_sees_go_with_what_hangs_on_them() {
    let place = Place::new();
    let db = place.open().await;
    let (source, epoch) = claimed_source(&db, "a", "w").await;
    let listed = |id: &str| {
        let listing = listing(id, 100);
        let change = change(&listing, magpie::domain::ChangeKind::New, 1, at(0));
        write(listing, Some(change))
    };
    let batch = magpie::store::MatchBatch {
        source,
        epoch,
        site: "demo".into(),
        listings: vec![listed("old"), listed("kept"), listed("young")],
        deliveries: vec![],
        run: None,
        now: at(0),
    };
    db.record_matches(&batch).await.unwrap();
    change_schema(
        &place,
        "INSERT INTO saved (user_id, site, ext_id, saved_at) VALUES (1, 'demo', 'kept', 0); \
         UPDATE listings SET last_seen_at = last_seen_at + 86400000000 WHERE ext_id = 'young'",
    );
    let after = |days| at(1) + chrono::TimeDelta::days(days);
    db.prune(after(179)).await.unwrap();
    let left = |table: &str| count(&place, &format!("SELECT COUNT(*) FROM {table}"));
    let all = || ["listings", "listing_sources", "price_points", "events"].map(left);
    assert_eq!(all(), [3, 3, 3, 3]);
    db.prune(after(180)).await.unwrap();
    // What is saved stays with its prices; what happened to it half a year ago does not.
    assert_eq!(all(), [2, 2, 2, 1]);
    let old = count(&place, "SELECT COUNT(*) FROM listings WHERE ext_id = 'old'");
    assert_eq!(old, 0);
}

#[tokio::test]
async fn idle_lanes_go_and_those_with_something_to_send_stay() {
    let place = Place::new();
    let db = place.open().await;
    let mut late = message(Class::Alert, 3, "late", at(0));
    late.not_before = at(0) + chrono::TimeDelta::days(90);
    let all =
        vec![message(Class::Alert, 1, "a", at(0)), message(Class::Alert, 2, "b", at(0)), late];
    enqueue(&db, all, at(0)).await;
    let mut request = claim_all("s", at(0));
    request.limits = magpie::domain::pace::Limits::default();
    request.limit = 1;
    let claimed = db.claim_deliveries(&request).await.unwrap();
    db.settle_deliveries(&[settlement(&claimed[0], sent())], at(1)).await.unwrap();
    let lanes = || count(&place, "SELECT COUNT(*) FROM lanes");
    db.prune(at(0) + chrono::TimeDelta::days(30)).await.unwrap();
    assert_eq!(lanes(), 3);
    db.prune(at(0) + chrono::TimeDelta::days(31)).await.unwrap();
    assert_eq!(lanes(), 2);
}
