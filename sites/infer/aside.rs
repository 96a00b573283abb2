//! What stands beside the list of a page: navigation, footers, carousels, recommendations.

use crate::dom::ElementRef;

/// Whether an element is navigation, a footer or the like.
pub(super) fn is_aside(node: &ElementRef<'_>) -> bool {
    const WORDS: [&str; 14] = [
        "nav",
        "navbar",
        "navigation",
        "menu",
        "submenu",
        "footer",
        "breadcrumb",
        "breadcrumbs",
        "pagination",
        "pager",
        "facets",
        "filters",
        "cookie",
        "megamenu",
    ];
    let value = node.value();
    if matches!(value.name(), "nav" | "footer") {
        return true;
    }
    let role = value.attr("role").is_some_and(|r| matches!(r, "navigation" | "menu" | "dialog"));
    role || (is_part(node) && named(node, |word| WORDS.contains(&word)))
}

/// Whether an element holds offers beside those that were asked for.
pub(super) fn is_lateral(node: &ElementRef<'_>) -> bool {
    const STARTS: [&str; 14] = [
        "carousel",
        "swiper",
        "slick",
        "splide",
        "glide",
        "similar",
        "related",
        "recom",
        "recently",
        "viewed",
        "upsell",
        "crosssell",
        "sidebar",
        "suggest",
    ];
    node.value().name() == "aside"
        || (is_part(node) && named(node, |word| STARTS.iter().any(|s| word.starts_with(s))))
}

/// Whether a heading announces offers beside those that were asked for, in several languages.
pub(super) fn announces_others(heading: &str) -> bool {
    const STARTS: [&str; 37] = [
        "similar",
        "recommend",
        "related",
        "also like",
        "recently viewed",
        "you may",
        "sponsored",
        "ähnlich",
        "empfohlen",
        "empfehlung",
        "zuletzt angesehen",
        "das könnte",
        "auch interess",
        "similaire",
        "recommand",
        "vous aimerez",
        "similares",
        "recomend",
        "te puede",
        "relacionad",
        "simili",
        "consigliat",
        "vergelijkbaar",
        "aanbevolen",
        "polecan",
        "podobn",
        "похож",
        "liknande",
        "lignende",
        "samankal",
        "hasonló",
        "benzer",
        "схож",
        "おすすめ",
        "関連",
        "推荐",
        "相关",
    ];
    let heading = heading.to_lowercase();
    STARTS.iter().any(|start| heading.contains(start))
}

fn is_part(node: &ElementRef<'_>) -> bool {
    !matches!(node.value().name(), "html" | "body" | "main")
}

/// Whether a word of the element's id or classes passes; `headerNav` and `header-nav` hold two words.
fn named(node: &ElementRef<'_>, test: impl Fn(&str) -> bool) -> bool {
    let value = node.value();
    value.attr("id").into_iter().chain(value.classes()).any(|name| words(name).any(|w| test(&w)))
}

fn words(name: &str) -> impl Iterator<Item = String> + '_ {
    name.split(|c: char| !c.is_alphanumeric()).flat_map(|part| {
        let mut words: Vec<String> = Vec::new();
        for c in part.chars() {
            match words.last_mut() {
                Some(word) if !c.is_uppercase() => word.push(c),
                _ => words.push(c.to_lowercase().collect()),
            }
        }
        words
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_word_by_word() {
        let all: Vec<String> = words("headerNav-list__menuItem").collect();
        assert_eq!(all, ["header", "nav", "list", "menu", "item"]);
        assert!(announces_others("Das könnte Sie auch interessieren"));
        assert!(!announces_others("12 results"));
    }
}
