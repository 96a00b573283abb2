//! Names and words at a glance: a few bytes that say of most groups that they do not want a listing.
//!
//! Up to four names of places stand side by side as numbers of 16 bits, to be compared at once; words are bits.

use super::program::{Step, read};

/// One of these names and one of these words must a listing have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sign {
    names: u64,
    words: u32,
}

/// Any name will do. No name looks like that.
const ANY: u64 = u64::MAX;
/// Ones in each of the four numbers.
const ONES: u64 = 0x0001_0001_0001_0001;

/// What a listing has.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Each name four times; `None` if its place is not known.
    names: Option<Vec<u64>>,
    words: u32,
}

fn short(name: u32) -> u64 {
    u64::from(name.wrapping_mul(0x9E37_79B1) >> 16).min(0xFFFE)
}

fn bits(words: impl IntoIterator<Item = u32>) -> u32 {
    words.into_iter().fold(0, |all, word| all | 1 << (word.wrapping_mul(0x9E37_79B1) >> 27))
}

impl Shape {
    /// Of a listing with these names, if its place is known, and these words.
    pub fn new(names: Option<&[u32]>, words: &[u32]) -> Self {
        let four = |name: &u32| short(*name) * ONES;
        let names = names.map(|names| names.iter().map(four).collect());
        Self { names, words: bits(words.iter().copied()) }
    }
}

impl Sign {
    /// Of a group with this program.
    pub fn of(program: &[u8]) -> Self {
        let mut own = Self { names: ANY, words: u32::MAX };
        for step in read(program).1 {
            match step {
                Step::Named(names) if (1..=4).contains(&names.count_left()) => {
                    let four = names.chain(names).chain(names).chain(names).take(4);
                    own.names = four.fold(0, |all, name| all << 16 | short(name));
                }
                Step::Any(words) => own.words = bits(words),
                Step::All(words) if own.words == u32::MAX => own.words = bits(words),
                _ => {}
            }
        }
        own
    }

    /// Whether the group may want a listing of that shape.
    pub fn may_want(self, listing: &Shape) -> bool {
        let has = |four: &u64| {
            // A number of 16 bits is zero where the two are the same.
            let other = self.names ^ four;
            other.wrapping_sub(ONES) & !other & (ONES << 15) != 0
        };
        let by_word = self.words == u32::MAX || self.words & listing.words != 0;
        let by_name = || listing.names.as_ref().is_none_or(|names| names.iter().any(has));
        by_word && (self.names == ANY || by_name())
    }
}
