//! From a list of objects and the listings of a page to the source of every field.

use std::collections::HashMap;

use super::agree::{Agreement, agree, tells_as_much};
use super::arrays::Array;
use super::columns::{Column, columns};
use super::lesson::{Lesson, quoted};
use super::texts::Wanted;
use crate::judge::has;
use crate::listing::Listing;
use crate::page::Page;
use crate::site::Site;
use crate::transform::currency;

/// Sources tried for one field.
const MAX_TRIED: usize = 24;
/// Dates may be printed as "2 hours ago" or without their time.
const DATE_APART: i64 = 36 * 3_600;

/// One list, and what it takes to try a map on it.
struct Fitting<'f> {
    site: &'f Site,
    answer: &'f Page,
    listings: &'f [Listing],
    columns: Vec<Column>,
    /// For each listing its object.
    pairs: Vec<usize>,
    lesson: Lesson,
}

/// A map that reproduces the listings from this list, if there is one.
pub(super) fn fit(
    site: &Site,
    answer: &Page,
    listings: &[Listing],
    array: &Array<'_>,
) -> Option<Lesson> {
    let columns = columns(&array.objects);
    let (id, pairs) = ids(&columns, listings, array.objects.len())?;
    let lesson = Lesson {
        list: array.path.clone(),
        fields: vec![plain("id", &id)],
        whole: whole(listings),
        empty_proved: false,
    };
    let mut fitting = Fitting { site, answer, listings, columns, pairs, lesson };
    fitting.mandatory()?;
    fitting.optional();
    let read = fitting.read(&[])?;
    (agree(listings, &read) == Agreement::Same).then_some(fitting.lesson)
}

/// The source of the ids, and the object of each listing.
fn ids(columns: &[Column], listings: &[Listing], objects: usize) -> Option<(String, Vec<usize>)> {
    let by_text = |column: &Column, make: &dyn Fn(&str) -> String| {
        let mut places = HashMap::new();
        for object in (0..objects).rev() {
            if let Some(text) = column.text(object) {
                places.insert(make(text), object);
            }
        }
        listings.iter().map(|l| places.get(&l.id).copied()).collect::<Option<Vec<usize>>>()
    };
    for column in columns {
        if let Some(pairs) = by_text(column, &str::to_owned) {
            return Some((column.path.clone(), pairs));
        }
    }
    // Ids that stand inside a longer text, as in an address, or with something before them.
    let first = &listings.first()?.id;
    for column in columns.iter().filter(|_| first.len() >= 3) {
        for text in (0..objects).filter_map(|object| column.text(object)) {
            if let Some((before, after)) = text.split_once(first.as_str()) {
                let cut = |t: &str| {
                    let inner = t.strip_prefix(before).and_then(|t| t.strip_suffix(after));
                    inner.unwrap_or_default().to_owned()
                };
                if let Some(pairs) = by_text(column, &cut) {
                    let (before, after) = (regex::escape(before), regex::escape(after));
                    let source = format!("{} | regex ^{before}(.+){after}$", column.path);
                    return Some((source, pairs));
                }
            }
            let affixed = (text.len() >= 3).then(|| first.split_once(text)).flatten();
            if let Some((before, after)) = affixed
                && let Some(pairs) = by_text(column, &|t| format!("{before}{t}{after}"))
            {
                return Some((format!("template:{before}{{{}}}{after}", column.path), pairs));
            }
        }
    }
    None
}

/// The fields that every listing has and whose loss filters would not forgive.
fn whole(listings: &[Listing]) -> Vec<String> {
    let names = ["price", "images", "location", "area", "rooms", "description"];
    let all = |name: &&&str| listings.iter().all(|listing| has(listing, name));
    names.iter().filter(all).map(|name| (*name).to_owned()).collect()
}

fn plain(name: &str, source: &str) -> (String, String) {
    (name.to_owned(), quoted(source))
}

impl Fitting<'_> {
    /// What is read with the fields so far and `more`.
    fn read(&self, more: &[(String, String)]) -> Option<Vec<Listing>> {
        let mut lesson = self.lesson.clone();
        lesson.fields.extend_from_slice(more);
        Some(lesson.over(self.site).ok()?.parse(self.answer).listings)
    }

    fn sources(&self, text: impl Fn(&Listing) -> Option<&str>) -> Vec<String> {
        let each = self.listings.iter().zip(&self.pairs);
        let texts = each.map(|(l, object)| (*object, text(l).map(str::to_owned))).collect();
        let mut sources = Wanted { columns: &self.columns, texts }.sources();
        sources.truncate(MAX_TRIED);
        sources
    }

    /// Address and title: without them nothing can be read.
    fn mandatory(&mut self) -> Option<()> {
        let urls = self.urls();
        let title = self.sources(|l| Some(&l.title)).into_iter().next()?;
        let title = plain("title", &title);
        let url = urls.into_iter().map(|source| plain("url", &source)).find(|url| {
            let read = self.read(&[url.clone(), title.clone()]).unwrap_or_default();
            self.all(&read, |shown, read| shown.url == read.url)
        })?;
        self.lesson.fields.extend([url, title]);
        Some(())
    }

    /// Sources of the addresses: absolute ones, or what the page's address completes.
    fn urls(&self) -> Vec<String> {
        let base = &self.answer.url;
        let origin = base.origin().ascii_serialization();
        let mut sources = self.sources(|l| Some(&l.url));
        sources.extend(self.sources(|l| l.url.strip_prefix(&origin)));
        let joins = |column: &&Column| {
            let (listing, object) = (&self.listings[0], self.pairs[0]);
            let joined = column.text(object).and_then(|text| base.join(text).ok());
            joined.is_some_and(|url| url.as_str() == listing.url)
        };
        sources.extend(self.columns.iter().filter(joins).map(|c| c.path.clone()));
        sources.truncate(MAX_TRIED);
        sources
    }

    /// Everything else that the listings have and the list gives.
    fn optional(&mut self) {
        self.price();
        self.take("price_text", self.sources(|l| l.price_text.as_deref()), |a, b| {
            a.price_text == b.price_text
        });
        self.take("location", self.sources(|l| l.location.as_deref()), |a, b| {
            a.location == b.location
        });
        let area = self.numbers("area", |l| l.area.map(|area| area.0));
        self.take("area", area, |a, b| a.area == b.area);
        let rooms = self.numbers("room", |l| l.rooms);
        self.take("rooms", rooms, |a, b| a.rooms == b.rooms);
        let pictures = self.pictures();
        self.take("images", pictures, |a, b| {
            a.images.first() == b.images.first() && a.images.len() <= b.images.len()
        });
        self.take("seller", self.sources(|l| l.seller.as_deref()), |a, b| a.seller == b.seller);
        let description = self.descriptions();
        self.take("description", description, |a, b| {
            tells_as_much(a.description.as_deref(), b.description.as_deref())
        });
        self.dates();
    }

    /// Adds the first source with which all listings are the same in `same`.
    fn take(&mut self, name: &str, sources: Vec<String>, same: fn(&Listing, &Listing) -> bool) {
        let values = sources.into_iter().map(|source| quoted(&source)).collect();
        self.take_value(name, values, same);
    }

    fn take_value(
        &mut self,
        name: &str,
        values: Vec<String>,
        same: fn(&Listing, &Listing) -> bool,
    ) {
        let fits = |value: &String| {
            let read = self.read(&[(name.to_owned(), value.clone())]).unwrap_or_default();
            self.all(&read, same)
        };
        if let Some(value) = values.into_iter().take(MAX_TRIED).find(fits) {
            self.lesson.fields.push((name.to_owned(), value));
        }
    }

    fn all(&self, read: &[Listing], same: impl Fn(&Listing, &Listing) -> bool) -> bool {
        let by_id: HashMap<&str, &Listing> = read.iter().map(|l| (l.id.as_str(), l)).collect();
        self.listings.iter().all(|l| by_id.get(l.id.as_str()).is_some_and(|read| same(l, read)))
    }

    /// Amounts with the same digits; in whole units, in hundredths, printed; with their currency beside them.
    fn price(&mut self) {
        let priced =
            self.listings.iter().zip(&self.pairs).find_map(|(l, o)| Some((l.price.clone()?, *o)));
        let Some((price, object)) = priced else { return };
        let digits = significant(&price.minor.to_string());
        let same = |c: &&Column| {
            c.text(object).is_some_and(|t| significant(t) == digits && !digits.is_empty())
        };
        let mut amounts: Vec<&Column> = self.columns.iter().filter(same).collect();
        amounts.sort_by_key(|c| !(c.is_called("price") || c.path.contains("['price']")));
        let mut values = Vec::new();
        for amount in amounts {
            let beside = self.columns.iter().find(|c| {
                let is_it =
                    |t: &str| currency::resolve(t, None).as_deref() == Some(&price.currency);
                c.parent == amount.parent && c.text(object).is_some_and(is_it)
            });
            let currency =
                beside.map(|c| format!(", currency = {}", quoted(&c.path))).unwrap_or_default();
            for filter in
                ["", " | regex (.*[1-9].*)", " | hundredths", " | hundredths | regex (.*[1-9].*)"]
            {
                let from = quoted(&format!("{}{filter}", amount.path));
                values.push(format!("{{ from = {from}{currency} }}"));
                values.push(format!("{{ from = {from}{currency}, decimal = \".\" }}"));
            }
        }
        self.take_value("price", values, |a, b| a.price == b.price);
    }

    /// Columns that hold the number, alone or in words.
    fn numbers(&self, name: &str, value: fn(&Listing) -> Option<f64>) -> Vec<String> {
        let mut each = self.listings.iter().zip(&self.pairs);
        let Some((value, object)) = each.find_map(|(l, o)| Some((value(l)?, *o))) else {
            return Vec::new();
        };
        let printed = value.to_string();
        let holds = |c: &&Column| {
            c.text(object).is_some_and(|t| {
                t.replace(',', ".").split(|c: char| !c.is_ascii_digit() && c != '.').any(|n| {
                    n == printed || n.parse::<f64>().is_ok_and(|n| (n - value).abs() < 1e-9)
                })
            })
        };
        let mut found: Vec<&Column> = self.columns.iter().filter(holds).collect();
        // Small numbers are found everywhere: the name decides, then a number alone is meant as one.
        let in_words = |c: &&Column| c.text(object).is_some_and(|t| t.parse::<f64>().is_err());
        found.sort_by_key(|c| (!c.is_called(name), in_words(c)));
        found.into_iter().map(|c| c.path.clone()).collect()
    }

    /// Sources of the first picture, the whole list of pictures first.
    fn pictures(&self) -> Vec<String> {
        let base = &self.answer.url;
        let shown = self.listings.iter().zip(&self.pairs);
        let Some((first, object)) = shown.clone().find_map(|(l, o)| Some((l.images.first()?, *o)))
        else {
            return Vec::new();
        };
        let joins = |c: &&Column| {
            let url = c.text(object).and_then(|text| base.join(text).ok());
            url.is_some_and(|url| url.as_str() == first)
        };
        let mut out = Vec::new();
        for column in self.columns.iter().filter(joins) {
            if let Some((before, after)) = column.path.rsplit_once("[0]") {
                out.push(format!("{before}[*]{after}"));
            }
            out.push(column.path.clone());
        }
        out.extend(self.sources(|l| l.images.first().map(String::as_str)));
        let origin = base.origin().ascii_serialization();
        out.extend(self.sources(|l| l.images.first()?.strip_prefix(&origin)));
        out
    }

    /// As printed, or the whole of which the page prints the beginning.
    fn descriptions(&self) -> Vec<String> {
        let mut out = self.sources(|l| l.description.as_deref());
        let begins = |c: &&Column| {
            self.listings
                .iter()
                .zip(&self.pairs)
                .all(|(l, object)| tells_as_much(l.description.as_deref(), c.text(*object)))
        };
        if self.listings.iter().any(|l| l.description.is_some()) {
            out.extend(self.columns.iter().filter(begins).map(|c| c.path.clone()));
        }
        out
    }

    /// The column whose moments are nearest to the printed ones. A date is never worth refusing a road.
    fn dates(&mut self) {
        if self.listings.iter().all(|l| l.posted_at.is_none()) {
            return;
        }
        let dated = |c: &&Column| {
            let digits = |t: &str| t.bytes().filter(u8::is_ascii_digit).count() >= 6;
            c.text(self.pairs[0]).is_some_and(|t| digits(t) && t.len() <= 40)
        };
        let apart = |value: &String| -> Option<i64> {
            let read = self.read(&[("posted_at".to_owned(), value.clone())])?;
            let by_id: HashMap<&str, &Listing> = read.iter().map(|l| (l.id.as_str(), l)).collect();
            let mut most = 0;
            for shown in self.listings {
                let Some(at) = shown.posted_at else { continue };
                let read = by_id.get(shown.id.as_str())?.posted_at?;
                most = most.max((at - read).num_seconds().abs());
            }
            (most <= DATE_APART).then_some(most)
        };
        let values = self.columns.iter().filter(dated).take(MAX_TRIED).map(|c| quoted(&c.path));
        let best = values.filter_map(|value| Some((apart(&value)?, value))).min();
        if let Some((_, value)) = best {
            self.lesson.fields.push(("posted_at".to_owned(), value));
        }
    }
}

/// The digits of a number without zeros at its ends: `1,250.00`, `125000` and `1250` have the same.
fn significant(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}
