//! The day and night of a host: what its sources have in common, so that each needs to learn only its own level.
//!
//! The expected number of new listings of source `i` in an hour of the day `h` is `level_i · profile_h` per hour
//! under observation. Levels and profile are fitted in turns (the maximum likelihood of independent Poisson counts);
//! three turns are enough. A source of which little is known is drawn towards the mean of its host, so that a new
//! one is treated as an average one; a profile of which little is known is flat.

use super::rate::{HOURS, Rate};

/// Turns of fitting.
const TURNS: usize = 3;

/// New listings that the prior of a level weighs.
const LEVEL_PRIOR: f64 = 1.0;

/// New listings that the prior of an hour weighs.
const HOUR_PRIOR: f64 = 10.0;

/// The levels of the sources of a host and their common profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Season {
    /// New listings per hour of each source, over the day.
    pub levels: Vec<f64>,
    /// How much more (over 1) or less (under 1) there is in each hour of the day; 1 on average.
    pub profile: [f64; HOURS],
}

/// Fits levels and profile to what the sources of one host have learned.
pub fn fit(rates: &[Rate]) -> Season {
    let totals: Vec<(f64, f64)> = rates.iter().map(Rate::totals).collect();
    let (news, hours) = totals.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let mut season = Season { levels: vec![1.0; rates.len()], profile: [1.0; HOURS] };
    if news <= 0.0 || hours <= 0.0 {
        return season;
    }
    let mean = news / hours;
    for _ in 0..TURNS {
        for (level, (rate, (news, _))) in season.levels.iter_mut().zip(rates.iter().zip(&totals)) {
            let weighed = |hour| rate.in_hour(hour).1 * season.profile[hour];
            let observed: f64 = (0..HOURS).map(weighed).sum();
            *level = (news + LEVEL_PRIOR) / (observed + LEVEL_PRIOR / mean);
        }
        for hour in 0..HOURS {
            let (mut seen, mut expected) = (0.0, 0.0);
            for (rate, level) in rates.iter().zip(&season.levels) {
                let (news, hours) = rate.in_hour(hour);
                seen += news;
                expected += level * hours;
            }
            season.profile[hour] = (seen + HOUR_PRIOR) / (expected + HOUR_PRIOR);
        }
        let average = season.profile.iter().sum::<f64>() / 24.0;
        for part in &mut season.profile {
            *part /= average;
        }
    }
    season
}

#[cfg(test)]
mod tests {
    use super::super::rate::Sighting;
    use super::*;
    use chrono::{DateTime, TimeDelta, Timelike, Utc};

    /// Twenty days of visits, half an hour apart, of a source with so many new listings per visit by day.
    fn visited(by_day: u32) -> Rate {
        let start: DateTime<Utc> = "2026-03-02T00:00:00Z".parse().expect("a moment");
        (0..960).fold(Rate::default(), |rate, n| {
            let at = start + TimeDelta::minutes(30 * n);
            let day = (8..20).contains(&(at - TimeDelta::minutes(30)).hour());
            rate.after(Sighting::Exactly(if day { by_day } else { 0 }), at)
        })
    }

    #[test]
    fn day_and_night_are_common_and_the_level_is_each_source_s_own() {
        let season = fit(&[visited(10), visited(2), Rate::default()]);
        assert!(season.profile[12] > 1.6 && season.profile[2] < 0.3, "{:?}", season.profile);
        let [busy, calm, unknown] = season.levels[..] else { panic!("{season:?}") };
        assert!((busy - 10.0).abs() < 1.5 && (calm - 2.0).abs() < 0.4, "{busy} {calm}");
        assert!((unknown - 6.0).abs() < 1.0, "{unknown}: an unknown source is an average one");
    }

    #[test]
    fn with_nothing_known_all_are_equal() {
        let season = fit(&[Rate::default(), Rate::default()]);
        assert_eq!(season, Season { levels: vec![1.0, 1.0], profile: [1.0; HOURS] });
        assert_eq!(fit(&[]).levels, Vec::<f64>::new());
    }
}
