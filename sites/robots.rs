//! robots.txt after RFC 9309, with the two customary additions `Crawl-delay` and `Sitemap`.
//!
//! How a file is read: lines → groups (one or more `User-agent` lines, then rules) → the groups whose
//! product token is the crawler's own, merged; without one, the groups for `*`. Among the rules that
//! match a path the longest pattern wins, and `Allow` wins a tie. What is not forbidden is allowed.

use std::time::Duration;

/// A parsed robots.txt.
#[derive(Debug, Clone, Default)]
pub struct Robots {
    groups: Vec<Group>,
    sitemaps: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct Group {
    agents: Vec<String>,
    rules: Vec<Rule>,
    delay: Option<Duration>,
}

#[derive(Debug, Clone)]
struct Rule {
    allow: bool,
    pattern: String,
}

impl Robots {
    /// Reads a robots.txt. Never fails: lines that say nothing are skipped. Only the first 500 KiB
    /// count (RFC 9309 section 2.5 asks for at least that much).
    pub fn parse(text: &str) -> Robots {
        let mut robots = Robots::default();
        let mut open = false; // the last line was a user-agent line
        let text = text.trim_start_matches('\u{feff}');
        let text = text.char_indices().nth(512_000).map_or(text, |(end, _)| &text[..end]);
        for line in text.split(['\n', '\r']) {
            let Some((key, value)) = split(line) else { continue };
            match key.as_str() {
                "user-agent" | "useragent" | "user agent" => {
                    if !open {
                        robots.groups.push(Group::default());
                    }
                    open = true;
                    if let Some(group) = robots.groups.last_mut() {
                        group.agents.push(product_token(value));
                    }
                }
                "allow" | "disallow" | "dissallow" | "dissalow" | "disalow" | "diasllow"
                | "disallaw" => {
                    open = false;
                    robots.add_rule(key == "allow", value);
                }
                "crawl-delay" => {
                    // Does not end a group's head: other crawlers ignore this line altogether.
                    if let (Some(group), Ok(seconds)) =
                        (robots.groups.last_mut(), value.parse::<f64>())
                    {
                        group.delay = Duration::try_from_secs_f64(seconds).ok().or(group.delay);
                    }
                }
                "sitemap" | "site-map" => robots.sitemaps.push(value.to_owned()),
                _ => {}
            }
        }
        robots
    }

    /// Reads a robots.txt as it came. A byte order mark is skipped even if it is cut short; bytes that
    /// are no UTF-8 become replacement characters, which match nothing.
    pub fn from_bytes(bytes: &[u8]) -> Robots {
        const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
        let shared = bytes.iter().zip(MARK).take_while(|(a, b)| **a == *b).count();
        Robots::parse(&String::from_utf8_lossy(&bytes[shared..]))
    }

    fn add_rule(&mut self, allow: bool, value: &str) {
        // Rules before the first user-agent line belong to nobody; an empty pattern matches nothing.
        if let Some(group) = self.groups.last_mut()
            && !value.is_empty()
        {
            group.rules.push(Rule { allow, pattern: encoded(&normal(value)) });
        }
    }

    /// Whether the crawler with this product token may fetch this address (absolute, or a path).
    /// The robots file itself needs no permission (RFC 9309 section 2.2.2): do not ask for it here.
    pub fn allowed(&self, agent: &str, url: &str) -> bool {
        let path = path_of(url);
        let mut verdict: Option<(usize, bool)> = None;
        for rule in self.group(agent).flat_map(|g| &g.rules) {
            if matches(&rule.pattern, &path) {
                let candidate = (rule.pattern.len(), rule.allow);
                verdict = Some(verdict.map_or(candidate, |known| known.max(candidate)));
            }
        }
        verdict.is_none_or(|(_, allow)| allow)
    }

    /// Seconds between requests that the site asks of this crawler.
    pub fn crawl_delay(&self, agent: &str) -> Option<Duration> {
        self.group(agent).filter_map(|g| g.delay).next_back()
    }

    /// Addresses of sitemaps, in file order.
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }

    /// The groups that speak to a crawler.
    fn group(&self, agent: &str) -> impl DoubleEndedIterator<Item = &Group> {
        let name = agent.split('/').next().unwrap_or("").trim();
        // A name of several words is no product token: only the groups for everybody speak to it.
        let own = if name.contains(' ') { String::new() } else { product_token(name) };
        let named = !own.is_empty() && own != "*";
        let named = named && self.groups.iter().any(|g| g.agents.contains(&own));
        let wanted = if named { own } else { "*".to_owned() };
        self.groups.iter().filter(move |g| g.agents.contains(&wanted))
    }
}

/// Splits `key: value # comment`. A missing colon is forgiven when exactly two words stand there.
fn split(line: &str) -> Option<(String, &str)> {
    let line = line.split('#').next().unwrap_or("").trim();
    let (key, value) = match line.split_once(':') {
        Some(pair) => pair,
        None => line
            .split_once(char::is_whitespace)
            .filter(|(_, v)| v.split_whitespace().count() == 1)?,
    };
    Some((key.trim().to_ascii_lowercase(), value.trim()))
}

/// The leading letters, hyphens and underscores, lower case: `Magpie/1.0 (+https://…)` → `magpie`.
/// Names that start with something else (`008`) count up to the first space or slash.
fn product_token(agent: &str) -> String {
    let agent = agent.trim();
    if agent.starts_with('*') && agent[1..].chars().next().is_none_or(char::is_whitespace) {
        return "*".to_owned();
    }
    let strict = |c: char| !(c.is_ascii_alphabetic() || matches!(c, '-' | '_'));
    let loose = |c: char| c.is_whitespace() || c == '/';
    let end = match agent.find(strict) {
        Some(0) => agent.find(loose),
        end => end,
    };
    agent[..end.unwrap_or(agent.len())].to_ascii_lowercase()
}

/// Path and query of an address, percent-encoding in one form.
fn path_of(url: &str) -> String {
    let rest = match url.find("://") {
        Some(at) => &url[at + 3..],
        None if url.starts_with("//") => &url[2..],
        None => {
            return if url.starts_with('/') {
                normal(cut(url))
            } else {
                normal(&path_of_host(url))
            };
        }
    };
    normal(&path_of_host(rest))
}

fn path_of_host(rest: &str) -> String {
    let rest = cut(rest);
    match rest.find(['/', '?', ';']) {
        Some(at) if rest[at..].starts_with('/') => rest[at..].to_owned(),
        Some(at) => format!("/{}", &rest[at..]),
        None => "/".to_owned(),
    }
}

/// Without the fragment.
fn cut(url: &str) -> &str {
    url.split('#').next().unwrap_or("")
}

/// Percent-encodes characters outside ASCII. Only patterns need it: addresses arrive encoded, and one
/// that is not is another address.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            out.extend(c.encode_utf8(&mut bytes).bytes().map(|b| format!("%{b:02X}")));
        }
    }
    out
}

/// Writes percent triplets in capitals, so that both sides of a comparison look alike.
fn normal(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let triplet = |from: usize| {
            bytes.get(from) == Some(&b'%')
                && bytes
                    .get(from + 1..from + 3)
                    .is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit))
        };
        let inside = (at >= 1 && triplet(at - 1)) || (at >= 2 && triplet(at - 2));
        out.push(if inside { c.to_ascii_uppercase() } else { c });
    }
    out
}

/// Matches a pattern with `*` and a closing `$` against the start of a path, in linear memory and
/// without backtracking over more than the last star.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, anchored) = match pattern.strip_suffix('$') {
        Some(head) => (head, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return !anchored || rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    if anchored { rest.ends_with(last) } else { rest.contains(last) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &str = "User-agent: *\nDisallow: /private/\nAllow: /private/open\nCrawl-delay: 2.5\n\
        Sitemap: https://example.com/map.xml\n\nUser-agent: magpie\nUser-agent: other\n\
        Disallow: /*.php$\nAllow: /\n";

    #[test]
    fn the_own_group_replaces_the_general_one() {
        let robots = Robots::parse(FILE);
        assert!(robots.allowed("Magpie/1.0", "https://example.com/private/x"));
        assert!(!robots.allowed("Magpie/1.0", "https://example.com/a/b.php"));
        assert!(robots.allowed("Magpie/1.0", "https://example.com/a/b.php?x=1"));
        assert!(!robots.allowed("stranger", "https://example.com/private/x"));
        assert!(robots.allowed("stranger", "https://example.com/private/opening"));
    }

    #[test]
    fn delays_and_sitemaps_are_told() {
        let robots = Robots::parse(FILE);
        assert_eq!(robots.crawl_delay("stranger"), Some(Duration::from_millis(2_500)));
        assert_eq!(robots.crawl_delay("magpie"), None);
        assert_eq!(robots.sitemaps(), ["https://example.com/map.xml"]);
    }

    #[test]
    fn an_empty_or_broken_file_allows_everything() {
        for text in ["", "<html>not found</html>", "Disallow: /", "User-agent: *\nDisallow:"] {
            assert!(Robots::parse(text).allowed("magpie", "https://example.com/x"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_file_is_read_without_panic(text in "\\PC{0,80}", path in "/[a-z*$%?]{0,12}") {
            let _ = Robots::parse(&text).allowed("magpie", &path);
            let _ = Robots::parse(&format!("User-agent: *\nDisallow: {path}")).allowed("x", &text);
        }
    }
}
