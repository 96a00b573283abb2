//! Who of a block asks for a word or a name: lists of places by term, and a line of those who ask for none.
//!
//! Most terms of a block are asked for by a few of its groups, so a line of bits for each would be nearly empty. A list
//! costs six bytes for each wish and says exactly who; a listing looks up the terms that it has.

/// Wishes that share a bucket, about.
const FULL: usize = 4;

/// See the module.
#[derive(Debug)]
pub(super) struct Posted {
    /// Where the wishes of a bucket begin; one more than there are buckets.
    begins: Box<[u32]>,
    terms: Box<[u32]>,
    places: Box<[u16]>,
    /// Those who ask for none of these terms.
    free: Box<[u64]>,
    has_free: bool,
}

fn bucket(term: u32, buckets: usize) -> usize {
    ((u64::from(term.wrapping_mul(0x9E37_79B1)) * buckets as u64) >> 32) as usize
}

impl Posted {
    /// `wishes`: terms and who (by place) asks for them; none if there is no wish. `alive`: a bit for each place.
    pub fn new(mut wishes: Vec<(u32, u16)>, alive: &[u64]) -> Option<Self> {
        if wishes.is_empty() {
            return None;
        }
        let buckets = wishes.len().div_ceil(FULL);
        let mut free: Box<[u64]> = alive.into();
        for (_, place) in &wishes {
            free[usize::from(*place) / 64] &= !(1 << (place % 64));
        }
        wishes.sort_unstable_by_key(|(term, place)| (bucket(*term, buckets), *term, *place));
        let mut begins = vec![0u32; buckets + 1];
        for (term, _) in &wishes {
            begins[bucket(*term, buckets) + 1] += 1;
        }
        for at in 1..begins.len() {
            begins[at] += begins[at - 1];
        }
        let has_free = free.iter().any(|word| *word != 0);
        Some(Self {
            begins: begins.into(),
            terms: wishes.iter().map(|(term, _)| *term).collect(),
            places: wishes.iter().map(|(_, place)| *place).collect(),
            free,
            has_free,
        })
    }

    /// The places of those who ask for the term.
    fn who(&self, term: u32) -> impl Iterator<Item = usize> {
        let at = bucket(term, self.begins.len() - 1);
        let wishes = self.begins[at] as usize..self.begins[at + 1] as usize;
        let (terms, places) = (&self.terms[wishes.clone()], &self.places[wishes]);
        let asked = terms.iter().zip(places).filter(move |(known, _)| **known == term);
        asked.map(|(_, place)| usize::from(*place))
    }

    /// Keeps those who ask for one of the terms, or for none; false when none is left.
    pub fn keep(&self, left: &mut [u64], terms: &[u32]) -> bool {
        let mut room = [0u64; super::block::LARGEST / 64];
        let line = &mut room[..left.len()];
        let mut any = self.has_free;
        if any {
            line.copy_from_slice(&self.free);
        }
        for term in terms {
            for place in self.who(*term) {
                line[place / 64] |= 1 << (place % 64);
                any = true;
            }
        }
        any && super::block::keep(left, line)
    }

    /// Drops those who name one of the terms.
    pub fn drop(&self, left: &mut [u64], terms: &[u32]) {
        for term in terms {
            for place in self.who(*term) {
                left[place / 64] &= !(1 << (place % 64));
            }
        }
    }

    /// Memory on the heap, bytes.
    pub fn bytes(&self) -> usize {
        self.begins.len() * 4 + self.terms.len() * 6 + self.free.len() * 8 + 4 * 16
    }
}
