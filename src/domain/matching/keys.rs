//! By which key a group is filed: the rarest of the things that a listing must have for it.
//!
//! A group that asks for one of several words is filed under each of them; one that asks for all of some words under
//! the rarest. How often listings have a word or a name nobody knows beforehand; it is taken for as often as people ask
//! for it. A listing has one place and many words, so a word leads to more listings than a name that as many ask for.
//! A source with few watches needs no keys.

use std::collections::HashMap;

use super::program::{Step, read};
use super::terms::Terms;
use crate::domain::SourceId;

/// Up to so many groups of a source are filed without a key.
const FEW: usize = 256;
/// A group is filed under so many keys at most.
const MOST: usize = 8;

/// What a listing must have for the groups of a shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// Nothing in particular.
    None,
    /// A word in its text.
    Word(u32),
    /// A name in its place, or no known place.
    Name(u32),
}

/// Words of a listing that somebody asks for, about.
const WORDS: f64 = 32.0;

/// The keys of a new group on a source that has `known` groups.
pub(super) fn choose(program: &[u8], known: usize, terms: &Terms) -> Vec<Key> {
    if known < FEW {
        return vec![Key::None];
    }
    let chance = |key: &Key| match *key {
        Key::None => 1.0,
        Key::Word(word) => terms.words.share(word) * WORDS,
        Key::Name(name) => terms.names.share(name),
    };
    let mut best: Option<(f64, Vec<Key>)> = None;
    let mut offer = |keys: Vec<Key>| {
        let load: f64 = keys.iter().map(chance).sum();
        if keys.len() <= MOST && best.as_ref().is_none_or(|(least, _)| load < *least) {
            best = Some((load, keys));
        }
    };
    for step in read(program).1 {
        match step {
            Step::All(words) => words.for_each(|word| offer(vec![Key::Word(word)])),
            Step::Any(words) if words.count_left() > 0 => offer(words.map(Key::Word).collect()),
            Step::Named(names) if names.count_left() > 0 => offer(names.map(Key::Name).collect()),
            _ => {}
        }
    }
    best.map_or_else(|| vec![Key::None], |(_, keys)| keys)
}

/// The sources and what is filed for each. A source is remembered once it was watched.
#[derive(Debug, Default)]
pub(super) struct Desks {
    numbers: HashMap<Box<str>, u32>,
    all: Vec<Desk>,
}

#[derive(Debug, Default)]
struct Desk {
    /// Entries of groups.
    len: usize,
    /// Of these with a key.
    keyed: usize,
    /// Names that are keys.
    names: Vec<u32>,
}

impl Desks {
    /// The number of a source.
    pub fn open(&mut self, source: &SourceId) -> u32 {
        if let Some(number) = self.find(source) {
            return number;
        }
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.numbers.insert(source.as_str().into(), number);
        self.all.push(Desk::default());
        number
    }

    /// The number of a source, if it was ever watched.
    pub fn find(&self, source: &SourceId) -> Option<u32> {
        self.numbers.get(source.as_str()).copied()
    }

    /// How many entries a source has.
    pub fn len_of(&self, source: u32) -> usize {
        self.all[source as usize].len
    }

    /// Whether something is filed by key.
    pub fn has_keys(&self, source: u32) -> bool {
        self.all[source as usize].keyed > 0
    }

    /// The names that are keys of a source.
    pub fn names(&self, source: u32) -> impl Iterator<Item = u32> {
        self.all[source as usize].names.iter().copied()
    }

    /// A group was filed under these keys.
    pub fn add(&mut self, source: u32, keys: &[Key]) {
        let desk = &mut self.all[source as usize];
        for key in keys {
            desk.len += 1;
            desk.keyed += usize::from(*key != Key::None);
        }
    }

    /// A key has a shelf from now on.
    pub fn shelve(&mut self, source: u32, key: Key) {
        if let Key::Name(name) = key {
            self.all[source as usize].names.push(name);
        }
    }

    /// An entry under a key is gone; the last one, if the shelf is empty now.
    pub fn remove(&mut self, source: u32, key: Key, is_empty: bool) {
        let desk = &mut self.all[source as usize];
        desk.len -= 1;
        desk.keyed -= usize::from(key != Key::None);
        if let Key::Name(name) = key
            && is_empty
        {
            desk.names.retain(|known| *known != name);
        }
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        let texts: usize = self.numbers.keys().map(|id| id.len() + 16).sum();
        let names: usize = self.all.iter().map(|desk| desk.names.capacity() * 4).sum();
        texts
            + names
            + self.all.capacity() * size_of::<Desk>()
            + self.numbers.capacity() * 8 / 7 * (size_of::<(Box<str>, u32)>() + 1)
    }
}
