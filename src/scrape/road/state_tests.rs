use proptest::prelude::*;
use sites::endpoint::Lesson;

use super::*;
use crate::scrape::road::Ask;

fn start() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().expect("a moment")
}

fn endpoint() -> Endpoint {
    let url: url::Url = "https://x.example/api?q=a".parse().expect("an address");
    Endpoint {
        ask: Ask {
            method: "GET".into(),
            url: url.clone(),
            headers: vec![],
            body: None,
            fresh: std::collections::BTreeMap::new(),
        },
        page: url,
        next: None,
        lesson: Lesson { list: "$".into(), fields: vec![], whole: vec![], empty_proved: false },
    }
}

fn at(now: DateTime<Utc>) -> Circumstances {
    Circumstances {
        render: Render::Browser,
        learn: true,
        browser: true,
        last: Some(Rung::Browser),
        run: 1,
        now,
    }
}

fn promoted() -> Road {
    let mut road = Road::default();
    road.learned(endpoint());
    (0..AGREEMENTS).for_each(|_| road.agreed(start()));
    road
}

#[test]
fn three_agreements_make_a_road_and_one_difference_ends_it() {
    let mut road = promoted();
    assert_eq!(road.plan(at(start())).rungs, [Rung::Endpoint, Rung::Browser]);
    road.demote("price of 7 differs".into(), start());
    let plan = road.plan(at(start() + TimeDelta::minutes(59)));
    assert_eq!((plan.rungs, plan.learn), (vec![Rung::Browser], false));
    assert!(plan.why.contains("price of 7 differs"), "{}", plan.why);
    let plan = road.plan(at(start() + TimeDelta::minutes(61)));
    assert_eq!((plan.rungs, plan.learn), (vec![Rung::Browser], true));
}

#[test]
fn the_browser_checks_after_twenty_runs_or_a_day() {
    let mut road = promoted();
    let day = start() + TimeDelta::hours(24);
    assert_eq!(road.plan(at(day)).rungs[0], Rung::Browser);
    for _ in 0..20 {
        assert_eq!(road.plan(at(start())).rungs[0], Rung::Endpoint);
        road.used();
    }
    assert_eq!(road.plan(at(start())).rungs[0], Rung::Browser);
    road.agreed(start());
    assert_eq!(road.plan(at(start())).rungs[0], Rung::Endpoint);
}

#[test]
fn where_plain_http_is_refused_the_request_goes_through_a_page() {
    let mut road = Road::default();
    road.learned(endpoint());
    road.agreed(start());
    road.refused("HTTP 403".into(), start());
    assert_eq!(road.shadow(), Rung::InPage);
    for _ in 0..3 {
        assert_eq!(road.plan(at(start())).rungs, [Rung::Browser]);
        road.agreed(start());
    }
    assert_eq!(road.plan(at(start())).rungs, [Rung::InPage, Rung::Browser]);
    road.refused("HTTP 403".into(), start());
    assert!(matches!(road.stage, Stage::Resting { .. }));
}

#[test]
fn a_page_without_answers_is_not_watched_for_ever() {
    let mut road = Road::default();
    (0..3).for_each(|_| road.nothing(start()));
    assert!(!road.plan(at(start())).learn);
}

#[test]
fn the_module_has_the_last_word() {
    let road = promoted();
    let http = Circumstances { render: Render::Http, ..at(start()) };
    assert_eq!(road.plan(http).rungs, [Rung::Http]);
    let never = Circumstances { learn: false, ..at(start()) };
    let plan = road.plan(never);
    assert_eq!((plan.rungs, plan.learn), (vec![Rung::Browser], false));
    let auto = Circumstances { render: Render::Auto, last: None, ..at(start()) };
    assert_eq!(Road::default().plan(auto).rungs, [Rung::Http, Rung::Browser]);
}

#[test]
fn without_a_browser_the_endpoint_serves_and_a_page_cannot() {
    let bare = |now| Circumstances { browser: false, ..at(now) };
    let mut road = promoted();
    assert_eq!(road.plan(bare(start())).rungs, [Rung::Endpoint]);
    road.stage =
        Stage::Promoted { rung: Rung::InPage, since: start(), checked_at: start(), runs: 0 };
    assert_eq!(road.plan(bare(start())).rungs, [Rung::Browser]);
}

#[test]
fn what_was_kept_is_read_again_and_what_is_damaged_begins_anew() {
    let road = promoted();
    assert_eq!(Road::of(Some(&road.to_json())), road);
    for damaged in [None, Some(""), Some("{\"stage\": 7}")] {
        assert_eq!(Road::of(damaged), Road::default());
    }
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Learned,
    Agreed,
    Refused,
    Nothing,
    Used,
    Demoted,
    Wait(i64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let one = prop_oneof![
        1 => Just(Event::Learned),
        4 => Just(Event::Agreed),
        1 => Just(Event::Refused),
        1 => Just(Event::Nothing),
        2 => Just(Event::Used),
        1 => Just(Event::Demoted),
        1 => (0..200_000i64).prop_map(Event::Wait),
    ];
    proptest::collection::vec(one, 0..60)
}

proptest! {
    #[test]
    fn a_road_is_used_only_after_three_agreements_in_a_row_and_never_alone(events in events()) {
        let (mut road, mut now, mut in_a_row) = (Road::default(), start(), 0);
        for event in events {
            match event {
                Event::Learned if road.endpoint.is_none() => {
                    road.learned(endpoint());
                    in_a_row = 0;
                }
                Event::Learned => {}
                Event::Agreed if road.endpoint.is_some() => {
                    road.agreed(now);
                    in_a_row += 1;
                }
                Event::Agreed => {}
                Event::Refused => {
                    road.refused("HTTP 403".into(), now);
                    in_a_row = 0;
                }
                Event::Nothing if road.endpoint.is_none() => road.nothing(now),
                Event::Nothing => {}
                Event::Used => road.used(),
                Event::Demoted => {
                    road.demote("differs".into(), now);
                    in_a_row = 0;
                }
                Event::Wait(seconds) => now += TimeDelta::seconds(seconds),
            }
            let plan = road.plan(at(now));
            prop_assert!(plan.rungs.contains(&Rung::Browser));
            if plan.rungs.len() > 1 {
                prop_assert!(in_a_row >= 3, "{:?} after {}", plan, in_a_row);
                prop_assert!(road.endpoint.is_some());
            }
            if let Stage::Resting { until } = road.stage {
                prop_assert!(road.endpoint.is_none());
                prop_assert!(until - now <= TimeDelta::days(7));
            }
            prop_assert_eq!(&Road::of(Some(&road.to_json())), &road);
        }
    }

    #[test]
    fn each_rest_is_at_least_as_long_as_the_one_before(failures in 1u32..1_000_000) {
        prop_assert!(rest(failures) >= TimeDelta::hours(1));
        prop_assert!(rest(failures + 1) >= rest(failures));
        prop_assert!(rest(failures) <= TimeDelta::days(7));
    }
}
