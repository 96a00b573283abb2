//! Sessions: the last writer who had read the newest revision wins.

use chrono::{DateTime, Utc};
use magpie::store::{Db, SessionState, StoredSession};

use super::for_each_db;

for_each_db![
    a_session_comes_back_as_it_was,
    a_writer_who_read_an_old_revision_changes_nothing,
    a_dropped_session_is_gone,
];

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a moment")
}

fn session(site: &str, revision: i64) -> StoredSession {
    StoredSession {
        site: site.into(),
        name: "main".into(),
        sealed: vec![0, 255, 7, revision.to_le_bytes()[0]],
        state: SessionState::Open,
        expires_at: Some(at(500)),
        updated_at: at(revision),
        identity: "berlin".into(),
        revision,
        failures: 2,
        last_error: Some("the field is not there".into()),
    }
}

async fn a_session_comes_back_as_it_was(db: &dyn Db) {
    assert_eq!(db.session("b", "main").await.expect("an answer"), None);
    for site in ["b", "a"] {
        assert!(db.put_session(&session(site, 1)).await.expect("written"));
    }
    assert_eq!(db.session("b", "main").await.expect("an answer"), Some(session("b", 1)));
    let sites: Vec<String> =
        db.sessions().await.expect("a list").into_iter().map(|one| one.site).collect();
    assert_eq!(sites, ["a", "b"]);
}

async fn a_writer_who_read_an_old_revision_changes_nothing(db: &dyn Db) {
    assert!(!db.put_session(&session("a", 2)).await.expect("an answer"), "there is no first one");
    assert!(db.put_session(&session("a", 1)).await.expect("written"));
    assert!(db.put_session(&session("a", 2)).await.expect("written"));
    for old in [1, 2, 4] {
        assert!(!db.put_session(&session("a", old)).await.expect("an answer"), "{old}");
    }
    assert_eq!(db.session("a", "main").await.expect("an answer"), Some(session("a", 2)));
}

async fn a_dropped_session_is_gone(db: &dyn Db) {
    assert!(!db.drop_session("a", "main").await.expect("an answer"));
    db.put_session(&session("a", 1)).await.expect("written");
    assert!(db.drop_session("a", "main").await.expect("dropped"));
    assert_eq!(db.session("a", "main").await.expect("an answer"), None);
    assert!(db.put_session(&session("a", 1)).await.expect("written"), "it begins anew");
}
