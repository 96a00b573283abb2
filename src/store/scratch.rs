//! A record for one test, in a folder that goes with it.

use std::ops::Deref;

use tempfile::TempDir;

use super::{SqlDb, SqlOptions};

/// See the module.
pub(crate) struct Scratch {
    db: SqlDb,
    _folder: TempDir,
}

/// A new, empty record.
pub(crate) async fn scratch() -> Scratch {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("magpie.db").display());
    let db = SqlDb::open(&url, SqlOptions::default()).await.expect("a new record opens");
    Scratch { db, _folder: folder }
}

impl Deref for Scratch {
    type Target = SqlDb;

    fn deref(&self) -> &SqlDb {
        &self.db
    }
}
