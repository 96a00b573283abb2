//! What the buttons of the operator panel about sites, broadcasts and orders mean.
//!
//! ```text
//! sites  sites<page>        the sites
//! s<step>-<site>            a site: `c` its card, `r` runs it, `p`/`P` pauses it, `u` lets it go on,
//!                           `q`/`Q` puts its module aside, `h` releases it (capitals: the second press)
//! l<page>-<site>            its searches
//! m-<site>                  what is proposed for it; `m<a|A|r|R><version>-<site>` approves or rejects it
//! c<step>-<source>          a search: `c` its card, `r` runs it, `p` pauses it, `u` lets it go on
//! casts  new                the broadcasts; another one
//! b<step>-<broadcast>       a broadcast, see [`CastStep`]
//! o<page>  o<page>-<state>  the orders; `told`, `untold` whether this operator hears of each
//! debug                     the service
//! ```

mod cast;

pub use cast::{CastStep, Readers};

use crate::domain::SourceId;
use crate::domain::campaign::CampaignId;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperateButton {
    /// Shows the sites.
    Sites,
    /// Shows a page of them.
    SitesAt(usize),
    /// Shows or steers a site.
    Site(SiteStep, String),
    /// Shows a page of a site's searches.
    Sources(usize, String),
    /// Shows the repair that is proposed for a site.
    Proposal(String),
    /// Decides on it.
    Decide(Verdict, i64, String),
    /// Shows or steers a search.
    Source(SourceStep, SourceId),
    /// Shows the broadcasts.
    Broadcasts,
    /// Begins another broadcast.
    NewBroadcast,
    /// Shows or steers a broadcast.
    Broadcast(CastStep, CampaignId),
    /// Shows a page of the orders, of one state or all.
    Orders(usize, Option<String>),
    /// Whether this operator hears of each order.
    TellOrders(bool),
    /// Shows how the service is.
    Debug,
}

/// What is done with a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteStep {
    /// Its card.
    Card,
    /// All its searches are due now.
    Run,
    /// Asks before [`Self::Pause`].
    AskPause,
    /// All its searches are paused.
    Pause,
    /// All of them go on.
    Resume,
    /// Asks before [`Self::Quarantine`].
    AskQuarantine,
    /// Its module is put aside.
    Quarantine,
    /// Its module is trusted again.
    Release,
}

impl SiteStep {
    const ALL: [(char, Self); 8] = [
        ('c', Self::Card),
        ('r', Self::Run),
        ('p', Self::AskPause),
        ('P', Self::Pause),
        ('u', Self::Resume),
        ('q', Self::AskQuarantine),
        ('Q', Self::Quarantine),
        ('h', Self::Release),
    ];
}

/// A word on a proposed repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Asks before [`Self::Approve`].
    AskApprove,
    /// It comes into force.
    Approve,
    /// Asks before [`Self::Reject`].
    AskReject,
    /// It is not wanted.
    Reject,
}

impl Verdict {
    const ALL: [(char, Self); 4] = [
        ('a', Self::AskApprove),
        ('A', Self::Approve),
        ('r', Self::AskReject),
        ('R', Self::Reject),
    ];
}

/// What is done with a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceStep {
    /// Its card.
    Card,
    /// It is due now.
    Run,
    /// It is paused.
    Pause,
    /// It goes on.
    Resume,
}

impl SourceStep {
    const ALL: [(char, Self); 4] =
        [('c', Self::Card), ('r', Self::Run), ('p', Self::Pause), ('u', Self::Resume)];
}

/// The letter of a step.
fn letter<S: PartialEq + Copy>(table: &[(char, S)], step: S) -> Option<char> {
    table.iter().find(|(_, known)| *known == step).map(|(letter, _)| *letter)
}

fn step<S: Copy>(table: &[(char, S)], letter: char) -> Option<S> {
    table.iter().find(|(known, _)| *known == letter).map(|(_, step)| *step)
}

/// The only letter of a word.
fn alone(word: &str) -> Option<char> {
    let mut letters = word.chars();
    letters.next().filter(|_| letters.next().is_none())
}

impl OperateButton {
    /// What it carries: letters, digits, `-` and `_`, at most 46.
    pub fn encode(&self) -> String {
        let plain = |letter: Option<char>| letter.unwrap_or('c');
        match self {
            Self::Sites => "sites".to_owned(),
            Self::SitesAt(page) => format!("sites{page}"),
            Self::Site(step, site) => format!("s{}-{site}", plain(letter(&SiteStep::ALL, *step))),
            Self::Sources(page, site) => format!("l{page}-{site}"),
            Self::Proposal(site) => format!("m-{site}"),
            Self::Decide(verdict, version, site) => {
                format!("m{}{version}-{site}", plain(letter(&Verdict::ALL, *verdict)))
            }
            Self::Source(step, id) => format!("c{}-{id}", plain(letter(&SourceStep::ALL, *step))),
            Self::Broadcasts => "casts".to_owned(),
            Self::NewBroadcast => "new".to_owned(),
            Self::Broadcast(step, id) => format!("b{}-{id}", step.encode()),
            Self::Orders(page, None) => format!("o{page}"),
            Self::Orders(page, Some(state)) => format!("o{page}-{state}"),
            Self::TellOrders(true) => "told".to_owned(),
            Self::TellOrders(false) => "untold".to_owned(),
            Self::Debug => "debug".to_owned(),
        }
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(argument: &str) -> Option<Self> {
        match argument {
            "sites" => return Some(Self::Sites),
            "casts" => return Some(Self::Broadcasts),
            "new" => return Some(Self::NewBroadcast),
            "told" => return Some(Self::TellOrders(true)),
            "untold" => return Some(Self::TellOrders(false)),
            "debug" => return Some(Self::Debug),
            _ => {}
        }
        if let Some(page) = argument.strip_prefix("sites") {
            return Some(Self::SitesAt(number(page)?));
        }
        let (head, rest) = match argument.split_once('-') {
            Some((head, rest)) if !rest.is_empty() => (head, Some(rest.to_owned())),
            Some(_) => return None,
            None => (argument, None),
        };
        let mut letters = head.chars();
        let (kind, what) = (letters.next()?, letters.as_str());
        match (kind, rest) {
            ('o', state) => Some(Self::Orders(number(what)?, state)),
            ('s', Some(site)) => Some(Self::Site(step(&SiteStep::ALL, alone(what)?)?, site)),
            ('l', Some(site)) => Some(Self::Sources(number(what)?, site)),
            ('m', Some(site)) if what.is_empty() => Some(Self::Proposal(site)),
            ('m', Some(site)) => {
                let verdict = step(&Verdict::ALL, what.chars().next()?)?;
                Some(Self::Decide(verdict, number(&what[1..])?, site))
            }
            ('c', Some(id)) => {
                Some(Self::Source(step(&SourceStep::ALL, alone(what)?)?, SourceId(id)))
            }
            ('b', Some(id)) => Some(Self::Broadcast(CastStep::decode(what)?, CampaignId(id))),
            _ => None,
        }
    }
}

fn number<N: std::str::FromStr>(digits: &str) -> Option<N> {
    let whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    whole.then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::cast::{PLAIN_STEPS, READERS};
    use super::*;
    use crate::domain::Language;

    fn any_cast() -> impl Strategy<Value = CastStep> {
        let plain = PLAIN_STEPS.map(|(_, step)| step);
        let readers = READERS.map(|(_, readers)| readers);
        let language = prop::sample::select(&Language::ALL[..]);
        prop_oneof![
            prop::sample::select(plain.to_vec()),
            prop::sample::select(readers.to_vec()).prop_map(CastStep::For),
            language.clone().prop_map(CastStep::Message),
            language.prop_map(|one| CastStep::For(Readers::Language(one))),
            (0u32..60_000_000, 0u32..60_000_000)
                .prop_map(|(minute, count)| CastStep::Start { minute, count }),
        ]
    }

    fn any_button() -> impl Strategy<Value = OperateButton> {
        use OperateButton as B;
        let site = "[a-z0-9_]{1,30}";
        let sites = SiteStep::ALL.map(|(_, step)| step).to_vec();
        let verdicts = Verdict::ALL.map(|(_, verdict)| verdict).to_vec();
        let sources = SourceStep::ALL.map(|(_, step)| step).to_vec();
        prop_oneof![
            prop::sample::select(vec![B::Sites, B::Broadcasts, B::NewBroadcast, B::Debug]),
            any::<bool>().prop_map(B::TellOrders),
            (0usize..9_999).prop_map(B::SitesAt),
            (prop::sample::select(sites), site).prop_map(|(step, site)| B::Site(step, site)),
            (0usize..9_999, site).prop_map(|(page, site)| B::Sources(page, site)),
            site.prop_map(B::Proposal),
            (prop::sample::select(verdicts), 0i64..9_999, site)
                .prop_map(|(verdict, version, site)| B::Decide(verdict, version, site)),
            (prop::sample::select(sources), "[0-9a-f]{32}")
                .prop_map(|(step, id)| B::Source(step, SourceId(id))),
            (any_cast(), "[0-9a-f]{32}").prop_map(|(step, id)| B::Broadcast(step, CampaignId(id))),
            (0usize..9_999, prop::option::of("[a-z_]{1,20}"))
                .prop_map(|(page, state)| B::Orders(page, state)),
        ]
    }

    proptest! {
        #[test]
        fn a_button_says_what_it_was_made_for(button in any_button()) {
            let data = button.encode();
            prop_assert!(data.len() <= 46, "{data}");
            let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            prop_assert!(data.bytes().all(legal), "{}", data);
            prop_assert_eq!(OperateButton::decode(&data), Some(button));
        }

        #[test]
        fn foreign_words_break_nothing(word in ".{0,46}") {
            let _ = OperateButton::decode(&word);
        }
    }
}
