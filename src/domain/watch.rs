//! A subscriber's saved search.

use chrono::{DateTime, Utc};

use super::filter::Filter;
use super::ids::{ChatId, SourceId, UserId, WatchId, digest};
use super::message::Outgoing;
use super::preferences::WatchTelling;
use super::source::SourceSpec;
use super::user::{ChatKind, Language};

/// Who paused a watch: only they, or somebody above, let it go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PausedBy {
    /// It is not paused.
    #[default]
    Nobody,
    /// The person.
    Owner,
    /// The limit of the plan: the newest watches rest, none is deleted.
    Plan,
    /// An operator.
    Operator,
}

impl PausedBy {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "",
            Self::Owner => "owner",
            Self::Plan => "plan",
            Self::Operator => "operator",
        }
    }

    /// The value of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Nobody, Self::Owner, Self::Plan, Self::Operator]
            .into_iter()
            .find(|by| by.as_str() == word)
    }
}

impl PausedBy {
    /// Whether `self` may end a pause that `by` made: only who paused it, or somebody above.
    pub fn may_end(self, by: Self) -> bool {
        let rank = |one: Self| match one {
            Self::Nobody => 0,
            Self::Owner => 1,
            Self::Plan => 2,
            Self::Operator => 3,
        };
        rank(self) >= rank(by)
    }
}

/// Longest name of a watch, characters.
pub const LONGEST_NAME: usize = 100;

/// Muted until then means for ever.
pub fn forever() -> DateTime<Utc> {
    DateTime::from_timestamp(253_370_764_800, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// A name as it is kept: one line, without control characters and direction marks, cut to [`LONGEST_NAME`]
/// characters. `None` when nothing is left.
pub fn name(text: &str) -> Option<String> {
    let steers = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let spaced: String = text
        .chars()
        .filter(|c| !steers(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let kept: String = words.join(" ").chars().take(LONGEST_NAME).collect();
    let kept = kept.trim_end();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// The name of a copy: `Flats (2)`, `Flats (3)`, … the first that is not in `taken`.
pub fn copy_name(of: &str, taken: &[&str]) -> String {
    let stem = match of.rsplit_once(" (") {
        Some((stem, end)) if end.strip_suffix(')').is_some_and(|n| n.parse::<u32>().is_ok()) => {
            stem
        }
        _ => of,
    };
    let stem: String = stem.chars().take(LONGEST_NAME - 8).collect();
    let names = (2..10_000u32).map(|number| format!("{stem} ({number})"));
    names.into_iter().find(|name| !taken.contains(&name.as_str())).unwrap_or(stem)
}

/// Who orders something of a watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A person: only of their own watches.
    Person(UserId),
    /// An operator: of every watch.
    Operator,
}

impl Who {
    /// In whose name a pause is made or ended.
    pub fn as_pauser(self) -> PausedBy {
        match self {
            Self::Person(_) => PausedBy::Owner,
            Self::Operator => PausedBy::Operator,
        }
    }
}

/// What is asked of a watch.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchOrder {
    /// Tell nothing until it is resumed.
    Pause,
    /// Go on.
    Resume,
    /// Tell nothing until then; `None` ends it. See [`forever`].
    Mute(Option<DateTime<Utc>>),
    /// Other conditions, name, searches; what is `None` stays.
    Edit(Box<WatchEdit>),
    /// Another watch with the same searches and conditions, which runs.
    Clone {
        /// Its id.
        id: WatchId,
        /// Its name.
        name: String,
    },
    /// It ends.
    Remove,
}

impl WatchOrder {
    /// Calls it otherwise.
    pub fn rename(name: String) -> Self {
        Self::Edit(Box::new(WatchEdit { name: Some(name), ..WatchEdit::default() }))
    }
}

/// What changes of a watch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WatchEdit {
    /// What the person calls it.
    pub name: Option<String>,
    /// What it wants.
    pub filter: Option<Filter>,
    /// How it is told.
    pub telling: Option<WatchTelling>,
    /// What it looks at.
    pub sources: Option<Vec<SourceSpec>>,
}

/// A watch to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewWatch {
    /// Its name in the store: the same wish twice has the same one, and is made once.
    pub id: WatchId,
    /// Whose.
    pub user: UserId,
    /// Where to tell.
    pub chat: ChatId,
    /// Type of that chat, if it is told; a chat that is known already keeps its type.
    pub kind: Option<ChatKind>,
    /// Forum topic, if any (never 1: General has no id).
    pub thread: Option<i64>,
    /// What the person calls it.
    pub name: String,
    /// What it looks at: a search that is not there yet is made, and not offered to others.
    pub sources: Vec<SourceSpec>,
    /// What it wants.
    pub filter: Filter,
    /// How it is told.
    pub telling: WatchTelling,
    /// It begins to run when it is resumed.
    pub paused: bool,
    /// Language of the owner, for one who is not known yet.
    pub language: Language,
    /// Nothing is made when the person has an equal watch: same place, searches and filter.
    pub unless_equal: bool,
    /// The sample of what is there now.
    pub sample: Sample,
}

/// The first word of a watch: what its searches show now. Each watch has one at most: the name of its delivery is
/// that of the watch.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Sample {
    /// Sent by the first good run, where a search had none yet.
    #[default]
    Later,
    /// Sent with the watch.
    Now(Box<Outgoing>),
    /// Not sent: one of many watches that come at once.
    Never,
}

/// The subject of the delivery that is the sample of a watch.
pub fn sample_subject(watch: &WatchId) -> String {
    format!("sample/{watch}")
}

impl NewWatch {
    /// The ids of what it looks at, each once.
    pub fn source_ids(&self) -> Vec<SourceId> {
        ids_of(&self.sources)
    }

    /// A name made of what is asked for, so that asking twice at once makes one watch. A watch that was edited keeps
    /// its name: who then asks for what it was gets another one, so it is none of `own`.
    pub fn id_of_content(
        user: UserId,
        chat: ChatId,
        thread: Option<i64>,
        sources: &[SourceSpec],
        filter: &Filter,
        own: &[Watch],
    ) -> WatchId {
        let (user, chat) = (user.to_string(), chat.to_string());
        let thread = thread.unwrap_or(0).to_string();
        let mut ids: Vec<String> = ids_of(sources).into_iter().map(|id| id.0).collect();
        ids.sort();
        // A filter that cannot be written down has no numbers but NaN, and no such comes in.
        let filter = serde_json::to_string(filter).unwrap_or_default();
        untaken(&["watch", &user, &chat, &thread, &ids.join(","), &filter], own)
    }
}

/// The digest of `parts`, or the first one derived from it that is no name of `own`.
pub fn untaken(parts: &[&str], own: &[Watch]) -> WatchId {
    let mut id = WatchId(digest(parts));
    while own.iter().any(|watch| watch.id == id) {
        id = WatchId(digest(&["watch", id.as_str()]));
    }
    id
}

/// The ids of searches, each once, in order.
pub fn ids_of(sources: &[SourceSpec]) -> Vec<SourceId> {
    let mut ids = Vec::with_capacity(sources.len());
    for id in sources.iter().map(SourceSpec::id) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// A saved search: sources, filter, and where to tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// Its name in the store.
    pub id: WatchId,
    /// Whose.
    pub user: UserId,
    /// Where to tell.
    pub chat: ChatId,
    /// Forum topic, if any.
    pub thread: Option<i64>,
    /// What the person calls it.
    pub name: String,
    /// What it looks at.
    pub sources: Vec<SourceId>,
    /// What it wants.
    pub filter: Filter,
    /// Told nothing while paused.
    pub paused: bool,
    /// Who paused it; [`PausedBy::Nobody`] when it is not paused.
    pub paused_by: PausedBy,
    /// Told nothing before this moment.
    pub muted_until: Option<DateTime<Utc>>,
    /// How it is told, where it differs from the chat.
    pub telling: WatchTelling,
    /// Language of the owner.
    pub language: Language,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Watch {
    /// Whether it asks for the same at the same place as `new`.
    pub fn equals(&self, new: &NewWatch) -> bool {
        let mut own = self.sources.clone();
        let mut asked = new.source_ids();
        own.sort();
        asked.sort();
        self.user == new.user
            && self.chat == new.chat
            && self.thread == new.thread
            && own == asked
            && self.filter == new.filter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_paused_or_somebody_above_lets_it_go_on() {
        use PausedBy::{Nobody, Operator, Owner, Plan};
        assert!(Owner.may_end(Owner) && Operator.may_end(Plan) && Operator.may_end(Owner));
        assert!(!Owner.may_end(Plan) && !Owner.may_end(Operator) && !Plan.may_end(Operator));
        assert!(Owner.may_end(Nobody));
    }

    #[test]
    fn a_name_is_one_tame_line() {
        assert_eq!(name("  Flats\n in\tBerlin \u{202e}").as_deref(), Some("Flats in Berlin"));
        assert_eq!(name(" \u{0}\u{200f} "), None);
        assert_eq!(name(&"я".repeat(300)).map(|name| name.chars().count()), Some(LONGEST_NAME));
    }

    #[test]
    fn copies_are_numbered() {
        assert_eq!(copy_name("Flats", &["Flats"]), "Flats (2)");
        assert_eq!(copy_name("Flats (2)", &["Flats", "Flats (2)"]), "Flats (3)");
        assert_eq!(copy_name("Flats (old)", &[]), "Flats (old) (2)");
        assert!(copy_name(&"x".repeat(200), &[]).chars().count() <= LONGEST_NAME);
    }
}
