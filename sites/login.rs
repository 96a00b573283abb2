//! How to log in at a site: steps as data.
//!
//! ```toml
//! [login]
//! steps = [
//!     { goto = "https://example.com/login" },
//!     { fill = "input[name=email]", with = "user" },
//!     { fill = "input[name=password]", with = "password" },
//!     { click = "button[type=submit]" },
//!     { wait = "a.logout" },
//! ]
//! check = { url = "https://example.com/account", shows = "a.logout" }
//! lasts = "12h"
//! early = "30m"
//! ```
//!
//! `with` names a secret of the site; its value is the operator's and never stands in a module. There is no step
//! for captchas on purpose: where a site asks for one, a person logs in.

use std::time::Duration;

use url::Url;

/// The rules of `[login]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// How to see that a session still holds before it is used; without it a session is trusted until it ends.
    pub check: Option<SessionCheck>,
    /// How long a session holds; without it, until its cookies expire.
    pub lasts: Option<Duration>,
    /// How long before its end a session is renewed.
    pub early: Duration,
}

/// One step of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Opens a page.
    Goto(Url),
    /// Types a secret into a field.
    Fill {
        /// CSS selector of the field.
        selector: String,
        /// Name of the secret.
        with: String,
    },
    /// Presses something.
    Click(String),
    /// Waits until something is there.
    Wait(String),
}

/// A page that looks different to those who are logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCheck {
    /// Its address.
    pub url: Url,
    /// CSS selector of what only they see.
    pub shows: String,
}

impl Login {
    /// The names of the secrets that the steps need, each once.
    pub fn secrets(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::Fill { with, .. } => Some(with.as_str()),
                _ => None,
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
