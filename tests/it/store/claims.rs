//! Claims of deliveries: order, exclusion, limits.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::TimeDelta;
use magpie::domain::delivery::{Content, Outcome};
use magpie::domain::pace::{Limits, Window};
use magpie::domain::{Class, DeliveryState};
use magpie::store::{ClaimRequest, Db};

use super::fixtures::*;

super::for_each_db!(
    a_claim_commits_the_intent,
    one_is_in_flight_per_chat,
    the_urgent_goes_before_the_old_and_the_old_before_the_new,
    a_delivery_is_not_claimed_before_its_time,
    an_urgent_one_that_comes_due_overtakes,
    two_claimers_never_share_a_delivery,
    only_the_asked_classes_are_claimed,
    slots_are_evenly_spaced_and_end_at_the_horizon,
    a_chat_waits_for_its_window,
    windows_hold_over_any_sequence_of_claims,
    the_next_moment_is_known,
    a_claim_takes_no_more_than_asked,
    slots_are_kept_to_the_microsecond,
    an_album_weighs_its_pictures,
    paid_broadcasts_go_beyond_the_pace_until_the_budget_is_used_up,
    nothing_is_paid_for_unless_it_is_switched_on,
    a_doubtful_message_keeps_its_place_in_front_of_its_chat,
    a_chat_with_a_long_queue_delays_nobody_else,
);

async fn a_claim_commits_the_intent(db: &dyn Db) {
    let new = message(Class::Alert, 1, "a", at(0));
    enqueue(db, vec![new.clone()], at(0)).await;
    assert_eq!(delivery(db, &new.id).await.state, DeliveryState::Pending);
    let claimed = db.claim_deliveries(&claim_all("s", at(5))).await.unwrap();
    assert_eq!(claimed.len(), 1);
    let stored = delivery(db, &new.id).await;
    assert_eq!(stored, claimed[0].delivery);
    assert_eq!((stored.state, stored.epoch), (DeliveryState::Sending, 1));
    assert_eq!((stored.owner, stored.intent_at), (Some(owner("s")), Some(at(5))));
    assert_eq!((stored.new, claimed[0].send_at), (new, at(5)));
}

async fn one_is_in_flight_per_chat(db: &dyn Db) {
    let new = |subject: &str| message(Class::Alert, 1, subject, at(0));
    enqueue(db, vec![new("a"), new("b")], at(0)).await;
    let first = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap();
    assert_eq!(first.len(), 1);
    enqueue(db, vec![new("c")], at(0)).await;
    assert!(db.claim_deliveries(&claim_all("t", at(9_000))).await.unwrap().is_empty());
    db.settle_deliveries(&[settlement(&first[0], sent())], at(1)).await.unwrap();
    assert_eq!(db.claim_deliveries(&claim_all("t", at(1))).await.unwrap().len(), 1);
}

async fn the_urgent_goes_before_the_old_and_the_old_before_the_new(db: &dyn Db) {
    let deliveries = vec![
        message(Class::Broadcast, 1, "1", at(0)),
        message(Class::Alert, 2, "2", at(0)),
        message(Class::Payment, 3, "3", at(0)),
        message(Class::Alert, 4, "4", at(0)),
        message(Class::Alert, 1, "5", at(0)),
    ];
    enqueue(db, deliveries, at(0)).await;
    let mut request = claim_all("s", at(0));
    request.limit = 3;
    let order = |claimed: &[magpie::domain::delivery::Claimed]| {
        claimed.iter().map(|claimed| claimed.delivery.new.chat.0).collect::<Vec<_>>()
    };
    let first = db.claim_deliveries(&request).await.unwrap();
    assert_eq!(order(&first), [3, 2, 4]);
    let second = db.claim_deliveries(&request).await.unwrap();
    assert_eq!(order(&second), [1]);
    assert_eq!(second[0].delivery.new.class, Class::Alert);
}

async fn a_delivery_is_not_claimed_before_its_time(db: &dyn Db) {
    let mut later = message(Class::Alert, 1, "later", at(0));
    later.not_before = at(60_000);
    enqueue(db, vec![later], at(0)).await;
    assert!(db.claim_deliveries(&claim_all("s", at(59_999))).await.unwrap().is_empty());
    assert_eq!(db.claim_deliveries(&claim_all("s", at(60_000))).await.unwrap().len(), 1);
}

async fn an_urgent_one_that_comes_due_overtakes(db: &dyn Db) {
    let mut urgent = message(Class::Payment, 1, "urgent", at(0));
    urgent.not_before = at(100);
    let now = vec![
        urgent,
        message(Class::Broadcast, 1, "b", at(0)),
        message(Class::Alert, 2, "a", at(0)),
    ];
    enqueue(db, now, at(0)).await;
    let mut request = claim_all("s", at(100));
    request.limit = 1;
    let claimed = db.claim_deliveries(&request).await.unwrap();
    assert_eq!(claimed[0].delivery.new.class, Class::Payment);
}

async fn two_claimers_never_share_a_delivery(db: &dyn Db) {
    let many = (0..200).map(|i| message(Class::Alert, i % 90 + 1, &i.to_string(), at(0)));
    enqueue(db, many.collect(), at(0)).await;
    let worker = |name: String| async move {
        let mut mine = Vec::new();
        let mut request = claim_all(&name, at(0));
        request.limit = 3;
        loop {
            let claimed = db.claim_deliveries(&request).await.unwrap();
            if claimed.is_empty() {
                return mine;
            }
            let ends: Vec<_> = claimed.iter().map(|c| settlement(c, sent())).collect();
            mine.extend(claimed.into_iter().map(|claimed| claimed.delivery.new.id));
            let report = db.settle_deliveries(&ends, at(0)).await.unwrap();
            assert_eq!((report.settled, report.fenced), (ends.len() as u64, 0));
        }
    };
    let all = futures_util::future::join_all((0..12).map(|i| worker(format!("s{i}")))).await;
    let all: Vec<_> = all.into_iter().flatten().collect();
    let names: HashSet<_> = all.iter().cloned().collect();
    assert_eq!((all.len(), names.len()), (200, 200));
}

async fn only_the_asked_classes_are_claimed(db: &dyn Db) {
    let both = vec![message(Class::Alert, 1, "a", at(0)), message(Class::Broadcast, 2, "b", at(0))];
    enqueue(db, both, at(0)).await;
    let mut request = claim_all("s", at(0));
    request.classes = vec![Class::Broadcast, Class::Digest];
    let claimed = db.claim_deliveries(&request).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].delivery.new.class, Class::Broadcast);
}

async fn slots_are_evenly_spaced_and_end_at_the_horizon(db: &dyn Db) {
    let many = (1..=50).map(|chat| message(Class::Alert, chat, "x", at(0))).collect();
    enqueue(db, many, at(0)).await;
    let limits = Limits { gap_us: 40_000, ..Limits::default() };
    let horizon = Duration::from_millis(400);
    let request = |name: &str, now| ClaimRequest { limits, horizon, ..claim_all(name, at(now)) };
    let first = db.claim_deliveries(&request("s", 0)).await.unwrap();
    let slots: Vec<_> = first.iter().map(|claimed| claimed.send_at).collect();
    assert_eq!(slots, (0..=10).map(|i| at(i * 40)).collect::<Vec<_>>());
    assert!(db.claim_deliveries(&request("t", 0)).await.unwrap().is_empty());
    let later = db.claim_deliveries(&request("t", 100)).await.unwrap();
    let slots: Vec<_> = later.iter().map(|claimed| claimed.send_at).collect();
    assert_eq!(slots, [at(440), at(480)]);
}

async fn a_chat_waits_for_its_window(db: &dyn Db) {
    let both = vec![message(Class::Alert, 1, "a", at(0)), message(Class::Alert, 1, "b", at(0))];
    enqueue(db, both, at(0)).await;
    let limits = Limits { gap_us: 0, ..Limits::default() };
    let request = |now| ClaimRequest { limits, ..claim_all("s", at(now)) };
    let first = db.claim_deliveries(&request(0)).await.unwrap();
    db.settle_deliveries(&[settlement(&first[0], sent())], at(50)).await.unwrap();
    assert!(db.claim_deliveries(&request(1_049)).await.unwrap().is_empty());
    assert_eq!(db.next_delivery_at().await.unwrap(), Some(at(1_050)));
    let second = db.claim_deliveries(&request(1_050)).await.unwrap();
    assert_eq!(second[0].send_at, at(1_050));
}

async fn windows_hold_over_any_sequence_of_claims(db: &dyn Db) {
    use rand::{Rng, SeedableRng};
    let mut random = rand::rngs::StdRng::seed_from_u64(42);
    let limits = Limits {
        gap_us: 7_000,
        most: 50,
        chat: Window { count: 1, per_ms: 100 },
        group: Window { count: 4, per_ms: 500 },
        ..Limits::OFF
    };
    let chats = [1, 2, -1, -2];
    let many = (0..160).map(|i| message(Class::Alert, chats[i % 4], &i.to_string(), at(0)));
    enqueue(db, many.collect(), at(0)).await;
    let mut slots: HashMap<i64, Vec<i64>> = HashMap::new();
    let mut overall = Vec::new();
    let mut flying = Vec::new();
    let mut now = 0;
    while overall.len() < 160 && now < 60_000 {
        now += random.random_range(1..60);
        let horizon = Duration::from_millis(random.random_range(0..50));
        let limit = random.random_range(1..4);
        let request = ClaimRequest { limits, horizon, limit, ..claim_all("s", at(now)) };
        for claimed in db.claim_deliveries(&request).await.unwrap() {
            let slot = (claimed.send_at - at(0)).num_milliseconds();
            assert!(slot >= now && slot <= now + 50);
            slots.entry(claimed.delivery.new.chat.0).or_default().push(slot);
            overall.push(slot);
            flying.push((slot, claimed));
        }
        let (done, rest): (Vec<_>, Vec<_>) = flying.drain(..).partition(|(slot, _)| *slot <= now);
        flying = rest;
        let ends: Vec<_> = done.iter().map(|(_, claimed)| settlement(claimed, sent())).collect();
        db.settle_deliveries(&ends, at(now)).await.unwrap();
    }
    assert_eq!(overall.len(), 160, "not all were sent in a minute");
    assert!(overall.windows(51).all(|part| part[50] - part[0] >= 1_005), "{overall:?}");
    for (chat, slots) in slots {
        let window = if chat > 0 { limits.chat } else { limits.group };
        let fits = |part: &[i64]| part[window.count] - part[0] >= window.per_ms;
        assert!(slots.windows(window.count + 1).all(fits), "chat {chat}: {slots:?}");
    }
}

async fn the_next_moment_is_known(db: &dyn Db) {
    assert_eq!(db.next_delivery_at().await.unwrap(), None);
    let mut later = message(Class::Alert, 1, "later", at(0));
    later.not_before = at(60_000);
    enqueue(db, vec![later], at(0)).await;
    assert_eq!(db.next_delivery_at().await.unwrap(), Some(at(60_000)));
    enqueue(db, vec![message(Class::Alert, 2, "now", at(10))], at(10)).await;
    assert_eq!(db.next_delivery_at().await.unwrap(), Some(at(10)));
    let claimed = db.claim_deliveries(&claim_all("s", at(10))).await.unwrap();
    assert_eq!(db.next_delivery_at().await.unwrap(), Some(at(60_000)));
    db.settle_deliveries(&[settlement(&claimed[0], sent())], at(11)).await.unwrap();
    assert_eq!(db.next_delivery_at().await.unwrap(), Some(at(60_000)));
}

async fn a_claim_takes_no_more_than_asked(db: &dyn Db) {
    let many = (1..=9).map(|chat| message(Class::Alert, chat, "x", at(0))).collect();
    enqueue(db, many, at(0)).await;
    let mut request = claim_all("s", at(0) + TimeDelta::milliseconds(1));
    request.limit = 4;
    assert_eq!(db.claim_deliveries(&request).await.unwrap().len(), 4);
    request.limit = 0;
    assert!(db.claim_deliveries(&request).await.unwrap().is_empty());
}

async fn slots_are_kept_to_the_microsecond(db: &dyn Db) {
    let many = (1..=60).map(|chat| message(Class::Alert, chat, "x", at(0))).collect();
    enqueue(db, many, at(0)).await;
    let request = |name: &str, now| ClaimRequest {
        limits: Limits::per_second(30.0),
        horizon: Duration::from_secs(3),
        ..claim_all(name, at(now))
    };
    let claimed = db.claim_deliveries(&request("s", 0)).await.unwrap();
    let slots: Vec<_> =
        claimed.iter().map(|one| (one.send_at - at(0)).num_microseconds().unwrap()).collect();
    assert_eq!(slots[..3], [0, 33_334, 66_668]);
    // Thirty to the second, and what the strict window adds.
    assert_eq!((slots[29], slots[30], slots.len()), (966_686, 1_006_000, 60));
    assert_eq!(slots[59], 1_006_000 + 966_686);
}

async fn an_album_weighs_its_pictures(db: &dyn Db) {
    let mut album = message(Class::Alert, -5, "album", at(0));
    if let Content::Message(message) = &mut album.content {
        message.album = (0..5).map(|n| format!("https://a.example/{n}.jpg")).collect();
    }
    let other = message(Class::Alert, 2, "x", at(0));
    let again = message(Class::Alert, -5, "again", at(1));
    enqueue(db, vec![album, other, again], at(0)).await;
    let limits =
        Limits { gap_us: 10_000, group: Window { count: 5, per_ms: 60_000 }, ..Limits::OFF };
    let request = |now| ClaimRequest { limits, ..claim_all("s", at(now)) };
    let first = db.claim_deliveries(&request(0)).await.unwrap();
    assert_eq!((first[0].send_at, first[1].send_at), (at(0), at(50)));
    db.settle_deliveries(&[settlement(&first[0], sent())], at(60)).await.unwrap();
    assert!(db.claim_deliveries(&request(59_000)).await.unwrap().is_empty());
    assert_eq!(db.claim_deliveries(&request(60_000)).await.unwrap().len(), 1);
}

fn paid_broadcast(chat: i64) -> magpie::domain::NewDelivery {
    let mut new = message(Class::Broadcast, chat, "paid", at(0));
    if let Content::Message(message) = &mut new.content {
        message.paid = true;
    }
    new
}

fn is_marked(claimed: &magpie::domain::delivery::Claimed) -> bool {
    matches!(&claimed.delivery.new.content, Content::Message(message) if message.paid)
}

async fn paid_broadcasts_go_beyond_the_pace_until_the_budget_is_used_up(db: &dyn Db) {
    let mut many: Vec<_> = (1..=30).map(paid_broadcast).collect();
    many.push(message(Class::Broadcast, 40, "free", at(0)));
    many.push(message(Class::Alert, 41, "alert", at(0)));
    enqueue(db, many, at(0)).await;
    let paid = magpie::domain::pace::Paid { gap_us: 1_000, per_day: 12 };
    let limits = Limits { gap_us: 100_000, paid, ..Limits::OFF };
    let horizon = Duration::from_millis(250);
    let request = |now| ClaimRequest { limits, horizon, ..claim_all("s", at(now)) };
    let claimed = db.claim_deliveries(&request(0)).await.unwrap();
    // Three free slots: the alert, the free broadcast and one of the others; then twelve that cost.
    let free: Vec<_> = claimed.iter().filter(|one| !is_marked(one)).collect();
    let chats: Vec<_> = free.iter().map(|one| one.delivery.new.chat.0).collect();
    assert_eq!(chats, [41, 40, 1]);
    let slots: Vec<_> =
        claimed.iter().filter(|one| is_marked(one)).map(|one| one.send_at).collect();
    assert_eq!(slots, (0..12).map(at).collect::<Vec<_>>());
    // Nothing is left today: on at the free pace, unmarked; and what the store keeps says what was asked for.
    let more = db.claim_deliveries(&request(200)).await.unwrap();
    assert_eq!((more.len(), more.iter().any(is_marked)), (2, false));
    let day = 24 * 3_600_000;
    let next = db.claim_deliveries(&request(day)).await.unwrap();
    assert_eq!(next.iter().filter(|one| is_marked(one)).count(), 12);
}

async fn nothing_is_paid_for_unless_it_is_switched_on(db: &dyn Db) {
    enqueue(db, (1..=5).map(paid_broadcast).collect(), at(0)).await;
    let claimed = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap();
    assert_eq!((claimed.len(), claimed.iter().any(is_marked)), (5, false));
}

async fn a_doubtful_message_keeps_its_place_in_front_of_its_chat(db: &dyn Db) {
    let new = |subject: &str| message(Class::Alert, 1, subject, at(0));
    enqueue(db, vec![new("a"), new("b")], at(0)).await;
    let first = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap();
    let doubt = Outcome::Doubt { at: at(2_000), reason: "reset".into() };
    db.settle_deliveries(&[settlement(&first[0], doubt)], at(10)).await.unwrap();
    assert!(db.claim_deliveries(&claim_all("s", at(1_999))).await.unwrap().is_empty());
    assert_eq!(db.next_delivery_at().await.unwrap(), Some(at(2_000)));
    let again = db.claim_deliveries(&claim_all("s", at(2_000))).await.unwrap();
    assert_eq!(again[0].delivery.new.id, first[0].delivery.new.id);
    // The same after the death of its owner.
    db.bury_instance(&owner("s"), at(3_000)).await.unwrap();
    assert!(db.claim_deliveries(&claim_all("t", at(4_999))).await.unwrap().is_empty());
    let third = db.claim_deliveries(&claim_all("t", at(5_000))).await.unwrap();
    assert_eq!(third[0].delivery.new.id, first[0].delivery.new.id);
}

async fn a_chat_with_a_long_queue_delays_nobody_else(db: &dyn Db) {
    let long = (0..300).map(|i| message(Class::Alert, 1, &i.to_string(), at(0)));
    let others = (2..=20).map(|chat| message(Class::Alert, chat, "x", at(0)));
    enqueue(db, long.chain(others).collect(), at(0)).await;
    let limits = Limits { gap_us: 0, most: 0, ..Limits::default() };
    let request = ClaimRequest { limits, ..claim_all("s", at(0)) };
    let claimed = db.claim_deliveries(&request).await.unwrap();
    let chats: HashSet<_> = claimed.iter().map(|one| one.delivery.new.chat.0).collect();
    assert_eq!((claimed.len(), chats.len()), (20, 20));
}
