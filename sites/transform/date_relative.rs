//! Relative dates: "vor 2 Stunden", "1 год 2 месяца", "Heute, 14:35", "in three weeks' time".
//!
//! Every word must be known; one unknown word and the text is not a relative date.

use chrono::{Duration, Months, NaiveDateTime};

use super::date::{Context, Precision, When, time_of_day};
use super::date_words::{PHRASES, Unit, Word, lookup};

/// The sum of all amounts in a text.
#[derive(Debug, Default)]
struct Sum {
    months: f64,
    seconds: f64,
    coarse: bool,
    units: usize,
}

impl Sum {
    fn add(&mut self, amount: f64, unit: Unit) {
        self.units += 1;
        match unit {
            Unit::Second => self.seconds += amount,
            Unit::Minute => self.seconds += amount * 60.0,
            Unit::Hour => self.seconds += amount * 3_600.0,
            Unit::Day => self.seconds += amount * 86_400.0,
            Unit::Week => self.seconds += amount * 604_800.0,
            Unit::Month => self.months += amount,
            Unit::Year => self.months += amount * 12.0,
            Unit::Decade => self.months += amount * 120.0,
        }
        self.coarse |= !matches!(unit, Unit::Second | Unit::Minute | Unit::Hour);
    }

    /// The moment this far from `now`, on the wall clock for months, in seconds for the rest.
    fn from(&self, now: NaiveDateTime, future: bool) -> Option<NaiveDateTime> {
        if self.months > 1_200_000.0 || self.seconds > 1.0e11 {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded above"
        )]
        let (months, whole) = (self.months.trunc() as u32, self.months.trunc());
        let seconds = self.seconds + (self.months - whole) * 30.0 * 86_400.0;
        #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
        let rest = Duration::milliseconds((seconds * 1_000.0).round() as i64);
        if future {
            now.checked_add_months(Months::new(months))?.checked_add_signed(rest)
        } else {
            now.checked_sub_months(Months::new(months))?.checked_sub_signed(rest)
        }
    }
}

/// Reads a relative date; the text is folded and collapsed.
pub fn read(text: &str, context: Context) -> Option<When> {
    let text = normalise(text);
    let (time, text) = match time_of_day(&text) {
        Some((time, at)) => (Some(time), format!("{} {}", &text[..at.start], &text[at.end..])),
        None => (None, text),
    };
    let mut sum = Sum::default();
    let (mut day, mut past, mut future, mut number) = (None, false, false, None);
    let mut before_number = false;
    for piece in pieces(&text)? {
        match piece {
            Piece::Sign('+') => future |= sum.units == 0,
            Piece::Sign(_) => {}
            Piece::Amount(value) => {
                future |= before_number;
                number = Some(value);
            }
            Piece::Word(Word::En) => {
                number = Some(1.0);
                before_number = true;
                continue;
            }
            Piece::Word(Word::An) => match number.take() {
                Some(value) => sum.add(value, Unit::Year),
                None => number = Some(1.0),
            },
            Piece::Word(Word::Number(value)) => number = Some(f64::from(value)),
            Piece::Word(Word::Unit(unit)) => sum.add(number.take().unwrap_or(1.0), unit),
            Piece::Word(Word::Next(unit)) => {
                sum.add(1.0, unit);
                future = true;
            }
            Piece::Word(Word::Day(offset)) => day = Some(offset),
            Piece::Word(Word::Past) => past = true,
            Piece::Word(Word::Future) => future = true,
            Piece::Word(Word::Filler) => {}
        }
        before_number = false;
    }
    if number.is_some() && day.is_none() {
        return None; // a number without a unit: a count, not a date
    }
    if let Some(offset) = day {
        let date = context.local_now().date().checked_add_signed(Duration::days(offset))?;
        return context.when(date, time);
    }
    if sum.units == 0 {
        return None;
    }
    let local = sum.from(context.local_now(), future && !past)?;
    let precision = if sum.coarse { Precision::Day } else { Precision::Moment };
    let local = match time.filter(|_| sum.coarse) {
        Some(time) => local.date().and_time(time),
        None => local,
    };
    if sum.coarse {
        return Some(When { at: context.moment(local)?, precision });
    }
    // Hours and minutes count elapsed time, not the wall clock.
    #[expect(clippy::cast_possible_truncation, reason = "bounded by Sum::from")]
    let elapsed = Duration::milliseconds((sum.seconds * 1_000.0).round() as i64);
    let at = if future && !past { context.now + elapsed } else { context.now - elapsed };
    Some(When { at, precision })
}

/// One piece of the text.
enum Piece {
    Amount(f64),
    Word(Word),
    Sign(char),
}

fn normalise(text: &str) -> String {
    let mut text: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '\u{2032}' | '\u{2b9}' | '\u{a78c}' | '\u{2bb}' | '`' => '\'',
            '−' => '-',
            c => c,
        })
        .collect();
    for (phrase, word) in PHRASES {
        if text.contains(phrase) {
            text = text.replace(phrase, word);
        }
    }
    text
}

/// Cuts the text into numbers, words and signs; `None` as soon as a word is unknown.
fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if out.len() > 40 {
            return None;
        }
        if c.is_ascii_digit() {
            let len = amount_len(rest);
            out.push(Piece::Amount(rest[..len].replace(',', ".").parse().ok()?));
            rest = &rest[len..];
        } else if c.is_alphabetic() {
            let len = word_len(rest);
            rest = word(rest, len, &mut out)?;
        } else {
            if matches!(c, '+' | '-') {
                out.push(Piece::Sign(c));
            } else if !matches!(
                c,
                ' ' | ',' | '.' | '，' | '、' | '•' | '·' | ':' | '(' | ')' | '|' | '\''
            ) {
                return None;
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    Some(out)
}

/// Length of `12`, `2.5` or `0,5` at the start.
fn amount_len(text: &str) -> usize {
    let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    let part = match text.as_bytes().get(whole) {
        Some(b'.' | b',') => digits(&text[whole + 1..]),
        _ => 0,
    };
    // "09 months,01 weeks": a comma before a leading zero separates two amounts.
    if part == 0 || whole > 9 || part > 6 { whole } else { whole + 1 + part }
}

fn word_len(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphabetic() || matches!(c, '\'' | '-'))).unwrap_or(text.len())
}

/// Reads the word at the start; words of scripts without spaces are cut by the longest known part.
fn word<'a>(text: &'a str, len: usize, out: &mut Vec<Piece>) -> Option<&'a str> {
    let whole = text[..len].trim_end_matches(['-', '\'']);
    if let Some(found) = lookup(whole) {
        out.push(Piece::Word(found));
        return Some(&text[whole.len()..]);
    }
    if whole.is_ascii() || !whole.chars().all(|c| u32::from(c) >= 0x2e80) {
        return None;
    }
    let ends = whole.char_indices().map(|(i, c)| i + c.len_utf8()).collect::<Vec<_>>();
    let (end, found) = ends.iter().rev().find_map(|end| Some((*end, lookup(&whole[..*end])?)))?;
    out.push(Piece::Word(found));
    Some(&text[end..])
}
