//! How a value stands inside a longer text, or a text inside a longer value, over many listings: the filters
//! that lead from one to the other.

/// One listing: what stands before and behind the shorter text, and the shorter text itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) before: String,
    pub(super) behind: String,
    pub(super) inner: String,
}

impl Cut {
    /// Where `inner` stands in `outer`, if they are not the same.
    pub(super) fn of(outer: &str, inner: &str) -> Option<Cut> {
        if inner.is_empty() || outer.len() <= inner.len() || outer.len() > 400 {
            return None;
        }
        // Ids stand at the end of an address rather than at its beginning.
        let at = outer.rfind(inner)?;
        Some(Cut {
            before: outer[..at].to_owned(),
            behind: outer[at + inner.len()..].to_owned(),
            inner: inner.to_owned(),
        })
    }
}

/// The language of modules gives these a meaning of their own.
fn sayable(text: &str) -> bool {
    !text.contains(['|', '{', '}'])
}

/// Filters that cut the shorter text out of the longer one.
pub(super) fn out_of(cuts: &[Cut]) -> Vec<String> {
    let Some(first) = cuts.first() else { return Vec::new() };
    let same_before = cuts.iter().all(|cut| cut.before == first.before);
    let same_behind = cuts.iter().all(|cut| cut.behind == first.behind);
    let kind = kind(cuts);
    let mut out = Vec::new();
    if same_before && same_behind && cuts.len() > 1 {
        if sayable(&first.before) && sayable(&first.behind) {
            let (before, behind) = (regex::escape(&first.before), regex::escape(&first.behind));
            out.push(format!(" | regex ^{before}(.+){behind}$"));
        }
        return out;
    }
    let before = common(cuts.iter().map(|cut| cut.before.as_str()), true);
    let behind = common(cuts.iter().map(|cut| cut.behind.as_str()), false);
    let nothing_before = cuts.iter().all(|cut| cut.before.is_empty());
    let nothing_behind = cuts.iter().all(|cut| cut.behind.is_empty());
    let start = match (nothing_before, before.is_empty()) {
        (true, _) => "^".to_owned(),
        (false, true) if kind == r"\d+" => r"(?:^|\D)".to_owned(),
        (false, true) => return out,
        (false, false) => regex::escape(&before),
    };
    let end = match (nothing_behind, behind.is_empty()) {
        (true, _) => "$".to_owned(),
        (false, true) if kind == r"\d+" => r"(?:\D|$)".to_owned(),
        (false, true) if kind == ".+" => return out,
        (false, true) => "(?:[^0-9A-Za-z_-]|$)".to_owned(),
        (false, false) => regex::escape(&behind),
    };
    if sayable(&start.replace("(?:^|", "")) && sayable(&end.replace("(?:", "").replace("|$)", "")) {
        out.push(format!(" | regex {start}({kind}){end}"));
    }
    out
}

/// The filter that completes the shorter text to the longer one.
pub(super) fn completed(cuts: &[Cut]) -> Option<String> {
    let first = cuts.first()?;
    let alike = cuts.iter().all(|c| c.before == first.before && c.behind == first.behind);
    let fits = alike && cuts.len() > 1 && sayable(&first.before) && sayable(&first.behind);
    let trimmed =
        first.before.trim_start() == first.before && first.behind.trim_end() == first.behind;
    (fits && trimmed).then(|| format!(" | template {}{{}}{}", first.before, first.behind))
}

/// What the shorter texts are made of, as a pattern.
fn kind(cuts: &[Cut]) -> &'static str {
    let all = |test: fn(u8) -> bool| cuts.iter().all(|cut| cut.inner.bytes().all(test));
    if all(|b| b.is_ascii_digit()) {
        r"\d+"
    } else if all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) {
        "[0-9A-Za-z_-]+"
    } else {
        ".+"
    }
}

/// What all texts have in common at their end (or their beginning), at most 12 characters.
fn common<'t>(mut texts: impl Iterator<Item = &'t str>, at_end: bool) -> String {
    let order = |text: &str| -> Vec<char> {
        if at_end { text.chars().rev().take(12).collect() } else { text.chars().take(12).collect() }
    };
    let Some(mut shared) = texts.next().map(order) else { return String::new() };
    for text in texts {
        let other = order(text);
        let same = shared.iter().zip(&other).take_while(|(a, b)| a == b).count();
        shared.truncate(same);
    }
    // Digits next to the value belong to something that changes.
    let stop = shared.iter().position(char::is_ascii_digit).unwrap_or(shared.len());
    shared.truncate(stop);
    if at_end {
        shared.reverse();
    }
    shared.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts(pairs: &[(&str, &str)]) -> Vec<Cut> {
        pairs.iter().filter_map(|(outer, inner)| Cut::of(outer, inner)).collect()
    }

    #[test]
    fn what_stands_around_a_value_becomes_a_filter() {
        let same = cuts(&[("/goods/g-1", "g-1"), ("/goods/g-22", "g-22")]);
        assert_eq!(out_of(&same), [" | regex ^/goods/(.+)$"]);
        let slugs = cuts(&[("/a/red-bike-881.html", "881"), ("/a/old-car-92.html", "92")]);
        assert_eq!(out_of(&slugs), [r" | regex \-(\d+)\.html"]);
        let by = cuts(&[("by Ann", "Ann"), ("by Bo Li", "Bo Li")]);
        assert_eq!(out_of(&by), [" | regex ^by (.+)$"]);
        let whole = cuts(&[("https://x/a/1", "/a/1"), ("https://x/b/2", "/b/2")]);
        assert_eq!(completed(&whole).as_deref(), Some(" | template https://x{}"));
        assert!(out_of(&cuts(&[("3er | Berlin", "Berlin"), ("2er | Ulm", "Ulm")])).is_empty());
    }
}
