//! The same number of requests, spent where it shortens the delay most.

use std::time::Duration;

/// What one source, or one source in one part of the time, asks of the budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SourceLoad {
    /// The interval that was asked for: what it would spend without tuning, and a statement of how much it matters.
    pub asked: Duration,
    /// New listings per hour.
    pub rate: f64,
    /// How many people wait for them.
    pub weight: f64,
    /// The part of all time in which this load is there, from 0 to 1.
    pub share: f64,
    /// The shortest interval.
    pub least: Duration,
    /// The longest interval.
    pub most: Duration,
}

/// The budget is spent when no more than this part of it is left.
const CLOSE: f64 = 1e-7;

/// Steps of the bisection at most.
const STEPS: usize = 48;

/// Intervals that together spend what the asked ones would, with the least mean delay from publication to
/// detection.
///
/// With Poisson arrivals a listing waits half an interval on average, so source `i` costs `w_i λ_i T_i / 2` delay
/// in each hour and `1 / T_i` requests. The least sum of delays at `Σ 1/T_i = B` has, by Lagrange,
/// `w_i λ_i / 2 = μ / T_i²`, that is `T_i = κ / sqrt(w_i λ_i)`: the interval falls with the root of the rate, not with
/// the rate. (Cho and Garcia-Molina, "Effective page refresh policies for Web crawlers", ACM Transactions on Database
/// Systems 28(4), 2003, treat freshness, where pages that change too often are given up; a delay has no such point,
/// since each listing counts however many follow it.)
///
/// The weight is `w_i = weight_i / asked_i²`: with equal rates and weights the asked intervals are the answer, so
/// who asked for them has said what matters. Bounds are kept by water-filling: the cost falls as `κ` grows, and `κ`
/// is the one at which the clamped intervals spend the budget. When the bounds leave no room, they win.
pub fn allocate(loads: &[SourceLoad]) -> Vec<Duration> {
    let budget: f64 = loads.iter().map(|load| load.share / seconds(load.asked)).sum();
    let bests: Vec<f64> = loads
        .iter()
        .map(|load| seconds(load.asked) / (load.weight * load.rate).max(1e-9).sqrt())
        .collect();
    let clamped = |load: &SourceLoad, best: f64, kappa: f64| {
        (best * kappa).min(seconds(load.most)).max(seconds(load.least))
    };
    let spent = |kappa: f64| -> f64 {
        let cost = |(load, best): (&SourceLoad, &f64)| load.share / clamped(load, *best, kappa);
        loads.iter().zip(&bests).map(cost).sum()
    };
    // Between these two every load meets both of its bounds.
    let ends =
        |load: &SourceLoad, best: &f64| (seconds(load.least) / best, seconds(load.most) / best);
    let (mut low, mut high) = loads
        .iter()
        .zip(&bests)
        .map(|(load, best)| ends(load, best))
        .fold((f64::MAX, f64::MIN_POSITIVE), |sum, one| (sum.0.min(one.0), sum.1.max(one.1)));
    for _ in 0..STEPS {
        let middle = (low * high).sqrt();
        let cost = spent(middle);
        if cost > budget {
            low = middle;
        } else {
            high = middle;
            if cost > budget * (1.0 - CLOSE) {
                break;
            }
        }
    }
    let interval = |(load, best): (&SourceLoad, &f64)| {
        Duration::try_from_secs_f64(clamped(load, *best, high)).unwrap_or(load.asked)
    };
    loads.iter().zip(&bests).map(interval).collect()
}

/// Never 0, so that it can be divided by.
fn seconds(span: Duration) -> f64 {
    span.as_secs_f64().max(1e-3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn minutes(count: u64) -> Duration {
        Duration::from_secs(count * 60)
    }

    fn load(rate: f64) -> SourceLoad {
        let (least, most) = (Duration::from_secs(1), minutes(100_000));
        SourceLoad { asked: minutes(6), rate, weight: 1.0, share: 1.0, least, most }
    }

    fn spent(loads: &[SourceLoad], intervals: &[Duration]) -> f64 {
        loads.iter().zip(intervals).map(|(load, one)| load.share / one.as_secs_f64()).sum()
    }

    fn delay(loads: &[SourceLoad], intervals: &[Duration]) -> f64 {
        let of = |load: &SourceLoad| load.share * load.weight * load.rate;
        loads.iter().zip(intervals).map(|(load, one)| of(load) * one.as_secs_f64()).sum()
    }

    #[test]
    fn the_interval_falls_with_the_root_of_the_rate() {
        let loads = [load(1.0), load(4.0), load(16.0)];
        let [one, two, three] = allocate(&loads)[..] else { panic!("three") };
        let close =
            |a: Duration, b: Duration| (a.as_secs_f64() / b.as_secs_f64() - 1.0).abs() < 1e-6;
        assert!(close(one, two * 2) && close(two, three * 2), "{one:?} {two:?} {three:?}");
        assert!((spent(&loads, &[one, two, three]) * 120.0 - 1.0).abs() < 1e-6);
    }

    #[test]
    fn equal_sources_keep_what_was_asked_for() {
        let loads = [load(3.0), SourceLoad { asked: minutes(60), ..load(3.0) }];
        let tuned = allocate(&loads);
        for (load, interval) in loads.iter().zip(tuned) {
            assert!((interval.as_secs_f64() / load.asked.as_secs_f64() - 1.0).abs() < 1e-6);
        }
        assert!(allocate(&[]).is_empty());
    }

    #[test]
    fn a_promise_is_kept_even_when_the_budget_breaks() {
        let kept = SourceLoad { most: minutes(6), ..load(0.001) };
        let tuned = allocate(&[kept, load(50.0)]);
        assert!(tuned[0] <= minutes(6));
        let all = [kept, SourceLoad { most: minutes(2), least: minutes(2), ..load(1.0) }];
        assert_eq!(allocate(&all), [minutes(6), minutes(2)]);
    }

    proptest! {
        #[test]
        fn bounds_and_budget_are_kept_and_no_fixed_interval_is_better(
            loads in prop::collection::vec(
                (60u64..7_200, 0.0f64..200.0, 0.25f64..50.0, 1.0f64..6.0).prop_map(|(asked, rate, weight, stretch)| {
                    let asked = Duration::from_secs(asked);
                    SourceLoad {
                        asked, rate, weight, share: 1.0,
                        least: asked.div_f64(stretch), most: asked.mul_f64(stretch),
                    }
                }),
                1..40,
            )
        ) {
            let tuned = allocate(&loads);
            for (load, interval) in loads.iter().zip(&tuned) {
                let slack = Duration::from_micros(1);
                prop_assert!(*interval + slack >= load.least && *interval <= load.most + slack);
            }
            let asked: Vec<Duration> = loads.iter().map(|load| load.asked).collect();
            prop_assert!(spent(&loads, &tuned) <= spent(&loads, &asked) * 1.000_001);
            prop_assert!(spent(&loads, &tuned) >= spent(&loads, &asked) * 0.999_999);
            // By the yardstick of the allocation: delays count relative to what was asked for.
            let relative: Vec<SourceLoad> = loads
                .iter()
                .map(|load| SourceLoad {
                    weight: load.weight / load.asked.as_secs_f64().powi(2), ..*load
                })
                .collect();
            prop_assert!(delay(&relative, &tuned) <= delay(&relative, &asked) * 1.000_01 + 1e-12);
        }
    }
}
