//! The picture itself, drawn at twice its size and halved, because the library draws hard edges.
//!
//! ```text
//! 449,000 €   −10 % since 5 Nov          what it is now, and what became of it
//! ─────●━━━━━━┓ max 499,000 €
//!             ┗━━━━━━●━━━━━━○            the price between its changes is what it was
//! 5 Nov      20 Dec      3 Feb
//! ```

use std::fmt::Display;
use std::sync::OnceLock;

use plotters::backend::BitMapBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, TextStyle, register_font};
use sites::Money;

use super::palette::{Palette, palette};
use super::scale::{Scale, money_marks, time_marks, time_span};
use super::{Chart, ChartError, HEIGHT, Track, WIDTH};
use crate::domain::delivery::PricePoint;
use crate::texts::money::{money, percentage};
use crate::texts::plain;

/// Drawn this many times as large.
pub(super) const TIMES: u32 = 2;
/// Name under which the font is registered.
pub(super) const FONT: &str = "chart";
/// DejaVu Sans: Latin, Cyrillic, numbers, signs of currencies.
static FONT_FILE: &[u8] = include_bytes!("DejaVuSans-subset.ttf");

/// Heights of letters, pixels of the finished picture.
const LARGE: u32 = 74;
const MIDDLE: u32 = 44;
const SMALL: u32 = 38;

/// Edges of the plot, pixels of the finished picture.
const TOP: i32 = 168;
const BOTTOM: i32 = 522;
const LEFT: i32 = 36;
const RIGHT: i32 = 1_164;

pub(super) type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

pub(super) fn failed(error: impl Display) -> ChartError {
    ChartError::Drawing(error.to_string())
}

/// A length of the finished picture in drawn pixels.
#[expect(clippy::cast_possible_wrap, reason = "two")]
pub(super) fn px(length: i32) -> i32 {
    length * TIMES as i32
}

pub(super) fn font() -> Result<(), ChartError> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let done = REGISTERED.get_or_init(|| register_font(FONT, FontStyle::Normal, FONT_FILE).is_ok());
    if *done { Ok(()) } else { Err(ChartError::Drawing("the font is damaged".into())) }
}

/// The finished pixels, rows of red, green, blue.
pub(super) fn draw(chart: &Chart, track: &Track) -> Result<Vec<u8>, ChartError> {
    font()?;
    let size = (WIDTH * TIMES, HEIGHT * TIMES);
    let mut large = vec![0u8; size.0 as usize * size.1 as usize * 3];
    {
        let area = BitMapBackend::with_buffer(&mut large, size).into_drawing_area();
        let page = Page { area, palette: palette(chart.dark), chart, track };
        page.draw()?;
        page.area.present().map_err(failed)?;
    }
    Ok(halved(&large, WIDTH))
}

/// The mean of each square of pixels of a picture that is `width` wide in the end.
pub(super) fn halved(large: &[u8], width: u32) -> Vec<u8> {
    let row = (width * TIMES * 3) as usize;
    let mut pixels = Vec::with_capacity(large.len() / (TIMES * TIMES) as usize);
    for rows in large.chunks_exact(row * TIMES as usize) {
        for x in 0..width as usize {
            for colour in 0..3 {
                let at = |x: usize, y: usize| u32::from(rows[y * row + x * 3 + colour]);
                let (x, next) = (x * 2, x * 2 + 1);
                let sum = at(x, 0) + at(next, 0) + at(x, 1) + at(next, 1);
                pixels.push(u8::try_from((sum + 2) / 4).unwrap_or(u8::MAX));
            }
        }
    }
    pixels
}

/// A price for as long as it held, pixels of the finished picture.
struct Step {
    from: i32,
    to: i32,
    y: i32,
}

struct Page<'a> {
    area: Area<'a>,
    palette: &'static Palette,
    chart: &'a Chart,
    track: &'a Track,
}

impl Page<'_> {
    fn draw(&self) -> Result<(), ChartError> {
        self.area.fill(&self.palette.ground).map_err(failed)?;
        let (lowest, highest) = (self.track.lowest(), self.track.highest());
        let (span, marks) = money_marks(lowest.price.minor, highest.price.minor);
        let rise = Scale::new(span, (BOTTOM, TOP));
        let words = self.money_words(&marks);
        let mut left = LEFT;
        for text in &words {
            left = left.max(LEFT + self.width(text, SMALL)? + 24);
        }
        let times = time_span(self.track.first().at, self.track.end);
        let run = Scale::new(times, (left, RIGHT));
        let steps = self.steps(&run, &rise);
        self.fill(&steps)?;
        self.money_axis(&marks, &words, &rise, left)?;
        self.time_axis(times, &run)?;
        self.line(&steps)?;
        self.extremes(&run, &rise)?;
        self.header()
    }

    fn write(
        &self,
        text: &str,
        (x, y): (i32, i32),
        height: u32,
        colour: RGBColor,
        anchor: (HPos, VPos),
    ) -> Result<i32, ChartError> {
        let style = self.style(height, colour).pos(Pos::new(anchor.0, anchor.1));
        let width = self.width(text, height)?;
        self.area.draw(&Text::new(text.to_owned(), (px(x), px(y)), style)).map_err(failed)?;
        Ok(width)
    }

    fn style(&self, height: u32, colour: RGBColor) -> TextStyle<'static> {
        let font = (FONT, height * TIMES).into_font();
        TextStyle { color: colour.to_backend_color(), ..TextStyle::from(font) }
    }

    /// Width of a text, pixels of the finished picture.
    fn width(&self, text: &str, height: u32) -> Result<i32, ChartError> {
        let style = self.style(height, self.palette.text);
        let (width, _) = self.area.estimate_text_size(text, &style).map_err(failed)?;
        Ok(i32::try_from(width / TIMES).unwrap_or(i32::MAX))
    }

    fn box_between(
        &self,
        (x0, y0): (i32, i32),
        (x1, y1): (i32, i32),
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        let corners = [(x0, y0), (x1, y1)];
        self.area.draw(&Rectangle::new(corners, colour.filled())).map_err(failed)
    }

    /// What it costs now, and what became of it since the first price.
    fn header(&self) -> Result<(), ChartError> {
        let language = self.chart.language;
        let now = &self.track.last().price;
        let anchor = (HPos::Left, VPos::Center);
        let colour = if self.chart.gone { self.palette.faint } else { self.palette.text };
        let width = self.write(&money(now, language), (LEFT, 66), LARGE, colour, anchor)?;
        let mut at = LEFT + width + 34;
        let first = &self.track.first().price;
        let change = percentage(first, now, language).filter(|_| first.minor != now.minor);
        if let Some(change) = change {
            let cheaper = now.minor < first.minor;
            let colour = if cheaper { self.palette.cheaper } else { self.palette.dearer };
            at += self.write(&change, (at, 72), MIDDLE, colour, anchor)? + 28;
        }
        let words = match (self.chart.gone, self.track.points.len()) {
            (true, _) => plain(language, "chart-gone"),
            (false, 1) => plain(language, "chart-unchanged"),
            (false, _) => plain(language, "chart-now"),
        };
        if at + self.width(&words, SMALL)? <= RIGHT {
            self.write(&words, (at, 75), SMALL, self.palette.faint, anchor)?;
        }
        Ok(())
    }

    fn money_words(&self, marks: &[i64]) -> Vec<String> {
        let currency = &self.track.last().price.currency;
        let amount = |minor: &i64| Money { minor: *minor, currency: currency.clone() };
        marks.iter().map(|minor| money(&amount(minor), self.chart.language)).collect()
    }

    /// Lines at round prices.
    fn money_axis(
        &self,
        marks: &[i64],
        words: &[String],
        rise: &Scale,
        left: i32,
    ) -> Result<(), ChartError> {
        for (minor, text) in marks.iter().zip(words) {
            let y = rise.place(*minor);
            let (from, to) = ((px(left), px(y) - 1), (px(RIGHT), px(y) + 1));
            self.box_between(from, to, self.palette.grid)?;
            // The middle of the letters is a little above the middle of their line.
            let anchor = (HPos::Right, VPos::Center);
            self.write(text, (left - 18, y + 5), SMALL, self.palette.faint, anchor)?;
        }
        Ok(())
    }

    fn time_axis(&self, span: (i64, i64), run: &Scale) -> Result<(), ChartError> {
        let marks = time_marks(span, self.chart.language);
        let last = marks.len().saturating_sub(1);
        for (place, (ms, text)) in marks.iter().enumerate() {
            let anchor = match place {
                0 if last > 0 => HPos::Left,
                place if place == last && last > 0 => HPos::Right,
                _ => HPos::Center,
            };
            let at = (run.place(*ms), BOTTOM + 20);
            self.write(text, at, SMALL, self.palette.faint, (anchor, VPos::Top))?;
        }
        Ok(())
    }

    /// For each price where it begins, how long it held, and how high it lies; the last ends at the end.
    fn steps(&self, run: &Scale, rise: &Scale) -> Vec<Step> {
        let points = &self.track.points;
        let from = |at: usize| points.get(at).map(|point| run.place(point.at.timestamp_millis()));
        let end = run.place(self.track.end.timestamp_millis());
        let step = |(at, point): (usize, &PricePoint)| Step {
            from: from(at).unwrap_or(end),
            to: from(at + 1).unwrap_or(end),
            y: rise.place(point.price.minor),
        };
        points.iter().enumerate().map(step).collect()
    }

    fn fill(&self, steps: &[Step]) -> Result<(), ChartError> {
        for step in steps {
            let (from, to) = ((px(step.from), px(step.y)), (px(step.to), px(BOTTOM)));
            self.box_between(from, to, self.palette.fill)?;
        }
        Ok(())
    }

    /// The price between its changes is what it was; the points, and the end.
    fn line(&self, steps: &[Step]) -> Result<(), ChartError> {
        let half = 7;
        for (at, step) in steps.iter().enumerate() {
            let (from, to) = (px(step.from) - half, px(step.to) + half);
            self.box_between(
                (from, px(step.y) - half),
                (to, px(step.y) + half),
                self.palette.line,
            )?;
            if let Some(next) = steps.get(at + 1) {
                let (top, low) = (px(step.y.min(next.y)), px(step.y.max(next.y)));
                let x = px(next.from);
                self.box_between((x - half, top), (x + half, low), self.palette.line)?;
            }
        }
        self.dots(steps)?;
        steps.last().map_or(Ok(()), |last| self.ending((last.to, last.y)))
    }

    /// A point at each price, unless they would hide the line.
    fn dots(&self, steps: &[Step]) -> Result<(), ChartError> {
        if steps.len() > 40 {
            return Ok(());
        }
        for step in steps {
            let place = (px(step.from), px(step.y));
            let ring = Circle::new(place, px(11), self.palette.line.filled());
            self.area.draw(&ring).map_err(failed)?;
            let heart = Circle::new(place, px(5), self.palette.ground.filled());
            self.area.draw(&heart).map_err(failed)?;
        }
        Ok(())
    }

    /// The end of the line: a full point now, a cross where it was sold or removed.
    fn ending(&self, (x, y): (i32, i32)) -> Result<(), ChartError> {
        if !self.chart.gone {
            let point = Circle::new((px(x), px(y)), px(13), self.palette.line.filled());
            return self.area.draw(&point).map_err(failed);
        }
        let ground = Circle::new((px(x), px(y)), px(22), self.palette.ground.filled());
        self.area.draw(&ground).map_err(failed)?;
        let arm = px(14);
        for (from, to) in [((-arm, -arm), (arm, arm)), ((-arm, arm), (arm, -arm))] {
            let at = |(dx, dy): (i32, i32)| (px(x) + dx, px(y) + dy);
            let stroke = self.palette.dearer.stroke_width(5 * TIMES);
            self.area.draw(&PathElement::new(vec![at(from), at(to)], stroke)).map_err(failed)?;
        }
        Ok(())
    }

    /// Words at the highest and the lowest price, where they differ.
    fn extremes(&self, run: &Scale, rise: &Scale) -> Result<(), ChartError> {
        let (low, high) = (self.track.lowest(), self.track.highest());
        if low.price.minor == high.price.minor {
            return Ok(());
        }
        let language = self.chart.language;
        for (point, key, vertical, shift) in
            [(high, "chart-highest", VPos::Bottom, -20), (low, "chart-lowest", VPos::Top, 20)]
        {
            let text = format!("{} {}", plain(language, key), money(&point.price, language));
            let width = self.width(&text, SMALL)?;
            let at = run.place(point.at.timestamp_millis());
            let left = run.place(self.track.first().at.timestamp_millis());
            let x = at.min(RIGHT - width).max(left);
            let y = rise.place(point.price.minor) + shift;
            let anchor = (HPos::Left, vertical);
            self.write(&text, (x, y), SMALL, self.palette.text, anchor)?;
        }
        Ok(())
    }
}
