//! Broadcasts that copy a message of the operator, and the message that shows how far they are.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use magpie::deliver::campaign::{self, Ahead};
use magpie::deliver::progress;
use magpie::domain::campaign::{
    Audience, CampaignId, CampaignOptions, CampaignState, NewCampaign, Wording,
};
use magpie::domain::message::{Action, Copied};
use magpie::domain::pace::Limits;
use magpie::domain::{Button, ChatId, DeliveryState, Language, Outgoing, OwnerId};
use magpie::store::{Committed, Effect, Follow, OperateEffect, UpdateCommit};
use magpie::telegram::Target;
use serde_json::{Value, json};

use super::campaign::{FIRST, end, met, start, until};
use super::post::Post;
use super::town::TOKEN;

/// The operator says something to the bot; answers the id of the message.
async fn said(post: &Post, text: &str) -> i64 {
    let act = json!({"bot": TOKEN, "user": FIRST, "text": text});
    post.town.say(act).await["message_id"].as_i64().expect("an id")
}

fn copies(ids: Vec<i64>, buttons: Vec<Vec<Button>>) -> NewCampaign {
    let copy = Some(Copied { from: ChatId(FIRST), ids });
    let message = Outgoing { copy, buttons, ..Outgoing::default() };
    NewCampaign {
        id: CampaignId("0123456789abcdef0123456789abcdef".into()),
        title: "News".into(),
        wording: Wording([(Language::En, message)].into()),
        audience: Audience::default(),
        options: CampaignOptions::default(),
        created_by: "user 701".into(),
    }
}

async fn begun(post: &Post, new: &NewCampaign) {
    let (db, now) = (&post.context.db, post.context.clock.now());
    assert_eq!(new.problems(), Vec::<String>::new());
    assert!(db.put_campaign(new, now).await.expect("a draft"));
    assert!(db.start_campaign(&new.id, now).await.expect("a start"));
}

/// What the bot wrote into a chat.
async fn written(post: &Post, chat: i64) -> Vec<Value> {
    let mut all = post.town.messages(chat).await;
    all.retain(|message| message["from"]["id"] == 77);
    all
}

#[tokio::test]
async fn a_copy_keeps_its_formatting_and_gets_the_buttons() {
    let post = met(6).await;
    let words = "We watch Lviv now: https://example.org/lviv #news";
    let original = said(&post, words).await;
    post.town.say(json!({"bot": TOKEN, "user": FIRST + 3, "block": true})).await;
    let open = Button { text: "Open".into(), action: Action::Url("https://example.org/".into()) };
    let new = copies(vec![original], vec![vec![open]]);
    let loops = start(&post, 8);
    begun(&post, &new).await;
    until(&post, &new.id, "everybody has a result", |progress| progress.ended() == 6).await;
    end(&post, loops).await;
    let progress = post.context.db.campaign_progress(&new.id).await.expect("progress");
    assert_eq!((progress.sent, progress.dropped), (5, 1), "one has blocked the bot");
    let first = post.town.messages(FIRST).await;
    let said = first.iter().find(|message| message["message_id"] == original).expect("it");
    assert!(said["entities"].as_array().is_some_and(|entities| !entities.is_empty()));
    for chat in (FIRST..FIRST + 6).filter(|chat| *chat != FIRST + 3) {
        let written = written(&post, chat).await;
        assert_eq!(written.len(), 1, "chat {chat}");
        assert_eq!(
            (&written[0]["text"], &written[0]["entities"]),
            (&said["text"], &said["entities"])
        );
        assert_eq!(written[0].get("forward_origin"), None);
        let button = &written[0]["reply_markup"]["inline_keyboard"][0][0];
        assert_eq!(
            (&button["text"], &button["url"]),
            (&json!("Open"), &json!("https://example.org/"))
        );
    }
    let calls = post.town.sends(FIRST + 1).await;
    assert!(calls.iter().all(|call| call["method"] == "copyMessage"), "{calls:?}");
}

#[tokio::test]
async fn an_album_goes_out_in_one_call_and_in_order() {
    let post = met(3).await;
    let ids = vec![said(&post, "one").await, said(&post, "two").await, said(&post, "three").await];
    let new = copies(ids, vec![]);
    let loops = start(&post, 8);
    begun(&post, &new).await;
    until(&post, &new.id, "all are sent", |progress| progress.sent == 3).await;
    end(&post, loops).await;
    for chat in FIRST + 1..FIRST + 3 {
        assert_eq!(post.texts(chat).await, ["one", "two", "three"]);
        let calls = post.town.sends(chat).await;
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0]["method"], "copyMessages");
    }
}

#[tokio::test]
async fn a_message_that_is_gone_is_no_empty_message() {
    let post = met(2).await;
    let new = copies(vec![9_999], vec![]);
    let loops = start(&post, 8);
    begun(&post, &new).await;
    until(&post, &new.id, "everybody has a result", |progress| progress.ended() == 2).await;
    end(&post, loops).await;
    let progress = post.context.db.campaign_progress(&new.id).await.expect("progress");
    assert_eq!(progress.dead, 2);
    assert_eq!(post.town.sends(FIRST + 1).await.len(), 1, "no other form is tried");
    assert!(written(&post, FIRST + 1).await.is_empty());
}

#[tokio::test]
async fn a_kill_in_the_middle_writes_to_nobody_twice_and_loses_nobody() {
    const PEOPLE: i64 = 60;
    let mut post = met(PEOPLE).await;
    post.options.limits = Limits { gap_us: 4_000, ..Limits::OFF };
    let new = copies(vec![said(&post, "News").await], vec![]);
    let mut loops = start(&post, 20);
    begun(&post, &new).await;
    until(&post, &new.id, "some are sent", |progress| progress.sent >= 10).await;
    // As a process that is killed: nothing is settled, nothing is said.
    loops.abort_all();
    while loops.join_next().await.is_some() {}
    let (db, now) = (post.context.db.clone(), post.context.clock.now());
    db.bury_instance(&post.context.owner, now).await.expect("a burial");
    post.context.owner = OwnerId("the next one".into());
    let loops = start(&post, 20);
    until(&post, &new.id, "everybody has a result", |progress| progress.ended() == PEOPLE).await;
    end(&post, loops).await;
    let unknown = db.recipients(&new.id, Some(DeliveryState::Unknown), 0, 1_000).await.expect("it");
    let unknown: BTreeSet<i64> = unknown.iter().map(|one| one.chat.0).collect();
    let progress = db.campaign_progress(&new.id).await.expect("progress");
    assert_eq!(progress.sent + progress.unknown, PEOPLE, "{progress:?}");
    for chat in FIRST..FIRST + PEOPLE {
        let many = written(&post, chat).await.len();
        assert!(many == 1 || (many == 0 && unknown.contains(&chat)), "chat {chat}: {many}");
    }
}

/// The operator presses "send": the broadcast starts and its progress is shown in a message of the bot.
async fn followed(post: &Post, id: &CampaignId, now: DateTime<Utc>) -> i64 {
    let target = Target { chat: ChatId(FIRST), thread: None };
    let sent = post.context.messenger.send(target, &Outgoing::text("a card")).await;
    let message_id = sent.expect("sent").id();
    let follow = Follow {
        campaign: id.clone(),
        chat: ChatId(FIRST),
        thread: None,
        message_id,
        language: Language::En,
        press_stop: "1:j:bs-0:jh".into(),
        press_card: "1:j:bc-0:jh".into(),
        begins: true,
    };
    let effects = [OperateEffect::Start(id.clone(), now), OperateEffect::Follow(Box::new(follow))];
    let commit = UpdateCommit {
        bot: 1,
        update: 5_000,
        kind: "callback_query".into(),
        received_at: now,
        dialogue: None,
        effects: effects.map(Effect::Operate).to_vec(),
        replies: vec![],
        owner: OwnerId("bot".into()),
        limits: Limits::OFF,
        dues: magpie::store::Dues::None,
    };
    let committed = post.context.db.commit_update(&commit).await.expect("a commit");
    assert!(matches!(committed, Committed::Applied { .. }));
    message_id
}

#[tokio::test]
async fn progress_is_edited_in_place_until_it_is_done() {
    let post = met(5).await;
    let new = copies(vec![said(&post, "News").await], vec![]);
    // An edit that is written a little later is due by now.
    let begin = post.context.clock.now() - TimeDelta::minutes(2);
    let db = post.context.db.clone();
    assert!(db.put_campaign(&new, begin).await.expect("a draft"));
    let card = followed(&post, &new.id, begin).await;
    let after = |seconds| begin + TimeDelta::seconds(seconds);
    let shown = async || {
        let all = post.town.messages(FIRST).await;
        let found = all.iter().find(|message| message["message_id"] == card).expect("the card");
        found.clone()
    };
    assert_eq!(progress::step(&*db, after(2)).await.expect("a step"), 0, "not before four seconds");
    campaign::step(&*db, &post.context, Ahead { free: 2, paid: 2 }).await.expect("a round");
    assert_eq!(progress::step(&*db, after(10)).await.expect("a step"), 1);
    assert_eq!(progress::step(&*db, after(20)).await.expect("a step"), 0, "one is under way");
    post.drain().await;
    let now = shown().await;
    let text = now["text"].as_str().expect("words");
    assert!(text.contains("Sent: 0 of 5") && text.contains("Left: 5"), "{text}");
    let labels = now["reply_markup"]["inline_keyboard"][0].as_array().expect("buttons").len();
    assert_eq!(labels, 2, "stop and refresh");
    for _ in 0..5 {
        campaign::step(&*db, &post.context, Ahead { free: 2, paid: 2 }).await.expect("a round");
        post.drain().await;
    }
    let state = db.campaign(&new.id).await.expect("it").expect("it").state;
    assert_eq!(state, CampaignState::Done);
    assert_eq!(progress::step(&*db, after(30)).await.expect("a step"), 1);
    post.drain().await;
    let text = shown().await["text"].as_str().expect("words").to_owned();
    assert!(text.contains("done") && text.contains("Sent: 5 of 5"), "{text}");
    assert_eq!(progress::step(&*db, after(60)).await.expect("a step"), 0, "that was the last one");
    let edits = post.town.sends(FIRST).await;
    let edits = edits.iter().filter(|call| call["method"] == "editMessageText").count();
    assert_eq!(edits, 2);
}
