//! What the buttons of a new watch mean; what was chosen so far is in the state of the conversation.
//!
//! ```text
//! begin    Begins a new watch.
//! ```

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WizardButton {
    /// Begins a new watch.
    Begin,
}

impl WizardButton {
    /// What it carries: letters, digits and `-`, at most 46.
    pub fn encode(&self) -> String {
        match self {
            Self::Begin => "begin".to_owned(),
        }
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(argument: &str) -> Option<Self> {
        match argument {
            "begin" => Some(Self::Begin),
            _ => None,
        }
    }
}
