//! Up to 4,096 groups side by side, judged 64 at a time.
//!
//! A line has a bit for each group. For each field that enough of them ask for there are lines by buckets of numbers
//! ([`Ranges`]); kinds of change, pictures and sellers have lines too; words and names have lists ([`Posted`]). And-ing
//! what a listing's values lead to leaves those who may want it. A group whose conditions are all in the lines is
//! *sure*: nobody needs to read its program.
//!
//! A block never grows; who leaves it loses its bit.

use super::groups::Groups;
use super::keys::Key;
use super::posted::Posted;
use super::program::{ALL_KINDS, Step, read};
use super::ranges::{Ranges, Reach};
use super::sign::Shape;
use super::watches::{MANY, Watches};
use crate::domain::filter::SellerKind;

/// Most groups of a block: 64 words of 64 bits.
pub(super) const LARGEST: usize = 4_096;
/// A field has lines if at least one of so many groups asks for it.
const SHARE: usize = 16;

/// See the module.
#[derive(Debug)]
pub(super) struct Block {
    groups: Box<[u32]>,
    /// The name of the only watch of each group, or [`MANY`]: so most names are read in a row.
    only: Box<[u128]>,
    alive: Box<[u64]>,
    /// Whose conditions are all in the lines.
    sure: Box<[u64]>,
    dead: usize,
    names: Option<Posted>,
    fields: Box<[Ranges]>,
    /// A line for each kind of change, if it matters to some.
    kinds: Option<Box<[u64]>>,
    /// Those who take it without a picture.
    bare: Option<Box<[u64]>>,
    /// Those who take it from a private person, those who take it from a dealer.
    sellers: Option<Box<[u64]>>,
    words: Option<Posted>,
    without: Option<Posted>,
}

/// What a listing shows to a block.
pub(super) trait Shown {
    /// The number of a field; `None` when it is not known.
    fn number(&mut self, field: u32) -> Option<f64>;

    /// Bits of the kinds of change that are asked about.
    fn kinds(&self) -> u8;

    /// The known names of places that it has; `None` when its place is not known.
    fn names(&self) -> Option<&[u32]>;

    /// The known words that it has.
    fn words(&self) -> &[u32];

    /// Whether there is a picture.
    fn has_photo(&self) -> bool;

    /// Who offers it, if that is known.
    fn seller(&self) -> Option<SellerKind>;

    /// Its names and words at a glance.
    fn shape(&self) -> &Shape;
}

/// Who may want a listing.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// These watches do.
    pub known: Vec<u128>,
    /// Whether a group cannot come twice, so that its watch may go among the `known`.
    pub once: bool,
    /// These groups do.
    pub sure: Vec<u32>,
    /// Their programs decide.
    pub perhaps: Vec<u32>,
}

/// A block that is being built.
struct Draft {
    key: Key,
    words: usize,
    sure: Vec<u64>,
    ranges: Vec<(u32, Vec<Reach>)>,
    kinds: Vec<u64>,
    choosy: Vec<usize>,
    bare: Vec<u64>,
    sellers: Vec<u64>,
    named: Vec<(u32, u16)>,
    worded: Vec<(u32, u16)>,
    without: Vec<(u32, u16)>,
}

fn clear(line: &mut [u64], place: usize) {
    line[place / 64] &= !(1 << (place % 64));
}

/// The range of a condition about a number, and whether it is exactly that.
fn range_of(step: &Step<'_>) -> Option<(u32, f64, f64, bool)> {
    /// Whole numbers below have a float each.
    const EXACT: u64 = 1 << 53;
    match *step {
        #[expect(clippy::cast_precision_loss, reason = "rounding keeps the order")]
        Step::Price { field, min, max } => Some((
            field,
            min.map_or(f64::NEG_INFINITY, |min| min as f64),
            max.map_or(f64::INFINITY, |max| max as f64),
            min.iter().chain(&max).all(|bound| bound.unsigned_abs() < EXACT),
        )),
        Step::Number { field, min, max } => {
            let (low, high) = (min.unwrap_or(f64::NEG_INFINITY), max.unwrap_or(f64::INFINITY));
            Some((field, low, high, true))
        }
        _ => None,
    }
}

impl Draft {
    fn new(key: Key, groups: usize) -> Self {
        let words = groups.div_ceil(64);
        Self {
            key,
            words,
            sure: vec![u64::MAX; words],
            ranges: vec![],
            kinds: vec![u64::MAX; 8 * words],
            choosy: vec![],
            bare: vec![u64::MAX; words],
            sellers: vec![u64::MAX; 2 * words],
            named: vec![],
            worded: vec![],
            without: vec![],
        }
    }

    fn add(&mut self, place: usize, program: &[u8]) {
        let short = u16::try_from(place).unwrap_or(u16::MAX);
        let (asked, steps) = read(program);
        if asked != ALL_KINDS {
            self.choosy.push(place);
            for kind in (0..8).filter(|kind| asked & (1 << kind) == 0) {
                clear(&mut self.kinds[kind * self.words..], place);
            }
        }
        let has_any = steps.into_iter().any(|step| matches!(step, Step::Any(_)));
        for step in steps {
            if let Some((field, low, high, exact)) = range_of(&step) {
                self.range(place, field, low, high, exact);
                continue;
            }
            match step {
                Step::Photo => clear(&mut self.bare, place),
                Step::Seller(SellerKind::Private) => clear(&mut self.sellers[self.words..], place),
                Step::Seller(SellerKind::Dealer) => clear(&mut self.sellers, place),
                Step::Named(names) => {
                    if { names }.all(|name| Key::Name(name) != self.key) {
                        self.named.extend(names.map(|name| (name, short)));
                    }
                }
                Step::Any(words) => {
                    if { words }.all(|word| Key::Word(word) != self.key) {
                        self.worded.extend(words.map(|word| (word, short)));
                    }
                }
                Step::All(words) => {
                    let mut others = words.filter(|word| Key::Word(*word) != self.key);
                    let Some(one) = others.next() else { continue };
                    if !has_any {
                        self.worded.push((one, short));
                    }
                    if has_any || others.next().is_some() {
                        clear(&mut self.sure, place);
                    }
                }
                Step::None(words) => self.without.extend(words.map(|word| (word, short))),
                _ => clear(&mut self.sure, place),
            }
        }
    }

    fn range(&mut self, place: usize, field: u32, low: f64, high: f64, exact: bool) {
        let is_range = low <= high;
        if !exact || !is_range {
            clear(&mut self.sure, place);
        }
        if !is_range {
            return;
        }
        match self.ranges.iter_mut().find(|(known, _)| *known == field) {
            Some((_, all)) => all.push((place, low, high)),
            None => self.ranges.push((field, vec![(place, low, high)])),
        }
    }

    fn finish(mut self, groups: &[u32], only: Box<[u128]>) -> Block {
        let mut alive = vec![u64::MAX; self.words];
        if !groups.len().is_multiple_of(64) {
            alive[self.words - 1] = (1 << (groups.len() % 64)) - 1;
        }
        let enough = |count: usize| count * SHARE >= groups.len();
        let few = std::mem::take(&mut self.ranges);
        let (mut ranges, few): (Vec<_>, Vec<_>) =
            few.into_iter().partition(|(_, asked)| enough(asked.len()));
        for (place, _, _) in few.iter().flat_map(|(_, asked)| asked) {
            clear(&mut self.sure, *place);
        }
        ranges.sort_by_key(|(_, asked)| std::cmp::Reverse(asked.len()));
        let some = |line: Vec<u64>| {
            line.iter().any(|word| *word != u64::MAX).then(|| line.into_boxed_slice())
        };
        let fields = ranges.iter().map(|(field, asked)| Ranges::new(*field, asked, self.words));
        Block {
            groups: groups.into(),
            only,
            sure: self.sure.into(),
            dead: 0,
            fields: fields.collect(),
            kinds: (!self.choosy.is_empty()).then(|| self.kinds.into()),
            bare: some(self.bare),
            sellers: some(self.sellers),
            names: Posted::new(self.named, &alive),
            words: Posted::new(self.worded, &alive),
            without: Posted::new(self.without, &alive),
            alive: alive.into(),
        }
    }
}

impl Block {
    /// Files these groups; a listing that gets here has `key`.
    pub fn new(key: Key, filed: &[u32], groups: &Groups, watches: &Watches) -> Self {
        let mut draft = Draft::new(key, filed.len());
        for (place, group) in filed.iter().enumerate() {
            draft.add(place, groups.program(*group));
        }
        let only = filed.iter().map(|group| watches.only(groups.head(*group)));
        draft.finish(filed, only.collect())
    }

    /// The group at a place has other watches now.
    pub fn rename(&mut self, place: usize, only: u128) {
        self.only[place] = only;
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
    pub fn candidates(&self, shown: &mut impl Shown, found: &mut Found) {
        let words = self.alive.len();
        let mut room = [0u64; LARGEST / 64];
        let left = &mut room[..words];
        left.copy_from_slice(&self.alive);
        if let (Some(lists), Some(names)) = (&self.names, shown.names())
            && !lists.keep(left, names)
        {
            return;
        }
        let mut room = [0u64; LARGEST / 64];
        let sure = &mut room[..words];
        sure.copy_from_slice(&self.sure);
        for ranges in &self.fields {
            let Some(number) = shown.number(ranges.field) else { continue };
            if number.is_nan() {
                sure.fill(0);
                continue;
            }
            let (may, must) = ranges.lines(number, words);
            if !keep(left, may) {
                return;
            }
            if let Some(must) = must {
                keep(sure, must);
            }
        }
        if self.keep_others(left, shown) {
            self.push(left, sure, found);
        }
    }

    /// Kinds, pictures, sellers, words; false when none is left.
    fn keep_others(&self, left: &mut [u64], shown: &impl Shown) -> bool {
        let words = left.len();
        if let Some(lines) = &self.kinds {
            keep_kinds(left, lines, shown.kinds());
        }
        if let Some(line) = self.bare.as_ref().filter(|_| !shown.has_photo()) {
            keep(left, line);
        }
        if let (Some(lines), Some(seller)) = (&self.sellers, shown.seller()) {
            let from = usize::from(seller == SellerKind::Dealer) * words;
            keep(left, &lines[from..from + words]);
        }
        if let Some(lists) = &self.words
            && !lists.keep(left, shown.words())
        {
            return false;
        }
        if let Some(lists) = &self.without {
            lists.drop(left, shown.words());
        }
        true
    }

    fn push(&self, left: &[u64], sure: &[u64], found: &mut Found) {
        for (word, (left, sure)) in left.iter().zip(sure).enumerate() {
            if *left == 0 {
                continue;
            }
            let groups = &self.groups[word * 64..];
            let only = &self.only[word * 64..];
            each(left & sure, |bit| match only[bit] {
                name if found.once && name != MANY => found.known.push(name),
                _ => found.sure.push(groups[bit]),
            });
            each(left & !sure, |bit| found.perhaps.push(groups[bit]));
        }
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        let line = |lines: &Option<Box<[u64]>>| lines.as_ref().map_or(0, |all| all.len() * 8 + 16);
        let lists = [&self.names, &self.words, &self.without];
        size_of::<Self>()
            + self.groups.len() * 20
            + self.alive.len() * 16
            + self.fields.iter().map(|one| one.bytes() + size_of::<Ranges>()).sum::<usize>()
            + [&self.kinds, &self.bare, &self.sellers].into_iter().map(line).sum::<usize>()
            + lists.into_iter().flatten().map(Posted::bytes).sum::<usize>()
    }
}

/// Keeps those whose bit is set in the line too; false when none is left.
pub(super) fn keep(left: &mut [u64], line: &[u64]) -> bool {
    let mut any = 0;
    for (left, line) in left.iter_mut().zip(line) {
        *left &= line;
        any |= *left;
    }
    any != 0
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

/// The places of the bits that are set.
fn each(mut bits: u64, mut take: impl FnMut(usize)) {
    while bits != 0 {
        take(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}
