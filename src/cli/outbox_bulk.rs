//! `magpie outbox requeue|discard` for many at once: by state, class and reason, with a count first and `--yes`.

use std::io::Write;

use anyhow::bail;
use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use crate::domain::{Class, DeliveryId, DeliveryState};
use crate::store::{Db, DeliveryFilter};

/// Deliveries that are changed together: their commits share a transaction.
const CHUNK: u32 = 256;

/// Which deliveries: one by its id, or all that fit.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// Its id, or the beginning of it; or leave it out and choose by the options
    pub id: Option<String>,
    /// All in this state
    #[arg(long, value_parser = super::outbox::state, conflicts_with = "id")]
    pub state: Option<DeliveryState>,
    /// Only of this class: reply, payment, support, alert, amend, digest, broadcast
    #[arg(long, value_parser = class, conflicts_with = "id")]
    pub class: Option<Class>,
    /// Only those whose reason contains this text
    #[arg(long, conflicts_with = "id")]
    pub reason: Option<String>,
    /// Do it; without it they are only counted
    #[arg(long, conflicts_with = "id")]
    pub yes: bool,
}

fn class(word: &str) -> Result<Class, String> {
    Class::from_word(word).ok_or_else(|| {
        let words: Vec<&str> = Class::ALL.iter().map(|class| class.as_str()).collect();
        format!("there is no such class; write one of {}", words.join(", "))
    })
}

/// What is done to each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Send again.
    Requeue,
    /// Close without sending.
    Discard,
}

impl Verb {
    /// The states that it is for, and the words for them.
    fn states(self) -> (&'static [DeliveryState], &'static str) {
        use DeliveryState::{Dead, Dropped, Pending, Unknown};
        match self {
            Self::Requeue => (&[Dead, Unknown, Dropped], "dead, unknown and dropped"),
            Self::Discard => (&[Pending, Dead], "pending and dead"),
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Requeue => "wait to be sent again",
            Self::Discard => "are closed and will not be sent",
        }
    }

    /// Does it to one; false when it is in no state for it.
    pub async fn to(
        self,
        db: &dyn Db,
        id: &DeliveryId,
        now: DateTime<Utc>,
    ) -> anyhow::Result<bool> {
        Ok(match self {
            Self::Requeue => db.requeue_delivery(id, now).await?,
            Self::Discard => db.discard_delivery(id, now).await?,
        })
    }
}

/// Does it to all that fit, or says how many there are.
pub async fn run(
    verb: Verb,
    which: &Which,
    db: &dyn Db,
    now: DateTime<Utc>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let (states, words) = verb.states();
    let state = which.state.unwrap_or(DeliveryState::Dead);
    if which.state.is_none() && which.class.is_none() && which.reason.is_none() {
        bail!("name a delivery by its id, or choose many with --state, --class or --reason");
    }
    if !states.contains(&state) {
        bail!("{} deliveries cannot be taken for this: only {words} ones", state.as_str());
    }
    let filter = DeliveryFilter {
        state: Some(state),
        class: which.class,
        reason: which.reason.clone(),
        limit: CHUNK,
        ..DeliveryFilter::default()
    };
    if !which.yes {
        let count = db.count_deliveries(&filter).await?;
        writeln!(out, "{count} {} deliveries fit. Add --yes to do it.", state.as_str())?;
        return Ok(());
    }
    let mut done = 0;
    loop {
        let found = db.deliveries(&filter).await?;
        let ends = join_all(found.iter().map(|one| verb.to(db, &one.new.id, now))).await;
        let changed = ends.into_iter().collect::<anyhow::Result<Vec<bool>>>()?;
        let changed = changed.into_iter().filter(|changed| *changed).count();
        done += changed;
        if changed == 0 {
            break;
        }
    }
    writeln!(out, "{done} deliveries {}.", verb.done())?;
    Ok(())
}
