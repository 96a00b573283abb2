//! The small language in which a module names a value. Compiled once, when the module is loaded.
//!
//! `SOURCE` or `SOURCE | FILTER | FILTER`; see `docs/ADDING_A_SITE.md` for the whole reference.
//!
//! | source | means | counted as |
//! |---|---|---|
//! | `$.a.b` | JSONPath in the item (API, feed entry, embedded JSON, JSON-LD node) | origin of the item |
//! | `script#x \| jsonpath $.a` | JSON embedded in the page | `embedded` |
//! | `state:window.__X__ $.a` | JSON assigned in a script | `embedded` |
//! | `jsonld:Product $.name` | a JSON-LD node of that type (`*`: any) | `json_ld` |
//! | `microdata:price` | a microdata property | `microdata` |
//! | `og:title` | an OpenGraph property | `open_graph` |
//! | `a.title@href` | an element, its text or an attribute; `.` is the item | `dom` |
//! | `text` | all text of the item, for a pattern behind it | `pattern` |
//! | `url` | the address of the page | `url` |
//! | `const:EUR`, `template:https://x/{id}` | a fixed text, a text with values in it | `const`, `template` |
//!
//! `page: SOURCE` looks in the whole page instead of the item.

use crate::dom::Selector;

use super::document::Embedded;
use super::filter::Filter;
use super::path::Path;
use super::structured;

/// What is taken from an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Take {
    /// The element itself: its text, or its picture.
    Whole,
    /// An attribute.
    Attribute(String),
}

/// Where a value comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A path in a JSON item.
    Path(Path),
    /// JSON embedded in the page: place by number, then a path.
    Embedded(usize, Path),
    /// A JSON-LD node of a type (`None`: any), then a path.
    JsonLd(Option<String>, Path),
    /// A microdata property.
    Microdata(Selector),
    /// An OpenGraph property of the page.
    OpenGraph(Selector),
    /// Elements of the DOM; without a selector the item itself.
    Css(Option<Selector>, Take),
    /// All text of the item.
    Text,
    /// The address of the page.
    Url,
    /// A fixed text.
    Const(String),
    /// A text with values in it; without one of them there is no value.
    Template(Vec<Piece>),
}

/// A piece of a template.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Text as it stands.
    Literal(String),
    /// The id of the item, read before.
    Id,
    /// Another source.
    Value(Box<Alternative>),
}

/// One way to read a field.
#[derive(Debug, Clone)]
pub struct Alternative {
    /// Looks in the whole page instead of the item.
    pub page: bool,
    /// Where the value comes from.
    pub source: Source,
    /// What is done with it.
    pub filters: Vec<Filter>,
}

/// Compiles alternatives and remembers the embedded places they name.
#[derive(Debug, Default)]
pub struct Compiler {
    /// Text of each place, for recognising a second mention.
    names: Vec<String>,
    /// The places, in order of first mention.
    pub places: Vec<Embedded>,
}

impl Compiler {
    fn place(&mut self, name: &str, place: impl FnOnce() -> Embedded) -> usize {
        if let Some(at) = self.names.iter().position(|known| known == name) {
            return at;
        }
        self.names.push(name.to_owned());
        self.places.push(place());
        self.places.len() - 1
    }

    /// Compiles one alternative.
    pub fn alternative(&mut self, text: &str) -> Result<Alternative, String> {
        let mut parts = split_pipes(text).into_iter();
        let source = parts.next().unwrap_or_default();
        let (page, source) = match source.strip_prefix("page:") {
            Some(rest) => (true, rest.trim()),
            None => (false, source),
        };
        let mut filters = parts.map(Filter::compile).collect::<Result<Vec<_>, _>>()?;
        let source = self.source(source)?;
        // A script element that is read as JSON is a place in the page, parsed once for all fields.
        if page
            && let Source::Css(Some(selector), Take::Whole) = &source
            && let Some(Filter::JsonPath(path)) = filters.first().cloned()
        {
            let name = format!("css:{}", split_pipes(text)[0]);
            let at = self.place(&name, || Embedded::Script(selector.clone()));
            filters.remove(0);
            return Ok(Alternative { page, source: Source::Embedded(at, path), filters });
        }
        Ok(Alternative { page, source, filters })
    }

    fn source(&mut self, text: &str) -> Result<Source, String> {
        if text.starts_with('$') {
            return Path::compile(text).map(Source::Path);
        }
        if let Some(rest) = text.strip_prefix("state:") {
            let (name, path) = rest.split_once(" $").ok_or_else(|| {
                format!("`{text}` needs a name and a path, like `state:window.__STATE__ $.items`")
            })?;
            let path = Path::compile(&format!("${path}"))?;
            let name = name.trim();
            let at = self.place(&format!("state:{name}"), || Embedded::State(name.to_owned()));
            return Ok(Source::Embedded(at, path));
        }
        if let Some(rest) = text.strip_prefix("jsonld:") {
            let (kind, path) = rest.split_once(" $").ok_or_else(|| {
                format!("`{text}` needs a type and a path, like `jsonld:Product $.name`")
            })?;
            let kind = Some(kind.trim()).filter(|k| *k != "*").map(str::to_owned);
            return Ok(Source::JsonLd(kind, Path::compile(&format!("${path}"))?));
        }
        if let Some(name) = text.strip_prefix("microdata:") {
            return structured::microdata_selector(name.trim()).map(Source::Microdata);
        }
        if let Some(name) = text.strip_prefix("og:") {
            return structured::open_graph_selector(name.trim()).map(Source::OpenGraph);
        }
        if let Some(text) = text.strip_prefix("const:") {
            return Ok(Source::Const(text.trim().to_owned()));
        }
        if let Some(template) = text.strip_prefix("template:") {
            return self.template(template.trim()).map(Source::Template);
        }
        match text {
            "" => Err("the source is empty".to_owned()),
            "text" => Ok(Source::Text),
            "url" => Ok(Source::Url),
            _ => css(text).map(|(selector, take)| Source::Css(selector, take)),
        }
    }

    fn template(&mut self, text: &str) -> Result<Vec<Piece>, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((literal, tail)) = rest.split_once('{') {
            if !literal.is_empty() {
                pieces.push(Piece::Literal(literal.to_owned()));
            }
            let (name, tail) =
                tail.split_once('}').ok_or_else(|| format!("`{text}`: a `{{` is never closed"))?;
            pieces.push(match name.trim() {
                "id" => Piece::Id,
                source if source.starts_with("template:") => {
                    return Err("a template cannot hold a template".to_owned());
                }
                source => Piece::Value(Box::new(self.alternative(source)?)),
            });
            rest = tail;
        }
        if pieces.is_empty() {
            return Err(format!("`{text}` holds no `{{…}}`; write `const:` for a fixed text"));
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        Ok(pieces)
    }
}

impl Alternative {
    /// The rank of a source in the fixed order: lower is asked first.
    pub fn rank(&self) -> u8 {
        match self.source {
            Source::Path(_) => 0,
            Source::Embedded(..) => 1,
            Source::Css(..) if matches!(self.filters.first(), Some(Filter::JsonPath(_))) => 1,
            Source::JsonLd(..) | Source::Microdata(_) | Source::OpenGraph(_) => 2,
            Source::Css(..) => 3,
            // A template stands where its first value stands.
            Source::Template(ref pieces) => {
                let ranks = pieces.iter().filter_map(|piece| match piece {
                    Piece::Value(alternative) => Some(alternative.rank()),
                    Piece::Literal(_) | Piece::Id => None,
                });
                ranks.min().unwrap_or(0)
            }
            Source::Text => 4,
            Source::Url | Source::Const(_) => 5,
        }
    }

    /// The name under which a win is counted; JSON items are counted by their origin.
    pub fn name(&self) -> &'static str {
        match self.source {
            Source::Path(_) => "api",
            Source::Embedded(..) => "embedded",
            Source::JsonLd(..) => "json_ld",
            Source::Microdata(_) => "microdata",
            Source::OpenGraph(_) => "open_graph",
            Source::Css(..) if self.rank() == 1 => "json_ld",
            Source::Css(..) => "dom",
            Source::Template(_) => "template",
            Source::Text => "pattern",
            Source::Url => "url",
            Source::Const(_) => "const",
        }
    }
}

/// Splits `a.title@href` into a selector and what is taken; `.` and a bare `@href` mean the item.
pub fn css(text: &str) -> Result<(Option<Selector>, Take), String> {
    let (selector, take) = match text.rfind('@') {
        Some(at) if is_attribute(&text[at + 1..]) => {
            (&text[..at], Take::Attribute(text[at + 1..].to_ascii_lowercase()))
        }
        _ => (text, Take::Whole),
    };
    if matches!(selector.trim(), "" | ".") {
        return Ok((None, take));
    }
    let selector = Selector::parse(selector.trim())
        .map_err(|error| format!("`{}` is no CSS selector: {error}", selector.trim()))?;
    Ok((Some(selector), take))
}

fn is_attribute(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':'))
}

/// Splits at ` | ` outside brackets, quotes and braces; a `regex` filter keeps its own bars when they
/// have no spaces around them.
pub fn split_pipes(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0i32, 0);
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b'|' if depth == 0
                && at > 0
                && bytes[at - 1] == b' '
                && bytes.get(at + 1).is_some_and(|b| *b == b' ') =>
            {
                parts.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[from..].trim());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_source_compiles() {
        let mut compiler = Compiler::default();
        for (text, rank) in [
            ("$.price.value", 0),
            ("page: script#s | jsonpath $.a", 1),
            ("state:window.__X__ $.items[*]", 1),
            ("jsonld:Product $.offers.price", 2),
            ("microdata:price", 2),
            ("og:title", 2),
            ("a.title@href", 3),
            ("@data-id", 3),
            ("template:{$.street}, {$.city}", 0),
            ("template:{a.street}, {a.city}", 3),
            (r"text | regex (\d+) €", 4),
            ("const:EUR", 5),
        ] {
            assert_eq!(compiler.alternative(text).map(|a| a.rank()), Ok(rank), "{text}");
        }
        assert_eq!(compiler.places.len(), 2);
    }

    #[test]
    fn what_cannot_work_is_refused_with_a_reason() {
        let mut compiler = Compiler::default();
        for (text, reason) in [
            ("", "empty"),
            ("a[", "no CSS selector"),
            ("$.a[", "no JSONPath"),
            ("a | regexp x", "did you mean `regex`"),
            ("a | regex (", "no regular expression"),
            ("jsonld:Product", "needs a type and a path"),
            ("template:plain", "const:"),
            ("microdata:a'b", "no property name"),
        ] {
            let error = compiler.alternative(text).err().unwrap_or_default();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
