//! What the buttons of a new watch mean; what was chosen so far is in the state of the conversation.
//!
//! ```text
//! begin        begins a new watch
//! p<page>      shows a page of sites, from 0
//! a            all sites
//! s<site>      this site
//! k<kind>      this kind of things; `ka` all kinds
//! r<km>        a circle of this radius around the point
//! t<digest>    told at once (`0`), hourly (`h`), daily at a minute of the day (`d540`)
//! u            urgent, or not any more
//! x<step>      leaves the step out
//! z<step>      goes back from the step
//! m            shows what can be changed
//! e<step>      changes this
//! y            saves
//! c            cancels
//! ```
//!
//! Every button belongs to a step ([`WizardButton::step`]); at another one it is out of date.

use sites::Kind;

use crate::bot::dialogues::wizard::draft::Step;
use crate::domain::preferences::Digest;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WizardButton {
    /// Begins a new watch.
    Begin,
    /// Shows a page of sites.
    Sites(usize),
    /// Looks at all sites.
    AllSites,
    /// Looks at this site.
    Site(String),
    /// Looks for this kind of things; `None` for all.
    Kind(Option<Kind>),
    /// A circle of so many kilometres.
    Radius(u16),
    /// How the watch is told.
    Tell(Digest),
    /// Urgent, or not any more.
    Urgent,
    /// Leaves a step out.
    Skip(Step),
    /// Goes back from a step.
    Back(Step),
    /// Shows what can be changed.
    Change,
    /// Changes this.
    Edit(Step),
    /// Saves the watch.
    Save,
    /// Gives it up.
    Cancel,
}

/// Kinds of things with their letters.
const KINDS: [(char, Kind); 5] = [
    ('h', Kind::Home),
    ('l', Kind::Classified),
    ('r', Kind::Car),
    ('j', Kind::Job),
    ('g', Kind::Goods),
];

impl WizardButton {
    /// The step at which it means something; `None` at every one.
    pub fn step(&self) -> Option<Step> {
        match self {
            Self::Begin | Self::Cancel => None,
            Self::Sites(_) | Self::AllSites | Self::Site(_) => Some(Step::Site),
            Self::Kind(_) => Some(Step::Kind),
            Self::Radius(_) => Some(Step::Radius),
            Self::Tell(_) | Self::Urgent => Some(Step::Telling),
            Self::Skip(step) | Self::Back(step) => Some(*step),
            Self::Change | Self::Save => Some(Step::Summary),
            Self::Edit(_) => Some(Step::Change),
        }
    }

    /// What it carries: letters, digits and `-`, at most 46.
    pub fn encode(&self) -> String {
        match self {
            Self::Begin => "begin".to_owned(),
            Self::Sites(page) => format!("p{page}"),
            Self::AllSites => "a".to_owned(),
            Self::Site(site) => format!("s{site}"),
            Self::Kind(None) => "ka".to_owned(),
            Self::Kind(Some(kind)) => {
                let letter = KINDS.iter().find(|(_, known)| known == kind);
                format!("k{}", letter.map_or('a', |(letter, _)| *letter))
            }
            Self::Radius(km) => format!("r{km}"),
            Self::Tell(Digest::Hour) => "th".to_owned(),
            Self::Tell(Digest::Day { at }) => format!("td{at}"),
            Self::Tell(Digest::Week { day, at }) => format!("tw{day}-{at}"),
            Self::Tell(Digest::Off) => "t0".to_owned(),
            Self::Urgent => "u".to_owned(),
            Self::Skip(step) => format!("x{}", step.letter()),
            Self::Back(step) => format!("z{}", step.letter()),
            Self::Change => "m".to_owned(),
            Self::Edit(step) => format!("e{}", step.letter()),
            Self::Save => "y".to_owned(),
            Self::Cancel => "c".to_owned(),
        }
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(argument: &str) -> Option<Self> {
        let plain = match argument {
            "begin" => Some(Self::Begin),
            "a" => Some(Self::AllSites),
            "u" => Some(Self::Urgent),
            "m" => Some(Self::Change),
            "y" => Some(Self::Save),
            "c" => Some(Self::Cancel),
            _ => None,
        };
        if plain.is_some() {
            return plain;
        }
        let first = argument.chars().next()?;
        let rest = argument.strip_prefix(first).filter(|rest| !rest.is_empty())?;
        match first {
            'p' => number(rest).map(|page| Self::Sites(usize::from(page))),
            's' => Some(Self::Site(rest.to_owned())),
            'k' if rest == "a" => Some(Self::Kind(None)),
            'k' => {
                let known = KINDS.iter().find(|(letter, _)| letter.to_string() == rest)?;
                Some(Self::Kind(Some(known.1)))
            }
            'r' => number(rest).map(Self::Radius),
            't' => digest(rest).map(Self::Tell),
            'x' => Step::of_letter(rest).map(Self::Skip),
            'z' => Step::of_letter(rest).map(Self::Back),
            'e' => Step::of_letter(rest).map(Self::Edit),
            _ => None,
        }
    }
}

fn digest(text: &str) -> Option<Digest> {
    let minute = |text: &str| number(text).filter(|at| *at < 24 * 60);
    match text {
        "0" => Some(Digest::Off),
        "h" => Some(Digest::Hour),
        text => match text.split_at_checked(1)? {
            ("d", at) => Some(Digest::Day { at: minute(at)? }),
            ("w", when) => {
                let (day, at) = when.split_once('-')?;
                let day = number(day).and_then(|day| u8::try_from(day).ok())?;
                (day < 7).then_some(())?;
                Some(Digest::Week { day, at: minute(at)? })
            }
            _ => None,
        },
    }
}

/// A number as we write it: digits only.
fn number(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_carries_comes_back() {
        let mut all = vec![
            WizardButton::Begin,
            WizardButton::Sites(3),
            WizardButton::AllSites,
            WizardButton::Site("a_site".into()),
            WizardButton::Kind(None),
            WizardButton::Radius(25),
            WizardButton::Tell(Digest::Off),
            WizardButton::Tell(Digest::Hour),
            WizardButton::Tell(Digest::Day { at: 540 }),
            WizardButton::Tell(Digest::Week { day: 6, at: 1_080 }),
            WizardButton::Urgent,
            WizardButton::Change,
            WizardButton::Save,
            WizardButton::Cancel,
        ];
        all.extend(KINDS.map(|(_, kind)| WizardButton::Kind(Some(kind))));
        for step in Step::ALL {
            all.extend([
                WizardButton::Skip(step),
                WizardButton::Back(step),
                WizardButton::Edit(step),
            ]);
        }
        for button in all {
            assert_eq!(WizardButton::decode(&button.encode()), Some(button));
        }
    }

    #[test]
    fn what_no_button_carries_means_nothing() {
        for other in ["", "b", "p", "px", "kz", "k", "td1440", "tw7-0", "tw", "x", "xq", "ъ", "r-1"]
        {
            assert_eq!(WizardButton::decode(other), None, "{other}");
        }
    }
}
