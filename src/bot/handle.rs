//! One update from its bytes to its commit.
//!
//! ```text
//! parse ──► hold the chat ──► (a file: get it) ──► load_view ──► decide ──► commit_update ──► answer press, queue replies ──► done
//!   │                            ▲             │            │
//!   └─ poison: kept              └── Conflict ─┘ (8 rounds) └─ Repeat: nothing changes
//! ```
//!
//! - The work runs in its own task: a caller that hangs up or waits no longer (10 s) changes nothing about
//!   it. Otherwise a commit could be cut from its replies.
//! - A decision that panics is decided once more; the second panic makes the update poison, and the chat goes
//!   on.
//! - A record that does not answer makes the update [`Handled::Unavailable`]: Telegram keeps it and repeats.
//!   One that refuses the same update three times makes it poison.

mod asked;
mod limits;
mod outcome;
mod strikes;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use tokio_util::task::TaskTracker;

use super::counters;
use super::decide::{self, Decision};
use super::dialogues::audit;
use super::event::{self, Event, Poison, Update};
use super::files::Files;
use super::lanes::ReplyLanes;
use super::locks::ChatLocks;
use super::quota::{self, gate::Gate};
use super::rules::Rules;
use super::state::State;
use crate::clock::Clock;
use crate::domain::dialogue::Dialogue;
use crate::domain::pace::Limits;
use crate::domain::{ChatKind, NewDelivery, OwnerId};
use crate::store::{Committed, Db, DbError, Look, PoisonUpdate, UpdateCommit, View};
use crate::telegram::{BotIdentity, Messenger};
use strikes::Strikes;

pub use outcome::{Handled, Outcome};

/// How long the caller waits for one update.
pub const UPDATE_LIMIT: Duration = Duration::from_secs(10);
/// How long reading the view may take.
const VIEW_LIMIT: Duration = Duration::from_secs(5);
/// How long answering a press may take: nobody waits for it.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// How often an update is decided again: after a conflict, or after looking further.
const ROUNDS: usize = 8;
/// How much of a poison is kept, bytes.
const POISON_BYTES: usize = 64 * 1024;

/// The pure decision; a field so that tests can make it fail.
pub type Decide = fn(&Rules, &View, State, &Update, DateTime<Utc>) -> Decision;

/// What handling needs.
pub struct Deps {
    /// Who we are.
    pub bot: BotIdentity,
    /// The record.
    pub db: Arc<dyn Db>,
    /// Telegram, to answer presses.
    pub messenger: Arc<dyn Messenger>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// This process.
    pub owner: OwnerId,
    /// Limits under which replies take their slots.
    pub limits: Limits,
    /// Where replies go.
    pub lanes: Arc<ReplyLanes>,
    /// Reads files of watches.
    pub files: Files,
    /// What holds for every conversation.
    pub rules: Rules,
}

/// Handles updates.
pub struct Handler {
    deps: Deps,
    decide: Decide,
    locks: ChatLocks,
    strikes: Strikes,
    gate: Gate,
    tasks: TaskTracker,
}

/// An update with what poison needs of it.
struct Received {
    update: Update,
    body: Bytes,
    at: DateTime<Utc>,
}

impl Handler {
    /// A handler with the bot's own decisions.
    pub fn new(deps: Deps) -> Arc<Self> {
        Self::deciding_by(deps, decide::decide)
    }

    /// A handler with other decisions, to see what happens when they fail.
    pub fn deciding_by(deps: Deps, decide: Decide) -> Arc<Self> {
        let (locks, strikes, gate, tasks) = Default::default();
        Arc::new(Self { deps, decide, locks, strikes, gate, tasks })
    }

    /// Handles the body of one update; a press is answered by a call of ours.
    pub async fn handle(self: &Arc<Self>, body: Bytes) -> Handled {
        let outcome = self.handle_call(body).await;
        let handled = outcome.handled;
        self.answer(outcome);
        handled
    }

    /// Handles the body of one update; the caller answers a press.
    pub async fn handle_call(self: &Arc<Self>, body: Bytes) -> Outcome {
        let started = Instant::now();
        let at = self.deps.clock.now();
        let (kind, outcome) = match event::parse(&body, &self.deps.bot.username) {
            Ok(update) => (update.kind, self.run(Received { update, body, at }).await),
            Err(poison) => ("poison", self.keep(poison, &body, at).await.into()),
        };
        counters::update(kind, outcome.handled.as_str(), started.elapsed());
        outcome
    }

    /// Waits for all begun work, then for the replies.
    pub async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.deps.lanes.finish().await;
    }

    async fn run(self: &Arc<Self>, received: Received) -> Outcome {
        if matches!(received.update.event, Event::Ignored { .. }) {
            return Handled::Ignored.into();
        }
        if let Some(stopped) = self.at_the_gate(&received) {
            return stopped;
        }
        let id = received.update.id;
        let handler = Arc::clone(self);
        let (give, taken) = oneshot::channel();
        self.tasks.spawn(async move {
            // A caller that has gone meanwhile answers no press.
            if let Err(outcome) = give.send(handler.apply(received).await) {
                handler.answer(outcome);
            }
        });
        match timeout(UPDATE_LIMIT, taken).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => {
                counters::error("handler_panic");
                tracing::error!(update = id, "handling an update panicked; it will come again");
                Handled::Unavailable.into()
            }
            Err(_) => {
                counters::error("timeout");
                tracing::error!(update = id, "an update took longer than 10 s; it will come again");
                Handled::Unavailable.into()
            }
        }
    }

    async fn apply(self: &Arc<Self>, mut received: Received) -> Outcome {
        if let Event::PreCheckout { id } = &received.update.event {
            return self.refuse_checkout(id, &received).await.into();
        }
        let _held = match received.update.place {
            Some(place) => Some(self.locks.hold(place.chat).await),
            None => None,
        };
        self.read_file(&mut received.update).await;
        let received = &received;
        let (mut panics, mut look) = (0, Look::default());
        for _ in 0..ROUNDS {
            let view = match self.view(&received.update, &look).await {
                Ok(view) => view,
                Err(error) => return self.trouble(error, received).await.into(),
            };
            let before = State::of(view.dialogue.as_ref(), received.at);
            let Some(decision) = self.decide(&view, before.clone(), received) else {
                panics += 1;
                if panics < 2 {
                    continue;
                }
                let reason = "deciding panicked twice".to_owned();
                return self.make_poison(received, reason).await.into();
            };
            if let Some(more) = decision.look {
                look = *more;
                continue;
            }
            if !decision.writes(&before) {
                let handled = self.without_commit(decision.refused, &received.update);
                return Outcome::answering(handled, decision.answer);
            }
            let commit = self.commit(&view, &decision, received);
            match self.deps.db.commit_update(&commit).await {
                Ok(Committed::Applied { replies }) => {
                    audit::log(&commit);
                    self.deps.lanes.push(replies);
                    return Outcome::answering(Handled::Applied, decision.answer);
                }
                Ok(Committed::Repeat) => {
                    return Outcome::answering(Handled::Repeat, decision.answer);
                }
                Ok(Committed::Conflict) => {}
                Ok(Committed::Refused(over)) => return self.limit(&view, &over, received).await,
                Err(error) => return self.trouble(error, received).await.into(),
            }
        }
        counters::error("conflict");
        let update = received.update.id;
        tracing::warn!(update, "the conversation moved on {ROUNDS} times; the update comes again");
        Handled::Unavailable.into()
    }

    /// Reads a file of watches that somebody sent to us alone. Nothing is written before: a crash on the way brings
    /// the update again, and the file with it.
    async fn read_file(&self, update: &mut Update) {
        let is_private = update.place.is_some_and(|place| place.kind == ChatKind::Private);
        if let (Event::Document { file, .. }, true) = (&mut update.event, is_private) {
            file.body = self.deps.files.read(&*self.deps.messenger, file).await;
        }
    }

    async fn view(&self, update: &Update, look: &Look) -> Result<View, DbError> {
        let Some(request) = asked::request(update, look) else { return Ok(View::default()) };
        let late = || DbError::Unavailable("reading the conversation took longer than 5 s".into());
        timeout(VIEW_LIMIT, self.deps.db.load_view(&request)).await.unwrap_or_else(|_| Err(late()))
    }

    fn decide(&self, view: &View, before: State, received: &Received) -> Option<Decision> {
        let decide = self.decide;
        let decided = catch_unwind(AssertUnwindSafe(|| {
            decide(&self.deps.rules, view, before, &received.update, received.at)
        }));
        if decided.is_err() {
            counters::error("decide_panic");
            let (update, kind) = (received.update.id, received.update.kind);
            tracing::error!(update, kind, "deciding panicked");
        }
        decided.ok()
    }

    fn commit(&self, view: &View, decision: &Decision, received: &Received) -> UpdateCommit {
        let update = &received.update;
        let reply = |(position, reply): (usize, &decide::Reply)| {
            let (target, message) = (reply.target, reply.message.clone());
            let (chat, thread) = (target.chat, target.thread);
            let now = received.at;
            NewDelivery::reply(update.id, position, chat, thread, reply.language, message, now)
        };
        UpdateCommit {
            bot: self.deps.bot.id,
            update: update.id,
            kind: update.kind.to_owned(),
            received_at: received.at,
            dialogue: dialogue(view, &decision.state, update, received.at),
            effects: decision.effects.clone(),
            replies: decision.replies.iter().enumerate().map(reply).collect(),
            owner: self.deps.owner.clone(),
            limits: self.deps.limits,
            dues: quota::dues(&self.deps.rules, view, update, decision, received.at),
        }
    }

    fn without_commit(&self, refused: bool, update: &Update) -> Handled {
        if !refused {
            return Handled::Ignored;
        }
        let user = update.who.as_ref().map(|who| who.id.0);
        tracing::info!(update = update.id, user, "a button was pressed by somebody else");
        Handled::Refused
    }

    /// Ends a spinner. Losing the answer is harmless, so nobody waits for it.
    fn answer(&self, outcome: Outcome) {
        let Some(answer) = outcome.answer.filter(|_| !outcome.is_cheap) else { return };
        let messenger = Arc::clone(&self.deps.messenger);
        self.tasks.spawn(async move {
            let call = messenger.answer_callback(&answer.id, answer.note.as_deref(), answer.alert);
            if let Ok(Err(error)) = timeout(ANSWER_LIMIT, call).await {
                tracing::debug!(%error, "a press was not answered");
            }
        });
    }

    async fn trouble(&self, error: DbError, received: &Received) -> Handled {
        counters::error("store");
        let update = received.update.id;
        tracing::error!(%error, update, "an update could not be committed; it comes again");
        let is_final = matches!(error, DbError::Broken(_)) && self.strikes.is_out(update);
        if is_final {
            return self.make_poison(received, format!("refused again and again: {error}")).await;
        }
        Handled::Unavailable
    }

    async fn make_poison(&self, received: &Received, reason: String) -> Handled {
        let poison = Poison { update: Some(received.update.id), reason };
        self.keep(poison, &received.body, received.at).await
    }

    async fn keep(&self, poison: Poison, body: &[u8], received_at: DateTime<Utc>) -> Handled {
        counters::error("poison");
        let record = PoisonUpdate {
            bot: self.deps.bot.id,
            update: poison.update,
            received_at,
            body: body[..body.len().min(POISON_BYTES)].to_vec(),
            reason: poison.reason,
        };
        let late = || DbError::Unavailable("keeping it took longer than 10 s".to_owned());
        let keeping = timeout(UPDATE_LIMIT, self.deps.db.keep_poison(&record)).await;
        match keeping.unwrap_or_else(|_| Err(late())) {
            Ok(()) => {
                let (update, reason) = (record.update, record.reason);
                tracing::warn!(update, reason, "an update cannot be used and is kept");
                Handled::Poison
            }
            Err(error) => {
                tracing::error!(%error, "an unusable update could not be kept; it comes again");
                Handled::Unavailable
            }
        }
    }
}

/// The conversation after the decision. What nobody said changes no conversation.
fn dialogue(view: &View, state: &State, update: &Update, at: DateTime<Utc>) -> Option<Dialogue> {
    if matches!(update.event, Event::Membership { .. } | Event::Migrated { .. }) {
        return None;
    }
    let (place, who) = (update.place?, update.who.as_ref().filter(|who| !who.is_bot)?);
    let version = view.dialogue.as_ref().map_or(0, |dialogue| dialogue.version);
    Some(Dialogue { chat: place.chat, user: who.id, state: state.to_json(), at, version })
}
