//! What the client makes of connections that break and answers that are none: only what certainly did not
//! happen may be repeated freely.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use magpie::config;
use magpie::domain::{ChatId, Outgoing};
use magpie::telegram::{Accepted, Messenger, SendError, Target, TelegramClient};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const TOKEN: &str = "42:canary-token";
const HERE: Target = Target { chat: ChatId(5), thread: None };

fn client(api_url: &str) -> TelegramClient {
    let config = config::Telegram {
        token: Some(TOKEN.to_owned().into()),
        api_url: api_url.into(),
        connect_timeout: Duration::from_secs(2),
        timeout: Duration::from_millis(1_500),
    };
    TelegramClient::new(&config).expect("a client")
}

/// What the server does once it has read a whole request.
#[derive(Clone)]
enum Reply {
    /// Writes these bytes and closes.
    Raw(Vec<u8>),
    /// Writes these bytes and keeps the connection.
    Keep(Vec<u8>),
    /// Closes so that the client sees a reset.
    Reset,
    /// Says nothing.
    Silence,
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into_bytes()
}

/// A server that answers every request alike; gives its address and the number of requests it read.
async fn serve(reply: Reply) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, reply.clone(), Arc::clone(&counted)));
        }
    });
    (url, requests)
}

async fn converse(mut stream: TcpStream, reply: Reply, requests: Arc<AtomicUsize>) {
    while read_request(&mut stream).await {
        requests.fetch_add(1, Ordering::SeqCst);
        match &reply {
            Reply::Raw(bytes) => {
                let _ = stream.write_all(bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Reply::Keep(bytes) => {
                let _ = stream.write_all(bytes).await;
            }
            Reply::Reset => {
                let _ = stream.set_zero_linger();
                return;
            }
            Reply::Silence => std::future::pending().await,
        }
    }
}

/// Reads head and body; false when the client has gone.
async fn read_request(stream: &mut TcpStream) -> bool {
    let mut seen = Vec::new();
    let mut buffer = [0u8; 4_096];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return false,
            Ok(count) => seen.extend_from_slice(&buffer[..count]),
        }
        let Some(head) = seen.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&seen[..head]).to_lowercase();
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|length| length.trim().parse::<usize>().ok())
            .unwrap_or(0);
        if seen.len() >= head + 4 + length {
            return true;
        }
    }
}

async fn send_to(url: &str) -> Result<Accepted, SendError> {
    client(url).send(HERE, &Outgoing::text("hello")).await
}

/// A client whose server is gone, and the address where it was.
pub fn closed_client() -> (TelegramClient, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    (client(&url), url)
}

async fn error_of(reply: Reply) -> SendError {
    let (url, requests) = serve(reply).await;
    let error = send_to(&url).await.expect_err("no answer that counts");
    assert_eq!(requests.load(Ordering::SeqCst), 1, "one call is one request: {error}");
    assert!(!error.to_string().contains("canary"), "{error}");
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    error
}

#[tokio::test]
async fn a_request_that_left_without_a_whole_answer_is_a_doubt() {
    let accepted = r#"{"ok":true,"result":{"message_id":7}}"#;
    let mut cut = answer("200 OK", "", accepted);
    cut.truncate(cut.len() - 9);
    let replies = [
        ("reset", Reply::Reset),
        ("closed", Reply::Raw(vec![])),
        ("silence", Reply::Silence),
        ("half an answer", Reply::Raw(cut)),
        ("half a status line", Reply::Raw(b"HTTP/1.1 20".to_vec())),
        ("not HTTP", Reply::Raw(b"SSH-2.0-x\r\n\r\n".to_vec())),
        ("a gateway's page", Reply::Raw(answer("502 Bad Gateway", "", "<html>nginx</html>"))),
        ("an error of the server", Reply::Raw(answer("500 Oops", "", r#"{"ok":false}"#))),
        ("a page with 200", Reply::Raw(answer("200 OK", "", "<html>login</html>"))),
        ("cut JSON", Reply::Raw(answer("200 OK", "", &accepted[..20]))),
        (
            "another method's answer",
            Reply::Raw(answer("200 OK", "", r#"{"ok":true,"result":true}"#)),
        ),
    ];
    for (name, reply) in replies {
        let error = error_of(reply).await;
        assert!(matches!(error, SendError::Doubt(_)), "{name}: {error:?}");
    }
}

#[tokio::test]
async fn what_never_left_is_unreached() {
    let (_, closed) = closed_client();
    let (plain, requests) = serve(Reply::Raw(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())).await;
    let urls = [
        ("nobody listens", closed),
        ("no such name", "http://no-such-host.invalid".to_owned()),
        ("no TLS there", plain.replace("http://", "https://")),
    ];
    for (name, url) in urls {
        let error = send_to(&url).await.expect_err("nobody is there");
        assert!(matches!(error, SendError::Unreached(_)), "{name}: {error:?}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    assert_eq!(requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_wait_of_nineteen_hours_is_understood() {
    let body = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 70000",
        "parameters":{"retry_after":70000}}"#;
    let error =
        error_of(Reply::Raw(answer("429 Too Many Requests", "retry-after: 5\r\n", body))).await;
    assert_eq!(error, SendError::RetryAfter(70_000));
    let page = answer("429 Too Many Requests", "Retry-After: 5\r\n", "slow down");
    assert_eq!(error_of(Reply::Raw(page)).await, SendError::RetryAfter(5));
}

#[tokio::test]
async fn a_redirect_is_not_followed_so_the_token_goes_nowhere_else() {
    let (elsewhere, visits) = serve(Reply::Raw(answer("200 OK", "", "{}"))).await;
    let headers = format!("location: {elsewhere}/bot{TOKEN}/sendMessage\r\n");
    let error = error_of(Reply::Raw(answer("307 Temporary Redirect", &headers, ""))).await;
    assert!(matches!(error, SendError::Doubt(_)), "{error:?}");
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_server_that_repeats_our_address_does_not_spread_the_token() {
    let body = format!(r#"{{"ok":false,"error_code":400,"description":"no /bot{TOKEN}/x here"}}"#);
    let error = error_of(Reply::Raw(answer("400 Bad Request", "", &body))).await;
    assert_eq!(error, SendError::BadRequest("no /bot<token>/x here".into()));
}

#[tokio::test]
async fn an_endless_answer_is_given_up() {
    let body = "x".repeat(9 << 20);
    let error = error_of(Reply::Raw(answer("200 OK", "", &body))).await;
    assert!(matches!(error, SendError::Doubt(_)), "{error:?}");
}

#[tokio::test]
async fn a_connection_that_went_stale_costs_nothing() {
    // The server says that it keeps the connection and closes it after each answer all the same.
    let body = r#"{"ok":true,"result":{"message_id":7}}"#;
    let (url, requests) =
        serve(Reply::Raw(answer("200 OK", "connection: keep-alive\r\n", body))).await;
    let client = client(&url);
    for _ in 0..20 {
        match client.send(HERE, &Outgoing::text("hello")).await {
            Ok(accepted) => assert_eq!(accepted, Accepted::text(7)),
            // The close met the next request half-way: an honest doubt, never a silent repeat.
            Err(error) => assert!(matches!(error, SendError::Doubt(_)), "{error:?}"),
        }
    }
    assert!(requests.load(Ordering::SeqCst) <= 20);
    let (url, _) = serve(Reply::Keep(answer("200 OK", "", body))).await;
    let client = self::client(&url);
    for _ in 0..3 {
        assert_eq!(client.send(HERE, &Outgoing::text("hello")).await, Ok(Accepted::text(7)));
    }
}
