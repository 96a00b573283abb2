//! Updates that are not heard: the person asks too much, or wants to pay for what nobody ordered.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::{Handled, Handler, Outcome, Received};
use crate::bot::decide::Answer;
use crate::bot::event::{Event, Update};
use crate::bot::quota::gate::Passage;
use crate::bot::state::State;
use crate::bot::{checkout, counters, quota};
use crate::store::{Committed, Dues, Overdrawn, UpdateCommit, View};

/// How long answering somebody who is about to pay may take; Telegram itself waits 10 s.
const CHECKOUT_LIMIT: Duration = Duration::from_secs(3);

impl Handler {
    /// Whether an update ends at the gate in memory. Nothing of it is kept there: whoever floods us is not heard.
    pub(super) fn at_the_gate(&self, received: &Received) -> Option<Outcome> {
        let (rules, update) = (&self.deps.rules, &received.update);
        let (user, act) = (quota::payer(rules, update)?, quota::act(&update.event)?);
        let now = received.at.timestamp_micros();
        let passage = self.gate.pass(&rules.quotas, user, act, now);
        let answer = match passage {
            Passage::Open => return None,
            Passage::Empty => press(update).map(quota::silent),
            Passage::Flood { first, wait } => press(update).map(|id| {
                let language = quota::language(&View::default(), update);
                let note = first.then(|| quota::sentence(language, act, wait));
                Answer { alert: first, note, ..quota::silent(id) }
            }),
        };
        counters::limited(act.as_str());
        // Freeing a flooder of every spinner by a call each would make their flood ours.
        let is_cheap = matches!(passage, Passage::Flood { first: false, .. });
        Some(Outcome { handled: Handled::Limited, answer, is_cheap })
    }

    /// The record has refused an update: it is said once, in a commit of its own, and then the gate is closed until
    /// there is room again.
    pub(super) async fn limit(
        self: &Arc<Self>,
        view: &View,
        over: &Overdrawn,
        received: &Received,
    ) -> Outcome {
        let update = &received.update;
        counters::limited(over.act.as_str());
        let Some(user) = quota::payer(&self.deps.rules, update) else {
            return Handled::Limited.into();
        };
        let state = State::of(view.dialogue.as_ref(), received.at);
        let refusal = quota::refusal(view, state.clone(), update, over, received.at);
        let mut answer = refusal.answer.clone();
        if !over.told {
            let commit = self.commit(view, &refusal, received);
            let dues = Dues::Telling { user, act: over.act };
            let commit = UpdateCommit { dialogue: None, dues, ..commit };
            match self.deps.db.commit_update(&commit).await {
                Ok(Committed::Applied { replies }) => self.deps.lanes.push(replies),
                // Another process was quicker.
                Ok(_) => answer = press(update).map(quota::silent),
                Err(error) => return self.trouble(error, received).await.into(),
            }
        }
        if Some(over.act) == quota::act(&update.event) {
            self.gate.close(user, over.act, over.again_at.timestamp_micros());
        }
        Outcome::answering(Handled::Limited, answer)
    }

    /// Nobody can have ordered anything: says so in time. What cannot be said is tried again when Telegram asks again.
    pub(super) async fn refuse_checkout(&self, id: &str, received: &Received) -> Handled {
        let language = quota::language(&View::default(), &received.update);
        let text = checkout::unknown_order(language);
        let answering = self.deps.messenger.answer_checkout(id, Some(&text));
        match timeout(CHECKOUT_LIMIT, answering).await {
            Ok(Ok(())) => {
                counters::checkout_refused();
                Handled::Refused
            }
            Ok(Err(error)) => {
                let update = received.update.id;
                tracing::error!(%error, update, "somebody who is about to pay was not answered");
                Handled::Unavailable
            }
            Err(_) => {
                let update = received.update.id;
                tracing::error!(update, "answering somebody who is about to pay took over 3 s");
                Handled::Unavailable
            }
        }
    }
}

/// Id of the press that an update is.
fn press(update: &Update) -> Option<&str> {
    match &update.event {
        Event::Press { id, .. } => Some(id),
        _ => None,
    }
}
