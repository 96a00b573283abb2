//! The pump of broadcasts: writes the audience down, then keeps a few seconds' worth of deliveries in the outbox.
//!
//! ```text
//! every half second, for each broadcast that is started:
//!   freezing ──► the next 1,000 recipients become rows, again and again until all are
//!   running  ──► deliveries until `ahead` of them wait; nobody left ──► done
//! ```
//!
//! The messages that show how far they are come after it, see [`progress`]. Each step is one transaction that looks at the state of the broadcast first, so several processes may pump at
//! once, a crash loses nothing but time, and a stop is obeyed by the next step.

use std::time::Duration;

use super::progress;
use crate::context::Context;
use crate::deliver::wake::Wake;
use crate::domain::campaign::{Campaign, CampaignState};
use crate::shutdown::Stage;
use crate::store::{Db, DbError};

/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// Recipients that are written in one transaction.
const FREEZE: usize = 1_000;

/// Broadcasts that are pumped in one round.
const BROADCASTS: u32 = 100;

/// How many deliveries wait ahead of the senders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    /// Of a broadcast within the free limits.
    pub free: usize,
    /// Of one that is paid for.
    pub paid: usize,
}

impl Ahead {
    /// Four seconds' worth: more than a round needs, and little enough to be withdrawn at once.
    pub fn of(per_second: f64, paid_per_second: f64) -> Self {
        Self { free: seconds(per_second), paid: seconds(paid_per_second.max(per_second)) }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped first")]
fn seconds(per_second: f64) -> usize {
    // Without a limit the machine is the limit.
    let rate = if per_second > 0.0 { per_second } else { 2_000.0 };
    (rate * 4.0).clamp(60.0, 10_000.0) as usize
}

/// One round over all broadcasts that are started; answers how many deliveries were written.
pub async fn step(db: &dyn Db, context: &Context, ahead: Ahead) -> Result<u64, DbError> {
    let started = [CampaignState::Freezing, CampaignState::Running];
    let mut queued = 0;
    for campaign in db.campaigns(&started, BROADCASTS).await? {
        if !context.shutdown.is_running() {
            break;
        }
        queued += pump(db, context, &campaign, ahead).await?;
    }
    Ok(queued)
}

async fn pump(
    db: &dyn Db,
    context: &Context,
    campaign: &Campaign,
    ahead: Ahead,
) -> Result<u64, DbError> {
    let id = &campaign.new.id;
    while campaign.state == CampaignState::Freezing && context.shutdown.is_running() {
        let frozen = db.freeze_recipients(id, FREEZE, context.clock.now()).await?;
        if frozen.complete {
            tracing::info!(broadcast = %id, "the audience is frozen; the broadcast runs");
        }
        if frozen.complete || frozen.added == 0 {
            break;
        }
    }
    let ahead = if campaign.new.options.paid { ahead.paid } else { ahead.free };
    let queued = db.queue_recipients(id, ahead, context.clock.now()).await?;
    if queued.done {
        let progress = db.campaign_progress(id).await?;
        tracing::info!(
            broadcast = %id,
            sent = progress.sent,
            dropped = progress.dropped,
            unknown = progress.unknown,
            dead = progress.dead,
            "the broadcast is done"
        );
    }
    Ok(queued.queued)
}

/// A step of all broadcasts, and the edits of the messages that show how far they are; answers what was written.
async fn round(context: &Context, ahead: Ahead) -> Result<u64, DbError> {
    let queued = step(&*context.db, context, ahead).await?;
    Ok(queued + progress::step(&*context.db, context.clock.now()).await?)
}

/// Pumps until the process goes down; `wake` tells the sender that there is work.
pub async fn run(context: &Context, ahead: Ahead, wake: Wake) {
    let mut store_down = false;
    while context.shutdown.is_running() {
        match round(context, ahead).await {
            Ok(queued) => {
                store_down = false;
                if queued > 0 {
                    wake.wake();
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut store_down, true) {
                    tracing::error!(%error, "broadcasts wait for the database");
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = context.shutdown.reached(Stage::Quiet) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_seconds_are_queued_ahead() {
        assert_eq!(Ahead::of(30.0, 0.0), Ahead { free: 120, paid: 120 });
        assert_eq!(Ahead::of(1.0, 1_000.0), Ahead { free: 60, paid: 4_000 });
        assert_eq!(Ahead::of(0.0, 0.0), Ahead { free: 8_000, paid: 8_000 });
        assert_eq!(Ahead::of(f64::NAN, 0.0).free, 8_000);
    }
}
