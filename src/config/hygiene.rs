//! What goes wrong with values on their way through files, panels and shells: two assignments glued into
//! one, quotation marks that became part of the value, blanks and line ends at the edges.
//!
//! Secrets are never mended by guessing: a wrong guess would look like a wrong token. Other values lose blanks
//! at their ends and nothing else.

use super::names;
use super::problem::{Place, Problem, character_class, describe_hidden};

/// Names that share an environment file with ours, so that a line glued to one of them is noticed too.
const NEIGHBOURS: [&str; 8] = [
    "PAYMENT_PROVIDER_TOKEN",
    "CRYPTO_PAY_TOKEN",
    "CRYPTO_PAY_URL",
    "HELEKET_MERCHANT",
    "HELEKET_PAYMENT_KEY",
    "HELEKET_PAYOUT_KEY",
    "API_TOKEN",
    "JWT_SECRET",
];

/// Checks a value as it came and answers the value to use.
pub fn clean(place: &Place, key: &str, value: &str) -> Result<String, Problem> {
    if let Some(problem) = glued(place, key, value).or_else(|| quoted(place, key, value)) {
        return Err(problem);
    }
    if value.contains('\u{feff}') {
        return Err(Problem::of(
            place.clone(),
            key,
            format!("holds a byte order mark ({})", describe_hidden(value)),
            "save the file as UTF-8 without a byte order mark",
        ));
    }
    if !names::is_secret(key) {
        return Ok(value.trim().to_owned());
    }
    match value.chars().find(|c| c.is_whitespace() || c.is_control()) {
        Some(bad) => Err(Problem::of(
            place.clone(),
            key,
            format!("holds {} ({})", character_class(bad), describe_hidden(value)),
            "remove blanks, tabs and line ends from the secret",
        )),
        None => Ok(value.to_owned()),
    }
}

/// Two assignments in one value: a missing line break, or `A="x"B="y"`.
fn glued(place: &Place, key: &str, value: &str) -> Option<Problem> {
    let known = names::VARIABLES.iter().map(|(name, _)| *name).chain(NEIGHBOURS);
    let hit = known
        .filter_map(|name| Some((value.find(&format!("{name}="))?, name)))
        .chain(general_assignment(value))
        // Of two names that end alike (API_TOKEN in X_API_TOKEN) the one that begins first was meant.
        .min_by_key(|(at, name)| (*at, usize::MAX - name.len()));
    hit.map(|(at, name)| {
        Problem::of(
            place.clone(),
            key,
            format!(
                "the value has swallowed \"{name}=\" after {} characters ({} in all)",
                value[..at].chars().count(),
                value.chars().count()
            ),
            format!("put {name} on a line of its own"),
        )
    })
}

fn general_assignment(value: &str) -> Option<(usize, &str)> {
    let at = value.find("MAGPIE_")?;
    let name_end = value[at..].find(|c: char| !(c.is_ascii_uppercase() || c == '_'))? + at;
    value[name_end..].starts_with('=').then(|| (at, &value[at..name_end]))
}

/// A quotation mark at an edge: `docker --env-file` and most panels do not take quotes away.
fn quoted(place: &Place, key: &str, value: &str) -> Option<Problem> {
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`');
    let edges = value.trim();
    (edges.starts_with(is_quote) || edges.ends_with(is_quote)).then(|| {
        Problem::of(
            place.clone(),
            key,
            format!("quotation marks are part of the value ({})", describe_hidden(value)),
            "write the value without quotation marks",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(key: &str, value: &str) -> String {
        clean(&Place::Variable("X".into()), key, value).unwrap_err().to_string()
    }

    #[test]
    fn a_missing_line_break_names_both_variables() {
        let text = what("log.level", "infoTELEGRAM_BOT_TOKEN=123456:SECRETSECRET");
        assert!(text.contains("\"TELEGRAM_BOT_TOKEN=\" after 4 characters"), "{text}");
        assert!(!text.contains("SECRET"), "{text}");
        assert!(what("log.level", "aMAGPIE_REDIS__TTL=3d").contains("MAGPIE_REDIS__TTL"));
        assert!(what("log.level", "aCRYPTO_PAY_TOKEN=3").contains("CRYPTO_PAY_TOKEN"));
    }

    #[test]
    fn a_dirty_secret_is_described_and_never_told() {
        for (value, hint) in [
            ("\"123:SECRET\"", "quotation marks"),
            ("123:SECRET ", "the last is a blank"),
            ("123:SECRET\r", "a carriage return"),
            ("123:\tSECRET", "holds a tab"),
            ("\u{feff}123:SECRET", "byte order mark"),
        ] {
            let text = what("telegram.token", value);
            assert!(text.contains(hint), "{text}");
            assert!(!text.contains("SECRET"), "{text}");
        }
    }

    #[test]
    fn other_values_lose_blanks_at_their_ends() {
        let place = Place::Variable("LOG_LEVEL".into());
        assert_eq!(clean(&place, "log.level", " info\r").unwrap(), "info");
    }
}
