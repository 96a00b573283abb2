//! Who wants a listing, without asking every watch. Pure; docs/decisions/0014-match-index.md says why it is so.
//!
//! ```text
//! watch ─► (sources, filter) ─► group: equal ones share a program ([`program`]) and are a chain of names
//!       ─► key: what a listing has least likely of what it must have: a word, a place, or nothing ─► shelf (source, key)
//!
//! listing ─► words and places that it has ([`vocabulary`]) ─► the shelves of its sources with these keys
//!         ─► blocks: bits by buckets of price, area, …, lists by words and names ([`block`], [`ranges`], [`posted`])
//!         ─► sure ones, and candidates ─► their programs, exactly ([`judge`]) ─► names of watches
//! ```
//!
//! A block calls sure only whose conditions are all in its lines. A shelf may leave somebody else in who does not want
//! the listing, and never leave anybody out; the program decides. Programs say what `domain::filter` says: conditions
//! with a code of their own look at the same [`Facts`], all others (expressions, polygons, expert forms) are judged by
//! the evaluator itself. A property test holds index and evaluator side by side.
//!
//! Groups and words come and go one at a time; blocks are merged as a shelf grows. Nothing is ever built anew.

mod block;
mod bytes;
mod groups;
mod judge;
mod keys;
mod posted;
mod program;
mod ranges;
mod shelf;
mod sign;
mod terms;
#[cfg(test)]
mod tests;
mod vocabulary;
mod watches;

use std::sync::{Mutex, PoisonError};

use hashbrown::HashMap;

use self::block::{Found, Shown as _};
use self::groups::{Entry, Groups};
use self::judge::{Judge, Scratch};
use self::keys::{Desks, Key};
use self::shelf::Shelf;
use self::terms::Terms;
use self::watches::{NONE, Watches};
use super::change::ChangeKind;
use super::filter::{Facts, Filter};
use super::ids::{SourceId, WatchId};

/// What the index knows of a watch.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchSpec {
    /// Its name.
    pub id: WatchId,
    /// What it looks at.
    pub sources: Vec<SourceId>,
    /// What it wants.
    pub filter: Filter,
}

/// See the module.
#[derive(Debug, Default)]
pub struct MatchIndex {
    watches: Watches,
    groups: Groups,
    terms: Terms,
    desks: Desks,
    shelves: Vec<Shelf>,
    free: Vec<u32>,
    places: HashMap<(u32, Key), u32>,
    /// Room for those who ask at the same time.
    scratch: Mutex<Vec<Scratch>>,
}

impl MatchIndex {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many watches it knows.
    pub fn len(&self) -> usize {
        self.watches.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many different wishes there are: equal filters on equal sources are one.
    pub fn wishes(&self) -> usize {
        self.groups.len()
    }

    /// Knows a watch from now on, in place of what it knew of it before.
    pub fn insert(&mut self, watch: &WatchSpec) {
        self.remove(&watch.id);
        let mut sources: Vec<u32> =
            watch.sources.iter().map(|source| self.desks.open(source)).collect();
        sources.sort_unstable();
        sources.dedup();
        let program = program::compile(&watch.filter, &mut self.terms);
        let group = match self.groups.find(&sources, &program) {
            Some(group) => {
                program::release(&program, &mut self.terms);
                group
            }
            None => self.file(&sources, &program),
        };
        let head = self.groups.head(group);
        let number = self.watches.add(&watch.id, group, head);
        self.set_head(group, number);
    }

    /// A group has another first watch.
    fn set_head(&mut self, group: u32, head: u32) {
        self.groups.set_head(group, head);
        let only = self.watches.only(head);
        for Entry { shelf, place } in self.groups.entries(group) {
            self.shelves[shelf as usize].rename(place, only);
        }
    }

    /// Files a new group on its shelves.
    fn file(&mut self, sources: &[u32], program: &[u8]) -> u32 {
        let mut filed = Vec::new();
        for source in sources {
            let keys = keys::choose(program, self.desks.len_of(*source), &self.terms);
            self.desks.add(*source, &keys);
            filed.extend(keys.into_iter().map(|key| (*source, key)));
        }
        let group = self.groups.add(sources, program, filed.len());
        for (number, (source, key)) in filed.into_iter().enumerate() {
            let shelf = self.shelf(source, key);
            self.groups.set_entry(group, number, Entry { shelf, place: 0 });
            self.shelves[shelf as usize].add(shelf, group, &mut self.groups, &self.watches);
        }
        group
    }

    fn shelf(&mut self, source: u32, key: Key) -> u32 {
        if let Some(shelf) = self.places.get(&(source, key)) {
            return *shelf;
        }
        let shelf = self.free.pop().unwrap_or_else(|| {
            self.shelves.push(Shelf::new(source, key));
            u32::try_from(self.shelves.len() - 1).unwrap_or(u32::MAX)
        });
        self.shelves[shelf as usize] = Shelf::new(source, key);
        self.places.insert((source, key), shelf);
        self.desks.shelve(source, key);
        shelf
    }

    /// Forgets a watch; false when it was not known.
    pub fn remove(&mut self, id: &WatchId) -> bool {
        let Some(number) = self.watches.find(id) else { return false };
        let group = self.watches.group(number);
        let Some(head) = self.watches.remove(number) else { return true };
        if head == NONE {
            self.clear(group);
        } else {
            self.set_head(group, head);
        }
        true
    }

    /// Takes a group that nobody shares any more off its shelves.
    fn clear(&mut self, group: u32) {
        let entries: Vec<Entry> = self.groups.entries(group).collect();
        for Entry { shelf, place } in entries {
            let own = &mut self.shelves[shelf as usize];
            own.remove(shelf, place, &mut self.groups, &self.watches);
            let (source, key) = own.key();
            let is_empty = own.len() == 0;
            self.desks.remove(source, key, is_empty);
            if is_empty {
                self.places.remove(&(source, key));
                self.shelves[shelf as usize] = Shelf::new(source, key);
                self.free.push(shelf);
            }
        }
        program::release(self.groups.program(group), &mut self.terms);
        self.groups.remove(group);
    }

    /// The watches that look at one of `sources` and want the listing with a change of one of `kinds`, each once,
    /// in no order.
    pub fn matches(
        &self,
        facts: &Facts<'_>,
        sources: &[SourceId],
        kinds: &[ChangeKind],
    ) -> Vec<WatchId> {
        if kinds.is_empty() {
            return vec![];
        }
        let mut scratch = self.scratch().pop().unwrap_or_default();
        let mut judge = Judge::new(facts, &self.terms, kinds, &mut scratch);
        let program = |group| self.groups.program(group);
        judge.gather(|judge, found| {
            sources.iter().for_each(|source| self.visit_words(source, judge, found));
        });
        let twice = judge.decide(program);
        // Who is filed under a name is not filed under a word; a shelf has nobody twice.
        let once = sources.len() == 1 && judge.names().is_some_and(|names| names.len() < 2);
        judge.gather(|judge, found| {
            found.once = once;
            sources.iter().for_each(|source| self.visit_names(source, judge, found));
            found.once = false;
        });
        let end = judge.decide(program);
        let names = self.names(&mut scratch, if once { twice } else { end });
        self.scratch().push(scratch);
        names
    }

    /// The names of the watches that want it, each once; the first `twice` groups may be there twice. Memory is
    /// visited in goes in each of which no step waits for the one before.
    fn names(&self, scratch: &mut Scratch, twice: usize) -> Vec<WatchId> {
        let Scratch { found, heads, seen, watches, .. } = scratch;
        let (some, others) = found.sure.split_at(twice);
        heads.clear();
        let first = some.iter().filter(|group| seen.add(**group));
        heads.extend(first.map(|group| self.groups.head(*group)));
        heads.extend(others.iter().map(|group| self.groups.head(*group)));
        seen.clear(some);
        self.watches.names(&found.known, heads, watches)
    }

    /// Goes to the shelves of a source that are for words, or for nothing in particular.
    fn visit_words(&self, source: &SourceId, judge: &mut Judge<'_>, found: &mut Found) {
        let Some(source) = self.desks.find(source) else { return };
        self.look(source, Key::None, judge, found);
        if !self.desks.has_keys(source) {
            return;
        }
        for at in 0..judge.words().len() {
            let word = judge.words()[at];
            self.look(source, Key::Word(word), judge, found);
        }
    }

    /// Goes to the shelves of a source that are for names of places.
    fn visit_names(&self, source: &SourceId, judge: &mut Judge<'_>, found: &mut Found) {
        let Some(source) = self.desks.find(source) else { return };
        let known: Option<Vec<u32>> = judge.names().map(<[u32]>::to_vec);
        let look = |name| self.look(source, Key::Name(name), judge, found);
        match known {
            Some(names) => names.into_iter().for_each(look),
            // It may be anywhere.
            None => self.desks.names(source).for_each(look),
        }
    }

    fn look(&self, source: u32, key: Key, judge: &mut Judge<'_>, found: &mut Found) {
        if let Some(shelf) = self.places.get(&(source, key)) {
            self.shelves[*shelf as usize].candidates(judge, found);
        }
    }

    fn scratch(&self) -> std::sync::MutexGuard<'_, Vec<Scratch>> {
        // What is in there is emptied before it is used.
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Memory of everything in it, bytes; compiled expressions are not counted.
    pub fn bytes(&self) -> usize {
        let shelves: usize = self.shelves.iter().map(Shelf::bytes).sum();
        let scratch: usize = self.scratch().iter().map(Scratch::bytes).sum();
        shelves
            + scratch
            + self.shelves.capacity() * size_of::<Shelf>()
            + self.free.capacity() * 4
            + self.places.allocation_size()
            + self.watches.bytes()
            + self.groups.bytes()
            + self.terms.bytes()
            + self.desks.bytes()
    }
}
