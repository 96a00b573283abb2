//! An expression as text: reading it again gives the same expression.

use std::fmt::{self, Display, Formatter};

use super::parser::is_name;
use super::{Expr, Test};

impl Expr {
    /// How tightly it binds.
    fn rank(&self) -> u8 {
        match self {
            Self::Or(_) => 0,
            Self::And(_) => 1,
            Self::Not(_) | Self::Test(_) => 2,
        }
    }

    fn inside(&self, f: &mut Formatter<'_>, outer: u8) -> fmt::Result {
        if self.rank() <= outer { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let list = |f: &mut Formatter<'_>, parts: &[Self], word: &str| {
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    write!(f, " {word} ")?;
                }
                part.inside(f, self.rank())?;
            }
            Ok(())
        };
        match self {
            Self::And(parts) => list(f, parts, "and"),
            Self::Or(parts) => list(f, parts, "or"),
            Self::Not(inner) => {
                f.write_str("not ")?;
                inner.inside(f, 1)
            }
            Self::Test(test) => test.fmt(f),
        }
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare { field, op, value, currency } => {
                write!(f, "{} {} {value}{}", Name(field), op.as_str(), Unit(currency.as_deref()))
            }
            Self::Between { field, from, to, currency } => {
                write!(f, "{} in {from}..{to}{}", Name(field), Unit(currency.as_deref()))
            }
            Self::Has { field, words } => write!(f, "{} has {}", Name(field), Values(words)),
            Self::OneOf { field, values } => match values.as_slice() {
                [_] if field != "place" => write!(f, "{} is {}", Name(field), Values(values)),
                _ => write!(f, "{} in {}", Name(field), Values(values)),
            },
            Self::Matches { field, pattern } => write!(f, "{} ~ {}", Name(field), Slashes(pattern)),
            Self::Near(circle) => {
                write!(f, "near({}, {}, {} km)", circle.lat, circle.lon, circle.km)
            }
            Self::Inside(corners) => {
                f.write_str("inside(")?;
                for (at, [lat, lon]) in corners.iter().enumerate() {
                    write!(f, "{}({lat}, {lon})", if at == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
            Self::Photo => f.write_str("photo"),
            Self::Known(field) => write!(f, "known({})", Name(field)),
        }
    }
}

struct Name<'a>(&'a str);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if is_name(self.0) { f.write_str(self.0) } else { write!(f, "attr({})", Quoted(self.0)) }
    }
}

struct Unit<'a>(Option<&'a str>);

impl Display for Unit<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |code| write!(f, " {code}"))
    }
}

struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

struct Values<'a>(&'a [String]);

impl Display for Values<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let [value] = self.0 {
            return Quoted(value).fmt(f);
        }
        let all: Vec<String> = self.0.iter().map(|value| Quoted(value).to_string()).collect();
        write!(f, "({})", all.join(", "))
    }
}

struct Slashes<'a>(&'a str);

impl Display for Slashes<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("/")?;
        let mut letters = self.0.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '/' => f.write_str("\\/")?,
                '\\' => {
                    write!(f, "\\")?;
                    letters.next().map_or(Ok(()), |next| write!(f, "{next}"))?;
                }
                other => write!(f, "{other}")?,
            }
        }
        f.write_str("/")
    }
}
