//! `magpie-sandbox`: the sandbox as a program of its own.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use sandbox::Options;
use sandbox::clock::Clock;
use sandbox::limits::Mode;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A local Telegram Bot API with its documented rules enforced, a chat page, and demo listing sites.
#[derive(Debug, Parser)]
#[command(name = "magpie-sandbox", version)]
struct Arguments {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8088)]
    port: u16,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    bind: IpAddr,
    /// Append the journal to this file as well.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Pause between two new offers on the demo sites: 6s, 500ms, 2m, or off.
    #[arg(long, default_value = "6s", value_parser = pause)]
    publish_every: Pause,
    /// How rate limits are counted; on is the same as sliding.
    #[arg(long, default_value = "on")]
    limits: Limits,
    /// Accept webhooks on local addresses by plain HTTP and on any port.
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set)]
    local_webhooks: bool,
    /// Decides what the demo sites offer.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Carry out an act of /_sandbox/say at the start, in JSON; may be given several times.
    #[arg(long, value_name = "JSON")]
    say: Vec<String>,
    /// End when the standard input is closed: for a parent that may die.
    #[arg(long, hide = true)]
    exit_with_stdin: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Limits {
    On,
    Off,
    Sliding,
    Bucket,
}

impl From<Limits> for Mode {
    fn from(limits: Limits) -> Self {
        match limits {
            Limits::Off => Self::Off,
            Limits::Bucket => Self::Bucket,
            Limits::On | Limits::Sliding => Self::Sliding,
        }
    }
}

/// A pause, or none at all.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pause(Option<Duration>);

fn pause(text: &str) -> Result<Pause, String> {
    if text == "off" {
        return Ok(Pause(None));
    }
    let digits = text.find(|symbol: char| !symbol.is_ascii_digit()).unwrap_or(text.len());
    let unit = match &text[digits..] {
        "ms" => 1,
        "s" | "" => 1_000,
        "m" => 60_000,
        _ => return Err("write it like 6s, 500ms, 2m, or off".to_owned()),
    };
    let number: u64 = text[..digits].parse().map_err(|_| "the number is missing".to_owned())?;
    let pause = Duration::from_millis(number.saturating_mul(unit));
    if pause < Duration::from_millis(100) {
        return Err("at least 100ms".to_owned());
    }
    Ok(Pause(Some(pause)))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_env("LOG_LEVEL").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let running = sandbox::start(Options {
        bind: arguments.bind,
        port: arguments.port,
        journal: arguments.journal,
        publish_every: arguments.publish_every.0,
        limits: arguments.limits.into(),
        local_webhooks: arguments.local_webhooks,
        seed: arguments.seed,
        clock: Clock::system(),
    })
    .await?;
    for act in &arguments.say {
        let said = running.say(act).await;
        said.map_err(|why| anyhow::anyhow!("--say {act}: {why}"))?;
    }
    if !arguments.exit_with_stdin {
        println!("{}", running.url());
    }
    tracing::info!(address = %running.address(), "chat page, Bot API and demo sites are ready");
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted.context("cannot listen for SIGINT")?,
        () = stdin_closed(), if arguments.exit_with_stdin => {}
    }
    running.stop().await;
    Ok(())
}

/// Returns when the standard input ends, whatever came through it.
async fn stdin_closed() {
    let mut sink = tokio::io::sink();
    // An error is an end too.
    let _ended = tokio::io::copy(&mut tokio::io::stdin(), &mut sink).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn pauses_are_read_with_their_units() {
        assert_eq!(pause("6s"), Ok(Pause(Some(Duration::from_secs(6)))));
        assert_eq!(pause("500ms"), Ok(Pause(Some(Duration::from_millis(500)))));
        assert_eq!(pause("off"), Ok(Pause(None)));
        assert!(pause("soon").is_err() && pause("1ms").is_err());
    }
}
