//! `magpie audit` and `magpie user reset` as an operator uses them.

use chrono::{DateTime, Utc};
use clap::{Args, FromArgMatches};
use magpie::cli::table::Screen;
use magpie::cli::{audit, user};
use magpie::domain::dialogue::Dialogue;
use magpie::domain::pace::Limits;
use magpie::domain::{ChatId, ChatKind, Language, OwnerId, UserId};
use magpie::store::{Db, Effect, UpdateCommit};

use crate::scratch::Scratch;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).expect("a date")
}

async fn user(db: &dyn Db, words: &[&str]) -> anyhow::Result<String> {
    let command = user::Args::augment_args(clap::Command::new("user").no_binary_name(true));
    let args = user::Args::from_arg_matches(&command.try_get_matches_from(words)?)?;
    let mut out = Vec::new();
    user::run(args, db, now(), Screen::Plain, &mut out).await?;
    Ok(String::from_utf8(out)?)
}

async fn audit(db: &dyn Db, words: &[&str]) -> String {
    let command = audit::Args::augment_args(clap::Command::new("audit").no_binary_name(true));
    let matches = command.try_get_matches_from(words).expect("a command");
    let args = audit::Args::from_arg_matches(&matches).expect("a command");
    let mut out = Vec::new();
    audit::run(args, db, now(), Screen::Plain, &mut out).await.expect("listed");
    String::from_utf8(out).expect("text")
}

async fn naming(db: &dyn Db) {
    let (chat, user, at) = (ChatId(7), UserId(7), now());
    let state = r#"{"step":"naming","watch":"w"}"#.to_owned();
    let meet = Effect::Meet { user, chat, kind: ChatKind::Private, language: Language::En };
    let commit = UpdateCommit {
        bot: 1,
        update: 1,
        kind: "message".into(),
        received_at: at,
        dialogue: Some(Dialogue { chat, user, state, at, version: 0 }),
        effects: vec![meet],
        replies: vec![],
        owner: OwnerId("bot".into()),
        limits: Limits::OFF,
        dues: magpie::store::Dues::None,
    };
    db.commit_update(&commit).await.expect("committed");
}

#[tokio::test]
async fn a_stuck_conversation_ends_and_that_is_written_down() {
    let db = Scratch::new();
    let unknown = user(&*db, &["reset", "7"]).await.expect_err("nobody");
    assert!(unknown.to_string().contains("was never met"), "{unknown}");
    assert_eq!(audit(&*db, &["list"]).await, "Nothing was done.\n");
    naming(&*db).await;
    let said = user(&*db, &["reset", "7"]).await.expect("done");
    assert!(said.contains("(1 was)"), "{said}");
    let listed = audit(&*db, &["list", "--action", "user."]).await;
    let line = listed.lines().nth(1).expect("a line");
    for word in ["command line", "user.reset", "user 7", "1 conversations"] {
        assert!(line.contains(word), "{line}");
    }
    let json = audit(&*db, &["list", "--json", "--target", "user 7"]).await;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json[0]["action"], "user.reset");
    assert_eq!(audit(&*db, &["list", "--target", "user 8"]).await, "Nothing was done.\n");
}
