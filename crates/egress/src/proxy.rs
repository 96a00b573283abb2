//! The listeners of the way out, their life and their counters.
//!
//! The proxy listens twice: on a loopback port for clients in this network namespace, and on a
//! unix socket for a browser that lives in a namespace of its own where no port of ours can be
//! reached. Both take the same requests and obey the same policy.

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::dial::Refusal;
use crate::exchange::{self, Shared};
use crate::policy::Policy;
use crate::refusals::Refusals;
use crate::resolve::{Resolve, SystemResolver};

const DIRECTORY_PREFIX: &str = "magpie-egress-";
const SOCKET_NAME: &str = "proxy.sock";

/// What the proxy did since its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Requests and tunnels that were connected.
    pub allowed: u64,
    /// Targets without an address, or that nobody answered at.
    pub dead: u64,
    /// Bytes that servers sent to clients.
    pub bytes: u64,
    /// Refused because an address is not public.
    pub refused_address: u64,
    /// Refused because of the name.
    pub refused_name: u64,
    /// Refused because of the port.
    pub refused_port: u64,
    /// Refused because of the scheme.
    pub refused_scheme: u64,
    /// Refused because the request was not clear.
    pub refused_malformed: u64,
    /// Refused because too many exchanges ran.
    pub refused_busy: u64,
}

impl Stats {
    /// All refusals together.
    pub fn refused(&self) -> u64 {
        self.refused_address
            + self.refused_name
            + self.refused_port
            + self.refused_scheme
            + self.refused_malformed
            + self.refused_busy
    }
}

/// Counters behind [`Stats`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    allowed: AtomicU64,
    dead: AtomicU64,
    bytes: AtomicU64,
    refused: [AtomicU64; 6],
    /// Failures of the proxy behind us, in a row.
    upstream: AtomicU64,
}

impl Counters {
    pub(crate) fn allowed(&self) {
        self.allowed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn dead(&self) {
        self.dead.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn upstream(&self, good: bool) {
        if good {
            self.upstream.store(0, Ordering::Relaxed);
        } else {
            self.upstream.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn bytes(&self, sent: u64) {
        self.bytes.fetch_add(sent, Ordering::Relaxed);
    }

    pub(crate) fn refused(&self, refusal: Refusal) {
        self.refused[refusal as usize].fetch_add(1, Ordering::Relaxed);
        tracing::debug!(reason = %refusal, "egress refused a request");
    }

    fn read(&self) -> Stats {
        let refused = |refusal: Refusal| self.refused[refusal as usize].load(Ordering::Relaxed);
        Stats {
            allowed: self.allowed.load(Ordering::Relaxed),
            dead: self.dead.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            refused_address: refused(Refusal::Address),
            refused_name: refused(Refusal::Name),
            refused_port: refused(Refusal::Port),
            refused_scheme: refused(Refusal::Scheme),
            refused_malformed: refused(Refusal::Malformed),
            refused_busy: refused(Refusal::Busy),
        }
    }
}

/// A running proxy. Dropping it stops it as well, but without waiting.
pub struct Proxy {
    tcp: SocketAddr,
    directory: TempDir,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    listeners: JoinSet<()>,
}

impl Proxy {
    /// Starts with the resolver of the operating system.
    pub async fn start(policy: Policy) -> io::Result<Proxy> {
        Proxy::start_with(policy, Arc::new(SystemResolver)).await
    }

    /// Starts with a resolver of the caller's choice.
    pub async fn start_with(policy: Policy, resolver: Arc<dyn Resolve>) -> io::Result<Proxy> {
        sweep_dead_sockets(&std::env::temp_dir());
        let directory = socket_directory()?;
        let path = directory.path().join(SOCKET_NAME);
        let unix = UnixListener::bind(&path)?;
        // The browser may run as another user. The loopback port is open to every user of the
        // machine as well, so the socket gives nothing away.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666))?;
        let tcp = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = tcp.local_addr()?;

        let places = Arc::new(Semaphore::new(policy.limits.connections));
        let refusals = Refusals::default();
        let shared = Arc::new(Shared { policy, resolver, counters: Counters::default(), refusals });
        let (stop, stopped) = watch::channel(false);
        let mut listeners = JoinSet::new();
        let desk = Desk { shared: shared.clone(), places, stopped };
        listeners.spawn(desk.clone().serve_tcp(tcp));
        listeners.spawn(desk.serve_unix(unix));
        Ok(Proxy { tcp: address, directory, shared, stop, listeners })
    }

    /// Loopback address for clients in this network namespace.
    pub fn tcp_address(&self) -> SocketAddr {
        self.tcp
    }

    /// Socket for clients in another network namespace.
    pub fn unix_path(&self) -> PathBuf {
        self.directory.path().join(SOCKET_NAME)
    }

    /// What happened so far.
    pub fn stats(&self) -> Stats {
        self.shared.counters.read()
    }

    /// Why requests and tunnels to this host were refused within the last minute, if any was.
    pub fn refused(&self, host: &str) -> Option<Refusal> {
        self.shared.refusals.of(host)
    }

    /// The memory behind [`Proxy::refused`], for those who do not hold the proxy.
    pub fn refusals(&self) -> Refusals {
        self.shared.refusals.clone()
    }

    /// How often in a row the proxy behind this one has failed; 0 without one.
    pub fn upstream_failures(&self) -> u64 {
        self.shared.counters.upstream.load(Ordering::Relaxed)
    }

    /// The rules this proxy was started with.
    pub fn policy(&self) -> &Policy {
        &self.shared.policy
    }

    /// Closes the listeners and every running exchange, and removes the socket.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.listeners.join_next().await.is_some() {}
    }
}

/// A directory with an unguessable name that other users can pass but not list.
fn socket_directory() -> io::Result<TempDir> {
    tempfile::Builder::new()
        .prefix(DIRECTORY_PREFIX)
        .rand_bytes(16)
        .permissions(std::fs::Permissions::from_mode(0o711))
        .tempdir()
}

/// Removes the sockets of processes that were killed: nobody listens behind them any more.
fn sweep_dead_sockets(directory: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(DIRECTORY_PREFIX) {
            continue;
        }
        let socket = entry.path().join(SOCKET_NAME);
        let dead = std::os::unix::net::UnixStream::connect(&socket)
            .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        if dead {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// What a listener hands to each connection.
#[derive(Clone)]
struct Desk {
    shared: Arc<Shared>,
    places: Arc<Semaphore>,
    stopped: watch::Receiver<bool>,
}

impl Desk {
    async fn serve_tcp(mut self, listener: TcpListener) {
        let mut exchanges = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((client, _)) => {
                        let _ = client.set_nodelay(true);
                        exchanges.spawn(self.clone().exchange(client));
                    }
                    Err(error) => pause_after(&error).await,
                },
                Some(_) = exchanges.join_next() => {}
                _ = self.stopped.changed() => return,
            }
        }
    }

    async fn serve_unix(mut self, listener: UnixListener) {
        let mut exchanges = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((client, _)) => {
                        exchanges.spawn(self.clone().exchange(client));
                    }
                    Err(error) => pause_after(&error).await,
                },
                Some(_) = exchanges.join_next() => {}
                _ = self.stopped.changed() => return,
            }
        }
    }

    async fn exchange<C>(self, mut client: C)
    where
        C: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        let Ok(_place) = self.places.try_acquire() else {
            self.shared.counters.refused(Refusal::Busy);
            let _ = exchange::answer(&mut client, 503, "busy").await;
            return;
        };
        if let Err(error) = exchange::serve(client, &self.shared).await {
            tracing::trace!(%error, "egress exchange ended early");
        }
    }
}

/// Accepting fails when file descriptors run out; they come back when exchanges end.
async fn pause_after(error: &io::Error) {
    tracing::warn!(%error, "egress cannot accept a connection");
    tokio::time::sleep(Duration::from_millis(100)).await;
}
