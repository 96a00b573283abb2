//! From tokens to an expression: one function for each rule of the grammar, deciding by the next token alone.

use sites::transform::currency;

use super::lexer::{Token, tokens};
use super::{DEPTH, Expr, Holds, LONGEST, Mistake, Op, TESTS, Test, VALUES, holds};
use crate::domain::change::ChangeKind;
use crate::domain::filter::facts::is_money;
use crate::domain::filter::fold::{fold, words};
use crate::domain::filter::{SellerKind, pattern};

/// Words that are no names of fields.
const KEYWORDS: [&str; 11] =
    ["and", "or", "not", "in", "is", "has", "near", "inside", "known", "photo", "attr"];

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Expr, Mistake> {
    if text.len() > LONGEST {
        return Err(Mistake {
            column: 1,
            expected: format!("an expression of at most {LONGEST} bytes"),
            found: format!("one of {}", text.len()),
        });
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, tests: 0 };
    let expr = parser.or(0)?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.mistake("`and`, `or` or the end")),
    }
}

/// Whether a field may be written by its bare name.
pub(super) fn is_name(field: &str) -> bool {
    let mut letters = field.chars();
    letters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && letters.all(|c| c.is_alphanumeric() || c == '_')
        && !KEYWORDS.iter().any(|word| word.eq_ignore_ascii_case(field))
}

pub(super) struct Parser {
    tokens: Vec<(Token, usize)>,
    pub(super) at: usize,
    tests: usize,
}

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek().clone();
        // The end stays: it is what every later look finds.
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    pub(super) fn mistake(&self, expected: impl Into<String>) -> Mistake {
        self.mistake_at(self.at, expected)
    }

    /// A complaint about the token at `at`.
    pub(super) fn mistake_at(&self, at: usize, expected: impl Into<String>) -> Mistake {
        let (token, column) = &self.tokens[at.min(self.tokens.len() - 1)];
        Mistake { column: *column, expected: expected.into(), found: token.name() }
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(found) if found.eq_ignore_ascii_case(word))
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let there = self.is_word(word);
        if there {
            self.next();
        }
        there
    }

    pub(super) fn take_sign(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek(), Token::Sign(found) if *found == sign);
        if there {
            self.next();
        }
        there
    }

    pub(super) fn sign(&mut self, sign: &str) -> Result<(), Mistake> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.mistake(format!("`{sign}`"))) }
    }

    fn or(&mut self, depth: usize) -> Result<Expr, Mistake> {
        self.list("or", Expr::Or, |parser| {
            parser.list("and", Expr::And, |parser| parser.not(depth))
        })
    }

    fn list(
        &mut self,
        word: &str,
        join: fn(Vec<Expr>) -> Expr,
        part: impl Fn(&mut Self) -> Result<Expr, Mistake>,
    ) -> Result<Expr, Mistake> {
        let first = part(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take_word(word) {
            parts.push(part(self)?);
        }
        Ok(join(parts))
    }

    fn not(&mut self, depth: usize) -> Result<Expr, Mistake> {
        if depth > DEPTH {
            return Err(self.mistake(format!("at most {DEPTH} brackets and `not`s in each other")));
        }
        if self.take_word("not") {
            return Ok(Expr::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.take_sign("(") {
            let inner = self.or(depth + 1)?;
            self.sign(")")
                .map_err(|mistake| Mistake { expected: "`)`, `and` or `or`".into(), ..mistake })?;
            return Ok(inner);
        }
        self.tests += 1;
        if self.tests > TESTS {
            return Err(self.mistake(format!("at most {TESTS} tests")));
        }
        self.test()
    }

    fn test(&mut self) -> Result<Expr, Mistake> {
        let keyword = match self.peek() {
            Token::Word(word) => word.to_ascii_lowercase(),
            _ => return Err(self.mistake("a test, such as price <= 900")),
        };
        let test = match keyword.as_str() {
            "photo" => {
                self.next();
                Test::Photo
            }
            "near" => self.near()?,
            "inside" => self.inside()?,
            "known" => {
                self.next();
                self.sign("(")?;
                let at = self.at;
                let field = self.field()?;
                if matches!(holds(&field), Holds::Word) || field == "title" || field == "text" {
                    return Err(self.mistake_at(at, "a field that may be unknown"));
                }
                self.sign(")")?;
                Test::Known(field)
            }
            _ => return self.of_field(),
        };
        Ok(Expr::Test(test))
    }

    /// A field's name.
    fn field(&mut self) -> Result<String, Mistake> {
        if self.take_word("attr") {
            self.sign("(")?;
            let name = match self.next() {
                Token::Text(name) if !fold(&name).is_empty() => name,
                _ => return Err(self.mistake_at(self.at - 1, "the name of an attribute in quotes")),
            };
            self.sign(")")?;
            return Ok(name);
        }
        match self.peek() {
            Token::Word(name) if is_name(name) => {
                let name = name.clone();
                let lower = name.to_ascii_lowercase();
                self.next();
                // Names of ours may be written in capital letters, attributes keep theirs.
                Ok(if holds(&lower) == Holds::Anything { name } else { lower })
            }
            _ => Err(self.mistake("a field, such as price or title")),
        }
    }

    fn of_field(&mut self) -> Result<Expr, Mistake> {
        let at = self.at;
        let field = self.field()?;
        let kind = holds(&field);
        if kind == Holds::Point {
            return Err(self.mistake_at(at, "near(…) or inside(…) for a position"));
        }
        let negated = self.take_word("not") || self.take_is_not();
        let test = match self.peek().clone() {
            Token::Sign("~") => self.matches(field)?,
            Token::Sign(sign) if !negated && Op::ALL.iter().any(|(_, known)| *known == sign) => {
                self.compare(field, sign)?
            }
            Token::Word(word) => match word.to_ascii_lowercase().as_str() {
                "has" => self.has(field)?,
                "is" => self.is(field)?,
                "in" => self.is_in(field)?,
                _ => return Err(self.after(&field, kind)),
            },
            _ => return Err(self.after(&field, kind)),
        };
        let test = Expr::Test(test);
        Ok(if negated { Expr::Not(Box::new(test)) } else { test })
    }

    /// Reads `is not` as `not is`.
    fn take_is_not(&mut self) -> bool {
        let ahead = self.tokens.get(self.at + 1).map(|(token, _)| token);
        let there = self.is_word("is")
            && matches!(ahead, Some(Token::Word(word)) if word.eq_ignore_ascii_case("not"));
        if there {
            self.tokens.remove(self.at + 1);
        }
        there
    }

    /// What may stand behind a field.
    fn after(&self, field: &str, kind: Holds) -> Mistake {
        let signs = match kind {
            Holds::Number => "<=, >=, <, >, = or `in`",
            Holds::Text => "`has`, `in`, `is` or ~",
            Holds::Word | Holds::Point => "`is` or `in`",
            Holds::Anything => "<=, >=, `is`, `in`, `has` or ~",
        };
        self.mistake(format!("{signs} behind `{field}`"))
    }

    /// Refuses a sign that does not suit what the field holds.
    fn suits(&self, field: &str, fits: &[Holds]) -> Result<(), Mistake> {
        let kind = holds(field);
        if fits.contains(&kind) { Ok(()) } else { Err(self.after(field, kind)) }
    }

    fn compare(&mut self, field: String, sign: &str) -> Result<Test, Mistake> {
        self.suits(&field, &[Holds::Number, Holds::Anything])?;
        self.next();
        let value = self.number()?;
        let currency = self.currency(&field)?;
        let op = Op::ALL.iter().find(|(_, known)| *known == sign).map_or(Op::Equal, |(op, _)| *op);
        Ok(Test::Compare { field, op, value, currency })
    }

    pub(super) fn number(&mut self) -> Result<f64, Mistake> {
        match self.peek() {
            Token::Number(number) => {
                let number = *number;
                self.next();
                Ok(number)
            }
            _ => Err(self.mistake("a number")),
        }
    }

    /// The currency behind an amount, if one is named.
    fn currency(&mut self, field: &str) -> Result<Option<String>, Mistake> {
        let Token::Word(word) = self.peek() else { return Ok(None) };
        if !is_money(field) || KEYWORDS.contains(&word.to_ascii_lowercase().as_str()) {
            return Ok(None);
        }
        let Some(code) = currency::resolve(word, None) else {
            return Err(self.mistake("a currency such as EUR, or `and`, `or`, `)`"));
        };
        self.next();
        Ok(Some(code))
    }

    fn has(&mut self, field: String) -> Result<Test, Mistake> {
        self.suits(&field, &[Holds::Text, Holds::Anything])?;
        self.next();
        let words = self.values(|value| {
            if fold(value).is_empty() { Err("a word".into()) } else { Ok(value.to_owned()) }
        })?;
        Ok(Test::Has { field, words })
    }

    fn matches(&mut self, field: String) -> Result<Test, Mistake> {
        self.suits(&field, &[Holds::Text, Holds::Anything])?;
        self.next();
        let Token::Pattern(found) = self.peek().clone() else {
            return Err(self.mistake("a pattern between slashes, such as /balco(n|ny)/"));
        };
        if let Err(reason) = pattern::compile(&found) {
            return Err(self.mistake(format!("a regular expression that works: {reason}")));
        }
        self.next();
        Ok(Test::Matches { field, pattern: found })
    }

    fn is_in(&mut self, field: String) -> Result<Test, Mistake> {
        let ahead = self.tokens.get(self.at + 1).map(|(token, _)| token);
        if !matches!(ahead, Some(Token::Number(_))) {
            return self.is(field);
        }
        self.suits(&field, &[Holds::Number, Holds::Anything])?;
        self.next();
        let from = self.number()?;
        self.sign("..")?;
        let at = self.at;
        let to = self.number()?;
        if to < from {
            return Err(self.mistake_at(at, format!("a number from {from}")));
        }
        let currency = self.currency(&field)?;
        Ok(Test::Between { field, from, to, currency })
    }

    fn is(&mut self, field: String) -> Result<Test, Mistake> {
        if field == "text" || field == "description" || holds(&field) == Holds::Number {
            return Err(self.after(&field, holds(&field)));
        }
        self.next();
        let values = self.values(|value| value_of(&field, value))?;
        Ok(Test::OneOf { field, values })
    }

    /// One value, or several in brackets.
    fn values(
        &mut self,
        take: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Vec<String>, Mistake> {
        let one = |parser: &mut Self| {
            let value = match parser.peek() {
                Token::Text(text) => take(text),
                Token::Word(word) if is_name(word) => take(word),
                _ => Err("a text in quotes".into()),
            };
            let value = value.map_err(|expected| parser.mistake(expected))?;
            parser.next();
            Ok(value)
        };
        if !self.take_sign("(") {
            return Ok(vec![one(self)?]);
        }
        let mut values = vec![one(self)?];
        while self.take_sign(",") {
            if values.len() == VALUES {
                return Err(self.mistake(format!("at most {VALUES} values")));
            }
            values.push(one(self)?);
        }
        self.sign(")").map_err(|m| Mistake { expected: "`,` or `)`".into(), ..m })?;
        Ok(values)
    }
}

/// A value as the field takes it, or what it takes.
fn value_of(field: &str, value: &str) -> Result<String, String> {
    let lower = value.to_lowercase();
    let good = match field {
        "seller" if SellerKind::from_word(&lower).is_none() => Err("private or dealer"),
        "change" if ChangeKind::from_word(&lower).is_none() => {
            Err("new, price_down, price_up, back, edited or gone")
        }
        "seller" | "change" | "site" => Ok(lower),
        "place" if words(value).is_empty() => Err("the name of a place"),
        _ if fold(value).is_empty() => Err("a text that is not empty"),
        _ => Ok(value.to_owned()),
    };
    good.map_err(str::to_owned)
}
