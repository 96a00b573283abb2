//! Whether a process lives, by a lock that the kernel releases with its last breath. No timer decides
//! over a living process.
//!
//! ```text
//! start:    acquire locks/<owner>.lock beside the database → register the instance → claim work
//! recovery: for every registered instance whose lock is free → bury it
//! ```

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{Buried, Db, DbError};
use crate::domain::OwnerId;

/// Held while the process lives. Dropping it releases the lock and removes the file.
#[derive(Debug)]
pub struct InstanceLock {
    // Holding the open file is holding the lock.
    _file: File,
    path: PathBuf,
}

impl InstanceLock {
    /// Takes the lock of `owner` under `folder`, which is made if it is missing.
    ///
    /// # Errors
    /// When the file cannot be made, or another process holds it.
    pub fn acquire(folder: &Path, owner: &OwnerId) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let path = std::path::absolute(folder.join(format!("{owner}.lock")))?;
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {
                let text = format!("{} is held by another process", path.display());
                return Err(io::Error::new(io::ErrorKind::WouldBlock, text));
            }
        }
        // For operators who look into the folder.
        writeln!(file, "{}", std::process::id())?;
        Ok(Self { _file: file, path })
    }

    /// Where the lock is; goes into [`crate::store::Instance::lock_path`].
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a living process holds the lock at `path`. A file that is missing from its folder is held by
    /// nobody.
    ///
    /// # Errors
    /// When the file cannot be looked at, or its whole folder is not to be seen from here (another container has
    /// it elsewhere): then nobody may be buried.
    pub fn is_held(path: &Path) -> io::Result<bool> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return if path.parent().is_some_and(Path::is_dir) {
                    Ok(false)
                } else {
                    Err(error)
                };
            }
            Err(error) => return Err(error),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for InstanceLock {
    fn drop(&mut self) {
        // What is left behind is only an unlocked file.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Buries every announced process whose lock is free; answers who it was and what it left behind. A lock
/// that cannot be looked at proves nothing: its process stays.
///
/// # Errors
/// As [`Db::instances`] and [`Db::bury_instance`]; calling again goes on where it stopped.
pub async fn bury_the_dead(
    db: &dyn Db,
    now: DateTime<Utc>,
) -> Result<Vec<(OwnerId, Buried)>, DbError> {
    let mut dead = Vec::new();
    for instance in db.instances().await? {
        match InstanceLock::is_held(Path::new(&instance.lock_path)) {
            Ok(true) => {}
            Ok(false) => {
                let buried = db.bury_instance(&instance.owner, now).await?;
                dead.push((instance.owner, buried));
            }
            Err(error) => {
                tracing::warn!(owner = %instance.owner, %error, "a lock cannot be looked at");
            }
        }
    }
    Ok(dead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Instance;
    use crate::store::scratch::scratch;

    #[tokio::test]
    async fn only_processes_whose_lock_is_free_are_buried() {
        let folder = tempfile::tempdir().unwrap();
        let db = scratch().await;
        let mut locks = Vec::new();
        for name in ["dead", "living"] {
            let owner = OwnerId(name.into());
            let lock = InstanceLock::acquire(folder.path(), &owner).unwrap();
            let instance = Instance {
                owner,
                role: "scraper".into(),
                pid: 1,
                lock_path: lock.path().display().to_string(),
                started_at: DateTime::UNIX_EPOCH,
            };
            db.register_instance(&instance).await.unwrap();
            locks.push(lock);
        }
        drop(locks.remove(0));
        let now = DateTime::UNIX_EPOCH;
        let dead = bury_the_dead(&*db, now).await.unwrap();
        assert_eq!(dead, vec![(OwnerId("dead".into()), Buried::default())]);
        assert!(bury_the_dead(&*db, now).await.unwrap().is_empty());
        assert_eq!(db.instances().await.unwrap().len(), 1);
    }

    #[test]
    fn a_lock_is_held_until_it_is_dropped_and_by_one_only() {
        let folder = tempfile::tempdir().unwrap();
        let owner = OwnerId("one".into());
        let lock = InstanceLock::acquire(folder.path(), &owner).unwrap();
        let path = lock.path().to_path_buf();
        assert!(InstanceLock::is_held(&path).unwrap());
        assert!(InstanceLock::acquire(folder.path(), &owner).is_err());
        drop(lock);
        assert!(!InstanceLock::is_held(&path).unwrap());
        InstanceLock::acquire(folder.path(), &owner).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_seen_proves_nobody_dead() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("nobody.lock");
        assert!(!InstanceLock::is_held(&gone).unwrap());
        assert!(InstanceLock::is_held(&folder.path().join("elsewhere/somebody.lock")).is_err());
    }
}
