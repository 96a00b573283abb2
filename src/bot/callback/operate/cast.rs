//! The steps of a broadcast.
//!
//! ```text
//! c card   m<language> its message   k buttons  K none   v preview   a audience  g by language  f<readers>
//! y send now?   w later?   Y<minute>_<count> send   s stop   u go on   x forget?  X forget
//! ```

use super::{alone, letter, step};
use crate::domain::Language;

/// What is done with a broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CastStep {
    /// Its card.
    Card,
    /// Asks for its message in a language.
    Message(Language),
    /// Asks for its buttons.
    Buttons,
    /// It has no buttons.
    NoButtons,
    /// Copies of it to the operator.
    Preview,
    /// Asks whom it is for.
    Audience,
    /// Asks for a language of its readers.
    ByLanguage,
    /// Whom it is for.
    For(Readers),
    /// Asks before it is sent now.
    Send,
    /// Asks when it is to be sent.
    Later,
    /// Sends it, not before this minute since 1970 (0: now), if its audience has so many.
    Start {
        /// Not before.
        minute: u32,
        /// How many there were when it was asked.
        count: u32,
    },
    /// Stops it.
    Stop,
    /// It goes on.
    Resume,
    /// Asks before [`Self::Forget`].
    AskForget,
    /// Forgets a draft.
    Forget,
}

/// Whom a broadcast is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Everybody.
    All,
    /// Readers of a language.
    Language(Language),
    /// Those with a plan.
    WithPlan,
    /// Those without one.
    WithoutPlan,
    /// Those who have said something within 30 days.
    Active,
}

pub(super) const PLAIN_STEPS: [(char, CastStep); 12] = [
    ('c', CastStep::Card),
    ('k', CastStep::Buttons),
    ('K', CastStep::NoButtons),
    ('v', CastStep::Preview),
    ('a', CastStep::Audience),
    ('g', CastStep::ByLanguage),
    ('y', CastStep::Send),
    ('w', CastStep::Later),
    ('s', CastStep::Stop),
    ('u', CastStep::Resume),
    ('x', CastStep::AskForget),
    ('X', CastStep::Forget),
];

pub(super) const READERS: [(char, Readers); 4] = [
    ('A', Readers::All),
    ('P', Readers::WithPlan),
    ('W', Readers::WithoutPlan),
    ('D', Readers::Active),
];

fn language_letter(language: Language) -> char {
    match language {
        Language::En => '1',
        Language::Ru => '2',
        Language::Uk => '3',
    }
}

fn language(letter: &str) -> Option<Language> {
    let fits = |one: &Language| letter.strip_prefix(language_letter(*one)) == Some("");
    Language::ALL.into_iter().find(fits)
}

impl CastStep {
    /// Letters and digits, with a `_` between two numbers.
    pub(super) fn encode(self) -> String {
        match self {
            Self::Message(language) => format!("m{}", language_letter(language)),
            Self::For(Readers::Language(language)) => format!("f{}", language_letter(language)),
            Self::For(readers) => format!("f{}", letter(&READERS, readers).unwrap_or('A')),
            Self::Start { minute, count } => format!("Y{}_{}", base36(minute), base36(count)),
            plain => letter(&PLAIN_STEPS, plain).unwrap_or('c').to_string(),
        }
    }

    /// Reads what [`Self::encode`] wrote.
    pub(super) fn decode(word: &str) -> Option<Self> {
        let mut letters = word.chars();
        let (first, rest) = (letters.next()?, letters.as_str());
        match first {
            'm' => Some(Self::Message(language(rest)?)),
            'f' => match language(rest) {
                Some(language) => Some(Self::For(Readers::Language(language))),
                None => Some(Self::For(alone(rest).and_then(|one| step(&READERS, one))?)),
            },
            'Y' => {
                let (minute, count) = rest.split_once('_')?;
                Some(Self::Start { minute: from_base36(minute)?, count: from_base36(count)? })
            }
            _ => step(&PLAIN_STEPS, alone(word)?),
        }
    }
}

fn base36(mut number: u32) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit(number % 36, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return digits.iter().rev().collect();
        }
    }
}

fn from_base36(text: &str) -> Option<u32> {
    let legal = |b: u8| b.is_ascii_digit() || b.is_ascii_lowercase();
    (!text.is_empty() && text.bytes().all(legal)).then(|| u32::from_str_radix(text, 36).ok())?
}
