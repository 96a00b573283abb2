//! setWebhook and delivery.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use sandbox::Options;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::{ANN, Bench, soon};

/// What the bot's server answers next; 200 when nothing is planned.
type Plan = Arc<Mutex<VecDeque<(u16, &'static str, &'static str)>>>;

struct Server {
    url: String,
    plan: Plan,
    arrived: mpsc::UnboundedReceiver<(HeaderMap, Value)>,
}

async fn server() -> Server {
    type Shared = (Plan, mpsc::UnboundedSender<(HeaderMap, Value)>);
    async fn take(
        State((plan, sender)): State<Shared>,
        headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        sender.send((headers, serde_json::from_slice(&body).unwrap())).unwrap();
        let (status, name, value) =
            plan.lock().unwrap().pop_front().unwrap_or((200, "x-nothing", ""));
        let status = StatusCode::from_u16(status).unwrap();
        if name == "body" {
            return (status, [("content-type", "application/json")], value).into_response();
        }
        (status, [(name, value)]).into_response()
    }
    let plan = Plan::default();
    let (sender, arrived) = mpsc::unbounded_channel();
    let router = Router::new().fallback(take).with_state((plan.clone(), sender));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Server { url, plan, arrived }
}

impl Server {
    async fn next(&mut self) -> Value {
        soon(self.arrived.recv()).await.unwrap().1
    }
}

async fn write(bench: &Bench, user: i64, text: &str) {
    bench.say(json!({"user": user, "text": text})).await;
}

#[tokio::test]
async fn an_update_arrives_with_its_secret() {
    let (bench, mut server) = (Bench::new().await, server().await);
    let hook = json!({"url": server.url, "secret_token": "s-1"});
    let answer: Value = bench.call("setWebhook", hook.clone()).await.unwrap().json().await.unwrap();
    assert_eq!(answer, json!({"ok": true, "result": true, "description": "Webhook was set"}));
    let answer: Value = bench.call("setWebhook", hook).await.unwrap().json().await.unwrap();
    assert_eq!(answer["description"], "Webhook is already set");
    write(&bench, ANN, "hello").await;
    let (headers, update) = soon(server.arrived.recv()).await.unwrap();
    assert_eq!(headers["x-telegram-bot-api-secret-token"], "s-1");
    assert_eq!(headers["content-type"], "application/json");
    assert!(!bench.page("/_sandbox/journal").await.contains("s-1"), "secrets stay out of it");
    assert_eq!(update["message"]["text"], "hello");
    bench.journal_line(|line| line["kind"] == "push" && line["decision"] == "accepted").await;
    assert_eq!(bench.ok("getWebhookInfo", json!({})).await["pending_update_count"], 0);
}

#[tokio::test]
async fn a_failed_update_is_repeated_and_holds_up_its_own_chat_only() {
    let (bench, mut server) = (Bench::new().await, server().await);
    bench.say(json!({"user": 1002, "meet": true})).await;
    server.plan.lock().unwrap().extend([(500, "x", ""), (500, "x", "")]);
    bench.ok("setWebhook", json!({"url": server.url})).await;
    write(&bench, ANN, "first").await;
    let (a, b) = (server.next().await, server.next().await);
    assert_eq!(a, b, "the first repetition comes at once and is the same");
    bench.journal_line(|line| line["kind"] == "push" && line["attempt"] == 2).await;
    let info = bench.ok("getWebhookInfo", json!({})).await;
    assert_eq!(
        info["last_error_message"],
        "Wrong response from the webhook: 500 Internal Server Error"
    );
    write(&bench, ANN, "second").await;
    write(&bench, 1002, "elsewhere").await;
    assert_eq!(server.next().await["message"]["text"], "elsewhere");
    bench.advance(2_000);
    assert_eq!(server.next().await["message"]["text"], "first");
    assert_eq!(server.next().await["message"]["text"], "second");
}

#[tokio::test]
async fn retry_after_of_the_server_is_honoured() {
    let (bench, mut server) = (Bench::new().await, server().await);
    server.plan.lock().unwrap().push_back((503, "retry-after", "30"));
    bench.ok("setWebhook", json!({"url": server.url})).await;
    write(&bench, ANN, "later").await;
    server.next().await;
    bench.journal_line(|line| line["kind"] == "push" && line["status"] == 503).await;
    bench.advance(29_000);
    bench.ok("getMe", json!({})).await;
    assert!(server.arrived.try_recv().is_err(), "not before its time");
    bench.advance(1_000);
    assert_eq!(server.next().await["message"]["text"], "later");
}

#[tokio::test]
async fn a_method_in_the_answer_is_carried_out() {
    let (bench, mut server) = (Bench::new().await, server().await);
    let reply = r#"{"method":"sendMessage","chat_id":1001,"text":"by answer"}"#;
    server
        .plan
        .lock()
        .unwrap()
        .extend([(200, "body", reply), (200, "body", r#"{"method":"deleteWebhook"}"#)]);
    bench.ok("setWebhook", json!({"url": server.url})).await;
    write(&bench, ANN, "one").await;
    let line = bench.journal_line(|line| line["via"] == "webhook").await;
    assert_eq!((&line["method"], &line["decision"]), (&json!("sendMessage"), &json!("accepted")));
    write(&bench, ANN, "two").await;
    server.next().await;
    server.next().await;
    let line = bench.journal_line(|line| line["method"] == "deleteWebhook").await;
    assert_eq!((&line["via"], &line["decision"]), (&json!("webhook"), &json!("refused")));
    assert_eq!(
        bench.ok("getWebhookInfo", json!({})).await["url"],
        server.url,
        "this one is refused there"
    );
}

#[tokio::test]
async fn addresses_and_secrets_follow_the_documented_rules() {
    let bench = Bench::with(Options { local_webhooks: false, ..Options::default() }).await;
    bench.control("limits", json!({"mode": "off"})).await;
    let url = |url: &str| json!({"url": url});
    let fine = "https://example.com/hook";
    let cases = [
        (url("nonsense"), "invalid webhook URL specified"),
        (url("http://example.com/x"), "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            url("https://example.com:8080/x"),
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        (url("https://127.0.0.1/x"), "bad webhook: IP address 127.0.0.1 is reserved"),
        (url("https://[2001:db8::1]/x"), "bad webhook: IPv6-only addresses are not allowed"),
        (json!({"url": fine, "secret_token": "a b"}), "secret token contains unallowed characters"),
        (json!({"url": fine, "secret_token": "a".repeat(257)}), "secret token is too long"),
    ];
    for (params, text) in cases {
        let (_, description) = bench.refused("setWebhook", params).await;
        assert_eq!(description, format!("Bad Request: {text}"));
    }
    bench.ok("setWebhook", url(fine)).await;
}

#[tokio::test]
async fn set_webhook_may_be_called_once_a_second() {
    let bench = Bench::limited("sliding").await;
    bench.ok("setWebhook", json!({"url": "http://127.0.0.1:9/a"})).await;
    let (code, text) = bench.refused("setWebhook", json!({"url": "http://127.0.0.1:9/b"})).await;
    assert_eq!((code, text.as_str()), (429, "Too Many Requests: retry after 1"));
}
