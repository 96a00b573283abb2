//! Figures and spans of time for operators, and how far a broadcast is. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::builder::shorten;
pub use super::dates::ago;
pub use super::money::count as figure;
use super::money::measure;

use super::{Value, plain, say};
use crate::domain::Language;
use crate::domain::campaign::{Campaign, CampaignState, Progress};

/// Longest title of a broadcast, UTF-16 units.
const TITLE: usize = 80;

/// A span of time in its largest whole unit.
pub fn span(span: TimeDelta, language: Language) -> String {
    let seconds = span.num_seconds().max(0);
    let (count, key) = match seconds {
        0..=89 => (seconds, "operate-span-seconds"),
        90..=5_399 => ((seconds + 30) / 60, "operate-span-minutes"),
        5_400..=129_599 => ((seconds + 1_800) / 3_600, "operate-span-hours"),
        _ => ((seconds + 43_200) / 86_400, "operate-span-days"),
    };
    say(language, key, &[("count", Value::Text(&figure(count, language)))])
}

/// How far a broadcast is, all numbers of it. `begun`: when its pace began to count, and how many had a result then.
pub fn progress(
    campaign: &Campaign,
    progress: &Progress,
    begun: Option<(DateTime<Utc>, i64)>,
    now: DateTime<Utc>,
    language: Language,
) -> String {
    let number = |number| figure(number, language);
    let line = |key, value: i64| say(language, key, &[("count", Value::Text(&number(value)))]);
    let mut lines = vec![head(campaign, now, language), String::new()];
    let (sent, all) = (number(progress.sent), number(progress.recipients));
    let values = [("sent", Value::Text(sent.as_str())), ("all", Value::Text(all.as_str()))];
    lines.push(say(language, "operate-cast-sent", &values));
    lines.push(line("operate-cast-refused", progress.dropped));
    lines.push(line("operate-cast-unknown", progress.unknown));
    lines.push(line("operate-cast-dead", progress.dead));
    lines.push(line("operate-cast-left", progress.waiting + progress.under_way));
    if campaign.state == CampaignState::Running {
        lines.extend(begun.and_then(|begun| pace(progress, begun, now, language)));
    }
    lines.join("\n")
}

/// Its title and state.
pub fn head(campaign: &Campaign, now: DateTime<Utc>, language: Language) -> String {
    let title = shorten(&campaign.new.title, TITLE);
    let state = plain(language, state_key(campaign, now));
    let values = [("title", Value::Text(title.as_str())), ("state", Value::Text(state.as_str()))];
    say(language, "operate-cast-head", &values)
}

/// The word of its state.
pub fn state_key(campaign: &Campaign, now: DateTime<Utc>) -> &'static str {
    let waits = campaign.start_at.is_some_and(|at| at > now);
    match campaign.state {
        CampaignState::Draft => "operate-cast-draft",
        CampaignState::Freezing | CampaignState::Running if waits => "operate-cast-waits",
        CampaignState::Freezing => "operate-cast-freezing",
        CampaignState::Running => "operate-cast-running",
        CampaignState::Stopped => "operate-cast-stopped",
        CampaignState::Done => "operate-cast-done",
    }
}

/// How fast it goes and when it will be done; `None` before that can be said.
fn pace(
    progress: &Progress,
    (since, before): (DateTime<Utc>, i64),
    now: DateTime<Utc>,
    language: Language,
) -> Option<String> {
    let (millis, ended) = ((now - since).num_milliseconds(), progress.ended() - before);
    if millis < 1_000 || ended <= 0 {
        return None;
    }
    let left = progress.waiting + progress.under_way;
    let rest = TimeDelta::milliseconds(left.saturating_mul(millis) / ended);
    #[expect(clippy::cast_precision_loss, reason = "a rate for display")]
    let rate = ended as f64 * 1_000.0 / millis as f64;
    let rate = measure(rate, language).unwrap_or_else(|| "0".to_owned());
    let rest = span(rest, language);
    let values = [("rate", Value::Text(rate.as_str())), ("span", Value::Text(rest.as_str()))];
    Some(say(language, "operate-cast-pace", &values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::campaign::{CampaignId, CampaignOptions, NewCampaign};

    #[test]
    fn spans_are_told_in_their_largest_whole_unit() {
        let of = |seconds| span(TimeDelta::seconds(seconds), Language::En);
        assert_eq!(of(-5), "0 s");
        assert_eq!((of(59), of(89), of(90)), ("59 s".into(), "89 s".into(), "2 min".into()));
        assert_eq!((of(5_399), of(5_400)), ("90 min".into(), "2 h".into()));
        assert_eq!(of(200_000), "2 d");
    }

    #[test]
    fn the_pace_is_what_had_a_result_since_it_began_to_count() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(100);
        let campaign = Campaign {
            new: NewCampaign {
                id: CampaignId("c".into()),
                title: "News".into(),
                wording: Default::default(),
                audience: Default::default(),
                options: CampaignOptions::default(),
                created_by: "test".into(),
            },
            state: CampaignState::Running,
            created_at: now,
            start_at: Some(now),
            stopped_at: None,
            done_at: None,
        };
        let far = Progress {
            recipients: 1_500,
            waiting: 900,
            sent: 590,
            dropped: 10,
            ..Progress::default()
        };
        let begun = Some((DateTime::UNIX_EPOCH + TimeDelta::seconds(80), 300));
        let text = super::progress(&campaign, &far, begun, now, Language::En);
        assert!(text.contains("590 of 1,500"), "{text}");
        assert!(text.contains("15/s") && text.contains("60 s"), "{text}");
        let text = super::progress(&campaign, &far, Some((now, 300)), now, Language::En);
        assert!(!text.contains("/s"), "nothing can be said yet: {text}");
    }
}
