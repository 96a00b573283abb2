//! From settings to sections: one function per section with the bounds of each key, then the rules that
//! concern several keys.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::app::{check_app, check_reachable};
use super::growth;
use super::reader::Reader;
use super::secrets::check_secrets;
use super::sections::{
    Bot, BrowserSection, Config, Database, Deliver, Egress, Free, LimitsSection, Log, LoginSecrets,
    Paths, Proxies, Redis, Schedule, Scrape, Support, Telegram,
};
use crate::domain::change::{Field, Rules};
use crate::domain::quota::Quotas;
use crate::domain::Language;

/// The base address of Telegram itself. Everything else is an own server or an imitation.
pub const TELEGRAM: &str = "https://api.telegram.org";

const fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

const fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

const DAY: Duration = secs(86_400);

/// Reads every section; what does not fit is noted in the reader.
pub fn config(reader: &Reader<'_>) -> Config {
    let paths = paths(reader);
    let config = Config {
        database: database(reader, &paths),
        paths,
        redis: redis(reader),
        telegram: telegram(reader),
        bot: bot(reader),
        support: support(reader),
        free: free(reader),
        limits: limits(reader),
        growth: growth::of(reader),
        schedule: schedule(reader),
        scrape: scrape(reader),
        changes: changes(reader),
        browser: browser(reader),
        egress: Egress { allow: reader.list("egress.allow") },
        deliver: deliver(reader),
        log: log(reader),
        login: login(reader),
        proxies: proxies(reader),
    };
    check_forms(reader, &config);
    // Stand-ins for values that did not fit would contradict each other for no reason of the reader's.
    if reader.is_clean() {
        check_together(reader, &config);
    }
    config
}

fn paths(reader: &Reader<'_>) -> Paths {
    Paths {
        data: reader.path("paths.data"),
        sites: reader.optional_path("paths.sites"),
        sources: reader.optional_path("paths.sources"),
        templates: reader.optional_path("paths.templates"),
        plans: reader.optional_path("paths.plans"),
    }
}

fn database(reader: &Reader<'_>, paths: &Paths) -> Database {
    let url = reader.secret("database.url").unwrap_or_else(|| {
        SecretString::from(format!("sqlite://{}", paths.data.join("magpie.db").display()))
    });
    Database {
        url,
        readers: reader.integer("database.readers", 1, 64),
        gather: reader.duration("database.gather", millis(0), millis(100)),
        busy_timeout: reader.duration("database.busy_timeout", millis(100), secs(60)),
    }
}

fn redis(reader: &Reader<'_>) -> Redis {
    Redis {
        url: reader.secret("redis.url"),
        ttl: reader.duration("redis.ttl", secs(60), DAY * 365),
    }
}

fn telegram(reader: &Reader<'_>) -> Telegram {
    Telegram {
        token: reader.secret("telegram.token"),
        api_url: reader.text("telegram.api_url").trim_end_matches('/').to_owned(),
        connect_timeout: reader.duration("telegram.connect_timeout", millis(100), secs(60)),
        timeout: reader.duration("telegram.timeout", secs(1), secs(600)),
    }
}

fn bot(reader: &Reader<'_>) -> Bot {
    Bot {
        webhook_url: reader
            .optional_text("bot.webhook_url")
            .map(|url| url.trim_end_matches('/').to_owned()),
        webhook_secret: reader.secret("bot.webhook_secret"),
        listen: reader.address("bot.listen"),
        max_body: reader.integer("bot.max_body", 1_024, 64 << 20),
        max_connections: reader.integer("bot.max_connections", 1, 100),
        admin_ids: reader.ids("bot.admin_ids"),
        support_chat_id: reader.optional_id("bot.support_chat_id"),
        pending_warning: reader.integer("bot.pending_warning", 0, i64::MAX),
        app_url: reader.optional_text("bot.app_url"),
        app_frames: reader.list("bot.app_frames"),
        jwt_secret: reader.secret("bot.jwt_secret"),
        map_tiles: reader.optional_text("bot.map_tiles"),
        map_attribution: reader.text("bot.map_attribution"),
    }
}

fn limits(reader: &Reader<'_>) -> LimitsSection {
    let number = |key: &str| reader.integer(key, 0, 1_000_000);
    let quotas = Quotas {
        messages: number("limits.messages"),
        operations: number("limits.operations"),
        payments: number("limits.payments"),
        support: number("limits.support"),
        searches: number("limits.searches"),
        burst: thousandths(reader.number("limits.burst", 0.1, 100.0)),
        premium: thousandths(reader.number("limits.premium", 0.1, 100.0)),
        newcomer: thousandths(reader.number("limits.newcomer", 0.1, 100.0)),
        newcomer_for: i64::try_from(
            reader.duration("limits.newcomer_for", secs(0), DAY * 30).as_micros(),
        )
        .unwrap_or(i64::MAX),
    };
    LimitsSection { quotas, updates_per_second: number("limits.updates_per_second") }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0.1 to 100")]
fn thousandths(factor: f64) -> u32 {
    (factor * 1_000.0).round() as u32
}

fn support(reader: &Reader<'_>) -> Support {
    let codes = Language::ALL.map(Language::code);
    let language = reader.one_of("support.language", &codes);
    Support {
        answer_within: reader.duration("support.answer_within", secs(60), DAY * 30),
        language: Language::from_tag(&language),
    }
}

fn free(reader: &Reader<'_>) -> Free {
    Free {
        watches: reader.integer("free.watches", 0, 1_000_000),
        sources: reader.integer("free.sources", 0, 1_000_000),
    }
}

fn schedule(reader: &Reader<'_>) -> Schedule {
    Schedule {
        interval: reader.duration("schedule.interval", secs(1), DAY * 30),
        workers: reader.integer("schedule.workers", 1, 64),
        adaptive: reader.flag("schedule.adaptive"),
        stretch: reader.number("schedule.stretch", 1.0, 10.0),
        idle_interval: reader.duration("schedule.idle_interval", secs(1), DAY * 30),
        housekeeping: reader.text("schedule.housekeeping"),
    }
}

fn scrape(reader: &Reader<'_>) -> Scrape {
    Scrape {
        user_agent: reader.text("scrape.user_agent"),
        page_deadline: reader.duration("scrape.page_deadline", secs(1), secs(600)),
        max_bytes: reader.integer("scrape.max_bytes", 65_536, 256 << 20),
        gap: reader.duration("scrape.gap", millis(0), secs(3_600)),
        concurrency_per_host: reader.integer("scrape.concurrency_per_host", 1, 4),
        respect_robots: reader.flag("scrape.respect_robots"),
        max_pages: reader.integer("scrape.max_pages", 1, 50),
        baseline_pages: reader.integer("scrape.baseline_pages", 1, 50),
        details_per_run: reader.integer("scrape.details_per_run", 0, 200),
        probes_per_run: reader.integer("scrape.probes_per_run", 0, 50),
        max_alerts_per_run: reader.integer("scrape.max_alerts_per_run", 1, 1_000),
        max_alerts_after_repair: reader.integer("scrape.max_alerts_after_repair", 1, 1_000),
        failure_groups: reader.integer("scrape.failure_groups", 1, 1_000),
        failure_bytes: reader.integer("scrape.failure_bytes", 1 << 20, 1 << 40),
        failure_age: reader.duration("scrape.failure_age", secs(3_600), DAY * 365),
        listen: reader.address("scrape.listen"),
        session_key: reader.secret("scrape.session_key"),
    }
}

fn changes(reader: &Reader<'_>) -> Rules {
    let words = reader.list("changes.edited");
    let fields: Vec<Option<Field>> = words.iter().map(|word| Field::from_word(word)).collect();
    if fields.contains(&None) {
        let all = Field::ALL.map(Field::as_str).join(", ");
        reader.refuse("changes.edited", &format!("any of {all}"), "leave the others out");
    }
    Rules {
        edited: fields.into_iter().flatten().collect(),
        min_move: reader.number("changes.min_move", 0.0, 100.0),
        min_amount: reader.number("changes.min_amount", 0.0, 1e9),
    }
}

fn browser(reader: &Reader<'_>) -> BrowserSection {
    BrowserSection {
        executable: reader.optional_path("browser.executable"),
        cdp_url: reader.secret("browser.cdp_url"),
        pages: reader.integer("browser.pages", 1, 64),
        jail: reader.one_of("browser.jail", &["auto", "require", "off"]),
        sandbox: reader.one_of("browser.sandbox", &["auto", "require"]),
    }
}

fn login(reader: &Reader<'_>) -> LoginSecrets {
    let secrets = reader.open("login").into_iter().filter_map(|(name, text)| {
        let (site, name) = name.split_once('.')?;
        Some(((site.to_owned(), name.to_owned()), SecretString::from(text)))
    });
    LoginSecrets { secrets: secrets.collect() }
}

fn proxies(reader: &Reader<'_>) -> Proxies {
    let all: BTreeMap<String, SecretString> = reader
        .open("proxies")
        .into_iter()
        .map(|(name, text)| (name, SecretString::from(text)))
        .collect();
    for (name, url) in &all {
        let fits = url::Url::parse(url.expose_secret())
            .is_ok_and(|url| url.scheme() == "http" && url.has_host() && url.port().is_some());
        if !fits {
            reader.refuse(
                &format!("proxies.{name}"),
                "an http:// address with a port",
                "write it like http://user:password@proxy.example:3128",
            );
        }
    }
    let mut of = BTreeMap::new();
    for (site, text) in reader.open("proxy_of") {
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        if let Some(unknown) = names.iter().find(|name| !all.contains_key(*name)) {
            let what = format!("names {}, which is no key of [proxies]", unknown.escape_debug());
            reader.contradict(
                &format!("proxy_of.{site}"),
                &what,
                "add it there, or remove it here",
            );
        }
        of.insert(site, names);
    }
    Proxies { all, of }
}

fn deliver(reader: &Reader<'_>) -> Deliver {
    let time_zone = reader.text("deliver.time_zone");
    if crate::domain::preferences::zone::of_name(&time_zone).is_none() {
        reader.refuse("deliver.time_zone", "a time zone", "write an IANA name such as Europe/Kyiv");
    }
    Deliver {
        time_zone,
        in_flight: reader.integer("deliver.in_flight", 1, 256),
        per_second: reader.number("deliver.per_second", 0.0, 30.0),
        paid_per_second: reader.number("deliver.paid_per_second", 0.0, 1_000.0),
        paid_stars: reader.integer("deliver.paid_stars", 0, 100_000_000),
    }
}

fn log(reader: &Reader<'_>) -> Log {
    let format = reader.optional_text("log.format");
    if format.as_deref().is_some_and(|word| !matches!(word, "pretty" | "json")) {
        reader.refuse("log.format", "one of pretty, json", "choose one of them, or leave it out");
    }
    Log {
        level: reader.text("log.level"),
        format,
        dir: reader.optional_path("log.dir").unwrap_or_default(),
    }
}

/// Forms that a type cannot hold: tokens, addresses, cron and filter expressions.
fn check_forms(reader: &Reader<'_>, config: &Config) {
    check_secrets(reader, config);
    let http =
        |text: &str| url::Url::parse(text).is_ok_and(|u| matches!(u.scheme(), "http" | "https"));
    if !http(&config.telegram.api_url) {
        reader.refuse(
            "telegram.api_url",
            "an http or https address",
            "leave it out to use Telegram itself",
        );
    }
    if config.bot.webhook_url.as_deref().is_some_and(|url| !http(url)) {
        reader.refuse(
            "bot.webhook_url",
            "an https address",
            "write the public address, like https://bot.example.org",
        );
    }
    check_app(reader, config);
    if config.scrape.user_agent.chars().any(|c| !(' '..='~').contains(&c)) {
        reader.refuse(
            "scrape.user_agent",
            "a header of plain ASCII",
            "write letters, digits and punctuation only",
        );
    }
    let cron = croner::parser::CronParser::builder()
        .seconds(croner::parser::Seconds::Required)
        .build()
        .parse(&config.schedule.housekeeping);
    if cron.is_err() {
        reader.refuse(
            "schedule.housekeeping",
            "a cron expression of six fields",
            "write second minute hour day month weekday, for example \"0 17 3 * * *\"",
        );
    }
    if tracing_subscriber::EnvFilter::builder().parse(&config.log.level).is_err()
        || !is_level(&config.log.level)
    {
        reader.refuse(
            "log.level",
            "one of error, warn, info, debug, trace, off, or a filter",
            "write for example \"info\" or \"info,magpie::bot=debug\"",
        );
    }
    for target in &config.egress.allow {
        let port = target.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        if !port.is_some_and(|(_, port)| port.parse::<u16>().is_ok_and(|port| port > 0)) {
            reader.contradict(
                "egress.allow",
                "holds something that is not host:port",
                "write each target like 127.0.0.1:8088",
            );
        }
    }
}

/// A lone word in a filter is taken for the name of a module, so a mistyped level would silence everything.
fn is_level(filter: &str) -> bool {
    const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];
    let is_module = |part: &str| {
        part.contains("::")
            && part.split("::").all(|word| word.chars().all(|c| c.is_alphanumeric() || c == '_'))
    };
    filter
        .split(',')
        .map(str::trim)
        .filter(|part| !part.contains(['=', '[']))
        .all(|part| LEVELS.contains(&part.to_ascii_lowercase().as_str()) || is_module(part))
}

/// Rules about several keys.
fn check_together(reader: &Reader<'_>, config: &Config) {
    let real = config.telegram.api_url == TELEGRAM;
    if real && config.deliver.per_second <= 0.0 {
        reader.contradict(
            "deliver.per_second",
            "0 switches the limits off, but telegram.api_url is Telegram itself",
            "set at most 30, or name an imitation in telegram.api_url",
        );
    }
    if real && config.bot.webhook_url.as_deref().is_some_and(|url| url.starts_with("http://")) {
        reader.contradict(
            "bot.webhook_url",
            "begins with http://, but Telegram sends updates over https only",
            "put a reverse proxy with a certificate in front and name its https address",
        );
    }
    if real {
        check_reachable(reader, config);
    }
    if config.telegram.connect_timeout > config.telegram.timeout {
        reader.contradict(
            "telegram.connect_timeout",
            "is longer than telegram.timeout, which includes it",
            "make it shorter",
        );
    }
    if config.bot.listen == config.scrape.listen && config.bot.listen.port() != 0 {
        reader.contradict(
            "scrape.listen",
            "is the same address as bot.listen",
            "choose another port",
        );
    }
}
