//! Regular expressions of users: linear in the text, small, and compiled once for all who ask the same.
//!
//! The crate `regex` has no look-around and no back-references, and searches in time linear in the text. What
//! is left to bound is the compiled size, and the number that is kept.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

/// Longest expression, bytes.
pub const LONGEST: usize = 256;

/// Largest compiled form, bytes; the same for the states that searching may keep.
const SIZE: usize = 256 * 1024;

/// Compiled expressions kept at most; the table is emptied when it is full.
const KEPT: usize = 256;

static COMPILED: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);

/// Compiles an expression, or says why it cannot be. Capital and small letters are one (`(?-i)` parts them); `^`
/// and `$` are the ends of a line: of the title, or of a line of the description.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > LONGEST {
        return Err(format!("it has {} bytes, at most {LONGEST} are allowed", pattern.len()));
    }
    let known = COMPILED.lock().unwrap_or_else(PoisonError::into_inner).get(pattern).cloned();
    if let Some(known) = known {
        return Ok(known);
    }
    let regex = RegexBuilder::new(pattern)
        .case_insensitive(true)
        .multi_line(true)
        .size_limit(SIZE)
        .dfa_size_limit(SIZE)
        .build()
        .map_err(|error| reason(&error))?;
    let mut kept = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= KEPT {
        kept.clear();
    }
    kept.insert(pattern.to_owned(), regex.clone());
    Ok(regex)
}

/// The last line of the parser's drawing says what is wrong.
fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => {
            "it grows too large; use fewer or smaller repetitions such as {1,100}".into()
        }
        other => {
            let text = other.to_string();
            let line = text.lines().last().unwrap_or_default();
            line.trim().trim_start_matches("error: ").to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_and_lines_have_ends() {
        let regex = compile("^(3|три) .*кімнат").expect("compiles");
        assert!(regex.is_match("Квартира\nТРИ світлі КІМНАТИ"));
        assert!(!regex.is_match("Має 3 кімнати"));
    }

    #[test]
    fn what_is_too_large_or_not_linear_is_refused_with_a_reason() {
        for (pattern, reason) in [
            ("(", "unclosed group"),
            (r"(a)\1", "backreferences are not supported"),
            ("(?=a)", "look-around"),
            (r"(\w{100}){100}", "too large"),
            (&"a".repeat(257), "257 bytes"),
        ] {
            let error = compile(pattern).expect_err(pattern);
            assert!(error.contains(reason), "{pattern}: {error}");
        }
    }

    #[test]
    fn the_table_of_compiled_ones_does_not_grow_for_ever() {
        for number in 0..KEPT * 2 {
            compile(&format!("x{number}")).expect("compiles");
        }
        assert!(COMPILED.lock().expect("a lock").len() <= KEPT);
    }
}
