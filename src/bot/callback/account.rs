//! What the buttons of plans and the balance mean.
//!
//! ```text
//! balance  Shows the balance.
//! ```

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountButton {
    /// Shows the balance.
    Balance,
}

impl AccountButton {
    /// What it carries: letters, digits and `-`, at most 46.
    pub fn encode(&self) -> String {
        match self {
            Self::Balance => "balance".to_owned(),
        }
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(argument: &str) -> Option<Self> {
        match argument {
            "balance" => Some(Self::Balance),
            _ => None,
        }
    }
}
