//! Sharing a watch by a link.
//!
//! ```text
//! anna presses [🔗 Share]            (on the card of a watch)
//! bot edits> Whoever opens this link can watch the same as “Demo flats”: …
//!            https://t.me/magpie_bot?start=c_…
//!            [Send it…]
//!            [Stop sharing] [‹]
//! boris> /start c_…
//! bot> Somebody shares a search with you: “Demo flats”
//!
//!      🔎 Demo flats
//!      🎯 all offers
//!      [Watch this too] [No, thank you]
//! boris presses [Watch this too]
//! note> You watch “Demo flats” now
//! bot edits> You watch “Demo flats” now. …
//! anna presses [Stop sharing]
//! note> The link works no longer
//! bot edits> “Demo flats” runs. …
//! clara> /start c_…
//! bot> This search is shared no longer. …
//! ```
//!
//! A copy is a watch of its own, under the plan of whoever takes it; nothing of the owner is shown, nor how or where
//! they are told. The owner who opens the own link sees the card.

use super::wizard::{looks_at, make};
use super::{Press, Scene, cancel, card, name, start, watches};
use crate::bot::callback::Callback;
use crate::bot::callback::share::ShareButton;
use crate::bot::callback::wizard::WizardButton;
use crate::bot::decide::Decision;
use crate::bot::event::Payload;
use crate::bot::menu;
use crate::bot::state::State;
use crate::domain::import::Wanted;
use crate::domain::message::Action;
use crate::domain::{Button, Outgoing, Watch, WatchId};
use crate::store::{Effect, Look, MarketAsk, MarketView, ShareEffect, SharedWatch};
use crate::texts::Value;
use crate::texts::builder::cut;
use crate::texts::filter;

/// Longest list of wishes, UTF-16 units.
const WISHES: usize = 800;

/// A button of sharing.
pub fn press(scene: &Scene<'_>, press: Press<'_>, button: &ShareButton) -> Decision {
    match button {
        ShareButton::Ask(watch) => ask(scene, press, watch),
        ShareButton::Stop(watch) => stop(scene, press, watch),
        ShareButton::Take(token) => take(scene, press, token),
        ShareButton::Decline => cancel::press(scene, press),
    }
}

/// Somebody followed the link of a shared watch.
pub fn open(scene: &Scene<'_>, token: &str) -> Decision {
    if scene.is_group() {
        return start::greet(scene, &Payload::None);
    }
    let Some(market) = &scene.view.market else { return look(by_token(token)) };
    let shown = match &market.shared {
        None => gone(scene),
        Some(shared) if shared.owner == scene.user => own(scene, shared),
        Some(shared) => offer(scene, shared, token),
    };
    let hello = scene.view.user.is_none().then(|| Outgoing {
        keyboard: menu::keyboard(scene.language, scene.rules.app.as_deref()),
        ..Outgoing::text(scene.plain("bot-start-hello"))
    });
    scene.answer(hello.into_iter().chain([shown]))
}

fn look(market: MarketAsk) -> Decision {
    let market = Some(market);
    Decision::look(State::Idle, Look { searches: true, market, ..Look::default() })
}

fn by_token(token: &str) -> MarketAsk {
    MarketAsk { token: Some(token.to_owned()), ..MarketAsk::default() }
}

fn found<'a>(scene: &Scene<'a>, id: &WatchId) -> Option<&'a Watch> {
    scene.view.watches.iter().find(|watch| watch.user == scene.user && watch.id == *id)
}

/// Shows the link; the watch is shared from now on.
fn ask(scene: &Scene<'_>, press: Press<'_>, id: &WatchId) -> Decision {
    let Some(watch) = found(scene, id) else { return watches::gone(scene, press) };
    let Some(MarketView { link: Some(link), .. }) = &scene.view.market else {
        return look(MarketAsk { link_of: Some(id.clone()), ..MarketAsk::default() });
    };
    let address = scene.rules.link(&format!("c_{}", link.token));
    let title = name(&watch.name);
    let text = scene.say("share-link", &[("title", Value::Text(&title))]);
    let mut message = Outgoing::text(format!("{text}\n\n{address}"));
    message.buttons.extend(send_on(scene, &title, &address).map(|button| vec![button]));
    message.buttons.push(scene.row(&[
        (scene.plain("share-stop"), Callback::Share(ShareButton::Stop(id.clone()))),
        ("‹".to_owned(), Callback::Card(id.clone())),
    ]));
    let mut decision = scene.change(press, message, None);
    if !link.is_shared {
        let (watch, user, token) = (id.clone(), scene.user, link.token.clone());
        decision.effects.push(Effect::Share(ShareEffect::Begin { watch, user, token }));
    }
    decision
}

/// A button that lets the person choose a chat for the link (core.telegram.org/widgets/share).
fn send_on(scene: &Scene<'_>, title: &str, address: &str) -> Option<Button> {
    let values = [("url", address), ("text", title)];
    let url = url::Url::parse_with_params("https://t.me/share/url", values).ok()?;
    Some(Button { text: scene.plain("share-send"), action: Action::Url(url.into()) })
}

fn stop(scene: &Scene<'_>, press: Press<'_>, id: &WatchId) -> Decision {
    let Some(watch) = found(scene, id) else { return watches::gone(scene, press) };
    let note = scene.plain("share-stopped");
    let mut decision = scene.change(press, card::card(scene, watch), Some(note));
    let end = ShareEffect::End { watch: id.clone(), user: scene.user };
    decision.effects.push(Effect::Share(end));
    decision
}

/// Makes a watch of one's own like the shared one, if it is still shared.
fn take(scene: &Scene<'_>, press: Press<'_>, token: &str) -> Decision {
    let Some(market) = &scene.view.market else { return look(by_token(token)) };
    match &market.shared {
        None => scene.change(press, gone(scene), None),
        Some(shared) if shared.owner == scene.user => scene.change(press, own(scene, shared), None),
        Some(shared) => {
            let wanted = Wanted {
                name: shared.name.clone(),
                sources: shared.searches.clone(),
                filter: shared.filter.clone(),
                telling: Default::default(),
                paused: false,
            };
            make(scene, press, &State::Idle, wanted, by_token(token))
        }
    }
}

/// What is shared, for somebody else than its owner.
fn offer(scene: &Scene<'_>, shared: &SharedWatch, token: &str) -> Outgoing {
    let title = name(&shared.name);
    let mut lines = vec![scene.say("share-offer", &[("title", Value::Text(&title))])];
    lines.push(String::new());
    lines.extend(looks_at(scene, &shared.searches, 0));
    let wishes = cut(&filter::summary(scene.language, &shared.filter), WISHES);
    lines.push(format!("🎯 {wishes}"));
    let mut message = Outgoing::text(lines.join("\n"));
    message.buttons.push(scene.row(&[
        (scene.plain("share-take"), Callback::Share(ShareButton::Take(token.to_owned()))),
        (scene.plain("share-decline"), Callback::Share(ShareButton::Decline)),
    ]));
    message
}

/// One's own watch; one that tells another chat has its card there.
fn own(scene: &Scene<'_>, shared: &SharedWatch) -> Outgoing {
    if let Some(watch) = found(scene, &shared.watch) {
        return card::card(scene, watch);
    }
    let title = name(&shared.name);
    Outgoing::text(scene.say("share-own-elsewhere", &[("title", Value::Text(&title))]))
}

fn gone(scene: &Scene<'_>) -> Outgoing {
    let mut message = Outgoing::text(scene.plain("share-gone"));
    let new = (scene.plain("bot-key-new"), Callback::New(WizardButton::Begin));
    let all = (scene.plain("bot-button-searches"), Callback::Searches(0));
    message.buttons.push(scene.row(&[new, all]));
    message
}
