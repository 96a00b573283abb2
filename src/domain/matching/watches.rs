//! The names of watches in 16 bytes each, and which watches share a group.
//!
//! A name that is 32 lower-case hexadecimal digits is kept as the number that it writes; another one beside. Watches
//! of a group form a chain.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use crate::domain::WatchId;

/// No watch: the end of a chain.
pub(super) const NONE: u32 = u32::MAX;

/// Not the name of a watch: see [`Watches::only`].
pub(super) const MANY: u128 = u128::MAX;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Watches {
    all: Vec<Entry>,
    free: Vec<u32>,
    numbers: HashTable<u32>,
    hash: DefaultHashBuilder,
    /// Names that are no numbers.
    odd: HashMap<u32, Box<str>>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    name: [u8; 16],
    group: u32,
    next: u32,
    before: u32,
}

/// The number that a name writes, if it writes one in the only way that counts.
fn number_of(name: &str) -> Option<[u8; 16]> {
    let mut number = [0; 16];
    let plain = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_number = name.len() == 32 && name.bytes().all(plain);
    (is_number && hex::decode_to_slice(name, &mut number).is_ok()).then_some(number)
}

/// The name that writes this number.
fn spelled(number: &[u8; 16]) -> String {
    fn digit(four: u8) -> u8 {
        four + if four < 10 { b'0' } else { b'a' - 10 }
    }
    let mut text = [0; 32];
    for (two, byte) in text.chunks_exact_mut(2).zip(number) {
        two[0] = digit(byte >> 4);
        two[1] = digit(byte & 15);
    }
    std::str::from_utf8(&text).unwrap_or_default().to_owned()
}

impl Watches {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The watch of this name.
    pub fn find(&self, id: &WatchId) -> Option<u32> {
        let name = number_of(id.as_str());
        let same = |number: &u32| self.is(*number, name, id.as_str());
        self.numbers.find(self.hash_of(name, id.as_str()), same).copied()
    }

    fn is(&self, number: u32, name: Option<[u8; 16]>, text: &str) -> bool {
        match name {
            Some(name) => self.all[number as usize].name == name && !self.odd.contains_key(&number),
            None => self.odd.get(&number).is_some_and(|odd| **odd == *text),
        }
    }

    fn hash_of(&self, name: Option<[u8; 16]>, text: &str) -> u64 {
        name.map_or_else(|| self.hash.hash_one(text), |name| self.hash.hash_one(name))
    }

    fn hash_at(
        all: &[Entry],
        odd: &HashMap<u32, Box<str>>,
        hash: &DefaultHashBuilder,
        n: u32,
    ) -> u64 {
        match odd.get(&n) {
            Some(text) => hash.hash_one(&**text),
            None => hash.hash_one(all[n as usize].name),
        }
    }

    /// A watch that is not there yet, at the head of the chain of its group. Answers its number.
    pub fn add(&mut self, id: &WatchId, group: u32, head: u32) -> u32 {
        let name = number_of(id.as_str());
        let hash = self.hash_of(name, id.as_str());
        let entry = Entry { name: name.unwrap_or_default(), group, next: head, before: NONE };
        let number = match self.free.pop() {
            Some(number) => {
                self.all[number as usize] = entry;
                number
            }
            None => {
                self.all.push(entry);
                u32::try_from(self.all.len() - 1).unwrap_or(NONE)
            }
        };
        if name.is_none() {
            self.odd.insert(number, id.as_str().into());
        }
        if head != NONE {
            self.all[head as usize].before = number;
        }
        let (all, odd, state) = (&self.all, &self.odd, &self.hash);
        self.numbers.insert_unique(hash, number, |n| Self::hash_at(all, odd, state, *n));
        number
    }

    /// The group of a watch.
    pub fn group(&self, number: u32) -> u32 {
        self.all[number as usize].group
    }

    /// Takes a watch out. Answers the new head of its chain if it was the head.
    pub fn remove(&mut self, number: u32) -> Option<u32> {
        let Entry { next, before, .. } = self.all[number as usize];
        let hash = Self::hash_at(&self.all, &self.odd, &self.hash, number);
        if let Ok(entry) = self.numbers.find_entry(hash, |known| *known == number) {
            entry.remove();
        }
        self.odd.remove(&number);
        self.free.push(number);
        if next != NONE {
            self.all[next as usize].before = before;
        }
        if before == NONE {
            return Some(next);
        }
        self.all[before as usize].next = next;
        None
    }

    /// The name of the only watch of a chain as a number; [`MANY`] if it has another form or there are more.
    pub fn only(&self, head: u32) -> u128 {
        match self.all.get(head as usize) {
            Some(entry) if entry.next == NONE && !self.odd.contains_key(&head) => {
                u128::from_be_bytes(entry.name)
            }
            _ => MANY,
        }
    }

    /// The names of these chains; those of `known` first. `numbers` is room.
    pub fn names(&self, known: &[u128], heads: &[u32], numbers: &mut Vec<u32>) -> Vec<WatchId> {
        numbers.clear();
        for head in heads {
            let mut number = *head;
            while number != NONE {
                numbers.push(number);
                number = self.all[number as usize].next;
            }
        }
        let mut names = Vec::with_capacity(known.len() + numbers.len());
        names.extend(known.iter().map(|name| WatchId(spelled(&name.to_be_bytes()))));
        names.extend(numbers.iter().map(|number| self.name(*number)));
        names
    }

    fn name(&self, number: u32) -> WatchId {
        if !self.odd.is_empty()
            && let Some(text) = self.odd.get(&number)
        {
            return WatchId(text.to_string());
        }
        WatchId(spelled(&self.all[number as usize].name))
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        let texts: usize = self.odd.values().map(|text| text.len() + 16).sum();
        texts
            + self.all.capacity() * size_of::<Entry>()
            + self.free.capacity() * size_of::<u32>()
            + self.numbers.allocation_size()
            + self.odd.allocation_size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> WatchId {
        WatchId(text.into())
    }

    #[test]
    fn names_of_every_form_come_back_as_they_were() {
        let hex = "0192f00dcafe7b3c8e4d5a6b7c8d9e0f";
        let names = [hex, &hex.to_uppercase(), "w", "", "00000000000000000000000000000000"];
        let mut watches = Watches::default();
        let mut head = NONE;
        for name in names {
            assert_eq!(watches.find(&id(name)), None, "{name}");
            head = watches.add(&id(name), 7, head);
            assert_eq!(watches.find(&id(name)), Some(head), "{name}");
        }
        let mut back = watches.names(&[], &[head], &mut vec![]);
        back.reverse();
        assert_eq!(back, names.map(id));
    }

    #[test]
    fn a_chain_closes_where_a_watch_leaves_it() {
        let mut watches = Watches::default();
        let one = watches.add(&id("one"), 1, NONE);
        let two = watches.add(&id("two"), 1, one);
        let three = watches.add(&id("three"), 1, two);
        assert_eq!(watches.remove(two), None);
        assert_eq!(watches.names(&[], &[three], &mut vec![]), [id("three"), id("one")]);
        assert_eq!(watches.remove(three), Some(one));
        assert_eq!(watches.remove(one), Some(NONE));
        assert_eq!((watches.len(), watches.find(&id("one"))), (0, None));
    }
}
