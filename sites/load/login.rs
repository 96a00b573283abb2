//! Compiling `[login]`.

use std::time::Duration;

use toml::{Table, Value};
use url::Url;

use crate::login::{Login, SessionCheck, Step};

use super::section::Section;

/// How early a session is renewed when the module says nothing.
const EARLY: Duration = Duration::from_secs(10 * 60);

/// Reads the table, if it is there; what is wrong is noted.
pub fn login(section: Section<'_>) -> Option<Login> {
    if !section.exists() {
        return None;
    }
    let steps = match section.value("steps") {
        Some(Value::Array(list)) => list
            .iter()
            .enumerate()
            .filter_map(|(at, value)| {
                step(value)
                    .map_err(|text| section.note("steps", format!("step {}: {text}", at + 1)))
                    .ok()
            })
            .collect(),
        _ => Vec::new(),
    };
    if !matches!(steps.first(), Some(Step::Goto(_))) {
        section.note("steps", "begin with `{ goto = \"https://…\" }`");
    }
    if !matches!(steps.last(), Some(Step::Wait(_))) {
        section
            .note("steps", "end with `{ wait = \"…\" }`: something only a logged-in person sees");
    }
    let check = section
        .value("check")
        .and_then(|value| check(value).map_err(|text| section.note("check", text)).ok());
    let span = |key: &'static str| {
        let text = section.text(key)?;
        let span = long_duration(&text);
        if span.is_none() {
            section.note(key, format!("`{text}` is no duration; write `30m` or `12h`"));
        }
        span
    };
    let (lasts, early) = (span("lasts"), span("early").unwrap_or(EARLY));
    if lasts.is_some_and(|lasts| lasts <= early) {
        section.note("early", "must be shorter than `lasts`");
    }
    section.finish();
    Some(Login { steps, check, lasts, early })
}

fn step(value: &Value) -> Result<Step, String> {
    const FORMS: &str = "write one of { goto = \"https://…\" }, { fill = \"css\", with = \"name\" }, \
                         { click = \"css\" }, { wait = \"css\" }";
    let table = value.as_table().ok_or(FORMS)?;
    let text = |key: &str| table.get(key).and_then(Value::as_str);
    let keys: Vec<&str> = table.keys().map(String::as_str).collect();
    match keys.as_slice() {
        ["goto"] => Ok(Step::Goto(address(text("goto").ok_or(FORMS)?)?)),
        ["click"] => Ok(Step::Click(selector(text("click").ok_or(FORMS)?)?)),
        ["wait"] => Ok(Step::Wait(selector(text("wait").ok_or(FORMS)?)?)),
        ["fill", "with"] | ["with", "fill"] => {
            let with = text("with").ok_or(FORMS)?.to_owned();
            let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if with.is_empty() || !with.chars().all(good) {
                return Err(format!(
                    "`{with}`: names of secrets are lower-case letters, digits and `_`"
                ));
            }
            Ok(Step::Fill { selector: selector(text("fill").ok_or(FORMS)?)?, with })
        }
        _ => Err(FORMS.to_owned()),
    }
}

fn check(value: &Value) -> Result<SessionCheck, String> {
    const FORM: &str = "write { url = \"https://…\", shows = \"css\" }";
    let table: &Table = value.as_table().ok_or(FORM)?;
    if table.keys().any(|key| key != "url" && key != "shows") {
        return Err(FORM.to_owned());
    }
    let text = |key: &str| table.get(key).and_then(Value::as_str).ok_or(FORM);
    Ok(SessionCheck { url: address(text("url")?)?, shows: selector(text("shows")?)? })
}

fn address(text: &str) -> Result<Url, String> {
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| format!("`{text}` is no http or https address"))
}

fn selector(text: &str) -> Result<String, String> {
    scraper::Selector::parse(text)
        .map(|_| text.to_owned())
        .map_err(|error| format!("`{text}` is no CSS selector: {error}"))
}

/// Reads `90s`, `30m`, `12h` or `7d`.
fn long_duration(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let value: u64 = text[..split].parse().ok()?;
    let unit = match &text[split..] {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    value.checked_mul(unit).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::section::Problems;

    fn read(text: &str) -> (Option<Login>, Vec<String>) {
        let table: Table = text.parse().unwrap_or_default();
        let problems = Problems::new("site.toml");
        let root = Section::new("", Some(&table), &problems);
        let login = login(root.section("login"));
        (
            login,
            problems.into_list().into_iter().map(|p| format!("{}: {}", p.key, p.text)).collect(),
        )
    }

    #[test]
    fn a_good_login_is_read_with_its_secrets() {
        let (login, problems) = read(
            r##"[login]
steps = [
    { goto = "https://example.com/login" },
    { fill = "#user", with = "user" },
    { fill = "#pass", with = "password" },
    { fill = "#again", with = "password" },
    { click = "button" },
    { wait = "a.logout" },
]
check = { url = "https://example.com/me", shows = "a.logout" }
lasts = "12h"
early = "30m""##,
        );
        assert_eq!(problems, Vec::<String>::new());
        let login = login.expect("a login");
        assert_eq!(login.steps.len(), 6);
        assert_eq!(login.secrets(), ["password", "user"]);
        assert_eq!(login.lasts, Some(Duration::from_secs(12 * 3_600)));
        assert_eq!(login.early, Duration::from_secs(1_800));
        assert_eq!(read("").0, None);
    }

    #[test]
    fn every_mistake_is_named_with_its_step() {
        let (_, problems) = read(
            r#"[login]
steps = [
    { goto = "ftp://example.com" },
    { fill = "p[", with = "user" },
    { fill = "p", with = "Pass Word" },
    { press = "x" },
]
check = { url = "https://example.com" }
lasts = "1m"
early = "soon"
"#,
        );
        let all = problems.join("\n");
        for word in [
            "step 1",
            "step 2",
            "step 3",
            "step 4",
            "login.check",
            "login.early",
            "begin with",
            "end with",
        ] {
            assert!(all.contains(word), "{word} in\n{all}");
        }
    }
}
