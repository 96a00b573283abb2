//! How far a broadcast is, told in one message of its operator that is edited in place.
//!
//! ```text
//! every half second: messages last edited four seconds ago ──► figures ──other than shown──► an edit in the outbox
//!                                                                └── done, or stopped and nothing under way: the last one
//! ```
//!
//! Which message that is stands in the record, so a restart goes on with it. An edit goes out like every other
//! message, under the limits; the next one waits for its end. One that cannot be edited any more is sent anew, and that
//! message is edited from then on.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::campaign::CampaignState;
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::ids::digest;
use crate::domain::message::Action;
use crate::domain::{Button, Class, DeliveryState, Language, NewDelivery, Outgoing};
use crate::store::{CampaignReport, CampaignShown, Db, DbError};
use crate::texts::operate::progress;
use crate::texts::plain;

/// Time between two edits of a message: Telegram takes about one message a second in a chat, and an operator has
/// other things to read there.
const EVERY: TimeDelta = TimeDelta::seconds(4);

/// Writes the edits that are due; answers how many.
pub async fn step(db: &dyn Db, now: DateTime<Utc>) -> Result<u64, DbError> {
    let mut written = 0;
    for report in db.campaign_reports(now - EVERY, now).await? {
        let Some(shown) = next(&report, now) else { continue };
        let says = shown.delivery.is_some();
        if db.show_campaign(&shown, now).await? && says {
            written += 1;
        }
    }
    Ok(written)
}

/// What is written of a message; `None` while its last edit is under way.
fn next(report: &CampaignReport, now: DateTime<Utc>) -> Option<CampaignShown> {
    let (campaign, edits) = (report.follow.campaign.clone(), report.edits);
    let delivery = match report.last {
        Some(DeliveryState::Pending | DeliveryState::Sending | DeliveryState::Collected) => {
            return None;
        }
        // Nobody can be told there any more.
        Some(DeliveryState::Dropped | DeliveryState::Dead) => {
            let shown = report.shown.clone();
            return Some(CampaignShown { campaign, edits, delivery: None, shown, ended: true });
        }
        Some(DeliveryState::Sent | DeliveryState::Folded | DeliveryState::Unknown) | None => {
            edit(report, now)
        }
    };
    let ended = match report.campaign.state {
        CampaignState::Done => true,
        CampaignState::Stopped => report.progress.under_way == 0,
        CampaignState::Draft | CampaignState::Freezing | CampaignState::Running => false,
    };
    let Content::Message(message) = &delivery.content else { return None };
    let shown = digest(&[&message.text, if ended { "ended" } else { "" }]);
    let says = shown != report.shown;
    Some(CampaignShown { campaign, edits, delivery: says.then_some(delivery), shown, ended })
}

fn edit(report: &CampaignReport, now: DateTime<Utc>) -> NewDelivery {
    let (follow, campaign) = (&report.follow, &report.campaign);
    let language = follow.language;
    let text = progress(campaign, &report.progress, Some(report.begun), now, language);
    let is_on = matches!(campaign.state, CampaignState::Freezing | CampaignState::Running);
    let stop = button("operate-cast-stop", &follow.press_stop, language);
    let card = button("operate-refresh", &follow.press_card, language);
    let buttons = if is_on { vec![stop, card] } else { vec![card] };
    let message =
        Outgoing { edit: Some(follow.message_id), buttons: vec![buttons], ..Outgoing::text(text) };
    let subject = format!("campaign/{}/progress/{}", follow.campaign, report.edits);
    NewDelivery {
        id: delivery_id(Class::Reply, follow.chat, follow.thread, &subject),
        class: Class::Reply,
        chat: follow.chat,
        thread: follow.thread,
        language,
        content: Content::Message(message),
        not_before: now,
        fate: crate::domain::preferences::Telling::Send,
    }
}

fn button(key: &str, data: &str, language: Language) -> Button {
    Button { text: plain(language, key), action: Action::Callback(data.to_owned()) }
}
