//! Points, circles and polygons on the earth, as precise as a search for a flat needs.

use sites::Position;

use super::Circle;

/// Mean radius of the earth, kilometres (IUGG).
const EARTH_KM: f64 = 6_371.008_8;

/// Great-circle distance by the haversine formula, kilometres; within 0.6 % of the true one.
pub fn distance(a: Position, b: Position) -> f64 {
    let (lat_a, lat_b) = (a.lat.to_radians(), b.lat.to_radians());
    let half = |from: f64, to: f64| ((to - from) / 2.0).sin().powi(2);
    let lon = half(a.lon.to_radians(), b.lon.to_radians());
    let h = half(lat_a, lat_b) + lat_a.cos() * lat_b.cos() * lon;
    2.0 * EARTH_KM * h.clamp(0.0, 1.0).sqrt().asin()
}

/// Whether a point is within a circle, its edge included.
pub fn is_near(circle: &Circle, point: Position) -> bool {
    distance(Position { lat: circle.lat, lon: circle.lon }, point) <= circle.km
}

/// Whether a point is inside a polygon of [latitude, longitude] corners, by the even-odd rule on the plain chart.
///
/// The last corner joins the first. A point exactly on an edge is inside or outside, whichever the sums say. A
/// polygon whose longitudes span more than 180° is taken to cross the antimeridian: its western longitudes count
/// on from 180°. One that holds a pole cannot be said this way.
pub fn is_inside(corners: &[[f64; 2]], point: Position) -> bool {
    let lons = corners.iter().map(|corner| corner[1]);
    let (west, east) = lons.fold((f64::MAX, f64::MIN), |(w, e), lon| (w.min(lon), e.max(lon)));
    let crosses = east - west > 180.0;
    let turned = |lon: f64| if crosses && lon < 0.0 { lon + 360.0 } else { lon };
    let (y, x) = (point.lat, turned(point.lon));
    let mut inside = false;
    let mut from = corners.len().wrapping_sub(1);
    for to in 0..corners.len() {
        let ([y1, x1], [y2, x2]) = (corners[from], corners[to]);
        let (x1, x2) = (turned(x1), turned(x2));
        if (y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 {
            inside = !inside;
        }
        from = to;
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: f64, lon: f64) -> Position {
        Position { lat, lon }
    }

    #[test]
    fn known_distances_come_out() {
        let (lviv, kyiv, berlin) = (at(49.8397, 24.0297), at(50.4501, 30.5234), at(52.52, 13.405));
        assert!((distance(lviv, kyiv) - 468.6).abs() < 2.0, "{}", distance(lviv, kyiv));
        assert!((distance(lviv, berlin) - 790.0).abs() < 8.0, "{}", distance(lviv, berlin));
        assert!(distance(lviv, lviv) < 1e-9);
        let half = std::f64::consts::PI * EARTH_KM;
        assert!((distance(at(0.0, 0.0), at(0.0, 180.0)) - half).abs() < 1e-6);
        assert!(distance(at(0.0, 179.9), at(0.0, -179.9)) < 23.0, "the antimeridian is no wall");
    }

    #[test]
    fn a_polygon_with_a_bay_leaves_the_bay_out() {
        let u = [
            [0.0, 0.0],
            [0.0, 9.0],
            [9.0, 9.0],
            [9.0, 6.0],
            [3.0, 6.0],
            [3.0, 3.0],
            [9.0, 3.0],
            [9.0, 0.0],
        ];
        assert!(is_inside(&u, at(1.0, 4.5)) && is_inside(&u, at(8.0, 1.0)));
        assert!(!is_inside(&u, at(6.0, 4.5)) && !is_inside(&u, at(10.0, 4.5)));
        assert!(!is_inside(&[], at(1.0, 1.0)));
    }

    #[test]
    fn a_polygon_over_the_antimeridian_is_the_small_one() {
        let fiji = [[-20.0, 177.0], [-20.0, -178.0], [-15.0, -178.0], [-15.0, 177.0]];
        assert!(is_inside(&fiji, at(-17.0, 179.5)) && is_inside(&fiji, at(-17.0, -179.5)));
        assert!(!is_inside(&fiji, at(-17.0, 0.0)) && !is_inside(&fiji, at(-17.0, 170.0)));
    }
}
