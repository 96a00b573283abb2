//! Sketches of texts: how much two descriptions resemble each other, without keeping them.
//!
//! MinHash over shingles of three words (Broder, "On the resemblance and containment of documents", 1997): for each
//! of [`SLOTS`] orders of all shingles the smallest one of the text is kept; the share of equal slots estimates the
//! resemblance of the two sets of shingles, with a standard error of at most 0.07. Of each only the last 16 bits are kept (Li
//! and König, "b-Bit Minwise Hashing", 2010): two different shingles agree by chance once in 65,536. Lists cut
//! descriptions where they like but begin them alike, so only the first [`WORDS`] words count.

use super::words;

/// Orders of shingles.
pub const SLOTS: usize = 48;
/// Words of a text that count.
pub const WORDS: usize = 40;
/// Words of a text at least: shorter ones are common phrases.
const LEAST: usize = 10;
/// Words in a shingle.
const SHINGLE: usize = 3;

/// The sketch of a text; empty when the text is too short to say anything.
pub fn sketch(text: &str) -> Vec<u16> {
    let mut words = words::words(text);
    words.truncate(WORDS);
    if words.len() < LEAST {
        return Vec::new();
    }
    let shingles: Vec<u64> = words.windows(SHINGLE).map(hash).collect();
    (0..SLOTS as u64)
        .map(|slot| {
            let least = shingles.iter().map(|one| mix(one ^ mix(slot + 1))).min().unwrap_or(0);
            u16::try_from(least & 0xffff).unwrap_or(0)
        })
        .collect()
}

/// Resemblance of two texts, 0 to 1; `None` when one of them is unknown or too short.
#[expect(clippy::cast_precision_loss, reason = "numbers of slots")]
pub fn resemblance(a: &[u16], b: &[u16]) -> Option<f64> {
    if a.len() != SLOTS || b.len() != SLOTS {
        return None;
    }
    let equal = a.iter().zip(b).filter(|(a, b)| a == b).count();
    Some(equal as f64 / SLOTS as f64)
}

/// FNV-1a over the words with a mark between them.
pub(super) fn hash<S: AsRef<str>>(words: &[S]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for word in words {
        for byte in word.as_ref().bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    hash
}

/// The finaliser of SplitMix64: each bit of the result depends on every bit that goes in.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Bright corner flat on the second floor with a view of the park, an oak floor, a kitchen \
        that stays, two balconies and a dry cellar; the tram stops in front of the house every six minutes.";

    #[test]
    fn equal_texts_agree_and_foreign_ones_do_not() {
        let one = sketch(TEXT);
        assert_eq!(one.len(), SLOTS);
        assert_eq!(resemblance(&one, &sketch(&TEXT.to_uppercase())), Some(1.0));
        let other = sketch(
            "We look for a driver with a licence for lorries who likes to work at night and on weekends",
        );
        assert!(resemblance(&one, &other).unwrap() < 0.1);
    }

    #[test]
    fn the_estimate_is_near_the_true_resemblance() {
        // One word of 36 differs: 3 of 34 shingles on each side, 31 of 37 shared.
        let close = sketch(&TEXT.replace("oak", "elm"));
        let estimate = resemblance(&sketch(TEXT), &close).unwrap();
        assert!((estimate - 31.0 / 37.0).abs() < 0.15, "{estimate}");
    }

    #[test]
    fn a_short_text_has_no_sketch() {
        assert!(sketch("nice flat, call me").is_empty());
        assert_eq!(resemblance(&[], &sketch(TEXT)), None);
    }

    #[test]
    fn sketches_do_not_change_with_the_program() {
        // They are kept in the record: another value here would cut all old listings off from new ones.
        assert_eq!(sketch(TEXT)[..3], [18209, 58300, 30705]);
    }
}
