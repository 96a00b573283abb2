//! The first lines of every process: configuration, runtime, exit code.

use std::future::Future;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use crate::config::{self, Config, Loaded, Sources};
use crate::deliver::render::templates;
use crate::shutdown::{DEADLINE, Shutdown, Stage};
use crate::store::DbError;

/// Exit code when a needed service cannot be reached.
const UNREACHABLE: u8 = 3;

/// The configuration of this machine; on problems all of them are printed and the exit code is 2.
pub fn configuration(named: Option<&Path>) -> Result<Loaded, ExitCode> {
    let loaded = Sources::of_machine(named).and_then(|sources| config::load_with_origins(&sources));
    let checked = loaded.and_then(|loaded| {
        let problems = templates::problems(loaded.config.paths.templates.as_deref());
        if problems.is_empty() { Ok(loaded) } else { Err(problems) }
    });
    checked.map_err(|problems| {
        eprint(&config::report(&problems));
        ExitCode::from(config::EXIT_CODE)
    })
}

/// Runs `work` to its end on a runtime of its own and turns its error into words and an exit code.
pub fn block_on<F>(work: impl FnOnce() -> F) -> ExitCode
where
    F: Future<Output = anyhow::Result<ExitCode>>,
{
    // Another part of the process may have installed the same provider; that is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return failed(&anyhow::Error::new(error).context("cannot start the runtime"));
        }
    };
    match runtime.block_on(work()) {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprint(&format!("magpie: {error:#}\n"));
    let is_away = error
        .chain()
        .any(|cause| cause.downcast_ref::<DbError>().is_some_and(DbError::is_transient));
    if is_away { ExitCode::from(UNREACHABLE) } else { ExitCode::FAILURE }
}

/// Words for a person at a terminal, before or beside the log.
#[expect(clippy::print_stderr, reason = "the one place that speaks to the terminal beside the log")]
pub fn eprint(text: &str) {
    eprint!("{text}");
}

/// A configuration that is shared by the parts of a process.
pub fn shared(loaded: Loaded) -> Arc<Config> {
    Arc::new(loaded.config)
}

/// Begins the soft stop when the standard input is closed: a parent that dies closes it, however it dies.
pub fn stop_with_stdin(shutdown: Shutdown) {
    tokio::spawn(async move {
        let mut sink = tokio::io::sink();
        // Whatever comes is thrown away; the end, or an error, is the signal.
        let _ = tokio::io::copy(&mut tokio::io::stdin(), &mut sink).await;
        shutdown.reach(Stage::Quiet);
        tokio::time::sleep(DEADLINE).await;
        shutdown.reach(Stage::Cut);
    });
}
