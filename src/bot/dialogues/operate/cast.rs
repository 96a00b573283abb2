//! How a broadcast looks: its card, and the questions about it.

use chrono::{DateTime, Utc};

use super::row;
use crate::bot::callback::Callback;
use crate::bot::callback::operate::{CastStep, OperateButton, Readers};
use crate::bot::dialogues::Scene;
use crate::domain::campaign::{Audience, CampaignId, CampaignState};
use crate::domain::{Button, Language, Outgoing};
use crate::store::CampaignCard;
use crate::texts::operate::{figure, head, progress};
use crate::texts::{Value, plain};

/// How many the audience has now.
pub fn readers(card: &CampaignCard) -> i64 {
    card.counts.iter().map(|(_, many)| many).sum()
}

/// The broadcast with what can be done to it.
pub fn card(scene: &Scene<'_>, card: &CampaignCard) -> Outgoing {
    if card.campaign.state == CampaignState::Draft {
        return draft(scene, card);
    }
    let (campaign, language) = (&card.campaign, scene.language);
    let text = progress(campaign, &card.progress, card.begun, scene.now, language);
    let mut message = Outgoing::text(text);
    if let Some(at) = campaign.start_at.filter(|at| *at > scene.now) {
        let at = local(scene, at);
        let line = scene.say("operate-cast-from", &[("at", Value::Text(&at))]);
        message.text.push_str(&format!("\n{line}"));
    }
    let to = |step| OperateButton::Broadcast(step, campaign.new.id.clone());
    let refresh = ("operate-refresh", to(CastStep::Card));
    message.buttons.push(match campaign.state {
        CampaignState::Freezing | CampaignState::Running => {
            row(scene, [("operate-cast-stop", to(CastStep::Stop)), refresh])
        }
        CampaignState::Stopped => {
            row(scene, [("operate-cast-go-on", to(CastStep::Resume)), refresh])
        }
        CampaignState::Draft | CampaignState::Done => row(scene, [refresh]),
    });
    let preview = ("operate-cast-preview", to(CastStep::Preview));
    let all = ("operate-casts-all", OperateButton::Broadcasts);
    message.buttons.push(row(scene, [preview, all]));
    message
}

fn draft(scene: &Scene<'_>, card: &CampaignCard) -> Outgoing {
    let new = &card.campaign.new;
    let mut lines = vec![head(&card.campaign, scene.now, scene.language), String::new()];
    lines.push(messages(scene, card));
    let labels: Vec<String> = labels(card).into_iter().map(|label| format!("[{label}]")).collect();
    if !labels.is_empty() {
        let labels = labels.join(" ");
        lines.push(scene.say("operate-cast-buttons", &[("labels", Value::Text(&labels))]));
    }
    let whom = whom(scene, &new.audience);
    let count = counted(scene, card);
    let values = [("whom", Value::Text(whom.as_str())), ("count", Value::Text(count.as_str()))];
    lines.push(scene.say("operate-cast-readers", &values));
    let mut message = Outgoing::text(lines.join("\n"));
    let to = |step| OperateButton::Broadcast(step, new.id.clone());
    let preview = ("operate-cast-preview", to(CastStep::Preview));
    message.buttons.push(row(scene, [preview, ("operate-cast-audience", to(CastStep::Audience))]));
    message.buttons.push(wordings(scene, card));
    let is_album = new.wording.0.values().any(|message| message.count() > 1);
    if !labels.is_empty() {
        message.buttons.push(row(scene, [("operate-cast-no-buttons", to(CastStep::NoButtons))]));
    } else if !is_album {
        message.buttons.push(row(scene, [("operate-cast-add-buttons", to(CastStep::Buttons))]));
    }
    let send = ("operate-cast-send", to(CastStep::Send));
    message.buttons.push(row(scene, [send, ("operate-cast-later", to(CastStep::Later))]));
    let forget = ("operate-cast-forget", to(CastStep::AskForget));
    let all = ("operate-casts-all", OperateButton::Broadcasts);
    message.buttons.push(row(scene, [forget, all]));
    message
}

/// In which languages it says something, and how much.
fn messages(scene: &Scene<'_>, card: &CampaignCard) -> String {
    let wording = &card.campaign.new.wording.0;
    let one = |(language, message): (&Language, &Outgoing)| {
        let name = match (*language, wording.len()) {
            (_, 1) => scene.plain("operate-cast-for-everybody"),
            (Language::En, _) => scene.plain("operate-cast-for-others"),
            (language, _) => plain(language, "language-name"),
        };
        match message.count() {
            1 => name,
            many => {
                let album =
                    scene.say("operate-cast-album", &[("count", Value::Count(count(many)))]);
                format!("{name} ({album})")
            }
        }
    };
    let all: Vec<String> = wording.iter().map(one).collect();
    scene.say("operate-cast-messages", &[("languages", Value::Text(&all.join(", ")))])
}

fn count(many: usize) -> i64 {
    i64::try_from(many).unwrap_or(i64::MAX)
}

fn labels(card: &CampaignCard) -> Vec<String> {
    let first = card.campaign.new.wording.0.values().next();
    let buttons = first.into_iter().flat_map(|message| message.buttons.iter().flatten());
    buttons.map(|button: &Button| button.text.clone()).collect()
}

/// Buttons that ask for the message in each language.
fn wordings(scene: &Scene<'_>, card: &CampaignCard) -> Vec<Button> {
    let id = &card.campaign.new.id;
    let button = |language: Language| {
        let key = match (language, card.campaign.new.wording.0.contains_key(&language)) {
            (Language::En, _) => "operate-cast-change",
            (Language::Ru, false) => "operate-cast-add-ru",
            (Language::Uk, false) => "operate-cast-add-uk",
            (Language::Ru, true) => "operate-cast-change-ru",
            (Language::Uk, true) => "operate-cast-change-uk",
        };
        let to = OperateButton::Broadcast(CastStep::Message(language), id.clone());
        scene.button(scene.plain(key), &Callback::Operate(to))
    };
    Language::ALL.into_iter().filter_map(button).collect()
}

/// Right after the first message: is it for everybody?
pub fn ask_languages(scene: &Scene<'_>, id: &CampaignId) -> Outgoing {
    let mut message = Outgoing::text(scene.plain("operate-cast-ask-languages"));
    let to = |step| OperateButton::Broadcast(step, id.clone());
    message.buttons.push(row(scene, [("operate-cast-only-this", to(CastStep::Card))]));
    let ru = ("operate-cast-add-ru", to(CastStep::Message(Language::Ru)));
    let uk = ("operate-cast-add-uk", to(CastStep::Message(Language::Uk)));
    message.buttons.push(row(scene, [ru, uk]));
    message
}

/// Whom it is for, in words.
fn whom(scene: &Scene<'_>, audience: &Audience) -> String {
    match audience {
        Audience { languages, .. } if !languages.is_empty() => {
            let names: Vec<String> =
                languages.iter().map(|language| plain(*language, "language-name")).collect();
            scene
                .say("operate-cast-whom-language", &[("languages", Value::Text(&names.join(", ")))])
        }
        Audience { with_plan: true, .. } => scene.plain("operate-cast-with-plan"),
        Audience { without_plan: true, .. } => scene.plain("operate-cast-without-plan"),
        Audience { active_days: Some(_), .. } => scene.plain("operate-cast-active"),
        all if *all == Audience::default() => scene.plain("operate-cast-everybody"),
        // Written on the command line.
        _ => scene.plain("operate-cast-some"),
    }
}

/// How many readers there are, with the languages.
fn counted(scene: &Scene<'_>, card: &CampaignCard) -> String {
    let number = |number| figure(number, scene.language);
    let parts: Vec<String> = card
        .counts
        .iter()
        .map(|(language, many)| format!("{} {}", language.code(), number(*many)))
        .collect();
    match parts.len() {
        0 | 1 => number(readers(card)),
        _ => format!("{} ({})", number(readers(card)), parts.join(", ")),
    }
}

/// Whom is it for?
pub fn audiences(scene: &Scene<'_>, id: &CampaignId) -> Outgoing {
    let mut message = Outgoing::text(scene.plain("operate-cast-ask-audience"));
    let to = |step| OperateButton::Broadcast(step, id.clone());
    let of = |readers| to(CastStep::For(readers));
    let all = ("operate-cast-everybody", of(Readers::All));
    let language = ("operate-cast-by-language", to(CastStep::ByLanguage));
    message.buttons.push(row(scene, [all, language]));
    let with = ("operate-cast-with-plan", of(Readers::WithPlan));
    let without = ("operate-cast-without-plan", of(Readers::WithoutPlan));
    message.buttons.push(row(scene, [with, without]));
    message.buttons.push(row(scene, [("operate-cast-active", of(Readers::Active))]));
    message.buttons.push(row(scene, [("operate-back", to(CastStep::Card))]));
    message
}

/// Readers of which language?
pub fn languages(scene: &Scene<'_>, id: &CampaignId) -> Outgoing {
    let mut message = Outgoing::text(scene.plain("operate-cast-ask-audience"));
    let button = |language: Language| {
        let step = CastStep::For(Readers::Language(language));
        let to = Callback::Operate(OperateButton::Broadcast(step, id.clone()));
        scene.button(plain(language, "language-name"), &to)
    };
    message.buttons.push(Language::ALL.into_iter().filter_map(button).collect());
    let back = OperateButton::Broadcast(CastStep::Audience, id.clone());
    message.buttons.push(row(scene, [("operate-back", back)]));
    message
}

/// The last question before it goes out: to exactly so many, now or from a moment on.
pub fn question(scene: &Scene<'_>, card: &CampaignCard, at: Option<DateTime<Utc>>) -> Outgoing {
    let new = &card.campaign.new;
    let many = readers(card);
    let (count, title) = (counted(scene, card), new.title.as_str());
    let to = |step| OperateButton::Broadcast(step, new.id.clone());
    let back = ("operate-back", to(CastStep::Card));
    let Some(many32) = u32::try_from(many).ok().filter(|many| *many > 0) else {
        let mut message = Outgoing::text(scene.plain("operate-cast-nobody"));
        message.buttons.push(row(scene, [back]));
        return message;
    };
    let when = at.map(|at| local(scene, at));
    let mut values = vec![
        ("title", Value::Text(title)),
        ("people", Value::Count(many)),
        ("count", Value::Text(count.as_str())),
    ];
    let key = match &when {
        Some(when) => {
            values.push(("at", Value::Text(when.as_str())));
            "operate-cast-ask-later"
        }
        None => "operate-cast-ask-now",
    };
    let mut message = Outgoing::text(scene.say(key, &values));
    let minute = at.map_or(0, |at| u32::try_from(at.timestamp() / 60).unwrap_or(0));
    let yes = to(CastStep::Start { minute, count: many32 });
    let number = figure(many, scene.language);
    let text = scene.say("operate-cast-yes", &[("count", Value::Text(&number))]);
    let mut buttons: Vec<Button> =
        scene.button(text, &Callback::Operate(yes)).into_iter().collect();
    buttons.extend(row(scene, [back]));
    message.buttons.push(buttons);
    message
}

/// A moment in the zone of this chat.
pub fn local(scene: &Scene<'_>, at: DateTime<Utc>) -> String {
    let zone = scene.view.preferences.tz();
    format!("{} ({})", at.with_timezone(&zone).format("%Y-%m-%d %H:%M"), zone.name())
}

/// Asks before a draft is forgotten.
pub fn ask_forget(scene: &Scene<'_>, card: &CampaignCard) -> Outgoing {
    let id = &card.campaign.new.id;
    let values = [("title", Value::Text(card.campaign.new.title.as_str()))];
    let mut message = Outgoing::text(scene.say("operate-cast-ask-forget", &values));
    let to = |step| OperateButton::Broadcast(step, id.clone());
    let yes = ("operate-cast-yes-forget", to(CastStep::Forget));
    message.buttons.push(row(scene, [yes, ("operate-back", to(CastStep::Card))]));
    message
}
