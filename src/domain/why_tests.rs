use chrono::TimeDelta;
use sites::{Listing, ListingKey};

use super::*;
use crate::domain::delivery::NewDelivery;
use crate::domain::source::SourceSpec;
use crate::domain::{ChatId, Filter, Language, SourceId, UserId};

fn at(minutes: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-01-10T12:00:00Z".parse().expect("a moment");
    start + TimeDelta::minutes(minutes)
}

fn source() -> Source {
    let spec = SourceSpec {
        site: "shop".into(),
        url: "https://shop.example/search".into(),
        title: "Bikes".into(),
        interval: std::time::Duration::from_secs(60),
        offered: true,
        rhythm: Default::default(),
    };
    Source::new(spec, at(0))
}

fn watch() -> Watch {
    Watch {
        id: WatchId("w".into()),
        user: UserId(1),
        chat: ChatId(1),
        thread: None,
        name: "Bikes".into(),
        sources: vec![source().id],
        filter: Filter::default(),
        paused: false,
        paused_by: PausedBy::Nobody,
        muted_until: None,
        telling: Default::default(),
        language: Language::En,
        created_at: at(-60),
    }
}

fn change() -> Change {
    Change {
        key: ListingKey { site: "shop".into(), id: "7".into() },
        kind: ChangeKind::New,
        version: 1,
        at: at(5),
        told_before: vec![],
        same_as: None,
        fields: vec![],
        price_before: None,
        listing: Listing::new("7", "https://shop.example/7", "Old bike"),
    }
}

fn facts() -> WhyFacts {
    let known = KnownListing {
        listing: change().listing,
        version: 1,
        in_source: true,
        gone: false,
        prices: Default::default(),
    };
    WhyFacts {
        known: Some(known),
        shown: vec![(source(), at(5))],
        changes: vec![change()],
        watches: vec![watch()],
        deliveries: vec![],
    }
}

fn said(facts: &WhyFacts) -> Because {
    explain(facts, at(10)).remove(0).because
}

fn with_watch(with: impl FnOnce(&mut Watch)) -> WhyFacts {
    let mut facts = facts();
    with(&mut facts.watches[0]);
    facts
}

fn told(with: impl FnOnce(&mut Delivery)) -> WhyFacts {
    let new = NewDelivery::alert(ChatId(1), None, Language::En, change().id(), vec![], at(5));
    let mut delivery = Delivery {
        new,
        state: DeliveryState::Pending,
        epoch: 0,
        owner: None,
        intent_at: None,
        attempts_refused: 0,
        attempts_crashed: 0,
        doubts: 0,
        message_id: None,
        reason: None,
        created_at: at(5),
        done_at: None,
        slot: None,
        folded_in: None,
    };
    with(&mut delivery);
    WhyFacts { deliveries: vec![delivery], ..facts() }
}

#[test]
fn what_was_never_told_has_its_first_reason() {
    assert_eq!(said(&WhyFacts::default()), Because::NotKnown);
    assert_eq!(said(&WhyFacts { watches: vec![], ..facts() }), Because::NobodyWatches);
    let elsewhere = with_watch(|watch| watch.sources = vec![SourceId("other".into())]);
    assert_eq!(said(&elsewhere), Because::NotShown);
    assert_eq!(said(&WhyFacts { changes: vec![], ..facts() }), Because::Baseline);
    assert_eq!(said(&WhyFacts { shown: vec![(source(), at(6))], ..facts() }), Because::Baseline);
    assert_eq!(said(&with_watch(|watch| watch.created_at = at(6))), Because::Earlier);
    let unmet = with_watch(|watch| watch.filter.any_words = vec!["boat".into()]);
    assert_eq!(said(&unmet), Because::Filter(vec![Condition::AnyWords(vec!["boat".into()])]));
    let mut small = with_watch(|watch| watch.telling.min_move_percent = Some(5.0));
    let euros = |minor| Some(sites::Money { minor, currency: "EUR".into() });
    let change = &mut small.changes[0];
    (change.kind, change.price_before) = (ChangeKind::PriceDown, euros(10_000));
    change.listing.price = euros(9_800);
    assert_eq!(said(&small), Because::Stopped(Stop::SmallMove));
    let paused = with_watch(|watch| (watch.paused, watch.paused_by) = (true, PausedBy::Plan));
    assert_eq!(said(&paused), Because::Paused(PausedBy::Plan));
    assert_eq!(said(&facts()), Because::Summary);
}

#[test]
fn each_state_of_a_delivery_is_explained() {
    let reason = |stop: Stop| Some(stop.reason().to_owned());
    let held = told(|one| (one.new.not_before, one.reason) = (at(60), reason(Stop::Quiet)));
    assert_eq!(said(&held), Because::Held(at(60), Stop::Quiet));
    let collected = told(|one| {
        (one.state, one.slot, one.reason) =
            (DeliveryState::Collected, Some(at(30)), reason(Stop::Cap));
    });
    assert_eq!(said(&collected), Because::Collected(at(30), Stop::Cap));
    let stopped =
        told(|one| (one.state, one.reason) = (DeliveryState::Dropped, reason(Stop::MutedAll)));
    assert_eq!(said(&stopped), Because::Stopped(Stop::MutedAll));
    let blocked =
        told(|one| (one.state, one.reason) = (DeliveryState::Dropped, Some("blocked".into())));
    assert_eq!(said(&blocked), Because::Dropped("blocked".into()));
    let sent = told(|one| {
        (one.state, one.done_at, one.message_id) = (DeliveryState::Sent, Some(at(6)), Some(9));
    });
    assert_eq!(said(&sent), Because::Sent(Some(at(6)), Some(9)));
    let busy = told(|one| (one.new.not_before, one.reason) = (at(11), Some("busy".into())));
    assert_eq!(said(&busy), Because::Waits(at(11), "busy".into()));
    assert_eq!(said(&told(|_| ())), Because::Pending);
    assert_eq!(said(&told(|one| one.state = DeliveryState::Unknown)), Because::Unknown);
    // A delivery that another watch of the chat caused says nothing about this one.
    let other = told(|one| {
        if let Content::Change { ids, .. } = &mut one.new.content {
            ids.push(WatchId("another".into()));
        }
    });
    assert_eq!(said(&other), Because::Summary);
}
