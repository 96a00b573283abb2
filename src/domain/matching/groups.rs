//! Watches that want the same of the same sources are one group. Groups lie one behind the other in one piece of
//! memory; the name of a group is the place where it begins.
//!
//! ```text
//! head (first watch) · sources: count · entries: count · program: length      4 + 2 + 2 + 4 bytes
//! source …                                                                    4 bytes each
//! shelf, place …                                                              8 bytes each
//! program
//! ```

use std::collections::HashMap;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Groups begin at multiples of this.
const UNIT: usize = 8;
/// Bytes before the sources.
const HEAD: usize = 12;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Groups {
    memory: Vec<u8>,
    /// Places that are free again, by units.
    free: HashMap<usize, Vec<u32>>,
    table: HashTable<u32>,
    hash: DefaultHashBuilder,
}

/// Where a group is filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub shelf: u32,
    pub place: u32,
}

/// The parts of a group.
#[derive(Debug, Clone, Copy)]
struct Layout {
    at: usize,
    sources: usize,
    entries: usize,
    program: usize,
}

impl Layout {
    fn sources(self) -> usize {
        self.at + HEAD
    }

    fn entry(self, number: usize) -> usize {
        self.sources() + self.sources * 4 + number * 8
    }

    fn program(self) -> usize {
        self.entry(self.entries)
    }

    fn units(self) -> usize {
        (self.program() + self.program - self.at).div_ceil(UNIT)
    }
}

fn short(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes()
}

fn long(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

fn read4(memory: &[u8], at: usize) -> u32 {
    memory[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn layout(memory: &[u8], group: u32) -> Layout {
    let at = group as usize * UNIT;
    let head = &memory[at..at + HEAD];
    Layout {
        at,
        sources: usize::from(u16::from_le_bytes([head[4], head[5]])),
        entries: usize::from(u16::from_le_bytes([head[6], head[7]])),
        program: read4(head, 8) as usize,
    }
}

fn key(memory: &[u8], group: u32) -> (&[u8], &[u8]) {
    let layout = layout(memory, group);
    let sources = &memory[layout.sources()..layout.entry(0)];
    (sources, &memory[layout.program()..layout.program() + layout.program])
}

impl Groups {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// The group of these sources and this program.
    pub fn find(&self, sources: &[u32], program: &[u8]) -> Option<u32> {
        let sources: Vec<u8> = sources.iter().flat_map(|source| source.to_le_bytes()).collect();
        let asked = (sources.as_slice(), program);
        let same = |group: &u32| key(&self.memory, *group) == asked;
        self.table.find(self.hash.hash_one(asked), same).copied()
    }

    /// A group that is not there yet, without a watch, with room for so many entries.
    pub fn add(&mut self, sources: &[u32], program: &[u8], entries: usize) -> u32 {
        let mut layout = Layout { at: 0, sources: sources.len(), entries, program: program.len() };
        let units = layout.units();
        let group = self.room(units);
        layout.at = group as usize * UNIT;
        let head = &mut self.memory[layout.at..layout.at + HEAD];
        head[..4].copy_from_slice(&super::watches::NONE.to_le_bytes());
        head[4..6].copy_from_slice(&short(sources.len()));
        head[6..8].copy_from_slice(&short(entries));
        head[8..].copy_from_slice(&long(program.len()));
        for (number, source) in sources.iter().enumerate() {
            let at = layout.sources() + number * 4;
            self.memory[at..at + 4].copy_from_slice(&source.to_le_bytes());
        }
        let at = layout.program();
        self.memory[at..at + program.len()].copy_from_slice(program);
        let (memory, state) = (&self.memory, &self.hash);
        let hash = |group: &u32| state.hash_one(key(memory, *group));
        self.table.insert_unique(hash(&group), group, hash);
        group
    }

    /// A free place, grown by an eighth where there is none.
    fn room(&mut self, units: usize) -> u32 {
        if let Some(place) = self.free.get_mut(&units).and_then(Vec::pop) {
            return place;
        }
        let at = self.memory.len();
        let end = at + units * UNIT;
        if end > self.memory.capacity() {
            self.memory.reserve_exact((at / 8).max(units * UNIT).max(4_096));
        }
        self.memory.resize(end, 0);
        u32::try_from(at / UNIT).unwrap_or(u32::MAX)
    }

    /// Forgets a group.
    pub fn remove(&mut self, group: u32) {
        let hash = self.hash.hash_one(key(&self.memory, group));
        if let Ok(entry) = self.table.find_entry(hash, |known| *known == group) {
            entry.remove();
        }
        let units = layout(&self.memory, group).units();
        self.free.entry(units).or_default().push(group);
    }

    /// The first watch of its chain.
    pub fn head(&self, group: u32) -> u32 {
        read4(&self.memory, group as usize * UNIT)
    }

    /// Another first watch.
    pub fn set_head(&mut self, group: u32, watch: u32) {
        let at = group as usize * UNIT;
        self.memory[at..at + 4].copy_from_slice(&watch.to_le_bytes());
    }

    /// What it wants.
    pub fn program(&self, group: u32) -> &[u8] {
        key(&self.memory, group).1
    }

    /// Where it is filed.
    pub fn entries(&self, group: u32) -> impl Iterator<Item = Entry> {
        let layout = layout(&self.memory, group);
        (0..layout.entries).map(move |number| {
            let at = layout.entry(number);
            Entry { shelf: read4(&self.memory, at), place: read4(&self.memory, at + 4) }
        })
    }

    /// Notes where it is filed.
    pub fn set_entry(&mut self, group: u32, number: usize, entry: Entry) {
        let at = layout(&self.memory, group).entry(number);
        self.memory[at..at + 4].copy_from_slice(&entry.shelf.to_le_bytes());
        self.memory[at + 4..at + 8].copy_from_slice(&entry.place.to_le_bytes());
    }

    /// Notes its new place on a shelf where it has been filed; a group stands once on a shelf.
    pub fn moved(&mut self, group: u32, shelf: u32, place: u32) {
        let layout = layout(&self.memory, group);
        let mut places = (0..layout.entries).map(|number| layout.entry(number));
        if let Some(at) = places.find(|at| read4(&self.memory, *at) == shelf) {
            self.memory[at + 4..at + 8].copy_from_slice(&place.to_le_bytes());
        }
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        let free: usize = self.free.values().map(|places| places.capacity() * 4 + 40).sum();
        self.memory.capacity() + self.table.allocation_size() + free
    }
}
