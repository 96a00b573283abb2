//! Broadcasts: the list, and what is done with one. How one is written is in [`super::compose`], how it looks in
//! [`super::cast`].
//!
//! ```text
//! olga> /broadcast
//! bot> Broadcasts:
//!
//!      1. “News” · done · 30 of 30
//!      [“News”]
//!      [New broadcast]
//! olga presses [Send now]                (in the card of a draft)
//! bot edits> “Lviv too” goes to exactly 30 people at once (en 15, uk 15). It cannot be taken back.
//!            [Yes, send to 30] [Back]
//! olga presses [Yes, send to 30]
//! note> On its way
//! bot edits> 📣 “Lviv too”: its readers are being written down
//!
//!            Sent: 0 of 0 …                (edited in place until it is done)
//!            [Stop] [Refresh]
//! olga presses [Stop]
//! note> Stopped
//! bot edits> 📣 “Lviv too”: stopped …
//!            [Go on] [Refresh]
//! ```

use chrono::{DateTime, Utc};

use super::cast::{self, card};
use super::{Way, compose, later, look, named, noted, ordered, row, show};
use crate::bot::callback::Callback;
use crate::bot::callback::operate::{CastStep, OperateButton, Readers};
use crate::bot::decide::{Answer, Decision};
use crate::bot::dialogues::{Press, Scene};
use crate::domain::Outgoing;
use crate::domain::campaign::{Audience, Campaign, CampaignId, CampaignState, NewCampaign};
use crate::store::{CampaignCard, Effect, Follow, OperateAsk, OperateEffect, OperateView};
use crate::texts::builder::shorten;
use crate::texts::operate::{figure, state_key};

/// Days within which somebody counts as active.
const ACTIVE_DAYS: u32 = 30;

/// The last broadcasts.
pub fn list(scene: &Scene<'_>, way: Way<'_>) -> Decision {
    let Some(OperateView::Campaigns(all)) = &scene.view.operate else {
        return look(OperateAsk::Campaigns);
    };
    let key = if all.is_empty() { "operate-casts-none" } else { "operate-casts" };
    let mut message = Outgoing::text(scene.plain(key) + "\n");
    for (place, (campaign, progress)) in all.iter().enumerate() {
        let title = shorten(&campaign.new.title, 60);
        let state = scene.plain(state_key(campaign, scene.now));
        let number = |number| figure(number, scene.language);
        let (sent, of) = (number(progress.sent), number(progress.recipients));
        message.text.push_str(&format!("\n{}. {title} · {state} · {sent}/{of}", place + 1));
        let button = OperateButton::Broadcast(CastStep::Card, campaign.new.id.clone());
        message.buttons.extend(named(scene, shorten(&campaign.new.title, 40), button));
    }
    message.buttons.push(row(scene, [("operate-cast-new", OperateButton::NewBroadcast)]));
    show(scene, way, message)
}

/// The broadcast that the view holds; otherwise the decision that asks for it, or says that there is none.
pub fn held<'v>(
    scene: &'v Scene<'_>,
    way: Way<'_>,
    id: &CampaignId,
) -> Result<&'v CampaignCard, Box<Decision>> {
    match &scene.view.operate {
        Some(OperateView::Campaign(Some(card))) => Ok(card),
        Some(OperateView::Campaign(None)) => {
            let mut message = Outgoing::text(scene.plain("operate-cast-gone"));
            message.buttons.push(row(scene, [("operate-casts-all", OperateButton::Broadcasts)]));
            Err(Box::new(show(scene, way, message)))
        }
        _ => Err(Box::new(look(asked(scene, id)))),
    }
}

/// The ask for a broadcast.
pub fn asked(scene: &Scene<'_>, id: &CampaignId) -> OperateAsk {
    OperateAsk::Campaign { id: id.clone(), audience: None, now: scene.now }
}

/// A step with one broadcast.
pub fn step(scene: &Scene<'_>, press: Press<'_>, step: CastStep, id: &CampaignId) -> Decision {
    let way = Way::In(press);
    let found = match held(scene, way, id) {
        Ok(found) => found,
        Err(decision) => return *decision,
    };
    let is_draft = found.campaign.state == CampaignState::Draft;
    match step {
        CastStep::Card => shown(scene, press, found),
        CastStep::Preview => preview(scene, press, found),
        CastStep::Stop => stop(scene, press, found),
        CastStep::Resume => go_on(scene, press, found),
        // What follows is for drafts: on a broadcast that has begun, an old button shows how far it is.
        _ if !is_draft => {
            let mut decision = shown(scene, press, found);
            let note = Some(scene.plain("operate-cast-begun"));
            decision.answer = Some(Answer { id: press.id.to_owned(), note, alert: false });
            decision
        }
        CastStep::Message(language) => compose::ask_message(scene, way, id, language),
        CastStep::Buttons => compose::ask_buttons(scene, way, id),
        CastStep::NoButtons => {
            let mut new = found.campaign.new.clone();
            new.wording.0.values_mut().for_each(|message| message.buttons.clear());
            written(scene, way, found, new)
        }
        CastStep::Audience => show(scene, way, cast::audiences(scene, id)),
        CastStep::ByLanguage => show(scene, way, cast::languages(scene, id)),
        CastStep::For(readers) => {
            let mut new = found.campaign.new.clone();
            new.audience = audience(readers);
            if found.campaign.new.audience == new.audience {
                return shown(scene, press, found);
            }
            if found.audience != new.audience {
                let audience = Some(new.audience);
                return look(OperateAsk::Campaign { id: id.clone(), audience, now: scene.now });
            }
            written(scene, way, found, new)
        }
        CastStep::Send => show(scene, way, cast::question(scene, found, None)),
        CastStep::Later => later::first(scene, way, id),
        CastStep::Start { minute, count } => start(scene, press, found, minute, count),
        CastStep::AskForget => show(scene, way, cast::ask_forget(scene, found)),
        CastStep::Forget => forget(scene, way, found),
    }
}

fn audience(readers: Readers) -> Audience {
    let all = Audience::default();
    match readers {
        Readers::All => all,
        Readers::Language(language) => Audience { languages: vec![language], ..all },
        Readers::WithPlan => Audience { with_plan: true, ..all },
        Readers::WithoutPlan => Audience { without_plan: true, ..all },
        Readers::Active => Audience { active_days: Some(ACTIVE_DAYS), ..all },
    }
}

/// The card, in a message that shows the progress from now on if there is some.
fn shown(scene: &Scene<'_>, press: Press<'_>, found: &CampaignCard) -> Decision {
    let mut decision = show(scene, Way::In(press), card(scene, found));
    if matches!(found.campaign.state, CampaignState::Freezing | CampaignState::Running) {
        decision.effects.extend(follow(scene, press, &found.campaign.new.id, false));
    }
    decision
}

/// The progress is shown in the pressed message from now on, if that can be edited.
fn follow(scene: &Scene<'_>, press: Press<'_>, id: &CampaignId, begins: bool) -> Option<Effect> {
    let data =
        |step| Callback::Operate(OperateButton::Broadcast(step, id.clone())).encode(scene.user);
    let follow = Follow {
        campaign: id.clone(),
        chat: scene.place.chat,
        thread: scene.place.thread,
        message_id: press.message_id?,
        language: scene.language,
        press_stop: data(CastStep::Stop)?,
        press_card: data(CastStep::Card)?,
        begins,
    };
    Some(Effect::Operate(OperateEffect::Follow(Box::new(follow))))
}

/// A draft is written anew, and shown as it will be.
pub fn written(
    scene: &Scene<'_>,
    way: Way<'_>,
    found: &CampaignCard,
    new: NewCampaign,
) -> Decision {
    let campaign = Campaign { new: new.clone(), ..found.campaign.clone() };
    let after = CampaignCard { campaign, ..found.clone() };
    let mut decision = show(scene, way, card(scene, &after));
    decision.effects.extend(drafted(scene, new));
    decision
}

/// The effects of writing a draft.
pub fn drafted(scene: &Scene<'_>, new: NewCampaign) -> [Effect; 2] {
    let (id, title) = (new.id.to_string(), new.title.clone());
    let effect = OperateEffect::Draft(Box::new(new));
    ordered(scene, "broadcast.draft", &id, &title, effect)
}

/// Copies of the message in each language, as readers will see them.
fn preview(scene: &Scene<'_>, press: Press<'_>, found: &CampaignCard) -> Decision {
    let messages = found.campaign.new.wording.0.values().cloned();
    let mut decision = scene.answer(messages);
    let note = Some(scene.plain("operate-cast-previewed"));
    decision.answer = Some(Answer { id: press.id.to_owned(), note, alert: false });
    decision
}

fn start(
    scene: &Scene<'_>,
    press: Press<'_>,
    found: &CampaignCard,
    minute: u32,
    count: u32,
) -> Decision {
    let way = Way::In(press);
    let asked_for = DateTime::from_timestamp(i64::from(minute) * 60, 0).filter(|_| minute > 0);
    let present = cast::readers(found);
    if present == 0 {
        return noted(scene, way, card(scene, found), "operate-cast-nobody");
    }
    if present != i64::from(count) {
        let question = cast::question(scene, found, asked_for);
        return noted(scene, way, question, "operate-cast-other-count");
    }
    let at = asked_for.map_or(scene.now, |at| at.max(scene.now));
    begin(scene, press, found, at, "broadcast.start")
}

fn begin(
    scene: &Scene<'_>,
    press: Press<'_>,
    found: &CampaignCard,
    at: DateTime<Utc>,
    action: &str,
) -> Decision {
    let id = &found.campaign.new.id;
    let mut after = found.clone();
    after.begun = None;
    after.campaign.start_at = Some(at);
    after.campaign.state = match found.campaign.state {
        CampaignState::Stopped if found.progress.recipients > 0 => CampaignState::Running,
        _ => CampaignState::Freezing,
    };
    let mut decision =
        noted(scene, Way::In(press), card(scene, &after), "operate-cast-started-now");
    let readers = match found.progress.recipients {
        0 => cast::readers(found),
        _ => found.progress.waiting,
    };
    let detail = format!("to {readers}, from {}", at.format("%F %T UTC"));
    let effect = OperateEffect::Start(id.clone(), at);
    decision.effects.extend(ordered(scene, action, id.as_str(), &detail, effect));
    decision.effects.extend(follow(scene, press, id, true));
    decision
}

fn stop(scene: &Scene<'_>, press: Press<'_>, found: &CampaignCard) -> Decision {
    if !matches!(found.campaign.state, CampaignState::Freezing | CampaignState::Running) {
        return noted(scene, Way::In(press), card(scene, found), "operate-cast-stopped-already");
    }
    let id = &found.campaign.new.id;
    let mut after = found.clone();
    after.campaign.state = CampaignState::Stopped;
    let message = card(scene, &after);
    let mut decision = noted(scene, Way::In(press), message, "operate-cast-stopped-now");
    let detail = format!("{} sent", found.progress.sent);
    let effect = OperateEffect::Stop(id.clone());
    decision.effects.extend(ordered(scene, "broadcast.stop", id.as_str(), &detail, effect));
    decision.effects.extend(follow(scene, press, id, false));
    decision
}

fn go_on(scene: &Scene<'_>, press: Press<'_>, found: &CampaignCard) -> Decision {
    if found.campaign.state != CampaignState::Stopped {
        return shown(scene, press, found);
    }
    // One that was stopped before its moment still waits for it.
    let at = found.campaign.start_at.map_or(scene.now, |at| at.max(scene.now));
    begin(scene, press, found, at, "broadcast.resume")
}

fn forget(scene: &Scene<'_>, way: Way<'_>, found: &CampaignCard) -> Decision {
    let id = &found.campaign.new.id;
    let mut message = Outgoing::text(scene.plain("operate-cast-forgotten"));
    message.buttons.push(row(scene, [("operate-casts-all", OperateButton::Broadcasts)]));
    let mut decision = show(scene, way, message);
    let effect = OperateEffect::Forget(id.clone());
    let title = &found.campaign.new.title;
    decision.effects.extend(ordered(scene, "broadcast.forget", id.as_str(), title, effect));
    decision
}
