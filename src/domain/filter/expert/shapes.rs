//! The part of the reader that knows circles and polygons.

use super::lexer::Token;
use super::parser::Parser;
use super::{Mistake, Test};
use crate::domain::filter::Circle;
use crate::domain::filter::check::{CORNERS, NEAR_KM};

impl Parser {
    pub(super) fn near(&mut self) -> Result<Test, Mistake> {
        self.next();
        self.sign("(")?;
        let [lat, lon] = self.point()?;
        self.sign(",")?;
        let at = self.at;
        let number = self.number()?;
        let metres = self.take_word("m");
        if !metres && !self.take_word("km") {
            return Err(self.mistake("`km` or `m`"));
        }
        let km = if metres { number / 1_000.0 } else { number };
        if !NEAR_KM.contains(&km) {
            let (from, to) = (NEAR_KM.start(), NEAR_KM.end());
            return Err(self.mistake_at(at, format!("a radius from {from} to {to} km")));
        }
        self.sign(")")?;
        Ok(Test::Near(Circle { lat, lon, km }))
    }

    pub(super) fn inside(&mut self) -> Result<Test, Mistake> {
        self.next();
        let at = self.at;
        self.sign("(")?;
        let mut corners = Vec::new();
        loop {
            self.sign("(")?;
            corners.push(self.point()?);
            self.sign(")")?;
            if !self.take_sign(",") {
                break;
            }
        }
        self.sign(")").map_err(|m| Mistake { expected: "`,` or `)`".into(), ..m })?;
        if !CORNERS.contains(&corners.len()) {
            let (from, to) = (CORNERS.start(), CORNERS.end());
            return Err(self.mistake_at(at, format!("{from} to {to} corners")));
        }
        Ok(Test::Inside(corners))
    }

    /// Latitude and longitude.
    fn point(&mut self) -> Result<[f64; 2], Mistake> {
        let lat = self.degrees("a latitude", 90.0)?;
        self.sign(",")?;
        Ok([lat, self.degrees("a longitude", 180.0)?])
    }

    fn degrees(&mut self, what: &str, most: f64) -> Result<f64, Mistake> {
        match self.peek() {
            Token::Number(number) if number.abs() <= most => self.number(),
            _ => Err(self.mistake(format!("{what} from -{most} to {most}"))),
        }
    }
}
