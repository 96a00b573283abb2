//! Writing a broadcast: any message that the operator sends to the bot becomes it, and goes out as a copy.
//!
//! ```text
//! olga presses [New broadcast]
//! bot edits> Send me the message: text, a picture, a video, a file or an album. …
//!            [Cancel]
//! olga sends photo: We watch Lviv now
//! bot> That is the message. Is it for readers of every language?
//!      [Only this]
//!      [Add Russian] [Add Ukrainian]
//! olga presses [Only this]
//! bot edits> 📣 “We watch Lviv now”: a draft
//!
//!            Message: for everybody
//!            For: everybody, 30 (en 15, uk 15)
//!            [Preview] [Readers]
//!            [Change the message] [Add Russian] [Add Ukrainian]
//!            [Add a button]
//!            [Send now] [Send later]
//!            [Delete] [All broadcasts]
//! olga presses [Add a button]
//! bot edits> Send me the button: its words, then its address. …
//! olga> Open https://example.org/lviv
//! bot> 📣 …
//!      Button: [Open]
//! ```
//!
//! The draft is a row from the first message on, so nothing is lost when the operator is called away.

use serde::{Deserialize, Serialize};

use super::cast::{ask_languages, card};
use super::casts::{asked, drafted, held, written};
use super::{Way, actor, later, look, show};
use crate::bot::callback::Callback;
use crate::bot::decide::Decision;
use crate::bot::dialogues::Scene;
use crate::bot::event::{Event, Update};
use crate::bot::menu;
use crate::bot::state::State;
use crate::domain::campaign::{
    Audience, CampaignId, CampaignOptions, CampaignState, NewCampaign, Wording,
};
use crate::domain::ids::digest;
use crate::domain::message::{Action, Copied};
use crate::domain::{Button, Language, Outgoing};
use crate::store::{CampaignCard, OperateView};
use crate::texts::builder::{clean, shorten, web_address};

/// Most buttons of a broadcast.
const BUTTONS: usize = 4;
/// Longest words on a button, UTF-16 units.
const LABEL: usize = 60;
/// Longest title, UTF-16 units.
const TITLE: usize = 60;
/// Most messages of an album (api "copyMessages" takes more, an album never has more).
const ALBUM: usize = 10;

/// What an operator is composing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composing {
    /// Which broadcast.
    pub campaign: CampaignId,
    /// What the next message is.
    pub awaits: Awaits,
}

/// What a message is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Awaits {
    /// The message for readers of this language.
    Message(Language),
    /// Another part of an album, whose first part is kept already.
    Album(Language, String),
    /// Its buttons.
    Buttons,
    /// When it is sent.
    Moment,
}

/// Asks for the message of another broadcast.
pub fn begin(scene: &Scene<'_>, way: Way<'_>) -> Decision {
    let id = CampaignId(digest(&["broadcast", &scene.user.to_string(), &scene.update.to_string()]));
    ask(scene, way, "operate-cast-ask-message", id, Awaits::Message(Language::En))
}

/// Asks for the message in a language.
pub fn ask_message(
    scene: &Scene<'_>,
    way: Way<'_>,
    id: &CampaignId,
    language: Language,
) -> Decision {
    let key = match language {
        Language::En => "operate-cast-ask-message",
        Language::Ru => "operate-cast-ask-message-ru",
        Language::Uk => "operate-cast-ask-message-uk",
    };
    ask(scene, way, key, id.clone(), Awaits::Message(language))
}

/// Asks for the buttons.
pub fn ask_buttons(scene: &Scene<'_>, way: Way<'_>, id: &CampaignId) -> Decision {
    ask(scene, way, "operate-cast-ask-buttons", id.clone(), Awaits::Buttons)
}

/// A question that the next message answers.
pub fn ask(
    scene: &Scene<'_>,
    way: Way<'_>,
    key: &str,
    campaign: CampaignId,
    awaits: Awaits,
) -> Decision {
    let mut message = Outgoing::text(scene.plain(key));
    let cancel = scene.button(scene.plain("operate-cancel"), &Callback::Cancel);
    message.buttons.push(cancel.into_iter().collect());
    let state = State::Composing(Composing { campaign, awaits });
    Decision { state, ..show(scene, way, message) }
}

/// Any message while something is composed; `None` when it is nothing for this part. The person is an operator.
pub fn composed(scene: &Scene<'_>, composing: &Composing, update: &Update) -> Option<Decision> {
    let id = &composing.campaign;
    let (message_id, words) = said(&update.event)?;
    match &composing.awaits {
        Awaits::Message(language) => Some(message(scene, id, *language, message_id, words, update)),
        Awaits::Album(language, group) if update.album.as_ref() == Some(group) => {
            Some(part(scene, composing, *language, message_id))
        }
        Awaits::Album(..) => None,
        Awaits::Buttons => Some(buttons(scene, composing, words)),
        Awaits::Moment => Some(later::typed(scene, composing, words)),
    }
}

/// The id and the words of a message that can be copied; a key of the keyboard is none.
fn said(event: &Event) -> Option<(i64, &str)> {
    match event {
        Event::Text { text, .. } if menu::pressed(text).is_some() => None,
        Event::Text { message_id, text } => Some((*message_id, text)),
        Event::Media { message_id, caption, .. } | Event::Document { message_id, caption, .. } => {
            Some((*message_id, caption))
        }
        Event::Location { message_id, .. } => Some((*message_id, "")),
        _ => None,
    }
}

/// What the view knows of a broadcast that may not be written yet.
fn known<'v>(
    scene: &'v Scene<'_>,
    id: &CampaignId,
) -> Result<Option<&'v CampaignCard>, Box<Decision>> {
    match &scene.view.operate {
        Some(OperateView::Campaign(found)) => Ok(found.as_deref()),
        _ => Err(Box::new(look(asked(scene, id)))),
    }
}

/// The message of a broadcast in one language.
fn message(
    scene: &Scene<'_>,
    id: &CampaignId,
    language: Language,
    message_id: i64,
    words: &str,
    update: &Update,
) -> Decision {
    let known = match known(scene, id) {
        Ok(known) => known,
        Err(looking) => return *looking,
    };
    if known.is_some_and(|known| known.campaign.state != CampaignState::Draft) {
        return scene.answer([Outgoing::text(scene.plain("operate-cast-begun"))]);
    }
    let copy = Copied { from: scene.place.chat, ids: vec![message_id] };
    let mut copied = Outgoing { copy: Some(copy), ..Outgoing::default() };
    let mut new = match known {
        Some(known) => known.campaign.new.clone(),
        None => NewCampaign {
            id: id.clone(),
            title: String::new(),
            wording: Wording::default(),
            audience: Audience::default(),
            options: CampaignOptions::default(),
            created_by: actor(scene),
        },
    };
    if new.title.is_empty() || language == Language::En {
        new.title = title(scene, words);
    }
    if let Some(other) = new.wording.0.values().next() {
        copied.buttons.clone_from(&other.buttons);
    }
    new.wording.0.insert(language, copied);
    let mut decision = match known {
        Some(known) if known.campaign.new.wording.0.len() > 1 || language != Language::En => {
            written(scene, Way::Anew, known, new)
        }
        _ => {
            let mut decision = scene.answer([ask_languages(scene, id)]);
            decision.effects.extend(drafted(scene, new));
            decision
        }
    };
    if let Some(group) = &update.album {
        let awaits = Awaits::Album(language, group.clone());
        decision.state = State::Composing(Composing { campaign: id.clone(), awaits });
    }
    decision
}

/// What operators call it: its first words.
fn title(scene: &Scene<'_>, words: &str) -> String {
    match clean(words).as_str() {
        "" => scene.plain("operate-cast-untitled"),
        words => shorten(words, TITLE),
    }
}

/// Another part of an album: kept without a word, since each comes as a message of its own.
fn part(scene: &Scene<'_>, composing: &Composing, language: Language, message_id: i64) -> Decision {
    let state = State::Composing(composing.clone());
    let known = match known(scene, &composing.campaign) {
        Ok(known) => known,
        Err(looking) => return *looking,
    };
    let Some(known) = known.filter(|known| known.campaign.state == CampaignState::Draft) else {
        return Decision::nothing(state);
    };
    let mut new = known.campaign.new.clone();
    let Some(message) = new.wording.0.get_mut(&language) else { return Decision::nothing(state) };
    let Some(copy) = message.copy.as_mut().filter(|copy| copy.ids.len() < ALBUM) else {
        return Decision::nothing(state);
    };
    if !copy.ids.contains(&message_id) {
        copy.ids.push(message_id);
        copy.ids.sort_unstable();
    }
    // Telegram shows no buttons under an album.
    new.wording.0.values_mut().for_each(|message| message.buttons.clear());
    Decision { effects: drafted(scene, new).to_vec(), ..Decision::nothing(state) }
}

/// The buttons of a broadcast, one on each line: words, then an address.
fn buttons(scene: &Scene<'_>, composing: &Composing, words: &str) -> Decision {
    let found = match held(scene, Way::Anew, &composing.campaign) {
        Ok(found) => found,
        Err(decision) => return *decision,
    };
    if found.campaign.state != CampaignState::Draft {
        return scene.answer([card(scene, found)]);
    }
    let Some(rows) = read_buttons(words) else {
        let key = "operate-cast-bad-buttons";
        return ask(scene, Way::Anew, key, composing.campaign.clone(), Awaits::Buttons);
    };
    let mut new = found.campaign.new.clone();
    for message in new.wording.0.values_mut() {
        message.buttons.clone_from(&rows);
    }
    written(scene, Way::Anew, found, new)
}

fn read_buttons(words: &str) -> Option<Vec<Vec<Button>>> {
    let lines: Vec<&str> = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() || lines.len() > BUTTONS {
        return None;
    }
    lines.into_iter().map(read_button).collect()
}

fn read_button(line: &str) -> Option<Vec<Button>> {
    let (label, address) = line.rsplit_once(char::is_whitespace)?;
    let label = clean(label);
    let url = web_address(address)?;
    (!label.is_empty()).then(|| {
        vec![Button { text: shorten(&label, LABEL), action: Action::Url(url.to_string()) }]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_is_words_and_an_address() {
        let rows =
            read_buttons("Open the site https://example.org/a?b=1\n\nMore  http://x.org").unwrap();
        let label = |row: &Vec<Button>| row[0].text.clone();
        assert_eq!(rows.iter().map(label).collect::<Vec<_>>(), ["Open the site", "More"]);
        assert_eq!(rows[1][0].action, Action::Url("http://x.org/".into()));
        for bad in [
            "",
            "https://x.org",
            "Open javascript:alert(1)",
            "Open",
            "Open ftp://x.org",
            "a http://x.org\nb",
            "Open https://user:word@x.org",
        ] {
            assert_eq!(read_buttons(bad), None, "{bad}");
        }
        assert_eq!(read_buttons(&"a http://x.org\n".repeat(5)), None, "too many");
    }
}
