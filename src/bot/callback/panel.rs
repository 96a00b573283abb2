//! What the buttons of the operator panel about people, plans and figures mean.
//!
//! ```text
//! home     Shows the panel.
//! ```

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PanelButton {
    /// Shows the panel.
    Home,
}

impl PanelButton {
    /// What it carries: letters, digits and `-`, at most 46.
    pub fn encode(&self) -> String {
        match self {
            Self::Home => "home".to_owned(),
        }
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(argument: &str) -> Option<Self> {
        match argument {
            "home" => Some(Self::Home),
            _ => None,
        }
    }
}
