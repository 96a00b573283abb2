//! A broadcast that goes out later: the moment as the operator types it, in the zone of the chat.
//!
//! ```text
//! olga presses [Send later]
//! bot edits> When? Type the time, such as 18:30, 24.12 09:00 or 2026-12-24 09:00. Zone: Europe/Kyiv.
//!            [Cancel]
//! olga> 24.12 09:00
//! bot> “We watch Lviv now” goes to exactly 30 people from 2026-12-24 09:00 (Europe/Kyiv) on …
//!      [Yes, send to 30] [Back]
//! ```

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::cast::question;
use super::casts::{asked, held};
use super::compose::{Awaits, Composing, ask};
use super::{Way, look};
use crate::bot::decide::Decision;
use crate::bot::dialogues::Scene;
use crate::domain::Outgoing;
use crate::domain::campaign::{CampaignId, CampaignState};
use crate::texts::Value;

/// Longest time ahead.
const AHEAD: Days = Days::new(366);

/// Asks for the moment.
pub fn ask_moment(scene: &Scene<'_>, way: Way<'_>, key: &str, id: &CampaignId) -> Decision {
    let mut decision = ask(scene, way, key, id.clone(), Awaits::Moment);
    let zone = scene.view.preferences.tz();
    let line = scene.say("operate-cast-zone", &[("zone", Value::Text(zone.name()))]);
    if let Some(reply) = decision.replies.first_mut() {
        reply.message.text.push_str(&format!("\n{line}"));
    }
    decision
}

/// See [`ask_moment`].
pub fn first(scene: &Scene<'_>, way: Way<'_>, id: &CampaignId) -> Decision {
    ask_moment(scene, way, "operate-cast-ask-moment", id)
}

/// The moment in words: the last question, or the same one again.
pub fn typed(scene: &Scene<'_>, composing: &Composing, words: &str) -> Decision {
    let id = &composing.campaign;
    // The zone comes with the searches, which come with the broadcast.
    if !scene.view.has_searches {
        return look(asked(scene, id));
    }
    let found = match held(scene, Way::Anew, id) {
        Ok(found) => found,
        Err(decision) => return *decision,
    };
    if found.campaign.state != CampaignState::Draft {
        return scene.answer([Outgoing::text(scene.plain("operate-cast-begun"))]);
    }
    match moment(words, scene.view.preferences.tz(), scene.now) {
        Some(at) => scene.answer([question(scene, found, Some(at))]),
        None => ask_moment(scene, Way::Anew, "operate-cast-bad-moment", id),
    }
}

/// The moment that words name in a zone: a time alone is the next such time, a date without a year the next such
/// date. `None` for what is no time, is past, or does not exist there because of a change of the clock.
fn moment(words: &str, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let (date, time) = match words.trim().rsplit_once(char::is_whitespace) {
        Some((date, time)) => (Some(date.trim()), time),
        None => (None, words.trim()),
    };
    let time = NaiveTime::parse_from_str(time, "%H:%M").ok()?;
    let today = now.with_timezone(&zone).date_naive();
    let at = |date: NaiveDate| {
        zone.from_local_datetime(&date.and_time(time)).earliest().map(|at| at.to_utc())
    };
    let is_ahead = |at: &DateTime<Utc>| *at > now;
    let found = match date {
        None => at(today).filter(is_ahead).or_else(|| at(today.succ_opt()?)),
        Some(date) => at(read_date(date, today)?),
    };
    let latest = now.checked_add_days(AHEAD)?;
    found.filter(is_ahead).filter(|at| *at <= latest)
}

fn read_date(words: &str, today: NaiveDate) -> Option<NaiveDate> {
    for form in ["%Y-%m-%d", "%d.%m.%Y"] {
        if let Ok(date) = NaiveDate::parse_from_str(words, form) {
            return Some(date);
        }
    }
    let of_year = |year| NaiveDate::parse_from_str(&format!("{words}.{year}"), "%d.%m.%Y").ok();
    of_year(today.year()).filter(|date| *date >= today).or_else(|| of_year(today.year() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &str) -> Option<String> {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        moment(words, Tz::Europe__Kyiv, now).map(|at| at.format("%F %R").to_string())
    }

    #[test]
    fn a_moment_is_read_in_the_zone_of_the_chat() {
        // Kyiv is two hours ahead in winter.
        assert_eq!(of("18:30").as_deref(), Some("2026-11-21 16:30"));
        assert_eq!(of("13:30").as_deref(), Some("2026-11-22 11:30"), "that was today already");
        assert_eq!(of(" 24.12  09:00 ").as_deref(), Some("2026-12-24 07:00"));
        assert_eq!(of("01.02 9:00").as_deref(), Some("2027-02-01 07:00"));
        assert_eq!(of("2026-12-24 09:00").as_deref(), Some("2026-12-24 07:00"));
        assert_eq!(of("24.12.2026 09:00").as_deref(), Some("2026-12-24 07:00"));
    }

    #[test]
    fn what_is_no_moment_ahead_is_refused() {
        for bad in [
            "",
            "soon",
            "25:00",
            "2026-11-20 09:00",
            "31.02 09:00",
            "2031-01-01 09:00",
            // The hour that is left out in spring.
            "2027-03-28 03:30",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
