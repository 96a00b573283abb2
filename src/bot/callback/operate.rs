//! What the buttons of the operator panel about sites, broadcasts and orders mean.
//!
//! ```text
//! sites    Shows the sites.
//! ```

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperateButton {
    /// Shows the sites.
    Sites,
}

impl OperateButton {
    /// What it carries: letters, digits and `-`, at most 46.
    pub fn encode(&self) -> String {
        match self {
            Self::Sites => "sites".to_owned(),
        }
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(argument: &str) -> Option<Self> {
        match argument {
            "sites" => Some(Self::Sites),
            _ => None,
        }
    }
}
