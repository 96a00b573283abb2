//! Names and words at a glance: a few bits that say of most groups that they do not want a listing.

use super::program::{Step, read};

/// A bit for each hash of a name and of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sign {
    pub names: u64,
    pub words: u32,
}

/// The bits of these terms.
pub(super) fn bits(terms: impl IntoIterator<Item = u32>) -> u64 {
    terms.into_iter().fold(0, |all, term| all | 1 << (term.wrapping_mul(0x9E37_79B1) >> 26))
}

/// The same in fewer bits.
pub(super) fn short_bits(terms: impl IntoIterator<Item = u32>) -> u32 {
    terms.into_iter().fold(0, |all, term| all | 1 << (term.wrapping_mul(0x9E37_79B1) >> 27))
}

impl Sign {
    /// Of which names and words a listing must have one for this program.
    pub fn of(program: &[u8]) -> Self {
        let mut own = Self { names: u64::MAX, words: u32::MAX };
        for step in read(program).1 {
            match step {
                Step::Named(names) => own.names = bits(names),
                Step::Any(words) => own.words = short_bits(words),
                Step::All(words) if own.words == u32::MAX => own.words = short_bits(words),
                _ => {}
            }
        }
        own
    }

    /// Whether a listing of that sign may have them.
    pub fn may_be_in(self, listing: Self) -> bool {
        let by_name = self.names == u64::MAX || self.names & listing.names != 0;
        by_name && (self.words == u32::MAX || self.words & listing.words != 0)
    }
}
