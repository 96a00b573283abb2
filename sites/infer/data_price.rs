//! Which member of alike objects is their price, in which currency, and how it is printed.

use std::sync::LazyLock;

use regex::Regex;

use super::columns::Column;
use super::draft::Draft;
use super::outline;
use crate::transform::text::unescape;

/// A price inside a text, for feeds that print it in the title.
const PRINTED: &str =
    r"((?:[$€£¥₽]|EUR|USD|GBP|CHF|R\$) ?\d[\d.,]*|\d[\d.,]* ?(?:[€£₽]|EUR|USD|CHF|zł|kr))";

/// The whole of a text that says an offer costs nothing.
const FREE: &str =
    r"(?i)^(free|for_free|giveaway|give_away|gratis|kostenlos|zu verschenken|gratuit)$";

static FREE_RE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(FREE).ok());

/// Adds the price to a proposal.
pub(super) fn price(draft: &mut Draft, columns: &[Column], title: &Column, count: usize) {
    let home = draft.home.currency.clone();
    let own = home.as_str();
    let names = ["price", "lowprice", "amount", "totalprice", "cost", "salary", "preis", "now"];
    let score = |c: &Column| {
        let number = |t: &str| t.parse::<f64>().is_ok();
        let fits = c.share(count, |t| number(t) || outline::is_money(t, own));
        let other =
            c.named(&["old", "was", "original", "unit", "per", "currency", "former", "type"]);
        let mut named = c.named(&names);
        if named == 0.0 {
            named = 0.6 * c.share(count, |t| outline::is_money(t, own));
        }
        fits.sqrt() * named * c.shallow() * (1.0 - other)
    };
    let best = columns.iter().map(|c| (score(c), c)).filter(|(s, _)| *s >= 0.15);
    let best = best.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let Some((_, column)) = best else {
        if title.share(count, |t| unescape(&unescape(t)).contains(['$', '€', '£'])) >= 0.3 {
            let source = format!("{} | unescape | regex {PRINTED}", title.path);
            draft.field("price", vec![source]);
        }
        return;
    };
    let cents = column.last().contains("cent");
    let filter = if cents { " | hundredths" } else { "" };
    let machine =
        column.numeric || column.texts.iter().all(|t| t.parse::<f64>().is_ok() && t.len() < 16);
    if machine {
        draft.decimal = Some('.');
    }
    // A stored zero is no price: the offer names none, unless it is said to be free.
    let some = if machine { " | regex (.*[1-9].*)" } else { "" };
    let mut sources = vec![format!("{}{filter}{some}", column.path)];
    let zeros = column.texts.iter().any(|t| t.parse::<f64>().is_ok_and(|n| n == 0.0));
    sources.extend(columns.iter().find(|c| machine && zeros && gives_away(c)).map(free));
    draft.field("price", sources);
    // The price as people read it, where it stands beside the number.
    let printed = columns.iter().filter(|c| !c.numeric && c.path != column.path).find(|c| {
        let shown = ["display", "format", "text", "label", "string", "printed"];
        machine
            && c.share(count, |t| outline::is_money(t, own)) >= 0.5
            && c.named(&names) > 0.0
            && shown.iter().any(|word| c.last().contains(word))
    });
    draft.field("price_text", printed.map(|c| vec![c.path.clone()]).unwrap_or_default());
    let apart = columns.iter().find(|c| {
        c.last().contains("currency") && c.texts.iter().all(|t| t.len() == 3 && t.is_ascii())
    });
    draft.currency = apart.map(|c| c.path.clone());
}

/// Whether a kind of price, stored beside it, says that some of the offers cost nothing.
fn gives_away(column: &Column) -> bool {
    const NAMES: [&str; 5] = ["price", "preis", "prijs", "precio", "prix"];
    let kind = FREE_RE.as_ref().filter(|_| NAMES.iter().any(|name| column.name.contains(name)));
    kind.is_some_and(|free| column.texts.iter().any(|text| free.is_match(text)))
}

/// The source of a zero that is meant: the offer is there for nothing.
fn free(column: &Column) -> String {
    format!("{} | regex {FREE} | replace ^.*$ => 0", column.path)
}
