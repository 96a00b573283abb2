//! The addresses of a site: recognise them, clean them, say what they filter by.
//!
//! Cleaning makes equal searches equal: tracking goes, the order becomes "newest first", paging goes,
//! parameters are sorted. What the address filters by is told in words a subscriber understands.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Serialize;
use url::Url;

/// Parameters that only track, on every site.
const TRACKING: [&str; 10] =
    ["utm_*", "gclid", "fbclid", "msclkid", "yclid", "dclid", "mc_cid", "mc_eid", "_ga", "igshid"];

/// A host of a site; it stands for its subdomains too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Host name or address, lower case.
    pub name: String,
    /// Only this port; `None` is any port.
    pub port: Option<u16>,
}

impl Host {
    /// Reads `example.com` or `127.0.0.1:8088`.
    pub fn parse(text: &str) -> Result<Host, String> {
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) => {
                let port = port.parse().map_err(|_| format!("`{port}` is no port number"))?;
                (name, Some(port))
            }
            None => (text, None),
        };
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        if name.is_empty() || !name.chars().all(good) {
            return Err(format!("`{text}` is no host; write it like `example.com`, lower case"));
        }
        Ok(Host { name: name.to_owned(), port })
    }

    /// How exactly this host fits an address: the length of its name, if it fits.
    pub fn fits(&self, url: &Url) -> Option<usize> {
        let host = url.host_str()?;
        let port = self.port.is_none() || self.port == url.port_or_known_default();
        let same = host
            .strip_suffix(self.name.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        (port && same).then_some(self.name.len())
    }
}

/// The rules of `[search]`.
#[derive(Debug, Clone, Default)]
pub struct AddressRules {
    /// Addresses of search pages.
    pub matches: Vec<Regex>,
    /// Parameters that sort by date.
    pub newest: BTreeMap<String, String>,
    /// The site sorts by date anyway.
    pub newest_by_default: bool,
    /// Parameters to drop, `*` at the end stands for the rest.
    pub strip: Vec<String>,
    /// Parts of the path to drop.
    pub strip_path: Vec<Regex>,
    /// Parameter → what it filters by.
    pub filters: BTreeMap<String, String>,
    /// Patterns over the path whose named groups are filters.
    pub path: Vec<Regex>,
}

/// A cleaned address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cleaned {
    /// The canonical address: equal searches have equal ones.
    pub url: Url,
    /// What the address filters by, in words of the module (`price_max` → `900`).
    pub filters: BTreeMap<String, String>,
    /// Parameters that are kept although the module does not know what they mean.
    pub unknown: Vec<String>,
    /// Whether results come newest first.
    pub newest: bool,
}

impl AddressRules {
    /// Whether this is the address of a search page.
    pub fn is_search(&self, url: &Url) -> bool {
        self.matches.iter().any(|re| re.is_match(url.as_str()))
    }

    /// Makes the canonical address of a search.
    pub fn clean(&self, url: &Url) -> Cleaned {
        let mut clean = url.clone();
        clean.set_fragment(None);
        if clean.username() != "" || clean.password().is_some() {
            // Cannot fail for addresses with a host; without one there is nothing to remove.
            let _ = clean.set_username("");
            let _ = clean.set_password(None);
        }
        let path = self
            .strip_path
            .iter()
            .fold(clean.path().to_owned(), |path, re| re.replace_all(&path, "").into_owned());
        clean.set_path(&path);
        let mut pairs: Vec<(String, String)> = url
            .query_pairs()
            .map(|(k, v)| (k.into_owned(), v.into_owned()))
            .filter(|(k, v)| !(self.drops(k) || v.is_empty() && self.filters.contains_key(k)))
            .collect();
        pairs.retain(|(k, _)| !self.newest.contains_key(k));
        pairs.extend(self.newest.iter().map(|(k, v)| (k.clone(), v.clone())));
        pairs.sort();
        pairs.dedup();
        clean.set_query(None);
        if !pairs.is_empty() {
            clean.query_pairs_mut().extend_pairs(&pairs);
        }
        let (filters, mut unknown) = self.understood(&clean, &pairs);
        // Some sites keep filters behind the `#`, where no server sees them.
        let hidden = url.fragment().filter(|text| text.contains([':', '=']) && !self.drops("#"));
        unknown
            .extend(hidden.map(|text| format!("#{}", text.chars().take(60).collect::<String>())));
        let newest = self.newest_by_default || !self.newest.is_empty();
        Cleaned { url: clean, filters, unknown, newest }
    }

    fn drops(&self, name: &str) -> bool {
        let listed = self.strip.iter().map(String::as_str);
        listed.chain(TRACKING).any(|rule| match rule.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == rule,
        })
    }

    fn understood(
        &self,
        clean: &Url,
        pairs: &[(String, String)],
    ) -> (BTreeMap<String, String>, Vec<String>) {
        let mut filters = BTreeMap::new();
        let mut unknown = Vec::new();
        for (name, value) in pairs {
            if self.newest.contains_key(name) {
                continue;
            }
            match self.filters.get(name) {
                Some(meaning) => {
                    filters
                        .entry(meaning.clone())
                        .and_modify(|known: &mut String| {
                            known.push_str(", ");
                            known.push_str(value);
                        })
                        .or_insert_with(|| value.clone());
                }
                None if !unknown.contains(name) => unknown.push(name.clone()),
                None => {}
            }
        }
        for re in &self.path {
            let Some(found) = re.captures(clean.path()) else { continue };
            for name in re.capture_names().flatten() {
                if let Some(value) = found.name(name).filter(|m| !m.is_empty()) {
                    filters.entry(name.to_owned()).or_insert_with(|| value.as_str().to_owned());
                }
            }
        }
        (filters, unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> AddressRules {
        AddressRules {
            newest: BTreeMap::from([("sort".into(), "date".into())]),
            strip: vec!["page".into(), "ref_*".into()],
            strip_path: vec![Regex::new(r"seite:\d+/").expect("pattern")],
            filters: BTreeMap::from([("max".into(), "price_max".into())]),
            path: vec![Regex::new(r"^/s-(?P<category>[^/]+)").expect("pattern")],
            ..AddressRules::default()
        }
    }

    #[test]
    fn equal_searches_get_equal_addresses() -> Result<(), url::ParseError> {
        let a = Url::parse("https://x.de/s-seite:2/rad?b=2&max=9&utm_source=t&page=3&sort=up#top")?;
        let b = Url::parse("https://x.de/s-rad?max=9&ref_a=1&b=2")?;
        let rules = rules();
        assert_eq!(rules.clean(&a).url.as_str(), "https://x.de/s-rad?b=2&max=9&sort=date");
        assert_eq!(rules.clean(&a), rules.clean(&b));
        assert_eq!(rules.clean(&rules.clean(&a).url), rules.clean(&a));
        Ok(())
    }

    #[test]
    fn known_and_unknown_filters_are_told_apart() -> Result<(), url::ParseError> {
        let cleaned = rules().clean(&Url::parse("https://x.de/s-rad?max=9&b=2")?);
        assert_eq!(cleaned.filters["price_max"], "9");
        assert_eq!(cleaned.filters["category"], "rad");
        assert_eq!(cleaned.unknown, ["b"]);
        Ok(())
    }

    #[test]
    fn a_host_stands_for_its_subdomains_and_any_port() -> Result<(), url::ParseError> {
        let host = Host::parse("example.com").expect("a host");
        assert!(host.fits(&Url::parse("https://www.example.com:8443/x")?).is_some());
        assert!(host.fits(&Url::parse("https://notexample.com/")?).is_none());
        let local = Host::parse("127.0.0.1:8088").expect("a host");
        assert!(local.fits(&Url::parse("http://127.0.0.1:8088/")?).is_some());
        assert!(local.fits(&Url::parse("http://127.0.0.1/")?).is_none());
        Ok(())
    }
}
