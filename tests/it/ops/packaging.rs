//! What the packaging files start exists, waits long enough, and speaks of known variables.

use std::collections::BTreeMap;

use magpie::config::{DEFAULT, Environment, layers, names};

use super::read;

type Ini = BTreeMap<String, BTreeMap<String, String>>;

fn ini(text: &str) -> Ini {
    let mut sections = Ini::new();
    let mut section = String::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.to_owned();
            sections.entry(section.clone()).or_default();
        } else if let Some((key, value)) = line.split_once('=') {
            let entries = sections.entry(section.clone()).or_default();
            entries.insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
    sections
}

/// Executables that the workspace builds.
fn executables() -> Vec<String> {
    let mut found = Vec::new();
    for manifest in ["Cargo.toml", "crates/sandbox/Cargo.toml"] {
        let table: toml::Table = read(manifest).parse().unwrap();
        let bins = table["bin"].as_array().unwrap();
        found.extend(bins.iter().map(|bin| bin["name"].as_str().unwrap().to_owned()));
    }
    found
}

/// Asserts that a command line of ours names an executable that is built, and a command that it knows.
fn assert_exists(place: &str, command: &str) {
    let words: Vec<&str> = command.split_whitespace().collect();
    let program = words[0].rsplit('/').next().unwrap();
    assert!(executables().iter().any(|name| name == program), "{place}: nobody builds {program}");
    #[cfg(feature = "browser")]
    if program == "magpie" {
        let arguments = magpie::cli::command().try_get_matches_from(&words);
        assert!(arguments.is_ok(), "{place}: {}", arguments.unwrap_err());
    }
}

fn programs(file: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let sections = ini(&read(file)).into_iter();
    sections
        .filter_map(|(name, keys)| Some((name.strip_prefix("program:")?.to_owned(), keys)))
        .collect()
}

#[test]
fn the_supervisor_starts_what_exists_and_waits_longer_than_our_deadline() {
    let deadline = magpie::shutdown::DEADLINE.as_secs();
    let programs = programs("supervisord.conf");
    assert_eq!(programs.keys().collect::<Vec<_>>(), ["bot", "scraper"]);
    for (name, keys) in &programs {
        assert_exists("supervisord.conf", &keys["command"]);
        let wait: u64 = keys["stopwaitsecs"].parse().unwrap();
        assert!(wait > deadline, "{name}: stopwaitsecs={wait} is not longer than {deadline} s");
        let expected = [
            ("autorestart", "true"),
            ("startretries", "1000000"),
            ("startsecs", "5"),
            ("stopasgroup", "false"),
            ("killasgroup", "true"),
            ("stdout_logfile", "/dev/fd/1"),
            ("stdout_logfile_maxbytes", "0"),
            ("stderr_logfile", "/dev/fd/2"),
            ("stderr_logfile_maxbytes", "0"),
        ];
        for (key, value) in expected {
            assert_eq!(keys.get(key).map(String::as_str), Some(value), "{name}: {key}");
        }
    }
    let group = &ini(&read("supervisord.conf"))["group:magpie"]["programs"];
    assert_eq!(group, "scraper,bot", "programs of one group stop together");
}

#[test]
fn no_supervisor_file_sends_our_signal_to_chromium() {
    for file in ["supervisord.conf", "config/supervisord-sandbox.conf"] {
        for (name, keys) in programs(file) {
            assert_exists(file, &keys["command"]);
            assert_ne!(keys.get("stopasgroup").map(String::as_str), Some("true"), "{file}: {name}");
        }
    }
}

#[test]
fn every_process_type_starts_what_exists() {
    let types: BTreeMap<String, String> = read("Procfile")
        .lines()
        .map(|line| line.split_once(": ").expect("name: command"))
        .map(|(name, command)| (name.to_owned(), command.to_owned()))
        .collect();
    assert_eq!(types.keys().collect::<Vec<_>>(), ["bot", "scraper", "web"]);
    for name in ["bot", "scraper"] {
        assert_exists("Procfile", &types[name]);
    }
    let configuration = types["web"].split_whitespace().last().unwrap();
    assert!(super::root().join(configuration).exists(), "{configuration}");
    assert!(types["web"].contains("exec supervisord"), "a shell in front would eat the signals");
}

#[test]
fn the_image_holds_what_it_starts_and_runs_as_an_ordinary_user() {
    let text = read("Dockerfile").replace("\\\n", " ");
    let lines: Vec<&str> = text.lines().collect();
    let words = |begin: &str| -> Vec<&str> {
        lines.iter().filter(|line| line.starts_with(begin)).copied().collect()
    };
    let built = words("RUN cargo build")[0];
    for name in ["magpie", "magpie-bot"] {
        assert!(built.contains(&format!("--bin {name}")), "{name} is not built");
        assert!(text.contains(&format!("/src/target/release/{name} ")), "{name} is not copied");
        assert!(executables().iter().any(|known| known == name));
    }
    for package in ["chromium-headless-shell", "supervisor", "tini", "ca-certificates"] {
        assert!(text.contains(&format!(" {package} ")), "{package} is not installed");
    }
    assert_eq!(words("USER"), ["USER magpie"]);
    assert_eq!(words("ENTRYPOINT"), ["ENTRYPOINT [\"tini\", \"--\"]"]);
    let command: Vec<String> =
        serde_json::from_str(words("CMD")[0].strip_prefix("CMD ").unwrap()).expect("exec form");
    assert_eq!(command[0], "supervisord");
    assert!(text.contains("COPY supervisord.conf /app/") && command[3] == "/app/supervisord.conf");
    assert!(!text.contains("magpie-sandbox"), "the sandbox is not part of an installation");
}

#[test]
fn the_example_of_the_environment_names_known_variables_and_all_of_them() {
    let settings = layers::merge(DEFAULT, None, &Environment::default(), &mut Vec::new());
    let keys = || settings.keys().map(String::as_str);
    let text = read(".env.example");
    let named: Vec<&str> = text
        .lines()
        .map(|line| line.trim_start_matches("# "))
        .filter_map(|line| line.split_once('=').map(|(name, _)| name))
        .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        .collect();
    for name in &named {
        let own = name.strip_suffix("_FILE").unwrap_or(name);
        let known = names::key_of(own, keys()).is_some() || names::OTHER_VARIABLES.contains(&own);
        assert!(known, ".env.example: nobody reads {name}");
    }
    for (name, _) in names::VARIABLES {
        assert!(named.contains(&name), ".env.example does not speak of {name}");
    }
    let mut problems = Vec::new();
    let parsed = magpie::config::dotenv::parse(".env.example", &text, &mut problems);
    assert_eq!(problems, []);
    assert!(magpie::config::load_from(DEFAULT, None, &parsed).is_ok());
}

#[test]
fn ci_runs_the_command_of_the_readme() {
    assert!(read(".ci/run").contains("exec scripts/test"));
    let readme = read("README.md");
    for command in ["scripts/run", "scripts/test"] {
        assert!(readme.contains(command), "README.md does not name {command}");
    }
}

/// The bot stays light: not one command of the DevTools protocol is in its executable, while the scraper's has them.
#[cfg(feature = "browser")]
#[test]
fn the_bot_knows_no_browser() {
    let has = |executable: &str| {
        let bytes = std::fs::read(executable).expect("a built executable can be read");
        let command = b"Target.createBrowserContext";
        bytes.windows(command.len()).any(|window| window == command)
    };
    assert!(has(env!("CARGO_BIN_EXE_magpie")), "the test looks for the wrong words");
    assert!(!has(env!("CARGO_BIN_EXE_magpie-bot")), "the bot's executable holds browser code");
}
