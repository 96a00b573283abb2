//! Groups of one source that share a key, in blocks of growing size.
//!
//! New groups wait in a short tail. When 64 wait, they and the one young block become a new one; when that has 512, it
//! goes into the one block that still has room below 4,096. So a shelf has two blocks that are not full at most, and a
//! group is moved some eight times, whatever the shelf holds. A block of which more than half has left is dissolved into
//! the tail.

use super::block::{Block, Found, LARGEST, Shown};
use super::groups::Groups;
use super::keys::Key;
use super::sign::Sign;
use super::watches::Watches;

/// Groups that wait; under a word [`YOUNG`], for there the names tell nearly all.
const TAIL: usize = 64;
/// From so many groups on a block is no longer young.
const YOUNG: usize = 512;
/// Bit of a place that is in the tail.
const WAITS: u32 = 1 << 31;

/// See the module. A place is a block and a place in it, or a place in the tail.
#[derive(Debug)]
pub(super) struct Shelf {
    source: u32,
    key: Key,
    tail: Vec<(u32, Sign)>,
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
    pub fn add(&mut self, own: u32, group: u32, groups: &mut Groups, watches: &Watches) {
        self.len += 1;
        self.wait(own, group, groups, watches);
    }

    fn wait(&mut self, own: u32, group: u32, groups: &mut Groups, watches: &Watches) {
        groups.moved(group, own, WAITS | small(self.tail.len()));
        self.tail.push((group, Sign::of(groups.program(group))));
        let most = if matches!(self.key, Key::Word(_)) { YOUNG } else { TAIL };
        if self.tail.len() < most {
            return;
        }
        let waited = std::mem::take(&mut self.tail);
        let mut gathered: Vec<u32> = waited.into_iter().map(|(group, _)| group).collect();
        self.join(1..YOUNG, &mut gathered);
        if gathered.len() >= YOUNG {
            let room = LARGEST.saturating_sub(gathered.len());
            self.join(YOUNG..room + 1, &mut gathered);
        }
        self.put(own, gathered, groups, watches);
    }

    /// Takes the first block of such a size apart.
    fn join(&mut self, sizes: std::ops::Range<usize>, gathered: &mut Vec<u32>) {
        // A block that has lost some belongs to the size that it began with.
        let fits = |block: &&mut Option<Box<Block>>| {
            block.as_ref().is_some_and(|block| sizes.contains(&block.size()))
        };
        if let Some(block) = self.blocks.iter_mut().find(fits).and_then(Option::take) {
            gathered.extend(block.groups());
        }
    }

    fn put(&mut self, own: u32, gathered: Vec<u32>, groups: &mut Groups, watches: &Watches) {
        let block = Box::new(Block::new(self.key, &gathered, groups, watches));
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

    /// The group at a place has other watches now.
    pub fn rename(&mut self, place: u32, only: u128) {
        if place & WAITS == 0
            && let Some(block) = &mut self.blocks[place as usize / LARGEST]
        {
            block.rename(place as usize % LARGEST, only);
        }
    }

    /// Takes the group at a place out.
    pub fn remove(&mut self, own: u32, place: u32, groups: &mut Groups, watches: &Watches) {
        self.len -= 1;
        if place & WAITS != 0 {
            let at = (place & !WAITS) as usize;
            self.tail.swap_remove(at);
            if let Some(moved) = self.tail.get(at) {
                groups.moved(moved.0, own, place);
            }
            return;
        }
        let at = place as usize / LARGEST;
        let Some(block) = &mut self.blocks[at] else { return };
        block.remove(place as usize % LARGEST);
        if block.len() * 2 < block.size() {
            let left: Vec<u32> = block.groups().collect();
            self.blocks[at] = None;
            left.into_iter().for_each(|group| self.wait(own, group, groups, watches));
        }
    }

    /// Adds those that may want the listing.
    pub fn candidates(&self, shown: &mut impl Shown, found: &mut Found) {
        let shape = shown.shape();
        let may = self.tail.iter().filter(|(_, sign)| sign.may_want(shape));
        found.perhaps.extend(may.map(|(group, _)| *group));
        for block in self.blocks.iter().flatten() {
            block.candidates(shown, found);
        }
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        let blocks: usize = self.blocks.iter().flatten().map(|block| block.bytes() + 16).sum();
        blocks + self.blocks.capacity() * 8 + self.tail.capacity() * size_of::<(u32, Sign)>() + 16
    }
}
