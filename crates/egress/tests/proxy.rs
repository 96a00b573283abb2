//! The proxy as its clients see it: bytes in, bytes out, and who was dialled.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use egress::{Policy, Proxy, Resolve, Target};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

/// Answers by name; `rebound.example` is public at first and loopback ever after.
#[derive(Default)]
struct Script {
    asked: AtomicUsize,
}

impl Resolve for Script {
    fn resolve<'a>(&'a self, host: &'a str) -> egress::resolve::Resolving<'a> {
        let nth = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer: io::Result<Vec<IpAddr>> = match host {
            "mixed.example" => Ok(vec![[93, 184, 216, 34].into(), [10, 0, 0, 1].into()]),
            "loop.example" | "demo.example" => Ok(vec![[127, 0, 0, 1].into()]),
            "mapped.example" => Ok(vec!["::ffff:127.0.0.1".parse().unwrap()]),
            "own.example" => Ok(vec![[93, 184, 216, 34].into()]),
            "rebound.example" if nth == 0 => Ok(vec![[192, 0, 2, 1].into()]),
            "rebound.example" => Ok(vec![[127, 0, 0, 1].into()]),
            "empty.example" => Ok(vec![]),
            _ => Err(io::ErrorKind::NotFound.into()),
        };
        Box::pin(async move {
            if host == "silent.example" {
                std::future::pending::<()>().await;
            }
            answer
        })
    }
}

async fn proxy(mut policy: Policy) -> Proxy {
    policy.limits.resolve = Duration::from_millis(200);
    Proxy::start_with(policy, Arc::new(Script::default())).await.unwrap()
}

/// Sends bytes to the proxy and reads until it closes.
async fn talk(proxy: &Proxy, request: &str) -> String {
    let mut stream = TcpStream::connect(proxy.tcp_address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("an end").unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

async fn get(proxy: &Proxy, url: &str) -> String {
    talk(proxy, &format!("GET {url} HTTP/1.1\r\nHost: x\r\n\r\n")).await
}

/// A server that records what it got and gives one fixed answer to each connection, which it
/// then keeps open.
async fn server(answer: &'static str) -> (u16, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (seen, got) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = vec![0; 65536];
            let n = stream.read(&mut bytes).await.unwrap_or(0);
            let _ = seen.send(String::from_utf8_lossy(&bytes[..n]).into_owned());
            let _ = stream.write_all(answer.as_bytes()).await;
            open.push(stream);
        }
    });
    (port, got)
}

#[tokio::test]
async fn a_plain_request_goes_out_and_its_answer_comes_back() {
    let (port, mut got) = server(
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nKeep-Alive: timeout=5\r\nConnection: X-Hop\r\n\
         X-Hop: 1\r\nX-Egress-Refused: address\r\nX-Kept: yes\r\n\r\nhello and more",
    )
    .await;
    let proxy = proxy(Policy::allowing([Target::new("demo.example", port)])).await;
    let answer = get(&proxy, &format!("http://demo.example:{port}/a?b")).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nhello"), "{answer}");
    assert!(answer.contains("X-Kept: yes"));
    for gone in ["Keep-Alive", "X-Hop", "Egress"] {
        assert!(!answer.contains(gone), "{answer}");
    }
    let sent = got.recv().await.unwrap();
    assert!(sent.starts_with("GET /a?b HTTP/1.1\r\nHost: demo.example:"), "{sent}");
    let stats = proxy.stats();
    assert_eq!((stats.allowed, stats.refused(), stats.bytes), (1, 0, 5));
    proxy.stop().await;
}

#[tokio::test]
async fn the_unix_socket_serves_the_same_and_disappears_with_the_proxy() {
    let (port, _got) = server("HTTP/1.1 204 No Content\r\n\r\n").await;
    let proxy = proxy(Policy::allowing([Target::new("127.0.0.1", port)])).await;
    let path = proxy.unix_path();
    let mut stream = UnixStream::connect(&path).await.unwrap();
    let request = format!("GET http://127.0.0.1:{port}/ HTTP/1.1\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    proxy.stop().await;
    assert!(!path.parent().unwrap().exists());
}

#[tokio::test]
async fn an_address_that_is_not_public_is_never_dialled_in_any_spelling() {
    let (port, mut got) = server("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret").await;
    let policy = Policy { ports: vec![port], ..Policy::default() };
    let proxy = proxy(policy).await;
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "loop.example",
        "mapped.example",
        "mixed.example",
    ] {
        let plain = get(&proxy, &format!("http://{host}:{port}/")).await;
        assert!(plain.starts_with("HTTP/1.1 403 "), "{host}: {plain}");
        assert!(plain.contains("x-egress-refused: address"), "{host}: {plain}");
        let tunnel = talk(&proxy, &format!("CONNECT {host}:{port} HTTP/1.1\r\n\r\n")).await;
        assert!(tunnel.starts_with("HTTP/1.1 403 "), "{host}: {tunnel}");
    }
    assert_eq!(proxy.stats().refused_address, 24);
    assert_eq!(proxy.stats().allowed, 0);
    assert!(got.try_recv().is_err(), "somebody dialled the canary");
}

#[tokio::test]
async fn a_rebound_name_is_asked_once_and_dialled_where_it_was_judged() {
    // The first answer is a documentation address, so that the attempt is refused and nothing
    // leaves the machine; the second request sees loopback and is refused as well.
    let (port, mut got) = server("HTTP/1.1 200 OK\r\n\r\n").await;
    let script = Arc::new(Script::default());
    let policy = Policy { ports: vec![port], ..Policy::default() };
    let proxy = Proxy::start_with(policy, script.clone()).await.unwrap();
    for asked in 1..=2 {
        let answer = get(&proxy, &format!("http://rebound.example:{port}/")).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert_eq!(script.asked.load(Ordering::SeqCst), asked);
    }
    assert!(got.try_recv().is_err());
}

#[tokio::test]
async fn names_ports_and_own_addresses_are_refused_by_class() {
    let policy = Policy { own: vec![[93, 184, 216, 34].into()], ..Policy::default() };
    let proxy = proxy(policy).await;
    for (url, class) in [
        ("http://update.googleapis.com/", "name"),
        ("http://x.metadata.google.internal/", "name"),
        ("http://own.example/", "address"),
        ("http://own.example:22/", "port"),
        ("http://own.example:8080/", "port"),
        ("ftp://own.example/", "scheme"),
    ] {
        let answer = get(&proxy, url).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{url}: {answer}");
        assert!(answer.contains(&format!("egress: {class}\n")), "{url}: {answer}");
    }
}

#[tokio::test]
async fn a_dead_name_is_a_bad_gateway() {
    let proxy = proxy(Policy::default()).await;
    for host in ["gone.example", "empty.example", "silent.example"] {
        let answer = get(&proxy, &format!("http://{host}/")).await;
        assert!(answer.starts_with("HTTP/1.1 502 "), "{host}: {answer}");
    }
    assert_eq!(proxy.stats().dead, 3);
}

#[tokio::test]
async fn unclear_requests_never_reach_a_server() {
    let (port, mut got) = server("HTTP/1.1 200 OK\r\n\r\n").await;
    let proxy = proxy(Policy::allowing([Target::new("127.0.0.1", port)])).await;
    let url = format!("http://127.0.0.1:{port}/");
    for (status, request) in [
        (411, format!("POST {url} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
        (400, format!("POST {url} HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")),
        (405, "GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_owned()),
        (431, format!("GET {url} HTTP/1.1\r\nA: {}\r\n\r\n", "x".repeat(70_000))),
    ] {
        let answer = talk(&proxy, &request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    assert!(got.try_recv().is_err());
}

#[tokio::test]
async fn bytes_behind_the_announced_body_are_dropped() {
    let (port, mut got) = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let proxy = proxy(Policy::allowing([Target::new("127.0.0.1", port)])).await;
    let smuggled = "GET http://127.0.0.1/admin HTTP/1.1\r\n\r\n";
    let request =
        format!("POST http://127.0.0.1:{port}/ HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc{smuggled}");
    let answer = talk(&proxy, &request).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let sent = got.recv().await.unwrap();
    assert!(!sent.contains("admin"), "{sent}");
}

#[tokio::test]
async fn a_tunnel_carries_bytes_both_ways() {
    let (port, mut got) = server("pong").await;
    let proxy = proxy(Policy::allowing([Target::new("127.0.0.1", port)])).await;
    let mut stream = TcpStream::connect(proxy.tcp_address()).await.unwrap();
    let request = format!("CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let established = "HTTP/1.1 200 Connection established\r\n\r\n";
    let mut head = vec![0; established.len()];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&head), established);
    stream.write_all(b"ping").await.unwrap();
    let mut pong = [0; 4];
    stream.read_exact(&mut pong).await.unwrap();
    assert_eq!((&pong, got.recv().await.as_deref()), (b"pong", Some("ping")));
}

#[tokio::test]
async fn an_answer_beyond_the_cap_is_cut() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
            });
        }
    });
    let mut policy = Policy::allowing([Target::new("127.0.0.1", port)]);
    policy.limits.down_bytes = 100_000;
    let proxy = proxy(policy).await;
    let answer = get(&proxy, &format!("http://127.0.0.1:{port}/")).await;
    assert!(answer.len() < 102_000, "{}", answer.len());
}

#[tokio::test]
async fn a_silent_server_does_not_hold_an_exchange_for_ever() {
    let (port, _got) = server("").await;
    let mut policy = Policy::allowing([Target::new("127.0.0.1", port)]);
    policy.limits.idle = Duration::from_millis(200);
    let proxy = proxy(policy).await;
    let answer = get(&proxy, &format!("http://127.0.0.1:{port}/")).await;
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
}

#[tokio::test]
async fn too_many_exchanges_are_answered_busy() {
    let mut policy = Policy::default();
    policy.limits.connections = 1;
    let proxy = proxy(policy).await;
    let _waiting = TcpStream::connect(proxy.tcp_address()).await.unwrap();
    // The first client is accepted before the second, because the listener is one queue.
    let answer = talk(&proxy, "").await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
}

#[tokio::test]
async fn sockets_of_killed_processes_are_swept_at_the_next_start() {
    let stale = std::env::temp_dir().join(format!("magpie-egress-stale-{}", std::process::id()));
    std::fs::create_dir_all(&stale).unwrap();
    drop(std::os::unix::net::UnixListener::bind(stale.join("proxy.sock")).unwrap());
    let living = proxy(Policy::default()).await;
    let another = proxy(Policy::default()).await;
    assert!(!stale.exists());
    assert!(living.unix_path().exists() && another.unix_path().exists());
}

#[tokio::test]
async fn a_refusal_is_remembered_with_its_host_and_reason() {
    let proxy = proxy(Policy::default()).await;
    assert_eq!(proxy.refused("loop.example"), None);
    talk(&proxy, "CONNECT Loop.Example:443 HTTP/1.1\r\n\r\n").await;
    get(&proxy, "http://update.googleapis.com/").await;
    assert_eq!(proxy.refused("loop.example"), Some(egress::Refusal::Address));
    assert_eq!(proxy.refusals().of("UPDATE.googleapis.com"), Some(egress::Refusal::Name));
    // A server that is down is no refusal.
    talk(&proxy, "CONNECT empty.example:443 HTTP/1.1\r\n\r\n").await;
    assert_eq!(proxy.refused("empty.example"), None);
}

#[tokio::test]
async fn a_body_that_ends_with_its_connection_is_sent_on_in_chunks_with_an_end_of_their_own() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        for reset in [false, true] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nhello").await.unwrap();
            if reset {
                stream.set_zero_linger().unwrap();
            }
        }
    });
    let proxy = proxy(Policy::allowing([Target::new("127.0.0.1", port)])).await;
    let url = format!("http://127.0.0.1:{port}/");
    let whole = get(&proxy, &url).await;
    assert!(whole.contains("Transfer-Encoding: chunked\r\n"), "{whole}");
    assert!(whole.ends_with("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), "{whole}");
    let cut = get(&proxy, &url).await;
    assert!(!cut.ends_with("0\r\n\r\n"), "{cut}");
}

#[tokio::test]
async fn everything_goes_through_the_proxy_behind_us_to_the_judged_address() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = server.local_addr().unwrap().port();
    let answering = tokio::spawn(async move {
        let (mut stream, _) = server.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.unwrap();
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    let behind = proxy(Policy::allowing([Target::new("127.0.0.1", port)])).await;
    let upstream = egress::Upstream::parse(&format!("http://me:secret@{}", behind.tcp_address()));
    let front = proxy(Policy {
        upstream: Some(upstream.unwrap()),
        ..Policy::allowing([Target::new("demo.example", port)])
    })
    .await;
    let answer = get(&front, &format!("http://demo.example:{port}/a")).await;
    assert!(answer.ends_with("hello"), "{answer}");
    let request = answering.await.unwrap();
    assert!(request.starts_with("GET /a "), "{request}");
    assert!(!request.contains("secret") && !request.to_lowercase().contains("proxy-auth"));
    assert_eq!((behind.stats().allowed, front.upstream_failures()), (1, 0));

    // What our rules forbid does not even reach it.
    let refused = get(&front, "http://mixed.example/").await;
    assert!(refused.contains(" 403 "), "{refused}");
    assert_eq!(behind.stats().allowed + behind.stats().refused(), 1);
}

#[tokio::test]
async fn a_proxy_behind_us_that_is_dead_or_refuses_is_told_apart_from_the_site() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let strict = proxy(Policy::default()).await;
    for upstream in [nobody.to_string(), strict.tcp_address().to_string()] {
        let upstream = egress::Upstream::parse(&format!("http://{upstream}")).unwrap();
        let policy = Policy {
            upstream: Some(upstream),
            ..Policy::allowing([Target::new("demo.example", 9)])
        };
        let front = proxy(policy).await;
        for failures in 1..=2 {
            let answer = get(&front, "http://demo.example:9/").await;
            assert!(answer.contains(" 502 ") && answer.contains("upstream"), "{answer}");
            assert_eq!(front.upstream_failures(), failures);
        }
    }
}
