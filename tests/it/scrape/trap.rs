//! Servers that answer with exactly these bytes, or worse.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a connection is answered with.
#[derive(Debug, Clone)]
pub enum Serve {
    /// These bytes, and the end.
    Bytes(Vec<u8>),
    /// These bytes, and a reset.
    Reset(Vec<u8>),
    /// These bytes, and these again and again.
    Endless(Vec<u8>, Vec<u8>),
    /// These bytes, and then one every few milliseconds.
    Trickle(Vec<u8>),
    /// These bytes, and then nothing for ever.
    Silence(Vec<u8>),
}

/// A server with one answer.
#[derive(Clone)]
pub struct Trap {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    sent: Arc<AtomicU64>,
}

impl Trap {
    pub async fn set(serve: impl FnOnce(SocketAddr) -> Serve) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serve = serve(address);
        let trap = Self { address, connections: Arc::default(), sent: Arc::default() };
        let own = trap.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                own.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answer(stream, serve.clone(), Arc::clone(&own.sent)));
            }
        });
        trap
    }

    pub fn url(&self) -> String {
        format!("http://{}/search", self.address)
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Bytes that somebody took from us.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }
}

async fn answer(mut stream: TcpStream, serve: Serve, sent: Arc<AtomicU64>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let first = match &serve {
        Serve::Bytes(bytes) | Serve::Reset(bytes) | Serve::Endless(bytes, _) => bytes,
        Serve::Trickle(bytes) | Serve::Silence(bytes) => bytes,
    };
    if stream.write_all(first).await.is_err() {
        return;
    }
    sent.fetch_add(first.len() as u64, Ordering::SeqCst);
    match serve {
        Serve::Bytes(_) => {
            let _ = stream.shutdown().await;
            // Unread bytes would turn the end into a reset.
            while stream.read(&mut [0; 512]).await.is_ok_and(|n| n > 0) {}
        }
        Serve::Reset(_) => {
            // On the loopback what was written has arrived; the end has no farewell.
            stream.set_zero_linger().unwrap();
        }
        Serve::Endless(_, piece) => {
            while stream.write_all(&piece).await.is_ok() {
                sent.fetch_add(piece.len() as u64, Ordering::SeqCst);
            }
        }
        Serve::Trickle(_) => {
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        Serve::Silence(_) => while stream.read(&mut [0; 512]).await.is_ok_and(|n| n > 0) {},
    }
}
