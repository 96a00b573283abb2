//! The file `.env` in the working folder: variables for people who start Magpie from a checkout. It is read
//! into our own table; the environment of the process stays as it is, so that no child inherits a secret.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use super::layers::line_of;
use super::problem::{Place, Problem};

/// Reads `.env` if it is there.
pub fn read(path: &Path, problems: &mut Vec<Problem>) -> BTreeMap<String, String> {
    let name = path.display().to_string();
    match std::fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => parse(&name, &text, problems),
            Err(_) => {
                let place = Place::File { name, line: None };
                problems.push(Problem::about(place, "is not UTF-8", "save it as UTF-8"));
                BTreeMap::new()
            }
        },
        Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
        Err(error) => {
            let place = Place::File { name, line: None };
            let what = format!("cannot be read ({error})");
            problems.push(Problem::about(place, what, "make it readable, or remove it"));
            BTreeMap::new()
        }
    }
}

/// The variables of a text in the form of `.env`. A byte order mark at its beginning is dropped; a name that is
/// set twice is a problem, since only one of the two can be meant.
pub fn parse(name: &str, text: &str, problems: &mut Vec<Problem>) -> BTreeMap<String, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut variables = BTreeMap::new();
    for entry in dotenvy::from_read_iter(text.as_bytes()) {
        match entry {
            Ok((variable, value)) => {
                if variables.insert(variable.clone(), value).is_some() {
                    let place = Place::File { name: name.to_owned(), line: None };
                    let what = format!("{variable} is set twice");
                    problems.push(Problem::about(place, what, "keep one of the two lines"));
                }
            }
            Err(dotenvy::Error::LineParse(line, _)) => {
                // The line itself may hold a secret: only its number is told.
                let line = text.find(line.trim_end()).map(|at| line_of(text, at));
                problems.push(Problem::about(
                    Place::File { name: name.to_owned(), line },
                    "this is not NAME=value",
                    "put a value that holds blanks or # between single quotation marks",
                ));
            }
            Err(_) => {
                let place = Place::File { name: name.to_owned(), line: None };
                problems.push(Problem::about(
                    place,
                    "cannot be read",
                    "write NAME=value, one a line",
                ));
                break;
            }
        }
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> (BTreeMap<String, String>, Vec<String>) {
        let mut problems = Vec::new();
        let variables = parse(".env", text, &mut problems);
        (variables, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn quotes_line_ends_and_marks_of_editors_are_taken_away() {
        let text = "\u{feff}# comment\r\nTELEGRAM_BOT_TOKEN=\"1:a\"\r\nLOG_LEVEL=info\r\n";
        let (variables, problems) = check(text);
        assert_eq!(problems, [] as [&str; 0]);
        assert_eq!(variables["TELEGRAM_BOT_TOKEN"], "1:a");
        assert_eq!(variables["LOG_LEVEL"], "info");
    }

    #[test]
    fn a_broken_line_is_named_by_its_number_only() {
        let (_, problems) = check("LOG_LEVEL=info\nTELEGRAM_BOT_TOKEN=1:CANARY CANARY\n");
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with(".env:2: this is not NAME=value"), "{}", problems[0]);
        assert!(!problems[0].contains("CANARY"));
    }

    #[test]
    fn two_assignments_on_one_line_reach_the_check_for_glued_values() {
        let (variables, _) = check("LOG_LEVEL=\"info\"TELEGRAM_BOT_TOKEN=\"1:a\"\n");
        assert!(variables["LOG_LEVEL"].contains("TELEGRAM_BOT_TOKEN="));
    }
}
