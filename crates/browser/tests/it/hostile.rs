//! A page that tries every road to this machine's own network. None may arrive.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::Path;
use axum::response::Html;
use browser::{JailMode, PageError};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use crate::world::{World, holds_within};

/// Tries all roads to the canary, then says how many it has tried.
pub(crate) async fn page(Path(port): Path<u16>) -> Html<String> {
    Html(PAGE.replace("PORT", &port.to_string()))
}

const PAGE: &str = r#"<!doctype html><body><script>
const tried = [];
const attempt = (name, road) => { tried.push(name); try { road(); } catch (error) {} };
const add = (kind, at) => { const e = document.createElement(kind); Object.assign(e, at); document.body.append(e); };
attempt('image by address', () => add('img', {src: 'http://127.0.0.1:PORT/image'}));
attempt('image by name', () => add('img', {src: 'http://localhost:PORT/image'}));
attempt('image by link-local', () => add('img', {src: 'http://169.254.169.254:PORT/image'}));
attempt('fetch', () => fetch('http://127.0.0.1:PORT/fetch', {mode: 'no-cors'}).catch(() => 0));
attempt('mapped frame', () => add('iframe', {src: 'http://[::ffff:127.0.0.1]:PORT/frame'}));
attempt('loopback v6', () => add('iframe', {src: 'http://[::1]:PORT/frame'}));
attempt('decimal frame', () => add('iframe', {src: 'http://2130706433:PORT/frame'}));
attempt('redirect', () => add('iframe', {src: '/to-canary/PORT'}));
attempt('rebound name', () => add('img', {src: 'http://localtest.me:PORT/image'}));
attempt('beacon', () => navigator.sendBeacon('http://127.0.0.1:PORT/beacon', 'x'));
attempt('event source', () => new EventSource('http://127.0.0.1:PORT/events'));
attempt('socket', () => new WebSocket('ws://127.0.0.1:PORT/socket'));
attempt('socket by name', () => new WebSocket('ws://localhost:PORT/socket'));
attempt('prefetch', () => add('link', {rel: 'prefetch', href: 'http://127.0.0.1:PORT/prefetch'}));
attempt('preconnect', () => add('link', {rel: 'preconnect', href: 'http://127.0.0.1:PORT'}));
attempt('form', () => { add('form', {action: 'http://127.0.0.1:PORT/form', target: '_blank'}); document.forms[0].submit(); });
attempt('peer', () => {
  const peer = new RTCPeerConnection({iceServers: [
    {urls: 'stun:127.0.0.1:PORT'},
    {urls: 'turn:127.0.0.1:PORT?transport=tcp', username: 'u', credential: 'p'},
    {urls: 'turn:127.0.0.1:PORT?transport=udp', username: 'u', credential: 'p'}]});
  peer.createDataChannel('x');
  peer.createOffer().then(offer => peer.setLocalDescription(offer));
});
setTimeout(() => { document.body.innerHTML = '<p id=done>' + tried.length + ' tried</p>'; }, 2500);
</script>"#;

/// Counts everything that arrives by TCP or UDP.
struct Canary {
    port: u16,
    hits: Arc<AtomicUsize>,
}

impl Canary {
    async fn start() -> Canary {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = tcp.local_addr().unwrap().port();
        let udp = UdpSocket::bind(("127.0.0.1", port)).await.unwrap();
        let hits = Arc::new(AtomicUsize::new(0));
        let (by_tcp, by_udp) = (hits.clone(), hits.clone());
        tokio::spawn(async move {
            while tcp.accept().await.is_ok() {
                by_tcp.fetch_add(1, Ordering::SeqCst);
            }
        });
        tokio::spawn(async move {
            let mut bytes = [0; 2048];
            while udp.recv(&mut bytes).await.is_ok() {
                by_udp.fetch_add(1, Ordering::SeqCst);
            }
        });
        Canary { port, hits }
    }

    fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    /// The canary is alive: what does arrive is counted.
    async fn sings(&self) {
        let before = self.hits();
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        udp.send_to(b"x", ("127.0.0.1", self.port)).await.unwrap();
        assert!(holds_within(Duration::from_secs(5), || self.hits() == before + 2).await);
    }
}

async fn no_road_leads_in(jail: JailMode) {
    let canary = Canary::start().await;
    let port = canary.port;
    let world = World::with(
        |options| options.jail = jail,
        // The port is open, so that only the judgement of addresses stands in the way.
        |policy| policy.ports.push(port),
    );
    let Some(world) = world.await else { return };
    let mut request = world.request(&format!("/canary/{port}"));
    request.wait_for = Some("#done".to_owned());
    let page = world.browser.fetch(request).await.unwrap();
    assert!(page.html.contains("17 tried"), "{}", page.html);
    assert_eq!(canary.hits(), 0);
    let refused = world.proxy.stats().refused_address;
    assert!(refused >= 8, "only {refused} roads led to the proxy");

    // The page itself being sent there ends as a refusal, not as a page.
    let error = world.get(&format!("/to-canary/{port}")).await.unwrap_err();
    assert_eq!(error, PageError::Refused("address".to_owned()));
    assert_eq!(canary.hits(), 0);
    canary.sings().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_road_leads_from_a_page_in_the_jail_to_our_network() {
    no_road_leads_in(JailMode::Auto).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_road_leads_from_a_page_to_our_network_without_the_jail_either() {
    no_road_leads_in(JailMode::Off).await;
}
