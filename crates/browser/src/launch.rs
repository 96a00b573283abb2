//! One start of Chromium, from nothing to a checked connection.
//!
//! ```text
//! directory → guard (jail first, where allowed) → Chromium's process id → bridge → client
//!   → version answers → switches and namespace as ordered?  else: end it and say why
//! ```

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use chromiumoxide::error::CdpError;
use chromiumoxide::handler::HandlerConfig;
use chromiumoxide::{Browser as Client, Handler};
use futures_util::StreamExt;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::chatter::Log;
use crate::instance::{Instance, Parts, Processes, kill_groups};
use crate::options::{JailMode, Options, ProxyEndpoint, SandboxMode};
use crate::profile::{self, NOBODY};
use crate::{bridge, executable, flags, guard, jail, process, remote};

/// Longest wait for a browser that failed to start to be gone.
const LEAVE: Duration = Duration::from_secs(5);

/// How one attempt is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Walls {
    pub(crate) jail: bool,
    pub(crate) sandbox: bool,
}

/// Why an attempt failed, as far as the next one depends on it.
enum Failure {
    /// The kernel refuses the namespaces.
    NoJail(String),
    /// Chromium cannot build its sandbox.
    NoSandbox(String),
    /// Nothing another attempt would change.
    Other(String),
}

/// Starts a browser, or connects to the remote one. The error is a text for the operator.
pub(crate) async fn launch(options: &Arc<Options>) -> Result<Instance, String> {
    if let Some(address) = &options.cdp_url {
        return connect_remote(options, address).await;
    }
    let proxy = options.proxy.as_ref().ok_or("no egress proxy was given; none, no browser")?;
    let program = program(options)?;
    let mut reasons = Vec::new();
    for walls in attempts(options, proxy) {
        let refused = |reason: &&(bool, String)| reason.0 && walls.jail;
        if reasons.iter().any(|reason| refused(&reason)) {
            continue;
        }
        let attempt = Attempt { options, proxy, program: &program, walls };
        let mut ended = attempt.run().await;
        if matches!(&ended, Err(Failure::Other(text)) if text.contains(AT_ONCE)) {
            // Killed by somebody, or by bad luck: the second time it is the browser.
            ended = attempt.run().await;
        }
        match ended {
            Ok(instance) => {
                warn_about_missing_walls(options, walls, &reasons);
                return Ok(instance);
            }
            Err(Failure::NoJail(text)) => reasons.push((true, text)),
            Err(Failure::NoSandbox(text)) => reasons.push((false, text)),
            Err(Failure::Other(text)) => return Err(text),
        }
    }
    let texts: Vec<&str> = reasons.iter().map(|(_, text)| text.as_str()).collect();
    Err(format!("{}. {REMEDY}", texts.join("; ")))
}

/// What is said of a browser that ended before it answered.
const AT_ONCE: &str = "it ended at once";

const REMEDY: &str = "Allow unprivileged user namespaces (sysctl \
kernel.unprivileged_userns_clone=1 and user.max_user_namespaces above 0, or a container profile \
that permits them), install the package chromium-sandbox, or relax the settings for the \
browser's jail and sandbox";

fn program(options: &Options) -> Result<PathBuf, String> {
    match &options.executable {
        Some(path) if executable::is_executable(path) => Ok(executable::behind_script(path)),
        Some(path) => Err(format!("{} is not a program that can be run", path.display())),
        None => executable::find_executable().ok_or_else(|| {
            "no Chromium found; install chromium-headless-shell or set CHROMIUM".to_owned()
        }),
    }
}

/// Walls to try, the strongest first. The sandbox is worth more than the jail.
fn attempts(options: &Options, proxy: &ProxyEndpoint) -> Vec<Walls> {
    let jails: &[bool] = match options.jail {
        JailMode::Require => &[true],
        JailMode::Off => &[false],
        JailMode::Auto if proxy.unix.is_none() => &[false],
        JailMode::Auto => &[true, false],
    };
    let sandboxes: &[bool] = match options.chromium_sandbox {
        SandboxMode::Require => &[true],
        SandboxMode::Auto => &[true, false],
    };
    let mut all = Vec::new();
    for sandbox in sandboxes.iter().copied() {
        all.extend(jails.iter().copied().map(|jail| Walls { jail, sandbox }));
    }
    all
}

fn warn_about_missing_walls(options: &Options, walls: Walls, reasons: &[(bool, String)]) {
    let why = |jail| reasons.iter().find(|r| r.0 == jail).map_or("not possible", |r| &r.1);
    if !walls.jail && options.jail != JailMode::Off {
        tracing::warn!(
            reason = why(true),
            "the browser runs without its network jail; the proxy switches alone keep pages away \
             from this machine's network"
        );
    }
    if !walls.sandbox {
        tracing::warn!(
            reason = why(false),
            "the browser runs WITHOUT ITS SANDBOX: a page that breaks the renderer can do \
             whatever this user can do"
        );
    }
}

struct Attempt<'a> {
    options: &'a Arc<Options>,
    proxy: &'a ProxyEndpoint,
    program: &'a Path,
    walls: Walls,
}

impl Attempt<'_> {
    async fn run(&self) -> Result<Instance, Failure> {
        let as_root = rustix::process::geteuid().is_root();
        let owner = as_root.then_some(NOBODY);
        let (directory, lock) =
            profile::create(&self.options.work_dir, owner).map_err(|error| {
                let place = self.options.work_dir.display();
                Failure::Other(format!("no directory for the browser below {place}: {error}"))
            })?;
        let child = match self.spawn(&directory, owner) {
            Ok(child) => child,
            Err(failure) => {
                profile::remove(&directory);
                return Err(failure);
            }
        };
        self.attach(child, directory, lock).await
    }

    /// The sockets of other ways out; without the jail the browser reaches them directly.
    fn identities(&self) -> Result<Vec<String>, Failure> {
        let socket = |endpoint: &ProxyEndpoint| {
            let path = endpoint.unix.as_ref().map(|path| path.display());
            path.map(|path| format!("{}{path}", guard::IDENTITY))
                .ok_or_else(|| Failure::NoJail("another way out has no socket".to_owned()))
        };
        let all = self.options.identities.values().filter(|_| self.walls.jail);
        all.map(socket).collect()
    }

    fn spawn(&self, directory: &Path, owner: Option<u32>) -> Result<Child, Failure> {
        let profile = directory.join("profile");
        let flags = flags::flags(self.options, &profile, self.program, self.walls.sandbox);
        let way_out = match (&self.proxy.unix, self.walls.jail) {
            (Some(path), true) => ("socket", path.clone().into()),
            (None, true) => return Err(Failure::NoJail("the proxy has no socket".to_owned())),
            (_, false) => ("proxy", self.proxy.tcp.to_string().into()),
        };
        let flags = self.identities()?.into_iter().chain(flags).collect();
        let mut command = std::process::Command::new(&self.options.guard);
        command
            .args(guard::arguments(directory, self.program, way_out, flags))
            .env_clear()
            .envs(environment(directory))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        if let Some(owner) = owner {
            command.uid(owner).gid(owner);
        }
        if self.walls.jail {
            let uid = owner.unwrap_or_else(|| rustix::process::geteuid().as_raw());
            let gid = owner.unwrap_or_else(|| rustix::process::getegid().as_raw());
            jail::enter_before_exec(&mut command, uid, gid);
        }
        Command::from(command).spawn().map_err(|error| {
            if self.walls.jail {
                Failure::NoJail(format!("the network jail cannot be built: {error}"))
            } else {
                let guard = self.options.guard.display();
                Failure::Other(format!("the browser's guard {guard} cannot be started: {error}"))
            }
        })
    }

    /// From a running guard to a checked browser. On failure the guard's lifeline closes here.
    async fn attach(
        &self,
        mut child: Child,
        directory: PathBuf,
        lock: File,
    ) -> Result<Instance, Failure> {
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(Failure::Other("the guard has no pipes".to_owned()));
        };
        let guard = child.id().unwrap_or_default();
        let log = Arc::new(Log::default());
        let started = log.clone().follow(stderr);
        let (stop, stopped) = watch::channel(false);
        let unplugged = stopped.clone();
        let (dead, is_dead) = watch::channel(false);
        let (gone, is_gone) = watch::channel(false);
        let pid = Arc::new(std::sync::atomic::AtomicU32::new(0));
        tokio::spawn(collect(child, directory, pid.clone(), dead.clone(), gone));

        let connecting = async {
            let chromium = started.await.map_err(|_| AT_ONCE.to_owned())?;
            pid.store(chromium, std::sync::atomic::Ordering::Relaxed);
            let address = bridge::open(stdin, stdout, stopped).await.map_err(|e| e.to_string())?;
            let client = connect(&address, &dead, unplugged).await?;
            Ok::<_, String>((chromium, client))
        };
        let mut ended = is_dead.clone();
        let connected = tokio::select! {
            biased;
            _ = ended.wait_for(|dead| *dead) => Err(AT_ONCE.to_owned()),
            connected = timeout(self.options.launch_timeout, connecting) => connected
                .unwrap_or_else(|_| Err("it did not answer in time".to_owned())),
        };
        drop(lock);
        let Walls { jail: jailed, sandbox: sandboxed } = self.walls;
        let checked = connected.and_then(|(chromium, client)| {
            let processes = Processes { guard, chromium, jailed, sandboxed };
            check(&processes, self.options.devtools_port).map(|()| (processes, client))
        });
        let (processes, client) = match checked {
            Ok(checked) => checked,
            Err(error) => {
                stop.send_replace(true);
                // Its last words arrive until it has gone, and the next attempt should not
                // meet it.
                let mut gone = is_gone.clone();
                let _ = timeout(LEAVE, gone.wait_for(|gone| *gone)).await;
                return Err(self.judge(&error, &log));
            }
        };
        let chromium = processes.chromium;
        tracing::info!(pid = chromium, jailed, sandboxed, "browser started");
        let parts =
            Parts { client, processes: Some(processes), stop, dead: is_dead, gone: is_gone };
        Ok(Instance::new(parts, self.options.clone()))
    }

    fn judge(&self, error: &str, log: &Log) -> Failure {
        let words = log.last_words();
        let text = format!("{} did not start: {error}. {words}", self.program.display());
        let about_sandbox =
            ["No usable sandbox", "setuid sandbox", "Failed to move to new namespace"]
                .iter()
                .any(|sign| words.contains(sign));
        if about_sandbox && self.walls.sandbox {
            Failure::NoSandbox(text)
        } else {
            Failure::Other(text)
        }
    }
}

/// The switches and the namespace, as the kernel knows them.
fn check(processes: &Processes, devtools: Option<u16>) -> Result<(), String> {
    let command_line = process::command_line(processes.chromium);
    flags::check(&command_line, processes.sandboxed, devtools)?;
    let own = process::network_namespace(std::process::id());
    let its = process::network_namespace(processes.chromium);
    if processes.jailed && (its.is_none() || own == its) {
        return Err("the browser is not in its network jail".to_owned());
    }
    Ok(())
}

/// The browser's whole environment. Nothing of ours is in it.
fn environment(directory: &Path) -> Vec<(&'static str, PathBuf)> {
    let profile = directory.join("profile");
    vec![
        ("PATH", "/usr/local/bin:/usr/bin:/bin".into()),
        ("LANG", "C.UTF-8".into()),
        ("HOME", profile.clone()),
        ("XDG_CONFIG_HOME", profile.join("config")),
        ("XDG_CACHE_HOME", profile.join("cache")),
        ("XDG_RUNTIME_DIR", directory.join("tmp")),
        ("TMPDIR", directory.join("tmp")),
    ]
}

/// Waits for the guard's end, makes sure that Chromium ended with it, and cleans up.
async fn collect(
    mut child: Child,
    directory: PathBuf,
    chromium: Arc<std::sync::atomic::AtomicU32>,
    dead: watch::Sender<bool>,
    gone: watch::Sender<bool>,
) {
    let guard = child.id().unwrap_or_default();
    let status = child.wait().await;
    dead.send_replace(true);
    let chromium = chromium.load(std::sync::atomic::Ordering::Relaxed);
    // A guard that was itself killed has left its children behind.
    if chromium != 0 && !status.is_ok_and(|status| status.code().is_some()) {
        kill_groups(&Processes { guard, chromium, jailed: false, sandboxed: false });
    }
    let _ = tokio::task::spawn_blocking(move || profile::remove(&directory)).await;
    gone.send_replace(true);
}

async fn connect_remote(options: &Arc<Options>, address: &str) -> Result<Instance, String> {
    tracing::warn!("using a remote browser: its sandbox and its way out are not ours to check");
    let address = remote::websocket_address(address).await?;
    let (stop, stopped) = watch::channel(false);
    let (dead, is_dead) = watch::channel(false);
    let connecting = timeout(options.launch_timeout, connect(&address, &dead, stopped)).await;
    let client =
        connecting.map_err(|_| "the remote browser did not answer in time".to_owned())??;
    let gone = is_dead.clone();
    let parts = Parts { client, processes: None, stop, dead: is_dead, gone };
    Ok(Instance::new(parts, options.clone()))
}

/// Connects the client until `stop`; `dead` becomes true when the connection ends. The browser
/// disposes of our contexts when it does.
async fn connect(
    address: &str,
    dead: &watch::Sender<bool>,
    mut stop: watch::Receiver<bool>,
) -> Result<Client, String> {
    let config = HandlerConfig {
        ignore_https_errors: false,
        ignore_invalid_messages: false,
        viewport: None,
        ..HandlerConfig::default()
    };
    let connected = Client::connect_with_config(address, config).await;
    let (client, handler) = connected.map_err(|error| error.to_string())?;
    let dead = dead.clone();
    let handling = tokio::spawn(async move {
        tokio::select! {
            () = handle(handler) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    });
    tokio::spawn(async move {
        if let Err(error) = handling.await {
            tracing::error!(%error, "the browser connection failed");
        }
        dead.send_replace(true);
    });
    let answered = client.version().await;
    answered.map_err(|_| "it ended before it answered".to_owned())?;
    Ok(client)
}

/// Drives the connection until its first real error, then drops it, so that every waiting call
/// fails at once. A message that does not parse is a new event kind, and harmless.
async fn handle(mut handler: Handler) {
    while let Some(step) = handler.next().await {
        match step {
            Ok(()) => {}
            Err(CdpError::InvalidMessage(message, error)) => {
                let start: String = message.chars().take(80).collect();
                tracing::trace!(%error, start, "message of an unknown kind");
            }
            Err(error) => {
                tracing::debug!(%error, "connection to the browser ended");
                return;
            }
        }
    }
}
