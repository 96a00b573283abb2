//! Prices over time, from the outbox to a picture in a chat.

use chrono::TimeDelta;
use magpie::clock::Clock;
use magpie::domain::delivery::{Content, delivery_id};
use magpie::domain::{Change, ChangeKind, ChatId, Class, DeliveryState, Language, NewDelivery};
use sites::{Listing, ListingKey, Money};

use super::post::{Post, begin};

const ANNA: i64 = 7;

fn change(kind: ChangeKind, version: i64, price: Option<i64>) -> Change {
    let price = price.map(|euros| Money { minor: euros * 100, currency: "EUR".into() });
    let listing =
        Listing { price, ..Listing::new("7", "https://example.com/7", "Flat at the park") };
    let key = ListingKey { site: "example".into(), id: "7".into() };
    Change::new(key, kind, version, begin(), listing)
}

fn chart(id: &str) -> NewDelivery {
    let chat = ChatId(ANNA);
    NewDelivery {
        id: delivery_id(Class::Reply, chat, None, &format!("chart/{id}")),
        class: Class::Reply,
        chat,
        thread: None,
        language: Language::En,
        content: Content::Chart {
            key: ListingKey { site: "example".into(), id: id.into() },
            dark: true,
        },
        not_before: begin(),
        fate: Default::default(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prices_over_time_arrive_as_a_picture_with_a_caption() {
    let post = Post::with_people(&[ANNA]).await;
    post.write_all(vec![], Some(change(ChangeKind::New, 1, Some(900)))).await;
    post.clock.advance(TimeDelta::days(20));
    post.write_all(vec![chart("7")], Some(change(ChangeKind::PriceDown, 2, Some(810)))).await;
    post.drain_to_the_end().await;
    let message = post.town.messages(ANNA).await.pop().expect("a message");
    assert!(message["photo"].is_array(), "{message}");
    assert_eq!(
        message["caption"],
        "Flat at the park\nNow €810\n−10% since 5 Nov 2026, when it was €900"
    );
    assert_eq!(post.states(ANNA).await, [DeliveryState::Sent]);
    assert!(post.clock.now() > begin());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chart_without_prices_says_so_in_words() {
    let post = Post::with_people(&[ANNA]).await;
    let bare = change(ChangeKind::New, 1, None);
    post.write_all(vec![chart("7"), chart("unknown")], Some(bare)).await;
    post.drain_to_the_end().await;
    assert_eq!(
        post.texts(ANNA).await,
        [
            "Flat at the park\nNo price of this offer is known yet.",
            "No price of this offer is known yet."
        ]
    );
}
