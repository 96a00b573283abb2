//! Whether the addresses of the Mini App can be what they claim to be.

use super::reader::Reader;
use super::sections::Config;

/// The addresses that the Mini App needs.
pub(super) fn check_app(reader: &Reader<'_>, config: &Config) {
    let web = |text: &str| {
        url::Url::parse(text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    };
    let bot = &config.bot;
    if bot.app_url.as_deref().is_some_and(|address| !web(address)) {
        let remedy = "write the public address, like https://bot.example.org/app/";
        reader.refuse("bot.app_url", "an https address", remedy);
    }
    if bot.app_frames.iter().any(|frame| !web(frame)) {
        let remedy = "write each page's origin, like https://desk.example.org";
        reader.refuse("bot.app_frames", "a list of web addresses", remedy);
    }
    let marks = ["{z}", "{x}", "{y}"];
    let fits = |tiles: &str| {
        marks.iter().all(|mark| tiles.contains(mark)) && web(&tiles.replace(['{', '}'], ""))
    };
    if bot.map_tiles.as_deref().is_some_and(|tiles| !fits(tiles)) {
        let remedy =
            "write it like https://tile.openstreetmap.org/{z}/{x}/{y}.png, or leave it out";
        reader.refuse("bot.map_tiles", "a web address with {z}, {x} and {y}", remedy);
    }
}

/// Against Telegram itself.
pub(super) fn check_reachable(reader: &Reader<'_>, config: &Config) {
    if config.bot.app_url.as_deref().is_some_and(|url| url.starts_with("http://")) {
        reader.contradict(
            "bot.app_url",
            "begins with http://, but Telegram opens apps over https only",
            "put a reverse proxy with a certificate in front and name its https address",
        );
    }
}
