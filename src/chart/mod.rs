//! The asking price of a listing over time, and the [`figures`] of the service, as pictures. Pure: the same input
//! gives the same bytes.
//!
//! ```text
//! price points ─► track (one currency, oldest first) ─► scales (money, time) ─► drawn at twice the size
//!              ─► halved (smooth edges) ─► PNG
//! ```
//!
//! The font is ours (a part of DejaVu Sans), since servers often have none. Twice as wide as high, with letters that
//! can be read on a telephone 320 points wide. Drawing takes some 50 ms of one core and 9 MB, so callers draw away from
//! the threads that wait, and one at a time.

mod draw;
pub mod figures;
mod figures_draw;
mod palette;
mod png;
mod scale;
mod track;

use chrono::{DateTime, Utc};

use crate::domain::Language;
use crate::domain::delivery::PricePoint;

pub use figures::FiguresChart;
pub use track::Track;

/// Width of the picture, pixels.
pub const WIDTH: u32 = 1_200;
/// Height of the picture, pixels.
pub const HEIGHT: u32 = 600;

/// What is drawn.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Asking prices, oldest first.
    pub points: Vec<PricePoint>,
    /// The listing is no longer offered.
    pub gone: bool,
    /// Where the line ends.
    pub now: DateTime<Utc>,
    /// In which words.
    pub language: Language,
    /// On a dark ground.
    pub dark: bool,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The drawing library refused.
    #[error("cannot draw the picture: {0}")]
    Drawing(String),
    /// The picture could not be packed.
    #[error("cannot pack the picture: {0}")]
    Packing(#[from] std::io::Error),
}

impl Chart {
    /// The picture as PNG; `None` when no price is known.
    pub fn png(&self) -> Result<Option<Vec<u8>>, ChartError> {
        let Some(track) = Track::of(&self.points, self.now) else { return Ok(None) };
        let pixels = draw::draw(self, &track)?;
        Ok(Some(png::pack(WIDTH, HEIGHT, &pixels)?))
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
