//! Loads a page through the egress proxy and prints what came of it.
//!
//! `page URL [REPEATS] [SELECTOR] [fresh]`; loopback targets are allowed, `fresh` makes a new
//! session for each page, and `SANDBOX=auto` goes on where Chromium's sandbox cannot. It is also the smallest program
//! that can use the package: one executable which is its own guard.

use std::process::ExitCode;
use std::time::Duration;

use browser::{Browser, Options, PageRequest, ProxyEndpoint, ResourceKind};
use egress::{Policy, Proxy, Target};
use url::Url;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1).peekable();
    if args.next_if(|word| word == browser::guard::SUBCOMMAND).is_some() {
        return browser::guard::main(args);
    }
    let words: Vec<String> = args.filter_map(|word| word.into_string().ok()).collect();
    let Some(Ok(url)) = words.first().map(|word| Url::parse(word)) else {
        println!("usage: page URL [REPEATS] [SELECTOR]");
        return ExitCode::from(2);
    };
    let repeats = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(1);
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => {
            runtime.block_on(load(&url, repeats, words.get(2).cloned(), words.len() > 3))
        }
        Err(_) => ExitCode::FAILURE,
    }
}

async fn load(url: &Url, repeats: u32, selector: Option<String>, fresh: bool) -> ExitCode {
    let target = Target::new(
        url.host_str().unwrap_or_default(),
        url.port_or_known_default().unwrap_or_default(),
    );
    let Ok(proxy) = Proxy::start(Policy::allowing([target])).await else {
        return ExitCode::FAILURE;
    };
    let endpoint = ProxyEndpoint { tcp: proxy.tcp_address(), unix: Some(proxy.unix_path()) };
    let mut options = Options { proxy: Some(endpoint), ..Options::default() };
    if let Some(work_dir) = std::env::var_os("WORK_DIR") {
        options.work_dir = work_dir.into();
    }
    if std::env::var("SANDBOX").as_deref() == Ok("auto") {
        options.chromium_sandbox = browser::SandboxMode::Auto;
    }
    let browser = Browser::new(options);
    println!("{:?}", browser.self_test().await);
    let mut code = ExitCode::SUCCESS;
    for nth in 0..repeats {
        let session = if fresh { nth.to_string() } else { "example".to_owned() };
        let mut request = PageRequest::new(url.clone(), session);
        request.wait_for.clone_from(&selector);
        request.block = vec![ResourceKind::Image, ResourceKind::Font, ResourceKind::Media];
        request.deadline = Duration::from_secs(30);
        match browser.fetch(request).await {
            Ok(page) => println!(
                "{:?} {} {} bytes, {:?}, {} requests, {} blocked",
                page.status,
                page.final_url,
                page.html.len(),
                page.elapsed,
                page.requests,
                page.blocked
            ),
            Err(error) => {
                println!("{error}");
                code = ExitCode::FAILURE;
            }
        }
    }
    println!("{:?} {:?}", browser.stats(), proxy.stats());
    browser.close().await;
    proxy.stop().await;
    code
}
