//! The browser rung: a page whose listings come from an XHR after load, rendered one after another and four
//! at once.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use browser::{Browser, PageRequest};
use url::Url;

use super::world::World;
use super::{Figure, tree};

const PAGES: usize = 60;

pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let world = World::start().await?;
    let address = world.sandbox.address();
    let allow = [egress::Target::new(address.ip().to_string(), address.port())];
    let proxy = egress::Proxy::start(egress::Policy::allowing(allow)).await?;
    let options = browser::Options {
        proxy: Some(browser::ProxyEndpoint {
            tcp: proxy.tcp_address(),
            unix: Some(proxy.unix_path()),
        }),
        guard: std::env::current_exe()?,
        work_dir: PathBuf::from(world.folder.path()),
        ..browser::Options::default()
    };
    let browser = Browser::new(options);
    let url: Url = format!("{}/demo/homes", world.sandbox.url()).parse()?;
    let request = || PageRequest {
        wait_for: Some("article.home".to_owned()),
        deadline: Duration::from_secs(20),
        ..PageRequest::new(url.clone(), "bench")
    };
    let begin = Instant::now();
    browser.fetch(request()).await?;
    let first = begin.elapsed().as_secs_f64();
    let before = tree::cpu_seconds(std::process::id());
    let begin = Instant::now();
    for _ in 0..PAGES {
        browser.fetch(request()).await?;
    }
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    let count = PAGES as f64;
    let one = count / begin.elapsed().as_secs_f64();
    let cpu = (tree::cpu_seconds(std::process::id()) - before) * 1000.0 / count;
    let begin = Instant::now();
    let lanes = (0..4).map(|_| async {
        for _ in 0..PAGES / 4 {
            browser.fetch(request()).await?;
        }
        anyhow::Ok(())
    });
    for lane in futures_util::future::join_all(lanes).await {
        lane?;
    }
    let four = count / begin.elapsed().as_secs_f64();
    browser.close().await;
    proxy.stop().await;
    let how = "30 offers by XHR after load; Chromium, our code and the page's server together";
    Ok(vec![
        Figure::new("first page of a fresh browser", first * 1000.0, "ms", "launch included"),
        Figure::new("CPU of a rendered page", cpu, "ms", how),
        Figure::new("rendered pages, one at a time", one, "per second", "one context kept"),
        Figure::new("rendered pages, four at once", four, "per second", "one session, four pages"),
    ])
}
