//! What somebody sees: the same words that they would read, without buttons and without the secrets in addresses.
//! Nothing can be changed through their eyes.

use super::super::{Press, Scene, account, searches, settings, watches};
use super::people::{back, name};
use super::{p, seen};
use crate::bot::callback::panel::{PanelButton, Sight};
use crate::bot::decide::Decision;
use crate::bot::event::{Person, Place};
use crate::domain::mask::masked;
use crate::domain::{ChatId, ChatKind, Outgoing, UserId};
use crate::store::{Known, Look, PanelAsk, PanelView, View};
use crate::texts::Value;
use crate::texts::builder::{TEXT_LIMIT, cut};

/// Shows what somebody sees.
pub(super) fn see(scene: &Scene<'_>, press: Press<'_>, sight: Sight, user: UserId) -> Decision {
    let view = match view_of(scene, user, Look { searches: true, ..Look::default() }) {
        Ok(view) => view,
        Err(look) => return *look,
    };
    let Some(theirs) = &view.user else { return searches::out_of_date(scene, press) };
    let known = Known {
        id: user,
        name: theirs.name.clone(),
        username: theirs.username.clone(),
        banned: theirs.banned,
    };
    let seen = as_they_see(scene, view, &known, sight);
    if let Some(more) = seen.look {
        // Their own dialogue wants to see more; an operator's parts are not theirs.
        return view_of(scene, user, *more).map_or_else(|look| *look, |_| stuck(scene, press));
    }
    let who = name(scene, &known);
    let mut text = scene.say("panel-eyes-head", &[("name", Value::Text(&who))]);
    for reply in &seen.replies {
        text.push_str("\n\n");
        text.push_str(&masked(&reply.message.text));
    }
    let mut message = Outgoing::text(cut(&text, TEXT_LIMIT));
    let other = |key: &str, sight| (scene.plain(key), p(PanelButton::See(sight, user)));
    message.buttons.push(scene.row(&[
        other("panel-button-see-watches", Sight::Watches),
        other("panel-button-see-settings", Sight::Settings),
        other("panel-button-see-plan", Sight::Plan),
    ]));
    message.buttons.push(scene.row(&[back(scene, &known)]));
    let mut decision = scene.change(press, message, None);
    let what = match sight {
        Sight::Watches => "searches",
        Sight::Settings => "settings",
        Sight::Plan => "plan",
    };
    decision.effects.push(scene.audit("user.see", &format!("user {user}"), what));
    decision
}

/// What the person's own decision would look at; loaded anew when it lacks what `look` names.
fn view_of<'a>(scene: &Scene<'a>, user: UserId, look: Look) -> Result<&'a View, Box<Decision>> {
    let enough = |view: &View| {
        (look.account.is_none() || view.account.is_some())
            && (look.ticket.is_none() || view.ticket.is_some())
            && (look.market.is_none() || view.market.is_some())
    };
    let has = |found: &'a PanelView| match found {
        PanelView::Eyes(view) if enough(view) => Some(&**view),
        _ => None,
    };
    seen(scene, PanelAsk::Eyes(user, Box::new(look.clone())), has)
}

/// Decides as their own message would be decided.
fn as_they_see(scene: &Scene<'_>, view: &View, known: &Known, sight: Sight) -> Decision {
    let person = Person {
        id: known.id,
        name: known.name.clone(),
        username: known.username.clone(),
        language_tag: None,
        premium: false,
        is_bot: false,
        is_anonymous: false,
    };
    let theirs = Scene {
        view,
        place: Place { chat: ChatId(known.id.0), kind: ChatKind::Private, thread: None },
        user: known.id,
        person: &person,
        language: view.user.as_ref().map_or(scene.language, |user| user.language),
        ..*scene
    };
    match sight {
        Sight::Watches => watches::list(&theirs),
        Sight::Settings => settings::show(&theirs),
        Sight::Plan => {
            let shown = account::command(&theirs, "balance", "");
            shown.unwrap_or_else(|| theirs.answer([Outgoing::text(theirs.plain("panel-unknown"))]))
        }
    }
}

/// It wants what cannot be seen: no words of theirs.
fn stuck(scene: &Scene<'_>, press: Press<'_>) -> Decision {
    searches::out_of_date(scene, press)
}
