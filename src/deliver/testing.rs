//! Plain values for the unit tests of this part.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::delivery::{Claimed, Content, delivery_id};
use crate::domain::{ChatId, Class, Delivery, DeliveryState, Language, NewDelivery, Outgoing};

/// A fixed day, `ms` milliseconds after its begin.
pub(crate) fn moment(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap_or_default() + TimeDelta::milliseconds(ms)
}

/// A claimed alert for `chat` that says "hello".
pub(crate) fn delivery(chat: i64) -> Delivery {
    let new = NewDelivery {
        id: delivery_id(Class::Alert, ChatId(chat), None, "subject"),
        class: Class::Alert,
        chat: ChatId(chat),
        thread: None,
        language: Language::En,
        content: Content::Message(Outgoing::text("hello")),
        not_before: moment(0),
        fate: crate::domain::preferences::Telling::Send,
    };
    Delivery {
        new,
        state: DeliveryState::Sending,
        epoch: 1,
        owner: None,
        intent_at: Some(moment(0)),
        attempts_refused: 0,
        attempts_crashed: 0,
        doubts: 0,
        message_id: None,
        reason: None,
        created_at: moment(0),
        done_at: None,
        slot: None,
        folded_in: None,
    }
}

/// `message` claimed for chat 5, to be sent at once.
pub(crate) fn claimed(message: Outgoing) -> Claimed {
    let mut delivery = delivery(5);
    delivery.new.content = Content::Message(message);
    Claimed {
        delivery,
        send_at: moment(0),
        change: None,
        standing: crate::domain::delivery::Standing::default(),
    }
}
