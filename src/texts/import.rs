//! The report of an import: a line for each row, and a sentence about all. Pure.
//!
//! ```text
//! Line 2: “Lofts” is watched from now on.
//! Line 3: the same as line 2.
//! Line 4, max_price “nine”: this is no amount; write 900 or 900.50.
//! 1 added, 0 there already, 1 twice in the file, 0 beyond the plan, 1 with problems.
//! ```

use super::{Value, plain, say};
use crate::domain::Language;
use crate::domain::import::{FileProblem, MOST_ROWS, Outcome, Problem, Report, What};
use crate::domain::plan::Refusal;

/// The line (or lines, one for each problem) about a row.
pub fn outcome_line(language: Language, line: u64, outcome: &Outcome) -> String {
    let number = line.to_string();
    let about = |key: &str, name: &str| {
        say(language, key, &[("line", Value::Text(&number)), ("name", Value::Text(name))])
    };
    match outcome {
        Outcome::Added { name } => about("import-row-added", name),
        Outcome::There { name } => about("import-row-there", name),
        Outcome::Repeats { line } => about("import-row-repeats", &line.to_string()),
        Outcome::Beyond(why) => about("import-row-beyond", &refusal(language, why)),
        Outcome::Wrong(problems) => {
            let lines: Vec<String> =
                problems.iter().map(|one| problem_line(language, &number, one)).collect();
            lines.join("\n")
        }
    }
}

fn problem_line(language: Language, line: &str, problem: &Problem) -> String {
    let shown = if problem.shown.is_empty() {
        problem.column.clone()
    } else {
        format!("{} “{}”", problem.column, problem.shown)
    };
    let shown = shown.trim();
    let place = if shown.is_empty() { String::new() } else { format!(", {shown}") };
    let what = what(language, &problem.what);
    let values =
        [("line", Value::Text(line)), ("place", Value::Text(&place)), ("what", Value::Text(&what))];
    say(language, "import-row-wrong", &values)
}

/// What is wrong with a value, and what to do.
pub fn what(language: Language, what: &What) -> String {
    let with = |key: &str, why: &str| say(language, key, &[("why", Value::Text(why))]);
    match what {
        What::Unreadable(why) => with("import-unreadable", why),
        What::NoAddress => plain(language, "import-no-address"),
        What::BadAddress => plain(language, "import-bad-address"),
        What::UnknownSite(host) => with("import-unknown-site", host),
        What::NotASearch(site) => with("import-not-a-search", site),
        What::BadAmount => plain(language, "import-bad-amount"),
        What::BadCurrency => plain(language, "import-bad-currency"),
        What::BadFilter(why) => with("import-bad-filter", why),
        What::BadTelling(why) => with("import-bad-telling", why),
        What::BadFlag => plain(language, "import-bad-flag"),
        What::UnknownKey => plain(language, "import-unknown-key"),
    }
}

/// Why a plan does not allow something.
pub fn refusal(language: Language, refusal: &Refusal) -> String {
    let (key, limit, has) = match refusal {
        Refusal::Watches { limit, has } => ("plan-too-many-watches", *limit, *has),
        Refusal::Sources { limit, needs } => ("plan-too-many-searches", *limit, *needs),
        Refusal::PausedBy(by) => {
            let key = match by {
                crate::domain::PausedBy::Plan => "plan-paused-by-plan",
                _ => "plan-paused-by-operator",
            };
            return plain(language, key);
        }
        Refusal::NoSources => return plain(language, "import-no-address"),
    };
    let (limit, has) = (limit.to_string(), has.to_string());
    say(language, key, &[("limit", Value::Text(&limit)), ("has", Value::Text(&has))])
}

/// Why a file is refused as a whole.
pub fn file_problem(language: Language, problem: &FileProblem) -> String {
    let (key, why) = match problem {
        FileProblem::TooLarge => ("import-file-too-large", String::new()),
        FileProblem::TooMany(rows) => ("import-file-too-many", rows.to_string()),
        FileProblem::NotText => ("import-file-not-text", String::new()),
        FileProblem::Empty => ("import-file-empty", String::new()),
        FileProblem::NoUrls => ("import-file-no-urls", String::new()),
        FileProblem::UnknownColumn(name) => ("import-file-unknown-column", name.clone()),
        FileProblem::RepeatedColumn(name) => ("import-file-repeated-column", name.clone()),
        FileProblem::NotJson(why) => ("import-file-not-json", why.clone()),
    };
    let most = MOST_ROWS.to_string();
    say(language, key, &[("why", Value::Text(&why)), ("most", Value::Text(&most))])
}

/// The sentence about all rows.
pub fn summary(language: Language, report: &Report) -> String {
    let count = |is: fn(&Outcome) -> bool| report.count(is).to_string();
    let added = count(|one| matches!(one, Outcome::Added { .. }));
    let there = count(|one| matches!(one, Outcome::There { .. }));
    let repeats = count(|one| matches!(one, Outcome::Repeats { .. }));
    let beyond = count(|one| matches!(one, Outcome::Beyond(_)));
    let wrong = count(|one| matches!(one, Outcome::Wrong(_)));
    let values = [
        ("added", Value::Text(&added)),
        ("there", Value::Text(&there)),
        ("repeats", Value::Text(&repeats)),
        ("beyond", Value::Text(&beyond)),
        ("wrong", Value::Text(&wrong)),
    ];
    say(language, "import-summary", &values)
}
