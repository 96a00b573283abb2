//! How an update ended.

use crate::bot::decide::Answer;

/// How an update ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    /// Committed.
    Applied,
    /// Committed before: nothing changed.
    Repeat,
    /// Nothing for us.
    Ignored,
    /// The person had no right to do that: nothing changed.
    Refused,
    /// The person asks too much: nothing changed.
    Limited,
    /// Kept for people to look at.
    Poison,
    /// Not committed: it must come again.
    Unavailable,
}

impl Handled {
    /// The metric label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Repeat => "repeat",
            Self::Ignored => "ignored",
            Self::Refused => "refused",
            Self::Limited => "limited",
            Self::Poison => "poison",
            Self::Unavailable => "unavailable",
        }
    }

    /// Whether Telegram may forget the update.
    pub fn is_done(self) -> bool {
        self != Self::Unavailable
    }
}

/// How an update ended, and the answer to a press that is still to be given: in the answer to Telegram's own call, or by
/// a call of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub handled: Handled,
    /// Ends the spinner. Losing it is harmless.
    pub answer: Option<Answer>,
    /// The answer is worth no call of its own.
    pub is_cheap: bool,
}

impl From<Handled> for Outcome {
    fn from(handled: Handled) -> Self {
        Self::answering(handled, None)
    }
}

impl Outcome {
    pub(super) fn answering(handled: Handled, answer: Option<Answer>) -> Self {
        Self { handled, answer, is_cheap: false }
    }
}
