//! Numbers as people print them: `1.234,56`, `1,234.56`, `1 234,5`, `1'049.95`, `.75`, `3,480万`.

use std::fmt;

/// An exact decimal number: `digits / 10^scale`.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    /// All digits as one integer.
    pub digits: i128,
    /// How many of them stand behind the decimal mark.
    pub scale: u32,
}

impl Decimal {
    /// The number without zeros at its end.
    fn normal(self) -> (i128, u32) {
        let (mut digits, mut scale) = (self.digits, self.scale);
        while scale > 0 && digits % 10 == 0 {
            digits /= 10;
            scale -= 1;
        }
        (digits, scale)
    }

    /// Reads a plain decimal number (`-12.50`), as JSON and program output print it.
    pub fn plain(text: &str) -> Option<Decimal> {
        let (sign, body) = match text.strip_prefix('-') {
            Some(body) => (-1, body),
            None => (1, text),
        };
        let (whole, part) = body.split_once('.').unwrap_or((body, ""));
        let all = format!("{whole}{part}");
        if all.is_empty() || all.len() > 30 || !all.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let scale = u32::try_from(part.len()).ok()?;
        Some(Decimal { digits: sign * all.parse::<i128>().ok()?, scale })
    }

    /// The number in units of `10^-exponent`, rounded half away from zero; `None` if it does not fit.
    pub fn minor(self, exponent: u32) -> Option<i64> {
        let value = if exponent >= self.scale {
            self.digits.checked_mul(10i128.checked_pow(exponent - self.scale)?)?
        } else {
            let unit = 10i128.checked_pow(self.scale - exponent)?;
            (self.digits + self.digits.signum() * (unit / 2)) / unit
        };
        i64::try_from(value).ok()
    }

    /// The nearest floating point number (for areas and rooms, never for money).
    pub fn to_f64(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The number times a power of ten (`万` is 4, a million 6).
    fn shifted(self, power: u32) -> Option<Decimal> {
        if power <= self.scale {
            return Some(Decimal { digits: self.digits, scale: self.scale - power });
        }
        let digits = self.digits.checked_mul(10i128.checked_pow(power - self.scale)?)?;
        Some(Decimal { digits, scale: 0 })
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Decimal) -> bool {
        self.normal() == other.normal()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (digits, scale) = self.normal();
        let sign = if digits < 0 { "-" } else { "" };
        let body = digits.unsigned_abs().to_string();
        let scale = scale as usize;
        if scale == 0 {
            return write!(f, "{sign}{body}");
        }
        let body = format!("{body:0>width$}", width = scale + 1);
        let (whole, part) = body.split_at(body.len() - scale);
        write!(f, "{sign}{whole}.{part}")
    }
}

/// What is known about the writing of a number before reading it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marks {
    /// The decimal mark, when it is known for sure; otherwise the shape of the number decides.
    pub decimal: Option<char>,
    /// Three digits behind a single mark are a fraction (currencies with thousandths).
    pub thousandths: bool,
}

/// A number found in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Token {
    /// First byte of the number in the text.
    pub start: usize,
    /// First byte behind the number, multiplier included.
    pub end: usize,
    /// Its value.
    pub value: Decimal,
}

/// Finds all numbers of a text, from left to right. The text should be folded (see [`fold`]).
pub fn scan(text: &str, marks: Marks) -> Vec<Token> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let starts = chars[at].1.is_ascii_digit() || opens_fraction(&chars, at);
        if !starts {
            at += 1;
            continue;
        }
        let stop = extent(&chars, at);
        let end = chars.get(stop).map_or(text.len(), |c| c.0);
        let raw: String = chars[at..stop].iter().map(|c| c.1).filter(|c| *c != ' ').collect();
        if let Some(value) = interpret(&raw, marks) {
            let (value, end) = multiplied(text, end, value);
            found.push(Token { start: chars[at].0, end, value });
        }
        at = stop.max(at + 1);
    }
    found
}

/// Reads the first number of a text in the writing of a country with this decimal mark.
pub fn first(text: &str, decimal: char) -> Option<Decimal> {
    let text = fold(text);
    let found = scan(&text, Marks { decimal: Some(decimal), thousandths: false });
    let strict = found.first()?;
    // "81.5" on a page that writes "81,5" elsewhere: a mark that cannot separate thousands is decimal.
    let free = scan(&text, Marks::default());
    let raw = &text[strict.start..strict.end];
    let other = if decimal == ',' { '.' } else { ',' };
    let odd = raw.rsplit(other).next().is_some_and(|tail| tail.len() != 3);
    if raw.matches(other).count() == 1 && !raw.contains(decimal) && odd {
        return free.first().map(|t| t.value);
    }
    Some(strict.value)
}

/// Folds digits and spaces of other scripts to ASCII, so that one grammar reads them all.
pub fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{ad}'))
        .map(|c| match c {
            '\u{660}'..='\u{669}' => digit(c, 0x660),
            '\u{6f0}'..='\u{6f9}' => digit(c, 0x6f0),
            '\u{ff10}'..='\u{ff19}' => digit(c, 0xff10),
            '٫' | '，' => ',',
            '٬' | '’' | '‘' | 'ʼ' | '´' => '\'',
            '．' => '.',
            c if c.is_whitespace() || c == '\u{200b}' => ' ',
            c => c,
        })
        .collect()
}

fn digit(c: char, zero: u32) -> char {
    char::from_digit(u32::from(c) - zero, 10).unwrap_or(c)
}

fn is_mark(c: char) -> bool {
    matches!(c, '.' | ',' | '\'')
}

/// `.75` opens a fraction; `a.75`, `1.75` (middle) and `..75` (first mark) are left to the rest.
fn opens_fraction(chars: &[(usize, char)], at: usize) -> bool {
    let before = at.checked_sub(1).map(|i| chars[i].1);
    matches!(chars[at].1, '.' | ',')
        && chars.get(at + 1).is_some_and(|c| c.1.is_ascii_digit())
        && !before.is_some_and(|c| c.is_alphanumeric())
}

/// How many digits follow from `at`.
fn run(chars: &[(usize, char)], at: usize) -> usize {
    chars[at.min(chars.len())..].iter().take_while(|c| c.1.is_ascii_digit()).count()
}

/// Index behind the last character that belongs to the number starting at `at`.
fn extent(chars: &[(usize, char)], at: usize) -> usize {
    let mut i = at + usize::from(!chars[at].1.is_ascii_digit());
    let mut group = run(chars, i);
    i += group;
    let mut fraction = i > at && !chars[at].1.is_ascii_digit();
    loop {
        let (Some(c), next) = (chars.get(i).map(|c| c.1), run(chars, i + 1)) else { return i };
        if is_mark(c) && next > 0 {
            fraction = next != 3;
            i += 1 + next;
            group = next;
        } else if c == ' ' && next == 3 && group <= 3 && !fraction {
            i += 1 + next;
            group = 3;
        } else if matches!(c, '.' | ',')
            && chars.get(i + 1).is_some_and(|c| c.1 == ' ')
            && run(chars, i + 2) == 2
            && !fraction
        {
            return i + 4; // "36. 24": the page put the cents into an element of their own
        } else {
            return i;
        }
    }
}

/// Decides which marks group thousands and which one is decimal, then reads the digits.
fn interpret(raw: &str, marks: Marks) -> Option<Decimal> {
    let decimal_at = match marks.decimal {
        Some(mark) if matches!(mark, '.' | ',') => raw.rfind(mark).filter(|at| {
            // A mark that occurs twice groups thousands, whatever the country.
            raw.matches(mark).count() == 1 || raw[at + 1..].len() != 3
        }),
        _ => guess_decimal(raw, marks.thousandths),
    };
    let (whole, part) = match decimal_at {
        Some(at) => (&raw[..at], &raw[at + 1..]),
        None => (raw, ""),
    };
    let keep = |s: &str| s.chars().filter(char::is_ascii_digit).collect::<String>();
    let (whole, part) = (keep(whole), keep(part));
    let all = format!("{whole}{part}");
    if all.is_empty() || all.len() > 24 {
        return None;
    }
    Some(Decimal { digits: all.parse().ok()?, scale: u32::try_from(part.len()).ok()? })
}

/// The shape decides: two kinds of mark → the last is decimal; one kind, once, with three digits
/// behind it → thousands; otherwise decimal.
fn guess_decimal(raw: &str, thousandths: bool) -> Option<usize> {
    let last = raw.rfind(['.', ','])?;
    let mark = raw[last..].chars().next()?;
    let tail = raw.len() - last - 1;
    let kinds = usize::from(raw.contains('.')) + usize::from(raw.contains(','));
    if kinds == 2 {
        return (raw.matches(mark).count() == 1 || tail != 3).then_some(last);
    }
    if raw.matches(mark).count() > 1 {
        return (tail != 3).then_some(last);
    }
    let head = raw[..last].rsplit(['\'', ' ']).next().unwrap_or("");
    let grouped = tail == 3 && !head.is_empty() && head.len() <= 3 && head != "0";
    (!grouped || thousandths).then_some(last)
}

/// Applies `万`, `億`, `тыс`, `млн`, `Mio` behind a number.
fn multiplied(text: &str, end: usize, value: Decimal) -> (Decimal, usize) {
    const WORDS: [(&str, u32); 10] = [
        ("万", 4),
        ("億", 8),
        ("тыс.", 3),
        ("тыс", 3),
        ("млн.", 6),
        ("млн", 6),
        ("Mio.", 6),
        ("Mio", 6),
        ("mln", 6),
        ("million", 6),
    ];
    let tail = text[end..].trim_start_matches(' ');
    for (word, power) in WORDS {
        if tail.starts_with(word)
            && let Some(value) = value.shifted(power)
        {
            return (value, text.len() - tail.len() + word.len());
        }
    }
    (value, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        scan(&fold(text), Marks::default()).iter().map(|t| t.value.to_string()).collect()
    }

    #[test]
    fn the_shape_tells_thousands_from_fractions() {
        for (text, value) in [
            ("1.234,56", "1234.56"),
            ("1,234.56", "1234.56"),
            ("1'049,95", "1049.95"),
            ("12 345 678", "12345678"),
            ("129.900", "129900"),
            ("0.125", "0.125"),
            (".75", "0.75"),
            ("1.299.00", "1299"),
            ("36. 24", "36.24"),
            ("3,480万円", "34800000"),
            ("٢٥٠", "250"),
        ] {
            assert_eq!(all(text), [value], "{text}");
        }
    }

    #[test]
    fn neighbours_stay_apart() {
        assert_eq!(all("2 x 14,85 and 2013 7"), ["2", "14.85", "2013", "7"]);
    }

    #[test]
    fn a_country_decides_where_the_shape_does_not() {
        assert_eq!(first("1.234 m²", ',').map(Decimal::to_f64), Some(1234.0));
        assert_eq!(first("1.234 m²", '.').map(Decimal::to_f64), Some(1.234));
        assert_eq!(first("81.5 m²", ',').map(Decimal::to_f64), Some(81.5));
        assert_eq!(first("none", '.'), None);
    }

    #[test]
    fn minor_units_round_half_up() {
        assert_eq!(Decimal { digits: 291_583, scale: 4 }.minor(2), Some(2916));
        assert_eq!(Decimal { digits: 7, scale: 0 }.minor(0), Some(7));
        assert_eq!(Decimal { digits: i128::MAX, scale: 0 }.minor(2), None);
    }
}
