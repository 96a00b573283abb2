//! The loop that empties the outbox.
//!
//! 1. While places are free, claim deliveries: the intent and the slot under the limits are committed before
//!    anything else happens; the store hands out one per chat.
//! 2. Each claimed delivery waits for its slot in a task of its own, so a late slot holds nobody else.
//! 3. It is attempted once, with its fall-backs, and its end is settled; then its place is free again.
//! 4. Nothing to claim: sleep until the next due time, a nudge from this process, or half a second, since other
//!    processes write too.
//! 5. The brake stops claiming when many chats are refused, nobody is reached, or the token is wrong.
//! 6. Quiet: claim nothing new and finish what is in flight. Cut: what has not begun goes back, what is under
//!    way is settled as a doubt.
//!
//! A process that dies anywhere after a claim leaves rows that are `sending`; [`super::recovery`] finds them.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use tokio::task::JoinSet;

use super::brake::Brake;
use super::depart::{Departures, deliver};
use super::desk::Desk;
use super::render::Renderer;
use super::report::tell;
use super::settle::{Settler, count};
use super::wake::Wake;
use crate::config;
use crate::context::Context;
use crate::domain::delivery::{Claimed, Settlement};
use crate::domain::pace::{Limits, Paid};
use crate::domain::{ChatId, Class};
use crate::shutdown::Stage;
use crate::store::{ClaimRequest, DbError};
use crate::telegram::{PhotoSource, SendError};

/// The shortest time between two looks at an outbox that had nothing.
const SHORTEST_LOOK: TimeDelta = TimeDelta::milliseconds(50);

/// What a sender is told.
#[derive(Clone)]
pub struct SenderOptions {
    /// Claimed and unsettled deliveries at most; a kill leaves at most this many doubts.
    pub in_flight: usize,
    /// The limits that all processes keep together.
    pub limits: Limits,
    /// Slots later than this are left for a later claim.
    pub horizon: Duration,
    /// The longest time between two looks at the outbox.
    pub poll: Duration,
    /// Only these classes; empty means all.
    pub classes: Vec<Class>,
    /// What attempts share: words, pictures and the names that Telegram has for them.
    pub desk: Arc<Desk>,
    /// Nudges from this process.
    pub wake: Wake,
}

impl SenderOptions {
    /// Options of the configuration, for all classes.
    pub fn new(config: &config::Deliver, photos: Arc<dyn PhotoSource>, wake: Wake) -> Self {
        Self {
            in_flight: config.in_flight.max(1),
            limits: limits(config),
            horizon: Duration::from_millis(250),
            poll: Duration::from_millis(500),
            classes: vec![],
            desk: Arc::new(Desk::new(Renderer::default(), photos)),
            wake,
        }
    }
}

/// The limits of the configuration.
pub fn limits(config: &config::Deliver) -> Limits {
    let paid = Paid::new(config.paid_per_second, config.paid_stars);
    match Limits::per_second(config.per_second) {
        Limits::OFF => Limits::OFF,
        limits => Limits { paid, ..limits },
    }
}

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Attempted and settled this many.
    Did(usize),
    /// Nothing can be claimed before this moment, or nothing waits at all.
    NothingUntil(Option<DateTime<Utc>>),
}

/// Claims once, sends what was claimed at its slots, settles it. Tests and commands call it until there is
/// nothing; [`run`] is the same without waiting for the slowest.
pub async fn step(context: &Context, options: &SenderOptions) -> Result<Step, DbError> {
    let claimed = claim(context, options, options.in_flight, options.limits).await?;
    if claimed.is_empty() {
        return Ok(Step::NothingUntil(context.db.next_delivery_at().await?));
    }
    let attempts =
        join_all(claimed.iter().map(|claimed| deliver(context, &options.desk, None, claimed)))
            .await;
    let settlements: Vec<Settlement> =
        attempts.into_iter().map(|attempt| attempt.settlement).collect();
    count(&context.db.settle_deliveries(&settlements, context.clock.now()).await?);
    Ok(Step::Did(settlements.len()))
}

/// Empties the outbox until the process goes down.
pub async fn run(context: &Context, options: SenderOptions) {
    let (settler, settling) = Settler::start(
        Arc::clone(&context.db),
        Arc::clone(&context.clock),
        context.shutdown.clone(),
    );
    let departures = Arc::new(Departures::new(&options.limits));
    let sender = Sender {
        look_at: context.clock.now(),
        context: context.clone(),
        options,
        settler,
        sends: JoinSet::new(),
        departures,
        brake: Brake::default(),
        backlog: true,
        store_down: false,
    };
    sender.run().await;
    // The sender held the last handle of the queue, so the settling task has ended or is about to.
    if let Err(error) = settling.await {
        tracing::error!(%error, "the task that settles deliveries broke");
    }
}

/// Waits for the slot of a claimed delivery, sends it and settles it; answers what Telegram said last when it
/// was no. For those who claim by other ways, such as the replies of an update.
pub async fn send_and_settle(
    context: &Context,
    desk: &Desk,
    settler: &Settler,
    claimed: &Claimed,
) -> Option<SendError> {
    let attempt = deliver(context, desk, None, claimed).await;
    settler.settle(attempt.settlement).await;
    attempt.error
}

/// A send that is over.
struct Finished {
    chat: ChatId,
    error: Option<SendError>,
}

struct Sender {
    context: Context,
    options: SenderOptions,
    settler: Settler,
    sends: JoinSet<Finished>,
    departures: Arc<Departures>,
    brake: Brake,
    /// When to look at the outbox again.
    look_at: DateTime<Utc>,
    /// The last claim filled all places: there is probably more.
    backlog: bool,
    store_down: bool,
}

impl Sender {
    async fn run(mut self) {
        while self.context.shutdown.is_running() || !self.sends.is_empty() {
            let running = self.context.shutdown.is_running();
            if running {
                self.probe().await;
                self.claim_more().await;
            }
            metrics::gauge!("magpie_deliveries_in_flight").set(self.sends.len() as f64);
            let pause = self.pause();
            tokio::select! {
                Some(done) = self.sends.join_next() => {
                    self.finished(done);
                    while let Some(done) = self.sends.try_join_next() {
                        self.finished(done);
                    }
                    self.look_at = self.context.clock.now();
                }
                () = self.options.wake.woken(), if running => {
                    self.look_at = self.context.clock.now();
                }
                () = tokio::time::sleep(pause), if running => {}
                () = self.context.shutdown.reached(Stage::Quiet), if running => {}
            }
        }
        metrics::gauge!("magpie_deliveries_in_flight").set(0.0);
    }

    fn free_places(&self) -> usize {
        self.options.in_flight.saturating_sub(self.sends.len())
    }

    /// Until the next look, or a while when only a finished send can change anything.
    fn pause(&self) -> Duration {
        let now = self.context.clock.now();
        if self.free_places() == 0 {
            return self.options.poll;
        }
        let at = self.brake.holds(now).map_or(self.look_at, |until| until.max(self.look_at));
        // A nudge or another clock may shorten it; a longer sleep than the poll only misses those.
        (at - now).to_std().unwrap_or_default().clamp(Duration::from_millis(1), self.options.poll)
    }

    async fn claim_more(&mut self) {
        let now = self.context.clock.now();
        let free = self.free_places();
        if free == 0 || now < self.look_at || self.brake.holds(now).is_some() {
            return;
        }
        match self.claim_due(free, now).await {
            Ok(claimed) => {
                if std::mem::take(&mut self.store_down) {
                    tracing::info!("the sender reaches the database again");
                }
                self.backlog = claimed.len() == free;
                for claimed in claimed {
                    self.start(claimed);
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut self.store_down, true) {
                    tracing::error!(%error, "the sender cannot claim deliveries; it asks again until it can");
                }
                self.look_at = now + TimeDelta::seconds(1);
            }
        }
    }

    /// Claims what is due, and sets the time of the next look. Reading the next due time first spares an idle
    /// sender a write transaction for each look.
    async fn claim_due(
        &mut self,
        free: usize,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claimed>, DbError> {
        let poll = TimeDelta::from_std(self.options.poll).unwrap_or(SHORTEST_LOOK);
        let horizon = TimeDelta::from_std(self.options.horizon).unwrap_or_default();
        self.look_at = now + poll;
        if !self.backlog {
            match self.context.db.next_delivery_at().await? {
                Some(at) if at <= now + horizon => {}
                Some(at) => {
                    self.look_at = (at - horizon).clamp(now + SHORTEST_LOOK, now + poll);
                    return Ok(vec![]);
                }
                None => return Ok(vec![]),
            }
        }
        if !self.context.shutdown.is_running() {
            return Ok(vec![]);
        }
        let limits = self.brake.limits(self.options.limits, now);
        let claimed = claim(&self.context, &self.options, free, limits).await?;
        self.look_at = now + if claimed.len() == free { TimeDelta::zero() } else { SHORTEST_LOOK };
        Ok(claimed)
    }

    fn start(&mut self, claimed: Claimed) {
        let context = self.context.clone();
        let desk = Arc::clone(&self.options.desk);
        let settler = self.settler.clone();
        let departures = Arc::clone(&self.departures);
        self.sends.spawn(async move {
            let attempt = deliver(&context, &desk, Some(&departures), &claimed).await;
            settler.settle(attempt.settlement).await;
            Finished { chat: claimed.delivery.new.chat, error: attempt.error }
        });
    }

    fn finished(&mut self, done: Result<Finished, tokio::task::JoinError>) {
        match done {
            Ok(done) => {
                let now = self.context.clock.now();
                tell(self.brake.note(done.chat, done.error.as_ref(), now));
            }
            Err(error) => {
                tracing::error!(%error, "a send broke off; its delivery will be found in doubt");
            }
        }
    }

    /// While the token is refused, asks from time to time whether it is good again.
    async fn probe(&mut self) {
        if !self.brake.probe_due(self.context.clock.now()) {
            return;
        }
        let answer = tokio::select! {
            answer = self.context.messenger.get_me() => answer,
            () = self.context.shutdown.reached(Stage::Quiet) => return,
        };
        tell(self.brake.note_probe(answer.is_ok(), self.context.clock.now()));
    }
}

async fn claim(
    context: &Context,
    options: &SenderOptions,
    limit: usize,
    limits: Limits,
) -> Result<Vec<Claimed>, DbError> {
    let request = ClaimRequest {
        owner: context.owner.clone(),
        now: context.clock.now(),
        limit,
        limits,
        horizon: options.horizon,
        classes: options.classes.clone(),
    };
    context.db.claim_deliveries(&request).await
}
