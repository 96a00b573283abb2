//! Takes back what a dead process held.
//!
//! Every process that claims holds a lock on its instance file; the system releases it at any kind of death.
//! A free lock is proof, a silent process is not: no timer decides over somebody who may still be alive.
//! What the dead one was sending goes to doubt, and each such delivery is named in the log.

use std::fs::{OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use crate::clock::Clock;
use crate::context::Context;
use crate::domain::{DeliveryState, OwnerId};
use crate::shutdown::Stage;
use crate::store::{Buried, Db, DbError, Instance};

/// Time between two looks at the instances.
const EVERY: Duration = Duration::from_secs(5);

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

/// Asks a lock file. Looking takes the lock for a moment when it is free, and lets it go again.
pub fn life_of(lock_path: &Path) -> Life {
    let file = match OpenOptions::new().read(true).write(true).open(lock_path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Life::Dead,
        Err(_) => return Life::Unclear,
    };
    match file.try_lock() {
        Ok(()) => Life::Dead,
        Err(TryLockError::WouldBlock) => Life::Alive,
        Err(TryLockError::Error(_)) => Life::Unclear,
    }
}

/// Buries every dead instance; answers how many deliveries went to doubt.
pub async fn run_once(db: &dyn Db, clock: &dyn Clock, own: &OwnerId) -> Result<usize, DbError> {
    let instances = db.instances().await?;
    let mut doubts = 0;
    for instance in to_bury(&instances, own, |instance| life_of(Path::new(&instance.lock_path))) {
        let buried = db.bury_instance(&instance.owner, clock.now()).await?;
        report(instance, &buried);
        doubts += buried.doubts.len();
    }
    Ok(doubts)
}

/// Looks at once and then every few seconds, until the process goes down.
pub async fn run(context: &Context) {
    let mut failed = false;
    while context.shutdown.is_running() {
        match run_once(&*context.db, &*context.clock, &context.owner).await {
            Ok(_) => failed = false,
            Err(error) if !failed => {
                failed = true;
                tracing::error!(%error, "dead processes cannot be looked for; this is tried again");
            }
            Err(_) => {}
        }
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

    #[test]
    fn a_held_lock_means_life_and_a_free_or_missing_one_death() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("instance.lock");
        assert_eq!(life_of(&path), Life::Dead);
        let file = std::fs::File::create(&path).expect("a file");
        file.lock().expect("the lock");
        assert_eq!(life_of(&path), Life::Alive);
        assert_eq!(life_of(&path), Life::Alive, "looking does not take it");
        drop(file);
        assert_eq!(life_of(&path), Life::Dead);
        assert_eq!(life_of(folder.path()), Life::Unclear);
    }
}
