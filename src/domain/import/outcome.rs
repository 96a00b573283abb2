//! What becomes of each row.

use chrono::{DateTime, Utc};

use super::{Problem, Wanted};
use crate::domain::plan::{Allowance, Refusal};
use crate::domain::watch::{NewWatch, Sample, Watch};
use crate::domain::{ChatId, ChatKind, Language, UserId};

/// For whom watches are made, and where they tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// Whose.
    pub user: UserId,
    /// Where.
    pub chat: ChatId,
    /// Type of that chat, if it is known.
    pub kind: Option<ChatKind>,
    /// Forum topic.
    pub thread: Option<i64>,
    /// Language for a person who is not known yet.
    pub language: Language,
}

impl Owner {
    /// The watch that a row asks for, beside the person's `own`.
    pub fn watch(&self, wanted: Wanted, sample: Sample, own: &[Watch]) -> NewWatch {
        let Wanted { name, sources, filter, telling, paused } = wanted;
        let (user, chat, thread) = (self.user, self.chat, self.thread);
        let id = NewWatch::id_of_content(user, chat, thread, &sources, &filter, own);
        NewWatch {
            id,
            user: self.user,
            chat: self.chat,
            kind: self.kind,
            thread: self.thread,
            name,
            sources,
            filter,
            telling,
            paused,
            language: self.language,
            unless_equal: true,
            sample,
        }
    }
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is a watch now.
    Added {
        /// Its name.
        name: String,
    },
    /// There is such a watch.
    There {
        /// Its name.
        name: String,
    },
    /// Another row asks for the same.
    Repeats {
        /// Its line.
        line: u64,
    },
    /// The plan does not allow it.
    Beyond(Refusal),
    /// It has problems.
    Wrong(Vec<Problem>),
}

/// A word about every row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// By line or number of the entry.
    pub rows: Vec<(u64, Outcome)>,
}

impl Report {
    /// How many rows ended in a way.
    pub fn count(&self, is: impl Fn(&Outcome) -> bool) -> usize {
        self.rows.iter().filter(|(_, outcome)| is(outcome)).count()
    }
}

/// Sorts rows out against what the person has: what is to be made, and a word about every row. A resting row takes
/// its place in the plan like any other.
pub fn sort_out(
    rows: Vec<(u64, Result<Wanted, Vec<Problem>>)>,
    owner: &Owner,
    own: &[Watch],
    mut room: Allowance,
    now: DateTime<Utc>,
) -> (Vec<NewWatch>, Report) {
    let mut made: Vec<(u64, NewWatch)> = Vec::new();
    let mut report = Report::default();
    for (line, row) in rows {
        let wanted = match row {
            Ok(wanted) => wanted,
            Err(problems) => {
                report.rows.push((line, Outcome::Wrong(problems)));
                continue;
            }
        };
        let new = owner.watch(wanted, Sample::Never, own);
        let same = made.iter().find(|(_, other)| other.id == new.id).map(|(line, _)| *line);
        let there = own.iter().find(|watch| watch.equals(&new));
        let outcome = match (same, there) {
            (Some(line), _) => Outcome::Repeats { line },
            (None, Some(watch)) => Outcome::There { name: watch.name.clone() },
            (None, None) => match room.room_for(&new.source_ids(), now) {
                Err(refusal) => Outcome::Beyond(refusal),
                Ok(()) => {
                    room.take(&new.source_ids());
                    let name = new.name.clone();
                    made.push((line, new));
                    Outcome::Added { name }
                }
            },
        };
        report.rows.push((line, outcome));
    }
    (made.into_iter().map(|(_, new)| new).collect(), report)
}
