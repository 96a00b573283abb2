//! How commands print: a table that fits the terminal, plain columns elsewhere, or JSON; and a spinner where
//! one waits.

use std::io::{self, IsTerminal as _, Write};
use std::time::Duration;

use chrono::{DateTime, Utc};
use comfy_table::{ContentArrangement, Table, presets};
use indicatif::ProgressBar;
use serde::Serialize;

/// Where the output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// A terminal of this many columns: borders, wrapped cells.
    Terminal(u16),
    /// A file or a pipe: one line per row, nothing cut.
    Plain,
}

impl Screen {
    /// The screen behind standard output.
    pub fn of_stdout() -> Self {
        let stdout = io::stdout();
        if !stdout.is_terminal() {
            return Self::Plain;
        }
        let width = terminal_size::terminal_size_of(stdout).map_or(80, |(width, _)| width.0);
        Self::Terminal(width.max(40))
    }
}

/// Writes a table. Cells are shown without control characters: what sites write must not steer a terminal.
pub fn print(
    out: &mut dyn Write,
    screen: Screen,
    header: &[&str],
    rows: &[Vec<String>],
) -> io::Result<()> {
    let mut table = Table::new();
    match screen {
        Screen::Terminal(width) => {
            table.load_style(presets::UTF8_FULL_CONDENSED);
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        Screen::Plain => {
            table.load_style(presets::NOTHING);
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    table.set_header(header.to_vec());
    for row in rows {
        table.add_row(row.iter().map(|cell| tame(cell)).collect::<Vec<_>>());
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Writes a value as JSON with a line end.
pub fn print_json<T: Serialize + ?Sized>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

/// Text from outside on one line, without control characters and direction marks.
pub fn tame(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let spaced: String =
        text.chars().map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c }).collect();
    spaced.chars().filter(|c| !steers(*c)).collect()
}

/// A moment as operators read it: how long ago, or how long to go.
pub fn when(moment: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    let Some(moment) = moment else { return "never".into() };
    let seconds = (now - moment).num_seconds();
    let text = span(seconds.unsigned_abs());
    match seconds {
        0 => "now".into(),
        1.. => format!("{text} ago"),
        _ => format!("in {text}"),
    }
}

/// A length of time in its largest whole unit.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// Reads `30s`, `6m`, `2h` or `1d`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("\"{text}\" is no length of time; write 30s, 6m, 2h or 1d");
    let text_ = text.trim();
    let split = text_.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text_.split_at(split);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit.trim() {
        "s" | "sec" => number,
        "m" | "min" => number.saturating_mul(60),
        "h" => number.saturating_mul(3_600),
        "d" => number.saturating_mul(86_400),
        _ => return Err(wrong()),
    };
    if seconds == 0 || seconds > 366 * 86_400 {
        return Err(wrong());
    }
    Ok(Duration::from_secs(seconds))
}

/// A spinner on standard error while something takes its time; nothing when that is no terminal.
pub fn waiting(text: impl Into<String>) -> Waiting {
    let bar = io::stderr().is_terminal().then(|| {
        let bar = ProgressBar::new_spinner().with_message(text.into());
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    });
    Waiting(bar)
}

/// A running spinner; it vanishes when dropped.
pub struct Waiting(Option<ProgressBar>);

impl Waiting {
    /// Says something else.
    pub fn say(&self, text: impl Into<String>) {
        if let Some(bar) = &self.0 {
            bar.set_message(text.into());
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// The one thing whose name begins with `prefix`.
pub fn pick<T>(
    what: &str,
    prefix: &str,
    things: Vec<T>,
    name: impl Fn(&T) -> &str,
) -> anyhow::Result<T> {
    let mut found: Vec<T> =
        things.into_iter().filter(|one| name(one).starts_with(prefix)).collect();
    match (found.len(), found.pop()) {
        (1, Some(one)) if !prefix.is_empty() => Ok(one),
        (0, _) | (_, None) => {
            anyhow::bail!("there is no {what} \"{prefix}\"; the list command shows all")
        }
        (count, _) => {
            anyhow::bail!(
                "\"{prefix}\" is the beginning of {count} names; write more of the {what}'s"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(screen: Screen) -> String {
        let mut out = Vec::new();
        let long = "a title that goes on and on and on and on and on".to_owned();
        let rows = [vec!["1".to_owned(), long], vec!["22".into(), "\u{1b}[31mred\nx".into()]];
        print(&mut out, screen, &["id", "title"], &rows).expect("memory takes everything");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_table_fits_its_terminal() {
        let text = printed(Screen::Terminal(40));
        assert!(text.lines().count() > 5);
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
    }

    #[test]
    fn a_pipe_gets_one_line_per_row_without_control_characters() {
        let text = printed(Screen::Plain);
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.contains("[31mred x") && !text.contains('\u{1b}'));
    }

    #[test]
    fn lengths_of_time_are_read_and_written() {
        for (text, seconds) in [("30s", 30), ("6m", 360), (" 2 h", 7_200), ("1d", 86_400)] {
            assert_eq!(duration(text).map(|d| d.as_secs()), Ok(seconds), "{text}");
        }
        for bad in ["", "6", "m", "0s", "-3m", "6 parsecs", "99999999999999999999s", "9999d"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
        assert_eq!(span(119), "119 s");
        assert_eq!(span(7_200), "2 h");
    }

    #[test]
    fn a_beginning_names_one_thing_or_none() {
        let things = || vec!["abc".to_owned(), "abd".into()];
        assert_eq!(pick("source", "abc", things(), |t| t).ok().as_deref(), Some("abc"));
        for bad in ["", "ab", "x"] {
            assert!(pick("source", bad, things(), |t| t).is_err(), "{bad}");
        }
    }
}
