//! What buttons carry: a closed codec of at most 64 bytes (api "InlineKeyboardButton").
//!
//! ```text
//! 1:w:<source id>:<owner>    watch this search
//! 1:l:<watch id>:<owner>     leave this watch
//! 1:g:<language>:<owner>     speak this language
//! 1:s:<page>:<owner>         show the offered searches
//! 1:m:<page>:<owner>         show my watches
//! 1:q:<setting>:<owner>      show or change how this chat is told, see [`super::setting`]
//! ```
//!
//! The first field is the version of the shape, the last one the person for whom the menu was made (base 36).
//! Ids are no secrets: whoever presses must be that person, and the record checks the owner of a watch again.

use super::setting::Setting;
use crate::domain::{Language, SourceId, UserId, WatchId};

/// What a button means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callback {
    /// Watch a search.
    Watch(SourceId),
    /// Leave a watch.
    Leave(WatchId),
    /// Choose a language.
    Speak(Language),
    /// Show a page of the offered searches, from 0.
    Searches(usize),
    /// Show a page of one's own watches, from 0.
    Watches(usize),
    /// Show or change how this chat is told.
    Settings(Setting),
}

/// A button: what it means and for whom it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressed {
    /// What it means.
    pub callback: Callback,
    /// For whom it was made.
    pub owner: UserId,
}

const VERSION: &str = "1";
/// Longest id that fits beside the other fields.
const LONGEST_ID: usize = 46;

impl Callback {
    /// The data of a button made for `owner`; `None` if an id is too long or has a foreign character (such a
    /// button could never be pressed, so it is not shown).
    pub fn encode(&self, owner: UserId) -> Option<String> {
        let (letter, argument) = match self {
            Self::Watch(source) => ('w', source.as_str().to_owned()),
            Self::Leave(watch) => ('l', watch.as_str().to_owned()),
            Self::Speak(language) => ('g', language.code().to_owned()),
            Self::Searches(page) => ('s', page.to_string()),
            Self::Watches(page) => ('m', page.to_string()),
            Self::Settings(setting) => ('q', setting.encode()),
        };
        let owner = base36(u64::try_from(owner.0).ok()?);
        is_id(&argument).then(|| format!("{VERSION}:{letter}:{argument}:{owner}"))
    }
}

impl Pressed {
    /// Reads the data of a button; `None` for anything that this version did not make.
    pub fn decode(data: &str) -> Option<Self> {
        let mut fields = data.split(':');
        let (version, letter, argument, owner) =
            (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        if version != VERSION || fields.next().is_some() || !is_id(argument) {
            return None;
        }
        let callback = match letter {
            "w" => Callback::Watch(SourceId(argument.to_owned())),
            "l" => Callback::Leave(WatchId(argument.to_owned())),
            "g" => Callback::Speak(Language::ALL.into_iter().find(|l| l.code() == argument)?),
            "s" => Callback::Searches(page(argument)?),
            "m" => Callback::Watches(page(argument)?),
            "q" => Callback::Settings(Setting::decode(argument)?),
            _ => return None,
        };
        let canonical = owner.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
        let id = i64::from_str_radix(owner, 36).ok().filter(|_| canonical)?;
        Some(Self { callback, owner: UserId(id) })
    }
}

fn page(argument: &str) -> Option<usize> {
    argument.bytes().all(|b| b.is_ascii_digit()).then(|| argument.parse().ok())?
}

fn is_id(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(legal)
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % 36).unwrap_or(0);
        digits.push(char::from_digit(digit, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return digits.iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_callback() -> impl Strategy<Value = Callback> {
        prop_oneof![
            "[0-9a-f]{32}".prop_map(|id| Callback::Watch(SourceId(id))),
            "[0-9a-zA-Z_-]{1,46}".prop_map(|id| Callback::Leave(WatchId(id))),
            prop::sample::select(&Language::ALL[..]).prop_map(Callback::Speak),
            (0usize..100_000).prop_map(Callback::Searches),
            (0usize..100_000).prop_map(Callback::Watches),
        ]
    }

    proptest! {
        #[test]
        fn what_a_button_carries_comes_back(callback in any_callback(), user in 0i64..(1 << 52)) {
            let owner = UserId(user);
            let data = callback.encode(owner).expect("it fits");
            prop_assert!(data.len() <= 64, "{} bytes", data.len());
            prop_assert_eq!(Pressed::decode(&data), Some(Pressed { callback, owner }));
        }

        #[test]
        fn any_other_data_means_nothing(data in ".{0,70}") {
            if let Some(pressed) = Pressed::decode(&data) {
                let again = pressed.callback.encode(pressed.owner).expect("it fits");
                prop_assert_eq!(Pressed::decode(&again), Some(pressed));
            }
        }
    }

    #[test]
    fn old_and_broken_data_is_refused() {
        let broken = [
            "",
            "1",
            "0:s:0:b",
            "2:s:0:b",
            "1:x:0:b",
            "1:s:-1:b",
            "1:s:0:b:c",
            "1:s:0:",
            "1:s:0",
            "1:g:de:b",
            "1:l::b",
            "1:l:a b:b",
            "1:s:0:B",
            "1:s:0:-b",
            "1:s:0:zzzzzzzzzzzzzzzzzz",
        ];
        for data in broken {
            assert_eq!(Pressed::decode(data), None, "{data}");
        }
    }

    #[test]
    fn an_id_that_does_not_fit_makes_no_button() {
        assert_eq!(Callback::Leave(WatchId("x".repeat(47))).encode(UserId(1)), None);
        assert_eq!(Callback::Leave(WatchId("a:b".into())).encode(UserId(1)), None);
    }
}
