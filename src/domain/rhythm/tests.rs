//! The due time under all rhythms, and the policy of intervals.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::domain::source::{Source, SourceSpec};

fn at(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).expect("a moment")
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

/// Moments between 2001 and 2096.
fn moments_() -> impl Strategy<Value = i64> {
    1_000_000_000_000i64..4_000_000_000_000
}

/// Any moment, and many near the leaps of clocks in Berlin, New York and on Lord Howe Island.
pub(super) fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    let leaps = [
        "2026-03-29T01:00:00Z",
        "2026-10-25T01:00:00Z",
        "2026-03-08T07:00:00Z",
        "2026-11-01T06:00:00Z",
        "2026-04-04T15:00:00Z",
        "2026-10-03T15:30:00Z",
    ];
    let near = (prop::sample::select(leaps.to_vec()), -100_000_000i64..30_000_000)
        .prop_map(|(leap, away)| utc(leap) + TimeDelta::milliseconds(away));
    prop_oneof![near, (1_500_000_000_000i64..2_000_000_000_000).prop_map(at)]
}

fn intervals() -> impl Strategy<Value = u64> {
    1_000u64..7 * 24 * 60 * 60 * 1_000
}

fn rhythm(cron: Option<&str>, windows: &[&str], jitter: Option<u64>) -> Rhythm {
    Rhythm {
        cron: cron.map(|text| text.parse().expect("an expression")),
        windows: windows.iter().map(|text| text.parse().expect("a window")).collect(),
        zone: Some(Tz::Europe__Berlin),
        jitter: jitter.map(Duration::from_secs),
        exact: false,
    }
}

/// Rhythms with windows, over midnight and in other zones too.
fn windowed() -> impl Strategy<Value = Rhythm> {
    prop::sample::select(vec![
        rhythm(None, &["mon-fri 07:00-22:00"], None),
        rhythm(None, &["22:00-06:00"], Some(600)),
        rhythm(None, &["sat 01:30-03:30 America/New_York", "wed 12:00-12:10"], None),
        rhythm(Some("*/7 * * * *"), &["mon-fri 07:00-22:00"], Some(120)),
        rhythm(Some("30 2 * * *"), &["sun 02:00-04:00"], None),
        rhythm(Some("15 */10 * * * *"), &["22:00-06:00"], Some(9_999)),
    ])
}

proptest! {
    #[test]
    fn it_is_never_nearer_than_half_an_interval_and_never_farther_than_two(
        now in moments_(), late in 0i64..10_000_000_000, every in intervals(), seed: u64,
        jitter in prop::option::of(0u64..10_000_000),
    ) {
        let rhythm = Rhythm { jitter: jitter.map(Duration::from_millis), ..Rhythm::default() };
        let next = next_due(&rhythm, Duration::from_millis(every), at(now - late), seed, at(now));
        let wait = (next - at(now)).num_milliseconds().cast_unsigned();
        prop_assert!(wait >= every / 2, "{wait} of {every}");
        prop_assert!(wait <= every * 2, "{wait} of {every}");
    }

    #[test]
    fn missed_rounds_coalesce_into_one(
        now in moments_(), late in 0i64..10_000_000_000, every in intervals(), seed: u64
    ) {
        let (plain, every) = (Rhythm::default(), Duration::from_millis(every));
        let missed_many = next_due(&plain, every, at(now - late), seed, at(now));
        prop_assert_eq!(missed_many, next_due(&plain, every, at(now - late / 3), seed, at(now)));
    }

    #[test]
    fn punctual_runs_stay_on_the_grid_for_ever(
        start in moments_(), every in intervals(), seed: u64, delay in 0u64..100
    ) {
        let (plain, interval) = (Rhythm::default(), Duration::from_millis(every));
        let first = next_due(&plain, interval, at(start), seed, at(start));
        let mut due = first;
        for _ in 0..50 {
            // Claimed at most an eighth of an interval late.
            let now = due + Duration::from_millis(every / 8 * delay / 100);
            due = next_due(&plain, interval, due, seed, now);
        }
        let drift = (due - first).num_milliseconds() - 50 * every.cast_signed();
        prop_assert!(drift.unsigned_abs() <= every / 20 + 1, "{drift} of {every}");
    }

    #[test]
    fn it_moves_forward_even_when_the_clock_was_set_back(
        now in moments_(), back in 0i64..100_000_000_000, every in intervals(), seed: u64
    ) {
        let interval = Duration::from_millis(every);
        let next = next_due(&Rhythm::default(), interval, at(now + back), seed, at(now));
        prop_assert!(next > at(now));
        prop_assert!((next - at(now)).num_milliseconds().cast_unsigned() <= every * 3);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn nothing_is_ever_due_in_a_closed_window(
        rhythm in windowed(), now in instants(),
        late in 0i64..1_000_000_000, every in 60_000u64..100_000_000, seed: u64, failures in 0i64..6,
    ) {
        let pace = Duration::from_millis(every);
        let due = now - TimeDelta::milliseconds(late);
        for next in [
            next_due(&rhythm, pace, due, seed, now),
            first_from(&rhythm, pace, now, seed),
            after_failure(&rhythm, pace, failures, seed, now),
            spread(&rhythm, pace, seed, now),
        ] {
            prop_assert!(rhythm.is_open(next), "{next}");
            prop_assert!(next >= now && next - now < TimeDelta::days(15) + TimeDelta::from_std(pace * 33).expect("years"), "{next}");
        }
        let next = next_due(&rhythm, pace, due, seed, now);
        // Moments are whole milliseconds.
        let half = Duration::from_millis(every / 2);
        let nearest = if rhythm.cron.is_some() { Duration::ZERO } else { half };
        prop_assert!(next > now && next >= now + nearest, "{next}");
        for moment in moments(&rhythm, pace, due, seed, 5) {
            prop_assert!(rhythm.is_open(moment), "{moment}");
        }
    }

    #[test]
    fn a_punctual_expression_leaves_out_no_round_and_repeats_none(
        start in 1_600_000_000_000i64..1_900_000_000_000, seed: u64, jitter in 0u64..400, delay in 0i64..900,
    ) {
        let rhythm = rhythm(Some("*/10 * * * *"), &[], Some(jitter));
        let mut due = next_due(&rhythm, Duration::ZERO, at(start), seed, at(start));
        let mut round = due.timestamp() / 600;
        for _ in 0..30 {
            due = next_due(&rhythm, Duration::ZERO, due, seed, due + TimeDelta::milliseconds(delay));
            // A claim that is late may meet the next round in the last second of its shift.
            let rounds = due.timestamp() / 600 - round;
            prop_assert!(rounds == 1 || rounds == 2 && jitter > 0, "{due}");
            round = due.timestamp() / 600;
        }
        // Set back by half a minute: the round that was claimed is not repeated.
        let claimed = next_due(&rhythm, Duration::ZERO, due, seed, due);
        let back = claimed - TimeDelta::seconds(30);
        let next = next_due(&rhythm, Duration::ZERO, claimed, seed, back);
        prop_assert!(next.timestamp() / 600 > claimed.timestamp() / 600);
    }
}

#[test]
fn equal_intervals_spread_over_the_whole_interval() {
    let (now, interval) = (at(1_700_000_000_000), Duration::from_secs(360));
    let mut tenths = [0; 10];
    for seed in 0..1_000 {
        let wait = next_due(&Rhythm::default(), interval, now, seed, now) - now;
        let since_half = (wait.num_milliseconds() - 180_000).clamp(0, 359_999);
        tenths[usize::try_from(since_half / 36_000).expect("a tenth")] += 1;
    }
    assert!(tenths.iter().all(|count| (50..=200).contains(count)), "{tenths:?}");
}

#[test]
fn at_the_opening_of_a_window_there_is_no_herd() {
    let rhythm = rhythm(None, &["07:00-22:00"], None);
    let night = utc("2026-03-06T02:00:00Z");
    let mut minutes = [0; 6];
    for seed in 0..600u64 {
        let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let next = first_from(&rhythm, Duration::from_secs(360), night, seed);
        let wait = (next - utc("2026-03-06T06:00:00Z")).num_seconds();
        minutes[usize::try_from(wait / 60).expect("inside the first interval")] += 1;
    }
    assert!(minutes.iter().all(|count| (60..=140).contains(count)), "{minutes:?}");
}

#[test]
fn an_expression_runs_at_its_moments_by_the_wall_clock_on_odd_days_too() {
    let nine = rhythm(Some("0 9 * * *"), &[], None);
    let due = utc("2026-03-28T08:00:00Z");
    let shown: Vec<String> = moments(&nine, Duration::ZERO, due, 1, 3)
        .iter()
        .map(|at| at.format("%d %H:%M").to_string())
        .collect();
    assert_eq!(shown, ["28 08:00", "29 07:00", "30 07:00"]);
    // Three missed days are one run, and the next is tomorrow's.
    let claimed = utc("2026-03-31T10:00:00Z");
    let next = next_due(&nine, Duration::ZERO, due, 1, claimed);
    assert_eq!(next, utc("2026-04-01T07:00:00Z"));
}

#[test]
fn bad_runs_leave_out_rounds_of_an_expression_but_no_day() {
    let often = rhythm(Some("*/5 * * * *"), &[], None);
    let now = utc("2026-03-06T12:00:30Z");
    let minutes = |failures| {
        let next = after_failure(&often, Duration::ZERO, failures, 1, now);
        (next - utc("2026-03-06T12:00:00Z")).num_minutes()
    };
    assert_eq!([0, 1, 2, 3, 4, 9].map(minutes), [5, 10, 20, 40, 80, 80]);
    let daily = rhythm(Some("0 9 * * *"), &[], None);
    let next = after_failure(&daily, Duration::ZERO, 9, 1, utc("2026-03-06T08:00:10Z"));
    assert_eq!(next, utc("2026-03-07T08:00:00Z"));
}

#[test]
fn what_is_stored_is_read_again_and_a_plain_interval_needs_nothing() {
    for one in [
        Rhythm::default(),
        rhythm(Some("0 9 * * mon-fri"), &["07:00-22:00 Asia/Tokyo", "sun 22:00-02:00"], Some(90)),
        Rhythm { exact: true, ..Rhythm::default() },
    ] {
        let text = serde_json::to_string(&one).expect("JSON");
        assert_eq!(serde_json::from_str::<Rhythm>(&text).expect(&text), one, "{text}");
    }
    assert_eq!(serde_json::to_string(&Rhythm::default()).expect("JSON"), "{}");
    assert!(Rhythm::default().in_zone(Tz::Europe__Berlin).is_plain());
    assert!(serde_json::from_str::<Rhythm>(r#"{"cron":"at night"}"#).is_err());
}

#[test]
fn an_expression_that_never_meets_a_window_is_refused() {
    let never = rhythm(Some("0 3 * * *"), &["07:00-22:00"], None);
    let error = never.check().expect_err("refused").to_string();
    assert!(error.contains("never falls into a window") && error.contains("wider"), "{error}");
    assert!(rhythm(Some("0 3 1 1 *"), &["fri 02:00-04:00"], None).check().is_ok());
    // Should it be stored all the same, it runs inside the window.
    let next = next_due(&never, Duration::ZERO, at(0), 1, utc("2026-03-06T12:00:00Z"));
    assert!(never.is_open(next), "{next}");
}

fn source(name: &str, offered: bool, rhythm: Rhythm) -> Source {
    let spec = SourceSpec {
        site: "demo".into(),
        url: format!("https://demo.example/search?q={name}"),
        title: name.into(),
        interval: Duration::from_secs(360),
        offered,
        rhythm,
    };
    Source::new(spec, utc("2026-03-06T12:00:00Z"))
}

fn demand(source: &Source, unsold: u32, sold: &[u64]) -> Demand {
    Demand {
        source: source.id.clone(),
        watches: unsold + u32::try_from(sold.len()).expect("few"),
        unsold,
        sold: sold.iter().min().map(|seconds| Duration::from_secs(*seconds)),
    }
}

const POLICY: Policy = Policy { adaptive: true, idle: Duration::from_secs(3_600), stretch: 3.0 };

fn chosen(source: &Source, demands: &[Demand]) -> (u64, Why) {
    let now = source.next_due_at;
    let choice = tune(std::slice::from_ref(source), demands, &POLICY, now).remove(0);
    (choice.interval.as_secs(), choice.why)
}

#[test]
fn the_fastest_entitled_watcher_sets_the_interval() {
    let plain = source("a", false, Rhythm::default());
    assert_eq!(chosen(&plain, &[demand(&plain, 2, &[])]), (360, Why::Asked));
    assert_eq!(chosen(&plain, &[demand(&plain, 2, &[900, 120])]), (120, Why::Sold));
    assert_eq!(chosen(&plain, &[demand(&plain, 0, &[900])]), (900, Why::Sold));
    assert_eq!(chosen(&plain, &[demand(&plain, 1, &[900])]), (360, Why::Asked));
    let exact = source("a", false, Rhythm { exact: true, ..Rhythm::default() });
    assert_eq!(chosen(&exact, &[demand(&exact, 0, &[900])]), (360, Why::Asked));
    assert_eq!(chosen(&exact, &[demand(&exact, 0, &[60])]), (60, Why::Sold));
}

#[test]
fn what_nobody_watches_and_nobody_is_offered_is_idle() {
    let idle = source("a", false, Rhythm::default());
    assert_eq!(chosen(&idle, &[]), (3_600, Why::Idle));
    assert_eq!(chosen(&source("a", true, Rhythm::default()), &[]), (360, Why::Asked));
    let exact = source("a", false, Rhythm { exact: true, ..Rhythm::default() });
    assert_eq!(chosen(&exact, &[]), (360, Why::Asked));
    let cron = source("a", false, rhythm(Some("0 9 * * *"), &[], None));
    assert_eq!(chosen(&cron, &[]).1, Why::Cron);

    // Somebody subscribes: the source is not left asleep for the rest of the hour.
    let mut asleep = idle;
    asleep.pace = Some(POLICY.idle);
    let now = asleep.next_due_at;
    asleep.next_due_at = now + TimeDelta::minutes(50);
    let demands = [demand(&asleep, 1, &[])];
    let sources = [asleep];
    let written = changes(&sources, &tune(&sources, &demands, &POLICY, now), now);
    let [PaceChange { pace: None, due: Some(due), .. }] = &written[..] else {
        panic!("{written:?}")
    };
    assert!(*due - now <= TimeDelta::minutes(12), "{due}");
}

/// Two sources of one host, the second of which has ten times as much news.
fn pair(windows: &[&str]) -> [Source; 2] {
    let start = utc("2026-03-04T12:00:00Z");
    let learned = |per_visit| {
        let visit = |rate: Rate, n| {
            rate.after(Sighting::Exactly(per_visit), start + TimeDelta::minutes(10 * n))
        };
        Some((0..300i64).fold(Rate::default(), visit).write())
    };
    let mut calm = source("calm", true, rhythm(None, windows, None));
    let mut busy = source("busy", true, Rhythm::default());
    (calm.rate, busy.rate) = (learned(1), learned(10));
    [calm, busy]
}

#[test]
fn a_promise_that_was_sold_is_never_stretched() {
    let sources = pair(&[]);
    let now = sources[0].next_due_at;
    let asked = [demand(&sources[0], 1, &[]), demand(&sources[1], 1, &[])];
    let tuned = tune(&sources, &asked, &POLICY, now);
    let seconds = |n: usize| tuned[n].interval.as_secs();
    assert!(seconds(0) > 480 && seconds(0) <= 1_080 && seconds(1) < 300, "{tuned:?}");

    let sold = [demand(&sources[0], 0, &[360]), demand(&sources[1], 1, &[])];
    let kept = tune(&sources, &sold, &POLICY, now);
    assert!(kept[0].interval <= Duration::from_secs(360), "{kept:?}");
    let off = tune(&sources, &sold, &Policy { adaptive: false, ..POLICY }, now);
    assert_eq!((off[0].why, off[1].why), (Why::Sold, Why::Asked));
}

#[test]
fn a_source_with_windows_keeps_its_interval() {
    let sources = pair(&["07:00-22:00"]);
    let demands = [demand(&sources[0], 1, &[]), demand(&sources[1], 1, &[])];
    let tuned = tune(&sources, &demands, &POLICY, sources[0].next_due_at);
    assert_eq!(
        (tuned[0].why, tuned[1].why),
        (Why::Asked, Why::Asked),
        "one source has nothing to trade"
    );
}

#[test]
fn small_changes_are_none_and_a_broken_promise_is_mended() {
    let mut sources = pair(&[]);
    let now = sources[0].next_due_at;
    let demands = [demand(&sources[0], 1, &[]), demand(&sources[1], 1, &[])];
    let choices = tune(&sources, &demands, &POLICY, now);
    assert_eq!(changes(&sources, &choices, now).len(), 2);
    for (source, choice) in sources.iter_mut().zip(&choices) {
        source.pace = Some(choice.interval.mul_f64(1.05));
    }
    assert_eq!(changes(&sources, &choices, now), []);
    let promised = [Choice { most: choices[0].interval, ..choices[0].clone() }, choices[1].clone()];
    assert_eq!(changes(&sources, &promised, now).len(), 1);
}
