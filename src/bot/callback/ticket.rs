//! What the buttons of support mean.
//!
//! ```text
//! ask      Shows what support is.
//! ```

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketButton {
    /// Shows what support is.
    Ask,
}

impl TicketButton {
    /// What it carries: letters, digits and `-`, at most 46.
    pub fn encode(&self) -> String {
        match self {
            Self::Ask => "ask".to_owned(),
        }
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(argument: &str) -> Option<Self> {
        match argument {
            "ask" => Some(Self::Ask),
            _ => None,
        }
    }
}
