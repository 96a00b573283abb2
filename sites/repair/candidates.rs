//! Sources worth trying for a field: the names of every place where a known value stands, by itself or inside a
//! longer text, with the filters that the module uses for the field, and its own templates filled anew.

use std::collections::HashMap;

use crate::extract::field::As;
use crate::extract::filter::{Filter, Found};
use crate::extract::source::{Compiler, split_pipes};

use super::cuts::{self, Cut};
use super::fields::{Search, Tried};
use super::spec::FieldSpec;
use super::spots::Spot;
use super::values::{Value, known};

/// Sources tried in full for one field.
const MAX_TRIED: usize = 80;

/// Ways to fill one template tried.
const MAX_TEMPLATES: usize = 256;

impl<'d> Search<'_, 'd> {
    /// Sources that give at least one known value, the likeliest first.
    pub(super) fn candidates(&self, field: &FieldSpec) -> Vec<Tried> {
        let chains = chains(field);
        let mut votes: HashMap<String, (usize, f64)> = HashMap::new();
        let mut inner: HashMap<String, (f64, Vec<Cut>)> = HashMap::new();
        let mut outer: HashMap<String, (f64, Vec<Cut>)> = HashMap::new();
        for (listing, spots) in self.items() {
            let Some(wanted) = known(field, listing) else { continue };
            for spot in spots {
                let fitting = self.fitting(field, spot, &wanted, &chains);
                let (cut, filled) = cuts_of(field, spot, &wanted);
                if fitting.is_empty() && cut.is_none() && filled.is_none() {
                    continue;
                }
                for (source, weight) in spot.sources() {
                    for (chain, bonus) in &fitting {
                        let vote = votes.entry(format!("{source}{chain}")).or_insert((0, 0.0));
                        vote.0 += 1;
                        vote.1 = weight + bonus;
                    }
                    let note = |into: &mut HashMap<String, (f64, Vec<Cut>)>, cut: &Cut| {
                        let entry = into.entry(source.clone()).or_insert((weight, Vec::new()));
                        entry.1.push(cut.clone());
                    };
                    if let Some(cut) = &cut {
                        note(&mut inner, cut);
                    }
                    if let Some(cut) = &filled {
                        note(&mut outer, cut);
                    }
                }
            }
        }
        for (source, (weight, cuts)) in inner {
            for chain in cuts::out_of(&cuts) {
                votes.entry(format!("{source}{chain}")).or_insert((cuts.len(), weight - 0.9));
            }
        }
        for (source, (weight, cuts)) in outer {
            if let Some(chain) = cuts::completed(&cuts) {
                votes.entry(format!("{source}{chain}")).or_insert((cuts.len(), weight - 0.5));
            }
        }
        let words = words(field);
        let mut all: Vec<(usize, f64, String)> = votes
            .into_iter()
            .map(|(text, (count, weight))| (count, weight + told(&text, &words), text))
            .chain(self.templates(field).into_iter().map(|text| (usize::MAX, 3.0, text)))
            .collect();
        all.sort_by(|a, b| {
            b.0.cmp(&a.0)
                .then(b.1.total_cmp(&a.1))
                .then(a.2.len().cmp(&b.2.len()))
                .then(a.2.cmp(&b.2))
        });
        // Some of those that fit fewer listings too, for cards of a second kind.
        let most = all.first().map_or(0, |one| one.0);
        let (full, part): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.0 >= most);
        let mut compiler = Compiler::default();
        full.into_iter()
            .take(MAX_TRIED)
            .chain(part.into_iter().take(MAX_TRIED))
            .filter_map(|(_, weight, text)| {
                let compiled = compiler.alternative(&text).ok()?;
                Some(Tried { text, weight, compiled })
            })
            .collect()
    }

    /// The filters with which a spot gives the wanted value.
    fn fitting<'c>(
        &self,
        field: &FieldSpec,
        spot: &Spot<'d>,
        wanted: &Value,
        chains: &'c [(String, Vec<Filter>, f64)],
    ) -> Vec<(&'c str, f64)> {
        if spot.text.len() > 2_000 && !matches!(wanted, Value::Text(text) if text.len() > 1_000) {
            return Vec::new();
        }
        let fits = |filters: &[Filter]| {
            let mut out = false;
            Filter::apply(filters, spot.found(), &mut |found: Found<'_>| {
                let value = self.reader.convert(field, &found);
                out = value.as_ref().is_some_and(|value| wanted.same(value));
                value.is_some()
            });
            out
        };
        let good = |one: &&(String, Vec<Filter>, f64)| fits(&one.1);
        chains.iter().filter(good).map(|one| (one.0.as_str(), one.2)).collect()
    }

    /// The field's own templates with each value in them found again.
    fn templates(&self, field: &FieldSpec) -> Vec<String> {
        let mut out = Vec::new();
        for text in &field.sources {
            let Some(template) = text.strip_prefix("template:") else { continue };
            let mut parts: Vec<Vec<String>> = vec![vec!["template:".to_owned()]];
            let mut rest = template;
            while let Some((literal, tail)) = rest.split_once('{') {
                let Some((name, tail)) = tail.split_once('}') else { break };
                parts.push(vec![literal.to_owned()]);
                let own = name.trim();
                let mut choices = if own == "id" { Vec::new() } else { self.piece(field, own) };
                choices.insert(0, own.to_owned());
                parts.push(choices.into_iter().map(|name| format!("{{{name}}}")).collect());
                rest = tail;
            }
            parts.push(vec![rest.to_owned()]);
            let mut all = vec![String::new()];
            for part in parts {
                all = all
                    .iter()
                    .flat_map(|head| part.iter().map(move |tail| format!("{head}{tail}")))
                    .take(MAX_TEMPLATES)
                    .collect();
            }
            out.extend(all);
        }
        out
    }

    /// Sources whose text stands inside the known values.
    fn piece(&self, field: &FieldSpec, own: &str) -> Vec<String> {
        let filters = split_pipes(own).into_iter().skip(1);
        let chain: String = filters.map(|filter| format!(" | {filter}")).collect();
        let Some(compiled) = compile_chain(&chain) else { return Vec::new() };
        // Source → how well it lasts, and its texts: two sources of the same texts are one choice.
        let mut votes: HashMap<String, (f64, Vec<String>)> = HashMap::new();
        for (listing, spots) in self.items() {
            let wanted = known(field, listing);
            let Some(text) = wanted.as_ref().and_then(Value::text) else { continue };
            for spot in spots {
                let mut inside = None;
                Filter::apply(&compiled, spot.found(), &mut |found: Found<'_>| {
                    inside = found.text().filter(|t| t.len() >= 2 && text.contains(t.as_str()));
                    true
                });
                let Some(inside) = inside else { continue };
                for (source, weight) in spot.sources() {
                    let vote = votes.entry(format!("{source}{chain}"));
                    let vote = vote.or_insert((weight, Vec::new()));
                    vote.1.push(inside.clone());
                }
            }
        }
        let mut all: Vec<(String, f64, Vec<String>)> =
            votes.into_iter().map(|(text, (weight, texts))| (text, weight, texts)).collect();
        let length = |texts: &[String]| texts.iter().map(String::len).sum::<usize>();
        all.sort_by(|a, b| {
            (b.2.len().cmp(&a.2.len()))
                .then(length(&b.2).cmp(&length(&a.2)))
                .then(b.1.total_cmp(&a.1))
                .then(a.0.cmp(&b.0))
        });
        let mut seen = std::collections::HashSet::new();
        all.retain(|(_, _, texts)| seen.insert(texts.clone()));
        all.into_iter().take(6).map(|(text, _, _)| text).collect()
    }
}

fn compile_chain(chain: &str) -> Option<Vec<Filter>> {
    let parts = split_pipes(chain).into_iter().filter(|part| !part.is_empty());
    let parts = parts.map(|part| Filter::compile(part.trim_start_matches("| ")));
    parts.collect::<Result<_, _>>().ok()
}

/// Leaves out a price of nothing.
const NO_ZERO: &str = " | regex (.*[1-9].*)";

/// Filters worth trying: none, and those the module uses for the field.
fn chains(field: &FieldSpec) -> Vec<(String, Vec<Filter>, f64)> {
    let mut out = vec![(String::new(), Vec::new(), 0.0)];
    let own = field.sources.iter().filter(|text| !text.starts_with("template:"));
    let mut texts: Vec<String> = own
        .map(|text| {
            let filters = split_pipes(text).into_iter().skip(1);
            filters
                .filter(|filter| !filter.starts_with("jsonpath"))
                .map(|filter| format!(" | {filter}"))
                .collect()
        })
        .collect();
    if field.kind == As::Url {
        texts.push(" | regex ^([^?#]+)".to_owned());
    }
    if field.kind == As::Text {
        texts.push(" | own".to_owned());
    }
    if field.kind == As::Money {
        // A stored zero is no price: the offer names none.
        let plain = texts.clone();
        texts.push(NO_ZERO.to_owned());
        texts.extend(plain.into_iter().map(|text| format!("{text}{NO_ZERO}")));
    }
    for text in texts {
        if !text.is_empty()
            && out.iter().all(|(known, _, _)| *known != text)
            && let Some(filters) = compile_chain(&text)
        {
            out.push((text, filters, -0.1));
        }
    }
    out
}

/// How the value stands in a spot, or the spot in the value.
fn cuts_of(field: &FieldSpec, spot: &Spot<'_>, wanted: &Value) -> (Option<Cut>, Option<Cut>) {
    let text = match wanted {
        Value::Text(text) if matches!(field.kind, As::Text | As::Url | As::Image) => text,
        _ => return (None, None),
    };
    let shown = crate::transform::text::collapse(&spot.text);
    let cut = if field.kind == As::Text { Cut::of(&shown, text) } else { None };
    let filled = if shown.len() >= 3 { Cut::of(text, &shown) } else { None };
    (cut, filled)
}

/// Words that name the field, also in the module's own sources.
fn words(field: &FieldSpec) -> Vec<String> {
    let meaning: &[&str] = match field.name.as_str() {
        "price" | "price_text" => &["price", "preis", "cost", "amount"],
        "former_price" => &["old", "former", "was"],
        "title" => &["title", "name", "heading", "headline"],
        "location" => &["location", "place", "address", "city", "region", "ort"],
        "posted_at" => &["date", "time", "posted", "published", "created"],
        "seller" => &["seller", "agent", "company", "employer", "user"],
        "images" => &["image", "img", "photo", "picture"],
        "description" => &["desc", "text", "summary"],
        "url" => &["href", "url", "link"],
        "id" => &["id", "data-"],
        "area" => &["area", "size", "surface"],
        "rooms" => &["room"],
        _ => &[],
    };
    let mut out: Vec<String> = meaning.iter().map(|word| (*word).to_owned()).collect();
    out.push(field.name.clone());
    out
}

/// What a source tells about its meaning by its words.
fn told(source: &str, words: &[String]) -> f64 {
    let lower = source.to_lowercase();
    let told = if words.iter().any(|word| lower.contains(word.as_str())) { 0.8 } else { 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "sources are short")]
    let long = source.len() as f64 * 0.004;
    told - long
}
