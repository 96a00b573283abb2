//! The last orders, and whether an operator hears of each.
//!
//! ```text
//! olga> /orders
//! bot> Orders: 2
//!
//!      ✅ paid · pro · €4.99 · stars · @anna · 5 min ago
//!      ⏳ pending · pro · €4.99 · card · @boris · 7 min ago
//!      [paid 1] [pending 1]
//!      [🔔 Tell me of each order]
//!      [Refresh]
//! olga presses [🔔 Tell me of each order]
//! note> You hear of each order from now on
//! ```

use super::{Way, look, noted, ordered, row, show, turning};
use crate::bot::callback::Callback;
use crate::bot::callback::operate::OperateButton;
use crate::bot::decide::Decision;
use crate::bot::dialogues::Scene;
use crate::domain::{Button, Outgoing};
use crate::store::{OperateAsk, OperateEffect, OperateView, OrderLine, OrdersPage};
use crate::texts::Value;
use crate::texts::builder::shorten;
use crate::texts::money::money;
use crate::texts::operate::{ago, figure};

/// Longest name of a person, plan or provider, UTF-16 units.
const NAME: usize = 40;

/// A page of orders, of one state or of all.
pub fn list(scene: &Scene<'_>, way: Way<'_>, page: usize, state: Option<String>) -> Decision {
    let Some(OperateView::Orders(found)) = &scene.view.operate else {
        return look(OperateAsk::Orders { state, page });
    };
    show(scene, way, menu(scene, found, page, state.as_deref()))
}

/// Whether this operator hears of each order from now on.
pub fn tell(scene: &Scene<'_>, way: Way<'_>, on: bool) -> Decision {
    let Some(OperateView::Orders(found)) = &scene.view.operate else {
        return look(OperateAsk::Orders { state: None, page: 0 });
    };
    let after = OrdersPage { is_told: on, ..found.clone() };
    let note = if on { "operate-orders-told-now" } else { "operate-orders-untold-now" };
    let mut decision = noted(scene, way, menu(scene, &after, 0, None), note);
    let (user, chat, language) = (scene.user, scene.place.chat, scene.language);
    let effect = OperateEffect::TellOrders { user, chat, language, on };
    let (action, target) = ("orders.tell", format!("chat {chat}"));
    let detail = if on { "on" } else { "off" };
    decision.effects.extend(ordered(scene, action, &target, detail, effect));
    decision
}

fn menu(scene: &Scene<'_>, found: &OrdersPage, page: usize, state: Option<&str>) -> Outgoing {
    let all: i64 = found.states.iter().map(|(_, many)| many).sum();
    let mut message = match all {
        0 => Outgoing::text(scene.plain("operate-orders-none")),
        all => {
            let count = figure(all, scene.language);
            Outgoing::text(scene.say("operate-orders", &[("count", Value::Text(&count))]))
        }
    };
    message.text.push('\n');
    for order in &found.orders {
        message.text.push_str(&format!("\n{}", line(scene, order)));
    }
    let filter = |(word, many): &(String, i64)| {
        let text = format!("{} {}", state_word(scene, word), figure(*many, scene.language));
        scene.button(text, &Callback::Operate(OperateButton::Orders(0, Some(word.clone()))))
    };
    let filters: Vec<Button> = found.states.iter().filter_map(filter).collect();
    message.buttons.extend(filters.chunks(3).map(<[Button]>::to_vec));
    if state.is_some() {
        message.buttons.push(row(scene, [("operate-orders-all", OperateButton::Orders(0, None))]));
    }
    let to = |page| OperateButton::Orders(page, state.map(str::to_owned));
    message.buttons.extend(turning(scene, page, found.has_more, to));
    let key = if found.is_told { "operate-orders-untell" } else { "operate-orders-tell" };
    message.buttons.push(row(scene, [(key, OperateButton::TellOrders(!found.is_told))]));
    message.buttons.push(row(scene, [("operate-refresh", to(page))]));
    message
}

fn line(scene: &Scene<'_>, order: &OrderLine) -> String {
    let mark = match order.state.as_str() {
        "paid" => "✅",
        "pending" => "⏳",
        _ => "▫️",
    };
    let who = match order.name.as_str() {
        "" => order.user.to_string(),
        name => format!("{} ({})", shorten(name, NAME), order.user),
    };
    let mut parts = vec![
        format!("{mark} {}", state_word(scene, &order.state)),
        shorten(&order.plan, NAME),
        money(&order.price, scene.language),
        shorten(&order.provider, NAME),
        who,
        ago(order.paid_at.unwrap_or(order.created_at), scene.now, scene.language),
    ];
    if let Some(payment) = order.payment.as_ref().filter(|payment| **payment != order.state) {
        parts.push(shorten(payment, NAME));
    }
    parts.join(" · ")
}

/// The word of a state; of one that we do not know, the stored one.
fn state_word(scene: &Scene<'_>, word: &str) -> String {
    let key = match word {
        "pending" => "operate-order-pending",
        "paid" => "operate-order-paid",
        "expired" => "operate-order-expired",
        "cancelled" => "operate-order-cancelled",
        "refunded" => "operate-order-refunded",
        "failed" => "operate-order-failed",
        "review" => "operate-order-review",
        other => return shorten(other, NAME),
    };
    scene.plain(key)
}
