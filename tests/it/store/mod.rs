//! The contract of the storage ports, one suite for every backend, and what only one backend promises.
//!
//! A contract test takes the port alone; [`for_each_db!`] runs it on every implementation.

mod accounts;
mod campaigns;
mod claims;
mod conversation;
mod feed;
mod fixtures;
mod hosts;
mod life;
mod market;
mod modules;
mod operate;
mod panel;
mod posts;
mod preferences;
mod prices;
mod pricing;
mod probes;
mod quotas;
mod rhythms;
mod runs;
mod seen;
mod sessions;
mod settling;
mod sites;
mod sql;
mod things;
mod tickets;
mod watches;

/// Runs contract tests (`async fn(&dyn Db)`) against every implementation of `Db`.
macro_rules! for_each_db {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let place = crate::store::fixtures::Place::new();
                    let db = place.open().await;
                    super::$name(&db).await;
                    db.close().await;
                }
            )*
        }
    };
}
pub(crate) use for_each_db;
