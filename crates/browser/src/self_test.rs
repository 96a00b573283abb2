//! A page without network, to see that the browser works and that its walls stand.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;
use url::Url;

use crate::browser::Inner;
use crate::page::{PageError, PageRequest};
use crate::process;

/// Session of the self-test.
const SELF_TEST: &str = "self-test";

/// What a browser says about itself and the kernel about it.
#[derive(Debug, Clone, Serialize)]
pub struct SelfTest {
    /// Name and version, for example `HeadlessChrome/156.0.8078.79`.
    pub version: String,
    /// Process id of Chromium; absent for a remote browser.
    pub pid: Option<u32>,
    /// Whether it lives in a network namespace of its own.
    pub jailed: bool,
    /// Whether a renderer is inside Chromium's sandbox: seccomp filter on, no new privileges,
    /// no capabilities. Absent if there is no renderer to look at.
    pub renderer_sandboxed: Option<bool>,
    /// Whether a page with a script was rendered.
    pub rendered: bool,
    /// From nothing to the rendered page.
    pub elapsed: Duration,
}

impl Inner {
    pub(crate) async fn self_test(self: Arc<Inner>) -> Result<SelfTest, PageError> {
        let begun = Instant::now();
        let instance = self.instance().await?;
        let page = "data:text/html,<p id=a></p><script>\
                    document.getElementById('a').textContent = 6 * 7</script>";
        let url = Url::parse(page).map_err(|error| PageError::Script(error.to_string()))?;
        let request = PageRequest::new(url, SELF_TEST);
        let visited = instance.load(&request, begun + request.deadline).await?;
        let elapsed = begun.elapsed();
        let processes = instance.processes.as_ref();
        let renderer_sandboxed = processes.and_then(|p| renderer_sandboxed(p.chromium));
        instance.forget(SELF_TEST).await;
        let version = instance.client.version().await.map(|version| version.product);
        Ok(SelfTest {
            version: version.unwrap_or_else(|_| "unknown".to_owned()),
            pid: processes.map(|processes| processes.chromium),
            jailed: processes.is_some_and(|processes| processes.jailed),
            renderer_sandboxed,
            rendered: visited.html.contains("<p id=\"a\">42</p>"),
            elapsed,
        })
    }
}

/// Looks at the renderers below a browser: all of them must be inside the sandbox.
fn renderer_sandboxed(chromium: u32) -> Option<bool> {
    let is_renderer =
        |pid: &u32| process::command_line(*pid).iter().any(|word| word.contains("--type=renderer"));
    let inside = |pid: u32| {
        let is = |key: &str, value: &str| process::status(pid, key).as_deref() == Some(value);
        is("Seccomp", "2") && is("NoNewPrivs", "1") && is("CapEff", "0000000000000000")
    };
    let renderers: Vec<u32> =
        process::descendants(chromium).into_iter().filter(is_renderer).collect();
    (!renderers.is_empty()).then(|| renderers.into_iter().all(inside))
}
