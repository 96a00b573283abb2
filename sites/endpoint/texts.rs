//! Sources that give certain texts: a column as it stands, cleaned, with something around it, or two together.

use super::columns::Column;
use crate::transform::text::{collapse, strip_tags, unescape};

/// Shortest text that may be a part of another: anything shorter is found everywhere.
const SHORTEST: usize = 2;
/// Characters that end a piece of a template or begin a filter.
const UNFIT: [char; 3] = ['{', '}', '|'];

/// For each wanted text, which object it belongs to.
pub(super) struct Wanted<'w> {
    pub(super) columns: &'w [Column],
    /// Object and text; `None`: the listing has none, and neither may the source.
    pub(super) texts: Vec<(usize, Option<String>)>,
}

impl Wanted<'_> {
    /// Sources of the wanted texts, simplest first.
    pub(super) fn sources(&self) -> Vec<String> {
        let mut out = Vec::new();
        out.extend(self.columns.iter().filter(|c| self.is(c, |t| t.to_owned())).map(path));
        let clean = |text: &str| collapse(&strip_tags(&unescape(text)));
        if out.is_empty() {
            let cleaned = self.columns.iter().filter(|c| self.is(c, clean));
            out.extend(cleaned.map(|c| format!("{} | unescape | strip_tags", c.path)));
        }
        if out.is_empty() {
            out.extend(self.columns.iter().filter_map(|c| self.inside(c)));
        }
        if out.is_empty() {
            out.extend(self.columns.iter().filter_map(|c| self.outside(c)));
        }
        if out.is_empty() {
            out.extend(self.pair());
        }
        out
    }

    fn is(&self, column: &Column, change: impl Fn(&str) -> String) -> bool {
        self.texts.iter().all(|(object, wanted)| {
            column.text(*object).map(&change).as_deref() == wanted.as_deref()
        })
    }

    /// The first wanted text and its object.
    fn first(&self) -> Option<(usize, &str)> {
        self.texts.iter().find_map(|(object, text)| Some((*object, text.as_deref()?)))
    }

    /// The wanted text is what a column says with the same words around it each time.
    fn inside(&self, column: &Column) -> Option<String> {
        let (object, wanted) = self.first()?;
        let part = column.text(object).filter(|part| part.len() >= SHORTEST)?;
        let (before, after) = around(wanted, part)?;
        let fits = self.texts.iter().all(|(object, wanted)| {
            let made = column.text(*object).map(|part| format!("{before}{part}{after}"));
            made.as_deref() == wanted.as_deref()
        });
        let literal = !before.contains(UNFIT) && !after.contains(UNFIT);
        (fits && literal).then(|| format!("template:{before}{{{}}}{after}", column.path))
    }

    /// The wanted text stands inside what a column says, with the same words around it each time.
    fn outside(&self, column: &Column) -> Option<String> {
        let (object, wanted) = self.first()?;
        let whole = column.text(object).filter(|_| wanted.len() >= SHORTEST)?;
        let (before, after) = around(whole, wanted)?;
        let fits = self.texts.iter().all(|(object, wanted)| {
            let made = wanted.as_ref().map(|wanted| format!("{before}{wanted}{after}"));
            column.text(*object) == made.as_deref()
        });
        fits.then(|| {
            let (before, after) = (regex::escape(before), regex::escape(after));
            format!("{} | regex ^{before}(.+){after}$", column.path)
        })
    }

    /// One column, a joint, another column.
    fn pair(&self) -> Option<String> {
        let (object, wanted) = self.first()?;
        let part = |c: &&Column| c.text(object).filter(|t| t.len() >= SHORTEST).is_some();
        let parts: Vec<&Column> = self.columns.iter().filter(part).collect();
        let says = |c: &Column| c.text(object).unwrap_or_default().to_owned();
        for second in parts.iter().filter(|c| wanted.ends_with(&says(c))) {
            let rest = &wanted[..wanted.len() - says(second).len()];
            for first in &parts {
                let Some((before, joint)) = around(rest, &says(first)) else { continue };
                let made = |object: usize| {
                    let (one, two) = (first.text(object)?, second.text(object)?);
                    Some(format!("{before}{one}{joint}{two}"))
                };
                let fits = self.texts.iter().all(|(object, wanted)| made(*object) == *wanted);
                if fits && !before.contains(UNFIT) && !joint.contains(UNFIT) {
                    return Some(format!(
                        "template:{before}{{{}}}{joint}{{{}}}",
                        first.path, second.path
                    ));
                }
            }
        }
        None
    }
}

fn path(column: &Column) -> String {
    column.path.clone()
}

/// What stands before and after the first `part` of `whole`.
fn around<'w>(whole: &'w str, part: &str) -> Option<(&'w str, &'w str)> {
    whole.split_once(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(path: &str, texts: &[&str]) -> Column {
        let texts = texts.iter().map(|t| Some((*t).to_owned())).collect();
        Column { path: path.to_owned(), parent: "$".to_owned(), texts }
    }

    fn sources(columns: &[Column], wanted: [&str; 2]) -> Vec<String> {
        let texts = vec![(0, Some(wanted[0].to_owned())), (1, Some(wanted[1].to_owned()))];
        Wanted { columns, texts }.sources()
    }

    #[test]
    fn texts_are_found_alone_cleaned_wrapped_cut_and_joined() {
        let columns = [
            column("$.id", &["2001", "2002"]),
            column("$.city", &["Kyiv", "Lviv"]),
            column("$.part", &["Podil", "Old Town"]),
            column("$.link", &["/x/a-7?s=1", "/x/b-8?s=1"]),
            column("$.name", &["Bed &amp; <b>bath</b>", "Flat"]),
        ];
        for (wanted, source) in [
            (["Kyiv", "Lviv"], "$.city"),
            (["Bed & bath", "Flat"], "$.name | unescape | strip_tags"),
            (["https://x/2001.jpg", "https://x/2002.jpg"], "template:https://x/{$.id}.jpg"),
            (["a-7", "b-8"], r"$.link | regex ^/x/(.+)\?s=1$"),
            (["Kyiv, Podil", "Lviv, Old Town"], "template:{$.city}, {$.part}"),
        ] {
            assert_eq!(sources(&columns, wanted), [source], "{wanted:?}");
        }
        assert!(sources(&columns, ["Kyiv", "Kyiv"]).is_empty());
    }
}
