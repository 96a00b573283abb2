//! Broadcasts from the command line to the chats: the pump, the sender, and a hand on the brake.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, FromArgMatches};
use magpie::cli::broadcast;
use magpie::cli::table::Screen;
use magpie::clock::SystemClock;
use magpie::deliver::campaign::{self, Ahead};
use magpie::deliver::sender;
use magpie::domain::campaign::{CampaignId, CampaignState, Progress};
use magpie::domain::pace::Limits;
use magpie::domain::{ChatId, ChatKind, Language, OwnerId, UserId};
use magpie::shutdown::Stage;
use magpie::store::{Committed, Effect, UpdateCommit};
use tokio::task::JoinSet;

use super::post::Post;

pub(super) const FIRST: i64 = 701;

/// Longest wait for something that must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// People who have met the bot.
pub(super) async fn met(people: i64) -> Post {
    let ids: Vec<i64> = (FIRST..FIRST + people).collect();
    let mut post = Post::with_people(&ids).await;
    post.context.clock = Arc::new(SystemClock);
    for id in ids {
        let effect = Effect::Meet {
            user: UserId(id),
            chat: ChatId(id),
            kind: ChatKind::Private,
            language: if id % 2 == 0 { Language::Uk } else { Language::En },
        };
        let commit = UpdateCommit {
            bot: 1,
            update: id,
            kind: "message".into(),
            received_at: post.context.clock.now(),
            dialogue: None,
            effects: vec![effect],
            replies: vec![],
            owner: OwnerId("bot".into()),
            limits: Limits::OFF,
            dues: Default::default(),
        };
        let committed = post.context.db.commit_update(&commit).await.expect("a commit");
        assert!(matches!(committed, Committed::Applied { .. }));
    }
    post
}

/// Runs a command as an operator would; answers what it printed.
async fn operate(post: &Post, words: &[&str]) -> anyhow::Result<String> {
    let command = broadcast::Args::augment_args(clap::Command::new("x").no_binary_name(true));
    let matches = command.try_get_matches_from(words).unwrap_or_else(|error| panic!("{error}"));
    let args = broadcast::Args::from_arg_matches(&matches)?;
    let mut out = Vec::new();
    let (db, now) = (&*post.context.db, post.context.clock.now());
    broadcast::run(args, db, now, Screen::Plain, &mut out).await?;
    Ok(String::from_utf8(out)?)
}

/// A draft in two languages; answers its id.
async fn draft(post: &Post) -> CampaignId {
    let words = ["new", "--title", "News", "--text", "en=Hello", "--text", "uk=Вітаю"];
    let said = operate(post, &words).await.expect("a draft");
    CampaignId(said.split(' ').nth(1).expect("an id").to_owned())
}

/// The pump and the sender, as in a process.
pub(super) fn start(post: &Post, ahead: usize) -> JoinSet<()> {
    let mut loops = JoinSet::new();
    let (context, options) = (post.context.clone(), post.options.clone());
    let wake = options.wake.clone();
    loops.spawn(async move { sender::run(&context, options).await });
    let context = post.context.clone();
    let ahead = Ahead { free: ahead, paid: ahead };
    loops.spawn(async move { campaign::run(&context, ahead, wake).await });
    loops
}

pub(super) async fn until(
    post: &Post,
    id: &CampaignId,
    what: &str,
    holds: impl Fn(Progress) -> bool,
) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let progress = post.context.db.campaign_progress(id).await.expect("progress");
        if holds(progress) {
            return;
        }
        let late = tokio::time::Instant::now() > deadline;
        assert!(!late, "waited too long until {what}: {progress:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(super) async fn end(post: &Post, mut loops: JoinSet<()>) {
    post.context.shutdown.reach(Stage::Quiet);
    while let Some(ended) = loops.join_next().await {
        ended.expect("it does not break");
    }
}

#[tokio::test]
async fn a_broadcast_reaches_everybody_once_in_their_language() {
    let post = met(30).await;
    let id = draft(&post).await;
    let said = operate(&post, &["start", id.as_str()]).await.expect("a question");
    assert!(said.contains("30 chats (en 15, uk 15)") && said.contains("--yes"), "{said}");
    let loops = start(&post, 8);
    operate(&post, &["start", id.as_str(), "--yes"]).await.expect("a start");
    until(&post, &id, "all are sent", |progress| progress.sent == 30).await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let state = post.context.db.campaign(&id).await.expect("it").expect("is there").state;
        if state == CampaignState::Done {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "it is never done");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    end(&post, loops).await;
    for chat in FIRST..FIRST + 30 {
        assert_eq!(post.texts(chat).await, [if chat % 2 == 0 { "Вітаю" } else { "Hello" }]);
    }
    let shown = operate(&post, &["show", &id.as_str()[..12]]).await.expect("it is shown");
    assert!(shown.contains("sent") && shown.contains("30"), "{shown}");
}

#[tokio::test]
async fn a_stopped_broadcast_goes_on_without_writing_to_anybody_twice() {
    let mut post = met(40).await;
    post.options.limits = Limits { gap_us: 20_000, ..Limits::OFF };
    let id = draft(&post).await;
    let loops = start(&post, 10);
    operate(&post, &["start", id.as_str(), "--yes"]).await.expect("a start");
    until(&post, &id, "some are sent", |progress| progress.sent >= 5).await;
    let said = operate(&post, &["stop", id.as_str()]).await.expect("a stop");
    assert!(said.contains("is stopped"), "{said}");
    assert!(operate(&post, &["stop", id.as_str()]).await.is_err(), "it does not run");
    until(&post, &id, "nothing is under way", |progress| progress.under_way == 0).await;
    let stopped = post.context.db.campaign_progress(&id).await.expect("progress");
    assert!(stopped.waiting > 0 && stopped.sent + stopped.waiting == 40, "{stopped:?}");
    // Rounds of the pump pass, and nothing is sent.
    for _ in 0..3 {
        campaign::step(&*post.context.db, &post.context, Ahead { free: 10, paid: 10 })
            .await
            .expect("a round");
    }
    assert_eq!(post.context.db.campaign_progress(&id).await.expect("progress"), stopped);
    let said = operate(&post, &["start", id.as_str()]).await.expect("a question");
    assert!(said.contains(&format!("{} of 40 still wait", stopped.waiting)), "{said}");
    operate(&post, &["start", id.as_str(), "--yes"]).await.expect("a start");
    until(&post, &id, "all are sent", |progress| progress.sent == 40).await;
    end(&post, loops).await;
    for chat in FIRST..FIRST + 40 {
        assert_eq!(post.texts(chat).await.len(), 1, "chat {chat}");
    }
}

#[tokio::test]
async fn a_test_goes_to_one_chat_and_the_draft_can_be_dropped() {
    let post = met(2).await;
    let id = draft(&post).await;
    let chat = FIRST.to_string();
    let words = ["test", id.as_str(), "--chat", &chat, "--language", "uk"];
    operate(&post, &words).await.expect("a test");
    post.step().await;
    assert_eq!(post.texts(FIRST).await, ["Вітаю"]);
    assert!(post.texts(FIRST + 1).await.is_empty());
    let listed = operate(&post, &["list", "--json"]).await.expect("a list");
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed[0]["state"], "draft");
    operate(&post, &["remove", id.as_str()]).await.expect("it goes");
    assert!(operate(&post, &["show", id.as_str()]).await.is_err());
}

#[tokio::test]
async fn an_empty_broadcast_is_refused_with_all_that_is_wrong() {
    let post = met(1).await;
    let words = ["new", "--title", " ", "--text", "en= ", "--plan", "pro", "--without-plan"];
    let error = operate(&post, &words).await.expect_err("it is empty");
    let said = format!("{error:#}");
    for part in ["no title", "message in en is empty", "no plan"] {
        assert!(said.contains(part), "{said}");
    }
}
