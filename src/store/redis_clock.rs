//! The clocks of hosts in Redis: one key per host, shared by all processes that use the server.
//!
//! A step reads the key, decides here, and writes with a script that does so only if nobody else has written in
//! between; who was too late reads again. So the decision stands in one place for all stores. The name of the
//! host is the hash tag of its key. A key outlives the longest pause by far and then expires.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use redis::Script;
use redis::aio::ConnectionManager;

use super::host_clock::{HostClock, HostClockError};
use super::redis::{DEADLINE, connect};
use super::seen::SeenError;
use crate::domain::host::{HostPace, HostSlot, HostStep};

/// What all keys begin with. Not the identity of a database: two installations that share a server share the
/// hosts' patience too.
const PREFIX: &str = "magpie:pace:";
/// How long a host that nobody asks is remembered.
const LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// So often is a step repeated when another process was quicker.
const TRIES: usize = 32;
/// Keys that one round trip of a listing looks at.
const SCAN: usize = 500;

/// Writes the new value unless the old one has changed.
const SWAP: &str = "if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end \
                    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1";

/// The clocks of hosts in Redis.
pub struct RedisClock {
    connection: ConnectionManager,
    swap: Script,
}

impl RedisClock {
    /// Prepares a connection, as [`RedisSeen::connect`](super::RedisSeen::connect) does.
    ///
    /// # Errors
    /// When the address is unusable. The text does not repeat it, since it may hold a password.
    pub fn connect(url: &str) -> Result<Self, SeenError> {
        Ok(Self { connection: connect(url)?, swap: Script::new(SWAP) })
    }

    async fn take(
        &self,
        host: &str,
        step: &HostStep,
    ) -> Result<(HostPace, Option<HostSlot>), HostClockError> {
        let key = format!("{PREFIX}{{{host}}}");
        let life = i64::try_from(LIFE.as_millis()).unwrap_or(i64::MAX);
        let mut connection = self.connection.clone();
        for _ in 0..TRIES {
            let mut get = redis::cmd("GET");
            let found: Option<String> = in_time(get.arg(&key).query_async(&mut connection)).await?;
            let before = found.unwrap_or_default();
            // What cannot be read is begun anew: it lives for a week at most.
            let mut pace: HostPace = serde_json::from_str(&before).unwrap_or_default();
            let old = pace.clone();
            let slot = pace.step(step);
            if pace == old {
                return Ok((pace, slot));
            }
            let after = serde_json::to_string(&pace).map_err(|e| HostClockError(e.to_string()))?;
            let mut swap = self.swap.key(&key);
            swap.arg(before).arg(after).arg(life);
            let swapped: i64 = in_time(swap.invoke_async(&mut connection)).await?;
            if swapped == 1 {
                return Ok((pace, slot));
            }
        }
        Err(HostClockError(format!("too many processes reserve slots of {host} at once")))
    }

    async fn all(&self) -> Result<Vec<(String, HostPace)>, HostClockError> {
        let mut connection = self.connection.clone();
        let (mut all, mut cursor) = (Vec::new(), 0_u64);
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(format!("{PREFIX}*")).arg("COUNT").arg(SCAN);
            let (next, keys): (u64, Vec<String>) =
                in_time(scan.query_async(&mut connection)).await?;
            for key in keys {
                let mut get = redis::cmd("GET");
                let found: Option<String> =
                    in_time(get.arg(&key).query_async(&mut connection)).await?;
                let pace = found.and_then(|text| serde_json::from_str(&text).ok());
                let name = key.strip_prefix(PREFIX).map(|name| name.trim_matches(['{', '}']));
                all.extend(name.map(str::to_owned).zip(pace));
            }
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
        all.sort_by(|a: &(String, HostPace), b| a.0.cmp(&b.0));
        all.dedup_by(|a, b| a.0 == b.0);
        Ok(all)
    }
}

/// Waits for an answer, but not long: the process has clocks of its own.
async fn in_time<T>(
    answer: impl Future<Output = redis::RedisResult<T>>,
) -> Result<T, HostClockError> {
    let late =
        || HostClockError(format!("no answer from Redis within {} ms", DEADLINE.as_millis()));
    let answer = tokio::time::timeout(DEADLINE, answer).await.map_err(|_| late())?;
    answer.map_err(|error| HostClockError(error.to_string()))
}

#[async_trait]
impl HostClock for RedisClock {
    async fn step(
        &self,
        host: &str,
        step: &HostStep,
        _: DateTime<Utc>,
    ) -> Result<(HostPace, Option<HostSlot>), HostClockError> {
        self.take(host, step).await
    }

    async fn hosts(&self) -> Result<Vec<(String, HostPace)>, HostClockError> {
        self.all().await
    }
}
