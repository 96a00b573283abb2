//! Pictures: uploaded, named by address, by id, in albums.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::support::{ANN, Bench, TOKEN, photo};

async fn upload(bench: &Bench, bytes: Vec<u8>) -> Value {
    let form = Form::new()
        .text("chat_id", ANN.to_string())
        .text("caption", "c")
        .part("photo", Part::bytes(bytes).file_name("p.jpg"));
    let url = bench.url(&format!("/bot{TOKEN}/sendPhoto"));
    bench.http.post(url).multipart(form).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn an_uploaded_picture_comes_back_by_its_id() {
    let bench = Bench::new().await;
    let bytes = photo(&bench).await;
    let sent = upload(&bench, bytes.clone()).await["result"].clone();
    let best = sent["photo"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&best["width"], &best["height"]), (&json!(480), &json!(360)));
    let again = json!({"chat_id": ANN, "photo": best["file_id"]});
    let second = bench.ok("sendPhoto", again).await;
    assert_eq!(
        second["photo"].as_array().unwrap().last().unwrap()["file_unique_id"],
        best["file_unique_id"]
    );
    let file = bench.ok("getFile", json!({"file_id": best["file_id"]})).await;
    let path = file["file_path"].as_str().unwrap();
    let url = bench.url(&format!("/file/bot{TOKEN}/{path}"));
    let back = bench.http.get(url).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(back, bytes);
}

#[tokio::test]
async fn a_file_of_a_user_is_handed_out_for_an_hour_and_up_to_20_mb() {
    let bench = Bench::new().await;
    let sends = async |content: &str| {
        let document = json!({"name": "a b.csv", "content": content});
        bench.say(json!({"user": ANN, "document": document, "text": "mine"})).await;
        let updates = bench.ok("getUpdates", json!({"offset": -1})).await;
        updates[0]["message"].clone()
    };
    let message = sends("name,urls\n").await;
    assert_eq!(
        (&message["caption"], &message["document"]["file_size"]),
        (&json!("mine"), &json!(10))
    );
    assert_eq!(message["document"]["file_name"], "ab.csv");
    let file = bench.ok("getFile", json!({"file_id": message["document"]["file_id"]})).await;
    let path = file["file_path"].as_str().unwrap().to_owned();
    let get = async |path: &str| {
        let url = bench.url(&format!("/file/bot{TOKEN}/{path}"));
        let answer = bench.http.get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(get(&path).await, (200, "name,urls\n".to_owned()));
    assert_eq!(get("documents/none").await.0, 404, "a path that getFile never named");
    bench.advance(3_599_000);
    assert_eq!(get(&path).await.0, 200);
    bench.advance(1_000);
    assert_eq!(get(&path).await.0, 404, "the hour is over");
    let large = sends(&"x".repeat(20 * 1024 * 1024 + 1)).await;
    let id = json!({"file_id": large["document"]["file_id"]});
    let refused = bench.refused("getFile", id).await;
    assert_eq!(refused, (400, "Bad Request: file is too big".to_owned()));
}

#[tokio::test]
async fn bad_uploads_are_refused_with_their_codes() {
    let bench = Bench::new().await;
    let mut wide = photo(&bench).await;
    let frame = wide.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    wide[frame + 7..frame + 9].copy_from_slice(&12_000u16.to_be_bytes());
    let mut large = photo(&bench).await;
    large.resize(11 * 1024 * 1024, 0);
    let cases = [
        (b"no picture".to_vec(), "IMAGE_PROCESS_FAILED"),
        (wide, "PHOTO_INVALID_DIMENSIONS"),
        (
            large,
            "file of size 11534336 bytes is too big for a photo; the maximum size is 10485760 bytes",
        ),
        (Vec::new(), "file must be non-empty"),
    ];
    for (bytes, text) in cases {
        let body = upload(&bench, bytes).await;
        assert_eq!(body["description"], format!("Bad Request: {text}"));
    }
}

#[tokio::test]
async fn pictures_by_address_have_three_ways_to_fail() {
    let bench = Bench::new().await;
    let by = |address: String| json!({"chat_id": ANN, "photo": address});
    let sent = bench.ok("sendPhoto", by(bench.url("/demo/photos/g-1001.jpg"))).await;
    assert_eq!(sent["photo"].as_array().unwrap().len(), 2);
    let cases = [
        ("http://".to_owned(), "wrong HTTP URL specified"),
        ("ftp://example.com/a.jpg".to_owned(), "wrong HTTP URL specified"),
        (bench.url("/demo/photos/none.jpg"), "failed to get HTTP URL content"),
        ("http://127.0.0.1:9/a.jpg".to_owned(), "failed to get HTTP URL content"),
        (bench.url("/demo/goods"), "wrong type of the web page content"),
        ("some-file-id".to_owned(), "wrong file identifier/HTTP URL specified"),
    ];
    for (address, text) in cases {
        let (_, description) = bench.refused("sendPhoto", by(address)).await;
        assert_eq!(description, format!("Bad Request: {text}"));
    }
    let none = bench.refused("sendPhoto", json!({"chat_id": ANN})).await;
    assert_eq!(none.1, "Bad Request: there is no photo in the request");
    let long = json!({"chat_id": ANN, "photo": "x", "caption": "a".repeat(1_025)});
    assert_eq!(
        bench.refused("sendPhoto", long).await.1,
        "Bad Request: message caption is too long"
    );
}

#[tokio::test]
async fn a_file_id_belongs_to_one_bot() {
    let bench = Bench::new().await;
    let sent = bench
        .ok("sendPhoto", json!({"chat_id": ANN, "photo": bench.url("/demo/photos/g-1001.jpg")}))
        .await;
    let id = sent["photo"][1]["file_id"].as_str().unwrap();
    bench.say(json!({"user": ANN, "bot": "777:other", "meet": true})).await;
    let body = bench.get(&format!("/bot777:other/sendPhoto?chat_id={ANN}&photo={id}")).await;
    assert_eq!(body["description"], "Bad Request: wrong file identifier/HTTP URL specified");
}

#[tokio::test]
async fn albums_share_an_id_and_fail_as_a_whole() {
    let bench = Bench::new().await;
    let good = bench.url("/demo/photos/g-1001.jpg");
    let item = |address: &str| json!({"type": "photo", "media": address});
    let album = |items: Vec<Value>| json!({"chat_id": ANN, "media": items});
    let sent = bench.ok("sendMediaGroup", album(vec![item(&good), item(&good), item(&good)])).await;
    let ids: Vec<&Value> =
        sent.as_array().unwrap().iter().map(|message| &message["media_group_id"]).collect();
    assert!(ids.len() == 3 && ids.iter().all(|id| *id == ids[0] && id.is_string()));
    let before = bench.get(&format!("/_sandbox/chats/{ANN}/messages")).await["messages"]
        .as_array()
        .unwrap()
        .len();
    let bad = bench.url("/demo/goods");
    let broken = bench.refused("sendMediaGroup", album(vec![item(&good), item(&bad)])).await;
    assert_eq!(
        broken.1,
        "Bad Request: failed to send message #2 with the error message \"wrong type of the web page content\""
    );
    let empty = bench.refused("sendMediaGroup", album(Vec::new())).await;
    assert_eq!(empty.1, "Bad Request: there are no messages to send");
    let many = bench.refused("sendMediaGroup", album(vec![item(&good); 11])).await;
    assert_eq!(many.1, "Bad Request: too many messages to send as an album");
    let after = bench.get(&format!("/_sandbox/chats/{ANN}/messages")).await;
    assert_eq!(
        after["messages"].as_array().unwrap().len(),
        before,
        "nothing of a failed album stays"
    );
}

#[tokio::test]
async fn users_send_photos_that_bots_can_copy() {
    let bench = Bench::new().await;
    let sent = bench.say(json!({"user": 1002, "photo": "g-1001", "text": "broken?"})).await;
    let update = bench.updates(json!({"offset": -1})).await[0]["message"].clone();
    assert_eq!(
        (&update["caption"], update["photo"].as_array().unwrap().len()),
        (&json!("broken?"), 2)
    );
    let copy = json!({"chat_id": ANN, "from_chat_id": 1002, "message_id": sent["message_id"]});
    bench.ok("copyMessage", copy).await;
    let seen = bench.get(&format!("/_sandbox/chats/{ANN}/messages")).await;
    let url = seen["messages"][0]["media_url"].as_str().unwrap();
    assert_eq!(bench.page(url).await, bench.page("/demo/photos/g-1001.jpg").await);
}
