//! From a loopback port inside the jail to the proxy's unix socket outside.
//!
//! Path names of unix sockets do not belong to a network namespace, so this one road leads out.
//! It runs in the guard, which is small and has nothing else to do, so plain threads serve.

use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;

/// Stack of a copying thread; copying needs little.
const STACK: usize = 128 * 1024;

/// The port of another way out inside the jail, whose loopback belongs to us alone.
pub(crate) fn identity_port(place: usize) -> u16 {
    4_101_u16.saturating_add(u16::try_from(place).unwrap_or(u16::MAX))
}

/// Listens on a loopback port (0: any free one) and relays every connection; returns the port.
pub(crate) fn start(socket: &Path, port: u16) -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let port = listener.local_addr()?.port();
    let socket = socket.to_owned();
    spawn(move || {
        for client in listener.incoming().flatten() {
            let socket = socket.clone();
            // Without a thread the connection closes, and Chromium tries again.
            let _ = spawn(move || relay(&client, &socket));
        }
    })?;
    Ok(port)
}

fn spawn(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().stack_size(STACK).spawn(work).map(|_| ())
}

fn relay(client: &TcpStream, socket: &PathBuf) {
    let _ = client.set_nodelay(true);
    let Ok(proxy) = UnixStream::connect(socket) else { return };
    let (Ok(mut from_client), Ok(mut to_proxy)) = (client.try_clone(), proxy.try_clone()) else {
        return;
    };
    let up = spawn(move || {
        let _ = io::copy(&mut from_client, &mut to_proxy);
        let _ = to_proxy.shutdown(Shutdown::Write);
    });
    if up.is_ok() {
        let _ = io::copy(&mut &proxy, &mut &*client);
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = proxy.shutdown(Shutdown::Both);
}
