//! A record for one test, in a folder that goes with it. It opens without waiting, on a runtime of its own, so that
//! it can be a field of a test's world.

use std::ops::Deref;
use std::path::Path;
use std::sync::{LazyLock, mpsc};

use magpie::domain::Terms;
use magpie::store::{SqlDb, SqlOptions};
use tokio::runtime::{Builder, Runtime};

static STORES: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
});

/// See the module.
pub struct Scratch {
    db: SqlDb,
    _folder: tempfile::TempDir,
}

impl Scratch {
    /// A new, empty record.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { db: open_in(folder.path()), _folder: folder }
    }

    /// The same record where people without a plan have these terms.
    pub fn with_free(self, free: Terms) -> Self {
        Self { db: self.db.with_free(free), _folder: self._folder }
    }
}

impl Deref for Scratch {
    type Target = SqlDb;

    fn deref(&self) -> &SqlDb {
        &self.db
    }
}

/// Opens the record in `folder`.
pub fn open_in(folder: &Path) -> SqlDb {
    let url = format!("sqlite://{}", folder.join("magpie.db").display());
    let (say, hear) = mpsc::channel();
    STORES.spawn(async move {
        let _ = say.send(SqlDb::open(&url, SqlOptions::default()).await);
    });
    hear.recv().expect("the runtime lives").expect("a new record opens")
}
