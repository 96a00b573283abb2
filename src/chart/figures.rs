//! The figures of the service over time, as a picture: up to four rows of bars over the same days.
//!
//! ```text
//! New people      214   +12          what it is about, the sum, and against as many days before
//! ▂▃▅▂▁▃▇▅▂▃▃▂▂▅▇▃▂▁                 a bar a day; the last day is not over and stands apart
//! ```
//!
//! Drawing takes some 100 ms of one core and 16 MB.

use super::{ChartError, figures_draw, png};
use crate::domain::Language;
use crate::domain::figures::Board;

/// Width of the picture, pixels.
pub const WIDTH: u32 = 1_200;
/// Height of the picture, pixels.
pub const HEIGHT: u32 = 1_080;
/// Rows that are drawn.
pub const ROWS: usize = 4;

/// What is drawn.
#[derive(Debug, Clone)]
pub struct FiguresChart {
    /// The numbers.
    pub board: Board,
    /// In which words.
    pub language: Language,
}

impl FiguresChart {
    /// The picture as PNG.
    pub fn png(&self) -> Result<Vec<u8>, ChartError> {
        let pixels = figures_draw::draw(self)?;
        Ok(png::pack(WIDTH, HEIGHT, &pixels)?)
    }
}

#[cfg(test)]
#[path = "figures_tests.rs"]
mod tests;
