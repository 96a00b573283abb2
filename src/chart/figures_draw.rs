//! Rows of bars, drawn at twice their size and halved, as the prices are.

use plotters::backend::BitMapBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBColor, TextStyle};

use super::ChartError;
use super::draw::{Area, FONT, TIMES, failed, font, halved, px};
use super::figures::{FiguresChart, HEIGHT, ROWS, WIDTH};
use super::palette::{Palette, palette};
use super::scale::{Scale, time_marks};
use crate::domain::figures::{DAY_MS, Series};
use crate::texts::figures::{change, title, value};

/// Heights of letters, pixels of the finished picture.
const MIDDLE: u32 = 46;
const SMALL: u32 = 34;

/// Edges, pixels of the finished picture.
const LEFT: i32 = 36;
const RIGHT: i32 = 1_164;
const TOP: i32 = 24;
/// Of a row: its words and its bars.
const ROW: i32 = 246;
const WORDS: i32 = 34;
const BARS: (i32, i32) = (76, 222);

/// The finished pixels, rows of red, green, blue.
pub(super) fn draw(chart: &FiguresChart) -> Result<Vec<u8>, ChartError> {
    font()?;
    let size = (WIDTH * TIMES, HEIGHT * TIMES);
    let mut large = vec![0u8; size.0 as usize * size.1 as usize * 3];
    {
        let area = BitMapBackend::with_buffer(&mut large, size).into_drawing_area();
        let page = Page { area, palette: palette(chart.board.dark), chart };
        page.draw()?;
        page.area.present().map_err(failed)?;
    }
    Ok(halved(&large, WIDTH))
}

struct Page<'a> {
    area: Area<'a>,
    palette: &'static Palette,
    chart: &'a FiguresChart,
}

impl Page<'_> {
    fn draw(&self) -> Result<(), ChartError> {
        self.area.fill(&self.palette.ground).map_err(failed)?;
        let mut top = TOP;
        for series in self.chart.board.series.iter().take(ROWS) {
            self.row(series, top)?;
            top += ROW;
        }
        self.days(top)
    }

    fn row(&self, series: &Series, top: i32) -> Result<(), ChartError> {
        self.words(series, top + WORDS)?;
        self.bars(series, (top + BARS.0, top + BARS.1))
    }

    /// What it is about, its sum, and how that differs from the days before.
    fn words(&self, series: &Series, y: i32) -> Result<(), ChartError> {
        let language = self.chart.language;
        let left = (HPos::Left, VPos::Center);
        let name = title(series, language);
        let mut x = LEFT + self.write(&name, (LEFT, y), SMALL, self.palette.faint, left)? + 22;
        let total = value(series, series.total(), language);
        x += self.write(&total, (x, y - 2), MIDDLE, self.palette.text, left)? + 22;
        if let Some(delta) = change(series, language) {
            let colour = match delta.chars().next() {
                Some('+') => self.palette.cheaper,
                Some('−') => self.palette.dearer,
                _ => self.palette.faint,
            };
            x += self.write(&delta, (x, y), SMALL, colour, left)? + 22;
        }
        let highest = series.values.iter().copied().max().unwrap_or(0);
        let peak = format!("max {}", value(series, highest, language));
        // Words that do not fit beside the others are left out.
        if highest > 0 && x + self.width(&peak, SMALL)? <= RIGHT {
            let right = (HPos::Right, VPos::Center);
            self.write(&peak, (RIGHT, y), SMALL, self.palette.faint, right)?;
        }
        Ok(())
    }

    fn bars(&self, series: &Series, (top, bottom): (i32, i32)) -> Result<(), ChartError> {
        let lowest = series.values.iter().copied().min().unwrap_or(0).min(0);
        let highest = series.values.iter().copied().max().unwrap_or(0).max(0);
        let rise = Scale::new((lowest, highest), (bottom, top));
        let zero = rise.place(0);
        let count = i64::try_from(series.values.len()).unwrap_or(1).max(1);
        let run = Scale::new((0, count), (LEFT, RIGHT));
        for (at, number) in (0i64..).zip(&series.values) {
            let (from, to) = (run.place(at) + 3, run.place(at + 1) - 3);
            let mut end = rise.place(*number);
            // A day with little is not a day with nothing.
            if *number != 0 && (end - zero).abs() < 3 {
                end = zero - 3 * i32::from(*number > 0) + 3 * i32::from(*number < 0);
            }
            let is_today = at + 1 == count;
            let colour = match (is_today, *number < 0) {
                (_, true) => self.palette.dearer,
                (true, false) => self.palette.faint,
                (false, false) => self.palette.line,
            };
            if end != zero {
                self.fill((from, zero.min(end)), (to, zero.max(end)), colour)?;
            }
        }
        self.fill((LEFT, zero), (RIGHT, zero + 2), self.palette.grid)
    }

    /// The days below the last row.
    fn days(&self, y: i32) -> Result<(), ChartError> {
        let board = &self.chart.board;
        let most = board.series.iter().map(|series| series.values.len()).max().unwrap_or(0);
        let first = board.day.saturating_add(1 - i64::try_from(most).unwrap_or(1).max(1));
        let span = (first.saturating_mul(DAY_MS), board.day.saturating_mul(DAY_MS));
        let marks = time_marks(span, self.chart.language);
        let last = marks.len().saturating_sub(1);
        for (place, (_, text)) in marks.iter().enumerate() {
            let (x, anchor) = match place {
                0 => (LEFT, HPos::Left),
                place if place == last => (RIGHT, HPos::Right),
                _ => ((LEFT + RIGHT) / 2, HPos::Center),
            };
            self.write(text, (x, y), SMALL, self.palette.faint, (anchor, VPos::Top))?;
        }
        Ok(())
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

    fn fill(
        &self,
        (x0, y0): (i32, i32),
        (x1, y1): (i32, i32),
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        let corners = [(px(x0), px(y0)), (px(x1), px(y1))];
        self.area.draw(&Rectangle::new(corners, colour.filled())).map_err(failed)
    }
}
