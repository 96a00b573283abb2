//! What the buttons of sharing mean.
//!
//! ```text
//! ask      Shows the link of a watch.
//! ```

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShareButton {
    /// Shows the link of a watch.
    Ask,
}

impl ShareButton {
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
