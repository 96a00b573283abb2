//! What was chosen so far, and which step comes when. Pure data; stored with the conversation.
//!
//! ```text
//! Site ─► Kind ─► Place ─► Price ─► Words ─► Telling ─► Summary ─► saved
//!                   └─► Radius ─┘                        │  ▲
//! a pasted address ──────────────────────────────────────┘  │
//!                                               Change ─► any of Place, Price, Words, Telling, Name
//! ```
//!
//! A step with one answer only is not asked. Once the summary was seen, every step leads back to it.

use serde::{Deserialize, Serialize};
use sites::Kind;

use crate::domain::Filter;
use crate::domain::preferences::WatchTelling;

/// Where a draft is. Stored by name, so names are contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Which site, or all.
    #[default]
    Site,
    /// Which kind of things.
    Kind,
    /// Where.
    Place,
    /// How far around a point.
    Radius,
    /// For how much.
    Price,
    /// With which words.
    Words,
    /// How to be told.
    Telling,
    /// All of it, to be saved.
    Summary,
    /// What shall be changed.
    Change,
    /// What it is called.
    Name,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Site,
        Self::Kind,
        Self::Place,
        Self::Radius,
        Self::Price,
        Self::Words,
        Self::Telling,
        Self::Summary,
        Self::Change,
        Self::Name,
    ];

    /// Whether words answer it; elsewhere they are for support.
    pub fn asks_for_words(self) -> bool {
        matches!(self, Self::Place | Self::Radius | Self::Price | Self::Words | Self::Name)
    }

    /// Its letter on buttons.
    pub fn letter(self) -> char {
        match self {
            Self::Site => 's',
            Self::Kind => 'k',
            Self::Place => 'p',
            Self::Radius => 'r',
            Self::Price => 'm',
            Self::Words => 'w',
            Self::Telling => 't',
            Self::Summary => 'y',
            Self::Change => 'c',
            Self::Name => 'n',
        }
    }

    /// The step of a letter.
    pub fn of_letter(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| letter.chars().eq([step.letter()]))
    }
}

/// A search of a pasted address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Search {
    /// Id of the site module.
    pub site: String,
    /// Canonical address.
    pub url: String,
    /// What people call it.
    pub title: String,
    /// The address as it was pasted.
    pub pasted: String,
}

/// What was chosen so far. Stored as JSON: a field that is missing has its default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Where it is. `step` is the word of the conversation's own state.
    #[serde(rename = "at")]
    pub step: Step,
    /// The message that shows it, once that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<i64>,
    /// Searches of pasted addresses; empty in the wizard.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub searches: Vec<Search>,
    /// Id of the chosen site; `None` for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The chosen kind of things; `None` for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// What it wants.
    pub filter: Filter,
    /// How it is told.
    pub telling: WatchTelling,
    /// What the person calls it; without it, it is called by its wishes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The shared point whose radius is asked for: degrees north, degrees east.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<(f64, f64)>,
    /// The summary was seen: every step leads back to it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub seen: bool,
}

impl Draft {
    /// The same at another step.
    #[must_use]
    pub fn at(self, step: Step) -> Self {
        let seen = self.seen || step == Step::Summary;
        Self { step, seen, ..self }
    }

    /// The same one step further. The steps before [`Step::Place`] are chosen by what is on offer.
    #[must_use]
    pub fn further(self) -> Self {
        let next = match self.step {
            _ if self.seen => Step::Summary,
            Step::Site | Step::Kind => Step::Place,
            Step::Place | Step::Radius => Step::Price,
            Step::Price => Step::Words,
            Step::Words => Step::Telling,
            Step::Telling | Step::Summary | Step::Change | Step::Name => Step::Summary,
        };
        Self { point: None, ..self }.at(next)
    }

    /// The same one step back; `first` is the step before [`Step::Place`], if one is asked at all.
    #[must_use]
    pub fn back(self, first: Option<Step>) -> Self {
        let before = match self.step {
            Step::Change => Step::Summary,
            Step::Radius => Step::Place,
            Step::Summary => Step::Telling,
            _ if self.seen => Step::Change,
            Step::Site | Step::Kind => Step::Site,
            Step::Place => first.unwrap_or(Step::Place),
            Step::Price => Step::Place,
            Step::Words => Step::Price,
            Step::Telling => Step::Words,
            Step::Name => Step::Telling,
        };
        Self { point: None, ..self }.at(before)
    }

    /// The same without the wish of this step.
    #[must_use]
    pub fn without(mut self, step: Step) -> Self {
        let filter = &mut self.filter;
        match step {
            Step::Place | Step::Radius => filter.place = Default::default(),
            Step::Price => {
                (filter.min_price, filter.max_price, filter.currency) = (None, None, None);
            }
            Step::Words => {
                filter.all_words.clear();
                filter.any_words.clear();
                filter.none_words.clear();
            }
            Step::Telling => self.telling = WatchTelling::default(),
            Step::Name => self.name = None,
            Step::Site | Step::Kind | Step::Summary | Step::Change => {}
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bot::state::State;

    #[test]
    fn letters_name_steps_and_nothing_else() {
        for step in Step::ALL {
            assert_eq!(Step::of_letter(&step.letter().to_string()), Some(step));
        }
        for other in ["", "q", "ss"] {
            assert_eq!(Step::of_letter(other), None, "{other}");
        }
    }

    #[test]
    fn each_way_forward_ends_in_the_summary() {
        for step in Step::ALL {
            let steps = (0..6).fold(Draft::default().at(step), |draft, _| draft.further());
            assert_eq!(steps.step, Step::Summary, "{step:?}");
        }
    }

    #[test]
    fn the_way_back_passes_each_question_once() {
        let mut draft = Draft { step: Step::Summary, ..Draft::default() };
        let mut passed = Vec::new();
        while draft.step != Step::Site {
            draft = draft.back(Some(Step::Kind));
            passed.push(draft.step);
        }
        use Step::{Kind, Place, Price, Site, Telling, Words};
        assert_eq!(passed, [Telling, Words, Price, Place, Kind, Site]);
        let alone = Draft { step: Step::Place, ..Draft::default() }.back(None);
        assert_eq!(alone.step, Step::Place, "nothing is asked before");
    }

    #[test]
    fn once_the_summary_was_seen_each_question_goes_back_to_the_choice_of_changes() {
        for step in [Step::Site, Step::Place, Step::Price, Step::Words, Step::Telling, Step::Name] {
            let asked = Draft { seen: true, ..Draft::default() }.at(step);
            assert_eq!(asked.clone().further().step, Step::Summary);
            assert_eq!(asked.clone().back(None).step, Step::Change);
            assert_eq!(asked.back(None).back(None).step, Step::Summary);
        }
    }

    #[test]
    fn a_draft_of_another_version_can_be_read() {
        let old: Draft = serde_json::from_str(r#"{"at":"price"}"#).expect("a draft");
        assert_eq!(old, Draft { step: Step::Price, ..Draft::default() });
        let newer = r#"{"at":"words","site":"demo","colour":"red","filter":{"max_price":5}}"#;
        let newer: Draft = serde_json::from_str(newer).expect("a draft");
        assert_eq!((newer.step, newer.site.as_deref()), (Step::Words, Some("demo")));
        let full = Draft {
            step: Step::Radius,
            message: Some(7),
            kind: Some(Kind::Home),
            point: Some((49.8, 24.0)),
            seen: true,
            name: Some("Flats".into()),
            searches: vec![Search { site: "demo".into(), ..Search::default() }],
            ..Draft::default()
        };
        let state = State::Drafting(Box::new(full));
        let text = state.to_json();
        assert_eq!(serde_json::from_str::<State>(&text).expect("a state"), state);
    }
}
