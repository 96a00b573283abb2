//! Logging in: a few steps in a fresh session, whose state is the result.
//!
//! ```text
//! fresh context → tab → for each step: goto | wait for a field, focus, type | wait, press | wait
//!               → cookies of the context, local storage of the last origin → context thrown away
//! ```
//!
//! Text is typed and buttons are pressed by input events, as a person's are, because forms listen to those. What
//! is typed never stands in a script, an error or a log.

use std::fmt;
use std::time::Duration;

use chromiumoxide::Page;
use chromiumoxide::cdp::browser_protocol::input::{
    DispatchMouseEventParams, DispatchMouseEventType, InsertTextParams, MouseButton,
};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::page::{PageError, PageRequest, Stage};
use crate::script::{self, Ran};
use crate::state::{OriginStorage, READ_STORAGE, STORAGE_LIMIT};
use crate::visit::{self, call_error};
use crate::watch::Watch;

/// One step of a login.
#[derive(Clone)]
pub enum LoginStep {
    /// Opens a page.
    Goto(Url),
    /// Types into a field.
    Fill {
        /// CSS selector of the field.
        selector: String,
        /// What is typed; a secret.
        value: String,
    },
    /// Presses something.
    Click(String),
    /// Waits until something is there.
    Wait(String),
}

impl fmt::Debug for LoginStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for LoginStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Goto(url) => write!(f, "goto {}", url.host_str().unwrap_or_default()),
            Self::Fill { selector, .. } => write!(f, "fill {selector}"),
            Self::Click(selector) => write!(f, "click {selector}"),
            Self::Wait(selector) => write!(f, "wait {selector}"),
        }
    }
}

/// A login to be made.
#[derive(Debug, Clone)]
pub struct LoginRequest {
    /// What to do, in order.
    pub steps: Vec<LoginStep>,
    /// Name of another way out (see [`crate::Options::identities`]).
    pub proxy: Option<String>,
    /// Time for everything.
    pub deadline: Duration,
}

/// A login that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("step {step} ({what}): {error}")]
pub struct LoginFailure {
    /// Which step, from 1; 0: before the first.
    pub step: usize,
    /// The step, without what is typed.
    pub what: String,
    /// Why.
    pub error: PageError,
}

/// Does the steps; answers the local storage of the page at the end.
pub(crate) async fn run(
    page: &Page,
    watch: &mut Watch,
    steps: &[LoginStep],
    deadline: Instant,
) -> Result<Option<OriginStorage>, LoginFailure> {
    for (at, step) in steps.iter().enumerate() {
        let done = timeout_at(deadline, one(page, watch, step, deadline)).await;
        let done = done.unwrap_or(Err(PageError::Timeout { stage: Stage::WaitFor }));
        done.map_err(|error| LoginFailure { step: at + 1, what: step.to_string(), error })?;
    }
    Ok(storage(page, watch, deadline).await)
}

async fn one(
    page: &Page,
    watch: &mut Watch,
    step: &LoginStep,
    deadline: Instant,
) -> Result<(), PageError> {
    match step {
        LoginStep::Goto(url) => {
            let request = PageRequest::new(url.clone(), "");
            visit::visit(page, watch, &request, deadline).await.map(|_| ())
        }
        LoginStep::Wait(selector) => {
            ask::<bool>(page, watch, &format!("{}(() => true)", wait_for(selector))).await?;
            Ok(())
        }
        LoginStep::Fill { selector, value } => {
            let focus = "(el) => { el.focus(); if (el.select) el.select(); return true; }";
            ask::<bool>(page, watch, &format!("{}({focus})", wait_for(selector))).await?;
            let typed = page.execute(InsertTextParams::new(value.as_str())).await;
            typed.map(|_| ()).map_err(|error| call_error(&error))
        }
        LoginStep::Click(selector) => {
            let place = "(el) => { el.scrollIntoView({block: 'center', behavior: 'instant'}); \
                 const box = el.getBoundingClientRect(); \
                 return {x: box.x + box.width / 2, y: box.y + box.height / 2}; }";
            let at: Place = ask(page, watch, &format!("{}({place})", wait_for(selector))).await?;
            press(page, &at).await
        }
    }
}

/// A function that answers what another one makes of the first element of `selector`, once there is one.
fn wait_for(selector: &str) -> String {
    let selector = Value::from(selector);
    format!(
        "((make) => new Promise((resolve) => {{ \
         const look = () => {{ const el = document.querySelector({selector}); \
         if (!el) return false; resolve(make(el)); return true; }}; \
         if (look()) return; \
         const observer = new MutationObserver(() => {{ if (look()) observer.disconnect(); }}); \
         observer.observe(document, {{childList: true, subtree: true, attributes: true}}); }}))"
    )
}

#[derive(Deserialize)]
struct Place {
    x: f64,
    y: f64,
}

async fn press(page: &Page, at: &Place) -> Result<(), PageError> {
    for kind in [DispatchMouseEventType::MousePressed, DispatchMouseEventType::MouseReleased] {
        let mut event = DispatchMouseEventParams::new(kind, at.x, at.y);
        event.button = Some(MouseButton::Left);
        event.click_count = Some(1);
        page.execute(event).await.map_err(|error| call_error(&error))?;
    }
    Ok(())
}

/// Evaluates an expression in our own world, also across navigations.
async fn ask<T: serde::de::DeserializeOwned>(
    page: &Page,
    watch: &mut Watch,
    expression: &str,
) -> Result<T, PageError> {
    let ran: Ran =
        visit::evaluate_watched(page, watch, script::run(expression, STORAGE_LIMIT)).await?;
    let json = ran.json.ok_or(PageError::TooBig(ran.size))?;
    serde_json::from_str(&json).map_err(|error| PageError::Script(error.to_string()))
}

/// The local storage of the present page; a page that forbids it has none.
pub(crate) async fn storage(
    page: &Page,
    watch: &mut Watch,
    deadline: Instant,
) -> Option<OriginStorage> {
    let asked = timeout_at(deadline, ask::<OriginStorage>(page, watch, READ_STORAGE)).await;
    asked.ok()?.ok().filter(|storage| !storage.items.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_never_shown() {
        let step = LoginStep::Fill { selector: "#pass".into(), value: "canary".into() };
        let request =
            LoginRequest { steps: vec![step.clone()], proxy: None, deadline: Duration::ZERO };
        for shown in [format!("{step}"), format!("{step:?}"), format!("{request:?}")] {
            assert!(shown.contains("#pass") && !shown.contains("canary"), "{shown}");
        }
    }
}
