//! Files of watches that people send to the bot.

use std::sync::Arc;

use axum::body::Bytes;
use magpie::bot::decide;
use magpie::bot::handle::{Handled, Handler};
use magpie::domain::import::MOST_BYTES;
use magpie::domain::{Outgoing, UserId, Watch};
use magpie::store::{Db, SourceFilter, SqlDb, WatchFilter, WatchRecord};
use serde_json::json;

use super::handle::handler;
use super::house::{open, says};
use super::telegram::{Asked, FakeTelegram};

const TABLE: &str = "name,urls,max_price\n\
    Lofts,https://demo.example/search?q=loft,900\n\
    Again,https://demo.example/search?q=loft,900\n\
    Wrong,https://demo.example/search?q=x,nine\n\
    Bikes,https://demo.example/search?q=bike,\n";

struct Room {
    db: SqlDb,
    telegram: Arc<FakeTelegram>,
    handler: Arc<Handler>,
    _folder: tempfile::TempDir,
}

async fn room() -> Room {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, telegram) = (open(&folder).await, Arc::<FakeTelegram>::default());
    let handler = handler(&db, &telegram, "a", decide);
    Room { db, telegram, handler, _folder: folder }
}

fn sends(update: i64, chat: &str, name: &str, size: usize) -> Bytes {
    let id = if chat == "private" { 11 } else { -100 };
    let body = json!({ "update_id": update, "message": {
        "message_id": update, "date": 1_760_000_000,
        "from": { "id": 11, "is_bot": false, "first_name": "Anna", "language_code": "en" },
        "chat": { "id": id, "type": chat },
        "document": { "file_id": "F1", "file_unique_id": "u", "file_name": name, "file_size": size },
    } });
    body.to_string().into()
}

impl Room {
    async fn handle(&self, body: Bytes) -> Handled {
        self.handler.handle(body).await
    }

    async fn watches(&self) -> Vec<Watch> {
        let filter = WatchFilter { user: Some(UserId(11)), ..WatchFilter::default() };
        self.db.watches(&filter).await.expect("watches")
    }

    /// The messages, once there are so many.
    async fn said(&self, count: usize) -> Vec<Outgoing> {
        let message = |asked: &Asked| match asked {
            Asked::Send(_, message) => Some(message.clone()),
            _ => None,
        };
        let all = self.telegram.until(|all| all.iter().filter_map(message).count() >= count).await;
        all.iter().filter_map(message).collect()
    }
}

#[tokio::test]
async fn good_rows_are_watched_and_each_row_has_its_line() {
    let room = room().await;
    room.telegram.hold_file("F1", TABLE.as_bytes());
    assert_eq!(room.handle(sends(1, "private", "mine.CSV", TABLE.len())).await, Handled::Applied);
    let said = room.said(1).await;
    assert_eq!(
        said[0].text,
        "Line 2: “Lofts” is watched from now on.\n\
         Line 3: the same as line 2.\n\
         Line 4, max_price “nine”: this is no amount; write 900 or 900.50.\n\
         Line 5: “Bikes” is watched from now on.\n\n\
         2 added, 0 there already, 1 twice in the file, 0 beyond the plan, 1 with problems."
    );
    let watches = room.watches().await;
    let names: Vec<&str> = watches.iter().map(|watch| watch.name.as_str()).collect();
    assert_eq!(names.len(), 2);
    let lofts = watches.iter().find(|watch| watch.name == "Lofts").expect("it is there");
    assert_eq!(lofts.filter.max_price, Some(90_000));
    let sources = room.db.sources(&SourceFilter::default()).await.expect("sources");
    assert!(sources.len() == 2 && sources.iter().all(|source| !source.spec.offered));
    // The same update again, and the same file again: nothing changes.
    assert_eq!(room.handle(sends(1, "private", "mine.csv", TABLE.len())).await, Handled::Repeat);
    assert_eq!(room.handle(sends(2, "private", "mine.csv", TABLE.len())).await, Handled::Applied);
    let said = room.said(2).await;
    assert!(said[1].text.contains("Line 2: “Lofts” is watched already."), "{}", said[1].text);
    assert_eq!(room.watches().await, watches);
}

#[tokio::test]
async fn what_is_exported_is_there_already_when_it_is_imported() {
    let room = room().await;
    room.telegram.hold_file("F1", TABLE.as_bytes());
    room.handle(sends(1, "private", "a.csv", 10)).await;
    room.handle(says(2, 11, "/export").to_string().into()).await;
    let said = room.said(2).await;
    let file = said[1].document.as_ref().expect("a file");
    assert_eq!(file.name, "watches.csv");
    room.telegram.hold_file("F1", file.content.as_bytes());
    room.handle(sends(3, "private", &file.name, file.content.len())).await;
    let said = room.said(3).await;
    assert!(said[2].text.contains("0 added, 2 there already"), "{}", said[2].text);
}

#[tokio::test]
async fn a_file_that_cannot_be_got_or_used_is_answered_and_the_update_is_done() {
    let room = room().await;
    assert_eq!(room.handle(sends(1, "private", "a.csv", 10)).await, Handled::Applied);
    let said = room.said(1).await;
    assert!(said[0].text.starts_with("I could not get the file"), "{}", said[0].text);
    room.telegram.hold_file("F1", &vec![b'x'; MOST_BYTES + 5]);
    room.handle(sends(2, "private", "a.csv", 10)).await;
    assert!(room.said(2).await[1].text.starts_with("The file is larger than 1 MB"));
    let asked = room.telegram.asked().len();
    room.handle(sends(3, "private", "a.json", MOST_BYTES + 1)).await;
    assert!(room.said(3).await[2].text.starts_with("The file is larger than 1 MB"));
    let files = |all: &[Asked]| all.iter().filter(|one| matches!(one, Asked::File(_))).count();
    let all = room.telegram.asked();
    assert_eq!(files(&all[asked..]), 0, "a file that is said to be large is not asked for");
    assert_eq!(room.watches().await, []);
}

#[tokio::test]
async fn other_files_go_to_support_and_files_in_groups_to_nobody() {
    let room = room().await;
    room.telegram.hold_file("F1", TABLE.as_bytes());
    room.handle(sends(1, "private", "cv.pdf", 10)).await;
    assert!(room.said(1).await[0].text.starts_with("Thank you"));
    assert_eq!(room.handle(sends(2, "supergroup", "a.csv", 10)).await, Handled::Ignored);
    let all = room.telegram.asked();
    assert!(!all.iter().any(|one| matches!(one, Asked::File(_))), "nothing was asked for");
    assert_eq!(room.watches().await, []);
}

#[tokio::test]
async fn a_long_report_comes_as_a_file() {
    let room = room().await;
    let mut table = "urls\n".to_owned();
    for number in 0..80 {
        table.push_str(&format!("https://demo.example/search?q={number}\nnonsense{number}\n"));
    }
    room.telegram.hold_file("F1", table.as_bytes());
    room.handle(sends(1, "private", "a.csv", table.len())).await;
    let said = room.said(1).await;
    let report = said[0].document.as_ref().expect("a file");
    assert_eq!((report.name.as_str(), room.watches().await.len()), ("report.txt", 80));
    assert!(report.content.lines().filter(|line| line.starts_with("Line ")).count() == 160);
    assert!(said[0].text.starts_with("80 added"), "{}", said[0].text);
}
