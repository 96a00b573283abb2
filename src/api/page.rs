//! The Mini App's own files, compiled in: plain HTML, style and modules, no build step, nothing of third parties.
//!
//! Its texts are the Fluent file `app.ftl` as JSON at `/app/texts/<language>.json`: the keys `app-ui-…` without that
//! beginning, placeholders as `{name}`.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};
use url::Url;

use super::MapTiles;
use crate::domain::Language;
use crate::texts::{self, Value};

/// Files below `/app/`: name, kind, content.
const FILES: [(&str, &str, &str); 15] = [
    ("", "text/html; charset=utf-8", include_str!("app/index.html")),
    ("app.css", "text/css; charset=utf-8", include_str!("app/app.css")),
    ("map.css", "text/css; charset=utf-8", include_str!("app/map.css")),
    ("app.js", SCRIPT, include_str!("app/app.js")),
    ("api.js", SCRIPT, include_str!("app/api.js")),
    ("bridge.js", SCRIPT, include_str!("app/bridge.js")),
    ("chart.js", SCRIPT, include_str!("app/chart.js")),
    ("dom.js", SCRIPT, include_str!("app/dom.js")),
    ("editor.js", SCRIPT, include_str!("app/editor.js")),
    ("fields.js", SCRIPT, include_str!("app/fields.js")),
    ("listings.js", SCRIPT, include_str!("app/listings.js")),
    ("map.js", SCRIPT, include_str!("app/map.js")),
    ("plan.js", SCRIPT, include_str!("app/plan.js")),
    ("texts.js", SCRIPT, include_str!("app/texts.js")),
    ("watches.js", SCRIPT, include_str!("app/watches.js")),
];
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What the app's texts are read from.
const KEYS: &str = include_str!("../texts/en/app.ftl");
/// Beginning of the keys that the app shows.
const SHOWN: &str = "app-ui-";
/// Placeholders of its texts; the app fills them.
const NAMES: [&str; 12] = [
    "count", "date", "first", "has", "km", "last", "limit", "looked", "most", "name", "title",
    "what",
];

/// Who may show the app in a frame beside the configured pages.
const FRAMES: &str = "https://web.telegram.org";

/// A file as it is answered.
#[derive(Clone)]
struct File {
    kind: &'static str,
    etag: HeaderValue,
    content: Bytes,
}

/// The routes of the app.
pub(super) fn router(tiles: &MapTiles, frames: &[String]) -> Router {
    let policy = policy(tiles, frames);
    let mut router = Router::new().route("/app", get(async || Redirect::permanent("/app/")));
    for (name, kind, content) in FILES {
        router = serve(router, &format!("/app/{name}"), kind, content.to_owned(), &policy);
    }
    for language in Language::ALL {
        let path = format!("/app/texts/{}.json", language.code());
        let content = serde_json::to_string(&sentences(language)).unwrap_or_default();
        router = serve(router, &path, "application/json", content, &policy);
    }
    router
}

fn serve(
    router: Router,
    path: &str,
    kind: &'static str,
    content: String,
    policy: &HeaderValue,
) -> Router {
    let tag = format!("\"{}\"", &hex::encode(Sha256::digest(content.as_bytes()))[..16]);
    let etag = HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"0\""));
    let file = File { kind, etag, content: content.into() };
    let policy = policy.clone();
    router.route(path, get(async move |headers: HeaderMap| answer(&file, &policy, &headers)))
}

fn answer(file: &File, policy: &HeaderValue, asked: &HeaderMap) -> Response {
    let own = [
        (header::CONTENT_SECURITY_POLICY, policy.clone()),
        (header::ETAG, file.etag.clone()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // The servers of the map's pictures want to know who asks; they are told the origin only.
        (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("camera=(), microphone=(), geolocation=()"),
        ),
    ];
    if asked.get(header::IF_NONE_MATCH) == Some(&file.etag) {
        return (StatusCode::NOT_MODIFIED, own).into_response();
    }
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(file.kind))];
    (own, kind, file.content.clone()).into_response()
}

/// What the app may load, and who may show it: nothing inline, nothing of third parties but the map's pictures.
fn policy(tiles: &MapTiles, frames: &[String]) -> HeaderValue {
    let origin = tiles.address.as_deref().and_then(origin).unwrap_or_default();
    let frames: Vec<String> = frames.iter().filter_map(|frame| self::origin(frame)).collect();
    let text = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
         img-src 'self' data: {origin}; base-uri 'none'; form-action 'none'; \
         frame-ancestors {FRAMES} {}",
        frames.join(" ")
    );
    HeaderValue::from_str(text.trim_end()).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// Scheme, host and port of an address.
fn origin(address: &str) -> Option<String> {
    let plain = address.replace(['{', '}'], "");
    let url = Url::parse(&plain).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(url.origin().ascii_serialization())
}

/// Keys of the app with their sentences.
fn sentences(language: Language) -> BTreeMap<&'static str, String> {
    let marks: Vec<(&'static str, String)> =
        NAMES.iter().map(|name| (*name, format!("{{{name}}}"))).collect();
    let values: Vec<(&'static str, Value<'_>)> =
        marks.iter().map(|(name, mark)| (*name, Value::Text(mark))).collect();
    let keys = KEYS.lines().filter_map(|line| line.split_once(" =")).map(|(key, _)| key);
    keys.filter_map(|key| Some((key.strip_prefix(SHOWN)?, texts::say(language, key, &values))))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex::Regex;

    use super::*;

    #[test]
    fn every_sentence_of_the_app_is_there_in_every_language_and_every_one_is_shown() {
        let scripts: String =
            FILES.iter().map(|(_, _, content)| *content).collect::<Vec<_>>().join("\n");
        let word = Regex::new(r#"\bt\("([a-z_-]+)""#).expect("a pattern");
        let asked: BTreeSet<&str> = word
            .captures_iter(&scripts)
            .filter_map(|found| found.get(1))
            .map(|found| found.as_str())
            .collect();
        for language in Language::ALL {
            let sentences = sentences(language);
            for (key, sentence) in &sentences {
                assert!(!sentence.contains("Unknown") && !sentence.contains("{$"), "{sentence}");
                let named = asked.contains(key)
                    || key.starts_with("change-")
                    || scripts.contains(&format!("\"{key}\""));
                assert!(named, "{key} is never shown");
            }
            // What ends with a stroke is the beginning of a family.
            for key in asked.iter().filter(|key| !key.ends_with('-')) {
                assert!(sentences.contains_key(key), "{key} is not said in {}", language.code());
            }
        }
        let placeholders = |sentence: &String| {
            let mark = Regex::new(r"\{[a-z]+\}").expect("a pattern");
            let found = mark.find_iter(sentence).map(|mark| mark.as_str().to_owned());
            found.collect::<BTreeSet<_>>()
        };
        let english = sentences(Language::En);
        for language in [Language::Ru, Language::Uk] {
            for (key, sentence) in sentences(language) {
                assert_eq!(placeholders(&sentence), placeholders(&english[key]), "{key}");
            }
        }
    }

    #[test]
    fn nothing_inline_and_nothing_foreign_stands_in_the_pages() {
        for (name, kind, content) in FILES {
            if kind.starts_with("text/html") {
                assert!(!content.contains("style=") && !content.contains(" on"), "{name}");
                assert!(!content.contains("<script>"), "{name}");
            }
            assert!(!content.contains("innerHTML") && !content.contains("eval("), "{name}");
            assert!(!content.contains("https://telegram.org"), "{name}");
        }
        let tiles = MapTiles {
            address: Some("https://tiles.example/{z}/{x}/{y}.png".into()),
            attribution: String::new(),
        };
        let frames = ["http://127.0.0.1:8088/x".to_owned(), "javascript:1".to_owned()];
        let policy = policy(&tiles, &frames);
        let policy = policy.to_str().expect("ASCII");
        assert!(policy.contains("img-src 'self' data: https://tiles.example;"), "{policy}");
        assert!(policy.ends_with("http://127.0.0.1:8088"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("javascript"), "{policy}");
    }
}
