//! One directory per launch: profile, cache and temporary files, gone afterwards.
//!
//! The guard removes it when Chromium has ended, whatever became of us. What remains after a
//! power cut is swept at the next start. A directory in use is locked by its guard, and by the
//! launch until then.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

/// Name of the lock inside each directory.
pub(crate) const LOCK: &str = "lock";
const PREFIX: &str = "launch-";

/// User that runs Chromium when we are root: by tradition one that owns nothing.
pub(crate) const NOBODY: u32 = 65_534;

/// Creates a directory below `work_dir` that only `owner` (or we) may enter.
///
/// The launch holds the returned lock until the guard has its own.
pub(crate) fn create(work_dir: &Path, owner: Option<u32>) -> io::Result<(PathBuf, File)> {
    let base = base(work_dir, owner)?;
    fs::create_dir_all(&base)?;
    if let Some(owner) = owner {
        chown(&base, Some(owner), Some(owner))?;
        fs::set_permissions(&base, Permissions::from_mode(0o755))?;
    }
    // One at a time: between its making and its locking a directory looks abandoned.
    let turn = File::open(&base)?;
    turn.lock()?;
    sweep(&base);
    let directory = tempfile::Builder::new()
        .prefix(PREFIX)
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(&base)?
        .keep();
    let lock = File::create(directory.join(LOCK))?;
    lock.try_lock_shared().map_err(io::Error::other)?;
    for path in ["tmp", "profile"].map(|name| directory.join(name)) {
        fs::create_dir(&path)?;
        chown(&path, owner, owner)?;
    }
    chown(directory.join(LOCK), owner, owner)?;
    chown(&directory, owner, owner)?;
    Ok((directory, lock))
}

/// The directory of all launches. Another user must be able to reach it; a data directory that
/// only root may enter is left alone and the system's temporary directory used instead.
fn base(work_dir: &Path, owner: Option<u32>) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(work_dir)?;
    let open_to_all =
        |path: &Path| path.metadata().map_or(true, |meta| meta.permissions().mode() & 0o001 != 0);
    let reachable = owner.is_none() || absolute.ancestors().skip(1).all(open_to_all);
    let place = if reachable { absolute } else { std::env::temp_dir().join("magpie-browser-root") };
    Ok(place.join("launches"))
}

/// Removes directories that nobody holds a lock on.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let in_use = match File::open(entry.path().join(LOCK)) {
            Ok(lock) => lock.try_lock().is_err(),
            // No lock yet or no lock any more: a launch of this moment, or a removal that was
            // cut short. Age tells them apart.
            Err(_) => !older_than_a_minute(&entry.path()),
        };
        if !in_use {
            remove(&entry.path());
        }
    }
}

fn older_than_a_minute(path: &Path) -> bool {
    let age = path.metadata().and_then(|meta| meta.modified()).map(|at| at.elapsed());
    matches!(age, Ok(Ok(age)) if age.as_secs() > 60)
}

/// Removes a launch directory; Chromium may still be writing its last files, so twice.
pub(crate) fn remove(directory: &Path) {
    if fs::remove_dir_all(directory).is_err() {
        let _ = fs::remove_dir_all(directory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_go_and_directories_in_use_stay() {
        let work = tempfile::tempdir().unwrap();
        let (used, _held) = create(work.path(), None).unwrap();
        let (left, lock) = create(work.path(), None).unwrap();
        fs::write(left.join("profile/file"), "x").unwrap();
        drop(lock);
        let (new, _held_too) = create(work.path(), None).unwrap();
        assert!(used.exists() && new.exists());
        assert!(!left.exists());
        assert_eq!(used.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}
