//! Colours on a light and on a dark ground.

use plotters::style::RGBColor;

/// The colours of a picture.
pub(super) struct Palette {
    pub(super) ground: RGBColor,
    pub(super) text: RGBColor,
    pub(super) faint: RGBColor,
    pub(super) grid: RGBColor,
    pub(super) line: RGBColor,
    pub(super) fill: RGBColor,
    pub(super) cheaper: RGBColor,
    pub(super) dearer: RGBColor,
}

const LIGHT: Palette = Palette {
    ground: RGBColor(255, 255, 255),
    text: RGBColor(23, 32, 42),
    faint: RGBColor(95, 107, 120),
    grid: RGBColor(210, 218, 226),
    line: RGBColor(29, 104, 196),
    fill: RGBColor(226, 238, 252),
    cheaper: RGBColor(22, 128, 70),
    dearer: RGBColor(190, 53, 38),
};

const DARK: Palette = Palette {
    ground: RGBColor(24, 30, 38),
    text: RGBColor(236, 240, 244),
    faint: RGBColor(158, 171, 184),
    grid: RGBColor(58, 70, 84),
    line: RGBColor(98, 170, 250),
    fill: RGBColor(32, 50, 72),
    cheaper: RGBColor(86, 200, 130),
    dearer: RGBColor(245, 125, 105),
};

/// The colours for a ground.
pub(super) fn palette(dark: bool) -> &'static Palette {
    if dark { &DARK } else { &LIGHT }
}
