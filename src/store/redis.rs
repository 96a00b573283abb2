//! The seen-set in Redis: fast, shared by all processes, and free to forget.
//!
//! Readings lie in 16,384 small hashes per generation, because Redis stores a small hash as one packed
//! string: about 20 bytes per reading instead of about 100 for a key of its own. A generation lasts one TTL;
//! reading looks at this one and the one before, so a reading is remembered for one to two TTLs and whole
//! hashes expire by themselves. All keys carry the identity of the database as hash tag: another database
//! never sees them, and on a cluster one pipeline stays in one slot.
//!
//! A server that is down costs at most [`DEADLINE`] per call; the connection is made again in the background.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Pipeline, RedisError};
use sha2::{Digest, Sha256};

use super::seen::{Seen, SeenError, SeenItem};
use crate::clock::{Clock, SystemClock};
use crate::domain::SourceId;

/// The longest that a caller waits.
pub const DEADLINE: Duration = Duration::from_millis(400);
/// Hashes per generation.
const BUCKETS: u16 = 1 << 14;
/// Items per round trip.
const PIPELINE: usize = 1_000;

/// The seen-set in Redis. Cheap to clone.
#[derive(Clone)]
pub struct RedisSeen {
    connection: ConnectionManager,
    prefix: Arc<str>,
    ttl: Duration,
    clock: Arc<dyn Clock>,
}

/// Prepares a connection to `url` that is made when it is first needed, and again whenever it is lost.
pub(super) fn connect(url: &str) -> Result<ConnectionManager, SeenError> {
    let unusable = |error: &RedisError| {
        SeenError(format!("REDIS_URL is unusable: {}", error.detail().unwrap_or("not an address")))
    };
    let client = Client::open(url).map_err(|error| unusable(&error))?;
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_min_delay(Duration::from_millis(50))
        .set_max_delay(Duration::from_millis(500))
        .set_connection_timeout(Some(DEADLINE))
        .set_response_timeout(Some(DEADLINE));
    ConnectionManager::new_lazy_with_config(client, config).map_err(|error| unusable(&error))
}

/// Where a reading lies.
struct Spot {
    bucket: u16,
    field: [u8; 8],
}

impl Spot {
    fn of(source: &SourceId, id: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update((source.as_str().len() as u64).to_le_bytes());
        hash.update(source.as_str());
        hash.update(id);
        let digest = hash.finalize();
        let mut field = [0; 8];
        field.copy_from_slice(&digest[2..10]);
        Self { bucket: u16::from_le_bytes([digest[0], digest[1]]) % BUCKETS, field }
    }
}

impl RedisSeen {
    /// Prepares a connection to `url` (`redis://…`, `rediss://…`, `redis+unix:///…`). The server need not
    /// answer now. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When the address is unusable. The text does not repeat it, since it may hold a password.
    pub fn connect(url: &str, identity: &str, ttl: Duration) -> Result<Self, SeenError> {
        Self::with_clock(url, identity, ttl, Arc::new(SystemClock))
    }

    /// As [`RedisSeen::connect`], with a clock of one's own.
    ///
    /// # Errors
    /// As [`RedisSeen::connect`].
    pub fn with_clock(
        url: &str,
        identity: &str,
        ttl: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SeenError> {
        let connection = connect(url)?;
        let prefix = format!("magpie:{{{identity}}}:seen").into();
        Ok(Self { connection, prefix, ttl: ttl.max(Duration::from_secs(1)), clock })
    }

    /// The present generation.
    fn generation(&self) -> i64 {
        let ttl = i64::try_from(self.ttl.as_millis()).unwrap_or(i64::MAX);
        self.clock.now().timestamp_millis() / ttl
    }

    fn key(&self, generation: i64, bucket: u16) -> String {
        format!("{}:{generation}:{bucket:x}", self.prefix)
    }

    /// Sends a pipeline; the caller waits at most [`DEADLINE`].
    async fn send<T: redis::FromRedisValue>(&self, pipeline: &Pipeline) -> Result<T, SeenError> {
        let mut connection = self.connection.clone();
        let answer = tokio::time::timeout(DEADLINE, pipeline.query_async(&mut connection)).await;
        let late = || SeenError(format!("Redis did not answer within {} ms", DEADLINE.as_millis()));
        answer.map_err(|_| late())?.map_err(|error| SeenError(error.to_string()))
    }
}

#[async_trait]
impl Seen for RedisSeen {
    async fn unseen(&self, source: &SourceId, items: &[SeenItem]) -> Result<Vec<bool>, SeenError> {
        let generation = self.generation();
        let mut unseen = Vec::with_capacity(items.len());
        for chunk in items.chunks(PIPELINE) {
            let mut pipeline = redis::pipe();
            for item in chunk {
                let spot = Spot::of(source, &item.id);
                for generation in [generation, generation - 1] {
                    pipeline.hget(self.key(generation, spot.bucket), &spot.field[..]);
                }
            }
            let found: Vec<Option<Vec<u8>>> = self.send(&pipeline).await?;
            for (item, found) in chunk.iter().zip(found.chunks(2)) {
                // The newer generation knows better.
                let latest = found.iter().flatten().next();
                let same = latest.is_some_and(|value| *value == item.fingerprint.to_le_bytes());
                unseen.push(!same);
            }
        }
        Ok(unseen)
    }

    async fn mark(&self, source: &SourceId, items: &[SeenItem]) -> Result<(), SeenError> {
        let generation = self.generation();
        let life = i64::try_from(self.ttl.as_secs().saturating_mul(2)).unwrap_or(i64::MAX / 2);
        for chunk in items.chunks(PIPELINE) {
            let mut pipeline = redis::pipe();
            for item in chunk {
                let spot = Spot::of(source, &item.id);
                let key = self.key(generation, spot.bucket);
                let value = item.fingerprint.to_le_bytes();
                pipeline.hset(&key, &spot.field[..], &value[..]).ignore();
                pipeline.expire(&key, life).ignore();
            }
            self.send::<()>(&pipeline).await?;
        }
        Ok(())
    }

    async fn ping(&self) -> Result<(), SeenError> {
        let mut pipeline = redis::pipe();
        pipeline.ping();
        let answer: Vec<String> = self.send(&pipeline).await?;
        match answer.as_slice() {
            [pong] if pong == "PONG" => Ok(()),
            _ => Err(SeenError("Redis answered something else than PONG".into())),
        }
    }
}
