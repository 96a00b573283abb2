//! A field of a block: the line of numbers cut into buckets, and for each bucket who may want a number in it and who
//! surely does.
//!
//! Buckets are cut where the ranges of the groups begin and end. If there are few such places, each is a cut and a bucket
//! says all; else some ranges end inside a bucket, and for these groups the bucket only says "perhaps".

/// Cuts of a line of numbers at most.
const CUTS: usize = 47;

/// A group by its place in the block, and the ends of its range.
pub(super) type Reach = (usize, f64, f64);

/// See the module.
#[derive(Debug)]
pub(super) struct Ranges {
    pub field: u32,
    /// Where buckets begin, ascending; the first one begins nowhere.
    cuts: Box<[f64]>,
    may: Box<[u64]>,
    /// Empty if it would be the same as `may`.
    must: Box<[u64]>,
}

fn bucket(cuts: &[f64], number: f64) -> usize {
    cuts.partition_point(|cut| *cut <= number)
}

impl Ranges {
    /// `asked`: who (by place) asks for which range; `words`: how many pieces of 64 bits a line has.
    pub fn new(field: u32, asked: &[Reach], words: usize) -> Self {
        let cuts = cuts(asked);
        let mut may = vec![u64::MAX; (cuts.len() + 1) * words];
        let mut perhaps = Vec::new();
        for (place, low, high) in asked {
            let (first, last) = (bucket(&cuts, *low), bucket(&cuts, *high));
            for outside in (0..first).chain(last + 1..=cuts.len()) {
                may[outside * words + place / 64] &= !(1 << (place % 64));
            }
            let begins = if first == 0 { f64::NEG_INFINITY } else { cuts[first - 1] };
            if begins != *low {
                perhaps.push((first, *place));
            }
            let ends = cuts.get(last).copied().unwrap_or(f64::INFINITY);
            if ends != high.next_up() {
                perhaps.push((last, *place));
            }
        }
        let mut must = if perhaps.is_empty() { vec![] } else { may.clone() };
        for (bucket, place) in perhaps {
            must[bucket * words + place / 64] &= !(1 << (place % 64));
        }
        Self { field, cuts: cuts.into(), may: may.into(), must: must.into() }
    }

    /// Who may want the number; and who, of these, surely does, where that is less.
    pub fn lines(&self, number: f64, words: usize) -> (&[u64], Option<&[u64]>) {
        let from = bucket(&self.cuts, number) * words;
        let lines = from..from + words;
        (&self.may[lines.clone()], self.must.get(lines))
    }

    /// Memory on the heap, bytes.
    pub fn bytes(&self) -> usize {
        (self.cuts.len() + self.may.len() + self.must.len()) * 8 + 3 * 16
    }
}

/// All places where a range begins or ends, or so many of them that about as many ranges lie between each two.
fn cuts(asked: &[Reach]) -> Vec<f64> {
    let begins = asked.iter().map(|(_, low, _)| *low);
    let ends = asked.iter().map(|(_, _, high)| high.next_up());
    let mut all: Vec<f64> = begins.chain(ends).filter(|cut| cut.is_finite()).collect();
    all.sort_unstable_by(f64::total_cmp);
    let count = all.len();
    let mut some: Vec<f64> = match count {
        0 => vec![],
        _ => (0..CUTS).map(|number| all[(2 * number + 1) * count / (2 * CUTS)]).collect(),
    };
    some.dedup();
    all.dedup();
    if all.len() <= CUTS { all } else { some }
}
