//! Misbehaviour on order: which calls go wrong, and how.
//!
//! A rule has a match and an action. Of all rules whose match fires for a call, the oldest decides;
//! every rule counts what it saw and how often it fired.

use serde::{Deserialize, Serialize};

/// Which calls a rule is about. Everything that is given must fit.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// Method, in any case; absent: every method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Bot id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bot: Option<i64>,
    /// `chat_id` of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<i64>,
    /// Only the n-th fitting call, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// This share of the fitting calls, 0–1; the choice repeats from run to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// At most so often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
}

/// When a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cut {
    /// Nothing was processed.
    Before,
    /// The call was processed, the answer is lost.
    After,
}

/// A fixed refusal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedError {
    /// HTTP status and `error_code`.
    pub code: u16,
    /// The whole description.
    pub description: String,
}

/// What happens to a call. A delay combines with any other action.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Action {
    /// Waits before the call is processed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<i64>,
    /// Refuses with 429 and these seconds; nothing is processed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<i64>,
    /// Answers with this HTTP status (5xx); nothing is processed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// With `status`: the body is a web page, as from a gateway, instead of an envelope.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub html: bool,
    /// Resets the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset: Option<Cut>,
    /// Processes the call and never answers; the connection stays open for `hold_ms`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub eat_answer: bool,
    /// How long an eaten answer keeps the connection (100 s).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_ms: Option<i64>,
    /// The person of the chat blocks the bot before the call is processed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub block: bool,
    /// Refuses with this error; nothing is processed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<FixedError>,
}

/// A rule as it is posted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRule {
    /// Which calls; absent: all.
    #[serde(default, rename = "match")]
    pub fits: Match,
    /// What happens.
    pub action: Action,
}

/// A rule with its counts.
#[derive(Clone, Debug, Serialize)]
pub struct Rule {
    /// Number, from 1.
    pub id: u64,
    /// Which calls.
    #[serde(rename = "match")]
    pub fits: Match,
    /// What happens.
    pub action: Action,
    /// Calls that fitted.
    pub seen: u64,
    /// Calls to which it happened.
    pub hits: u64,
}

/// All rules in force.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Rule>,
    last: u64,
}

impl Faults {
    /// Adds a rule and gives its number.
    pub fn add(&mut self, new: NewRule) -> u64 {
        self.last += 1;
        let rule = Rule { id: self.last, fits: new.fits, action: new.action, seen: 0, hits: 0 };
        self.rules.push(rule);
        self.last
    }

    /// Removes one rule, or all.
    pub fn clear(&mut self, id: Option<u64>) {
        self.rules.retain(|rule| id.is_some_and(|id| rule.id != id));
    }

    /// The rules in force.
    pub fn list(&self) -> &[Rule] {
        &self.rules
    }

    /// Counts a call and says what is to happen to it, with the number of the rule.
    pub fn judge(&mut self, bot: i64, method: &str, chat: Option<i64>) -> Option<(u64, Action)> {
        let mut decided = None;
        for rule in &mut self.rules {
            if !rule.fits.is_about(bot, method, chat) {
                continue;
            }
            rule.seen += 1;
            if decided.is_none() && rule.fires() {
                rule.hits += 1;
                decided = Some((rule.id, rule.action.clone()));
            }
        }
        decided
    }
}

impl Match {
    fn is_about(&self, bot: i64, method: &str, chat: Option<i64>) -> bool {
        self.method.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(method))
            && self.bot.is_none_or(|id| id == bot)
            && self.chat.is_none_or(|id| chat == Some(id))
    }
}

impl Rule {
    fn fires(&self) -> bool {
        self.fits.nth.is_none_or(|nth| nth == self.seen)
            && self.fits.times.is_none_or(|times| self.hits < times)
            && self.fits.rate.is_none_or(|rate| share(self.id, self.seen) < rate)
    }
}

/// An even spread over 0–1 that depends only on rule and call number.
fn share(rule: u64, call: u64) -> f64 {
    let mut mixed =
        rule.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ call.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let top = u32::try_from(mixed >> 32).unwrap_or(0);
    f64::from(top) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: serde_json::Value) -> NewRule {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn the_nth_call_is_counted_among_the_fitting_ones() {
        let mut faults = Faults::default();
        faults.add(rule(serde_json::json!({
            "match": {"method": "sendmessage", "chat": 7, "nth": 2}, "action": {"retry_after": 3}})));
        assert!(faults.judge(1, "sendMessage", Some(7)).is_none());
        assert!(faults.judge(1, "sendMessage", Some(8)).is_none());
        assert!(faults.judge(1, "sendMessage", Some(7)).is_some());
        assert!(faults.judge(1, "sendMessage", Some(7)).is_none());
        assert_eq!((faults.list()[0].seen, faults.list()[0].hits), (3, 1));
    }

    #[test]
    fn a_rate_hits_about_its_share() {
        let mut faults = Faults::default();
        faults.add(rule(serde_json::json!({"match": {"rate": 0.25}, "action": {"status": 502}})));
        let hits = (0..1_000).filter(|_| faults.judge(1, "getMe", None).is_some()).count();
        assert!((200..300).contains(&hits), "{hits}");
    }
}
