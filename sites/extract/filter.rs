//! What may follow a source behind ` | `: small steps that turn one found value into another.

use std::borrow::Cow;

use regex::Regex;
use serde_json::Value;

use crate::dom::ElementRef;
use crate::transform::number::Decimal;
use crate::transform::text::{collapse, strip_tags, unescape};

use super::document::{own_text, raw_text, text_of};
use super::path::Path;
use super::structured::parse_json;

/// A value on its way from the page to a field.
#[derive(Debug, Clone)]
pub enum Found<'d> {
    /// An element; its text counts unless something else is asked for.
    Element(ElementRef<'d>),
    /// Text.
    Text(Cow<'d, str>),
    /// A JSON value.
    Json(Cow<'d, Value>),
}

impl Found<'_> {
    /// The value as one line of text; `None` for JSON null.
    pub fn text(&self) -> Option<String> {
        match self {
            Found::Element(element) => Some(text_of(element)),
            Found::Text(text) => Some(collapse(text)),
            Found::Json(value) => match value.as_ref() {
                Value::Null => None,
                Value::String(text) => Some(collapse(text)),
                Value::Array(list) => {
                    let parts = list.iter().filter_map(Value::as_str).collect::<Vec<_>>();
                    Some(if parts.is_empty() { value.to_string() } else { parts.join(", ") })
                }
                value => Some(value.to_string()),
            },
        }
    }

    /// The value as it stands, for filters that read more than a line.
    fn raw(&self) -> Option<String> {
        match self {
            Found::Element(element) => Some(raw_text(element)),
            Found::Text(text) => Some(text.to_string()),
            Found::Json(_) => self.text(),
        }
    }
}

/// One step behind a source.
#[derive(Debug, Clone)]
pub enum Filter {
    /// `jsonpath $.a`: reads the text as JSON and follows a path.
    JsonPath(Path),
    /// `regex RE`: the first group, or the whole match; no match, no value.
    Regex(Regex),
    /// `replace RE => TEXT`: `$1` and so on name groups.
    Replace(Regex, String),
    /// `template https://x/{}`: puts the value into a text.
    Template(String),
    /// `unescape`: character references once more.
    Unescape,
    /// `strip_tags`: markup inside a text.
    StripTags,
    /// `thousands space|dot|comma|apostrophe`: groups the digits of a plain number.
    Thousands(char),
    /// `hundredths`: the value counts hundredths (cents).
    Hundredths,
    /// `count`: how many entries a JSON list has.
    Count,
    /// `own`: only the text directly in the element.
    Own,
}

/// Names of all filters, for messages.
pub const NAMES: [&str; 10] = [
    "jsonpath",
    "regex",
    "replace",
    "template",
    "unescape",
    "strip_tags",
    "thousands",
    "hundredths",
    "count",
    "own",
];

impl Filter {
    /// Compiles one filter.
    pub fn compile(text: &str) -> Result<Filter, String> {
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        match name {
            "jsonpath" => Path::compile(rest).map(Filter::JsonPath),
            "regex" => regex(rest).map(Filter::Regex),
            "replace" => {
                let (pattern, with) = rest
                    .split_once("=>")
                    .ok_or("`replace` needs `PATTERN => TEXT`; the text may be empty")?;
                Ok(Filter::Replace(regex(pattern.trim())?, with.trim().to_owned()))
            }
            "template" if rest.contains("{}") => Ok(Filter::Template(rest.to_owned())),
            "template" => Err("`template` needs `{}` where the value goes".to_owned()),
            "unescape" => Ok(Filter::Unescape),
            "strip_tags" => Ok(Filter::StripTags),
            "hundredths" => Ok(Filter::Hundredths),
            "count" => Ok(Filter::Count),
            "own" => Ok(Filter::Own),
            "thousands" => match rest {
                "space" => Ok(Filter::Thousands(' ')),
                "dot" => Ok(Filter::Thousands('.')),
                "comma" => Ok(Filter::Thousands(',')),
                "apostrophe" => Ok(Filter::Thousands('\u{2019}')),
                _ => Err("`thousands` needs `space`, `dot`, `comma` or `apostrophe`".to_owned()),
            },
            other => Err(format!(
                "unknown filter `{other}`{}; known: {}",
                crate::load::problem::did_you_mean(other, &NAMES),
                NAMES.join(", ")
            )),
        }
    }

    /// Applies the filter; hands every result to `sink`, which answers whether it has enough.
    pub fn apply<'d>(
        filters: &[Filter],
        found: Found<'d>,
        sink: &mut dyn FnMut(Found<'d>) -> bool,
    ) -> bool {
        let Some((filter, rest)) = filters.split_first() else { return sink(found) };
        let one = |text: Option<String>| text.map(|t| Found::Text(Cow::Owned(t)));
        let next = match filter {
            Filter::JsonPath(path) => return follow(path, found, rest, sink),
            Filter::Regex(re) => one(found.text().and_then(|text| {
                let groups = re.captures(&text)?;
                let group = (1..groups.len()).find_map(|i| groups.get(i)).or(groups.get(0))?;
                Some(group.as_str().to_owned())
            })),
            Filter::Replace(re, with) => {
                one(found.text().map(|t| re.replace_all(&t, with.as_str()).into_owned()))
            }
            Filter::Template(template) => {
                one(found.text().filter(|t| !t.is_empty()).map(|t| template.replace("{}", &t)))
            }
            Filter::Unescape => one(found.raw().map(|t| unescape(&t))),
            Filter::StripTags => one(found.raw().map(|t| strip_tags(&t))),
            Filter::Thousands(mark) => one(found.text().map(|t| grouped(&t, *mark))),
            Filter::Hundredths => one(found.text().and_then(|t| {
                let cents = Decimal::plain(&t)?.minor(0)?;
                Some(format!("{}.{:02}", cents / 100, cents.unsigned_abs() % 100))
            })),
            Filter::Count => one(match &found {
                Found::Json(value) => value.as_array().map(|list| list.len().to_string()),
                _ => None,
            }),
            Filter::Own => match found {
                Found::Element(element) => one(Some(own_text(&element))),
                other => Some(other),
            },
        };
        next.is_some_and(|found| Filter::apply(rest, found, sink))
    }
}

fn follow<'d>(
    path: &Path,
    found: Found<'d>,
    rest: &[Filter],
    sink: &mut dyn FnMut(Found<'d>) -> bool,
) -> bool {
    let owned = match found {
        Found::Json(Cow::Borrowed(value)) if !value.is_string() => {
            return path
                .all(value)
                .into_iter()
                .any(|v| Filter::apply(rest, Found::Json(Cow::Borrowed(v)), sink));
        }
        Found::Json(Cow::Owned(value)) if !value.is_string() => Some(value),
        other => other.raw().and_then(|text| parse_json(&text)),
    };
    let Some(value) = owned else { return false };
    path.all(&value)
        .into_iter()
        .any(|v| Filter::apply(rest, Found::Json(Cow::Owned(v.clone())), sink))
}

/// `1234567.5` → `1 234 567,5`; what is no plain number stays as it is.
fn grouped(text: &str, mark: char) -> String {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return text.to_owned();
    }
    let mut out = String::new();
    for (at, c) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(c);
    }
    if part.bytes().any(|b| b != b'0') {
        out.push(if matches!(mark, ',' | '\u{2019}') { '.' } else { ',' });
        out.push_str(part);
    }
    out
}

/// Compiles a pattern of the linear-time engine; the error says what is wrong.
pub fn regex(pattern: &str) -> Result<Regex, String> {
    if pattern.is_empty() {
        return Err("the pattern is empty".to_owned());
    }
    Regex::new(pattern).map_err(|error| {
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or("not understood").trim();
        format!("`{pattern}` is no regular expression: {reason}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(filters: &str, found: Found<'_>) -> Option<String> {
        let filters = filters.split(" | ").map(Filter::compile).collect::<Result<Vec<_>, _>>();
        let mut out = None;
        Filter::apply(&filters.unwrap_or_else(|e| panic!("{e}")), found, &mut |found| {
            out = found.text();
            out.is_some()
        });
        out
    }

    fn text(filters: &str, text: &str) -> Option<String> {
        run(filters, Found::Text(Cow::Borrowed(text)))
    }

    #[test]
    fn each_filter_does_what_its_name_says() {
        for (filters, from, to) in [
            (r"regex (\d+) km", "ca. 12 km", Some("12")),
            (r"regex (\d+) km", "near", None),
            ("replace ^[^|]*[|] =>", "3er WG | Berlin", Some("Berlin")),
            ("replace (a)(b) => $2$1", "ab", Some("ba")),
            ("template {} ft2", "830", Some("830 ft2")),
            ("template {} ft2", "", None),
            ("unescape", "&#x0024;5", Some("$5")),
            ("strip_tags", "a<br>b<i>c</i>", Some("a bc")),
            ("thousands space", "1250000.5", Some("1 250 000,5")),
            ("thousands dot", "2850", Some("2.850")),
            ("thousands dot", "on request", Some("on request")),
            ("hundredths", "17505", Some("175.05")),
            ("hundredths", "none", None),
            ("jsonpath $.a.b | regex (.)$", "{\"a\": {\"b\": \"xyz\"}}", Some("z")),
            ("jsonpath $.a", "no json", None),
        ] {
            assert_eq!(text(filters, from).as_deref(), to, "{filters} on {from}");
        }
    }

    #[test]
    fn json_lists_can_be_counted_and_searched() {
        let value = json!({"l": [{"v": null}, {"v": "x"}]});
        let found = |v| Found::Json(Cow::Borrowed(v));
        assert_eq!(run("jsonpath $.l | count", found(&value)).as_deref(), Some("2"));
        assert_eq!(run("jsonpath $.l[*].v", found(&value)).as_deref(), Some("x"));
    }
}
