//! Through a proxy of the operator's own: a tunnel to the judged address, for every kind of exchange.
//!
//! The address is named as a number (RFC 9110 9.3.6), so that the other proxy resolves nothing: what was judged is
//! what is reached. Its answer is read byte by byte, because what follows belongs to the tunnel.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::dial::{self, DialError};
use crate::policy::Upstream;
use crate::resolve::Resolve;

/// Longest head of its answer.
const HEAD: usize = 8 * 1024;

/// A tunnel to `target` through `upstream`.
pub(crate) async fn connect(
    upstream: &Upstream,
    target: SocketAddr,
    limit: Duration,
    resolver: &dyn Resolve,
) -> Result<TcpStream, DialError> {
    let addresses: Vec<IpAddr> = match upstream.host.parse() {
        Ok(address) => vec![address],
        Err(_) => timeout(limit, resolver.resolve(&upstream.host))
            .await
            .ok()
            .and_then(Result::ok)
            .unwrap_or_default(),
    };
    let stream = dial::connect(&addresses, upstream.port, limit).await;
    let stream = stream.ok_or(DialError::Upstream)?;
    // The other proxy needs time to reach the target as well.
    let opened = timeout(limit * 2, open(stream, upstream, target)).await;
    opened.ok().flatten().ok_or(DialError::Upstream)
}

async fn open(mut stream: TcpStream, upstream: &Upstream, target: SocketAddr) -> Option<TcpStream> {
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some((user, password)) = &upstream.credentials {
        let pair = STANDARD.encode(format!("{user}:{password}"));
        request.push_str(&format!("Proxy-Authorization: Basic {pair}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= HEAD {
            return None;
        }
        head.push(stream.read_u8().await.ok()?);
    }
    let status = head.split(|byte| *byte == b' ').nth(1)?;
    if status == b"200" {
        return Some(stream);
    }
    tracing::warn!(
        upstream = ?upstream,
        status = %String::from_utf8_lossy(&status[..status.len().min(3)]),
        "the proxy refuses a tunnel"
    );
    None
}
