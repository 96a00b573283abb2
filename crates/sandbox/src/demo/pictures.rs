//! Pictures for the demo offers, drawn here: flat shapes in a few friendly palettes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use tiny_skia::{
    Color, FillRule, GradientStop, LinearGradient, Paint, Path, PathBuilder, Pixmap, Point, Rect,
    SpreadMode, Stroke, Transform,
};

use super::catalogue::{Subject, Thing};

const WIDTH: u16 = 480;
const HEIGHT: u16 = 360;

/// Pictures that were drawn already.
#[derive(Debug, Default)]
pub struct Gallery {
    drawn: Mutex<HashMap<String, Bytes>>,
}

impl Gallery {
    /// The picture of an offer as JPEG; drawn once. Drawing takes a while, so it blocks no other work:
    /// call this where waiting is allowed.
    pub fn picture(&self, id: &str, subject: Subject) -> Bytes {
        if let Some(known) = self.lock().get(id) {
            return known.clone();
        }
        let picture = draw(id, subject);
        let mut drawn = self.lock();
        if drawn.len() > 500 {
            drawn.clear();
        }
        drawn.insert(id.to_owned(), picture.clone());
        picture
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Bytes>> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sky above, ground below, body, accent.
type Palette = [u32; 4];

const PALETTES: [Palette; 6] = [
    [0xf6e7d2, 0xe0b990, 0x2f5d62, 0xdf7861],
    [0xdff1ee, 0x9fd0c5, 0x2b4c7e, 0xf2a65a],
    [0xe8e4f5, 0xb9aede, 0x473f7d, 0xf08a8a],
    [0xfdf0d0, 0xe6c46a, 0x7a3e3e, 0x3c8d7d],
    [0xdcebfa, 0x9cc3e6, 0x22405e, 0xe9b44c],
    [0xf9e1e4, 0xe3a6b0, 0x5d3a5a, 0x4f9d96],
];

fn draw(id: &str, subject: Subject) -> Bytes {
    let number: usize = id.bytes().fold(7, |sum, byte| sum * 31 + usize::from(byte));
    let Some(mut canvas) = Canvas::new(PALETTES[number % PALETTES.len()]) else {
        return Bytes::new();
    };
    canvas.backdrop(number);
    match subject {
        Subject::Thing(Thing::Bike) => canvas.bike(),
        Subject::Thing(Thing::Lamp) => canvas.lamp(),
        Subject::Thing(Thing::Sofa) => canvas.sofa(),
        Subject::Thing(Thing::Camera) => canvas.camera(),
        Subject::Thing(Thing::Guitar) => canvas.guitar(),
        Subject::Thing(Thing::Plant) => canvas.plant(),
        Subject::House(rooms) => canvas.house(rooms, number),
    }
    canvas.encode()
}

struct Canvas {
    pixels: Pixmap,
    palette: Palette,
}

fn color(rgb: u32) -> Color {
    let [_, red, green, blue] = rgb.to_be_bytes();
    Color::from_rgba8(red, green, blue, 255)
}

fn paint(rgb: u32) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(color(rgb));
    paint
}

impl Canvas {
    fn new(palette: Palette) -> Option<Self> {
        let pixels = Pixmap::new(u32::from(WIDTH), u32::from(HEIGHT))?;
        Some(Self { pixels, palette })
    }

    fn fill(&mut self, path: Option<Path>, rgb: u32) {
        if let Some(path) = path {
            let whole = Transform::identity();
            self.pixels.fill_path(&path, &paint(rgb), FillRule::Winding, whole, None);
        }
    }

    fn circle(&mut self, x: f32, y: f32, radius: f32, rgb: u32) {
        self.fill(PathBuilder::from_circle(x, y, radius), rgb);
    }

    fn ring(&mut self, x: f32, y: f32, radius: f32, width: f32, rgb: u32) {
        if let Some(path) = PathBuilder::from_circle(x, y, radius) {
            self.stroke(&path, width, rgb);
        }
    }

    fn rect(&mut self, x: f32, y: f32, width: f32, height: f32, rgb: u32) {
        self.fill(Rect::from_xywh(x, y, width, height).map(PathBuilder::from_rect), rgb);
    }

    /// A rectangle with round corners.
    fn soft(&mut self, x: f32, y: f32, width: f32, height: f32, radius: f32, rgb: u32) {
        let (right, bottom, r) = (x + width, y + height, radius.min(width / 2.0).min(height / 2.0));
        let mut path = PathBuilder::new();
        path.move_to(x + r, y);
        path.line_to(right - r, y);
        path.quad_to(right, y, right, y + r);
        path.line_to(right, bottom - r);
        path.quad_to(right, bottom, right - r, bottom);
        path.line_to(x + r, bottom);
        path.quad_to(x, bottom, x, bottom - r);
        path.line_to(x, y + r);
        path.quad_to(x, y, x + r, y);
        path.close();
        self.fill(path.finish(), rgb);
    }

    fn polygon(&mut self, points: &[(f32, f32)], rgb: u32) {
        let mut path = PathBuilder::new();
        for (index, (x, y)) in points.iter().enumerate() {
            if index == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
        }
        path.close();
        self.fill(path.finish(), rgb);
    }

    fn stroke(&mut self, path: &Path, width: f32, rgb: u32) {
        let stroke = Stroke {
            width,
            line_cap: tiny_skia::LineCap::Round,
            line_join: tiny_skia::LineJoin::Round,
            ..Stroke::default()
        };
        self.pixels.stroke_path(path, &paint(rgb), &stroke, Transform::identity(), None);
    }

    fn line(&mut self, points: &[(f32, f32)], width: f32, rgb: u32) {
        let mut path = PathBuilder::new();
        for (index, (x, y)) in points.iter().enumerate() {
            if index == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
        }
        if let Some(path) = path.finish() {
            self.stroke(&path, width, rgb);
        }
    }

    fn backdrop(&mut self, number: usize) {
        let [light, deep, ..] = self.palette;
        let stops = vec![GradientStop::new(0.0, color(light)), GradientStop::new(1.0, color(deep))];
        let (top, bottom) = (Point::from_xy(0.0, 0.0), Point::from_xy(120.0, f32::from(HEIGHT)));
        let shader =
            LinearGradient::new(top, bottom, stops, SpreadMode::Pad, Transform::identity());
        if let (Some(shader), Some(all)) =
            (shader, Rect::from_xywh(0.0, 0.0, f32::from(WIDTH), f32::from(HEIGHT)))
        {
            let paint = Paint { shader, ..Paint::default() };
            self.pixels.fill_rect(all, &paint, Transform::identity(), None);
        }
        let left = number.is_multiple_of(2);
        self.circle(if left { 90.0 } else { 390.0 }, 82.0, 42.0, 0xfffaf0);
        self.soft(-20.0, 296.0, 520.0, 90.0, 10.0, mix(deep, 0xffffff, 35));
    }

    fn bike(&mut self) {
        let [.., body, accent] = self.palette;
        for x in [150.0, 330.0] {
            self.ring(x, 244.0, 60.0, 9.0, 0x2b2b2b);
            self.ring(x, 244.0, 50.0, 2.0, 0xf4f4f4);
            self.circle(x, 244.0, 7.0, 0x2b2b2b);
        }
        self.line(
            &[(150.0, 244.0), (200.0, 160.0), (302.0, 160.0), (228.0, 244.0), (150.0, 244.0)],
            10.0,
            accent,
        );
        self.line(&[(228.0, 244.0), (192.0, 140.0)], 10.0, accent);
        self.line(&[(330.0, 244.0), (296.0, 138.0), (270.0, 126.0)], 10.0, body);
        self.line(&[(170.0, 138.0), (216.0, 136.0)], 14.0, body);
        self.ring(228.0, 244.0, 16.0, 6.0, body);
    }

    fn lamp(&mut self) {
        let [.., body, accent] = self.palette;
        self.polygon(&[(170.0, 205.0), (310.0, 205.0), (400.0, 300.0), (80.0, 300.0)], 0xfff6d6);
        self.line(&[(240.0, 205.0), (240.0, 296.0)], 10.0, body);
        self.soft(180.0, 288.0, 120.0, 18.0, 9.0, body);
        self.polygon(&[(200.0, 90.0), (280.0, 90.0), (322.0, 206.0), (158.0, 206.0)], accent);
        self.circle(240.0, 208.0, 16.0, 0xffe9a3);
    }

    fn sofa(&mut self) {
        let [.., body, accent] = self.palette;
        self.soft(96.0, 138.0, 288.0, 130.0, 30.0, body);
        self.soft(120.0, 196.0, 118.0, 66.0, 16.0, mix(body, 0xffffff, 22));
        self.soft(242.0, 196.0, 118.0, 66.0, 16.0, mix(body, 0xffffff, 22));
        self.soft(68.0, 182.0, 60.0, 104.0, 24.0, mix(body, 0xffffff, 10));
        self.soft(352.0, 182.0, 60.0, 104.0, 24.0, mix(body, 0xffffff, 10));
        self.soft(128.0, 244.0, 224.0, 42.0, 10.0, mix(body, 0x000000, 18));
        self.soft(270.0, 160.0, 66.0, 62.0, 14.0, accent);
        for x in [98.0, 366.0] {
            self.rect(x, 284.0, 14.0, 24.0, 0x4b382a);
        }
    }

    fn camera(&mut self) {
        let [_, deep, body, accent] = self.palette;
        self.soft(186.0, 108.0, 108.0, 60.0, 14.0, mix(body, 0x000000, 15));
        self.soft(96.0, 140.0, 288.0, 160.0, 26.0, body);
        self.rect(96.0, 188.0, 288.0, 62.0, mix(body, 0x000000, 30));
        self.circle(240.0, 220.0, 72.0, 0xf1f1f1);
        self.circle(240.0, 220.0, 60.0, 0x1d2733);
        self.circle(240.0, 220.0, 38.0, mix(deep, 0x1d2733, 40));
        self.circle(224.0, 204.0, 12.0, 0xffffff);
        self.soft(124.0, 126.0, 44.0, 18.0, 8.0, accent);
        self.circle(348.0, 166.0, 11.0, accent);
    }

    fn guitar(&mut self) {
        let [.., body, accent] = self.palette;
        self.line(&[(282.0, 180.0), (398.0, 70.0)], 22.0, mix(body, 0x000000, 20));
        self.line(&[(386.0, 82.0), (412.0, 56.0)], 34.0, body);
        self.circle(190.0, 232.0, 78.0, accent);
        self.circle(258.0, 180.0, 56.0, accent);
        self.circle(190.0, 232.0, 62.0, mix(accent, 0xffffff, 18));
        self.circle(232.0, 200.0, 26.0, mix(body, 0x000000, 45));
        self.line(&[(160.0, 262.0), (186.0, 288.0)], 10.0, body);
        for shift in [-5.0, 0.0, 5.0] {
            self.line(
                &[(172.0 + shift, 274.0 + shift), (402.0 + shift, 62.0 + shift)],
                1.5,
                0xf8f3e6,
            );
        }
    }

    fn plant(&mut self) {
        let [.., accent] = self.palette;
        let green = 0x3f7d4e;
        for (index, (x, y)) in
            [(120.0, 150.0), (180.0, 90.0), (250.0, 70.0), (320.0, 100.0), (366.0, 160.0)]
                .iter()
                .enumerate()
        {
            self.line(&[(240.0, 236.0), (*x, *y)], 5.0, mix(green, 0x000000, 25));
            let shade = if index % 2 == 0 { green } else { mix(green, 0xffffff, 22) };
            let mut path = PathBuilder::new();
            path.move_to(240.0, 230.0);
            path.quad_to(*x - 50.0, (*y + 190.0) / 2.0, *x, *y);
            path.quad_to(*x + 50.0, (*y + 190.0) / 2.0, 240.0, 230.0);
            path.close();
            self.fill(path.finish(), shade);
        }
        self.polygon(&[(176.0, 222.0), (304.0, 222.0), (286.0, 312.0), (194.0, 312.0)], accent);
        self.soft(166.0, 212.0, 148.0, 26.0, 8.0, mix(accent, 0xffffff, 20));
    }

    fn house(&mut self, rooms: u8, number: usize) {
        let [.., body, accent] = self.palette;
        let (floors, columns) = (f32::from(2 + rooms.min(4) / 2), 3 + number % 2);
        let width = if columns == 3 { 190.0 } else { 246.0 };
        let (left, top) = ((480.0 - width) / 2.0, 300.0 - floors * 62.0);
        self.rect(left, top, width, 300.0 - top, mix(body, 0xffffff, 12));
        if number.is_multiple_of(3) {
            self.rect(left - 10.0, top - 14.0, width + 20.0, 16.0, accent);
        } else {
            let peak = left + width / 2.0;
            self.polygon(
                &[(left - 18.0, top), (peak, (top - 70.0).max(14.0)), (left + width + 18.0, top)],
                accent,
            );
        }
        let mut y = top + 16.0;
        let mut lit = number;
        while y < 250.0 {
            let mut x = left + 18.0;
            while x < left + width - 36.0 {
                lit = lit.wrapping_mul(31).wrapping_add(17);
                let glass = if lit.is_multiple_of(3) { 0xffe9a3 } else { 0xcfe3f1 };
                self.soft(x, y, 34.0, 38.0, 4.0, 0xffffff);
                self.rect(x + 4.0, y + 4.0, 12.0, 30.0, glass);
                self.rect(x + 18.0, y + 4.0, 12.0, 30.0, glass);
                x += 56.0;
            }
            y += 62.0;
        }
        self.soft(left + width / 2.0 - 17.0, 252.0, 34.0, 50.0, 6.0, mix(accent, 0x000000, 25));
        for (x, radius) in [(left - 46.0, 34.0), (left + width + 44.0, 42.0)] {
            self.rect(x - 5.0, 240.0, 10.0, 62.0, 0x6b4f3a);
            self.circle(x, 226.0, radius, 0x4f8a5b);
            self.circle(x + 10.0, 216.0, radius * 0.6, 0x66a371);
        }
    }

    fn encode(self) -> Bytes {
        let rgb: Vec<u8> = self
            .pixels
            .pixels()
            .iter()
            .flat_map(|dot| [dot.red(), dot.green(), dot.blue()])
            .collect();
        let mut out = Vec::new();
        let encoder = jpeg_encoder::Encoder::new(&mut out, 82);
        match encoder.encode(&rgb, WIDTH, HEIGHT, jpeg_encoder::ColorType::Rgb) {
            Ok(()) => Bytes::from(out),
            Err(_) => Bytes::new(),
        }
    }
}

/// `percent` of `other` mixed into a colour.
fn mix(rgb: u32, other: u32, percent: u32) -> u32 {
    let part = |shift: u32| {
        let (a, b) = ((rgb >> shift) & 0xff, (other >> shift) & 0xff);
        ((a * (100 - percent) + b * percent) / 100) << shift
    };
    part(16) | part(8) | part(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::files::picture;

    #[test]
    fn every_subject_becomes_a_jpeg_of_a_pleasant_size() {
        let things =
            [Thing::Bike, Thing::Lamp, Thing::Sofa, Thing::Camera, Thing::Guitar, Thing::Plant];
        let subjects = things.map(Subject::Thing).into_iter().chain([Subject::House(3)]);
        for (index, subject) in subjects.enumerate() {
            let bytes = draw(&format!("g-{index}"), subject);
            assert_eq!(picture(&bytes), Some(("image/jpeg", 480, 360)), "{subject:?}");
        }
    }
}
