//! JSONPath (RFC 9535), compiled once; plain member chains (`$.a.b[0]`) skip the general machinery.

use serde_json::Value;
use serde_json_path::JsonPath;

/// A compiled JSONPath.
#[derive(Debug, Clone)]
pub enum Path {
    /// Members and indexes only, optionally ending in `[*]`.
    Chain(Vec<Step>),
    /// Everything else.
    General(Box<JsonPath>),
}

/// One step of a plain chain.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A member of an object.
    Member(String),
    /// An element of an array.
    Index(usize),
    /// All elements of an array or members of an object.
    All,
}

impl Path {
    /// Compiles a path; the error text says what is wrong with it.
    pub fn compile(text: &str) -> Result<Path, String> {
        let text = text.trim();
        if let Some(chain) = chain(text) {
            return Ok(Path::Chain(chain));
        }
        match JsonPath::parse(text) {
            Ok(path) => Ok(Path::General(Box::new(path))),
            Err(error) => Err(format!("`{text}` is no JSONPath: {error}")),
        }
    }

    /// All values the path leads to, in document order.
    pub fn all<'a>(&self, root: &'a Value) -> Vec<&'a Value> {
        match self {
            Path::General(path) => path.query(root).all(),
            Path::Chain(steps) => {
                let mut values = vec![root];
                for step in steps {
                    values = values.into_iter().flat_map(|v| walk(v, step)).collect();
                    if values.is_empty() {
                        break;
                    }
                }
                values
            }
        }
    }
}

fn walk<'a>(value: &'a Value, step: &Step) -> Vec<&'a Value> {
    match step {
        Step::Member(name) => value.get(name).into_iter().collect(),
        Step::Index(at) => value.get(at).into_iter().collect(),
        Step::All => match value {
            Value::Array(list) => list.iter().collect(),
            Value::Object(map) => map.values().collect(),
            _ => Vec::new(),
        },
    }
}

/// Reads `$`, `.name`, `['name']`, `[3]` and `[*]`; anything else is left to the general parser.
fn chain(text: &str) -> Option<Vec<Step>> {
    let mut rest = text.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix("[*]").or_else(|| rest.strip_prefix(".*")) {
            steps.push(Step::All);
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix("['") {
            let end = tail.find("']").filter(|end| !tail[..*end].contains(['\\', '\'']))?;
            steps.push(Step::Member(tail[..end].to_owned()));
            rest = &tail[end + 2..];
        } else if let Some(tail) = rest.strip_prefix('[') {
            let end = tail.find(']')?;
            steps.push(Step::Index(tail[..end].parse().ok()?));
            rest = &tail[end + 1..];
        } else {
            let tail = rest.strip_prefix('.').filter(|t| !t.starts_with('.'))?;
            let end = tail.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let end = end.unwrap_or(tail.len());
            if end == 0 || tail.starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            steps.push(Step::Member(tail[..end].to_owned()));
            rest = &tail[end..];
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn chains_and_general_paths_agree() {
        let value = json!({"a": [{"n": "x", "v": 1}, {"n": "y", "v": 2}], "b c": {"d": 3}});
        for (path, expected) in [
            ("$", json!([value])),
            ("$.a[*].v", json!([1, 2])),
            ("$.a[1].n", json!(["y"])),
            ("$['b c'].d", json!([3])),
            ("$.a[?@.n=='y'].v", json!([2])),
            ("$..d", json!([3])),
            ("$.missing.d", json!([])),
        ] {
            let found = Path::compile(path).map(|p| json!(p.all(&value)));
            assert_eq!(found, Ok(expected), "{path}");
        }
        assert!(Path::compile("$.a[").is_err());
    }
}
