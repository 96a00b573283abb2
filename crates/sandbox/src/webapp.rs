//! Mini Apps: which addresses buttons may open, what an app is handed when it is opened, the menu button.
//!
//! ```text
//! button of a message, menu button ──► https://…/#tgWebAppData=<signed>&tgWebAppVersion=…&tgWebAppThemeParams=…
//! key below the chat               ──► the same without data; the app may send data to the bot, once
//! ```
//!
//! Init data is signed with the bot's token as the documentation has it. `signature` is that of nobody: only
//! Telegram has the key.

use ring::{digest, hmac};
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::answer::Refusal;
use crate::clock::Millis;
use crate::world::{Bot, User};

/// The version of the protocol between app and page.
const VERSION: &str = "9.1";
/// Most bytes of what an app sends to the bot (api "WebAppData").
pub const MOST_DATA: usize = 4_096;

/// Checks the `WebAppInfo` of `what`. Telegram takes https only; here an address of this machine may be plain.
pub fn check(what: &str, value: &Value) -> Result<(), Refusal> {
    let text = value["url"].as_str().unwrap_or_default();
    let url = Url::parse(text).ok().filter(Url::has_host);
    let invalid =
        |why: &str| Refusal::bad(format!("{what} Web App URL '{text}' is invalid: {why}"));
    let url = url.ok_or_else(|| invalid("URL host is empty"))?;
    let local = url.scheme() == "http" && is_here(&url);
    match url.scheme() == "https" || local {
        true => Ok(()),
        false => Err(invalid("Only HTTPS links are allowed")),
    }
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Checks a `MenuButton`.
pub fn check_menu(value: &Value) -> Result<(), Refusal> {
    match value["type"].as_str().unwrap_or_default() {
        "commands" | "default" => Ok(()),
        "web_app" if value["text"].as_str().is_none_or(|text| text.trim().is_empty()) => {
            Err(Refusal::bad("can't parse menu button: Text must be non-empty"))
        }
        "web_app" => check("menu button", &value["web_app"]),
        _ => Err(Refusal::bad("can't parse menu button: Unsupported type specified")),
    }
}

/// What an app is handed: a query string whose `hash` is made with the bot's token.
pub fn init_data(bot: &Bot, user: &User, query_id: &str, now: Millis) -> String {
    let mut person = user.json();
    if let Some(object) = person.as_object_mut() {
        object.remove("is_bot");
        object.insert("allows_write_to_pm".to_owned(), true.into());
    }
    let mut pairs = vec![
        ("auth_date", (now / 1_000).to_string()),
        ("query_id", query_id.to_owned()),
        ("user", person.to_string()),
    ];
    let said = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect::<String>();
    pairs.push(("signature", hex(digest::digest(&digest::SHA256, said.as_bytes()).as_ref())));
    pairs.sort();
    let lines: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let constant = hmac::Key::new(hmac::HMAC_SHA256, b"WebAppData");
    let secret = hmac::sign(&constant, bot.token.0.as_bytes());
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref());
    pairs.push(("hash", hex(hmac::sign(&key, lines.join("\n").as_bytes()).as_ref())));
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The whole address that a client opens; without init data when a key below the chat opens it.
pub fn address(url: &str, init_data: Option<&str>, dark: bool) -> String {
    let theme = theme(dark).to_string();
    let mut query = Serializer::new(String::new());
    if let Some(init_data) = init_data {
        query.append_pair("tgWebAppData", init_data);
    }
    query.append_pair("tgWebAppVersion", VERSION).append_pair("tgWebAppPlatform", "web");
    query.append_pair("tgWebAppThemeParams", &theme);
    let mark = if url.contains('#') { '&' } else { '#' };
    // A space in a fragment is written as `%20`: not every app takes a plus for one.
    format!("{url}{mark}{}", query.finish().replace('+', "%20"))
}

/// The colours of the chat page (api "ThemeParams").
pub fn theme(dark: bool) -> Value {
    let [ground, second, words, hint, link, danger, line] = match dark {
        true => ["#17212b", "#0e1621", "#f2f5f7", "#8496a6", "#6ab3f3", "#ec3942", "#0b131c"],
        false => ["#ffffff", "#eef2f5", "#14191d", "#6a7883", "#2678c9", "#c0443c", "#dfe4e8"],
    };
    json!({
        "bg_color": ground, "secondary_bg_color": second, "section_bg_color": ground,
        "header_bg_color": ground, "text_color": words, "hint_color": hint,
        "subtitle_text_color": hint, "section_header_text_color": link, "link_color": link,
        "accent_text_color": link, "button_color": if dark { "#3478bd" } else { "#2f7fd6" },
        "button_text_color": "#ffffff", "destructive_text_color": danger,
        "section_separator_color": line,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
