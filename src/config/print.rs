//! The configuration as people may see it: every key with its value and origin, secrets masked.

use serde_json::{Map, Value, json};

use super::layers::{Raw, Setting, Settings};
use super::names;

/// Every key, its value and where it came from, one a line.
pub fn print(settings: &Settings) -> String {
    let rows: Vec<(&String, String, String)> = settings
        .iter()
        .map(|(key, setting)| (key, masked(key, setting), setting.place.to_string()))
        .collect();
    let key_width = rows.iter().map(|(key, _, _)| key.len()).max().unwrap_or(0);
    let value_width =
        rows.iter().map(|(_, value, _)| value.chars().count()).max().unwrap_or(0).min(48);
    rows.iter()
        .map(|(key, value, place)| format!("{key:key_width$}  {value:value_width$}  {place}\n"))
        .collect()
}

/// The same for programs: `{"section.key": {"value": …, "from": …}}`.
pub fn print_json(settings: &Settings) -> Value {
    let entries: Map<String, Value> = settings
        .iter()
        .map(|(key, setting)| {
            let value = json!({"value": masked(key, setting), "from": setting.place.to_string()});
            (key.clone(), value)
        })
        .collect();
    Value::Object(entries)
}

/// A value as it may be shown. Of a secret only whether it is set and how long it is; of an address its host.
pub fn masked(key: &str, setting: &Setting) -> String {
    match &setting.raw {
        Raw::Text(text) if text.is_empty() => "(not set)".to_owned(),
        Raw::Text(text) if names::is_secret(key) => masked_secret(text),
        Raw::Text(text) => text.escape_debug().to_string(),
        Raw::Integer(number) => number.to_string(),
        Raw::Float(number) => number.to_string(),
        Raw::Flag(flag) => flag.to_string(),
        Raw::List(items) if items.is_empty() => "(none)".to_owned(),
        Raw::List(items) => items.join(", "),
        Raw::Other(word) => (*word).to_owned(),
    }
}

fn masked_secret(text: &str) -> String {
    if text.starts_with("sqlite:") && !text.contains('@') {
        return text.split('?').next().unwrap_or(text).to_owned();
    }
    match url::Url::parse(text) {
        Ok(address) if address.has_host() => {
            let port = address.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}://…@{}{port}/…", address.scheme(), address.host_str().unwrap_or("?"))
        }
        _ => format!("(set, {} characters)", text.chars().count()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DEFAULT, Environment, assemble};
    use super::*;

    #[test]
    fn a_printed_configuration_holds_every_key_and_no_secret() {
        let variables = [
            ("TELEGRAM_BOT_TOKEN", "123456:CANARY"),
            ("REDIS_URL", "redis://me:CANARY@cache.example:6379/0?password=CANARY"),
            ("CDP_URL", "ws://browser.example:9222/devtools/browser/CANARY"),
            ("WEBHOOK_SECRET", "CANARY"),
        ];
        let environment = Environment {
            variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            ..Environment::default()
        };
        let settings = assemble(DEFAULT, None, &environment).unwrap().settings;
        let text = print(&settings);
        assert!(!text.contains("CANARY"), "{text}");
        assert!(!print_json(&settings).to_string().contains("CANARY"));
        assert!(text.contains("(set, 13 characters)"));
        assert!(text.contains("redis://…@cache.example:6379/…"));
        assert!(text.contains("environment TELEGRAM_BOT_TOKEN"));
        assert_eq!(text.lines().count(), settings.len());
    }
}
