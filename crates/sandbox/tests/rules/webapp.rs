//! Mini Apps: buttons, the menu, init data, data for the bot.

use serde_json::{Value, json};
use url::form_urlencoded;

use crate::support::{ANN, Bench, START, TOKEN};

const APP: &str = "https://app.example/app/";

fn inline(url: &str) -> Value {
    json!({"inline_keyboard": [[{"text": "Open", "web_app": {"url": url}}]]})
}

fn keys(url: &str) -> Value {
    json!({"keyboard": [[{"text": "Filters", "web_app": {"url": url}}, {"text": "Plain"}]]})
}

/// What stands behind the `#` of an opened app.
fn handed(happened: &Value) -> Vec<(String, String)> {
    let url = happened["app"]["url"].as_str().expect("an address");
    let (_, fragment) = url.split_once('#').expect("a fragment");
    form_urlencoded::parse(fragment.as_bytes()).into_owned().collect()
}

fn of<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

#[tokio::test]
async fn buttons_open_https_addresses_and_those_of_this_machine_in_private_chats() {
    let bench = Bench::new().await;
    let send = |markup: Value| json!({"chat_id": ANN, "text": "x", "reply_markup": markup});
    for url in [APP, "http://127.0.0.1:8089/app/", "http://localhost/app/", "http://[::1]:1/"] {
        bench.ok("sendMessage", send(inline(url))).await;
        bench.ok("sendMessage", send(keys(url))).await;
    }
    let only_https = |what: &str, url: &str| {
        format!("Bad Request: {what} Web App URL '{url}' is invalid: Only HTTPS links are allowed")
    };
    for url in ["http://app.example/", "http://10.0.0.1/", "ftp://app.example/"] {
        let (code, why) = bench.refused("sendMessage", send(inline(url))).await;
        assert_eq!((code, why), (400, only_https("inline keyboard button", url)));
        let (_, why) = bench.refused("sendMessage", send(keys(url))).await;
        assert_eq!(why, only_https("keyboard button", url));
    }
    let (_, why) = bench.refused("sendMessage", send(inline("app"))).await;
    assert!(why.ends_with("is invalid: URL host is empty"), "{why}");
    bench
        .say(json!({"user": ANN, "chat": -1005, "bot_status": "member",
        "group": {"type": "supergroup", "title": "Team"}}))
        .await;
    let to_group = |markup: Value| json!({"chat_id": -1005, "text": "x", "reply_markup": markup});
    let (_, why) = bench.refused("sendMessage", to_group(inline(APP))).await;
    assert_eq!(why, "Bad Request: BUTTON_TYPE_INVALID");
    let (_, why) = bench.refused("sendMessage", to_group(keys(APP))).await;
    assert_eq!(why, "Bad Request: web App buttons can be used in private chats only");
}

#[tokio::test]
async fn the_menu_button_is_remembered_for_all_and_for_one_chat() {
    let bench = Bench::new().await;
    let nothing = json!({});
    let menu = bench.ok("getChatMenuButton", nothing.clone()).await;
    assert_eq!(menu, json!({"type": "commands"}));
    let button = json!({"type": "web_app", "text": "App", "web_app": {"url": APP}});
    bench.ok("setChatMenuButton", json!({"menu_button": button})).await;
    assert_eq!(bench.ok("getChatMenuButton", nothing.clone()).await, button);
    let own = json!({"type": "commands"});
    bench.ok("setChatMenuButton", json!({"chat_id": ANN, "menu_button": own})).await;
    assert_eq!(bench.ok("getChatMenuButton", json!({"chat_id": ANN})).await, own);
    assert_eq!(bench.get("/_sandbox/chats").await["bots"][0]["menu"], button);
    bench.ok("setChatMenuButton", nothing.clone()).await;
    assert_eq!(bench.ok("getChatMenuButton", nothing).await, json!({"type": "commands"}));
    let bad = [
        json!({"menu_button": {"type": "web_app", "text": "App", "web_app": {"url": "http://a.example"}}}),
        json!({"menu_button": {"type": "web_app", "text": " ", "web_app": {"url": APP}}}),
        json!({"menu_button": {"type": "party"}}),
        json!({"menu_button": "nonsense"}),
        json!({"chat_id": 4, "menu_button": {"type": "commands"}}),
    ];
    for params in bad {
        assert_eq!(bench.refused("setChatMenuButton", params).await.0, 400);
    }
}

#[tokio::test]
async fn an_app_is_handed_data_that_only_the_bot_can_have_signed() {
    let bench = Bench::new().await;
    let markup = inline(APP);
    let sent = json!({"chat_id": ANN, "text": "x", "reply_markup": markup});
    let id = bench.ok("sendMessage", sent).await["message_id"].clone();
    let open = json!({"user": ANN, "open_app": {"message_id": id, "button": "Open", "dark": true}});
    let happened = bench.say(open.clone()).await;
    assert_eq!(happened["app"]["sends_data"], false);
    let pairs = handed(&happened);
    let theme: Value = serde_json::from_str(of(&pairs, "tgWebAppThemeParams").unwrap()).unwrap();
    assert_eq!(theme, happened["app"]["theme"]["dark"]);
    let data = of(&pairs, "tgWebAppData").expect("init data");
    let mut given: Vec<(String, String)> =
        form_urlencoded::parse(data.as_bytes()).into_owned().collect();
    assert_eq!(of(&given, "auth_date"), Some((START / 1_000).to_string().as_str()));
    let user: Value = serde_json::from_str(of(&given, "user").unwrap()).unwrap();
    assert_eq!((&user["id"], &user["language_code"]), (&json!(ANN), &json!("en")));
    assert!(user.get("is_bot").is_none(), "WebAppUser has it only for bots");
    // Checked by the recipe of the documentation, written anew here.
    let hash = of(&given, "hash").unwrap().to_owned();
    given.retain(|(key, _)| key != "hash");
    given.sort();
    let lines: Vec<String> = given.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let sign = |key: &[u8], text: &str| {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
        ring::hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
    };
    let signed = sign(&sign(b"WebAppData", TOKEN), &lines.join("\n"));
    assert_eq!(hash, signed.iter().map(|b| format!("{b:02x}")).collect::<String>());
    assert!(
        lines.iter().any(|line| line.starts_with("signature=")),
        "it is part of what is signed"
    );
    let line = bench.journal_line(|line| line["did"]["app"].is_object()).await;
    assert_eq!((&line["kind"], &line["user"]), (&json!("act"), &json!(ANN)));
    bench
        .ok(
            "setChatMenuButton",
            json!({"menu_button":
        {"type": "web_app", "text": "App", "web_app": {"url": APP}}}),
        )
        .await;
    let by_menu = bench.say(json!({"user": ANN, "open_app": {}})).await;
    assert!(of(&handed(&by_menu), "tgWebAppData").is_some());
}

#[tokio::test]
async fn an_app_of_a_key_gets_no_data_and_may_send_some_once() {
    let bench = Bench::new().await;
    bench.ok("sendMessage", json!({"chat_id": ANN, "text": "x", "reply_markup": keys(APP)})).await;
    let happened = bench.say(json!({"user": ANN, "open_app": {"key": "Filters"}})).await;
    assert_eq!(happened["app"]["sends_data"], true);
    assert_eq!(of(&handed(&happened), "tgWebAppData"), None, "a key hands over no person");
    bench.updates(json!({"offset": -1})).await;
    bench.say(json!({"user": ANN, "app_data": {"data": "{\"v\":1}"}})).await;
    let updates = bench.updates(json!({})).await;
    let message = &updates.last().expect("an update")["message"];
    let expected = json!({"data": "{\"v\":1}", "button_text": "Filters"});
    assert_eq!(message["web_app_data"], expected);
    assert_eq!(message["from"]["id"], json!(ANN));
    let url = bench.url("/_sandbox/say");
    let refused = [
        json!({"user": ANN, "app_data": {"data": ""}}),
        json!({"user": ANN, "app_data": {"data": "я".repeat(2_049)}}),
        json!({"user": ANN, "open_app": {"key": "Plain"}}),
        json!({"user": ANN, "open_app": {"message_id": 999}}),
        json!({"user": ANN, "open_app": {}}),
    ];
    for act in refused {
        let answer = bench.http.post(&url).json(&act).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 400, "{act}");
    }
    bench.say(json!({"user": ANN, "app_data": {"data": "я".repeat(2_048)}})).await;
}
