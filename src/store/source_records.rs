//! What operators ask of sources.

/// Which sources to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceFilter {
    /// Only of this site.
    pub site: Option<String>,
    /// Only those offered to everybody.
    pub offered: bool,
}

/// An operator's hand on a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceOrder {
    /// Stop scraping it.
    Pause,
    /// Go on.
    Resume,
    /// It is due now.
    RunNow,
    /// Forget it, with its watches.
    Remove,
}
