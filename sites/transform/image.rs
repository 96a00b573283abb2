//! Choosing a picture: the widest of a `srcset`, the real one of a lazily loaded image.

use crate::dom::ElementRef;
use url::Url;

/// Attributes that hold the address of a picture, best first. Lazy attributes come before `src`,
/// which then holds a placeholder.
const ATTRIBUTES: [&str; 7] =
    ["data-src", "data-lazy-src", "data-original", "data-imgsrc", "data-lazy", "src", "content"];

/// The best address an `img`, `source`, `meta`, `a` or styled element names.
pub fn of_element(element: &ElementRef<'_>) -> Option<String> {
    let value = element.value();
    for name in ["data-srcset", "srcset"] {
        if let Some(best) = value.attr(name).and_then(widest) {
            return Some(best);
        }
    }
    let direct = ATTRIBUTES.iter().filter_map(|name| value.attr(name));
    let href = value.attr("href").filter(|h| looks_like_picture(h));
    let style = value.attr("style").and_then(background);
    direct.chain(href).chain(style).find(|a| usable(a)).map(str::to_owned)
}

/// The candidate of a `srcset` with the largest width or density.
pub fn widest(srcset: &str) -> Option<String> {
    let mut best: Option<(f64, &str)> = None;
    // Candidates are separated by a comma and white space; a bare comma may be part of an address.
    for candidate in srcset.split(", ").flat_map(|c| c.split(",\n")) {
        let mut parts = candidate.trim().trim_end_matches(',').split_whitespace();
        let Some(address) = parts.next().filter(|a| usable(a)) else { continue };
        let size = parts
            .next()
            .and_then(|d| d.trim_end_matches(['w', 'x', 'h']).parse::<f64>().ok())
            .unwrap_or(1.0);
        if best.is_none_or(|(known, _)| size > known) {
            best = Some((size, address));
        }
    }
    best.map(|(_, address)| address.to_owned())
}

/// Absolute address of a picture; placeholders (`data:`, blank pixels) are none.
pub fn absolute(address: &str, base: &Url) -> Option<String> {
    let address = address.trim();
    let url = base.join(address).ok().filter(|_| usable(address))?;
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}

fn usable(address: &str) -> bool {
    let address = address.trim();
    !address.is_empty() && !address.starts_with("data:") && !address.starts_with("about:")
}

fn looks_like_picture(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or("").to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".webp", ".avif"].iter().any(|end| path.ends_with(end))
}

/// The address inside `background-image: url('…')`.
fn background(style: &str) -> Option<&str> {
    let tail = &style[style.find("url(")? + 4..];
    Some(tail[..tail.find(')')?].trim_matches(['\'', '"', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_candidate_wins() {
        assert_eq!(widest("/a.jpg 320w, /b.jpg 1280w,\n/c.jpg 640w").as_deref(), Some("/b.jpg"));
        assert_eq!(widest("/x,y.jpg").as_deref(), Some("/x,y.jpg"));
        assert_eq!(widest(" "), None);
    }

    #[test]
    fn lazy_pictures_beat_their_placeholders() {
        let page = "<img src='data:image/gif;base64,R0' data-src='/real.jpg'>";
        let tree = crate::dom::Tree::reference(page);
        let selector = crate::dom::Selector::parse("img").ok();
        let img = selector.and_then(|s| tree.html(page).select(&s).next());
        assert_eq!(img.and_then(|i| of_element(&i)).as_deref(), Some("/real.jpg"));
    }
}
