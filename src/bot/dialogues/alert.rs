//! The buttons under an alert. They were made for everybody who got it, so whoever presses acts for themselves or,
//! in a group, for the chat if one of its watches is theirs. The alert itself is never changed by a press.
//!
//! ```text
//! anna presses [⭐ Save]
//! note> Saved. /saved shows what you keep
//! anna presses [⭐ Save]             (again)
//! note> You keep this already. /saved shows it
//! anna presses [🔕 Mute]
//! note> Muted
//! bot> You will hear no more of “Flat with balcony” here.
//!      [Undo]
//! anna presses [Undo]
//! bot edits> You hear of “Flat with balcony” again.
//! anna presses [🙈 Hide this seller]
//! bot> You will hear no more of offers of “Best Homes” here.
//!      [Undo]
//! anna presses [📈 History]
//! note> The prices are on their way
//! anna presses [❓ Why]
//! alert> see `why`
//! boris presses [🔕 Mute]            (in a group where he watches nothing)
//! alert> Only those who watch something here can do that.
//! ```

use super::{Press, Scene, alert, note};
use crate::bot::callback::Callback;
use crate::bot::decide::Decision;
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::preferences::{Mute, MuteKind, Telling};
use crate::domain::{Class, EventId, NewDelivery, Outgoing};
use crate::store::{About, Effect, listing_subject, seller_subject};
use crate::texts::Value;
use crate::texts::builder::shorten;

/// Longest title or seller in an answer, UTF-16 units: a note holds 200 characters in all.
const NAME: usize = 80;

/// Whether a callback is one of those that stand under alerts for everybody.
pub fn is_about_an_alert(callback: &Callback) -> bool {
    matches!(
        callback,
        Callback::Keep(_)
            | Callback::MuteListing(_)
            | Callback::Hide(_)
            | Callback::History(_)
            | Callback::Why(_)
    )
}

/// Keeps the listing.
pub fn keep(scene: &Scene<'_>, press: Press<'_>) -> Decision {
    let Some(about) = &scene.view.about else { return unknown(scene, press) };
    if about.saved {
        return note(press, scene.plain("alert-saved-already"));
    }
    let key = about.change.key.clone();
    let mut decision = note(press, scene.plain("alert-saved-now"));
    decision.effects.push(Effect::Keep { user: scene.user, key, kept: true });
    decision
}

/// Hears no more of the listing, or hears of it again.
pub fn mute(scene: &Scene<'_>, press: Press<'_>, event: &EventId, hushed: bool) -> Decision {
    let Some(about) = &scene.view.about else { return unknown(scene, press) };
    let hush = Hush {
        kind: MuteKind::Listing,
        subject: listing_subject(&about.change.key),
        name: shorten(&title(about), NAME),
        is_hushed: about.muted,
        undo: Callback::UnmuteListing(event.clone()),
        words: ["alert-muted", "alert-muted-already", "alert-unmuted"],
    };
    hush.decide(scene, press, hushed)
}

/// Hears no more of the seller, or hears of them again.
pub fn hide(scene: &Scene<'_>, press: Press<'_>, event: &EventId, hushed: bool) -> Decision {
    let Some(about) = &scene.view.about else { return unknown(scene, press) };
    let listing = about.listing.as_ref().unwrap_or(&about.change.listing);
    let Some(subject) = seller_subject(&about.change.key.site, listing) else {
        return note(press, scene.plain("alert-seller-unknown"));
    };
    let hush = Hush {
        kind: MuteKind::Seller,
        subject,
        name: shorten(listing.seller.as_deref().unwrap_or_default(), NAME),
        is_hushed: about.hidden,
        undo: Callback::Unhide(event.clone()),
        words: ["alert-hidden", "alert-hidden-already", "alert-unhidden"],
    };
    hush.decide(scene, press, hushed)
}

/// Shows the prices of the listing over time; asked again within the hour, it is the same picture.
pub fn history(scene: &Scene<'_>, press: Press<'_>, event: &EventId) -> Decision {
    let Some(about) = &scene.view.about else { return unknown(scene, press) };
    let (chat, thread, now) = (scene.place.chat, scene.place.thread, scene.now);
    let subject = format!("chart/{event}/{}", now.timestamp().div_euclid(3_600));
    let chart = NewDelivery {
        id: delivery_id(Class::Reply, chat, thread, &subject),
        class: Class::Reply,
        chat,
        thread,
        language: scene.language,
        content: Content::Chart { key: about.change.key.clone(), dark: false },
        not_before: now,
        fate: Telling::Send,
    };
    let mut decision = note(press, scene.plain("alert-history-now"));
    decision.effects.push(Effect::Tell(chart));
    decision
}

fn title(about: &About) -> String {
    about.listing.as_ref().unwrap_or(&about.change.listing).title.clone()
}

/// The change is no longer in the record.
pub(super) fn unknown(scene: &Scene<'_>, press: Press<'_>) -> Decision {
    alert(press, scene.plain("alert-press-unknown"))
}

/// Something that a chat may not want to hear of.
struct Hush {
    kind: MuteKind,
    subject: String,
    name: String,
    is_hushed: bool,
    undo: Callback,
    /// Sentences: now, already, again.
    words: [&'static str; 3],
}

impl Hush {
    fn decide(self, scene: &Scene<'_>, press: Press<'_>, hushed: bool) -> Decision {
        if scene.is_group() && scene.watches().next().is_none() {
            return Decision { refused: true, ..alert(press, scene.plain("alert-press-not-here")) };
        }
        let [now, already, again] = self.words;
        let values = [("name", Value::Text(&self.name))];
        let mut decision = if hushed && self.is_hushed {
            return note(press, scene.say(already, &values));
        } else if hushed {
            let mut message = Outgoing::text(scene.say(now, &values));
            message.buttons.push(scene.row(&[(scene.plain("alert-button-undo"), self.undo)]));
            let decision = scene.answer([message]);
            Decision { answer: note(press, scene.plain("alert-hushed-now")).answer, ..decision }
        } else {
            scene.change(press, Outgoing::text(scene.say(again, &values)), None)
        };
        let place = (scene.place.chat, scene.place.thread);
        let mute = Mute { kind: self.kind, subject: self.subject, ends_at: None };
        decision.effects.push(match hushed {
            true => Effect::Mute { place, mute },
            false => Effect::Unmute { place, mute },
        });
        decision
    }
}
