//! Up to 4,096 groups side by side, judged 64 at a time.
//!
//! For each field that enough of them ask for, the line of numbers is cut into buckets, and each bucket has a line
//! of bits: whose range reaches into it. A listing's value falls into one bucket of each field; the lines of these
//! buckets, and-ed, leave those who may want it. Buckets are cut where the ranges of these very groups begin and
//! end, so little is left that is not wanted. Kinds of change and names of places have lines too.
//!
//! A block never grows; who leaves it loses its bit.

use super::program::{ALL_KINDS, Step, read};

/// Most groups of a block: 64 words of 64 bits.
pub(super) const LARGEST: usize = 4_096;
/// Cuts of a line of numbers at most.
const CUTS: usize = 47;
/// Names of places share so many lines.
const NAMES: usize = 16;
/// A field has lines if at least one of so many groups asks for it.
const SHARE: usize = 16;

/// See the module.
#[derive(Debug)]
pub(super) struct Block {
    groups: Box<[u32]>,
    alive: Box<[u64]>,
    dead: usize,
    fields: Vec<Lines>,
    /// A line for each kind of change, if it matters to some.
    kinds: Option<Box<[u64]>>,
    /// A line for each hash of a name, and one for those who ask for none.
    names: Option<Box<[u64]>>,
}

/// A group by its place in the block, and the ends of its range.
type Reach = (usize, f64, f64);

/// The buckets of a field.
#[derive(Debug)]
struct Lines {
    field: u32,
    /// Where buckets begin, ascending; the first one begins nowhere.
    cuts: Box<[f64]>,
    bits: Box<[u64]>,
}

/// What a listing shows to a block.
pub(super) trait Shown {
    /// The number of a field; `None` when it is not known.
    fn number(&mut self, field: u32) -> Option<f64>;

    /// Bits of the kinds of change that are asked about.
    fn kinds(&self) -> u8;

    /// The known names of places that it has; `None` when its place is not known.
    fn names(&self) -> Option<&[u32]>;
}

fn bucket(cuts: &[f64], number: f64) -> usize {
    cuts.partition_point(|cut| *cut <= number)
}

fn hash(name: u32) -> usize {
    (name.wrapping_mul(0x9E37_79B1) >> 16) as usize % NAMES
}

impl Lines {
    /// `ranges`: who (by place) asks for which range.
    fn new(field: u32, ranges: &[(usize, f64, f64)], words: usize) -> Self {
        let begins = ranges.iter().map(|(_, low, _)| *low);
        let ends = ranges.iter().map(|(_, _, high)| high.next_up());
        let mut all: Vec<f64> = begins.chain(ends).filter(|cut| cut.is_finite()).collect();
        all.sort_unstable_by(f64::total_cmp);
        let mut cuts: Vec<f64> = if all.is_empty() {
            vec![]
        } else {
            (0..CUTS).map(|number| all[(2 * number + 1) * all.len() / (2 * CUTS)]).collect()
        };
        cuts.dedup();
        let mut distinct = all;
        distinct.dedup();
        if distinct.len() <= CUTS {
            cuts = distinct;
        }
        let mut bits = vec![u64::MAX; (cuts.len() + 1) * words];
        for (place, low, high) in ranges {
            let (first, last) = (bucket(&cuts, *low), bucket(&cuts, *high));
            for outside in (0..first).chain(last + 1..=cuts.len()) {
                bits[outside * words + place / 64] &= !(1 << (place % 64));
            }
        }
        Self { field, cuts: cuts.into(), bits: bits.into() }
    }

    fn line(&self, number: f64, words: usize) -> &[u64] {
        let from = bucket(&self.cuts, number) * words;
        &self.bits[from..from + words]
    }
}

impl Block {
    /// Files these groups, of which `program` tells what they want.
    pub fn new<'p>(groups: &[u32], program: impl Fn(u32) -> &'p [u8]) -> Self {
        let words = groups.len().div_ceil(64);
        let mut alive = vec![u64::MAX; words];
        if !groups.len().is_multiple_of(64) {
            alive[words - 1] = (1 << (groups.len() % 64)) - 1;
        }
        let mut ranges: Vec<(u32, Vec<Reach>)> = Vec::new();
        let mut kinds = vec![u64::MAX; 8 * words];
        let mut names = vec![u64::MAX; (NAMES + 1) * words];
        let (mut choosy, mut placed) = (0, 0);
        for (place, group) in groups.iter().enumerate() {
            let (word, bit) = (place / 64, 1u64 << (place % 64));
            let (asked, steps) = read(program(*group));
            choosy += usize::from(asked != ALL_KINDS);
            for kind in (0..8).filter(|kind| asked & (1 << kind) == 0) {
                kinds[kind * words + word] &= !bit;
            }
            for step in steps {
                let (field, low, high) = match step {
                    #[expect(clippy::cast_precision_loss, reason = "rounding keeps the order")]
                    Step::Price { field, min, max } => (
                        field,
                        min.map_or(f64::NEG_INFINITY, |min| min as f64),
                        max.map_or(f64::INFINITY, |max| max as f64),
                    ),
                    Step::Number { field, min, max } => {
                        (field, min.unwrap_or(f64::NEG_INFINITY), max.unwrap_or(f64::INFINITY))
                    }
                    Step::Named(asked) => {
                        placed += 1;
                        let own = asked.fold(0u32, |own, name| own | 1 << hash(name));
                        for line in (0..=NAMES).filter(|line| own & (1 << line) == 0) {
                            names[line * words + word] &= !bit;
                        }
                        continue;
                    }
                    _ => continue,
                };
                if low.is_nan() || high.is_nan() || low > high {
                    continue;
                }
                match ranges.iter_mut().find(|(known, _)| *known == field) {
                    Some((_, all)) => all.push((place, low, high)),
                    None => ranges.push((field, vec![(place, low, high)])),
                }
            }
        }
        let enough = |count: usize| count * SHARE >= groups.len();
        let mut fields: Vec<_> = ranges.into_iter().filter(|(_, all)| enough(all.len())).collect();
        fields.sort_by_key(|(_, all)| std::cmp::Reverse(all.len()));
        let lines = |(field, all): (u32, Vec<_>)| Lines::new(field, &all, words);
        Self {
            groups: groups.into(),
            alive: alive.into(),
            dead: 0,
            fields: fields.into_iter().map(lines).collect(),
            kinds: enough(choosy).then(|| kinds.into()).filter(|_| choosy > 0),
            names: enough(placed).then(|| names.into()).filter(|_| placed > 0),
        }
    }

    /// How many are in it.
    pub fn len(&self) -> usize {
        self.groups.len() - self.dead
    }

    /// How many there were at first.
    pub fn size(&self) -> usize {
        self.groups.len()
    }

    /// Takes the group at a place out.
    pub fn remove(&mut self, place: usize) {
        self.alive[place / 64] &= !(1 << (place % 64));
        self.dead += 1;
    }

    /// The groups that are in it.
    pub fn groups(&self) -> impl Iterator<Item = u32> {
        let alive = |place: &usize| self.alive[place / 64] & (1 << (place % 64)) != 0;
        (0..self.groups.len()).filter(alive).map(|place| self.groups[place])
    }

    /// Adds those that may want the listing.
    pub fn candidates(&self, shown: &mut impl Shown, found: &mut Vec<u32>) {
        let words = self.alive.len();
        let mut left = [0u64; LARGEST / 64];
        let left = &mut left[..words];
        left.copy_from_slice(&self.alive);
        if let Some(lines) = &self.names
            && let Some(names) = shown.names()
        {
            keep_named(left, lines, names);
        }
        for lines in &self.fields {
            if let Some(number) = shown.number(lines.field).filter(|number| !number.is_nan())
                && !keep(left, lines.line(number, words))
            {
                return;
            }
        }
        if let Some(lines) = &self.kinds {
            keep_kinds(left, lines, shown.kinds());
        }
        for (word, left) in left.iter_mut().enumerate() {
            while *left != 0 {
                found.push(self.groups[word * 64 + left.trailing_zeros() as usize]);
                *left &= *left - 1;
            }
        }
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        let field =
            |lines: &Lines| (lines.cuts.len() + lines.bits.len()) * 8 + size_of::<Lines>() + 32;
        let fields: usize = self.fields.iter().map(field).sum();
        let lines = |lines: &Option<Box<[u64]>>| lines.as_ref().map_or(0, |all| all.len() * 8 + 16);
        size_of::<Self>()
            + self.groups.len() * 4
            + self.alive.len() * 8
            + fields
            + lines(&self.kinds)
            + lines(&self.names)
    }
}

/// Keeps those whose bit is set in the line too; false when none is left.
fn keep(left: &mut [u64], line: &[u64]) -> bool {
    let mut any = 0;
    for (left, line) in left.iter_mut().zip(line) {
        *left &= line;
        any |= *left;
    }
    any != 0
}

fn keep_named(left: &mut [u64], lines: &[u64], names: &[u32]) {
    let words = left.len();
    let hashes = names.iter().fold(0u32, |all, name| all | 1 << hash(*name));
    for (word, left) in left.iter_mut().enumerate() {
        let mut any = lines[NAMES * words + word];
        for line in (0..NAMES).filter(|line| hashes & (1 << line) != 0) {
            any |= lines[line * words + word];
        }
        *left &= any;
    }
}

fn keep_kinds(left: &mut [u64], lines: &[u64], kinds: u8) {
    let words = left.len();
    for (word, left) in left.iter_mut().enumerate() {
        let mut any = 0;
        for kind in (0..8).filter(|kind| kinds & (1 << kind) != 0) {
            any |= lines[kind * words + word];
        }
        *left &= any;
    }
}
