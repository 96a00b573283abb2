//! The boolean language for people who want to say exactly what they mean.
//!
//! ```text
//! price <= 900 and (rooms >= 3 or area > 80) and not title has "swap"
//! and text ~ /balco(n|ny)/ and place in "Lviv" and near(49.84, 24.03, 5 km)
//! ```
//!
//! ```text
//! or    := and ("or" and)*
//! and   := not ("and" not)*
//! not   := "not" not | "(" or ")" | test
//! test  := FIELD ("<" | "<=" | "=" | "!=" | ">=" | ">") NUMBER [CURRENCY]
//!        | FIELD "in" NUMBER ".." NUMBER [CURRENCY]
//!        | FIELD ["not"] ("is" | "is" "not" | "in" | "has") (VALUE | "(" VALUE ("," VALUE)* ")")
//!        | FIELD ["not"] "~" "/" PATTERN "/"
//!        | "near" "(" LAT "," LON "," NUMBER ("km" | "m") ")"
//!        | "inside" "(" "(" LAT "," LON ")" ("," "(" LAT "," LON ")")* ")"
//!        | "known" "(" FIELD ")" | "photo"
//! FIELD := NAME | "attr" "(" STRING ")"
//! ```
//!
//! Text goes through [`lexer`] and [`parser`] to an [`Expr`], which prints back as itself ([`print`]) and is
//! prepared as a [`Judge`] ([`judge`]). Size and depth are bounded, so every step is linear in the text.
//! For people: `docs/FILTERS.md`.

pub mod judge;
pub mod lexer;
pub mod parser;
pub mod print;
mod shapes;

#[cfg(test)]
mod tests;

use super::Circle;

pub use judge::Judge;

/// Longest expression, bytes.
pub const LONGEST: usize = 2_000;
/// Tests in an expression at most.
pub const TESTS: usize = 64;
/// Brackets and `not`s in each other at most.
pub const DEPTH: usize = 16;
/// Values in a list at most.
pub const VALUES: usize = 32;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// All of two or more.
    And(Vec<Expr>),
    /// Any of two or more.
    Or(Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
    /// A single test.
    Test(Test),
}

/// A test of one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// A number against another one.
    Compare {
        /// Field.
        field: String,
        /// How.
        op: Op,
        /// With what; money in whole units.
        value: f64,
        /// ISO 4217 code, for money.
        currency: Option<String>,
    },
    /// A number in a range, both ends included.
    Between {
        /// Field.
        field: String,
        /// Lowest; money in whole units.
        from: f64,
        /// Highest.
        to: f64,
        /// ISO 4217 code, for money.
        currency: Option<String>,
    },
    /// One of these stands in the text, as words or as parts of words.
    Has {
        /// Field.
        field: String,
        /// Words.
        words: Vec<String>,
    },
    /// A regular expression matches the text.
    Matches {
        /// Field.
        field: String,
        /// Expression.
        pattern: String,
    },
    /// The value is one of these; a place: one of these names stands in it as whole words.
    OneOf {
        /// Field.
        field: String,
        /// Values.
        values: Vec<String>,
    },
    /// Within a circle.
    Near(Circle),
    /// Inside a polygon of [latitude, longitude] corners.
    Inside(Vec<[f64; 2]>),
    /// With a picture.
    Photo,
    /// The value of a field is known.
    Known(String),
}

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Less.
    Less,
    /// At most.
    AtMost,
    /// Equal.
    Equal,
    /// Not equal.
    Differs,
    /// At least.
    AtLeast,
    /// More.
    More,
}

impl Op {
    /// All of them, as they are written.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Less, "<"),
        (Self::AtMost, "<="),
        (Self::Equal, "="),
        (Self::Differs, "!="),
        (Self::AtLeast, ">="),
        (Self::More, ">"),
    ];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(op, _)| *op == self).map_or("", |(_, sign)| sign)
    }

    #[expect(clippy::float_cmp, reason = "both sides are the nearest double of a decimal number")]
    pub(super) fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Equal => left == right,
            Self::Differs => left != right,
            Self::AtLeast => left >= right,
            Self::More => left > right,
        }
    }
}

/// What was wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: expected {expected}, found {found}")]
pub struct Mistake {
    /// Where, in characters from 1.
    pub column: usize,
    /// What should stand there.
    pub expected: String,
    /// What does.
    pub found: String,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A number.
    Number,
    /// A text.
    Text,
    /// One of a few words.
    Word,
    /// A point.
    Point,
    /// Whatever the site prints: an attribute.
    Anything,
}

/// What the field of this name holds.
pub fn holds(field: &str) -> Holds {
    match field {
        "price" | "price_per_m2" | "area" | "rooms" => Holds::Number,
        "title" | "description" | "text" | "place" | "seller" => Holds::Text,
        "site" | "change" => Holds::Word,
        "position" => Holds::Point,
        _ => Holds::Anything,
    }
}

impl Expr {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        parser::parse(text)
    }

    /// The parts of the outermost `and`; the expression itself if it is none.
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::And(parts) => parts,
            other => std::slice::from_ref(other),
        }
    }

    /// The field of the only test, if there is only one.
    pub fn only_field(&self) -> Option<&str> {
        match self {
            Self::And(_) | Self::Or(_) => None,
            Self::Not(inner) => inner.only_field(),
            Self::Test(test) => Some(test.field()),
        }
    }
}

impl Test {
    /// The field that it looks at.
    pub fn field(&self) -> &str {
        match self {
            Self::Compare { field, .. }
            | Self::Between { field, .. }
            | Self::Has { field, .. }
            | Self::Matches { field, .. }
            | Self::OneOf { field, .. }
            | Self::Known(field) => field,
            Self::Near(_) | Self::Inside(_) => "position",
            Self::Photo => "photo",
        }
    }
}
