//! Lists of objects in a JSON value, each with its path.

use serde_json::Value;

/// Values visited.
const MAX_VALUES: usize = 300_000;
/// Depth of a list.
const MAX_DEPTH: usize = 16;
/// Lists tried.
const MAX_ARRAYS: usize = 30;
/// Places of a list whose inner lists are looked at.
const MAX_INNER: usize = 8;

/// A list of objects.
pub(super) struct Array<'v> {
    /// JSONPath without the last `[*]`.
    pub(super) path: String,
    pub(super) objects: Vec<&'v Value>,
}

/// The lists that may hold `wanted` listings, those of nearest length first.
pub(super) fn arrays(root: &Value, wanted: usize) -> Vec<Array<'_>> {
    let mut out = Vec::new();
    let mut left = MAX_VALUES;
    collect(root, "$".to_owned(), 0, &mut left, &mut out);
    out.retain(|array| array.objects.len() >= wanted);
    out.sort_by_key(|array| array.objects.len() - wanted);
    out.truncate(MAX_ARRAYS);
    out
}

fn collect<'v>(
    value: &'v Value,
    path: String,
    depth: usize,
    left: &mut usize,
    out: &mut Vec<Array<'v>>,
) {
    if depth > MAX_DEPTH || *left == 0 {
        return;
    }
    *left -= 1;
    match value {
        Value::Array(list) => {
            for (at, inner) in list.iter().enumerate().take(MAX_INNER) {
                collect(inner, format!("{path}[{at}]"), depth + 1, left, out);
            }
            let objects: Vec<&Value> = list.iter().filter(|v| v.is_object()).collect();
            if objects.len() == list.len() && !objects.is_empty() {
                out.push(Array { path, objects });
            }
        }
        Value::Object(map) => {
            for (name, inner) in map {
                if let Some(step) = member(name) {
                    collect(inner, format!("{path}{step}"), depth + 1, left, out);
                }
            }
        }
        _ => {}
    }
}

/// A member as a step of a path that may also stand inside a template or before a filter.
pub(super) fn member(name: &str) -> Option<String> {
    let plain = !name.is_empty() && !name.contains(['\'', '\\', '|', '{', '}', ']']);
    plain.then(|| format!("['{name}']"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_are_found_at_any_depth_and_the_nearest_in_length_comes_first() {
        let value = json!({
            "facets": [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}],
            "data": {"search": {"edges": [{"node": {}}, {"node": {}}]}},
            "sections": [{"items": [{"id": 1}, {"id": 2}, {"id": 3}]}],
            "mixed": [{"a": 1}, 2],
        });
        let paths: Vec<String> = arrays(&value, 2).into_iter().map(|a| a.path).collect();
        assert_eq!(
            paths,
            ["$['data']['search']['edges']", "$['sections'][0]['items']", "$['facets']"]
        );
    }
}
