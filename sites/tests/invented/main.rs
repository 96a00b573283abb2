//! Detection on pages made by chance: many layouts, class names without meaning, several languages and
//! currencies, with advertisements, carousels, filters and footers around the list.
//!
//! Nothing here is taken from a site; what is required is what a person would see on the page.

mod countries;

use std::fmt::Write as _;

use sites::Page;
use sites::infer::infer;
use url::Url;

use countries::{COUNTRIES, Country};

/// Numbers that look like chance and are the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// A class name as style compilers make them.
    fn hash(&mut self) -> String {
        let letters = b"abcdefghijkmnopqrstuvwxyz0123456789";
        let tail: String = (0..6).map(|_| char::from(letters[self.below(letters.len())])).collect();
        format!("{}{tail}", self.of::<str>(&["css-", "sc-", "_", "jss"]))
    }
}

/// One offer as a person sees it.
#[derive(Debug, Clone)]
struct Offer {
    path: String,
    title: String,
    cents: Option<u64>,
    place: &'static str,
}

fn slug(title: &str) -> String {
    let plain: String = title
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'ä' | 'ą' | 'á' | 'å' | 'ã' => 'a',
            'ö' | 'ó' | 'ô' => 'o',
            'ü' => 'u',
            'ł' => 'l',
            'ę' | 'é' => 'e',
            'ż' => 'z',
            'ç' => 'c',
            'í' => 'i',
            'ś' => 's',
            c => c,
        })
        .filter(|c| c.is_ascii_alphanumeric() || *c == ' ')
        .collect();
    plain.replace(' ', "-")
}

fn offers(
    chance: &mut Chance,
    country: &Country,
    count: usize,
    style: usize,
    from: usize,
) -> Vec<Offer> {
    (0..count)
        .map(|at| {
            let title = format!(
                "{} {} {}",
                chance.of::<str>(&country.things),
                chance.of::<str>(&country.kinds),
                at + 2
            );
            let id = from + at * 37 + chance.below(30);
            let path = match style {
                0 => format!("/item/{id}"),
                1 => format!("/a/{}-{id}.html", slug(&title)),
                2 => format!("/show.php?id={id}&ref=list"),
                3 => format!("/{}/", slug(&title)),
                _ => format!("/p/{}/{id}", slug(&title)),
            };
            let whole = chance.one_in(2);
            let cents = (1 + chance.next() % 3_000) * if whole { 100 } else { 10_000 };
            let cents = (!chance.one_in(12)).then_some(cents);
            Offer { path, title, cents, place: chance.of::<str>(&country.places) }
        })
        .collect()
}

/// Names of the parts of a card in one way of writing style sheets.
struct Names {
    card: String,
    link: String,
    title: String,
    price: String,
    place: String,
    list: String,
}

fn names(chance: &mut Chance) -> Names {
    let class = |name: String| format!(" class=\"{name}\"");
    match chance.below(4) {
        0 => Names {
            card: class("result-card".into()),
            link: class("result-link".into()),
            title: class("result-title".into()),
            price: class("result-price".into()),
            place: class("result-location".into()),
            list: class("results".into()),
        },
        1 => {
            let mut hashed = || class(format!("{} {}", chance.hash(), chance.hash()));
            Names {
                card: hashed(),
                link: hashed(),
                title: hashed(),
                price: hashed(),
                place: hashed(),
                list: hashed(),
            }
        }
        2 => Names {
            card: class("flex p-4 rounded bg-white".into()),
            link: class("block hover:underline".into()),
            title: class("text-lg font-bold md:text-xl".into()),
            price: class("text-lg font-bold w-1/2".into()),
            place: class("text-sm text-gray-500".into()),
            list: class("grid gap-4 md:grid-cols-2".into()),
        },
        _ => Names {
            card: String::new(),
            link: String::new(),
            title: String::new(),
            price: String::new(),
            place: String::new(),
            list: class("content-list".into()),
        },
    }
}

fn price(offer: &Offer, country: &Country, form: usize) -> String {
    let Some(cents) = offer.cents else { return String::new() };
    let printed = (country.price)(cents);
    match form {
        0 => format!("<del>{}</del> <b>{printed}</b>", (country.price)(cents + 10_000)),
        1 => format!("<span>{printed}</span><span> *</span>"),
        _ => printed,
    }
}

/// One card. `layout` chooses the elements, `form` the way of the price.
fn card(offer: &Offer, n: &Names, country: &Country, layout: usize, form: usize) -> String {
    let Offer { path, title, place, .. } = offer;
    let Names { card, link, title: named, price: priced, place: placed, .. } = n;
    let price = price(offer, country, form);
    let image = format!("<img src=\"/img/{}.jpg\" alt=\"\">", path.len() * 7 + title.len());
    match layout {
        0 => format!(
            "<li{card}><a{link} href=\"{path}\">{image}</a><div><h3{named}><a href=\"{path}\">{title}</a></h3>\
             <p{priced}>{price}</p><p{placed}>{place}</p></div><button>♥ 5</button></li>"
        ),
        1 => format!(
            "<a{card} href=\"{path}\"><div>{image}</div><div><div{named}>{title}</div>\
             <span{placed}>{place}</span><div{priced}>{price}</div></div></a>"
        ),
        2 => format!(
            "<tr{card}><td>{image}</td><td{named}><a{link} href=\"{path}\">{title}</a><br><small{placed}>{place}</small></td>\
             <td{priced}>{price}</td></tr>"
        ),
        3 => format!(
            "<article{card}><div><div>{image}</div></div><div><span{placed}>{place}</span><h2{named}>{title}</h2>\
             <div><strong{priced}>{price}</strong></div><a{link} href=\"{path}\">→</a></div></article>"
        ),
        _ => format!(
            "<div{card}><div{priced}>{price}</div><a{link} href=\"{path}\">{image}<span{named}>{title}</span></a>\
             <ul><li{placed}>{place}</li><li>12.03.2026</li></ul></div>"
        ),
    }
}

fn page(chance: &mut Chance) -> (Page, Vec<Offer>, String) {
    let at = chance.below(COUNTRIES.len());
    let country = &COUNTRIES[at];
    let (style, layout) = (chance.below(5), chance.below(5));
    // A struck price, a remark behind it, or the plain price.
    let form = chance.below(5);
    let count = 8 + chance.below(30);
    let n = names(chance);
    let list = offers(chance, country, count, style, 410_007);
    let mut cards = String::new();
    let advertised = chance.one_in(3);
    for (at, offer) in list.iter().enumerate() {
        if advertised && at % 7 == 4 {
            let _ = write!(
                cards,
                "<{0}><iframe src='https://ads.invalid/'></iframe></{0}>",
                wrapper(layout)
            );
        }
        cards.push_str(&card(offer, &n, country, layout, form));
    }
    let (open, close) = match layout {
        0 => (format!("<ul{}>", n.list), "</ul>"),
        2 => (format!("<table{}><tbody>", n.list), "</tbody></table>"),
        _ => (format!("<div{}>", n.list), "</div>"),
    };
    let mut body = format!("<html lang={}><body><header><nav><ul>", country.language);
    for (at, thing) in country.things.iter().enumerate() {
        let _ = write!(body, "<li><a href=\"/c/{at}-{}\">{thing}</a></li>", slug(thing));
    }
    body.push_str("</ul></nav></header><main><div id=filter>");
    for filter in country.filters {
        let _ = write!(body, "<fieldset><legend>{filter}</legend>");
        for at in 0..6 {
            let _ = write!(
                body,
                "<label><a href=\"?f={filter}{at}\">{} ({at})</a></label>",
                country.places[at]
            );
        }
        body.push_str("</fieldset>");
    }
    body.push_str("</div><h1>");
    let _ = write!(body, "{count}</h1>{open}{cards}{close}");
    let carousel = chance.one_in(2);
    if carousel {
        let other = offers(chance, country, 7, style, 810_007);
        let small = names(chance);
        let same = chance.one_in(2);
        let inner: String =
            other.iter().map(|o| card(o, if same { &n } else { &small }, country, 1, 9)).collect();
        let _ = write!(
            body,
            "<section><h2>{}</h2><div class=track>{inner}</div></section>",
            country.similar
        );
    }
    body.push_str("<div class=pages><a href=\"?page=2\">2</a> <a href=\"?page=3\">3</a></div></main><footer><ul>");
    for at in 0..12 {
        let _ = write!(body, "<li><a href=\"/info/{at}\">Info {at} {}</a></li>", country.similar);
    }
    body.push_str("</ul></footer>");
    let about = format!(
        "{} style {style} layout {layout} form {form} ads {advertised} carousel {carousel} n {count}",
        country.end
    );
    let url = format!("https://www.bazaar.{}/search?q=x", country.end);
    let page = Page {
        url: Url::parse(&url).unwrap_or_else(|error| panic!("{url}: {error}")),
        status: Some(200),
        content_type: None,
        body,
        script: None,
        fetched_at: chrono::DateTime::UNIX_EPOCH,
    };
    (page, list, about)
}

fn wrapper(layout: usize) -> &'static str {
    match layout {
        0 => "li",
        2 => "tr",
        _ => "div",
    }
}

/// The first thing that was not read as a person would.
fn wrong(page: &Page, offers: &[Offer]) -> Option<String> {
    let found = infer(page);
    let listings = &found.parsed.listings;
    let how = || format!("{:?}", found.how.as_ref().map(|how| (&how.item, &how.fields)));
    if listings.len() != offers.len() {
        return Some(format!("{} of {} offers; {}", listings.len(), offers.len(), how()));
    }
    for (offer, listing) in offers.iter().zip(listings) {
        let cents = listing.price.as_ref().map(|money| money.minor.unsigned_abs());
        let url = page.url.join(&offer.path).map(String::from).unwrap_or_default();
        if listing.url != url || listing.title != offer.title || cents != offer.cents {
            return Some(format!(
                "{offer:?}, not {} {} {cents:?}; {}",
                listing.url,
                listing.title,
                how()
            ));
        }
    }
    None
}

#[test]
fn lists_on_invented_pages_are_read_whole() {
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let all = 40;
    let mut faults = Vec::new();
    for _ in 0..all {
        let (page, offers, about) = page(&mut chance);
        faults.extend(wrong(&page, &offers).map(|fault| format!("{about}: {fault}")));
    }
    println!("{} of {all} pages read whole\n{}", all - faults.len(), faults.join("\n"));
    assert!(faults.len() * 20 <= all, "{} of {all}\n{}", faults.len(), faults.join("\n"));
}
