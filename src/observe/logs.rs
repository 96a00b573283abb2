//! Logs: one stream on standard error for people or machines, and files for operators to tail.
//!
//! ```text
//! standard error         everything at `log.level`; pretty with colours on a terminal, JSON elsewhere
//! logs/<process>.log     the same as JSON
//! logs/errors.log        errors of all processes
//! logs/payments.log      target PAYMENTS of all processes
//! logs/admin.log         target ADMIN of all processes: what operators did
//! ```
//!
//! Text from outside (titles, error texts of servers) may hold line breaks and terminal sequences: control
//! characters are escaped before they are written, so that one event is one line. What is logged and what never
//! is stands in docs/LOGGING.md.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Subscriber};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::{EnvFilter, Targets};
use tracing_subscriber::fmt::format::debug_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use super::rolling::{Limits, RollingFile};
use crate::clock::SystemClock;
use crate::config::Log;

/// Target of events about money; they also go to `payments.log`.
pub const PAYMENTS: &str = "magpie::payments";

/// Target of events about what operators did; they also go to `admin.log`.
pub const ADMIN: &str = "magpie::admin";

/// Put in front of the configured filter, which may override it. The first target prints whole protocol messages
/// with cookies of visited sites; the last warns of each untidy page.
const QUIET: &str = "chromiumoxide::conn::raw_ws::parse_errors=off,chromiumoxide::handler=error,\
                     tokio_cron_scheduler=warn,hyper=warn,h2=warn,selectors=warn,html5ever=error";

/// Lines that may wait for a slow disk, for each file. Their places are taken when the process starts: 256 kB,
/// where the usual 128,000 lines are 4 MB.
const WAITING_LINES: usize = 8_192;

/// Keeps the writers of the files alive; dropping it writes what is still waiting.
#[must_use = "dropping the guard ends the log files"]
pub struct Guard {
    _workers: Vec<WorkerGuard>,
}

/// Starts logging for a process (`scraper`, `bot`, or `None` for a command, which writes no files).
pub fn init(config: &Log, process: Option<&str>) -> anyhow::Result<Guard> {
    let mut layers: Vec<Box<dyn Layer<_> + Send + Sync>> = vec![terminal(config)?];
    if process.is_some() {
        layers.push(super::errors::Keeper.with_filter(LevelFilter::ERROR).boxed());
    }
    let mut workers = Vec::new();
    if let Some(process) = process.filter(|_| !config.dir.as_os_str().is_empty()) {
        let files: [(String, Box<dyn Layer<_> + Send + Sync>); 4] = [
            file(config, &format!("{process}.log"), filter(config)?, &mut workers)?,
            file(config, "errors.log", LevelFilter::ERROR, &mut workers)?,
            file(
                config,
                "payments.log",
                Targets::new().with_target(PAYMENTS, Level::TRACE),
                &mut workers,
            )?,
            file(
                config,
                "admin.log",
                Targets::new().with_target(ADMIN, Level::TRACE),
                &mut workers,
            )?,
        ];
        layers.extend(files.into_iter().map(|(_, layer)| layer));
    }
    tracing_subscriber::registry()
        .with(layers)
        .try_init()
        .context("logging was started twice in this process")?;
    Ok(Guard { _workers: workers })
}

fn filter(config: &Log) -> anyhow::Result<EnvFilter> {
    EnvFilter::builder()
        .parse(format!("{QUIET},{}", config.level))
        .with_context(|| format!("log.level \"{}\" is not a filter", config.level.escape_debug()))
}

fn terminal<S>(config: &Log) -> anyhow::Result<Box<dyn Layer<S> + Send + Sync>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let on_terminal = std::io::stderr().is_terminal();
    let pretty = config.format.as_deref().map_or(on_terminal, |format| format == "pretty");
    let filter = filter(config)?;
    Ok(if pretty {
        readable(std::io::stderr, on_terminal).with_filter(filter).boxed()
    } else {
        fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(std::io::stderr)
            .with_filter(filter)
            .boxed()
    })
}

/// One line per event, with control characters of every field escaped.
fn readable<S, W>(writer: W, colours: bool) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    let fields = debug_fn(|writer, field, value| {
        let text = escape_control(&format!("{value:?}"));
        match field.name() {
            "message" => write!(writer, "{text}"),
            name => write!(writer, "{name}={text}"),
        }
    });
    fmt::layer().with_ansi(colours).with_writer(writer).fmt_fields(fields.delimited(" "))
}

/// Control characters, and the marks that turn the direction of text, as escapes.
pub fn escape_control(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    text.chars()
        .flat_map(|c| {
            let escape = c.is_control() || turns(c);
            let escaped = escape.then(|| c.escape_default());
            escaped.into_iter().flatten().chain((!escape).then_some(c))
        })
        .collect()
}

type Named<S> = (String, Box<dyn Layer<S> + Send + Sync>);

fn file<S, F>(
    config: &Log,
    name: &str,
    filter: F,
    workers: &mut Vec<WorkerGuard>,
) -> anyhow::Result<Named<S>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    F: tracing_subscriber::layer::Filter<S> + Send + Sync + 'static,
{
    let (writer, worker) = appender(&config.dir, name)?;
    workers.push(worker);
    let layer = fmt::layer().json().flatten_event(true).with_writer(writer).with_filter(filter);
    Ok((name.to_owned(), layer.boxed()))
}

/// The lines are written by a thread of their own: a slow disk never stops the work. When it cannot keep up with
/// [`WAITING_LINES`], lines are dropped.
fn appender(dir: &Path, name: &str) -> anyhow::Result<(NonBlocking, WorkerGuard)> {
    let file = RollingFile::open(dir, name, Limits::default(), Arc::new(SystemClock))
        .with_context(|| {
            format!(
                "cannot write logs to {}: make the folder writable, or set LOG_DIR",
                dir.display()
            )
        })?;
    Ok(NonBlockingBuilder::default().buffered_lines_limit(WAITING_LINES).finish(file))
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn text_from_outside_cannot_forge_a_line_or_move_the_cursor() {
        let captured = Captured::default();
        let sink = captured.clone();
        let layer = readable(move || sink.clone(), false);
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            let title = "Flat\n2026-01-01 ERROR forged\r\u{1b}[2J\u{9b}31m\u{202e}";
            tracing::info!(%title, quoted = title, "title is {title}");
            tracing::info_span!("run", %title).in_scope(|| tracing::info!("inside"));
        });
        let text = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 2, "{text:?}");
        assert!(!text.contains(['\r', '\u{1b}', '\u{9b}', '\u{202e}']), "{text:?}");
        assert!(text.contains("Flat\\n2026"), "{text:?}");
    }

    #[test]
    fn the_filter_silences_protocol_dumps_and_obeys_the_operator() {
        let log = |level: &str| Log { level: level.into(), format: None, dir: "".into() };
        let text = filter(&log("trace")).unwrap().to_string();
        assert!(text.contains("chromiumoxide::conn::raw_ws::parse_errors=off"), "{text}");
        assert!(filter(&log("info,magpie=loud")).is_err());
    }
}
