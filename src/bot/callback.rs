//! What buttons carry: a closed codec of at most 64 bytes (api "InlineKeyboardButton").
//!
//! ```text
//! 1:w:<source id>:<owner>    watch this search
//! 1:l:<watch id>:<owner>     leave this watch
//! 1:g:<language>:<owner>     speak this language
//! 1:s:<page>:<owner>         show the offered searches
//! 1:m:<page>:<owner>         show my watches
//! 1:v:<event id>:0           keep the listing of this change; `v:-<name>` no longer, `v:p<page>` shows what is kept
//! 1:x:<event id>:0           hear no more of the listing; `x:-<event id>` hear of it again
//! 1:d:<event id>:0           hear no more of its seller; `d:-<event id>` hear of them again
//! 1:h:<event id>:0           show its prices over time
//! 1:y:<event id>:0           say why this chat was told
//! 1:c:<watch id>:<owner>     show one watch
//! 1:p:<watch id>:<owner>     pause it
//! 1:r:<watch id>:<owner>     resume it
//! 1:n:<watch id>:<owner>     call it otherwise
//! 1:u:<time><watch id>:…     mute it: `m` asks how long, `h` an hour, `d` a day, `w` a week, `f` for ever, `o` not
//! 1:e:<what><watch id>:…     `c` copies it, `d` asks whether to delete it
//! 1:b:<step>:<owner>         a step of a new watch, see [`wizard`]
//! 1:i:<what>:<owner>         share a watch, see [`share`]
//! 1:t:<what>:<owner>         support, see [`ticket`]
//! 1:k:<what>:<owner>         plans and balance, see [`account`]
//! 1:a:<what>:<owner>         people, plans, figures, see [`panel`]
//! 1:j:<what>:<owner>         sites, broadcasts, orders, see [`operate`]
//! 1:o:-:<owner>              ends what is going on
//! 1:q:<setting>:<owner>      show or change how this chat is told, see [`super::setting`]
//! ```
//!
//! The first field is the version of the shape, the last one the person for whom the menu was made (base 36).
//! The buttons under an alert are made once for everybody who gets it, so they name nobody (owner 0): what they do
//! is for, and by the right of, the person who presses.
//! Ids are no secrets: whoever presses must be that person, and the record checks the owner of a watch again.

pub mod account;
pub mod operate;
pub mod panel;
pub mod share;
pub mod ticket;
pub mod wizard;

use self::account::AccountButton;
use self::operate::OperateButton;
use self::panel::PanelButton;
use self::share::ShareButton;
use self::ticket::TicketButton;
use self::wizard::WizardButton;
use super::setting::Setting;
use crate::domain::{EventId, Language, SourceId, UserId, WatchId};

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
    /// Keep the listing of a change.
    Keep(EventId),
    /// No longer keep a listing, by the digest of its key.
    Forget(String),
    /// Show a page of what is kept, from 0.
    Kept(usize),
    /// Hear no more of the listing of a change.
    MuteListing(EventId),
    /// Hear of it again.
    UnmuteListing(EventId),
    /// Hear no more of its seller.
    Hide(EventId),
    /// Hear of them again.
    Unhide(EventId),
    /// Show its prices over time.
    History(EventId),
    /// Say why this chat was told of a change.
    Why(EventId),
    /// Show a watch.
    Card(WatchId),
    /// Pause a watch.
    Pause(WatchId),
    /// Let a watch go on.
    Resume(WatchId),
    /// Ask for another name of a watch.
    Rename(WatchId),
    /// Mute a watch; `None` asks how long.
    Mute(Option<MuteFor>, WatchId),
    /// Make another watch like this one.
    Copy(WatchId),
    /// Ask whether to end a watch.
    AskLeave(WatchId),
    /// A step of a new watch.
    New(WizardButton),
    /// Share a watch.
    Share(ShareButton),
    /// Support.
    Ticket(TicketButton),
    /// Plans and balance.
    Account(AccountButton),
    /// People, plans and figures, for operators.
    Panel(PanelButton),
    /// Sites, broadcasts and orders, for operators.
    Operate(OperateButton),
    /// End what is going on.
    Cancel,
}

/// How long a watch is muted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MuteFor {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week.
    Week,
    /// Until it is unmuted.
    Ever,
    /// Not at all any more.
    Off,
}

impl MuteFor {
    /// All, in the order of the menu.
    pub const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Ever, Self::Off];

    fn letter(self) -> char {
        match self {
            Self::Hour => 'h',
            Self::Day => 'd',
            Self::Week => 'w',
            Self::Ever => 'f',
            Self::Off => 'o',
        }
    }
}

/// The owner of a button that everybody may press.
pub const ANYBODY: UserId = UserId(0);

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
            Self::Keep(event) => ('v', event.to_string()),
            Self::Forget(name) => ('v', format!("-{name}")),
            Self::Kept(page) => ('v', format!("p{page}")),
            Self::MuteListing(event) => ('x', event.to_string()),
            Self::UnmuteListing(event) => ('x', format!("-{event}")),
            Self::Hide(event) => ('d', event.to_string()),
            Self::Unhide(event) => ('d', format!("-{event}")),
            Self::History(event) => ('h', event.to_string()),
            Self::Why(event) => ('y', event.to_string()),
            Self::Card(watch) => ('c', watch.0.clone()),
            Self::Pause(watch) => ('p', watch.0.clone()),
            Self::Resume(watch) => ('r', watch.0.clone()),
            Self::Rename(watch) => ('n', watch.0.clone()),
            Self::Mute(span, watch) => {
                ('u', format!("{}{watch}", span.map_or('m', MuteFor::letter)))
            }
            Self::Copy(watch) => ('e', format!("c{watch}")),
            Self::AskLeave(watch) => ('e', format!("d{watch}")),
            Self::Settings(setting) => ('q', setting.encode()),
            Self::New(button) => ('b', button.encode()),
            Self::Share(button) => ('i', button.encode()),
            Self::Ticket(button) => ('t', button.encode()),
            Self::Account(button) => ('k', button.encode()),
            Self::Panel(button) => ('a', button.encode()),
            Self::Operate(button) => ('j', button.encode()),
            Self::Cancel => ('o', "-".to_owned()),
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
            "v" => kept(argument)?,
            "x" => match argument.strip_prefix('-') {
                Some(event) => Callback::UnmuteListing(digest(event)?),
                None => Callback::MuteListing(digest(argument)?),
            },
            "d" => match argument.strip_prefix('-') {
                Some(event) => Callback::Unhide(digest(event)?),
                None => Callback::Hide(digest(argument)?),
            },
            "h" => Callback::History(digest(argument)?),
            "y" => Callback::Why(digest(argument)?),
            "c" => Callback::Card(WatchId(argument.to_owned())),
            "p" => Callback::Pause(WatchId(argument.to_owned())),
            "r" => Callback::Resume(WatchId(argument.to_owned())),
            "n" => Callback::Rename(WatchId(argument.to_owned())),
            "u" => mute(argument)?,
            "e" => ended(argument)?,
            "q" => Callback::Settings(Setting::decode(argument)?),
            "b" => Callback::New(WizardButton::decode(argument)?),
            "i" => Callback::Share(ShareButton::decode(argument)?),
            "t" => Callback::Ticket(TicketButton::decode(argument)?),
            "k" => Callback::Account(AccountButton::decode(argument)?),
            "a" => Callback::Panel(PanelButton::decode(argument)?),
            "j" => Callback::Operate(OperateButton::decode(argument)?),
            "o" if argument == "-" => Callback::Cancel,
            _ => return None,
        };
        let canonical = owner.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
        let id = i64::from_str_radix(owner, 36).ok().filter(|_| canonical)?;
        Some(Self { callback, owner: UserId(id) })
    }
}

fn kept(argument: &str) -> Option<Callback> {
    match argument.as_bytes().first()? {
        b'-' => Some(Callback::Forget(digest(&argument[1..])?.0)),
        b'p' => Some(Callback::Kept(page(&argument[1..])?)),
        _ => Some(Callback::Keep(digest(argument)?)),
    }
}

/// The id of an event: a digest in lower-case hex.
fn digest(argument: &str) -> Option<EventId> {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let whole = argument.len() == 32 && argument.bytes().all(is_hex);
    whole.then(|| EventId(argument.to_owned()))
}

/// A letter and the id behind it.
fn lettered(argument: &str) -> Option<(char, WatchId)> {
    let letter = argument.chars().next()?;
    let id = &argument[letter.len_utf8()..];
    (!id.is_empty()).then(|| (letter, WatchId(id.to_owned())))
}

fn mute(argument: &str) -> Option<Callback> {
    let (letter, watch) = lettered(argument)?;
    if letter == 'm' {
        return Some(Callback::Mute(None, watch));
    }
    let span = MuteFor::ALL.into_iter().find(|span| span.letter() == letter)?;
    Some(Callback::Mute(Some(span), watch))
}

fn ended(argument: &str) -> Option<Callback> {
    match lettered(argument)? {
        ('c', watch) => Some(Callback::Copy(watch)),
        ('d', watch) => Some(Callback::AskLeave(watch)),
        _ => None,
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
            (0usize..100_000).prop_map(Callback::Kept),
            "[0-9a-f]{32}".prop_map(Callback::Forget),
            ("[0-9a-f]{32}", 0usize..7).prop_map(|(id, which)| {
                use Callback::{Hide, History, Keep, MuteListing, Unhide, UnmuteListing, Why};
                [Keep, MuteListing, UnmuteListing, Hide, Unhide, History, Why][which](EventId(id))
            }),
            (0usize..7, "[0-9a-zA-Z_-]{1,45}").prop_map(|(what, id)| {
                let id = WatchId(id);
                match what {
                    0 => Callback::Card(id),
                    1 => Callback::Pause(id),
                    2 => Callback::Resume(id),
                    3 => Callback::Rename(id),
                    4 => Callback::Copy(id),
                    5 => Callback::AskLeave(id),
                    _ => Callback::Mute(None, id),
                }
            }),
            (prop::sample::select(&MuteFor::ALL[..]), "[0-9a-zA-Z_-]{1,45}")
                .prop_map(|(span, id)| Callback::Mute(Some(span), WatchId(id))),
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
