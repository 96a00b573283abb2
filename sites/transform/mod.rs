//! The closed set of transforms: printed text in, comparable values out.
//!
//! No site module parses a price or a date itself. Each transform answers `None` for what it cannot
//! read: unknown, never zero and never today. All of them take what they need as arguments (the
//! moment of the fetch, the zone, the site's currency), so that the same text always gives the same
//! value.
//!
//! In reading order: [`text`], [`number`], [`currency`], [`money`], [`measure`] (areas and rooms),
//! [`position`], [`date`] with its two halves, and [`image`].

pub mod currency;
pub mod date;
pub mod date_absolute;
pub mod date_relative;
pub mod date_words;
pub mod image;
pub mod measure;
pub mod money;
pub mod number;
pub mod position;
pub mod text;
