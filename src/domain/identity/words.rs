//! Words of titles and places in a form in which two sites write them alike.

/// Words in order: lower case, common accents folded, split at everything that is no letter or digit and between
/// letters and digits, so that `S21` and `S 21`, `128GB` and `128 GB` are alike. Marks inside numbers are kept
/// together: `12.500` is 12500, `81,5` is 81.5.
pub(super) fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if c.is_ascii_digit() {
            at = number(&chars, at, &mut words);
        } else if c.is_alphabetic() {
            let mut word = String::new();
            while let Some(&c) = chars.get(at).filter(|c| c.is_alphabetic()) {
                fold(c, &mut word);
                at += 1;
            }
            words.push(word);
        } else {
            at += 1;
        }
    }
    words
}

/// Reads the number that begins at `at`; answers where it ends.
fn number(chars: &[char], mut at: usize, words: &mut Vec<String>) -> usize {
    let is_digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let mut number = String::new();
    loop {
        while let Some(c) = chars.get(at).filter(|c| c.is_ascii_digit()) {
            number.push(*c);
            at += 1;
        }
        let three = (1..4).all(|more| is_digit(at + more)) && !is_digit(at + 4);
        match chars.get(at) {
            Some('.' | ',' | '\'' | '’' | '\u{a0}' | '\u{202f}') if three => at += 1,
            Some('.' | ',') if is_digit(at + 1) && !is_digit(at + 3) && !number.contains('.') => {
                number.push('.');
                at += 1;
            }
            _ => break,
        }
    }
    if let Some((whole, part)) = number.clone().split_once('.') {
        let part = part.trim_end_matches('0');
        number = if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") };
    }
    words.push(number);
    at
}

/// Lower case without the accents that sites leave out or spell differently.
fn fold(c: char, word: &mut String) {
    for c in c.to_lowercase() {
        match c {
            'ä' | 'á' | 'à' | 'â' | 'ã' | 'å' | 'ą' => word.push('a'),
            'ö' | 'ó' | 'ò' | 'ô' | 'õ' | 'ø' => word.push('o'),
            'ü' | 'ú' | 'ù' | 'û' => word.push('u'),
            'é' | 'è' | 'ê' | 'ë' | 'ę' => word.push('e'),
            'í' | 'ì' | 'î' | 'ï' => word.push('i'),
            'ç' | 'ć' | 'č' => word.push('c'),
            'ñ' | 'ń' => word.push('n'),
            'š' | 'ś' => word.push('s'),
            'ž' | 'ź' | 'ż' => word.push('z'),
            'ł' => word.push('l'),
            'ß' => word.push_str("ss"),
            'ё' => word.push('е'),
            // A combining accent belongs to the letter before it.
            '\u{300}'..='\u{36f}' => {}
            c => word.push(c),
        }
    }
}

/// Words that stand alone as one capital letter: `Flat A`, `Haus B`.
pub(super) fn capital_letters(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() == 1 && word.chars().all(char::is_uppercase))
        .map(str::to_lowercase)
        .collect()
}

/// Whether a word is a number.
pub(super) fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

/// The number that a word is.
pub(super) fn as_number(word: &str) -> Option<f64> {
    if is_number(word) { word.parse().ok() } else { None }
}

/// Each word once, sorted; words of one letter say nothing.
pub(super) fn distinct(words: &[String]) -> Vec<String> {
    let mut all: Vec<String> = words
        .iter()
        .filter(|word| is_number(word) || word.chars().nth(1).is_some())
        .cloned()
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// How many words two sorted sets share.
pub(super) fn shared(a: &[String], b: &[String]) -> usize {
    a.iter().filter(|word| b.binary_search(word).is_ok()).count()
}

/// Resemblance of two sorted sets, 0 to 1 (Jaccard); two empty sets do not resemble each other.
#[expect(clippy::cast_precision_loss, reason = "numbers of words")]
pub(super) fn resemblance(a: &[String], b: &[String]) -> f64 {
    let both = shared(a, b);
    let any = a.len() + b.len() - both;
    if any == 0 { 0.0 } else { both as f64 / any as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written_in_each_country() {
        assert_eq!(words("12.500 km, 81,50 m² (3½)"), ["12500", "km", "81.5", "m", "3"]);
        assert_eq!(words("1'250 CHF 1,250.75 1.250,75"), ["1250", "chf", "1250.75", "1250.75"]);
        assert_eq!(
            words("2.0 TDI 2,5-Zimmer 24.12.2026"),
            ["2", "tdi", "2.5", "zimmer", "24.12", "2026"]
        );
    }

    #[test]
    fn letters_and_digits_part_and_accents_go() {
        assert_eq!(words("Galaxy S21 128GB"), words("galaxy s 21 128 Gb"));
        assert_eq!(words("Straße Łódź Düsseldorf"), ["strasse", "lodz", "dusseldorf"]);
        assert_eq!(capital_letters("Haus B, Wohnung A4 – I"), ["b", "i"]);
    }

    #[test]
    fn resemblance_counts_words_once() {
        let a = distinct(&words("bright flat bright balcony"));
        let b = distinct(&words("Flat, bright, quiet"));
        assert!((resemblance(&a, &b) - 0.5).abs() < 1e-9);
        assert_eq!(resemblance(&[], &[]), 0.0);
    }
}
