//! What is said about prices over time, and about the same thing in other places.

use url::Url;

use crate::domain::delivery::{Latest, PricePoint};
use crate::domain::identity::SameAs;
use crate::domain::{EntityKind, Language, Outgoing};
use crate::texts::builder::{CAPTION_LIMIT, TextBuilder, clean, cut, web_address};
use crate::texts::money::{day, money, percentage};
use crate::texts::{Value, plain, say};

/// Longest name of a site, UTF-16 units.
const SITE_UNITS: usize = 80;

/// Longest title, UTF-16 units.
const TITLE_UNITS: usize = 250;

/// The words beside a picture of prices, or instead of it where no price is known: the title, what it costs, and
/// what became of it since the first price. Pure.
pub fn chart_caption(
    latest: Option<&Latest>,
    points: &[PricePoint],
    language: Language,
) -> Outgoing {
    let mut text = TextBuilder::new(CAPTION_LIMIT);
    if let Some(latest) = latest {
        let title = cut(&clean(&latest.listing.title), TITLE_UNITS);
        let title = if title.is_empty() { plain(language, "deliver-untitled") } else { title };
        text.styled(EntityKind::Bold, |bold| match web_address(&latest.listing.url) {
            Some(url) => {
                bold.styled(EntityKind::Link(url.to_string()), |link| {
                    link.push(&title);
                });
            }
            None => {
                bold.push(&title);
            }
        });
        text.line();
    }
    let gone = latest.is_some_and(|latest| latest.gone);
    for line in lines(points, gone, language) {
        text.push(&line).line();
    }
    let (text, entities) = text.finish();
    Outgoing { text, entities, ..Outgoing::default() }
}

fn lines(points: &[PricePoint], gone: bool, language: Language) -> Vec<String> {
    let Some(last) = points.last() else { return vec![plain(language, "chart-caption-none")] };
    let price = money(&last.price, language);
    let key = if gone { "chart-caption-gone" } else { "chart-caption-now" };
    let now = say(language, key, &[("price", Value::Text(&price))]);
    let first = points.iter().find(|point| point.price.currency == last.price.currency);
    let first = first.unwrap_or(last);
    let date = day(first.at, language);
    let share = percentage(&first.price, &last.price, language);
    let since = match share.filter(|_| first.price.minor != last.price.minor) {
        Some(share) => {
            let before = money(&first.price, language);
            let values = [
                ("share", Value::Text(&share)),
                ("date", Value::Text(&date)),
                ("price", Value::Text(&before)),
            ];
            say(language, "chart-caption-change", &values)
        }
        None => say(language, "chart-caption-same", &[("date", Value::Text(&date))]),
    };
    vec![now, since]
}

/// Where else the same thing is offered, or that it was offered before under another id.
pub fn also(same: &SameAs, language: Language) -> String {
    if same.gone {
        return plain(language, "things-reposted");
    }
    let url = web_address(&same.url);
    let host = url.as_ref().and_then(Url::host_str).unwrap_or(&same.key.site);
    let site = cut(&clean(host.strip_prefix("www.").unwrap_or(host)), SITE_UNITS);
    match &same.price {
        Some(price) => {
            let price = money(price, language);
            let values = [("site", Value::Text(&site)), ("price", Value::Text(&price))];
            say(language, "things-also-price", &values)
        }
        None => say(language, "things-also", &[("site", Value::Text(&site))]),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use sites::{Listing, Money};

    use super::*;

    fn point(days: i64, euros: i64) -> PricePoint {
        let at = DateTime::from_timestamp(1_762_300_800, 0).unwrap() + TimeDelta::days(days);
        PricePoint { version: 1, at, price: Money { minor: euros * 100, currency: "EUR".into() } }
    }

    fn text(points: &[PricePoint], gone: bool, language: Language) -> String {
        let listing = Listing::new("1", "https://a.example/1", "Flat <b> at the park");
        let latest = Latest { listing, version: 1, gone };
        chart_caption(Some(&latest), points, language).text
    }

    #[test]
    fn a_caption_says_now_and_since_when() {
        let fell = [point(0, 500_000), point(30, 450_000)];
        assert_eq!(
            text(&fell, false, Language::En),
            "Flat <b> at the park\nNow €450,000\n−10% since 5 Nov 2025, when it was €500,000"
        );
        assert!(text(&fell, true, Language::Uk).contains("знято з публікації"));
        let same = text(&[point(0, 900)], false, Language::Ru);
        assert!(same.ends_with("Без изменений с 5 нояб. 2025"), "{same}");
    }

    #[test]
    fn without_prices_it_says_so() {
        let none = text(&[], false, Language::En);
        assert!(none.ends_with("No price of this offer is known yet."), "{none}");
        assert_eq!(chart_caption(None, &[], Language::En).text.lines().count(), 1);
    }
}
