//! Builds the context of a process. A dependency that is away is waited for, never a reason to exit:
//! supervisors give up on programs that come and go.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;

use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::config::plans::PLANS;
use crate::context::Context;
use crate::domain::{OwnerId, Plan, Terms};
use crate::shutdown::{Shutdown, Stage};
use crate::store::begun::Begun;
use crate::store::lock::InstanceLock;
use crate::store::redis::RedisSeen;
use crate::store::sql::{SqlDb, SqlOptions, SqlSeen};
use crate::store::{Db, DbClock, DbError, HostClock, Instance, RedisClock, Seeded, Seen};
use crate::telegram::client::TelegramClient;

/// A context and what must live as long as the process.
pub struct Built {
    /// What the loops use.
    pub context: Context,
    /// Says to other processes that we live.
    pub lock: InstanceLock,
    sql: SqlDb,
}

impl Built {
    /// Takes our name off the list of the living and closes the record.
    pub async fn close(self) {
        let context = &self.context;
        if let Err(error) = context.db.bury_instance(&context.owner, context.clock.now()).await {
            tracing::warn!(%error, "the instance could not be taken off the list; the next start will");
        }
        self.sql.close().await;
    }
}

/// Builds the context of a process in `role` (`scraper` or `bot`). `None` when the end came first.
pub async fn build(
    config: Arc<Config>,
    role: &str,
    shutdown: &Shutdown,
) -> anyhow::Result<Option<Built>> {
    let Some(sql) = open_waiting(&config, shutdown).await? else { return Ok(None) };
    let db: Arc<dyn Db> = Arc::new(sql.clone());
    let owner = OwnerId(uuid::Uuid::now_v7().simple().to_string());
    let lock = InstanceLock::acquire(&sql.folder().join("locks"), &owner)
        .context("cannot lock the instance file; is the database's folder writable?")?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let instance = Instance {
        owner: owner.clone(),
        role: role.to_owned(),
        pid: i64::from(std::process::id()),
        lock_path: lock.path().display().to_string(),
        started_at: clock.now(),
    };
    db.register_instance(&instance).await.context("cannot announce this process")?;
    db.set_zone(&config.deliver.time_zone).await.context("cannot write the time zone")?;
    seed_plans(&config, db.as_ref(), clock.now()).await?;
    let seen = seen(&config, &sql, &clock).await?;
    let messenger = Arc::new(TelegramClient::new(&config.telegram)?);
    let begun = Arc::new(Begun::beside(lock.path()));
    let shutdown = shutdown.clone();
    let context = Context { config, clock, db, seen, messenger, owner, begun, shutdown };
    Ok(Some(Built { context, lock, sql }))
}

/// Opens the record, waiting while it is away.
async fn open_waiting(config: &Config, shutdown: &Shutdown) -> anyhow::Result<Option<SqlDb>> {
    let mut pause = Duration::from_secs(1);
    loop {
        match open(config).await {
            Ok(sql) => return Ok(Some(sql)),
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, wait_s = pause.as_secs(), "waiting for the database");
            }
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            () = shutdown.reached(Stage::Quiet) => return Ok(None),
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(30)),
        }
    }
}

/// Opens the record once.
pub async fn open(config: &Config) -> Result<SqlDb, DbError> {
    let options = SqlOptions {
        readers: config.database.readers,
        gather: config.database.gather,
        busy_timeout: config.database.busy_timeout,
    };
    let db = SqlDb::open(config.database.url.expose_secret(), options).await?;
    Ok(db.with_free(Terms::of_watches(config.free.watches, config.free.sources)))
}

/// Writes the plans of the file that `paths.plans` names, else those of the program, where operators have not changed
/// them.
pub async fn seed_plans(
    config: &Config,
    db: &dyn Db,
    now: DateTime<Utc>,
) -> anyhow::Result<Seeded> {
    let seeded = db.seed_plans(&plans(config)?, now).await.context("the plans are not written")?;
    if seeded != Seeded::default() {
        let Seeded { added, updated, kept } = &seeded;
        tracing::info!(?added, ?updated, ?kept, "the plans were read");
    }
    Ok(seeded)
}

/// The plans of the file that `paths.plans` names, else those of the program.
pub fn plans(config: &Config) -> anyhow::Result<Vec<Plan>> {
    let (name, text) = match &config.paths.plans {
        None => ("config/plans.toml".to_owned(), PLANS.to_owned()),
        Some(path) => {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path).with_context(|| {
                format!("the list of plans {name} (paths.plans) cannot be read")
            })?;
            (name, text)
        }
    };
    crate::config::plans(&name, &text).map_err(|problems| {
        anyhow::anyhow!("the list of plans cannot be used:\n  {}", problems.join("\n  "))
    })
}

/// The clocks of hosts that all processes share: in Redis where it is configured, else in the record.
pub fn host_clock(config: &Config, db: Arc<dyn Db>) -> anyhow::Result<Arc<dyn HostClock>> {
    Ok(match &config.redis.url {
        Some(url) => Arc::new(RedisClock::connect(url.expose_secret())?),
        None => Arc::new(DbClock(db)),
    })
}

/// The fast filter: Redis where it is configured, else the database's own file.
pub async fn seen(
    config: &Config,
    sql: &SqlDb,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Arc<dyn Seen>> {
    let ttl = config.redis.ttl;
    let Some(url) = &config.redis.url else {
        return Ok(Arc::new(SqlSeen::new(sql.clone(), Arc::clone(clock), ttl)));
    };
    let identity = sql.identity().await?;
    Ok(Arc::new(RedisSeen::connect(url.expose_secret(), &identity, ttl)?))
}
