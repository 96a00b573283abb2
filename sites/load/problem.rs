//! What is wrong with a module, said so that its author can repair it.

use std::fmt;

/// One thing wrong with a module file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as named by whoever loaded it.
    pub file: String,
    /// The key, with its tables (`listing.price.as`); empty if it is about the file.
    pub key: String,
    /// What is wrong, and what to write instead.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            return write!(f, "{}: {}", self.file, self.text);
        }
        write!(f, "{}: {}: {}", self.file, self.key, self.text)
    }
}

/// A module that was refused, with all its problems.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} problem(s) in site modules:\n{}", problems.len(), list(problems))]
pub struct LoadError {
    /// All problems, in file order.
    pub problems: Vec<Problem>,
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(|p| format!("  {p}")).collect::<Vec<_>>().join("\n")
}

/// ` (did you mean `x`?)` for a name close to a known one, else nothing.
pub fn did_you_mean(name: &str, known: &[&str]) -> String {
    let nearest = known.iter().map(|k| (distance(name, k), *k)).min();
    match nearest {
        Some((distance, known)) if distance <= 1 + known.len() / 4 => {
            format!(" (did you mean `{known}`?)")
        }
        _ => String::new(),
    }
}

/// Edits that turn one word into another.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(64).enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = corner + usize::from(from != *to);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_names_are_proposed() {
        assert_eq!(did_you_mean("wait_fro", &["wait_for", "gap"]), " (did you mean `wait_for`?)");
        assert_eq!(did_you_mean("colour", &["wait_for", "gap"]), "");
    }
}
