//! What the buttons of sharing mean.
//!
//! ```text
//! a<watch id>    shows the link of a watch; it is shared from then on
//! e<watch id>    ends the sharing
//! t<token>       makes a watch like the shared one
//! n              makes none
//! ```

use crate::domain::WatchId;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShareButton {
    /// Shows the link of a watch.
    Ask(WatchId),
    /// Ends the sharing of a watch.
    Stop(WatchId),
    /// Makes a watch like the shared one.
    Take(String),
    /// Makes none.
    Decline,
}

impl ShareButton {
    /// What it carries: letters, digits and `-`, at most 46.
    pub fn encode(&self) -> String {
        match self {
            Self::Ask(watch) => format!("a{watch}"),
            Self::Stop(watch) => format!("e{watch}"),
            Self::Take(token) => format!("t{token}"),
            Self::Decline => "n".to_owned(),
        }
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(argument: &str) -> Option<Self> {
        if argument == "n" {
            return Some(Self::Decline);
        }
        let letter = argument.chars().next()?;
        let id = argument.strip_prefix(letter).filter(|id| !id.is_empty())?.to_owned();
        match letter {
            'a' => Some(Self::Ask(WatchId(id))),
            'e' => Some(Self::Stop(WatchId(id))),
            't' => Some(Self::Take(id)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_carries_comes_back() {
        let watch = || WatchId("a1-b_2".into());
        for button in [
            ShareButton::Ask(watch()),
            ShareButton::Stop(watch()),
            ShareButton::Take("0f".repeat(16)),
            ShareButton::Decline,
        ] {
            assert_eq!(ShareButton::decode(&button.encode()), Some(button));
        }
        for other in ["", "a", "x1", "nn", "ы"] {
            assert_eq!(ShareButton::decode(other), None, "{other}");
        }
    }
}
