//! Whether a process lives, by a lock that the kernel releases with its last breath. No timer decides
//! over a living process.
//!
//! ```text
//! start:    acquire <data>/locks/<owner>.lock → register the instance → claim work
//! recovery: for every registered instance whose lock is free → bury it
//! ```

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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

    /// Whether a living process holds the lock at `path`. A missing file is held by nobody.
    ///
    /// # Errors
    /// When the file is there but cannot be looked at: then nobody may be buried.
    pub fn is_held(path: &Path) -> io::Result<bool> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
