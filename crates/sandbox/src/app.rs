//! What all requests share.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use crate::Options;
use crate::clock::{Clock, Millis};
use crate::demo::catalogue::Catalogue;
use crate::demo::pictures::Gallery;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::world::World;

/// The running sandbox.
#[derive(Debug)]
pub struct App {
    world: Mutex<World>,
    /// The version of the world; readers wait on it.
    pub changed: watch::Sender<u64>,
    /// The same for [`World::stirred`].
    pub stirred: watch::Sender<u64>,
    /// Becomes true when the sandbox stops; waiting requests then end.
    pub stopping: watch::Sender<bool>,
    /// The witness.
    pub journal: Journal,
    /// Ordered misbehaviour.
    pub faults: Mutex<Faults>,
    /// The time.
    pub clock: Clock,
    /// Fetches pictures and delivers updates; follows no redirects by itself.
    pub http: reqwest::Client,
    /// Plain HTTP webhooks on local addresses are accepted.
    pub local_webhooks: bool,
    /// The offers of the demo sites.
    pub demo: Mutex<Catalogue>,
    /// Their pictures.
    pub gallery: Gallery,
}

impl App {
    /// Prepares the state of a new sandbox.
    pub fn new(options: &Options) -> anyhow::Result<Self> {
        let mut world = World::default();
        world.rates.mode = options.limits;
        let now = options.clock.now();
        let follow_none = reqwest::redirect::Policy::none();
        Ok(Self {
            world: Mutex::new(world),
            changed: watch::Sender::new(0),
            stirred: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
            journal: Journal::open(options.journal.as_deref())?,
            faults: Mutex::new(Faults::default()),
            clock: options.clock.clone(),
            http: reqwest::Client::builder().redirect(follow_none).no_proxy().build()?,
            local_webhooks: options.local_webhooks,
            demo: Mutex::new(Catalogue::new(options.seed, now)),
            gallery: Gallery::default(),
        })
    }

    /// Works on the world under its lock and wakes the readers if something changed.
    pub fn with<T>(&self, work: impl FnOnce(&mut World, Millis) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let before = (world.version, world.stirred);
        let result = work(&mut world, self.clock.now());
        let after = (world.version, world.stirred);
        drop(world);
        if after.0 != before.0 {
            self.changed.send_replace(after.0);
        }
        if after.1 != before.1 {
            self.stirred.send_replace(after.1);
        }
        result
    }

    /// Waits for the next change, for `deadline`, or for the end of the sandbox.
    pub async fn change_or(&self, seen: &mut watch::Receiver<u64>, deadline: Millis) {
        let mut stopping = self.stopping.subscribe();
        tokio::select! {
            _ = seen.changed() => {}
            () = self.clock.sleep_until(deadline) => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
    }

    /// The sandbox is about to end.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}
