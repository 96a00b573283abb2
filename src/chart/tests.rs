use std::io::Read;

use chrono::TimeDelta;
use sites::Money;

use super::*;

fn at(days: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_762_300_800, 0).unwrap() + TimeDelta::days(days)
}

fn point(days: i64, euros: i64) -> PricePoint {
    let price = Money { minor: euros * 100, currency: "EUR".into() };
    PricePoint { version: days + 1, at: at(days), price }
}

fn chart(points: Vec<PricePoint>) -> Chart {
    Chart { points, gone: false, now: at(90), language: Language::En, dark: false }
}

/// The pixels behind a PNG of ours.
fn pixels(png: &[u8]) -> Vec<[u8; 3]> {
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    assert_eq!(&png[12..16], b"IHDR");
    assert_eq!(png[16..24], [WIDTH.to_be_bytes(), HEIGHT.to_be_bytes()].concat());
    let length = u32::from_be_bytes(png[33..37].try_into().unwrap()) as usize;
    let mut rows = Vec::new();
    flate2::read::ZlibDecoder::new(&png[41..41 + length]).read_to_end(&mut rows).unwrap();
    let width = WIDTH as usize * 3;
    let mut above = vec![0u8; width];
    let mut all = Vec::new();
    for row in rows.chunks_exact(width + 1) {
        assert_eq!(row[0], 2);
        let line: Vec<u8> = row[1..].iter().zip(&above).map(|(a, b)| a.wrapping_add(*b)).collect();
        all.extend(line.chunks_exact(3).map(|rgb| [rgb[0], rgb[1], rgb[2]]));
        above = line;
    }
    assert_eq!(all.len(), (WIDTH * HEIGHT) as usize);
    all
}

fn count(pixels: &[[u8; 3]], colour: [u8; 3]) -> usize {
    pixels.iter().filter(|pixel| **pixel == colour).count()
}

const LINE: [u8; 3] = [29, 104, 196];
const LIGHT_GROUND: [u8; 3] = [255, 255, 255];
const DARK_GROUND: [u8; 3] = [24, 30, 38];
const CROSS: [u8; 3] = [190, 53, 38];

#[test]
fn the_same_prices_give_the_same_bytes() {
    let one = chart(vec![point(0, 500_000), point(30, 450_000)]);
    let png = one.png().unwrap().unwrap();
    assert_eq!(one.png().unwrap().unwrap(), png);
    assert!(png.len() < 60_000, "{} bytes", png.len());
}

#[test]
fn a_picture_shows_a_line_on_its_ground_and_words_in_each_language() {
    let mut known = Vec::new();
    for language in [Language::En, Language::Ru, Language::Uk] {
        for dark in [false, true] {
            let points = vec![point(0, 500_000), point(30, 450_000)];
            let png = Chart { language, dark, ..chart(points) }.png().unwrap().unwrap();
            let pixels = pixels(&png);
            let ground = if dark { DARK_GROUND } else { LIGHT_GROUND };
            assert!(count(&pixels, ground) > pixels.len() / 3);
            assert!(dark || count(&pixels, LINE) > 6_000);
            assert!(!known.contains(&png), "two languages say the same");
            known.push(png);
        }
    }
}

#[test]
fn one_price_and_equal_prices_are_a_level_line() {
    for points in [vec![point(0, 900)], vec![point(0, 900), point(40, 900)]] {
        let pixels = pixels(&chart(points).png().unwrap().unwrap());
        assert!(count(&pixels, LINE) > 4_000);
        assert_eq!(count(&pixels, CROSS), 0);
    }
    // Seen this minute: a point in the middle.
    let pixels = pixels(&chart(vec![point(90, 900)]).png().unwrap().unwrap());
    assert!((200..2_000).contains(&count(&pixels, LINE)));
}

#[test]
fn what_is_gone_ends_in_a_cross() {
    let gone = Chart { gone: true, ..chart(vec![point(0, 900)]) };
    assert!(count(&pixels(&gone.png().unwrap().unwrap()), CROSS) > 100);
}

#[test]
fn without_a_price_there_is_no_picture_and_another_currency_is_left_out() {
    assert!(chart(vec![]).png().unwrap().is_none());
    let mut dollars = point(0, 1_000_000);
    dollars.price.currency = "USD".into();
    let mixed = chart(vec![dollars, point(3, 500), point(9, 450)]);
    let track = Track::of(&mixed.points, mixed.now).unwrap();
    assert_eq!(track.points.len(), 2);
    assert_eq!(track.highest().price.minor, 50_000);
    mixed.png().unwrap().unwrap();
}

#[test]
fn extreme_prices_are_drawn_as_well() {
    let price = |minor| Money { minor, currency: "VND".into() };
    let extreme = |at_days, minor| PricePoint { version: 1, at: at(at_days), price: price(minor) };
    for points in [
        vec![extreme(0, 0), extreme(1, 0)],
        vec![extreme(0, 1), extreme(1, 2)],
        vec![extreme(0, i64::MAX / 4), extreme(4_000, 1)],
        (0..500).map(|day| extreme(day, 1_000 + day % 7)).collect(),
    ] {
        chart(points).png().unwrap().unwrap();
    }
}

#[test]
fn marks_are_round_and_lie_in_the_span() {
    for (low, high) in
        [(45_000_000, 50_000_000), (90_000, 90_000), (0, 0), (1, 3), (99, 12_345_678)]
    {
        let ((from, to), marks) = scale::money_marks(low, high);
        assert!(from <= low && high <= to);
        assert!((2..=6).contains(&marks.len()), "{low} {high}: {marks:?}");
        assert!(marks.iter().all(|mark| (from..=to).contains(mark)));
    }
    let words = |days, language| -> Vec<String> {
        let span = scale::time_span(at(0), at(days));
        scale::time_marks(span, language).into_iter().map(|(_, text)| text).collect()
    };
    assert_eq!(words(40, Language::En), ["5 Nov", "25 Nov", "15 Dec"]);
    assert_eq!(words(40, Language::Uk), ["05.11", "25.11", "15.12"]);
    assert_eq!(words(80, Language::Ru), ["05.11.2025", "15.12.2025", "24.01.2026"]);
    assert_eq!(words(700, Language::En), ["Nov 2025", "Oct 2026", "Oct 2027"]);
    assert_eq!(words(0, Language::En), ["5 Nov"]);
}
