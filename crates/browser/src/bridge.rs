//! DevTools messages between Chromium's pipe and the client's websocket.
//!
//! The client speaks websocket only. Chromium could offer one, but a debugging port is a door
//! for every process of the machine and survives us; the pipe is neither. So the port is ours:
//! on loopback, behind a random path, for exactly one connection, gone when that is made.
//! On the pipe each message ends with a zero byte.

use std::io;
use std::net::Ipv4Addr;

use async_tungstenite::WebSocketReceiver;
use async_tungstenite::tokio::{TokioAdapter, accept_hdr_async_with_config};
use async_tungstenite::tungstenite::Message;
use async_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use async_tungstenite::tungstenite::protocol::WebSocketConfig;
use futures_util::StreamExt;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::watch;

/// Longest message taken from Chromium: more than any page we ask for.
const MAX_MESSAGE: usize = 128 << 20;

/// Opens the websocket side and starts carrying messages; returns its address.
///
/// The task owns the pipe. It ends, and with it the lifeline of the guard, when either side
/// closes or when `stop` becomes true.
pub(crate) async fn open(
    stdin: ChildStdin,
    stdout: ChildStdout,
    mut stop: watch::Receiver<bool>,
) -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let path = format!("/{}", random_word()?);
    let address = format!("ws://{}{path}", listener.local_addr()?);
    tokio::spawn(async move {
        let carried = async {
            let socket = accept(&listener, &path).await?;
            drop(listener);
            carry(socket, stdin, stdout).await
        };
        tokio::select! {
            ended = carried => if let Err(error) = ended {
                tracing::debug!(%error, "connection to the browser ended");
            },
            _ = stop.wait_for(|stop| *stop) => {}
        }
    });
    Ok(address)
}

fn random_word() -> io::Result<String> {
    use std::io::Read;
    let mut bytes = [0_u8; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

type Socket = async_tungstenite::WebSocketStream<TokioAdapter<TcpStream>>;

/// The connection that knows the path; others are turned away.
async fn accept(listener: &TcpListener, path: &str) -> io::Result<Socket> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        #[allow(clippy::result_large_err, reason = "the signature is the library's")]
        let knows_path = |request: &Request,
                          response: Response|
         -> Result<Response, ErrorResponse> {
            if request.uri().path() == path { Ok(response) } else { Err(ErrorResponse::new(None)) }
        };
        if let Ok(socket) = accept_hdr_async_with_config(stream, knows_path, Some(config)).await {
            return Ok(socket);
        }
    }
}

async fn carry(socket: Socket, mut stdin: ChildStdin, stdout: ChildStdout) -> io::Result<()> {
    let (mut to_client, from_client) = socket.split();
    let mut pipe = BufReader::with_capacity(64 * 1024, stdout);
    let up = commands(from_client, &mut stdin);
    let down = async {
        while let Some(text) = next_message(&mut pipe).await? {
            to_client.send(Message::text(text)).await.map_err(io::Error::other)?;
        }
        Ok(())
    };
    tokio::select! {
        ended = up => ended,
        ended = down => ended,
    }
}

async fn commands(
    mut from_client: WebSocketReceiver<TokioAdapter<TcpStream>>,
    stdin: &mut ChildStdin,
) -> io::Result<()> {
    while let Some(message) = from_client.next().await {
        if let Message::Text(text) = message.map_err(io::Error::other)? {
            let mut bytes = Vec::with_capacity(text.len() + 1);
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(0);
            stdin.write_all(&bytes).await?;
            stdin.flush().await?;
        }
    }
    Ok(())
}

/// One message without its zero byte; `None` at the end of the pipe.
async fn next_message(pipe: &mut BufReader<ChildStdout>) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let read = pipe.take(MAX_MESSAGE as u64).read_until(0, &mut bytes).await?;
    match bytes.pop() {
        Some(0) => {}
        Some(_) if read == MAX_MESSAGE => return Err(io::ErrorKind::FileTooLarge.into()),
        _ => return Ok(None),
    }
    String::from_utf8(bytes).map(Some).map_err(io::Error::other)
}
