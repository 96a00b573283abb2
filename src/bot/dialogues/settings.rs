//! How a chat wants to be told.
//!
//! ```text
//! anna> /settings
//! bot> ⚙️ Settings
//!
//!      🌙 Quiet hours: none
//!      🕐 Time zone: UTC
//!      🗞 Digest: no, each at once
//!      …
//!      [🌙 Quiet hours] [🕐 Time zone]
//!      …
//! anna presses [🌙 Quiet hours]
//! bot edits> Nothing is told in quiet hours; it comes when they end.
//!            [22:00–07:00] [23:00–07:00] …
//! anna presses [23:00–07:00]
//! note> Saved
//! bot edits> ⚙️ Settings …
//! anna presses [🕐 Time zone]
//! anna presses [Type it]
//! bot edits> Write your city, …
//! anna> Київ
//! bot> Times are meant by the clock of Europe/Kyiv from now on. It is 14:05 there.
//! anna presses [🔇 Mute everything]
//! bot edits> For how long shall I be silent? …
//!            [for an hour] [for a day] [for a week]
//!            [not at all]
//! anna presses [for a day]
//! note> Saved
//! bot edits> ⚙️ Settings … 🔇 Mute everything: until 2026-03-02 14:05
//! ```
//!
//! One message is edited through all menus. In a group whoever asks for the menu may use it, as with all menus.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{Press, Scene, language};
use crate::bot::callback::Callback;
use crate::bot::decide::Decision;
use crate::bot::setting::{MUTES, Setting};
use crate::bot::state::State;
use crate::domain::preferences::set::time_text;
use crate::domain::preferences::{Digest, Mute, Patch, Pictures, Quiet, zone};
use crate::domain::watch::forever;
use crate::domain::{Button, Outgoing, Preferences};
use crate::store::{Effect, Place};
use crate::texts::{Value, dates};

/// Quiet hours to choose from, minutes of the day.
const QUIET: [(u16, u16); 6] = [
    (22 * 60, 7 * 60),
    (22 * 60, 8 * 60),
    (23 * 60, 7 * 60),
    (23 * 60, 8 * 60),
    (0, 7 * 60),
    (0, 8 * 60),
];

/// Times of daily digests to choose from.
const DAILY: [u16; 6] = [7 * 60, 8 * 60, 9 * 60, 12 * 60, 18 * 60, 20 * 60];

/// Days and times of weekly digests to choose from.
const WEEKLY: [(u8, u16); 4] = [(0, 9 * 60), (4, 18 * 60), (5, 10 * 60), (6, 18 * 60)];

/// Caps to choose from.
const CAPS: [u32; 5] = [3, 5, 10, 20, 50];

/// Answers `/settings`.
pub fn show(scene: &Scene<'_>) -> Decision {
    scene.answer([menu(scene, &scene.view.preferences, silent_until(scene))])
}

/// A button of the settings.
pub fn press(scene: &Scene<'_>, press: Press<'_>, setting: &Setting) -> Decision {
    let message = match setting {
        Setting::Menu => menu(scene, &scene.view.preferences, silent_until(scene)),
        Setting::Language => return scene.change(press, language::menu(scene), None),
        Setting::Quiet => quiet_menu(scene),
        Setting::Regions => regions_menu(scene),
        Setting::Zones(region) => zones_menu(scene, *region),
        Setting::TypeZone => {
            let state = State::Zone { asked_at: scene.now };
            let message = Outgoing::text(scene.plain("settings-zone-type"));
            return Decision { state, ..scene.change(press, message, None) };
        }
        Setting::Digest => digest_menu(scene),
        Setting::Cap => cap_menu(scene),
        Setting::Pictures => pictures_menu(scene),
        Setting::Mute => mute_menu(scene),
        Setting::MuteAll(hours) => return mute_all(scene, press, *hours),
        Setting::Set(patch) => return set(scene, press, patch),
    };
    scene.change(press, message, None)
}

fn set(scene: &Scene<'_>, press: Press<'_>, patch: &Patch) -> Decision {
    let mut preferences = scene.view.preferences.clone();
    patch.apply(&mut preferences);
    let saved = Some(scene.plain("settings-saved"));
    let menu = menu(scene, &preferences, silent_until(scene));
    let mut decision = scene.change(press, menu, saved);
    decision.effects.push(Effect::Prefer { place: place(scene), patch: patch.clone() });
    decision
}

/// Mutes everything here for so many hours, or lets it be heard again. What comes meanwhile is dropped with its
/// reason, not held.
fn mute_all(scene: &Scene<'_>, press: Press<'_>, hours: Option<u16>) -> Decision {
    let until = hours.map(|hours| scene.now + TimeDelta::hours(hours.into()));
    let saved = Some(scene.plain("settings-saved"));
    let mut decision = scene.change(press, menu(scene, &scene.view.preferences, until), saved);
    let (place, mute) = (place(scene), Mute::all(until));
    decision.effects.push(match until {
        Some(_) => Effect::Mute { place, mute },
        None => Effect::Unmute { place, mute },
    });
    decision
}

/// Until when everything is muted here; one without an end is shown by the furthest moment.
fn silent_until(scene: &Scene<'_>) -> Option<DateTime<Utc>> {
    let silence = scene.view.silence.as_ref()?;
    Some(silence.ends_at.unwrap_or_else(forever)).filter(|end| *end > scene.now)
}

/// A zone in words. What is no zone may be tried again; the person is never stuck, since any command ends this.
pub fn typed_zone(scene: &Scene<'_>, state: State, text: &str) -> Decision {
    let Some(zone) = zone::find(text) else {
        let mut message = Outgoing::text(scene.plain("settings-zone-unknown"));
        message
            .buttons
            .push(scene.row(&[(scene.plain("settings-zone-list"), q(Setting::Regions))]));
        return Decision { state, ..scene.answer([message]) };
    };
    let name = zone::shown(zone);
    let time = dates::time(scene.now, zone, scene.language);
    let values = [("zone", Value::Text(&name)), ("time", Value::Text(&time))];
    let mut message = Outgoing::text(scene.say("settings-zone-now", &values));
    message.buttons.push(scene.row(&[(scene.plain("settings-back"), q(Setting::Menu))]));
    let mut decision = scene.answer([message]);
    let patch = Patch::Zone(zone.name().to_owned());
    decision.effects.push(Effect::Prefer { place: place(scene), patch });
    decision
}

fn place(scene: &Scene<'_>) -> Place {
    (scene.place.chat, scene.place.thread)
}

fn q(setting: Setting) -> Callback {
    Callback::Settings(setting)
}

/// All preferences, and a button for each.
fn menu(scene: &Scene<'_>, preferences: &Preferences, silent: Option<DateTime<Utc>>) -> Outgoing {
    let of = |key: &str, value: &str| format!("{}: {value}", scene.plain(key));
    let yes = |yes: bool| scene.plain(if yes { "settings-yes" } else { "settings-no" });
    let cap = preferences
        .cap_per_hour
        .map_or_else(|| scene.plain("settings-none"), |cap| cap.to_string());
    let lines = [
        scene.plain("settings-head"),
        String::new(),
        of("settings-quiet", &quiet_text(scene, preferences.quiet)),
        of("settings-zone", &zone::shown(preferences.tz())),
        of("settings-digest", &digest_text(scene, preferences.digest)),
        of("settings-cap", &cap),
        of("settings-pictures", &scene.plain(pictures_key(preferences.pictures))),
        of("settings-replies", &yes(preferences.replies)),
        of("settings-mute", &silence_text(scene, silent, preferences.tz())),
    ];
    let mut message = Outgoing::text(lines.join("\n"));
    let replies = q(Setting::Set(Patch::Replies(!preferences.replies)));
    let rows = [
        [("settings-quiet", q(Setting::Quiet)), ("settings-zone", q(Setting::Regions))],
        [("settings-digest", q(Setting::Digest)), ("settings-cap", q(Setting::Cap))],
        [("settings-pictures", q(Setting::Pictures)), ("settings-replies", replies)],
    ];
    for row in rows {
        message.buttons.push(scene.row(&row.map(|(key, to)| (scene.plain(key), to))));
    }
    let mute = (scene.plain("settings-mute"), q(Setting::Mute));
    let language = (scene.plain("settings-language"), q(Setting::Language));
    message.buttons.push(scene.row(&[mute, language]));
    message
}

/// A question with its answers, and the way back.
fn choices(
    scene: &Scene<'_>,
    key: &str,
    columns: usize,
    answers: Vec<(String, Setting)>,
) -> Outgoing {
    let mut message = Outgoing::text(scene.plain(key));
    let button = |(text, setting)| scene.button(text, &q(setting));
    let buttons: Vec<Button> = answers.into_iter().filter_map(button).collect();
    message.buttons = buttons.chunks(columns).map(<[Button]>::to_vec).collect();
    message.buttons.push(scene.row(&[(scene.plain("settings-back"), q(Setting::Menu))]));
    message
}

fn quiet_menu(scene: &Scene<'_>) -> Outgoing {
    let mut answers: Vec<(String, Setting)> = QUIET
        .iter()
        .map(|(from, to)| {
            let quiet = Some(Quiet { from: *from, to: *to });
            (quiet_text(scene, quiet), Setting::Set(Patch::Quiet(quiet)))
        })
        .collect();
    answers.push((scene.plain("settings-none"), Setting::Set(Patch::Quiet(None))));
    choices(scene, "settings-quiet-ask", 2, answers)
}

fn regions_menu(scene: &Scene<'_>) -> Outgoing {
    let keys = ["settings-europe", "settings-asia", "settings-america", "settings-elsewhere"];
    let mut answers: Vec<(String, Setting)> = keys
        .iter()
        .enumerate()
        .map(|(place, key)| (scene.plain(key), Setting::Zones(place)))
        .collect();
    // A group is full of words that are not meant for us.
    if !scene.is_group() {
        answers.push((scene.plain("settings-zone-write"), Setting::TypeZone));
    }
    choices(scene, "settings-zone-ask", 2, answers)
}

fn zones_menu(scene: &Scene<'_>, region: usize) -> Outgoing {
    let zones: &[Tz] = zone::REGIONS.get(region).map_or(&[], |(_, zones)| zones);
    let answer = |zone: &Tz| {
        let name = zone::shown(*zone);
        let city = name.rsplit('/').next().unwrap_or(&name).to_owned();
        (city, Setting::Set(Patch::Zone(zone.name().to_owned())))
    };
    choices(scene, "settings-zone-ask", 2, zones.iter().map(answer).collect())
}

fn digest_menu(scene: &Scene<'_>) -> Outgoing {
    let of = |digest: Digest| (digest_text(scene, digest), Setting::Set(Patch::Digest(digest)));
    let mut answers = vec![of(Digest::Off), of(Digest::Hour)];
    answers.extend(DAILY.map(|at| of(Digest::Day { at })));
    answers.extend(WEEKLY.map(|(day, at)| of(Digest::Week { day, at })));
    choices(scene, "settings-digest-ask", 2, answers)
}

fn cap_menu(scene: &Scene<'_>) -> Outgoing {
    let mut answers: Vec<(String, Setting)> =
        CAPS.iter().map(|cap| (cap.to_string(), Setting::Set(Patch::Cap(Some(*cap))))).collect();
    answers.push((scene.plain("settings-none"), Setting::Set(Patch::Cap(None))));
    choices(scene, "settings-cap-ask", 3, answers)
}

fn mute_menu(scene: &Scene<'_>) -> Outgoing {
    let keys = ["settings-mute-hour", "settings-mute-day", "settings-mute-week"];
    let spans = MUTES.map(|hours| Setting::MuteAll(Some(hours)));
    let mut answers: Vec<(String, Setting)> =
        keys.iter().map(|key| scene.plain(key)).zip(spans).collect();
    answers.push((scene.plain("settings-mute-off"), Setting::MuteAll(None)));
    choices(scene, "settings-mute-ask", 3, answers)
}

fn silence_text(scene: &Scene<'_>, silent: Option<DateTime<Utc>>, zone: Tz) -> String {
    match silent {
        None => scene.plain("settings-no"),
        Some(end) if end >= forever() => scene.plain("settings-mute-ever"),
        Some(end) => {
            let time = dates::near(end, zone, scene.now, scene.language);
            scene.say("settings-mute-until", &[("time", Value::Text(&time))])
        }
    }
}

fn pictures_menu(scene: &Scene<'_>) -> Outgoing {
    let of = |one: Pictures| (scene.plain(pictures_key(one)), Setting::Set(Patch::Pictures(one)));
    let answers = [Pictures::One, Pictures::Album, Pictures::None].map(of).to_vec();
    choices(scene, "settings-pictures-ask", 1, answers)
}

fn pictures_key(pictures: Pictures) -> &'static str {
    match pictures {
        Pictures::One => "settings-pictures-one",
        Pictures::Album => "settings-pictures-album",
        Pictures::None => "settings-pictures-none",
    }
}

fn quiet_text(scene: &Scene<'_>, quiet: Option<Quiet>) -> String {
    match quiet {
        Some(quiet) => format!("{}–{}", time_text(quiet.from), time_text(quiet.to)),
        None => scene.plain("settings-none"),
    }
}

pub(super) fn digest_text(scene: &Scene<'_>, digest: Digest) -> String {
    let days = [
        "settings-monday",
        "settings-tuesday",
        "settings-wednesday",
        "settings-thursday",
        "settings-friday",
        "settings-saturday",
        "settings-sunday",
    ];
    match digest {
        Digest::Off => scene.plain("settings-digest-off"),
        Digest::Hour => scene.plain("settings-digest-hourly"),
        Digest::Day { at } => {
            scene.say("settings-digest-daily", &[("time", Value::Text(&time_text(at)))])
        }
        Digest::Week { day, at } => {
            let day = scene.plain(days.get(usize::from(day)).unwrap_or(&days[0]));
            let values = [("day", Value::Text(&day)), ("time", Value::Text(&time_text(at)))];
            scene.say("settings-digest-weekly", &values)
        }
    }
}
