//! The jail: a user and network namespace with nothing in it but loopback.
//!
//! The child enters it between fork and exec, when it has one thread, as the kernel demands.
//! It maps only its own user, so after exec it has no capability left, and Chromium's own
//! sandbox works inside as it does outside. An address other than the child's own loopback
//! has no route: a request that got around the proxy switches ends there.
//!
//! This is the only module with unsafe code. Everything here runs after fork, so it only makes
//! system calls: no allocation, no locks, no formatting.
#![allow(unsafe_code, reason = "namespaces must be entered between fork and exec")]

use std::ffi::CStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Makes the command enter the jail before it becomes its program.
///
/// `uid` and `gid` are those the program runs as. Where the kernel forbids the namespaces,
/// `spawn` fails with the kernel's error.
pub(crate) fn enter_before_exec(command: &mut Command, uid: u32, gid: u32) {
    let uid_map = format!("{uid} {uid} 1\n").into_bytes();
    let gid_map = format!("{gid} {gid} 1\n").into_bytes();
    // SAFETY: `enter` makes only async-signal-safe system calls; its buffers were allocated
    // before the fork.
    unsafe {
        command.pre_exec(move || enter(&uid_map, &gid_map));
    }
}

fn enter(uid_map: &[u8], gid_map: &[u8]) -> io::Result<()> {
    // SAFETY: plain system calls with constant arguments. A process that has just changed its
    // user is not "dumpable", and its files under /proc belong to root until it is again.
    check(unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1, 0, 0, 0) })?;
    // SAFETY: as above; the child has one thread.
    check(unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET) })?;
    write_file(c"/proc/self/setgroups", b"deny")?;
    write_file(c"/proc/self/uid_map", uid_map)?;
    write_file(c"/proc/self/gid_map", gid_map)?;
    raise_loopback()
}

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

fn write_file(path: &CStr, bytes: &[u8]) -> io::Result<()> {
    // SAFETY: the path is a valid C string; the descriptor is closed below.
    let file = check(unsafe { libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC) })?;
    // SAFETY: the buffer is valid for its length.
    let written = unsafe { libc::write(file, bytes.as_ptr().cast(), bytes.len()) };
    let result = if written < 0 { Err(io::Error::last_os_error()) } else { Ok(()) };
    // SAFETY: the descriptor is ours and open.
    unsafe { libc::close(file) };
    result
}

fn raise_loopback() -> io::Result<()> {
    // SAFETY: plain system call; the descriptor is closed below.
    let socket =
        check(unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) })?;
    // SAFETY: all-zero bytes are a valid `ifreq`.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(c"lo".to_bytes()) {
        *to = from.cast_signed() as libc::c_char;
    }
    #[allow(clippy::cast_possible_truncation, reason = "the flags fit in 16 bits")]
    let flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    request.ifr_ifru.ifru_flags = flags;
    // SAFETY: the request is a valid `ifreq` that outlives the call.
    let result = check(unsafe { libc::ioctl(socket, libc::SIOCSIFFLAGS, &raw const request) });
    // SAFETY: the descriptor is ours and open.
    unsafe { libc::close(socket) };
    result.map(|_| ())
}
