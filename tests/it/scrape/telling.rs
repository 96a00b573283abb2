//! How people want to be told, from a page to the outbox, with the clock moved by hand.

use chrono::{DateTime, TimeDelta, Utc};
use magpie::cli::table::Screen;
use magpie::clock::Clock;
use magpie::deliver::digest::compose_due;
use magpie::domain::delivery::{Content, Delivery, Outcome, Settlement};
use magpie::domain::pace::Limits;
use magpie::domain::preferences::{Digest, Mute, Patch, Quiet, Stop};
use magpie::domain::why::{Because, explain};
use magpie::domain::{ChatId, Class, DeliveryState, OwnerId, SourceId};
use magpie::store::{ClaimRequest, Db, Place, PreferenceRecord, WhyAsk};

use super::world::World;

const CHAT: Place = (ChatId(1), None);

/// A world whose only search has its baseline at 22:00 UTC, and one subscriber who came afterwards. Each run is ten
/// hours after the one before it.
async fn watched(patches: &[Patch]) -> (World, SourceId) {
    let world = World::new().await;
    let source = world.search("/search").await;
    world.shop.stock(&[("a", 100)]);
    world.run_one().await;
    world.subscribe(1, 1, &source, "Bikes").await;
    world.db.prefer(CHAT, patches, world.clock.now()).await.unwrap();
    (world, source)
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn quiet(from: u16, to: u16) -> Patch {
    Patch::Quiet(Some(Quiet { from: from * 60, to: to * 60 }))
}

/// Sends all that is due, and answers it.
async fn send(world: &World) -> Vec<Delivery> {
    let mut all = Vec::new();
    loop {
        let now = world.clock.now();
        let request = ClaimRequest {
            owner: OwnerId("sender".into()),
            now,
            limit: 100,
            limits: Limits::OFF,
            horizon: std::time::Duration::from_secs(1),
            classes: vec![],
        };
        let claimed = world.db.claim_deliveries(&request).await.unwrap();
        if claimed.is_empty() {
            return all;
        }
        let sent = |one: &magpie::domain::delivery::Claimed| Settlement {
            id: one.delivery.new.id.clone(),
            chat: one.delivery.new.chat,
            epoch: one.delivery.epoch,
            outcome: Outcome::Sent {
                message_id: 9,
                form: magpie::domain::PostForm::Text,
                version: 0,
            },
        };
        let ends: Vec<Settlement> = claimed.iter().map(sent).collect();
        world.db.settle_deliveries(&ends, now).await.unwrap();
        all.extend(claimed.into_iter().map(|one| one.delivery));
    }
}

#[tokio::test]
async fn what_happens_in_quiet_hours_is_told_when_they_end() {
    let (world, _) = watched(&[Patch::Zone("Europe/Kyiv".into()), quiet(22, 12)]).await;
    world.shop.stock(&[("b", 200), ("a", 100)]);
    // 08:00 UTC is 10:00 in Kyiv.
    assert_eq!(world.run_one().await.accepted.deliveries, 1);
    assert_eq!(world.clock.now(), at("2026-03-02T08:00:00Z"));
    assert_eq!(send(&world).await, []);
    let held = world.deliveries().await.remove(0);
    assert_eq!(held.new.not_before, at("2026-03-02T10:00:00Z"));
    assert_eq!(held.reason.as_deref(), Some(Stop::Quiet.reason()));
    world.clock.advance(TimeDelta::hours(2));
    assert_eq!(send(&world).await.len(), 1);
}

#[tokio::test]
async fn a_daily_digest_tells_everything_once_with_its_last_state() {
    let (world, source) = watched(&[Patch::Digest(Digest::Day { at: 20 * 60 })]).await;
    world.shop.stock(&[("b", 200), ("a", 100)]);
    world.run_one().await;
    world.shop.stock(&[("c", 300), ("b", 150), ("a", 90)]);
    world.run_one().await;
    assert_eq!(world.clock.now(), at("2026-03-02T18:00:00Z"));
    assert_eq!(send(&world).await, []);
    let owner = OwnerId("digests".into());
    assert_eq!(compose_due(&world.db, &owner, world.clock.now()).await.unwrap(), 0);

    world.clock.advance(TimeDelta::hours(2));
    assert_eq!(compose_due(&world.db, &owner, world.clock.now()).await.unwrap(), 1);
    assert_eq!(compose_due(&world.db, &owner, world.clock.now()).await.unwrap(), 0);
    let told = send(&world).await;
    assert_eq!(told.iter().map(|one| one.new.class).collect::<Vec<_>>(), [Class::Digest]);
    let Content::Message(message) = &told[0].new.content else { panic!("a message") };
    let lines: Vec<&str> = message.text.lines().filter(|line| line.contains(". ")).collect();
    assert_eq!(lines.len(), 3, "{}", message.text);
    assert!(lines[0].contains("🆕") && lines[0].contains("€1.50"), "{}", message.text);

    let states: Vec<_> = world.deliveries().await.iter().map(|one| one.state).collect();
    assert_eq!(states.iter().filter(|one| **one == DeliveryState::Folded).count(), 4);
    let listing = sites::ListingKey { site: "shop".into(), id: "b".into() };
    let ask = WhyAsk { listing, chat: Some(ChatId(1)), watch: None };
    let facts = world.db.why_facts(&ask).await.unwrap();
    assert_eq!(facts.shown[0].0.id, source);
    let because: Vec<Because> =
        explain(&facts, world.clock.now()).into_iter().map(|one| one.because).collect();
    assert!(matches!(because[..], [Because::Folded(..), Because::Folded(..)]), "{because:?}");
}

#[tokio::test]
async fn what_is_over_the_cap_comes_in_one_message_with_the_next_full_hour() {
    let (world, _) = watched(&[Patch::Cap(Some(2))]).await;
    world.shop.stock(&[("b", 1), ("c", 2), ("d", 3), ("a", 100)]);
    world.run_one().await;
    let states: Vec<_> = world.deliveries().await.iter().map(|one| one.state).collect();
    use DeliveryState::{Collected, Pending};
    assert_eq!(states, [Pending, Pending, Collected]);
    assert_eq!(send(&world).await.len(), 2);
    world.clock.advance(TimeDelta::hours(1));
    let owner = OwnerId("digests".into());
    assert_eq!(compose_due(&world.db, &owner, world.clock.now()).await.unwrap(), 1);
    assert_eq!(send(&world).await.len(), 1);
}

#[tokio::test]
async fn what_is_muted_is_written_with_its_reason_and_not_sent() {
    let (world, _) = watched(&[]).await;
    let listing = sites::ListingKey { site: "shop".into(), id: "b".into() };
    world.db.mute(CHAT, &Mute::listing(&listing, None), world.clock.now()).await.unwrap();
    world.shop.stock(&[("b", 1), ("c", 2), ("a", 100)]);
    world.run_one().await;
    assert_eq!(send(&world).await.len(), 1);
    let ask = WhyAsk { listing, chat: Some(ChatId(1)), watch: None };
    let facts = world.db.why_facts(&ask).await.unwrap();
    let because = explain(&facts, world.clock.now()).remove(0).because;
    assert_eq!(because, Because::Stopped(Stop::MutedListing));
}

async fn outbox(world: &World, words: &[&str]) -> anyhow::Result<String> {
    let mut out = Vec::new();
    let now = world.clock.now();
    let args = super::cli::parsed(words);
    magpie::cli::outbox::run(args, &world.db, now, Screen::Plain, &mut out).await?;
    Ok(String::from_utf8(out)?)
}

async fn user(world: &World, words: &[&str]) -> anyhow::Result<String> {
    let mut out = Vec::new();
    let now = world.clock.now();
    let args = super::cli::parsed(words);
    magpie::cli::user::run(args, &world.db, now, Screen::Plain, &mut out).await?;
    Ok(String::from_utf8(out)?)
}

#[tokio::test]
async fn operators_see_why_and_change_how_a_chat_is_told() {
    let (world, _) = watched(&[]).await;
    world.shop.stock(&[("b", 1), ("a", 100)]);
    world.run_one().await;
    let said = outbox(&world, &["why", "shop/b", "--chat", "1"]).await.unwrap();
    assert!(said.contains("It waits for its turn"), "{said}");
    let said = outbox(&world, &["why", "shop/a"]).await.unwrap();
    assert!(said.contains("It was there before the search was watched"), "{said}");
    let said = outbox(&world, &["why", "shop/zzz", "--json"]).await.unwrap();
    assert!(said.contains("This listing was never seen."), "{said}");

    let wrong = ["preferences", "1", "--set", "quiet=never", "--set", "cap=0", "--set", "cap=5"];
    let error = user(&world, &wrong).await.unwrap_err().to_string();
    assert!(error.contains("quiet=never") && error.contains("cap=0"), "{error}");
    let set = ["preferences", "1", "--set", "zone=kyiv", "--set", "digest=daily 09:00"];
    let said = user(&world, &set).await.unwrap();
    assert!(said.contains("1 waiting alerts were decided again"), "{said}");
    assert!(said.contains("Europe/Kyiv") && said.contains("daily 09:00"), "{said}");
    let id = world.deliveries().await[0].new.id.to_string();
    let said = outbox(&world, &["why", &id[..8]]).await.unwrap();
    assert!(said.contains("It waits for the collection of 3 Mar 2026, 07:00 UTC"), "{said}");
    let shown = user(&world, &["preferences", "1", "--json"]).await.unwrap();
    assert!(shown.contains("\"zone\": \"Europe/Kyiv\""), "{shown}");
}
