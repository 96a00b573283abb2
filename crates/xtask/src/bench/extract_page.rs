//! The page that extraction is measured on: a search page as servers write it, 150 KB, 30 offers of 8
//! fields, made from a seed. Nothing of it comes from a real site.

use std::fmt::Write as _;

/// Size the page is filled up to, in bytes.
const SIZE: usize = 150_000;

/// Offers on the page.
pub const OFFERS: usize = 30;

/// Fields of an offer that [`MODULE`] reads.
pub const FIELDS: usize = 8;

/// The module that reads the page.
pub const MODULE: &str = r#"
[site]
id = "bench"
name = "Bench"
hosts = ["bench.example"]
kind = "home"
country = "de"
time_zone = "Europe/Berlin"
currency = "EUR"
[search]
match = '^https://bench\.example/search'
total = "h1.result-count"
next = "nav.pager a[rel=next]@href"
[listing]
item = "ul.result-list > li.result article.card"
id = "@data-offer-id"
url = "h2.card__title > a@href"
title = "h2.card__title > a"
price = "div.card__price span.amount"
location = "div.card__place span:nth-child(2)"
area = "ul.card__facts li[data-fact=area]"
images = "div.card__media img.photo"
posted_at = "time.card__date@datetime"
"#;

/// A small generator of numbers (xorshift), so that the page is the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % below.max(1)
    }

    fn words(&mut self, count: usize) -> String {
        const WORDS: [&str; 24] = [
            "helle",
            "Wohnung",
            "mit",
            "Balkon",
            "K&uuml;che",
            "nahe",
            "Park",
            "und",
            "Stra&szlig;e",
            "ruhig",
            "im",
            "Altbau",
            "2.&nbsp;OG",
            "saniert",
            "Dachgescho\u{df}",
            "B\u{e4}der",
            "frei",
            "ab",
            "sofort",
            "Keller &amp; Garten",
            "Stellplatz",
            "zentral",
            "m\u{f6}bliert",
            "&euro;",
        ];
        let picked: Vec<&str> = (0..count).map(|_| WORDS[self.roll(WORDS.len())]).collect();
        picked.join(" ")
    }
}

/// The page.
pub fn page(seed: u64) -> String {
    let mut dice = Dice(seed | 1);
    let mut out = String::with_capacity(SIZE + 4_096);
    head(&mut out, &mut dice);
    out.push_str("<ul class=\"result-list list list--grid\" id=\"results\">\n");
    for at in 0..OFFERS {
        offer(&mut out, &mut dice, at);
    }
    out.push_str("</ul>\n<nav class=\"pager\" aria-label=\"Seiten\"><a rel=\"prev\" href=\"/search?q=a&amp;page=1\">1</a> ");
    out.push_str("<a rel=\"next\" href=\"/search?q=a&amp;page=3\">3</a></nav></main>\n");
    foot(&mut out, &mut dice);
    out
}

fn head(out: &mut String, dice: &mut Dice) {
    out.push_str(
        "<!DOCTYPE html>\n<html lang=\"de\" class=\"no-js\">\n<head>\n<meta charset=\"utf-8\">\n",
    );
    out.push_str("<title>1.234 Wohnungen &ndash; Bench</title>\n");
    for at in 0..12 {
        let _ = writeln!(
            out,
            "<link rel=\"preload\" as=\"style\" href=\"https://static.bench.example/assets/{at}/app.{:08x}.css\" crossorigin>\n<meta property=\"og:part{at}\" content=\"{}\">",
            dice.roll(usize::MAX),
            dice.words(8)
        );
    }
    out.push_str("<style>\n");
    for at in 0..90 {
        let _ = writeln!(
            out,
            ".card--{at} > .card__body:hover, .list .r{at}::before {{ margin: {}px auto; color: #{:06x}; content: \"<\"; }}",
            dice.roll(40),
            dice.roll(0xff_ffff)
        );
    }
    out.push_str("</style>\n<script>window.dataLayer = window.dataLayer || []; if (1 < 2 && 3 > 2) { dataLayer.push({'event': 'x'}); }</script>\n</head>\n");
    out.push_str("<body class=\"page page--search\" data-page=\"search\">\n<!-- header -->\n<header class=\"header\"><div class=\"header__inner\"><nav class=\"nav\"><ul class=\"nav__list\">\n");
    for at in 0..40 {
        let _ = writeln!(
            out,
            "<li class=\"nav__item nav__item--{at}\"><a class=\"nav__link\" href=\"/c/{at}?from=nav&amp;pos={at}\" data-track='{{\"pos\":{at}}}'><span>{}</span></a></li>",
            dice.words(2)
        );
    }
    out.push_str("</ul></nav></div></header>\n<main id=\"main\"><form action=\"/search\" method=\"get\"><label for=\"q\">Suche</label><input type=\"text\" id=\"q\" name=\"q\" value=\"Wohnung\"><select name=\"sort\"><option value=\"new\" selected>Neueste<option value=\"price\">Preis</select><button type=\"submit\" class=\"button\">Los</button></form>\n");
    out.push_str("<h1 class=\"result-count\">1.234 Treffer</h1>\n");
}

fn offer(out: &mut String, dice: &mut Dice, at: usize) {
    let id = 400_000 + at * 977 + dice.roll(900);
    let (price, rooms, area) = (400 + dice.roll(2_000), 1 + dice.roll(5), 20 + dice.roll(150));
    let title = dice.words(6);
    let place = dice.words(2);
    let text = dice.words(34);
    let _ = write!(
        out,
        r##"<li class="result result--{at}" data-position="{at}">
  <article class="card card--{at} card--linked" data-offer-id="{id}" data-track-impression='{{"id":{id},"list":"search","position":{at}}}' itemscope itemtype="https://schema.org/Offer">
    <div class="card__media media">
      <a class="media__link" href="/offer/{id}?from=list&amp;pos={at}" tabindex="-1" aria-hidden="true">
        <picture>
          <source type="image/webp" srcset="https://img.bench.example/{id}/1.webp?w=320 320w, https://img.bench.example/{id}/1.webp?w=640 640w">
          <img class="photo photo--cover" loading="lazy" width="320" height="240" alt="{title}" src="https://img.bench.example/{id}/1.jpg?w=320&amp;h=240" data-zoom="https://img.bench.example/{id}/1.jpg?w=1280">
        </picture>
      </a>
      <button type="button" class="button button--icon button--fav" aria-label="Merken" data-id="{id}"><svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><path d="M12 21.35l-1.45-1.32C5.4 15.36 2 12.28 2 8.5 2 5.42 4.42 3 7.5 3c1.74 0 3.41.81 4.5 2.09"/><use xlink:href="#heart"></use></svg></button>
    </div>
    <div class="card__body">
      <div class="card__badges"><span class="badge badge--new">Neu</span><span class="badge">Privat</span></div>
      <h2 class="card__title"><a href="/offer/{id}?from=list&amp;pos={at}" class="link link--title" data-event="click">{title}</a></h2>
      <div class="card__place"><span class="icon icon--pin" aria-hidden="true"></span><span>{place}, Berlin</span></div>
      <ul class="card__facts facts">
        <li class="facts__item" data-fact="rooms"><b>{rooms}</b> Zi.</li>
        <li class="facts__item" data-fact="area"><b>{area}</b> m&sup2;</li>
        <li class="facts__item" data-fact="floor">{}.&nbsp;OG</li>
      </ul>
      <p class="card__text">{text}</p>
      <div class="card__price price"><span class="price__label">Kaltmiete</span> <span class="amount">{price}&nbsp;&euro;</span></div>
      <div class="card__meta"><time class="card__date" datetime="2026-01-{:02}T{:02}:15:00+01:00">heute, 14:{:02}</time><span class="card__seller">von <i>{}</i></span></div>
      <div class="card__actions"><a class="button button--ghost" href="/contact/{id}?ref=list&amp;pos={at}" rel="nofollow">Nachricht</a><a class="button button--ghost" href="/offer/{id}#map" rel="nofollow">Karte</a></div>
    </div>
  </article>
</li>
"##,
        dice.roll(6),
        1 + dice.roll(27),
        dice.roll(24),
        dice.roll(60),
        dice.words(1),
    );
}

fn foot(out: &mut String, dice: &mut Dice) {
    out.push_str("<footer class=\"footer\"><div class=\"footer__cols\">\n");
    for at in 0..40 {
        let _ = writeln!(
            out,
            "<div class=\"footer__col\"><h3>{}</h3><p><a href=\"/info/{at}\" title=\"{}\">{}</a><br>{}</p></div>",
            dice.words(1),
            dice.words(3),
            dice.words(2),
            dice.words(8)
        );
    }
    out.push_str("</div></footer>\n<script>window.__FLAGS__ = {\"a\": [");
    let end = "0]};\nfor (var i = 0; i < 3; i++) { document.write('<b>' + i + '</b>'); }</script>\n</body>\n</html>\n";
    while out.len() + end.len() < SIZE {
        let _ =
            write!(out, "{{\"key\":\"{:08x}\",\"on\":{}}},", dice.roll(usize::MAX), dice.roll(2));
    }
    out.push_str(end);
}
