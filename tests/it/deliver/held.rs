//! Alerts that slip into quiet hours between writing and sending.

use chrono::TimeDelta;
use magpie::domain::preferences::{Patch, Quiet};
use magpie::domain::{ChatId, Class};

use super::post::{Post, begin};

const ANNA: i64 = 611;

#[tokio::test]
async fn what_slips_into_quiet_hours_waits_for_their_end_and_answers_do_not() {
    let post = Post::with_people(&[ANNA]).await;
    // Noon is when tests begin.
    let quiet = Patch::Quiet(Some(Quiet { from: 12 * 60 + 5, to: 13 * 60 }));
    post.context.db.prefer((ChatId(ANNA), None), &[quiet], begin()).await.expect("kept");
    post.write(Class::Alert, &[(ANNA, "an alert")]).await;
    post.write(Class::Digest, &[(ANNA, "a digest")]).await;
    post.clock.advance(TimeDelta::minutes(10));
    let next = post.drain().await;
    assert_eq!(next, Some(begin() + TimeDelta::hours(1)));
    assert!(post.texts(ANNA).await.is_empty(), "nothing is told in quiet hours");
    post.write(Class::Reply, &[(ANNA, "an answer")]).await;
    post.drain().await;
    assert_eq!(post.texts(ANNA).await, ["an answer"]);
    post.clock.advance(TimeDelta::minutes(50));
    post.drain().await;
    assert_eq!(post.texts(ANNA).await, ["an answer", "an alert", "a digest"]);
}
