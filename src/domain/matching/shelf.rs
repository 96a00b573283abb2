//! Groups of one source that share a key, in blocks of growing size.
//!
//! New groups wait in a short tail. 64 of them become a block, 8 blocks of 64 one of 512, 8 of these one of 4,096:
//! each group is moved three times at most, whatever the shelf holds. A block of which more than half has left is
//! dissolved into the tail.

use super::block::{Block, LARGEST, Shown};
use super::groups::Groups;
use super::keys::Key;

/// Groups that wait.
const TAIL: usize = 64;
/// Blocks of a size that become one of the next.
const FAN: usize = 8;
/// Bit of a place that is in the tail.
const WAITS: u32 = 1 << 31;

/// See the module. A place is a block and a place in it, or a place in the tail.
#[derive(Debug)]
pub(super) struct Shelf {
    source: u32,
    key: Key,
    tail: Vec<u32>,
    blocks: Vec<Option<Box<Block>>>,
    len: usize,
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Shelf {
    /// An empty one for a key of a source.
    pub fn new(source: u32, key: Key) -> Self {
        Self { source, key, tail: Vec::new(), blocks: Vec::new(), len: 0 }
    }

    /// Source and key.
    pub fn key(&self) -> (u32, Key) {
        (self.source, self.key)
    }

    /// How many groups it holds.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Files a group on shelf `own`. Its place, and those of groups that move, are noted in `groups`.
    pub fn add(&mut self, own: u32, group: u32, groups: &mut Groups) {
        self.len += 1;
        self.wait(own, group, groups);
    }

    fn wait(&mut self, own: u32, group: u32, groups: &mut Groups) {
        groups.moved(group, own, WAITS | small(self.tail.len()));
        self.tail.push(group);
        if self.tail.len() < TAIL {
            return;
        }
        let mut gathered = std::mem::take(&mut self.tail);
        let mut size = TAIL;
        while size < LARGEST && self.of_size(size).count() >= FAN - 1 {
            let same: Vec<usize> = self.of_size(size).collect();
            for place in same {
                gathered.extend(self.blocks[place].take().iter().flat_map(|block| block.groups()));
            }
            size *= FAN;
        }
        self.put(own, gathered, groups);
    }

    fn of_size(&self, size: usize) -> impl Iterator<Item = usize> {
        // A block that has lost some belongs to the size that it began with.
        let fits = move |block: &Block| block.size() > size / FAN && block.size() <= size;
        let blocks = self.blocks.iter().enumerate();
        blocks.filter(move |(_, block)| block.as_ref().is_some_and(|b| fits(b))).map(|(at, _)| at)
    }

    fn put(&mut self, own: u32, gathered: Vec<u32>, groups: &mut Groups) {
        let block = Box::new(Block::new(&gathered, |group| groups.program(group)));
        let free = self.blocks.iter().position(Option::is_none);
        let at = free.unwrap_or_else(|| {
            self.blocks.push(None);
            self.blocks.len() - 1
        });
        self.blocks[at] = Some(block);
        for (place, group) in gathered.into_iter().enumerate() {
            groups.moved(group, own, small(at * LARGEST + place));
        }
    }

    /// Takes the group at a place out.
    pub fn remove(&mut self, own: u32, place: u32, groups: &mut Groups) {
        self.len -= 1;
        if place & WAITS != 0 {
            let at = (place & !WAITS) as usize;
            self.tail.swap_remove(at);
            if let Some(moved) = self.tail.get(at) {
                groups.moved(*moved, own, place);
            }
            return;
        }
        let at = place as usize / LARGEST;
        let Some(block) = &mut self.blocks[at] else { return };
        block.remove(place as usize % LARGEST);
        if block.len() * 2 < block.size() {
            let left: Vec<u32> = block.groups().collect();
            self.blocks[at] = None;
            left.into_iter().for_each(|group| self.wait(own, group, groups));
        }
    }

    /// Adds those that may want the listing.
    pub fn candidates(&self, shown: &mut impl Shown, found: &mut Vec<u32>) {
        found.extend_from_slice(&self.tail);
        for block in self.blocks.iter().flatten() {
            block.candidates(shown, found);
        }
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        let blocks: usize = self.blocks.iter().flatten().map(|block| block.bytes() + 16).sum();
        blocks + self.blocks.capacity() * 8 + self.tail.capacity() * 4 + 16
    }
}
