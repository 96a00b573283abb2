//! A browser that somebody else runs (`CDP_URL`).

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

/// Longest answer of a browser about itself.
const MAX_ANSWER: u64 = 64 * 1024;

/// The websocket address of a remote browser: `ws://` as given, `http://` by asking it.
pub(crate) async fn websocket_address(given: &str) -> Result<String, String> {
    let url = Url::parse(given).map_err(|_| "CDP_URL is not an address".to_owned())?;
    match url.scheme() {
        "ws" => Ok(given.to_owned()),
        "http" => {
            let asked = timeout(Duration::from_secs(10), ask(&url)).await;
            let answer = asked
                .map_err(|_| "the browser at CDP_URL did not answer within 10 s".to_owned())?
                .map_err(|error| format!("the browser at CDP_URL cannot be asked: {error}"))?;
            with_address_of(&url, &answer)
                .ok_or_else(|| "what answers at CDP_URL is not a browser".to_owned())
        }
        other => Err(format!("CDP_URL must start with ws:// or http://, not {other}://")),
    }
}

/// `GET /json/version`. Chromium only answers to a host that is an address or localhost.
async fn ask(url: &Url) -> io::Result<String> {
    let addresses = url.socket_addrs(|| None)?;
    let mut stream = TcpStream::connect(&*addresses).await?;
    let host = stream.peer_addr()?;
    let request =
        format!("GET /json/version HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    // Chromium keeps the connection open in spite of the request: stop at the closing brace.
    let mut limited = stream.take(MAX_ANSWER);
    while !answer.ends_with(b"}") && !answer.ends_with(b"}\n") {
        if limited.read_buf(&mut answer).await? == 0 {
            break;
        }
    }
    String::from_utf8(answer).map_err(io::Error::other)
}

/// The address in the answer, with the host and port under which we reached the browser.
fn with_address_of(asked: &Url, answer: &str) -> Option<String> {
    let body = answer.split_once("\r\n\r\n")?.1;
    let json: serde_json::Value = serde_json::from_str(body.trim()).ok()?;
    let mut socket = Url::parse(json.get("webSocketDebuggerUrl")?.as_str()?).ok()?;
    socket.set_host(asked.host_str()).ok()?;
    socket.set_port(asked.port_or_known_default()).ok()?;
    Some(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_one_we_reached_not_the_one_the_browser_believes_in() {
        let asked = Url::parse("http://chrome.example:9333").unwrap();
        let answer = "HTTP/1.1 200 OK\r\n\r\n\
            {\"webSocketDebuggerUrl\": \"ws://127.0.0.1:9222/devtools/browser/x\"}";
        assert_eq!(
            with_address_of(&asked, answer).as_deref(),
            Some("ws://chrome.example:9333/devtools/browser/x")
        );
        assert_eq!(with_address_of(&asked, "HTTP/1.1 200 OK\r\n\r\n{}"), None);
    }
}
