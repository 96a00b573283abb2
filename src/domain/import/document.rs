//! Watches as JSON.

use serde_json::{Map, Value, json};

use super::{FileProblem, Numbered, Problem, Row, What};

/// Reads a list of objects, or an object with such a list under `watches`.
pub fn read(text: &str) -> Result<Vec<Numbered>, FileProblem> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| FileProblem::NotJson(error.to_string()))?;
    let list = match value {
        Value::Array(list) => list,
        Value::Object(mut object) => match object.remove("watches") {
            Some(Value::Array(list)) => list,
            _ => return Err(FileProblem::NotJson("there is no list of watches".to_owned())),
        },
        _ => return Err(FileProblem::NotJson("it is no list".to_owned())),
    };
    Ok((1..).zip(list.into_iter().map(row)).collect())
}

fn row(entry: Value) -> Result<Row, Vec<Problem>> {
    let Value::Object(entry) = entry else {
        let what = What::Unreadable("it is no object".to_owned());
        return Err(vec![Problem::new("", &entry.to_string(), what)]);
    };
    let (mut row, mut problems) = (Row::default(), Vec::new());
    for (key, value) in &entry {
        if let Err(what) = take(&mut row, key, value) {
            problems.push(Problem::new(key, &value.to_string(), what));
        }
    }
    if problems.is_empty() { Ok(row) } else { Err(problems) }
}

fn take(row: &mut Row, key: &str, value: &Value) -> Result<(), What> {
    let unreadable = |what: &str| Err(What::Unreadable(what.to_owned()));
    match (key, value) {
        (_, Value::Null) => {}
        ("name", Value::String(name)) => row.name = Some(name.clone()),
        ("name", _) => return unreadable("it is no text"),
        ("url" | "urls", value) => match addresses(value) {
            Some(urls) => row.urls.extend(urls),
            None => return Err(What::BadAddress),
        },
        ("filter", value) => {
            row.filter = serde_json::from_value(value.clone())
                .map_err(|error| What::BadFilter(error.to_string()))?;
        }
        ("telling", value) => {
            row.telling = serde_json::from_value(value.clone())
                .map_err(|error| What::BadTelling(error.to_string()))?;
        }
        ("paused", value) => row.paused = value.as_bool().ok_or(What::BadFlag)?,
        _ => return Err(What::UnknownKey),
    }
    Ok(())
}

fn addresses(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(text.split_whitespace().map(str::to_owned).collect()),
        Value::Array(list) => list.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// Writes a list of objects.
pub fn write(rows: &[Row]) -> String {
    let entry = |row: &Row| {
        let mut entry = Map::new();
        entry.insert("name".to_owned(), json!(row.name));
        entry.insert("urls".to_owned(), json!(row.urls));
        entry.insert("filter".to_owned(), json!(row.filter));
        entry.insert("telling".to_owned(), json!(row.telling));
        entry.insert("paused".to_owned(), json!(row.paused));
        Value::Object(entry)
    };
    let all: Vec<Value> = rows.iter().map(entry).collect();
    serde_json::to_string_pretty(&all).unwrap_or_default() + "\n"
}
