//! Where a site is at home: country, currency and time zone, from its address and its language.

use crate::dom::Selector;

use crate::extract::document::Document;
use crate::transform::currency;

/// What is guessed about a site.
#[derive(Debug, Clone)]
pub(super) struct Home {
    /// ISO 3166 code, lower case.
    pub(super) country: &'static str,
    /// ISO 4217 code.
    pub(super) currency: String,
    /// Name of the time zone.
    pub(super) zone: &'static str,
}

/// Country, currency, zone, and the language that points there when the address does not.
#[rustfmt::skip]
const COUNTRIES: &[(&str, &str, &str, &str)] = &[
    ("us", "USD", "America/New_York", "en"), ("de", "EUR", "Europe/Berlin", "de"),
    ("at", "EUR", "Europe/Vienna", ""), ("ch", "CHF", "Europe/Zurich", ""),
    ("fr", "EUR", "Europe/Paris", "fr"), ("be", "EUR", "Europe/Brussels", ""),
    ("nl", "EUR", "Europe/Amsterdam", "nl"), ("lu", "EUR", "Europe/Luxembourg", ""),
    ("it", "EUR", "Europe/Rome", "it"), ("es", "EUR", "Europe/Madrid", "es"),
    ("pt", "EUR", "Europe/Lisbon", "pt"), ("ie", "EUR", "Europe/Dublin", ""),
    ("gb", "GBP", "Europe/London", ""), ("dk", "DKK", "Europe/Copenhagen", "da"),
    ("se", "SEK", "Europe/Stockholm", "sv"), ("no", "NOK", "Europe/Oslo", "no"),
    ("fi", "EUR", "Europe/Helsinki", "fi"), ("is", "ISK", "Atlantic/Reykjavik", "is"),
    ("pl", "PLN", "Europe/Warsaw", "pl"), ("cz", "CZK", "Europe/Prague", "cs"),
    ("sk", "EUR", "Europe/Bratislava", "sk"), ("hu", "HUF", "Europe/Budapest", "hu"),
    ("ro", "RON", "Europe/Bucharest", "ro"), ("bg", "BGN", "Europe/Sofia", "bg"),
    ("gr", "EUR", "Europe/Athens", "el"), ("si", "EUR", "Europe/Ljubljana", "sl"),
    ("hr", "EUR", "Europe/Zagreb", "hr"), ("rs", "RSD", "Europe/Belgrade", "sr"),
    ("lt", "EUR", "Europe/Vilnius", "lt"), ("lv", "EUR", "Europe/Riga", "lv"),
    ("ee", "EUR", "Europe/Tallinn", "et"), ("ua", "UAH", "Europe/Kiev", "uk"),
    ("ru", "RUB", "Europe/Moscow", "ru"), ("kz", "KZT", "Asia/Almaty", "kk"),
    ("tr", "TRY", "Europe/Istanbul", "tr"), ("il", "ILS", "Asia/Jerusalem", "he"),
    ("ae", "AED", "Asia/Dubai", "ar"), ("in", "INR", "Asia/Kolkata", "hi"),
    ("jp", "JPY", "Asia/Tokyo", "ja"), ("cn", "CNY", "Asia/Shanghai", "zh"),
    ("tw", "TWD", "Asia/Taipei", ""), ("hk", "HKD", "Asia/Hong_Kong", ""),
    ("kr", "KRW", "Asia/Seoul", "ko"), ("sg", "SGD", "Asia/Singapore", ""),
    ("my", "MYR", "Asia/Kuala_Lumpur", "ms"), ("th", "THB", "Asia/Bangkok", "th"),
    ("id", "IDR", "Asia/Jakarta", "id"), ("vn", "VND", "Asia/Ho_Chi_Minh", "vi"),
    ("ph", "PHP", "Asia/Manila", ""), ("au", "AUD", "Australia/Sydney", ""),
    ("nz", "NZD", "Pacific/Auckland", ""), ("ca", "CAD", "America/Toronto", ""),
    ("mx", "MXN", "America/Mexico_City", ""), ("br", "BRL", "America/Sao_Paulo", ""),
    ("ar", "ARS", "America/Argentina/Buenos_Aires", ""), ("cl", "CLP", "America/Santiago", ""),
    ("co", "COP", "America/Bogota", ""), ("pe", "PEN", "America/Lima", ""),
    ("uy", "UYU", "America/Montevideo", ""), ("cr", "CRC", "America/Costa_Rica", ""),
    ("za", "ZAR", "Africa/Johannesburg", ""),
];

/// Guesses the home of a page: the end of its host, a country in its path, its language, its signs.
pub(super) fn home(document: &Document<'_>) -> Home {
    let url = &document.page.url;
    let end = url.host_str().and_then(|h| h.rsplit('.').next()).unwrap_or("");
    let path = url.path().split('/').nth(1).unwrap_or("").to_ascii_lowercase();
    let language = language(document).unwrap_or_default().to_ascii_lowercase().replace('_', "-");
    let (tongue, region) = language.split_once('-').unwrap_or((language.as_str(), ""));
    let tongue = if matches!(tongue, "nb" | "nn") { "no" } else { tongue };
    let country = |code: &str| {
        let code = if code == "uk" { "gb" } else { code };
        COUNTRIES.iter().find(|c| c.0 == code)
    };
    let by_language = || COUNTRIES.iter().find(|c| !c.3.is_empty() && c.3 == tongue);
    // Only two letters that are a country count in a path: `/en/` is a language.
    let in_path = || country(&path).filter(|c| c.3 == tongue || tongue.is_empty());
    let found = country(end).filter(|_| end != "co").or_else(in_path).or_else(|| country(region));
    let (code, own, zone, _) = *found.or_else(by_language).unwrap_or(&COUNTRIES[0]);
    // What the address says is certain; a language is spoken in several countries.
    let printed = printed(document.body(), own).filter(|_| found.is_none());
    let currency = printed.unwrap_or_else(|| own.to_owned());
    Home { country: code, currency, zone }
}

fn language(document: &Document<'_>) -> Option<String> {
    let selector = Selector::parse("html[lang]").ok()?;
    let html = document.html()?;
    html.select(&selector).next()?.value().attr("lang").map(str::to_owned)
}

/// The currency most signs beside a number mean, where it is not the country's own.
fn printed(body: &str, own: &str) -> Option<String> {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for (at, sign) in
        body.match_indices(['€', '£', '₽', '₴', '₺', '₹', '₩', '₪', '฿', '₫']).take(400)
    {
        let near = body[..at].trim_end().ends_with(|c: char| c.is_ascii_digit())
            || body[at + sign.len()..].trim_start().starts_with(|c: char| c.is_ascii_digit());
        if let Some(code) = currency::resolve(sign, Some(own)).filter(|_| near) {
            *counts.entry(code).or_default() += 1;
        }
    }
    let (code, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    (count >= 3).then_some(code)
}
