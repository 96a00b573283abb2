//! Points on the earth, as pages print them: latitude and longitude in degrees.

use crate::listing::Position;

use super::number::Decimal;

/// Reads `49.8397, 24.0297`: latitude, then longitude, with a comma, a semicolon or white space between them and a
/// point as the decimal mark. `0, 0` is what pages print when they do not know.
pub fn read(text: &str) -> Option<Position> {
    let mut parts = text.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
    let mut next = || Decimal::plain(parts.next()?).map(Decimal::to_f64);
    let (lat, lon) = (next()?, next()?);
    let whole = parts.next().is_none();
    let real = lat.abs() <= 90.0 && lon.abs() <= 180.0 && (lat != 0.0 || lon != 0.0);
    (whole && real).then_some(Position { lat, lon })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_two_numbers_on_the_earth() {
        let lviv = Some(Position { lat: 49.8397, lon: 24.0297 });
        for text in ["49.8397, 24.0297", "49.8397;24.0297", " 49.8397 24.0297 "] {
            assert_eq!(read(text), lviv, "{text}");
        }
        assert_eq!(read("-33.87,-0.5"), Some(Position { lat: -33.87, lon: -0.5 }));
        for text in [
            "",
            "49.8",
            "49,8397, 24,0297",
            "0, 0",
            "0.0,0.0",
            "91, 0",
            "0, 181",
            "a, b",
            "1, 2, 3",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
