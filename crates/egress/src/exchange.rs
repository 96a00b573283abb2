//! One proxied request, from its head to its last byte.
//!
//! ```text
//! read the head (64 kB, 10 s) → parse → dial → CONNECT: 200, then bytes both ways
//!                                            → plain:   our head, exactly the body, then
//!                                                       the answer with its head cleaned
//! ```
//!
//! One request per connection. That costs a handshake on the loopback and buys that there is
//! no second request whose beginning could be argued about.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use crate::dial::{DialError, Refusal, dial};
use crate::frame;
use crate::policy::Policy;
use crate::proxy::Counters;
use crate::refusals::Refusals;
use crate::request::{self, HeadError, MAX_HEAD, Wish};
use crate::resolve::Resolve;

/// What every exchange needs.
pub(crate) struct Shared {
    pub(crate) policy: Policy,
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) counters: Counters,
    pub(crate) refusals: Refusals,
}

/// Serves one client connection. Errors mean that a peer went away; nobody is left to tell.
pub(crate) async fn serve<C>(mut client: C, shared: &Shared) -> io::Result<()>
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    let limits = &shared.policy.limits;
    let deadline = Instant::now() + limits.total;
    let Ok(read) = timeout(limits.head, read_head(&mut client)).await else {
        return answer(&mut client, 408, "timeout").await;
    };
    let Some((bytes, end)) = read? else {
        shared.counters.refused(Refusal::Malformed);
        return answer(&mut client, 431, "malformed").await;
    };
    let request = match request::parse(&bytes[..end]) {
        Ok(request) => request,
        Err(error) => {
            let (status, refusal) = status_of(error);
            shared.counters.refused(refusal);
            return answer(&mut client, status, &refusal.to_string()).await;
        }
    };
    let dialled = dial(&request.host, request.port, &shared.policy, &*shared.resolver).await;
    let server = match dialled {
        Ok(server) => server,
        Err(error) => {
            if let DialError::Refused(refusal) = error {
                shared.refusals.note(&request.host.to_string(), refusal);
            }
            return refuse(&mut client, shared, error).await;
        }
    };
    shared.counters.allowed();
    shared.counters.upstream(true);
    let early = &bytes[end..];
    let exchange = async {
        match request.wish {
            Wish::Tunnel => tunnel(client, server, early, shared).await,
            Wish::Forward { head, body, answer_has_body } => {
                let plan = Plain { head, body, answer_has_body };
                forward(client, server, early, plan, shared).await
            }
        }
    };
    timeout_at(deadline, exchange).await.unwrap_or(Err(io::ErrorKind::TimedOut.into()))
}

fn status_of(error: HeadError) -> (u16, Refusal) {
    match error {
        HeadError::Malformed => (400, Refusal::Malformed),
        HeadError::Encoded => (411, Refusal::Malformed),
        HeadError::NotForProxy => (405, Refusal::Malformed),
        HeadError::Scheme => (403, Refusal::Scheme),
    }
}

async fn refuse<C>(client: &mut C, shared: &Shared, error: DialError) -> io::Result<()>
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    match error {
        DialError::Refused(refusal) => {
            shared.counters.refused(refusal);
            answer(client, 403, &refusal.to_string()).await
        }
        DialError::Dead => {
            shared.counters.dead();
            answer(client, 502, "dead").await
        }
        DialError::Unreachable => {
            shared.counters.dead();
            answer(client, 504, "dead").await
        }
        DialError::Upstream => {
            shared.counters.upstream(false);
            answer(client, 502, "upstream").await
        }
    }
}

/// The head and what was read behind it; `None` if it is longer than allowed.
async fn read_head<R: AsyncRead + Unpin>(from: &mut R) -> io::Result<Option<(Vec<u8>, usize)>> {
    let mut bytes = Vec::with_capacity(2048);
    loop {
        let before = bytes.len();
        if from.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let from_here = before.saturating_sub(3);
        if let Some(end) = request::head_end(&bytes[from_here..]) {
            return Ok(Some((bytes, from_here + end)).filter(|_| from_here + end <= MAX_HEAD));
        }
        if bytes.len() > MAX_HEAD {
            return Ok(None);
        }
    }
}

/// The proxy's own answer: a class, nothing about the target.
pub(crate) async fn answer<C>(client: &mut C, status: u16, class: &str) -> io::Result<()>
where
    C: AsyncWrite + Unpin,
{
    let reason = match status {
        400 => "Bad Request",
        403 => "Forbidden",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Bad Gateway",
    };
    let body = format!("egress: {class}\n");
    let head = format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
         {}: {class}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
        body.len(),
        crate::REFUSED_HEADER,
    );
    client.write_all(head.as_bytes()).await?;
    client.write_all(body.as_bytes()).await?;
    client.shutdown().await
}

async fn tunnel<C>(
    mut client: C,
    mut server: TcpStream,
    early: &[u8],
    shared: &Shared,
) -> io::Result<()>
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    server.write_all(early).await?;
    let limits = &shared.policy.limits;
    let (mut from_client, mut to_client) = tokio::io::split(&mut client);
    let (mut from_server, mut to_server) = server.split();
    let up = pump(&mut from_client, &mut to_server, limits.up_bytes, limits.idle * 4);
    let down = pump(&mut from_server, &mut to_client, limits.down_bytes, limits.idle * 4);
    // When the server has said everything the tunnel is over; a client that only stopped
    // sending still wants the rest.
    tokio::pin!(up, down);
    let sent = tokio::select! {
        done = &mut down => done,
        done = &mut up => match done {
            Ok(_) => down.await,
            Err(error) => Err(error),
        },
    };
    shared.counters.bytes(sent?);
    Ok(())
}

/// One plain request.
struct Plain {
    head: Vec<u8>,
    body: u64,
    answer_has_body: bool,
}

async fn forward<C>(
    mut client: C,
    mut server: TcpStream,
    early: &[u8],
    plan: Plain,
    shared: &Shared,
) -> io::Result<()>
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    let limits = &shared.policy.limits;
    if plan.body > limits.up_bytes {
        return answer(&mut client, 403, "malformed").await;
    }
    server.write_all(&plan.head).await?;
    // Bytes behind the announced body belong to no request and are dropped.
    let at_hand = usize::try_from(plan.body).unwrap_or(usize::MAX).min(early.len());
    server.write_all(&early[..at_hand]).await?;
    let missing = plan.body - at_hand as u64;
    if missing > 0 {
        let mut rest = (&mut client).take(missing);
        if pump_open(&mut rest, &mut server, missing, limits.idle).await? != missing {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let (bytes, end, start) = match timeout(limits.idle, final_head(&mut server)).await {
        Ok(Ok(Some(found))) => found,
        Ok(Ok(None)) => return answer(&mut client, 502, "head").await,
        Ok(Err(_)) => return answer(&mut client, 502, "broken").await,
        Err(_) => return answer(&mut client, 502, "timeout").await,
    };
    let Some(cleaned) = clean_answer(&bytes[start..end], plan.answer_has_body) else {
        return answer(&mut client, 502, "garbled").await;
    };
    client.write_all(&cleaned.head).await?;
    let rest = &bytes[end..];
    if cleaned.framed {
        let sent = frame::answer(&mut client, &mut server, rest, limits).await?;
        shared.counters.bytes(sent);
        return client.shutdown().await;
    }
    let wanted = cleaned.body.unwrap_or(limits.down_bytes).min(limits.down_bytes);
    let at_hand = usize::try_from(wanted).unwrap_or(usize::MAX).min(rest.len());
    client.write_all(&rest[..at_hand]).await?;
    let missing = wanted - at_hand as u64;
    let sent = relay_answer(&mut client, &mut server, missing, limits.idle).await?;
    shared.counters.bytes(sent + at_hand as u64);
    client.shutdown().await
}

/// The head that is not informational (1xx): buffer, its end, its start.
async fn final_head(server: &mut TcpStream) -> io::Result<Option<(Vec<u8>, usize, usize)>> {
    let Some((mut bytes, mut end)) = read_head(server).await? else { return Ok(None) };
    let mut start = 0;
    while bytes[start..].starts_with(b"HTTP/1.1 1") || bytes[start..].starts_with(b"HTTP/1.0 1") {
        start = end;
        end = loop {
            if let Some(next) = request::head_end(&bytes[start..]) {
                break start + next;
            }
            if bytes.len() > MAX_HEAD || server.read_buf(&mut bytes).await? == 0 {
                return Ok(None);
            }
        };
    }
    Ok(Some((bytes, end, start)))
}

/// Sends the rest of the body and stops early when the client goes away.
async fn relay_answer<C>(
    client: &mut C,
    server: &mut TcpStream,
    most: u64,
    idle: Duration,
) -> io::Result<u64>
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let mut rest = server.take(most);
    let mut scrap = [0_u8; 512];
    let gone = async {
        // Whatever a client still sends is not a request any more; its end is what matters.
        while from_client.read(&mut scrap).await.is_ok_and(|n| n > 0) {}
    };
    tokio::select! {
        sent = pump_open(&mut rest, &mut to_client, most, idle) => sent,
        () = gone => Err(io::ErrorKind::ConnectionAborted.into()),
    }
}

/// An answer's head as the client gets it.
struct Cleaned {
    head: Vec<u8>,
    /// The body ends with the server's connection and is sent on in chunks.
    framed: bool,
    /// Length of the body; `None` when it ends with the connection or with its last chunk.
    body: Option<u64>,
}

fn clean_answer(head: &[u8], may_have_body: bool) -> Option<Cleaned> {
    let (first, headers) = request::lines(head).ok()?;
    let (version, rest) = first.split_once(' ')?;
    let status: u16 = rest.get(..3)?.parse().ok()?;
    if !version.starts_with("HTTP/1.") || !(200..=599).contains(&status) {
        return None;
    }
    let chunked = request::has(&headers, "transfer-encoding");
    let length = request::content_length(&headers).ok()?;
    let named = request::connection_names(&headers);
    let mut out = format!("HTTP/1.1 {rest}\r\n").into_bytes();
    for header in &headers {
        let length_is_void = chunked && header.name.eq_ignore_ascii_case("content-length");
        if !length_is_void && !request::is_hop_by_hop(header.name, &named) {
            request::push_header(&mut out, header.name, header.value);
        }
    }
    let empty = !may_have_body || status == 204 || status == 304;
    let body = if empty { Some(0) } else { length.filter(|_| !chunked) };
    let framed = body.is_none() && !chunked;
    if framed {
        out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
    }
    out.extend_from_slice(b"Connection: close\r\n\r\n");
    Some(Cleaned { head: out, framed, body })
}

/// Copies until the end, closes the writing side, fails beyond `most` bytes or `idle` silence.
async fn pump<R, W>(from: &mut R, to: &mut W, most: u64, idle: Duration) -> io::Result<u64>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let sent = pump_open(from, to, most, idle).await?;
    to.shutdown().await?;
    Ok(sent)
}

/// Like [`pump`], but leaves the writing side open.
async fn pump_open<R, W>(from: &mut R, to: &mut W, most: u64, idle: Duration) -> io::Result<u64>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut buffer = vec![0_u8; 16 * 1024];
    let mut sent = 0_u64;
    loop {
        let n = timeout(idle, from.read(&mut buffer)).await??;
        if n == 0 {
            return Ok(sent);
        }
        sent += n as u64;
        if sent > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        timeout(idle, to.write_all(&buffer[..n])).await??;
    }
}
