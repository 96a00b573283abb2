//! The body of an answer that ends with its connection, as the client gets it.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::policy::Limits;

/// Sends a body that ends with the server's connection, in chunks (RFC 9112 section 7.1): only so can the client
/// tell a body that ended from a server that died, or from our own cap.
pub(crate) async fn answer<C>(
    client: &mut C,
    server: &mut TcpStream,
    early: &[u8],
    limits: &Limits,
) -> io::Result<u64>
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let mut scrap = [0_u8; 512];
    let gone = async { while from_client.read(&mut scrap).await.is_ok_and(|n| n > 0) {} };
    let body = async {
        let mut sent = early.len() as u64;
        if !early.is_empty() {
            write_chunk(&mut to_client, early, limits.idle).await?;
        }
        let mut buffer = vec![0_u8; 16 * 1024];
        loop {
            let n = timeout(limits.idle, server.read(&mut buffer)).await??;
            if n == 0 {
                to_client.write_all(b"0\r\n\r\n").await?;
                return Ok(sent);
            }
            sent += n as u64;
            if sent > limits.down_bytes {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            write_chunk(&mut to_client, &buffer[..n], limits.idle).await?;
        }
    };
    tokio::select! {
        sent = body => sent,
        () = gone => Err(io::ErrorKind::ConnectionAborted.into()),
    }
}

async fn write_chunk<W>(to: &mut W, data: &[u8], idle: Duration) -> io::Result<()>
where
    W: AsyncWrite + Unpin,
{
    let mut chunk = format!("{:x}\r\n", data.len()).into_bytes();
    chunk.extend_from_slice(data);
    chunk.extend_from_slice(b"\r\n");
    timeout(idle, to.write_all(&chunk)).await?
}
