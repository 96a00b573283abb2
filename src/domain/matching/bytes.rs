//! Numbers in as few bytes as they need.

/// Writes numbers one after another.
#[derive(Debug, Default)]
pub(super) struct Writer(pub Vec<u8>);

impl Writer {
    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    /// Small numbers of either sign are short.
    pub fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    /// Whole numbers are short, others take nine bytes.
    pub fn float(&mut self, number: f64) {
        match whole(number) {
            Some(whole) => self.number(whole << 1),
            None => {
                self.byte(1);
                self.0.extend_from_slice(&number.to_le_bytes());
            }
        }
    }
}

/// The whole number, of either sign, that is exactly this one.
fn whole(number: f64) -> Option<u64> {
    const LIMIT: f64 = 9_007_199_254_740_992.0;
    if number.fract() != 0.0 || number.abs() >= LIMIT || number.to_bits() == (-0.0f64).to_bits() {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    let number = number as i64;
    Some(((number << 1) ^ (number >> 63)).cast_unsigned())
}

/// Reads what a [`Writer`] wrote; zeros where nothing is left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'p>(pub &'p [u8]);

impl Reader<'_> {
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub fn number(&mut self) -> u64 {
        let mut number = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte();
            number |= u64::from(byte & 0x7F) << shift;
            shift += 7;
            if byte < 0x80 || shift > 63 {
                return number;
            }
        }
    }

    /// A number of things that follow.
    pub fn length(&mut self) -> usize {
        usize::try_from(self.number()).unwrap_or(0)
    }

    /// Passes over a number.
    pub fn skip(&mut self) {
        while self.byte() >= 0x80 {}
    }

    pub fn signed(&mut self) -> i64 {
        sign(self.number())
    }

    pub fn float(&mut self) -> f64 {
        let number = self.number();
        if number & 1 == 0 {
            #[expect(clippy::cast_precision_loss, reason = "it was below 2^53")]
            return sign(number >> 1) as f64;
        }
        let Some((bytes, rest)) = self.0.split_first_chunk::<8>() else { return 0.0 };
        self.0 = rest;
        f64::from_le_bytes(*bytes)
    }
}

fn sign(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(numbers: Vec<u64>, signed: Vec<i64>, floats: Vec<f64>) {
            let more = [0.0, -0.0, 1.0, -1.0, 1e15, 9e15, 1e16, 0.1, f64::INFINITY, f64::NAN];
            let floats: Vec<f64> = floats.into_iter().chain(more).collect();
            let mut out = Writer::default();
            numbers.iter().for_each(|number| out.number(*number));
            signed.iter().chain(&[i64::MIN, i64::MAX]).for_each(|number| out.signed(*number));
            floats.iter().for_each(|number| out.float(*number));
            let mut reader = Reader(&out.0);
            for number in &numbers {
                prop_assert_eq!(reader.number(), *number);
            }
            for number in signed.iter().chain(&[i64::MIN, i64::MAX]) {
                prop_assert_eq!(reader.signed(), *number);
            }
            for number in &floats {
                prop_assert_eq!(reader.float().to_bits(), number.to_bits());
            }
            prop_assert!(reader.0.is_empty());
        }
    }
}
