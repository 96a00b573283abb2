//! The names of the configuration: which variable stands for which key, which keys are secret, and which
//! known name is nearest to a wrong one.

/// Variables with a name of their own, and the key that each one sets. Any other key is set by
/// `MAGPIE_SECTION__KEY`.
pub const VARIABLES: [(&str, &str); 16] = [
    ("TELEGRAM_BOT_TOKEN", "telegram.token"),
    ("TELEGRAM_API_URL", "telegram.api_url"),
    ("WEBHOOK_URL", "bot.webhook_url"),
    ("WEBHOOK_SECRET", "bot.webhook_secret"),
    ("JWT_SECRET", "bot.jwt_secret"),
    ("PORT", "bot.listen"),
    ("DATABASE_URL", "database.url"),
    ("REDIS_URL", "redis.url"),
    ("DATA_DIR", "paths.data"),
    ("CHROMIUM", "browser.executable"),
    ("CDP_URL", "browser.cdp_url"),
    ("ADMIN_IDS", "bot.admin_ids"),
    ("SUPPORT_CHAT_ID", "bot.support_chat_id"),
    ("LOG_LEVEL", "log.level"),
    ("LOG_FORMAT", "log.format"),
    ("LOG_DIR", "log.dir"),
];

/// Variables that begin with `MAGPIE_` and name no key: the file of the configuration.
pub const OTHER_VARIABLES: [&str; 1] = ["MAGPIE_CONFIG"];

/// Keys whose values are never printed.
pub const SECRETS: [&str; 7] = [
    "telegram.token",
    "bot.webhook_secret",
    "bot.jwt_secret",
    "database.url",
    "redis.url",
    "browser.cdp_url",
    "scrape.session_key",
];

/// Sections whose keys are the operator's: name, words behind it, and whether the values are secrets.
/// `login.<site>.<name>`, `proxies.<name>`, `proxy_of.<site>`.
const OPEN: [(&str, usize, bool); 3] =
    [("login", 2, true), ("proxies", 1, true), ("proxy_of", 1, false)];

/// Whether the value of `key` is never printed.
pub fn is_secret(key: &str) -> bool {
    SECRETS.contains(&key) || open(key).is_some_and(|(_, _, secret)| *secret)
}

/// Whether `key` stands in a section whose keys are the operator's.
pub fn is_open(key: &str) -> bool {
    open(key).is_some()
}

/// Whether tables stand inside of this section.
pub fn is_nested(section: &str) -> bool {
    OPEN.iter().any(|(name, words, _)| *name == section && *words == 2)
}

/// The operator's own key that a variable names: `MAGPIE_LOGIN__SITE__NAME` is `login.site.name`.
pub fn open_key(variable: &str) -> Option<String> {
    let key = variable.strip_prefix("MAGPIE_")?.replace("__", ".").to_ascii_lowercase();
    is_open(&key).then_some(key)
}

fn open(key: &str) -> Option<&'static (&'static str, usize, bool)> {
    let mut words = key.split('.');
    let section = words.next()?;
    let good = |word: &str| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        !word.is_empty() && word.len() <= 64 && word.chars().all(fits)
    };
    let rest: Vec<&str> = words.collect();
    OPEN.iter().find(|(name, count, _)| {
        *name == section && rest.len() == *count && rest.iter().all(|word| good(word))
    })
}

/// The variable of a key: its own name, or the general form.
pub fn variable_of(key: &str) -> String {
    match VARIABLES.iter().find(|(_, named)| *named == key) {
        Some((variable, _)) => (*variable).to_owned(),
        None => general_variable(key),
    }
}

/// `section.key` as `MAGPIE_SECTION__KEY`.
pub fn general_variable(key: &str) -> String {
    format!("MAGPIE_{}", key.replace('.', "__").to_ascii_uppercase())
}

/// The key of a variable, if it names one of `keys`.
pub fn key_of<'a>(variable: &str, keys: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let own = VARIABLES.iter().find(|(name, _)| *name == variable).map(|(_, key)| *key);
    keys.into_iter().find(|key| own == Some(*key) || general_variable(key) == variable)
}

/// The known name nearest to `wrong`, if one is near enough to be a likely meaning.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(wrong, name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_name_that_was_meant() {
        let known = ["telegram.token", "redis.url", "schedule.interval"];
        assert_eq!(nearest("telegrm.token", known), Some("telegram.token"));
        assert_eq!(nearest("schedule.intervall", known), Some("schedule.interval"));
        assert_eq!(nearest("zzz", known), None);
    }

    #[test]
    fn both_forms_of_a_variable_name_the_key() {
        let keys = ["database.url", "schedule.interval"];
        assert_eq!(key_of("DATABASE_URL", keys), Some("database.url"));
        assert_eq!(key_of("MAGPIE_DATABASE__URL", keys), Some("database.url"));
        assert_eq!(key_of("MAGPIE_SCHEDULE__INTERVAL", keys), Some("schedule.interval"));
        assert_eq!(key_of("HOME", keys), None);
        assert_eq!(variable_of("schedule.interval"), "MAGPIE_SCHEDULE__INTERVAL");
    }
}
