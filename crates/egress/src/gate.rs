//! The rule for a URL that somebody typed.
//!
//! It is the first of several layers and the only one whose answer a person sees: it refuses
//! what no listing site needs (addresses instead of names, odd ports, other schemes, hidden
//! characters) before anything is stored or fetched. A URL is checked again at every use; the
//! accepted value is canonical, so checking it twice changes nothing.

use url::{Host, Url};

use crate::policy::Policy;

/// Longest accepted URL in bytes.
pub const MAX_URL_BYTES: usize = 2048;

/// Endings that never lead to a public site.
const LOCAL_ENDINGS: [&str; 12] = [
    "localhost",
    "local",
    "internal",
    "onion",
    "localdomain",
    "lan",
    "home",
    "corp",
    "intranet",
    "home.arpa",
    "test",
    "invalid",
];

/// Why a URL is refused. The text may be shown to the person who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Longer than [`MAX_URL_BYTES`].
    #[error("the link is too long (at most 2048 bytes)")]
    TooLong,
    /// Control, zero-width or direction characters, blanks inside, or a backslash.
    #[error("the link contains characters that do not belong in a link")]
    Characters,
    /// Not a URL at all.
    #[error("this is not a complete link; it should start with https://")]
    Syntax,
    /// Any scheme but http and https.
    #[error("only http and https links are accepted")]
    Scheme,
    /// `user:password@` in front of the host.
    #[error("the link must not contain a user name or a password")]
    UserInfo,
    /// An address in any spelling instead of a name.
    #[error("the link must name a site, not a network address")]
    Address,
    /// A name without a dot, or one that is only known inside a network.
    #[error("the link does not lead to a public site")]
    LocalName,
    /// A port that sites do not use.
    #[error("the link uses an unusual port")]
    Port,
    /// A name on a deny list.
    #[error("this site cannot be watched")]
    Denied,
}

/// Checks a URL and returns it in canonical form.
///
/// Targets in [`Policy::allow`] pass the rules on hosts and ports, never those on schemes,
/// characters and user names.
pub fn check_url(text: &str, policy: &Policy) -> Result<Url, UrlError> {
    if text.len() > MAX_URL_BYTES {
        return Err(UrlError::TooLong);
    }
    if text.chars().any(is_unwanted) {
        return Err(UrlError::Characters);
    }
    let scheme = text.split_once(':').ok_or(UrlError::Syntax)?.0;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(UrlError::Scheme);
    }
    // WHATWG repairs `https:host` and `https:///host`; a person who typed that meant
    // something else, so only the plain form is taken.
    let authority = text[scheme.len() + 1..].strip_prefix("//").ok_or(UrlError::Syntax)?;
    if authority.starts_with('/') {
        return Err(UrlError::Syntax);
    }
    let url = Url::parse(text).map_err(|_| UrlError::Syntax)?;
    if !url.username().is_empty() || url.password().is_some() || authority_has_at(authority) {
        return Err(UrlError::UserInfo);
    }
    // Canonical spelling can be longer than what was typed (escapes, punycode).
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(UrlError::TooLong);
    }
    check_destination(&url, policy)?;
    Ok(url)
}

fn check_destination(url: &Url, policy: &Policy) -> Result<(), UrlError> {
    let port = url.port_or_known_default().ok_or(UrlError::Port)?;
    let host = url.host().ok_or(UrlError::Syntax)?;
    if policy.allows(&host.to_string(), port) {
        return Ok(());
    }
    let Host::Domain(name) = host else { return Err(UrlError::Address) };
    check_name(name)?;
    if policy.denies_name(name) {
        return Err(UrlError::Denied);
    }
    if !policy.ports.contains(&port) {
        return Err(UrlError::Port);
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), UrlError> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let labels: Vec<&str> = name.split('.').collect();
    let well_formed = name.len() <= 253
        && labels.iter().all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        });
    if !well_formed {
        return Err(UrlError::Syntax);
    }
    let local = labels.len() < 2
        || LOCAL_ENDINGS.iter().any(|ending| {
            name == *ending || name.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.'))
        });
    if local {
        return Err(UrlError::LocalName);
    }
    // The parser turns every number-like last label into an address or an error; a top-level
    // domain of digits that still arrives here is no domain.
    let last = labels.last().copied().unwrap_or_default();
    if last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(UrlError::Address);
    }
    Ok(())
}

fn authority_has_at(rest: &str) -> bool {
    rest.split(['/', '?', '#']).next().unwrap_or_default().contains('@')
}

/// Characters that make a link look like another one, or that parsers drop silently.
fn is_unwanted(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\\' | '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Target;
    use proptest::prelude::*;

    fn check(text: &str) -> Result<String, UrlError> {
        let policy = Policy::allowing([Target::new("127.0.0.1", 9000), Target::new("demo", 80)]);
        check_url(text, &policy).map(String::from)
    }

    #[test]
    fn ordinary_links_pass_in_canonical_form() {
        for (text, canonical) in [
            ("https://example.com", "https://example.com/"),
            ("HTTPS://EXAMPLE.com/A?b=C#d", "https://example.com/A?b=C#d"),
            ("http://example.com:80/x", "http://example.com/x"),
            ("https://example.com:443/", "https://example.com/"),
            ("http://example.com:443/", "http://example.com:443/"),
            (
                "https://www.immo.example.co.uk/s?q=2+rooms",
                "https://www.immo.example.co.uk/s?q=2+rooms",
            ),
            ("https://bücher.de/", "https://xn--bcher-kva.de/"),
            ("https://example.com./", "https://example.com./"),
            ("https://a_b.example.com/", "https://a_b.example.com/"),
            ("https://example.com/@user", "https://example.com/@user"),
            ("https://example.com/a%00b", "https://example.com/a%00b"),
            ("https://1.example.com/", "https://1.example.com/"),
            (
                "https://example.com/?u=http://127.0.0.1/",
                "https://example.com/?u=http://127.0.0.1/",
            ),
            ("http://127.0.0.1:9000/demo", "http://127.0.0.1:9000/demo"),
            ("http://demo/", "http://demo/"),
        ] {
            assert_eq!(check(text).as_deref(), Ok(canonical), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused_for_the_right_reason() {
        use UrlError::*;
        let table: &[(UrlError, &[&str])] = &[
            (
                Scheme,
                &[
                    "ftp://example.com/",
                    "file:///etc/passwd",
                    "javascript:alert(1)",
                    "data:text/html,x",
                    "view-source:https://example.com/",
                    "source:https://example.com/",
                    "feed:https://example.com/",
                    "chrome://version",
                    "about:blank",
                    "ws://example.com/",
                    "blob:https://example.com/1",
                    "filesystem:http://example.com/",
                    "gopher://example.com/",
                    "example.com:443",
                    "tg://resolve?domain=x",
                    "intent://x#Intent;end",
                    "://example.com",
                ],
            ),
            (Syntax, &["", "example.com", "https:", "https:/example.com", "https:example.com"]),
            (Syntax, &["https://", "https:///example.com", "http://?", "http://#", "http://%"]),
            (Syntax, &["http://[::1", "http://a:b/"]),
            (Syntax, &["http://example..com/", "http://.example.com/", "http://a.com:99999/"]),
            (
                Syntax,
                &["http://a'b.com/", "http://a\"b.com/", "http://a;b.com/", "http://a,b.com/"],
            ),
            (Syntax, &["http://256.256.256.256/", "http://1.2.3.4.5/", "http://09.1/"]),
            (
                UserInfo,
                &[
                    "https://user@example.com/",
                    "https://user:pass@example.com/",
                    "https://@example.com/",
                    "https://:@example.com/",
                    "https://example.com@127.0.0.1/",
                    "http://x@127.0.0.1:9000/",
                ],
            ),
            (
                Address,
                &[
                    "http://127.0.0.1/",
                    "http://8.8.8.8/",
                    "http://127.1/",
                    "http://2130706433/",
                    "http://0x7f000001/",
                    "http://0x7f.1/",
                    "http://0177.0.0.1/",
                    "http://017700000001/",
                    "http://0/",
                    "http://0x0/",
                    "http://127.0.0.1./",
                    "http://[::1]/",
                    "http://[::]/",
                    "http://[::ffff:127.0.0.1]/",
                    "http://[::ffff:7f00:1]/",
                    "http://[2002:7f00:1::]/",
                    "http://[64:ff9b::7f00:1]/",
                    "http://[2001:0:1::1]/",
                    "http://[2606:4700:4700::1111]/",
                    "http://127.0.0.1:9001/",
                    "https://127.0.0.1:443/",
                    "http://１２７.０.０.１/",
                    "http://127。0。0。1/",
                    "http://①②⑦.0.0.1/",
                    "http://169.254.169.254/latest/meta-data/",
                    "http://%31%32%37.0.0.1/",
                    "http://192.168.1.1:80/",
                ],
            ),
            (
                LocalName,
                &[
                    "http://localhost/",
                    "http://LOCALHOST/",
                    "http://localhost./",
                    "http://a.localhost/",
                    "http://printer.local/",
                    "http://metadata.google.internal/",
                    "http://x.onion/",
                    "http://intranet/",
                    "http://com/",
                    "http://router.lan/",
                    "http://nas.home.arpa/",
                    "http://localhost.localdomain/",
                    "http://site.test/",
                    "http://ⓛocalhost/",
                    "http://l%6fcalhost/",
                ],
            ),
            (
                Port,
                &[
                    "http://example.com:22/",
                    "http://example.com:8080/",
                    "http://example.com:0/",
                    "https://example.com:6379/",
                    "https://example.com:65535/",
                    "http://demo.example.com:9000/",
                ],
            ),
            (Denied, &["https://update.googleapis.com/", "https://accounts.google.com./x"]),
            (
                Characters,
                &[
                    " https://example.com/",
                    "https://example.com/ ",
                    "https://example.com/a b",
                    "https://exam\nple.com/",
                    "https://exam\tple.com/",
                    "java\0script:x",
                    "https:\\\\example.com\\",
                    "https://example.com\\@127.0.0.1/",
                    "https://exam\u{200b}ple.com/",
                    "https://exam\u{ad}ple.com/",
                    "https://example.com/\u{202e}gpj",
                    "\u{feff}https://example.com/",
                    "https://example.com/\u{2028}",
                    "https://example.com/\u{7f}",
                    "https://example.com/\u{3000}",
                ],
            ),
        ];
        for (reason, texts) in table {
            for text in *texts {
                assert_eq!(check(text), Err(*reason), "{text:?}");
            }
        }
    }

    #[test]
    fn the_length_limit_holds_before_and_after_canonicalisation() {
        let fits = format!("https://example.com/{}", "a".repeat(MAX_URL_BYTES - 20));
        assert!(check(&fits).is_ok());
        assert_eq!(check(&format!("{fits}a")), Err(UrlError::TooLong));
        let grows = format!("https://example.com/{}", "ü".repeat(900));
        assert_eq!(check(&grows), Err(UrlError::TooLong));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_passes_passes_again(text in "\\PC{0,60}") {
            let policy = Policy::default();
            if let Ok(url) = check_url(&text, &policy) {
                prop_assert_eq!(check_url(url.as_str(), &policy), Ok(url));
            }
        }

        #[test]
        fn an_accepted_link_names_a_dotted_host(
            host in "[a-z0-9.xX\\[\\]:%-]{1,24}", tail in "[/?#@:a-z0-9.]{0,12}"
        ) {
            let text = format!("http://{host}{tail}");
            if let Ok(url) = check_url(&text, &Policy::default()) {
                match url.host() {
                    Some(Host::Domain(name)) => {
                        prop_assert!(name.parse::<std::net::IpAddr>().is_err());
                        prop_assert!(name.contains('.'));
                    }
                    other => prop_assert!(false, "{other:?}"),
                }
            }
        }
    }
}
