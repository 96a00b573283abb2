use super::*;
use crate::domain::figures::{Measure, Series};

fn series(measure: Measure, values: Vec<i64>) -> Series {
    let currency = (measure == Measure::Revenue).then(|| "EUR".to_owned());
    Series { measure, currency, values, before: Some(40) }
}

fn chart(dark: bool, language: Language) -> FiguresChart {
    let busy = (0..30).map(|day| 20 + (day * 7) % 13).collect::<Vec<_>>();
    let mut money: Vec<i64> = (0..30).map(|day| (day % 5) * 499).collect();
    money[9] = -998;
    let rows = vec![
        series(Measure::New, busy.clone()),
        Series { before: None, ..series(Measure::Active, busy.iter().map(|n| n * 40).collect()) },
        series(Measure::Sent, vec![0; 30]),
        series(Measure::Revenue, money),
    ];
    FiguresChart { board: Board { day: 20_400, dark, series: rows }, language }
}

/// Pixels of a colour, before packing.
fn count(chart: &FiguresChart, colour: [u8; 3]) -> usize {
    let pixels = figures_draw::draw(chart).expect("drawn");
    assert_eq!(pixels.len(), (WIDTH * HEIGHT * 3) as usize);
    pixels.chunks_exact(3).filter(|pixel| *pixel == colour).count()
}

const LINE: [u8; 3] = [29, 104, 196];
const RED: [u8; 3] = [190, 53, 38];
const LIGHT: [u8; 3] = [255, 255, 255];
const DARK: [u8; 3] = [24, 30, 38];

#[test]
fn bars_stand_on_their_ground_and_losses_are_red() {
    let light = chart(false, Language::En);
    assert!(count(&light, LINE) > 60_000);
    assert!(count(&light, RED) > 1_000, "a day with more given back than taken");
    assert!(count(&light, LIGHT) > (WIDTH * HEIGHT / 2) as usize);
    assert!(count(&chart(true, Language::En), DARK) > (WIDTH * HEIGHT / 2) as usize);
}

#[test]
fn the_same_figures_give_the_same_bytes_and_languages_differ() {
    let english = chart(false, Language::En).png().expect("drawn");
    assert_eq!(chart(false, Language::En).png().expect("drawn"), english);
    assert_ne!(chart(false, Language::Uk).png().expect("drawn"), english);
    assert!(english.len() < 120_000, "{} bytes", english.len());
}

#[test]
fn nothing_at_all_and_huge_numbers_are_drawn_too() {
    for values in [vec![], vec![0], vec![i64::MAX, 1], vec![i64::MIN, 0, i64::MAX]] {
        let rows = vec![series(Measure::New, values.clone()), series(Measure::Revenue, values)];
        let board = Board { day: 0, dark: false, series: rows };
        FiguresChart { board, language: Language::Ru }.png().expect("drawn");
    }
    let board = Board { day: i64::MAX, dark: false, series: vec![] };
    FiguresChart { board, language: Language::Ru }.png().expect("drawn");
}
