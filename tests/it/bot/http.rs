//! Updates over HTTP, against a record in a file.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use magpie::bot::callback::Callback;
use magpie::bot::http::{Mode, Parts};
use magpie::bot::webhook::HookKeys;
use magpie::clock::SystemClock;
use magpie::domain::message::Action;
use magpie::domain::{Outgoing, UserId};
use magpie::shutdown::Stage;
use magpie::store::{Db, SqlSeen};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::house::{House, TOKEN, presses, says};
use super::telegram::{Asked, FakeTelegram};

fn watch(user: i64, title: &str) -> String {
    Callback::Watch(House::source(title)).encode(UserId(user)).expect("it fits")
}

#[tokio::test]
async fn an_update_is_answered_after_its_commit_and_its_reply_is_sent() {
    let mut house = House::webhook().await;
    assert_eq!(house.deliver(&says(1, 11, "/start")).await.status, 200);
    assert!(house.view(11).await.user.is_some(), "committed before the answer");
    house.telegram.until(|asked| asked.iter().any(|a| matches!(a, Asked::Send(..)))).await;
    assert!(house.telegram.texts()[0].starts_with("Hello!"));
    let pressed = house.deliver(&presses(2, 11, 11, &watch(11, "Demo flats"))).await;
    assert_eq!(pressed.status, 200);
    assert_eq!(house.view(11).await.watches.len(), 1);
    let answered = |asked: &[Asked]| asked.iter().any(|a| matches!(a, Asked::Answer(..)));
    house.telegram.until(answered).await;
    house.stop().await;
    let edited = |asked: &Asked| matches!(asked, Asked::Send(_, m) if m.edit == Some(5));
    assert!(house.telegram.asked().iter().any(edited));
    let unsettled = house.db.outbox_stats().await.expect("counts").by_state;
    assert!(unsettled.iter().all(|(state, count)| state.as_str() == "sent" || *count == 0));
}

#[tokio::test]
async fn a_forged_call_is_refused_unread_and_changes_nothing() {
    let house = House::webhook().await;
    let secret = house.keys.secret().to_owned();
    let header = |value: &str| format!("X-Telegram-Bot-Api-Secret-Token: {value}\r\n");
    let forged = [
        String::new(),
        header(""),
        header("wrong"),
        header(&secret.to_uppercase()),
        header(&secret[..secret.len() - 1]),
        header(&format!("{secret}0")),
        header(&secret) + &header("wrong"),
        header("wrong") + &header(&secret),
    ];
    let body = says(1, 11, "/start").to_string();
    for head in &forged {
        let answer = house.post(&house.keys.path(), head, body.as_bytes()).await;
        assert_eq!(answer.status, 401, "{head}");
        // The body was announced but never sent: an answer comes all the same.
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n\
             Content-Length: 60000\r\n{head}\r\n",
            house.keys.path()
        );
        assert_eq!(house.raw(head.as_bytes()).await.status, 401);
    }
    assert!(house.view(11).await.user.is_none());
    let twice = header(&secret) + &header(&secret);
    assert_eq!(house.post(&house.keys.path(), &twice, body.as_bytes()).await.status, 200);
}

#[tokio::test]
async fn only_the_right_path_and_method_lead_to_the_bot() {
    let house = House::webhook().await;
    let head = format!("X-Telegram-Bot-Api-Secret-Token: {}\r\n", house.keys.secret());
    let body = says(1, 11, "/start").to_string();
    let upper = house.keys.path().to_uppercase().replace("/TELEGRAM/", "/telegram/");
    let longer = format!("{}0", house.keys.path());
    for path in ["/telegram/0", "/telegram/", "/telegram/77:canary-of-the-token", &upper, &longer] {
        assert_eq!(house.post(path, &head, body.as_bytes()).await.status, 404, "{path}");
    }
    assert_eq!(house.get(&house.keys.path()).await.status, 405);
    assert!(house.view(11).await.user.is_none());
}

#[tokio::test]
async fn a_body_over_the_cap_is_refused_early_whether_it_says_so_or_not() {
    let house = House::webhook().await;
    let secret = format!("X-Telegram-Bot-Api-Secret-Token: {}\r\n", house.keys.secret());
    let start = format!(
        "POST {} HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n{secret}",
        house.keys.path()
    );
    let said = format!("{start}Content-Length: 100000000\r\n\r\n");
    assert_eq!(house.raw(said.as_bytes()).await.status, 413);
    let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
    let unsaid = format!("{start}Transfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(3));
    assert_eq!(house.raw(unsaid.as_bytes()).await.status, 413);
    let text = format!("{start}Content-Length: 2\r\n\r\n{{}}").replace("/json", "/xml");
    assert_eq!(house.raw(text.as_bytes()).await.status, 415);
}

#[tokio::test]
async fn slow_bodies_do_not_delay_others() {
    let house = House::webhook().await;
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n\
         X-Telegram-Bot-Api-Secret-Token: {}\r\nContent-Length: 1000\r\n\r\n{{",
        house.keys.path(),
        house.keys.secret()
    );
    let mut slow = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(house.address).await.expect("a connection");
        stream.write_all(head.as_bytes()).await.expect("written");
        slow.push(stream);
    }
    let update = says(1, 11, "/start");
    let quick = house.deliver(&update);
    let answer = tokio::time::timeout(Duration::from_secs(5), quick).await.expect("no delay");
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_ends_its_call() {
    let house = House::webhook().await;
    let handler = Arc::new(OnceLock::new());
    let telegram: Arc<FakeTelegram> = Arc::default();
    let decide = magpie::bot::decide::decide;
    assert!(handler.set(super::handle::handler(&house.db, &telegram, "b", decide)).is_ok());
    let clock = Arc::new(SystemClock);
    let router = magpie::bot::http::router(Parts {
        mode: Mode::Webhook,
        keys: Some(HookKeys::derive(&TOKEN.into(), None)),
        max_body: 1_000,
        read_limit: Duration::from_millis(50),
        updates_per_second: 0,
        handler,
        db: Arc::new(house.db.clone()),
        seen: Arc::new(SqlSeen::new(house.db.clone(), clock, Duration::from_secs(60))),
        messenger: telegram,
        render_metrics: Arc::new(String::new),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut stream =
        TcpStream::connect(listener.local_addr().expect("an address")).await.expect("connected");
    let serving = tokio::spawn(magpie::bot::http::serve(listener, router, house.shutdown.clone()));
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n\
         X-Telegram-Bot-Api-Secret-Token: {}\r\nContent-Length: 1000\r\n\r\n{{",
        house.keys.path(),
        house.keys.secret()
    );
    stream.write_all(head.as_bytes()).await.expect("written");
    let mut answer = String::new();
    let reading = stream.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(10), reading).await.expect("it ends").expect("read");
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    house.shutdown.reach(Stage::Quiet);
    serving.await.expect("no panic");
}

#[tokio::test]
async fn a_repeated_update_changes_nothing() {
    let mut house = House::webhook().await;
    let update = says(9, 11, "/watches");
    let (a, b, c, d, e) = tokio::join!(
        house.deliver(&update),
        house.deliver(&update),
        house.deliver(&update),
        house.deliver(&update),
        house.deliver(&update)
    );
    assert_eq!([a, b, c, d, e].map(|answer| answer.status), [200; 5]);
    assert_eq!(house.deliver(&update).await.status, 200);
    house.stop().await;
    assert_eq!(house.deliveries().await, 1);
    assert_eq!(house.telegram.texts().len(), 1);
    assert_eq!(house.view(11).await.dialogue.expect("a conversation").version, 1);
}

#[tokio::test]
async fn a_hundred_clicks_are_one_watch_and_every_click_is_answered() {
    let mut house = House::webhook().await;
    let data = watch(11, "Demo bikes");
    let clicks = (0..100).map(|click| {
        let update = presses(100 + click, 11, 11, &data);
        let house = &house;
        async move { house.deliver(&update).await.status }
    });
    let statuses = futures_util::future::join_all(clicks).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    house.stop().await;
    assert_eq!(house.view(11).await.watches.len(), 1);
    let is_answer = |asked: &&Asked| matches!(asked, Asked::Answer(..));
    assert_eq!(house.telegram.asked().iter().filter(is_answer).count(), 100);
}

#[tokio::test]
async fn garbage_and_unknown_kinds_are_answered_so_that_they_never_come_back() {
    let house = House::webhook().await;
    let bomb = format!("{{\"update_id\": 3, \"message\": {}", "[".repeat(60_000));
    let garbage: [&[u8]; 6] = [
        b"",
        b"{",
        b"[]",
        b"{\"update_id\": \"x\"}",
        b"{\"update_id\": 2, \"message\": \"\xff\"}",
        bomb.as_bytes(),
    ];
    for body in garbage {
        assert_eq!(house.deliver_bytes(body).await.status, 200);
        assert_eq!(house.deliver_bytes(body).await.status, 200, "again");
    }
    let unknown = [
        json!({ "update_id": 50, "tea_time": { "sugar": 2 } }),
        json!({ "update_id": 51, "edited_message": { "text": "/start" } }),
        json!({ "update_id": 52, "message": { "chat": { "id": -1, "type": "channel" } } }),
        json!({ "update_id": 53, "message": { "message_id": 1, "text": "/start",
            "from": { "id": 11, "is_bot": true }, "chat": { "id": -5, "type": "group" } } }),
    ];
    for update in unknown {
        assert_eq!(house.deliver(&update).await.status, 200, "{update}");
    }
    assert_eq!(house.deliveries().await, 0);
    assert_eq!(house.deliver(&says(60, 11, "/start")).await.status, 200);
}

#[tokio::test]
async fn while_the_record_is_down_updates_are_told_to_come_again() {
    let house = House::webhook().await;
    house.db.close().await;
    for body in [says(1, 11, "/start").to_string(), "garbage".to_owned()] {
        let answer = house.deliver_bytes(body.as_bytes()).await;
        assert_eq!(answer.status, 503);
        assert!(answer.head.contains("retry-after: 5"), "{}", answer.head);
    }
    let health = async {
        while house.get("/health").await.status != 503 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), health).await.expect("the health page knows");
}

#[tokio::test]
async fn buttons_of_one_person_do_nothing_for_another() {
    let mut house = House::webhook().await;
    let group = -500;
    let command = |update: i64, text: &str| {
        let mut update = says(update, 11, text);
        update["message"]["chat"] = json!({ "id": group, "type": "supergroup" });
        update
    };
    let mut update = 0;
    for text in ["/start", "/language"] {
        update += 1;
        assert_eq!(house.deliver(&command(update, text)).await.status, 200);
    }
    let press = presses(10, 11, group, &watch(11, "Demo flats"));
    assert_eq!(house.deliver(&press).await.status, 200);
    assert_eq!(house.deliver(&command(11, "/watches")).await.status, 200);
    let sends = |asked: &[Asked]| asked.iter().filter(|a| matches!(a, Asked::Send(..))).count();
    let asked = house.telegram.until(|asked| sends(asked) >= 4).await;
    let before = house.view_of(11, group).await;
    let mut tried = 0;
    for data in asked.iter().flat_map(buttons) {
        for chat in [group, 22] {
            update += 1;
            let answer = house.deliver(&presses(1_000 + update, 22, chat, &data)).await;
            assert_eq!(answer.status, 200);
            tried += 1;
        }
    }
    house.stop().await;
    assert!(tried >= 20, "only {tried} presses");
    assert_eq!(house.view_of(11, group).await, before);
    let stranger = house.view(22).await;
    assert!(stranger.user.is_none() && stranger.watches.is_empty());
    assert_eq!(sends(&house.telegram.asked()), sends(&asked), "nobody was written to");
}

fn buttons(asked: &Asked) -> Vec<String> {
    let Asked::Send(_, Outgoing { buttons, .. }) = asked else { return vec![] };
    let data = |button: &magpie::domain::Button| match &button.action {
        Action::Callback(data) => Some(data.clone()),
        Action::Url(_) | Action::App(_) => None,
    };
    buttons.iter().flatten().filter_map(data).collect()
}

#[tokio::test]
async fn blocked_and_unblocked_in_the_wrong_order_ends_as_the_dates_say() {
    let house = House::webhook().await;
    let member = |update: i64, status: &str, date: i64| {
        json!({ "update_id": update, "my_chat_member": {
            "chat": { "id": 11, "type": "private" }, "from": { "id": 11 }, "date": date,
            "old_chat_member": {}, "new_chat_member": { "status": status } } })
    };
    let press = presses(1, 11, 11, &watch(11, "Demo flats"));
    assert_eq!(house.deliver(&press).await.status, 200);
    let told = async || {
        let source = House::source("Demo flats");
        house.db.watches_of(&source).await.expect("watches").len()
    };
    assert_eq!(told().await, 1);
    assert_eq!(house.deliver(&member(3, "kicked", 2_000)).await.status, 200);
    assert_eq!(house.deliver(&member(2, "member", 1_999)).await.status, 200);
    assert_eq!(told().await, 0, "the block is younger");
    assert_eq!(house.deliver(&member(4, "member", 2_001)).await.status, 200);
    assert_eq!(told().await, 1);
}

#[tokio::test]
async fn probes_say_how_the_process_is_and_nothing_secret() {
    let mut house = House::webhook().await;
    let health = house.get("/health").await;
    let status = house.get("/status").await;
    let metrics = house.get("/metrics").await;
    assert_eq!((health.status, status.status, metrics.status), (200, 200, 200));
    assert!(health.body.contains("\"status\":\"ok\""), "{}", health.body);
    for part in
        ["\"bot_mode\":\"webhook\"", "\"application_running\":true", "\"pending_update_count\":0"]
    {
        assert!(status.body.contains(part), "{part} in {}", status.body);
    }
    assert_eq!(metrics.body, "magpie_updates_total 1\n");
    let all = format!("{health:?}{status:?}{metrics:?}");
    assert!(!all.contains("canary") && !all.contains(house.keys.secret()));
    let set = |asked: &Asked| match asked {
        Asked::SetWebhook(setting) => Some(setting.clone()),
        _ => None,
    };
    let asked = house.telegram.until(|asked| asked.iter().any(|one| set(one).is_some())).await;
    let settings: Vec<_> = asked.iter().filter_map(set).collect();
    assert_eq!(settings.len(), 1);
    assert_eq!(settings[0].url, format!("https://bot.example{}", house.keys.path()));
    assert_eq!(settings[0].allowed_updates, magpie::bot::webhook::ALLOWED_UPDATES);
    house.stop().await;
}
