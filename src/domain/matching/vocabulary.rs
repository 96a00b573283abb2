//! The words that anybody asks for, and which of them stand in a text. Words come and go one at a time: nothing is
//! built anew.
//!
//! A text is read once, byte by byte. A filter of 64 Ki bits says of nearly every place that no word begins there;
//! where one may, a table says how long the words are that begin with these four bytes, and each length is looked
//! up once. So the cost grows with the text and not with the number of words.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

/// Bytes by which the beginning of a word is known.
const GRAM: usize = 4;
/// Longest word that can be looked up, bytes.
pub(super) const LONGEST: usize = GRAM + 63;
/// Words of the filter, 64 bits each.
const FILTER: usize = 1 << 10;

/// See the module.
#[derive(Debug)]
pub(super) struct Vocabulary {
    words: Vec<Word>,
    free: Vec<u32>,
    numbers: HashTable<u32>,
    hash: DefaultHashBuilder,
    /// By the first bytes of words of at least [`GRAM`]: which lengths there are, counted from [`GRAM`].
    lengths: HashMap<u32, u64>,
    /// How many words there are of 1 to 3 bytes.
    short: [u32; GRAM],
    filter: Box<[u64]>,
    /// Of all words.
    uses: u64,
}

#[derive(Debug)]
struct Word {
    text: Box<str>,
    uses: u32,
}

impl Default for Vocabulary {
    fn default() -> Self {
        Self {
            words: Vec::new(),
            free: Vec::new(),
            numbers: HashTable::new(),
            hash: DefaultHashBuilder::default(),
            lengths: HashMap::new(),
            short: [0; GRAM],
            filter: vec![0; FILTER].into_boxed_slice(),
            uses: 0,
        }
    }
}

/// The bit of the filter for a beginning.
fn bit(gram: u32) -> (usize, u64) {
    let place = (gram.wrapping_mul(0x9E37_79B1) >> 16) as usize;
    (place / 64, 1 << (place % 64))
}

/// The beginning of a text as a number; short ones carry their length.
fn gram(bytes: &[u8]) -> u32 {
    match *bytes {
        [a, b, c, d, ..] => u32::from_le_bytes([a, b, c, d]),
        [a, b, c] => u32::from_le_bytes([a, b, c, 0xFF]),
        [a, b] => u32::from_le_bytes([a, b, 0xFE, 0xFF]),
        [a] => u32::from_le_bytes([a, 0xFD, 0xFE, 0xFF]),
        [] => 0,
    }
}

impl Vocabulary {
    /// The number of a word of 1 to [`LONGEST`] bytes, which is used once more from now on.
    pub fn take(&mut self, text: &str) -> u32 {
        self.uses += 1;
        let hash = self.hash.hash_one(text.as_bytes());
        let same = |number: &u32| &*self.words[*number as usize].text == text;
        if let Some(&number) = self.numbers.find(hash, same) {
            self.words[number as usize].uses += 1;
            return number;
        }
        let word = Word { text: text.into(), uses: 1 };
        let number = match self.free.pop() {
            Some(number) => {
                self.words[number as usize] = word;
                number
            }
            None => {
                self.words.push(word);
                u32::try_from(self.words.len() - 1).unwrap_or(u32::MAX)
            }
        };
        let (words, state) = (&self.words, &self.hash);
        let rehash = |number: &u32| state.hash_one(words[*number as usize].text.as_bytes());
        self.numbers.insert_unique(hash, number, rehash);
        self.announce(text.as_bytes());
        number
    }

    /// How much of all uses is of this word, 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn share(&self, number: u32) -> f64 {
        f64::from(self.words[number as usize].uses) / self.uses as f64
    }

    fn announce(&mut self, bytes: &[u8]) {
        let begins = gram(bytes);
        let (place, bit) = bit(begins);
        self.filter[place] |= bit;
        match bytes.len().checked_sub(GRAM) {
            Some(longer) => *self.lengths.entry(begins).or_default() |= 1 << longer.min(63),
            None => self.short[bytes.len()] += 1,
        }
    }

    /// The word is used once less. The last use frees its number; the beginnings stay known, which costs a look-up.
    pub fn release(&mut self, number: u32) {
        self.uses -= 1;
        let word = &mut self.words[number as usize];
        word.uses -= 1;
        if word.uses > 0 {
            return;
        }
        let text = std::mem::take(&mut word.text);
        let hash = self.hash.hash_one(text.as_bytes());
        if let Ok(entry) = self.numbers.find_entry(hash, |known| *known == number) {
            entry.remove();
        }
        if let Some(count) = self.short.get_mut(text.len()) {
            *count -= 1;
        }
        self.free.push(number);
    }

    /// Adds to `found` the numbers of the words that stand in `text`, each once; `marks` has a bit for each.
    pub fn find(&self, text: &str, found: &mut Vec<u32>, marks: &mut Marks) {
        marks.fit(self.words.len());
        let bytes = text.as_bytes();
        // Bytes that are no text are no word either.
        let mut note = |word: &[u8]| {
            let same = |number: &u32| self.words[*number as usize].text.as_bytes() == word;
            if let Some(&number) = self.numbers.find(self.hash.hash_one(word), same)
                && marks.set(number)
            {
                found.push(number);
            }
        };
        for from in 0..bytes.len() {
            let rest = &bytes[from..];
            for length in 1..GRAM.min(rest.len() + 1) {
                if self.short[length] > 0 && self.may_begin(gram(&rest[..length])) {
                    note(&rest[..length]);
                }
            }
            if rest.len() < GRAM {
                continue;
            }
            let begins = gram(rest);
            if !self.may_begin(begins) {
                continue;
            }
            let mut lengths = self.lengths.get(&begins).copied().unwrap_or(0);
            while lengths != 0 {
                let length = GRAM + lengths.trailing_zeros() as usize;
                lengths &= lengths - 1;
                if length <= rest.len() {
                    note(&rest[..length]);
                }
            }
        }
    }

    fn may_begin(&self, gram: u32) -> bool {
        let (place, bit) = bit(gram);
        self.filter[place] & bit != 0
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        /// What an allocator adds to a small piece.
        const PIECE: usize = 16;
        let texts: usize = self.words.iter().map(|word| word.text.len() + PIECE).sum();
        texts
            + self.words.capacity() * size_of::<Word>()
            + self.free.capacity() * size_of::<u32>()
            + self.numbers.allocation_size()
            + self.lengths.allocation_size()
            + FILTER * size_of::<u64>()
    }
}

/// A set of small numbers that is emptied by naming its members.
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<u64>);

impl Marks {
    fn fit(&mut self, numbers: usize) {
        let words = numbers.div_ceil(64);
        if self.0.len() < words {
            self.0.resize(words, 0);
        }
    }

    /// Adds any number; whether it was not in the set.
    pub fn add(&mut self, number: u32) -> bool {
        self.fit(number as usize + 1);
        self.set(number)
    }

    /// Whether it was not in the set.
    fn set(&mut self, number: u32) -> bool {
        let word = &mut self.0[number as usize / 64];
        let bit = 1 << (number % 64);
        let fresh = *word & bit == 0;
        *word |= bit;
        fresh
    }

    /// Whether it is in the set.
    pub fn has(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// Empties the set, whose members these are.
    pub fn clear(&mut self, numbers: &[u32]) {
        for number in numbers {
            if let Some(word) = self.0.get_mut(*number as usize / 64) {
                *word = 0;
            }
        }
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(vocabulary: &Vocabulary, text: &str) -> Vec<String> {
        let (mut found, mut marks) = (Vec::new(), Marks::default());
        vocabulary.find(text, &mut found, &mut marks);
        let mut texts: Vec<String> = found
            .iter()
            .map(|number| vocabulary.words[*number as usize].text.to_string())
            .collect();
        texts.sort();
        marks.clear(&found);
        assert!(found.iter().all(|number| !marks.has(*number)));
        texts
    }

    #[test]
    fn words_are_found_wherever_they_stand_and_however_long_they_are() {
        let mut vocabulary = Vocabulary::default();
        let long = "x".repeat(LONGEST);
        for word in ["balkon", "balkontür", "alk", "a", "ür", "bal", "garten", "é", &long] {
            vocabulary.take(word);
        }
        assert_eq!(found(&vocabulary, "mit balkon"), ["a", "alk", "bal", "balkon"]);
        assert_eq!(
            found(&vocabulary, "balkontür"),
            ["a", "alk", "bal", "balkon", "balkontür", "ür"]
        );
        assert_eq!(found(&vocabulary, "caf\u{e9}"), ["a", "é"]);
        assert_eq!(found(&vocabulary, &format!("y{long}")), [long]);
        assert_eq!(found(&vocabulary, ""), [""; 0]);
    }

    #[test]
    fn a_word_is_known_until_its_last_use_ends() {
        let mut vocabulary = Vocabulary::default();
        let first = vocabulary.take("balkon");
        assert_eq!(vocabulary.take("balkon"), first);
        vocabulary.release(first);
        assert_eq!(found(&vocabulary, "balkon"), ["balkon"]);
        vocabulary.release(first);
        assert_eq!(found(&vocabulary, "balkon"), [""; 0]);
        assert_eq!(vocabulary.take("tv"), first, "numbers are used again");
        assert_eq!(found(&vocabulary, "tv balkon"), ["tv"]);
    }
}
