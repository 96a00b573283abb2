//! A site module, compiled: placeholder of the agreed outward shape.

/// How a page of the site is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Render {
    /// Plain HTTP.
    Http,
    /// In a browser.
    Browser,
    /// Learned.
    Auto,
}

/// Rules for fetching.
#[derive(Debug, Clone)]
pub struct FetchRules {
    /// See [`Render`].
    pub render: Render,
    /// Selector to wait for.
    pub wait_for: Option<String>,
    /// Gap between two requests.
    pub gap: Option<std::time::Duration>,
}

/// A site module.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its id.
    pub id: String,
    /// Fetch rules.
    pub fetch: FetchRules,
}
