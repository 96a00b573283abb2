//! What may leave, and how much of it.

use std::net::IpAddr;
use std::time::Duration;

/// One exact destination that is allowed although it is not public.
///
/// Meant for the demo and for tests, whose sites listen on loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Host as it stands in the URL, in lower case: a name or an address.
    pub host: String,
    /// Port as it stands in the URL.
    pub port: u16,
}

impl Target {
    /// A target from its parts; the host is folded to lower case.
    pub fn new(host: impl Into<String>, port: u16) -> Target {
        Target { host: host.into().to_ascii_lowercase(), port }
    }
}

/// Caps of one proxied exchange.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Longest wait for the resolver.
    pub resolve: Duration,
    /// Longest wait for a connection, over all addresses of a name.
    pub connect: Duration,
    /// Longest wait for the head of a request.
    pub head: Duration,
    /// Longest silence inside an exchange.
    pub idle: Duration,
    /// Longest life of an exchange or tunnel.
    pub total: Duration,
    /// Most bytes a server may send in one exchange or tunnel.
    pub down_bytes: u64,
    /// Most bytes a client may send in one exchange or tunnel.
    pub up_bytes: u64,
    /// Most exchanges at once; more are answered 503.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            resolve: Duration::from_secs(3),
            connect: Duration::from_secs(5),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(180),
            down_bytes: 64 << 20,
            up_bytes: 64 << 20,
            connections: 256,
        }
    }
}

/// The rules of the way out.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Exact destinations allowed in spite of every other rule. Empty in production.
    pub allow: Vec<Target>,
    /// Names refused together with everything below them, in lower case.
    pub deny_hosts: Vec<String>,
    /// Our own public addresses: a page must not reach our webhook from inside.
    pub own: Vec<IpAddr>,
    /// Our own public names, refused like `deny_hosts`.
    pub own_names: Vec<String>,
    /// Ports that may be dialled.
    pub ports: Vec<u16>,
    /// Caps of one exchange.
    pub limits: Limits,
    /// Another proxy behind this one, through which every judged address is reached.
    pub upstream: Option<Upstream>,
}

/// A proxy of the operator's own. `Debug` leaves the credentials out.
#[derive(Clone, PartialEq, Eq)]
pub struct Upstream {
    /// Host name or address; the operator names it, so it may be private.
    pub host: String,
    /// Port.
    pub port: u16,
    /// User name and password, if it wants them.
    pub credentials: Option<(String, String)>,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upstream({}:{})", self.host, self.port)
    }
}

impl Upstream {
    /// Reads `http://user:password@host:port`; the error says what is wrong, without the credentials.
    pub fn parse(text: &str) -> Result<Upstream, String> {
        const FORM: &str = "write it like http://user:password@proxy.example:3128";
        let url = url::Url::parse(text).map_err(|error| format!("{error}; {FORM}"))?;
        let (Some(host), Some(port), "http") =
            (url.host_str(), url.port_or_known_default(), url.scheme())
        else {
            return Err(FORM.to_owned());
        };
        let credentials = (!url.username().is_empty())
            .then(|| (decode(url.username()), decode(url.password().unwrap_or_default())));
        let host = host.trim_matches(['[', ']']).to_owned();
        Ok(Upstream { host, port, credentials })
    }
}

/// Percent-decodes the user part of an address.
fn decode(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((&first, behind)) = rest.split_first() {
        let pair = behind.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let code =
            pair.filter(|_| first == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Hosts that Chromium calls by itself even with background networking switched off, and
/// names under which clouds hand out machine credentials.
const DENIED: [&str; 16] = [
    "accounts.google.com",
    "clients1.google.com",
    "clients2.google.com",
    "clients3.google.com",
    "clients4.google.com",
    "clientservices.googleapis.com",
    "content-autofill.googleapis.com",
    "optimizationguide-pa.googleapis.com",
    "redirector.gvt1.com",
    "edgedl.me.gvt1.com",
    "safebrowsing.googleapis.com",
    "update.googleapis.com",
    "metadata",
    "metadata.google.internal",
    "metadata.azure.internal",
    "instance-data",
];

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            allow: Vec::new(),
            deny_hosts: DENIED.iter().map(|host| (*host).to_owned()).collect(),
            own: Vec::new(),
            own_names: Vec::new(),
            ports: vec![80, 443],
            limits: Limits::default(),
            upstream: None,
        }
    }
}

impl Policy {
    /// The default policy with some loopback targets opened.
    pub fn allowing(targets: impl IntoIterator<Item = Target>) -> Policy {
        Policy { allow: targets.into_iter().collect(), ..Policy::default() }
    }

    /// Whether exactly this destination was opened by the operator.
    pub fn allows(&self, host: &str, port: u16) -> bool {
        let host = host.trim_matches(['[', ']']);
        self.allow.iter().any(|target| {
            target.port == port && target.host.trim_matches(['[', ']']).eq_ignore_ascii_case(host)
        })
    }

    /// Whether a name, or a parent of it, is on a deny list.
    pub fn denies_name(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.deny_hosts.iter().chain(&self.own_names).any(|denied| {
            let denied = denied.trim_end_matches('.').to_ascii_lowercase();
            host == denied || host.strip_suffix(&denied).is_some_and(|rest| rest.ends_with('.'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denied_name_takes_its_children_with_it_but_not_its_neighbours() {
        let policy = Policy { own_names: vec!["Magpie.Example".into()], ..Policy::default() };
        for host in ["update.googleapis.com", "a.metadata.google.internal.", "bot.magpie.example"] {
            assert!(policy.denies_name(host), "{host}");
        }
        for host in ["googleapis.com", "notmagpie.example", "fonts.googleapis.com"] {
            assert!(!policy.denies_name(host), "{host}");
        }
    }

    #[test]
    fn an_upstream_is_read_with_its_credentials_and_shows_none() {
        let upstream = Upstream::parse("http://me:p%40ss@proxy.example:3128").unwrap();
        assert_eq!((upstream.host.as_str(), upstream.port), ("proxy.example", 3128));
        assert_eq!(upstream.credentials, Some(("me".into(), "p@ss".into())));
        assert!(!format!("{upstream:?}").contains("p@ss"));
        assert_eq!(Upstream::parse("http://proxy.example:1").unwrap().credentials, None);
        for bad in ["socks5://a:1", "proxy", "http://", "https://a:CANARY@b:1"] {
            assert!(!Upstream::parse(bad).unwrap_err().contains("CANARY"), "{bad}");
        }
    }

    #[test]
    fn an_allowed_target_is_host_and_port_together() {
        let policy = Policy::allowing([Target::new("127.0.0.1", 8088), Target::new("[::1]", 80)]);
        assert!(policy.allows("127.0.0.1", 8088));
        assert!(policy.allows("::1", 80));
        assert!(!policy.allows("127.0.0.1", 8089));
        assert!(!policy.allows("localhost", 8088));
    }
}
