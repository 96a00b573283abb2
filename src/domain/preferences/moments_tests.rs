use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

fn moments(zone: Tz, quiet: Option<(u16, u16)>) -> Moments {
    Moments { zone, quiet: quiet.map(|(from, to)| Quiet { from, to }) }
}

const NIGHT: Option<(u16, u16)> = Some((23 * 60, 7 * 60));

#[test]
fn quiet_hours_span_midnight_in_the_zone_of_the_person() {
    let kyiv = moments(Tz::Europe__Kyiv, NIGHT);
    // Kyiv is two hours ahead in winter.
    assert_eq!(kyiv.quiet_until(at("2026-01-10T20:59:59Z")), None);
    assert_eq!(kyiv.quiet_until(at("2026-01-10T21:00:00Z")), Some(at("2026-01-11T05:00:00Z")));
    assert_eq!(kyiv.quiet_until(at("2026-01-11T04:59:59Z")), Some(at("2026-01-11T05:00:00Z")));
    assert_eq!(kyiv.quiet_until(at("2026-01-11T05:00:00Z")), None);
    let nap = moments(Tz::Asia__Kathmandu, Some((13 * 60, 14 * 60)));
    assert_eq!(nap.quiet_until(at("2026-01-10T07:15:00Z")), Some(at("2026-01-10T08:15:00Z")));
    assert_eq!(moments(Tz::UTC, Some((60, 60))).quiet_until(at("2026-01-10T01:00:00Z")), None);
}

#[test]
fn an_end_in_the_leap_is_the_leap_and_one_that_comes_twice_is_the_second() {
    // Berlin leaps from 02:00 to 03:00 on 29 March 2026 at 01:00 UTC, and back on 25 October at 01:00 UTC.
    let berlin = moments(Tz::Europe__Berlin, Some((23 * 60, 2 * 60 + 30)));
    assert_eq!(berlin.quiet_until(at("2026-03-29T00:30:00Z")), Some(at("2026-03-29T01:00:00Z")));
    assert_eq!(berlin.quiet_until(at("2026-03-29T01:00:00Z")), None);
    assert_eq!(berlin.quiet_until(at("2026-10-25T00:45:00Z")), Some(at("2026-10-25T01:30:00Z")));
    let late = moments(Tz::Europe__Berlin, Some((2 * 60 + 30, 6 * 60)));
    assert_eq!(late.quiet_until(at("2026-10-25T01:10:00Z")), Some(at("2026-10-25T05:00:00Z")));
}

#[test]
fn a_slot_in_the_leap_comes_at_the_leap_and_a_double_one_once() {
    let berlin = moments(Tz::Europe__Berlin, None);
    let daily = Digest::Day { at: 2 * 60 + 30 };
    let next = |from: &str| berlin.next_slot(daily, at(from)).expect("a slot");
    assert_eq!(next("2026-03-28T12:00:00Z"), at("2026-03-29T01:00:00Z"));
    assert_eq!(next("2026-03-29T01:00:00Z"), at("2026-03-30T00:30:00Z"));
    assert_eq!(next("2026-10-24T12:00:00Z"), at("2026-10-25T00:30:00Z"));
    assert_eq!(next("2026-10-25T00:30:00Z"), at("2026-10-26T01:30:00Z"));
}

#[test]
fn a_slot_inside_quiet_hours_moves_to_their_end_and_is_not_left_out() {
    let berlin = moments(Tz::Europe__Berlin, NIGHT);
    let daily = Digest::Day { at: 3 * 60 };
    for from in ["2026-01-10T12:00:00Z", "2026-01-11T01:00:00Z", "2026-01-11T05:00:00Z"] {
        assert_eq!(berlin.next_slot(daily, at(from)), Some(at("2026-01-11T06:00:00Z")), "{from}");
    }
    let hourly = berlin.next_slot(Digest::Hour, at("2026-01-10T22:10:00Z"));
    assert_eq!(hourly, Some(at("2026-01-11T06:00:00Z")));
    let weekly = Digest::Week { day: 0, at: 9 * 60 };
    assert_eq!(
        berlin.next_slot(weekly, at("2026-01-12T08:00:00Z")),
        Some(at("2026-01-19T08:00:00Z"))
    );
    assert_eq!(
        berlin.next_slot(weekly, at("2026-01-12T07:59:59Z")),
        Some(at("2026-01-12T08:00:00Z"))
    );
}

#[test]
fn full_hours_are_those_on_the_wall() {
    let kathmandu = moments(Tz::Asia__Kathmandu, None);
    assert_eq!(kathmandu.next_hour(at("2026-01-10T12:00:00Z")), at("2026-01-10T12:15:00Z"));
    assert_eq!(kathmandu.next_hour(at("2026-01-10T12:15:00Z")), at("2026-01-10T13:15:00Z"));
    // Lord Howe goes back by half an hour on 5 April 2026 at 15:00 UTC of the 4th: 02:00 becomes 01:30.
    let howe = moments(Tz::Australia__Lord_Howe, None);
    let next = howe.next_hour(at("2026-04-04T14:50:00Z"));
    assert_eq!(next.with_timezone(&howe.zone).minute(), 0);
}

fn any_zone() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        Tz::Europe__Berlin,
        Tz::Europe__Kyiv,
        Tz::America__New_York,
        Tz::America__St_Johns,
        Tz::Asia__Kathmandu,
        Tz::Asia__Kolkata,
        Tz::Australia__Lord_Howe,
        Tz::Pacific__Chatham,
        Tz::Africa__Cairo,
        Tz::Asia__Beirut,
        Tz::America__Havana,
        Tz::UTC,
    ])
}

/// Around the odd days of 2026 and everywhere else in the year.
fn any_moment() -> impl Strategy<Value = DateTime<Utc>> {
    let day = prop_oneof![
        Just("2026-03-08"),
        Just("2026-03-28"),
        Just("2026-04-04"),
        Just("2026-04-23"),
        Just("2026-09-26"),
        Just("2026-10-24"),
        Just("2026-10-31"),
        Just("2026-06-15"),
    ];
    (day, 0i64..3 * 86_400)
        .prop_map(|(day, seconds)| at(&format!("{day}T00:00:00Z")) + TimeDelta::seconds(seconds))
}

fn any_quiet() -> impl Strategy<Value = Option<(u16, u16)>> {
    prop_oneof![
        1 => Just(None),
        4 => (0u16..1_440, 0u16..1_440)
            .prop_filter("some of the day is left", |(from, to)| (to + 1_440 - from) % 1_440 < 1_300)
            .prop_map(Some),
    ]
}

fn any_digest() -> impl Strategy<Value = Digest> {
    prop_oneof![
        Just(Digest::Hour),
        (0u16..1_440).prop_map(|at| Digest::Day { at }),
        (0u8..7, 0u16..1_440).prop_map(|(day, at)| Digest::Week { day, at }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_end_of_quiet_hours_is_later_and_outside_of_them(
        zone in any_zone(), quiet in any_quiet(), now in any_moment(),
    ) {
        let moments = moments(zone, quiet);
        let local = now.with_timezone(&zone);
        let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap();
        let shown_quiet = quiet.is_some_and(|(from, to)| if from <= to {
            (from..to).contains(&minute)
        } else {
            minute >= from || minute < to
        });
        match moments.quiet_until(now) {
            Some(end) => {
                prop_assert!(end > now);
                prop_assert!(moments.quiet_until(end).is_none());
                prop_assert!(end - now < TimeDelta::hours(26));
            }
            None => prop_assert!(!shown_quiet, "the clock shows a quiet minute"),
        }
    }

    #[test]
    fn a_slot_is_later_and_never_inside_quiet_hours(
        zone in any_zone(), quiet in any_quiet(), digest in any_digest(), now in any_moment(),
    ) {
        let moments = moments(zone, quiet);
        let slot = moments.next_slot(digest, now).expect("it is not off");
        prop_assert!(slot > now);
        prop_assert!(moments.quiet_until(slot).is_none());
        prop_assert!(slot - now < TimeDelta::days(9));
    }

    #[test]
    fn a_daily_digest_comes_once_on_each_local_day(
        zone in any_zone(), minute in 0u16..1_440, now in any_moment(),
    ) {
        let moments = moments(zone, None);
        let daily = Digest::Day { at: minute };
        let mut slot = moments.next_slot(daily, now).expect("a slot");
        for _ in 0..5 {
            let next = moments.next_slot(daily, slot).expect("a slot");
            let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
            prop_assert_eq!(day(next), day(slot).succ_opt().unwrap());
            // Whoever asks in between is told the same slot.
            let between = slot + (next - slot) / 2;
            prop_assert_eq!(moments.next_slot(daily, between), Some(next));
            slot = next;
        }
    }
}
