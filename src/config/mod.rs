//! The configuration: one struct per section; default ← file ← environment; every problem at once. The only
//! reader of the environment.
//!
//! The way of a value: [`Sources::of_machine`] reads the file, the environment and `.env` (the only part that
//! does I/O) → [`layers`] lays them over the defaults and judges names → [`hygiene`] finds values that were
//! damaged on their way → [`build`] turns texts into typed sections → [`Config`]. Whatever goes wrong on
//! this way becomes a [`Problem`]; an executable prints [`report`] and ends with [`EXIT_CODE`].
//!
//! ```
//! let env = [("LOG_LEVEL".to_owned(), "loud".to_owned())].into();
//! let problems = magpie::config::load_from(magpie::config::DEFAULT, None, &env).unwrap_err();
//! assert!(problems[0].to_string().starts_with("environment LOG_LEVEL: log.level: \"loud\" is not"));
//! ```

use std::collections::BTreeMap;
use std::path::Path;

mod app;
pub mod build;
pub mod doc;
pub mod dotenv;
pub mod duration;
mod growth;
pub mod hygiene;
pub mod layers;
pub mod names;
pub mod plans;
pub mod print;
pub mod problem;
pub mod reader;
pub mod searches;
pub mod secrets;
mod sections;

pub use layers::{Environment, Raw, Setting, Settings};
pub use plans::plans;
pub use problem::{EXIT_CODE, Place, Problem, report};
pub use searches::{Search, searches};
pub use sections::*;

/// Every key with its default and a sentence: `config/default.toml`, compiled in.
pub const DEFAULT: &str = include_str!("../../config/default.toml");

/// What a configuration is made of, besides the defaults.
#[derive(Clone, Default)]
pub struct Sources {
    /// Name and text of the file, if one was named.
    pub file: Option<(String, String)>,
    /// The environment with `.env` under it.
    pub environment: Environment,
}

/// A good configuration with the origin of each value, for `magpie config print`.
#[derive(Clone)]
pub struct Loaded {
    /// The sections.
    pub config: Config,
    /// The settings they were made of.
    pub settings: Settings,
}

/// Whether a user agent names somebody to write to: an address that is not the example's.
pub fn names_contact(user_agent: &str) -> bool {
    const EXAMPLES: [&str; 5] =
        ["example.org", "example.com", "example.net", ".example", "your.site"];
    let agent = user_agent.to_ascii_lowercase();
    let named = agent.contains("://") || agent.contains('@');
    named && !EXAMPLES.iter().any(|example| agent.contains(example))
}

impl Sources {
    /// Reads the environment, `.env` in the working folder, the files that `…_FILE` variables name, and the file
    /// of the configuration: `named`, else the one that `MAGPIE_CONFIG` names, else none.
    ///
    /// A variable of the environment beats the same one in `.env`. Nothing is written to the environment.
    pub fn of_machine(named: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut variables = dotenv::read(Path::new(".env"), &mut problems);
        variables.extend(process_environment(&mut problems));
        let named = named
            .map(|path| path.display().to_string())
            .or_else(|| variables.get("MAGPIE_CONFIG").filter(|path| !path.is_empty()).cloned());
        let file = named.and_then(|name| match std::fs::read_to_string(&name) {
            Ok(text) => Some((name, text)),
            Err(error) => {
                let place = Place::File { name, line: None };
                let what = format!("cannot be read ({error})");
                problems.push(Problem::about(place, what, "name a readable file, or none"));
                None
            }
        });
        if !problems.is_empty() {
            return Err(problems);
        }
        let secret_files = read_secret_files(&variables);
        Ok(Self { file, environment: Environment { variables, secret_files } })
    }
}

/// The variables of this process. One of ours that is not UTF-8 is a problem; those of others are left out.
#[expect(clippy::disallowed_methods, reason = "this module is the reader of the environment")]
fn process_environment(problems: &mut Vec<Problem>) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for (name, value) in std::env::vars_os() {
        let Ok(name) = name.into_string() else { continue };
        match value.into_string() {
            Ok(value) => {
                variables.insert(name, value);
            }
            Err(_) if names::VARIABLES.iter().any(|(known, _)| *known == name) => {
                let what = "the value is not UTF-8";
                problems.push(Problem::about(
                    Place::Variable(name),
                    what,
                    "write it again as UTF-8",
                ));
            }
            Err(_) => {}
        }
    }
    variables
}

fn read_secret_files(
    variables: &BTreeMap<String, String>,
) -> BTreeMap<String, Result<String, String>> {
    let secret_names: Vec<String> = names::SECRETS
        .iter()
        .flat_map(|key| [names::variable_of(key), names::general_variable(key)])
        .map(|name| format!("{name}_FILE"))
        .collect();
    variables
        .iter()
        .filter(|(name, path)| {
            let open = name.strip_suffix("_FILE").and_then(names::open_key);
            let secret = open.is_some_and(|key| names::is_secret(&key));
            (secret || secret_names.contains(name)) && !path.is_empty()
        })
        .map(|(name, path)| {
            let text = std::fs::read_to_string(path).map_err(|error| {
                format!("the file {} cannot be read ({error})", path.escape_debug())
            });
            (name.clone(), text)
        })
        .collect()
}

/// Makes a configuration, or tells every problem.
pub fn load(sources: &Sources) -> Result<Config, Vec<Problem>> {
    load_with_origins(sources).map(|loaded| loaded.config)
}

/// Makes a configuration and keeps where each value came from.
pub fn load_with_origins(sources: &Sources) -> Result<Loaded, Vec<Problem>> {
    let file = sources.file.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
    assemble(DEFAULT, file, &sources.environment)
}

/// The pure core of [`load`]: a file is its name and its text, and nothing is read from the machine.
pub fn load_from(
    default_text: &str,
    file: Option<(&str, &str)>,
    env: &BTreeMap<String, String>,
) -> Result<Config, Vec<Problem>> {
    let environment = Environment { variables: env.clone(), ..Environment::default() };
    assemble(default_text, file, &environment).map(|loaded| loaded.config)
}

/// Merges and builds; the problems come in the order of the layers, each once.
pub fn assemble(
    default_text: &str,
    file: Option<(&str, &str)>,
    environment: &Environment,
) -> Result<Loaded, Vec<Problem>> {
    let mut problems = Vec::new();
    let settings = layers::merge(default_text, file, environment, &mut problems);
    let reader = reader::Reader::new(&settings);
    let config = build::config(&reader);
    let (more, _) = reader.finish();
    for problem in more {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    if problems.is_empty() { Ok(Loaded { config, settings }) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use secrecy::ExposeSecret;

    use super::*;

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn lines(file: &str, pairs: &[(&str, &str)]) -> Vec<String> {
        let problems = load_from(DEFAULT, Some(("local.toml", file)), &env(pairs)).unwrap_err();
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_defaults_are_a_whole_configuration() {
        let config = load_from(DEFAULT, None, &BTreeMap::new()).unwrap();
        assert_eq!(config.schedule.interval, Duration::from_secs(360));
        assert_eq!(config.database.url.expose_secret(), "sqlite://./data/magpie.db");
        assert_eq!(config.database.gather, Duration::from_millis(4));
        assert!(config.telegram.token.is_none());
        assert_eq!(config.bot.listen.port(), 8080);
    }

    #[test]
    fn no_key_of_the_defaults_is_left_unread() {
        let mut problems = Vec::new();
        let settings = layers::merge(DEFAULT, None, &Environment::default(), &mut problems);
        let reader = reader::Reader::new(&settings);
        build::config(&reader);
        let (more, asked) = reader.finish();
        assert_eq!((problems, more), (vec![], vec![]));
        let unread: Vec<_> = settings.keys().filter(|key| !asked.contains(*key)).collect();
        assert!(unread.is_empty(), "nobody reads {unread:?}");
    }

    #[test]
    fn the_environment_beats_the_file_and_the_file_beats_the_defaults() {
        let file = "[schedule]\ninterval = \"10m\"\nworkers = 3\n";
        let env = env(&[
            ("MAGPIE_SCHEDULE__INTERVAL", "1m"),
            ("ADMIN_IDS", "1, 22"),
            ("PORT", "10000"),
            ("DATA_DIR", "/srv/magpie"),
            ("SUPPORT_CHAT_ID", "-1001234567890"),
            ("REDIS_URL", ""),
        ]);
        let config = load_from(DEFAULT, Some(("local.toml", file)), &env).unwrap();
        assert_eq!(config.schedule.interval, Duration::from_secs(60));
        assert_eq!(config.schedule.workers, 3);
        assert_eq!(config.bot.admin_ids, [1, 22]);
        assert_eq!(config.bot.listen.to_string(), "0.0.0.0:10000");
        assert_eq!(config.bot.support_chat_id, Some(-1_001_234_567_890));
        assert_eq!(config.database.url.expose_secret(), "sqlite:///srv/magpie/magpie.db");
        assert!(config.redis.url.is_none());
    }

    #[test]
    fn all_problems_come_at_once_with_place_key_and_remedy() {
        let file =
            "[schedule]\nintervall = \"5m\"\nworkers = \"many\"\n\n[deliver]\nper_second = 99\n";
        let found = lines(
            file,
            &[("LOG_FORMAT", "prety"), ("MAGPIE_REDIS_URL", "redis://x"), ("ADMIN_IDS", "me")],
        );
        assert_eq!(
            found,
            [
                "local.toml:2: schedule.intervall: there is no such key; did you mean schedule.interval?",
                "environment MAGPIE_REDIS_URL: no key has this name; did you mean MAGPIE_REDIS__URL?",
                "environment ADMIN_IDS: bot.admin_ids: \"me\" is not a list of Telegram ids; \
                 write whole numbers with commas between them",
                "local.toml:3: schedule.workers: \"many\" is not a whole number from 1 to 64; choose one in this range",
                "local.toml:6: deliver.per_second: 99 is not a number from 0 to 30; choose one in this range",
                "environment LOG_FORMAT: log.format: \"prety\" is not one of pretty, json; \
                 choose one of them, or leave it out",
            ]
        );
    }

    #[test]
    fn a_secret_may_come_from_a_file_and_loses_only_the_line_end() {
        let mut environment = Environment {
            variables: env(&[("TELEGRAM_BOT_TOKEN_FILE", "/run/t")]),
            ..Default::default()
        };
        let name = "TELEGRAM_BOT_TOKEN_FILE".to_owned();
        environment.secret_files.insert(name.clone(), Ok("12:abc\n".to_owned()));
        let loaded = assemble(DEFAULT, None, &environment).unwrap();
        assert_eq!(loaded.config.telegram.token.unwrap().expose_secret(), "12:abc");

        environment.secret_files.insert(name, Err("the file is missing".to_owned()));
        let problems = assemble(DEFAULT, None, &environment).map(|_| ()).unwrap_err();
        assert!(problems[0].to_string().contains("file named by TELEGRAM_BOT_TOKEN_FILE"));
    }

    #[test]
    fn one_key_set_by_two_variables_is_refused() {
        let found = lines("", &[("DATA_DIR", "/a"), ("MAGPIE_PATHS__DATA", "/b")]);
        assert_eq!(
            found,
            ["environment MAGPIE_PATHS__DATA: paths.data: is set twice, by DATA_DIR and by \
              MAGPIE_PATHS__DATA; keep one of them"]
        );
    }

    #[test]
    fn limits_may_be_off_only_against_an_imitation() {
        let off = [("MAGPIE_DELIVER__PER_SECOND", "0")];
        assert!(lines("", &off)[0].contains("telegram.api_url is Telegram itself"));
        let sandbox = env(&[off[0], ("TELEGRAM_API_URL", "http://127.0.0.1:8088")]);
        assert!(load_from(DEFAULT, None, &sandbox).is_ok());
    }

    #[test]
    fn addresses_of_the_app_are_of_the_web_and_https_for_telegram_itself() {
        let app = |address| [("MAGPIE_BOT__APP_URL", address)];
        assert!(lines("", &app("app"))[0].contains("bot.app_url"));
        assert!(lines("", &app("http://127.0.0.1:8089/app/"))[0].contains("over https only"));
        let tiles = [("MAGPIE_BOT__MAP_TILES", "https://tiles.example/{z}/{x}.png")];
        assert!(lines("", &tiles)[0].contains("bot.map_tiles"));
        let frames = [("MAGPIE_BOT__APP_FRAMES", "https://desk.example, *")];
        assert!(lines("", &frames)[0].contains("bot.app_frames"));
        let good = env(&app("https://bot.example.org/app/"));
        let config = load_from(DEFAULT, None, &good).unwrap();
        assert_eq!(config.bot.app_address().as_deref(), Some("https://bot.example.org/app/"));
    }

    #[test]
    fn keys_of_the_operators_own_come_from_file_and_environment() {
        let file = "[login.some_site]\nuser = \"anna\"\n[proxies]\nberlin = \"http://a:CANARY@b:3128\"\n\
                    [proxy_of]\nsome_site = \"berlin\"\n";
        let mut environment = Environment {
            variables: env(&[
                ("MAGPIE_LOGIN__SOME_SITE__PASSWORD", "CANARY"),
                ("MAGPIE_LOGIN__OTHER__PASSWORD_FILE", "/run/p"),
            ]),
            ..Default::default()
        };
        let name = "MAGPIE_LOGIN__OTHER__PASSWORD_FILE".to_owned();
        environment.secret_files.insert(name, Ok("CANARY\n".to_owned()));
        let loaded = assemble(DEFAULT, Some(("local.toml", file)), &environment).unwrap();
        let get = |site: &str, name: &str| {
            loaded.config.login.get(site, name).map(|secret| secret.expose_secret().to_owned())
        };
        assert_eq!(get("some_site", "user").as_deref(), Some("anna"));
        assert_eq!(get("some_site", "password").as_deref(), Some("CANARY"));
        assert_eq!(get("other", "password").as_deref(), Some("CANARY"));
        assert_eq!(loaded.config.proxies.of["some_site"], ["berlin"]);
        assert!(!format!("{:?}", loaded.config).contains("CANARY"));
        assert!(!print::print(&loaded.settings).contains("CANARY"));
    }

    #[test]
    fn a_proxy_that_is_none_or_that_nobody_named_is_refused() {
        let file = "[proxies]\nberlin = \"socks5://x\"\n[proxy_of]\nshop = \"hamburg\"\n";
        let found = lines(file, &[]);
        assert!(found.iter().any(|line| line.contains("proxies.berlin")), "{found:?}");
        assert!(found.iter().any(|line| line.contains("names hamburg")), "{found:?}");
    }

    #[test]
    fn debug_and_problems_never_tell_a_secret() {
        let good = env(&[("TELEGRAM_BOT_TOKEN", "123456:CANARYCANARY")]);
        let config = load_from(DEFAULT, None, &good).unwrap();
        assert!(!format!("{config:?}").contains("CANARY"));
        for value in ["CANARY", "1:CAN ARY", "\"1:CANARY\"", "1:CANARY\n"] {
            let bad = env(&[("TELEGRAM_BOT_TOKEN", value)]);
            let text = report(&load_from(DEFAULT, None, &bad).unwrap_err());
            assert!(!text.contains("CANARY") && !text.contains("ARY"), "{text}");
        }
    }
}
