//! A corpus of broken configurations: each is refused with all its problems, none panics, none tells a secret.

use std::collections::BTreeMap;

use magpie::config::{DEFAULT, Problem, load_from, report};
use proptest::prelude::*;

const CANARY: &str = "AAEhBOweik9zXc7vB6nM5kL4jH3gF2dS1qW";

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn problems(file: &str, pairs: &[(&str, &str)]) -> Vec<Problem> {
    load_from(DEFAULT, Some(("local.toml", file)), &env(pairs)).err().unwrap_or_default()
}

fn assert_tells_nothing(text: &str) {
    for begin in 0..=CANARY.len() - 18 {
        assert!(!text.contains(&CANARY[begin..begin + 18]), "a secret is told: {text}");
    }
}

#[test]
fn each_broken_file_is_refused_with_as_many_problems_as_it_has() {
    let corpus: [(&str, usize); 22] = [
        ("[schedule", 1),
        ("schedule = 5", 1),
        ("workers = 3", 1),
        ("[schedule]\nworkers = 0", 1),
        ("[schedule]\nworkers = 65\ninterval = 6", 2),
        ("[schedule]\nworkers = 1.5", 1),
        ("[schedule]\nworkers = [1]\n", 1),
        ("[schedule]\ninterval = \"6 minutes\"", 1),
        ("[schedule]\ninterval = 2026-01-01", 1),
        ("[schedule]\nhousekeeping = \"every day\"", 1),
        ("[shedule]\ninterval = \"6m\"\nworkers = 2", 2),
        ("[telegram.token]\nvalue = \"x\"", 1),
        ("[telegram]\ntoken = 5\napi_url = \"api.telegram.org\"", 2),
        ("[bot]\nlisten = \"localhost\"\nadmin_ids = [\"me\", 1]\nsupport_chat_id = 0", 3),
        ("[bot]\nwebhook_url = \"http://example.org\"", 1),
        ("[bot]\nwebhook_secret = \"not legal!\"", 1),
        ("[browser]\njail = \"on\"\nsandbox = \"of\"\npages = -1", 3),
        ("[egress]\nallow = [\"127.0.0.1\"]", 1),
        ("[deliver]\nper_second = \"fast\"\nin_flight = 99999999999999999999", 2),
        ("[log]\nlevel = \"loud\"\nformat = \"xml\"", 2),
        ("[database]\nurl = \"postgres://localhost/magpie\"\ngather = \"1h\"", 2),
        ("[redis]\nurl = \"localhost:6379\"", 1),
    ];
    for (file, count) in corpus {
        let found = problems(file, &[]);
        assert_eq!(found.len(), count, "{file}\n{}", report(&found));
        for problem in found {
            assert!(!problem.remedy.is_empty() && !problem.what.is_empty(), "{file}");
            assert!(problem.to_string().starts_with("local.toml:"), "{problem}");
        }
    }
}

#[test]
fn damaged_secrets_are_refused_and_never_told() {
    let token = format!("123456789:{CANARY}");
    let forms = [
        format!("\"{token}\""),
        format!("'{token}"),
        format!("{token} "),
        format!("{token}\r"),
        format!("\u{feff}{token}"),
        format!("{token}REDIS_URL=redis://localhost"),
        format!("{token}\tx"),
        CANARY.to_owned(),
        format!("https://api.telegram.org/bot{token}"),
    ];
    for form in &forms {
        for variable in
            ["TELEGRAM_BOT_TOKEN", "MAGPIE_TELEGRAM__TOKEN", "LOG_LEVEL", "ADMIN_IDS", "PORT"]
        {
            let found = problems("", &[(variable, form)]);
            assert!(!found.is_empty(), "{variable}: {form:?} was accepted");
            assert_tells_nothing(&report(&found));
        }
    }
    for variable in ["REDIS_URL", "DATABASE_URL", "CDP_URL", "WEBHOOK_SECRET"] {
        assert_tells_nothing(&report(&problems("", &[(variable, &format!("{CANARY} :{CANARY}"))])));
    }
}

#[test]
fn the_example_of_an_installation_is_good() {
    let example = super::read("config/production.toml");
    let config = load_from(DEFAULT, Some(("production.toml", &example)), &BTreeMap::new());
    assert!(config.is_ok(), "{}", report(&config.err().unwrap_or_default()));
}

/// A whole configuration with a secret in it, with a few characters changed.
fn damaged() -> impl Strategy<Value = String> {
    let whole = DEFAULT.replace("token = \"\"", &format!("token = \"123456789:{CANARY}\""));
    let at = 0..whole.len();
    let edit = (
        at,
        prop_oneof![Just(None), any::<char>().prop_map(Some), Just(Some('\n')), Just(Some('"'))],
    );
    proptest::collection::vec(edit, 0..4).prop_map(move |edits| {
        let mut text: Vec<char> = whole.chars().collect();
        for (at, edit) in edits {
            let at = at.min(text.len() - 1);
            match edit {
                Some(c) => text.insert(at, c),
                None => drop(text.remove(at)),
            }
        }
        text.into_iter().collect()
    })
}

proptest! {
    #[test]
    fn no_damage_makes_it_panic_or_tell_a_secret(text in damaged()) {
        assert_tells_nothing(&report(&problems(&text, &[])));
    }

    #[test]
    fn no_value_of_the_environment_makes_it_panic(value in any::<String>(), which in 0..magpie::config::names::VARIABLES.len()) {
        let (name, _) = magpie::config::names::VARIABLES[which];
        problems("", &[(name, &value)]);
    }
}
