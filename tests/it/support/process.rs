//! One of our executables as a child process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};

/// A child that is killed when dropped; its output goes to a file that a failing test prints.
pub struct Process {
    name: String,
    child: Child,
    output: PathBuf,
}

impl Process {
    /// Starts `executable` with exactly these variables (and `PATH`).
    pub fn start(
        name: &str,
        executable: &Path,
        arguments: &[&str],
        environment: &BTreeMap<String, String>,
        folder: &Path,
    ) -> Self {
        let output = folder.join(format!("{name}-{}.out", uuid::Uuid::now_v7().simple()));
        let file = std::fs::File::create(&output).expect("the output file can be made");
        let child = Command::new(executable)
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .envs(environment)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a file handle can be copied"))
            .stderr(file)
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be started: {error}", executable.display()));
        Self { name: name.to_owned(), child, output }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("the process runs")
    }

    /// `kill -9`, and waits until it is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("the process can be killed");
    }

    /// SIGTERM, and waits for the exit; panics with its output when it takes longer than `deadline`.
    pub async fn terminate(mut self, deadline: Duration) -> ExitStatus {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill runs");
        assert!(sent.success(), "SIGTERM could not be sent to {}", self.name);
        match tokio::time::timeout(deadline, self.child.wait()).await {
            Ok(status) => status.expect("the exit can be read"),
            Err(_) => panic!("{} ignored SIGTERM for {deadline:?}:\n{}", self.name, self.output()),
        }
    }

    /// What it wrote so far.
    pub fn output(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap_or_default()
    }
}

impl Drop for Process {
    /// A failing test shows what its processes had to say.
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("--- {} said:\n{}", self.name, self.output());
        }
    }
}
