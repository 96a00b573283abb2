//! The real supervisor with our file and stand-ins for our executables: both start, a dead one comes back, and
//! one SIGTERM ends everything in order.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A stand-in that tells its starts and its stop, and works in a group as our executables do.
const STAND_IN: &str = r#"#!/bin/sh
name=$(basename "$0")
trap 'echo stopped >> "$name.log"; kill $!; exit 0' TERM
echo "started $*" >> "$name.log"
echo $$ > "$name.pid"
while :; do sleep 1 & wait $!; done
"#;

struct Supervisor {
    child: Child,
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(45), "waited in vain: {what}");
        let _ = Command::new("sleep").arg("0.05").status();
    }
}

fn lines(folder: &Path, name: &str) -> Vec<String> {
    let text = fs::read_to_string(folder.join(name)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn signal(signal: &str, pid: &str) {
    assert!(Command::new("kill").args([signal, pid]).status().unwrap().success());
}

#[test]
fn both_processes_start_come_back_and_stop_together() {
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    fs::create_dir_all(&bin).unwrap();
    fs::create_dir_all(folder.path().join("data")).unwrap();
    for name in ["magpie", "magpie-bot"] {
        fs::write(bin.join(name), STAND_IN).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let child = Command::new("supervisord")
        .args(["--nodaemon", "--configuration"])
        .arg(super::root().join("supervisord.conf"))
        .current_dir(folder.path())
        .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("supervisord is needed: apt-get install supervisor");
    let mut supervisor = Supervisor { child };

    until("both are started", || {
        ["magpie.pid", "magpie-bot.pid"].iter().all(|file| !lines(folder.path(), file).is_empty())
    });
    assert_eq!(lines(folder.path(), "magpie.log"), ["started run"]);
    assert_eq!(lines(folder.path(), "magpie-bot.log"), ["started "]);

    signal("-KILL", &lines(folder.path(), "magpie-bot.pid")[0]);
    until("the killed bot is back", || lines(folder.path(), "magpie-bot.log").len() == 2);

    signal("-TERM", &supervisor.child.id().to_string());
    until("the supervisor has ended", || supervisor.child.try_wait().unwrap().is_some());
    assert_eq!(lines(folder.path(), "magpie.log"), ["started run", "stopped"]);
    assert_eq!(lines(folder.path(), "magpie-bot.log"), ["started ", "started ", "stopped"]);
}
