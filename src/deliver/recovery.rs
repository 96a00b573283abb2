//! Takes back what a dead process held.
//!
//! Every process that claims holds a lock on its instance file; the system releases it at any kind of death.
//! A free lock is proof, a silent process is not: no timer decides over somebody who may still be alive.
//! What the dead one was sending goes to doubt, and each such delivery is named in the log. What it had claimed and
//! not begun goes back as if it had never been claimed ([`crate::store::begun`] says which).

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::context::Context;
use crate::domain::delivery::{Outcome, Settlement};
use crate::domain::{DeliveryState, OwnerId};
use crate::shutdown::Stage;
use crate::store::begun::Begun;
use crate::store::lock::InstanceLock;
use crate::store::{Buried, Db, DbError, DeliveryFilter, Instance};

/// Time between two looks at the instances.
const EVERY: Duration = Duration::from_secs(5);

/// More than all processes together hold at a time.
const MOST_HELD: u32 = 10_000;

/// What the lock file of an instance says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Somebody holds the lock.
    Alive,
    /// The lock is free, or the file is gone with its owner.
    Dead,
    /// The file cannot be asked: judge nobody.
    Unclear,
}

/// The instances to be buried: not us, and proved dead. Pure.
pub fn to_bury<'a>(
    instances: &'a [Instance],
    own: &OwnerId,
    life: impl Fn(&Instance) -> Life,
) -> Vec<&'a Instance> {
    instances
        .iter()
        .filter(|instance| instance.owner != *own && life(instance) == Life::Dead)
        .collect()
}

/// Asks the lock file of `instance`.
fn life_of(instance: &Instance) -> Life {
    match InstanceLock::is_held(Path::new(&instance.lock_path)) {
        Ok(true) => Life::Alive,
        Ok(false) => Life::Dead,
        Err(_) => Life::Unclear,
    }
}

/// Buries every dead instance; answers how many deliveries went to doubt.
pub async fn run_once(db: &dyn Db, clock: &dyn Clock, own: &OwnerId) -> Result<usize, DbError> {
    let instances = db.instances().await?;
    let mut doubts = 0;
    for instance in to_bury(&instances, own, life_of) {
        let path = Path::new(&instance.lock_path);
        if let Some(begun) = Begun::read(path) {
            return_unbegun(db, &instance.owner, begun, clock.now()).await?;
        }
        let buried = db.bury_instance(&instance.owner, clock.now()).await?;
        Begun::forget(path);
        report(instance, &buried);
        doubts += buried.doubts.len();
    }
    Ok(doubts)
}

/// Gives back what a dead process had claimed for a slot after the last one that it had begun.
async fn return_unbegun(
    db: &dyn Db,
    owner: &OwnerId,
    begun: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let filter = DeliveryFilter {
        state: Some(DeliveryState::Sending),
        limit: MOST_HELD,
        ..Default::default()
    };
    let held = db.deliveries(&filter).await?;
    let unbegun = held.iter().filter(|one| {
        one.owner.as_ref() == Some(owner) && one.intent_at.is_some_and(|slot| slot > begun)
    });
    let back: Vec<Settlement> = unbegun
        .map(|one| Settlement {
            id: one.new.id.clone(),
            chat: one.new.chat,
            epoch: one.epoch,
            outcome: Outcome::Later { at: now, reason: "its owner died before it began".into() },
        })
        .collect();
    if !back.is_empty() {
        db.settle_deliveries(&back, now).await?;
    }
    Ok(())
}

/// Looks at once and then every few seconds, until the process goes down.
pub async fn run(context: &Context) {
    let mut failed = false;
    let mut letters = super::dead_letters::Watcher::default();
    while context.shutdown.is_running() {
        match run_once(&*context.db, &*context.clock, &context.owner).await {
            Ok(_) => failed = false,
            Err(error) if !failed => {
                failed = true;
                tracing::error!(%error, "dead processes cannot be looked for; this is tried again");
            }
            Err(_) => {}
        }
        letters.look(context).await;
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = context.shutdown.reached(Stage::Quiet) => {}
        }
    }
}

fn report(instance: &Instance, buried: &Buried) {
    let owner = instance.owner.as_str();
    tracing::warn!(
        owner,
        role = instance.role,
        pid = instance.pid,
        doubts = buried.doubts.len(),
        sources = buried.sources,
        "a process died without a word; what it held is free again"
    );
    for (id, state) in &buried.doubts {
        metrics::counter!("magpie_doubts_total").increment(1);
        let (id, went_to) = (id.as_str(), state.as_str());
        if *state == DeliveryState::Dead {
            tracing::error!(
                id,
                owner,
                "two processes died while they sent this delivery; look at it"
            );
        } else {
            tracing::warn!(id, owner, went_to, "nobody knows whether this delivery arrived");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::testing::moment;

    fn instance(owner: &str) -> Instance {
        Instance {
            owner: OwnerId(owner.into()),
            role: "scraper".into(),
            pid: 1,
            lock_path: owner.into(),
            started_at: moment(0),
        }
    }

    #[test]
    fn only_others_that_are_proved_dead_are_buried() {
        let all = ["own", "alive", "dead", "unclear"].map(instance);
        let life = |instance: &Instance| match instance.lock_path.as_str() {
            "alive" => Life::Alive,
            "unclear" => Life::Unclear,
            _ => Life::Dead,
        };
        let buried = to_bury(&all, &OwnerId("own".into()), life);
        let owners: Vec<&str> = buried.iter().map(|instance| instance.owner.as_str()).collect();
        assert_eq!(owners, ["dead"]);
    }
}
