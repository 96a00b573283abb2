//! A bounded, strict parser of one request head.
//!
//! A forward proxy that understands a request differently from the server behind it can be
//! made to send two requests where it judged one. So this parser takes only what it fully
//! understands and refuses the rest: no folded lines, no blanks before the colon, no bare line
//! feeds, no second or disagreeing length, and no `Transfer-Encoding` in a request at all.

use url::{Host, Position, Url};

/// Longest head in bytes, of requests and of answers.
pub(crate) const MAX_HEAD: usize = 64 * 1024;
/// Most header lines in a head.
const MAX_LINES: usize = 200;

/// Why a head is not taken; becomes a status code for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeadError {
    /// Not HTTP/1.x as we want it: 400.
    Malformed,
    /// A request with `Transfer-Encoding`: 411, clients repeat with a length.
    Encoded,
    /// A method or a form of target that is not for a proxy: 405.
    NotForProxy,
    /// Another scheme than `http` in absolute form: 403.
    Scheme,
}

/// What the client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    /// A blind tunnel (CONNECT).
    Tunnel,
    /// One plain request: the head to send on, and the length of the body that follows.
    Forward { head: Vec<u8>, body: u64, answer_has_body: bool },
}

/// A judged-for-syntax request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) host: Host<String>,
    pub(crate) port: u16,
    pub(crate) wish: Wish,
}

/// One header line, name as sent.
pub(crate) struct Header<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a [u8],
}

/// End of the head in `bytes` (just behind the empty line), if it is there.
pub(crate) fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

/// First line and header lines of a complete head.
pub(crate) fn lines(head: &[u8]) -> Result<(&str, Vec<Header<'_>>), HeadError> {
    let body = head.strip_suffix(b"\r\n\r\n").ok_or(HeadError::Malformed)?;
    let mut rest = split_lines(body)?.into_iter();
    let first = rest.next().and_then(|line| std::str::from_utf8(line).ok());
    let headers = rest.map(header).collect::<Result<Vec<_>, _>>()?;
    if headers.len() > MAX_LINES {
        return Err(HeadError::Malformed);
    }
    Ok((first.ok_or(HeadError::Malformed)?, headers))
}

fn split_lines(body: &[u8]) -> Result<Vec<&[u8]>, HeadError> {
    let mut found = Vec::new();
    for line in body.split(|b| *b == b'\n') {
        found.push(line.strip_suffix(b"\r").unwrap_or(line));
    }
    // Every line feed must have had its carriage return, and no other control may hide.
    let feeds = body.iter().filter(|b| **b == b'\n').count();
    let pairs = body.windows(2).filter(|pair| pair == b"\r\n").count();
    let controls = found.iter().any(|line| line.iter().any(|b| *b < 0x20 && *b != b'\t'));
    if feeds == pairs && !controls { Ok(found) } else { Err(HeadError::Malformed) }
}

fn header(line: &[u8]) -> Result<Header<'_>, HeadError> {
    let colon = line.iter().position(|b| *b == b':').ok_or(HeadError::Malformed)?;
    let name = std::str::from_utf8(&line[..colon]).map_err(|_| HeadError::Malformed)?;
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(HeadError::Malformed);
    }
    Ok(Header { name, value: line[colon + 1..].trim_ascii() })
}

fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}

/// Header names that concern one connection only, or that only the proxy may set.
pub(crate) fn is_hop_by_hop(name: &str, named_by_connection: &[String]) -> bool {
    const HOP: [&str; 10] = [
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "proxy-authenticate",
        "te",
        "trailer",
        "upgrade",
        "expect",
        crate::REFUSED_HEADER,
    ];
    HOP.iter().any(|hop| name.eq_ignore_ascii_case(hop))
        || named_by_connection.iter().any(|hop| name.eq_ignore_ascii_case(hop))
}

/// Names listed in `Connection` headers, which are hop-by-hop as well.
///
/// Framing headers cannot be declared away: a peer that lists `content-length` would make us
/// forward a body without its length.
pub(crate) fn connection_names(headers: &[Header<'_>]) -> Vec<String> {
    headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case("connection"))
        .flat_map(|header| header.value.split(|b| *b == b','))
        .map(|name| String::from_utf8_lossy(name.trim_ascii()).to_ascii_lowercase())
        .filter(|name| !matches!(name.as_str(), "content-length" | "transfer-encoding" | "host"))
        .collect()
}

/// The one length all `Content-Length` headers agree on.
pub(crate) fn content_length(headers: &[Header<'_>]) -> Result<Option<u64>, HeadError> {
    let mut length = None;
    for header in headers.iter().filter(|h| h.name.eq_ignore_ascii_case("content-length")) {
        let digits = std::str::from_utf8(header.value).map_err(|_| HeadError::Malformed)?;
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(HeadError::Malformed);
        }
        let value = digits.parse::<u64>().map_err(|_| HeadError::Malformed)?;
        if length.replace(value).is_some_and(|before| before != value) {
            return Err(HeadError::Malformed);
        }
    }
    Ok(length)
}

/// Whether any line carries this name.
pub(crate) fn has(headers: &[Header<'_>], name: &str) -> bool {
    headers.iter().any(|header| header.name.eq_ignore_ascii_case(name))
}

/// Reads a complete request head.
pub(crate) fn parse(head: &[u8]) -> Result<Request, HeadError> {
    let (first, headers) = lines(head)?;
    let mut parts = first.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(HeadError::Malformed);
    };
    if !matches!(version, "HTTP/1.1" | "HTTP/1.0")
        || method.is_empty()
        || !method.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')
    {
        return Err(HeadError::Malformed);
    }
    if has(&headers, "transfer-encoding") {
        return Err(HeadError::Encoded);
    }
    let body = content_length(&headers)?;
    match method {
        "CONNECT" => tunnel(target, body),
        "TRACE" => Err(HeadError::NotForProxy),
        _ => forward(method, target, &headers, body),
    }
}

fn tunnel(target: &str, body: Option<u64>) -> Result<Request, HeadError> {
    if body.unwrap_or(0) != 0 || target.contains(['/', '@', '?', '#', '\\']) {
        return Err(HeadError::Malformed);
    }
    let (host, port) = target.rsplit_once(':').ok_or(HeadError::Malformed)?;
    if port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit()) {
        return Err(HeadError::Malformed);
    }
    let port = port.parse().map_err(|_| HeadError::Malformed)?;
    let host = Host::parse(host).map_err(|_| HeadError::Malformed)?;
    Ok(Request { host, port, wish: Wish::Tunnel })
}

fn forward(
    method: &str,
    target: &str,
    headers: &[Header<'_>],
    body: Option<u64>,
) -> Result<Request, HeadError> {
    if target.starts_with('/') || target == "*" {
        return Err(HeadError::NotForProxy);
    }
    let url = Url::parse(target).map_err(|_| HeadError::Malformed)?;
    if url.scheme() != "http" {
        return Err(HeadError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(HeadError::Malformed);
    }
    let host = url.host().ok_or(HeadError::Malformed)?.to_owned();
    let port = url.port_or_known_default().ok_or(HeadError::Malformed)?;
    let head = outgoing_head(method, &url, headers, body);
    let wish = Wish::Forward { head, body: body.unwrap_or(0), answer_has_body: method != "HEAD" };
    Ok(Request { host, port, wish })
}

/// The head as the server gets it: origin form, our own `Host`, `Connection` and length.
fn outgoing_head(method: &str, url: &Url, headers: &[Header<'_>], body: Option<u64>) -> Vec<u8> {
    let path = &url[Position::BeforePath..Position::AfterQuery];
    let authority = &url[Position::BeforeHost..Position::AfterPort];
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes();
    let named = connection_names(headers);
    for header in headers {
        let ours = ["host", "content-length"].iter().any(|n| header.name.eq_ignore_ascii_case(n));
        if !ours && !is_hop_by_hop(header.name, &named) {
            push_header(&mut head, header.name, header.value);
        }
    }
    if let Some(length) = body {
        push_header(&mut head, "Content-Length", length.to_string().as_bytes());
    }
    head.extend_from_slice(b"Connection: close\r\n\r\n");
    head
}

pub(crate) fn push_header(head: &mut Vec<u8>, name: &str, value: &[u8]) {
    head.extend_from_slice(name.as_bytes());
    head.extend_from_slice(b": ");
    head.extend_from_slice(value);
    head.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn forwarded(head: &str) -> String {
        match parse(head.as_bytes()).unwrap().wish {
            Wish::Forward { head, .. } => String::from_utf8(head).unwrap(),
            Wish::Tunnel => panic!("a tunnel"),
        }
    }

    #[test]
    fn absolute_form_becomes_origin_form_without_hop_by_hop_headers() {
        let sent = forwarded(
            "GET http://example.com:8080/a?b=c HTTP/1.1\r\nHost: evil.example\r\nAccept: */*\r\n\
             Proxy-Connection: keep-alive\r\nConnection: x-secret, keep-alive\r\nX-Secret: 1\r\n\
             Proxy-Authorization: Basic eA==\r\nTE: trailers\r\nUpgrade: h2c\r\n\r\n",
        );
        assert_eq!(
            sent,
            "GET /a?b=c HTTP/1.1\r\nHost: example.com:8080\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        );
    }

    #[test]
    fn a_length_survives_even_if_connection_names_it() {
        let sent = forwarded(
            "POST http://example.com/ HTTP/1.1\r\nConnection: content-length\r\n\
             Content-Length: 3\r\nContent-Length: 3\r\n\r\n",
        );
        assert_eq!(sent.matches("Content-Length: 3").count(), 1);
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        use HeadError::*;
        for (error, head) in [
            (Encoded, "POST http://a.b/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
            (
                Encoded,
                "POST http://a.b/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: x\r\n\r\n",
            ),
            (
                Malformed,
                "POST http://a.b/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            ),
            (Malformed, "POST http://a.b/ HTTP/1.1\r\nContent-Length: +1\r\n\r\n"),
            (Malformed, "POST http://a.b/ HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n"),
            (Malformed, "POST http://a.b/ HTTP/1.1\r\nContent-Length:\r\n\r\n"),
            (Malformed, "GET http://a.b/ HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n"),
            (Malformed, "GET http://a.b/ HTTP/1.1\r\n folded: line\r\n\r\n"),
            (Malformed, "GET http://a.b/ HTTP/1.1\r\nA: b\n\r\n\r\n"),
            (Malformed, "GET http://a.b/ HTTP/1.1\r\nA: b\rC: d\r\n\r\n"),
            (Malformed, "GET http://a.b/ HTTP/1.1\r\nA: b\0\r\n\r\n"),
            (Malformed, "GET http://a.b/ HTTP/1.1\r\nno colon\r\n\r\n"),
            (Malformed, "GET  http://a.b/ HTTP/1.1\r\n\r\n"),
            (Malformed, "GET http://a.b/ HTTP/1.1 x\r\n\r\n"),
            (Malformed, "GET http://a.b/ HTTP/2.0\r\n\r\n"),
            (Malformed, "get http://a.b/ HTTP/1.1\r\n\r\n"),
            (Malformed, "GET http://u:p@a.b/ HTTP/1.1\r\n\r\n"),
            (Malformed, "CONNECT a.b HTTP/1.1\r\n\r\n"),
            (Malformed, "CONNECT a.b:443/x HTTP/1.1\r\n\r\n"),
            (Malformed, "CONNECT u@a.b:443 HTTP/1.1\r\n\r\n"),
            (Malformed, "CONNECT a.b:+443 HTTP/1.1\r\n\r\n"),
            (Malformed, "CONNECT a.b:443 HTTP/1.1\r\nContent-Length: 5\r\n\r\n"),
            (Malformed, "\r\n\r\n"),
            (NotForProxy, "GET / HTTP/1.1\r\nHost: a.b\r\n\r\n"),
            (NotForProxy, "OPTIONS * HTTP/1.1\r\n\r\n"),
            (NotForProxy, "TRACE http://a.b/ HTTP/1.1\r\n\r\n"),
            (Scheme, "GET https://a.b/ HTTP/1.1\r\n\r\n"),
            (Scheme, "GET file:///etc/passwd HTTP/1.1\r\n\r\n"),
            (Scheme, "GET ftp://a.b/ HTTP/1.1\r\n\r\n"),
        ] {
            assert_eq!(parse(head.as_bytes()), Err(error), "{head:?}");
        }
    }

    #[test]
    fn connect_takes_names_and_addresses_in_every_spelling_as_what_they_are() {
        let host = |text: &str| {
            let head = format!("CONNECT {text}:443 HTTP/1.1\r\n\r\n");
            parse(head.as_bytes()).map(|request| request.host.to_string())
        };
        assert_eq!(host("EXAMPLE.com").as_deref(), Ok("example.com"));
        assert_eq!(host("2130706433").as_deref(), Ok("127.0.0.1"));
        assert_eq!(host("0x7f.1").as_deref(), Ok("127.0.0.1"));
        assert_eq!(host("[::1]").as_deref(), Ok("[::1]"));
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_one_head_gives_at_most_one_head(
            bytes in proptest::collection::vec(any::<u8>(), 0..300)
        ) {
            let mut head = b"GET http://a.example/ HTTP/1.1\r\n".to_vec();
            head.extend_from_slice(&bytes);
            head.extend_from_slice(b"\r\n\r\n");
            if let Ok(Request { wish: Wish::Forward { head, .. }, .. }) = parse(&head) {
                prop_assert_eq!(head_end(&head), Some(head.len()));
                let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
                prop_assert!(!text.contains("transfer-encoding:"));
                prop_assert_eq!(text.matches("\r\nhost:").count(), 1);
            }
        }
    }
}
