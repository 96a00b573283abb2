//! The small process between us and Chromium.
//!
//! Our own executable, run again as `browser-guard`. It starts Chromium, waits, and makes sure
//! that nothing of it remains when we end, however we end:
//!
//! 1. become the reaper of orphans, so that no descendant can escape upwards;
//! 2. lock the launch directory, lower the limits, volunteer for the out-of-memory killer;
//! 3. in the jail, relay a loopback port to the proxy's socket;
//! 4. start Chromium in a process group of its own, with our stdin and stdout as its DevTools
//!    pipe (descriptors 3 and 4), and say its process id on stderr;
//! 5. wait until Chromium ends, or until the other end of stdin is closed: then our parent has
//!    closed the browser, or was killed;
//! 6. kill every descendant, collect them, remove the launch directory, end.
//!
//! Stdin carries two meanings at once: the guard never reads it (Chromium does), it only asks
//! the kernel whether anybody still holds the other end.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitOptions, kill_process, kill_process_group, setrlimit, wait,
};

use crate::{process, profile, relay};

/// First argument that makes an executable a guard.
pub const SUBCOMMAND: &str = "browser-guard";
/// Start of the line with which the guard tells Chromium's process id.
pub(crate) const STARTED: &str = "browser-guard: chromium ";

/// Exit code when the guard itself could not do its work.
const FAILED: u8 = 70;

/// Body of the hidden subcommand; `args` are the arguments behind [`SUBCOMMAND`].
///
/// Call it before anything else in `main`: the process should have no other threads and no
/// open files.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Some(order) = Order::read(args) else {
        say("browser-guard: this command is for internal use");
        return ExitCode::from(2);
    };
    match guard(&order) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say(&format!("browser-guard: {error}"));
            profile::remove(&order.directory);
            ExitCode::from(FAILED)
        }
    }
}

fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Beginning of the word that names the socket of another way out.
pub(crate) const IDENTITY: &str = "--magpie-identity=";

/// `DIRECTORY PROGRAM (socket PATH | proxy ADDRESS) --magpie-identity=PATH… FLAGS…`
struct Order {
    directory: PathBuf,
    program: PathBuf,
    way_out: WayOut,
    /// Sockets of other ways out.
    identities: Vec<PathBuf>,
    flags: Vec<OsString>,
}

enum WayOut {
    Socket(PathBuf),
    Proxy(String),
}

impl Order {
    fn read(args: impl IntoIterator<Item = OsString>) -> Option<Order> {
        let mut args = args.into_iter();
        let directory = args.next()?.into();
        let program = args.next()?.into();
        let way_out = match (args.next()?.to_str()?, args.next()?) {
            ("socket", path) => WayOut::Socket(path.into()),
            ("proxy", address) => WayOut::Proxy(address.into_string().ok()?),
            _ => return None,
        };
        let (mut identities, mut flags) = (Vec::new(), Vec::new());
        for word in args {
            match word.to_str().and_then(|word| word.strip_prefix(IDENTITY)) {
                Some(path) => identities.push(path.into()),
                None => flags.push(word),
            }
        }
        Some(Order { directory, program, way_out, identities, flags })
    }
}

fn guard(order: &Order) -> io::Result<u8> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    let lock = File::open(order.directory.join(profile::LOCK))?;
    lock.lock_shared()?;
    lower_limits();
    let proxy = match &order.way_out {
        WayOut::Socket(path) => format!("127.0.0.1:{}", relay::start(path, 0)?),
        WayOut::Proxy(address) => address.clone(),
    };
    for (place, path) in order.identities.iter().enumerate() {
        relay::start(path, relay::identity_port(place))?;
    }
    let chromium = start(order, &proxy)?;
    say(&format!("{STARTED}{}", chromium.as_raw_nonzero()));
    // Only Chromium holds the answering end now, so that its death is heard at once.
    rustix::stdio::dup2_stdout(File::create("/dev/null")?)?;
    std::thread::spawn(move || {
        wait_for_closed_lifeline();
        let _ = kill_process_group(chromium, Signal::KILL);
    });
    let status = wait_for(chromium);
    kill_the_rest(chromium);
    profile::remove(&order.directory);
    Ok(exit_code(status))
}

/// Limits that hold for Chromium and everything below it. None of them is worth failing for.
fn lower_limits() {
    let _ = fs::write("/proc/self/oom_score_adj", "800");
    let limit = |most| Rlimit { current: Some(most), maximum: Some(most) };
    let _ = setrlimit(Resource::Core, limit(0));
    let _ = setrlimit(Resource::Fsize, limit(2 << 30));
}

/// Starts Chromium through a shell that only moves descriptors: 3 and 4 are fixed numbers in
/// Chromium, and a shell can say so without unsafe code.
fn start(order: &Order, proxy: &str) -> io::Result<Pid> {
    let child = Command::new("/bin/sh")
        .args(["-c", r#"exec 3<&0 4>&1 </dev/null >&2; exec "$@""#, "sh"])
        .arg(&order.program)
        .args(&order.flags)
        .arg(format!("--proxy-server=http://{proxy}"))
        .process_group(0)
        .spawn()?;
    // The handle goes; `wait_for` collects the process.
    Ok(Pid::from_child(&child))
}

/// Returns when nobody holds the writing end of our stdin any more.
fn wait_for_closed_lifeline() {
    let stdin = io::stdin();
    loop {
        // Hang-up is reported even though no event is asked for; data is not.
        let mut ask = [PollFd::new(&stdin, PollFlags::empty())];
        match poll(&mut ask, None) {
            Ok(_) if !ask[0].revents().is_empty() => return,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

/// Collects orphans until Chromium's main process is among them.
fn wait_for(chromium: Pid) -> Option<ExitStatus> {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == chromium => {
                return Some(ExitStatus::from_raw(status.as_raw()));
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return None,
        }
    }
}

fn exit_code(status: Option<ExitStatus>) -> u8 {
    let code = status.and_then(|status| status.code().or(status.signal().map(|s| 128 + s)));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(FAILED)
}

/// Kills and collects descendants until there are none. Bounded: a process that cannot be
/// killed hangs in the kernel, and then the guard's own end hands it to init.
#[expect(
    clippy::disallowed_methods,
    reason = "the guard is a process of its own, without a runtime"
)]
fn kill_the_rest(chromium: Pid) {
    for _ in 0..200 {
        let _ = kill_process_group(chromium, Signal::KILL);
        let below = process::descendants(std::process::id());
        for pid in below.iter().filter_map(|pid| Pid::from_raw(pid.cast_signed())) {
            let _ = kill_process(pid, Signal::KILL);
        }
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
        if below.is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Arguments that make [`main`] do its work.
pub(crate) fn arguments(
    directory: &Path,
    program: &Path,
    way_out: (&str, OsString),
    flags: Vec<String>,
) -> Vec<OsString> {
    let mut arguments: Vec<OsString> =
        vec![SUBCOMMAND.into(), directory.into(), program.into(), way_out.0.into(), way_out.1];
    arguments.extend(flags.into_iter().map(OsString::from));
    arguments
}
