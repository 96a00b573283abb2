//! `magpie source hosts`: the clocks of hosts, as all processes share them.

use std::io::Write;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::table::{self, Screen};
use crate::domain::host::HostPace;

/// Prints the clocks: the next slot, how long and why a host is held, the gap at present, how long answers take.
pub fn print(
    hosts: &[(String, HostPace)],
    json: bool,
    now: DateTime<Utc>,
    screen: Screen,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    if json {
        let all: Vec<_> = hosts.iter().map(|(host, pace)| as_json(host, pace, now)).collect();
        table::print_json(out, &all)?;
        return Ok(());
    }
    if hosts.is_empty() {
        writeln!(out, "No host has been asked yet.")?;
        return Ok(());
    }
    let rows: Vec<_> = hosts.iter().map(|(host, pace)| row(host, pace, now)).collect();
    let header = ["host", "next", "held until", "why", "in a row", "gap", "answers in", "usually"];
    table::print(out, screen, &header, &rows)?;
    Ok(())
}

fn row(host: &str, pace: &HostPace, now: DateTime<Utc>) -> Vec<String> {
    let next = moment(pace.next_at).filter(|next| *next > now);
    let held = moment(pace.held_until).filter(|_| pace.is_held(now.timestamp_millis()));
    let count = |number: i64, unit: &str| match number {
        0 => String::new(),
        _ => format!("{number}{unit}"),
    };
    vec![
        host.to_owned(),
        next.map_or_else(|| "now".into(), |next| table::when(Some(next), now)),
        held.map_or_else(String::new, |until| table::when(Some(until), now)),
        pace.why.clone(),
        count(pace.refused, ""),
        count(pace.gap_ms, " ms"),
        count(pace.answer_ms, " ms"),
        count(pace.usual_ms, " ms"),
    ]
}

fn as_json(host: &str, pace: &HostPace, now: DateTime<Utc>) -> serde_json::Value {
    let held = pace.is_held(now.timestamp_millis());
    json!({
        "host": host,
        "next_at": moment(pace.next_at),
        "held_until": moment(pace.held_until).filter(|_| held),
        "why": (!pace.why.is_empty()).then_some(&pace.why),
        "refused_in_a_row": pace.refused,
        "gap_ms": pace.gap_ms,
        "answer_ms": pace.answer_ms,
        "usual_ms": pace.usual_ms,
    })
}

fn moment(ms: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(ms).filter(|_| ms > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_host_shows_until_when_and_why() {
        let now = DateTime::from_timestamp(1_760_000_000, 0).unwrap();
        let at = |seconds: i64| now.timestamp_millis() + seconds * 1_000;
        let held = HostPace {
            next_at: at(-5),
            held_until: at(900),
            refused: 3,
            gap_ms: 3_000,
            answer_ms: 250,
            usual_ms: 240,
            why: "HTTP 429".into(),
            ..HostPace::default()
        };
        let idle = HostPace { next_at: at(-60), held_until: at(-1), ..HostPace::default() };
        let hosts = [("held.example".to_owned(), held), ("idle.example".to_owned(), idle)];
        let mut text = Vec::new();
        print(&hosts, false, now, Screen::Plain, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let line = |host| text.lines().find(|line| line.contains(host)).unwrap_or_default();
        for word in ["in 15 min", "HTTP 429", "3000 ms", "250 ms"] {
            assert!(line("held.example").contains(word), "{text}");
        }
        assert_eq!(
            line("idle.example").split_whitespace().collect::<Vec<_>>(),
            ["idle.example", "now"]
        );
        let mut text = Vec::new();
        print(&hosts, true, now, Screen::Plain, &mut text).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(value[0]["refused_in_a_row"], 3);
        assert!(value[1]["held_until"].is_null() && value[1]["why"].is_null());
    }
}
