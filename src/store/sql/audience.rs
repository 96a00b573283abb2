//! An [`Audience`] as a condition on chats.

use chrono::{DateTime, TimeDelta, Utc};

use super::engine::ms;
use super::statement::{Bound, Query};
use crate::domain::campaign::Audience;

/// Chats that belong to an audience, with their languages.
#[derive(Debug)]
pub(crate) struct Condition {
    text: String,
    values: Vec<Bound<'static>>,
}

impl Condition {
    /// `SELECT c.id, … AS language FROM chats c … WHERE …`, to be narrowed further with `AND`.
    pub fn select(&self) -> String {
        format!(
            "SELECT c.id AS id, COALESCE(u.language, (SELECT MIN(w.language) FROM watches w \
             WHERE w.chat = c.id), 'en') AS language FROM chats c \
             LEFT JOIN users u ON u.id = c.id \
             WHERE c.active = 1 AND c.migrated_to IS NULL AND COALESCE(u.banned, 0) = 0{}",
            self.text
        )
    }

    /// Gives a statement the values of the condition, behind those it has.
    pub fn bind<'q>(self, query: Query<'q>) -> Query<'q> {
        self.values.into_iter().fold(query, Query::bind)
    }

    /// Another value; answers its place.
    fn value(&mut self, first: usize, value: impl Into<Bound<'static>>) -> String {
        self.values.push(value.into());
        format!("${}", first + self.values.len() - 1)
    }

    fn list<V: Into<Bound<'static>>>(
        &mut self,
        first: usize,
        values: impl IntoIterator<Item = V>,
    ) -> String {
        let places: Vec<String> =
            values.into_iter().map(|value| self.value(first, value)).collect();
        places.join(", ")
    }
}

/// The condition of `audience` at `now`; its values take the places from `first`.
pub(crate) fn condition(audience: &Audience, now: DateTime<Utc>, first: usize) -> Condition {
    let mut all = Condition { text: String::new(), values: vec![] };
    let kinds = all.list(first, audience.kinds().into_iter().map(|kind| kind.as_str().to_owned()));
    all.text.push_str(&format!(" AND c.kind IN ({kinds})"));
    if !audience.languages.is_empty() {
        let languages = audience.languages.iter().map(|language| language.code().to_owned());
        let places = all.list(first, languages);
        all.text.push_str(&format!(
            " AND COALESCE(u.language, (SELECT MIN(w.language) FROM watches w \
             WHERE w.chat = c.id), 'en') IN ({places})"
        ));
    }
    if !audience.plans.is_empty() || audience.with_plan || audience.without_plan {
        let now = all.value(first, ms(now));
        let plans = all.list(first, audience.plans.iter().cloned());
        let (not, plans) = if audience.without_plan {
            ("NOT ", String::new())
        } else if plans.is_empty() {
            ("", String::new())
        } else {
            ("", format!(" AND e.plan IN ({plans})"))
        };
        all.text.push_str(&format!(
            " AND {not}EXISTS (SELECT 1 FROM entitlements e \
             WHERE e.user_id = c.id AND e.since <= {now} AND e.until > {now}{plans})"
        ));
    }
    for (days, sign) in [(audience.inactive_days, "<="), (audience.active_days, ">")] {
        if let Some(days) = days {
            let since = all.value(first, ms(now - TimeDelta::days(i64::from(days))));
            all.text.push_str(&format!(" AND c.heard_at {sign} {since}"));
        }
    }
    if let Some(watching) = audience.watching {
        let not = if watching { "" } else { "NOT " };
        all.text
            .push_str(&format!(" AND {not}EXISTS (SELECT 1 FROM watches w WHERE w.chat = c.id)"));
    }
    if !audience.chats.is_empty() {
        let chats = all.list(first, audience.chats.iter().map(|chat| chat.0));
        all.text.push_str(&format!(" AND c.id IN ({chats})"));
    }
    all
}
