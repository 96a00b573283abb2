//! The figures of the service, from the outbox to a picture in a chat.

use magpie::domain::delivery::{Content, delivery_id};
use magpie::domain::figures::{Board, Measure, Series, day_of};
use magpie::domain::{ChatId, Class, DeliveryState, Language, NewDelivery};

use super::post::{Post, begin};

const OLGA: i64 = 7;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_arrive_as_a_picture_with_their_sums() {
    let post = Post::with_people(&[OLGA]).await;
    let series = |measure, currency: Option<&str>, each| Series {
        measure,
        currency: currency.map(str::to_owned),
        values: vec![each; 30],
        before: Some(each * 28),
    };
    let board = Board {
        day: day_of(begin()),
        dark: true,
        series: vec![series(Measure::New, None, 40), series(Measure::Revenue, Some("EUR"), 499)],
    };
    let (class, chat) = (Class::Reply, ChatId(OLGA));
    let delivery = NewDelivery {
        id: delivery_id(class, chat, None, "figures/1"),
        class,
        chat,
        thread: None,
        language: Language::En,
        content: Content::Figures(Box::new(board)),
        not_before: begin(),
        fate: Default::default(),
    };
    post.write_all(vec![delivery], None).await;
    post.drain_to_the_end().await;
    let message = post.town.messages(OLGA).await.pop().expect("a message");
    assert!(message["photo"].is_array(), "{message}");
    assert_eq!(
        message["caption"],
        "📈 7 Oct 2026 – 5 Nov 2026\nNew people: 1,200 (+80)\nRevenue: €149.70 (+€9.98)"
    );
    assert_eq!(post.states(OLGA).await, [DeliveryState::Sent]);
}
