//! How far a process had begun to send when it died.
//!
//! A claim commits the intent some tenths of a second before the message goes, because it waits for its slot. After a
//! kill all that was claimed would be in doubt, most of it for no reason. So a sender writes the slot of each message
//! into a file before the first byte of it leaves, and who buries it reads the file: what has a later slot was not
//! begun, and goes again without any doubt.
//!
//! The write is not made durable: the system keeps it when the process dies, and that costs a microsecond instead of
//! milliseconds. After a power cut it proves nothing, so the file names the boot that it was written in, and one
//! of another boot is not believed.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// Where Linux names the boot.
const BOOT: &str = "/proc/sys/kernel/random/boot_id";

/// Where the number stands in the file: after the boot's name.
const PLACE: u64 = 64;

/// Digits of the number: all that a moment in milliseconds can have.
const DIGITS: usize = 20;

/// The mark of a living process. Without a file it notes nothing, and everything stays in doubt.
#[derive(Debug, Default)]
pub struct Begun {
    file: Option<File>,
    path: PathBuf,
    last: Mutex<i64>,
}

impl Begun {
    /// Starts the mark beside the instance file at `lock_path`. Where the system does not name its boot, or the
    /// file cannot be made, it notes nothing.
    pub fn beside(lock_path: &Path) -> Self {
        let path = path_of(lock_path);
        let begin = || -> io::Result<File> {
            let file = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
            let text = format!("{:<64}{:0>DIGITS$}\n", boot()?, 0);
            write_at(&file, text.as_bytes(), 0)?;
            Ok(file)
        };
        match begin() {
            Ok(file) => Self { file: Some(file), path, last: Mutex::new(0) },
            Err(error) => {
                tracing::debug!(%error, "how far sending has begun is not noted");
                Self { file: None, path, last: Mutex::new(0) }
            }
        }
    }

    /// Notes that what has its slot at `at` begins. When that cannot be written, the file is given up: it must never
    /// say less than what was begun. False when even that failed; then nothing may be sent.
    pub fn note(&self, at: DateTime<Utc>) -> bool {
        let (Some(file), at) = (&self.file, at.timestamp_millis()) else { return true };
        // Nobody may go on before the number is in the file, so all wait for the one who writes.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if *last >= at {
            return true;
        }
        if write_at(file, format!("{at:0>DIGITS$}").as_bytes(), PLACE).is_ok() {
            *last = at;
            return true;
        }
        let gone = std::fs::remove_file(&self.path).is_ok();
        if gone {
            *last = i64::MAX;
        }
        gone
    }

    /// What the dead process beside whose instance file it lies had begun at most; nothing when that is not known.
    pub fn read(lock_path: &Path) -> Option<DateTime<Utc>> {
        let text = std::fs::read_to_string(path_of(lock_path)).ok()?;
        let (name, number) = text.split_at_checked(usize::try_from(PLACE).ok()?)?;
        let number = number.strip_suffix('\n').filter(|number| number.len() == DIGITS)?;
        let known = boot().ok().filter(|boot| boot == name.trim_end());
        known.and_then(|_| DateTime::from_timestamp_millis(number.parse().ok()?))
    }

    /// Removes the mark of a process that was buried.
    pub fn forget(lock_path: &Path) {
        // What is left behind is only a small file.
        let _ = std::fs::remove_file(path_of(lock_path));
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if self.file.is_some() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn path_of(lock_path: &Path) -> PathBuf {
    lock_path.with_extension("begun")
}

fn boot() -> io::Result<String> {
    Ok(std::fs::read_to_string(BOOT)?.trim().to_owned())
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], place: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, place)
}

#[cfg(not(unix))]
fn write_at(_: &File, _: &[u8], _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(ms).unwrap_or_default()
    }

    #[test]
    fn the_mark_only_grows_and_is_gone_with_its_process() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("x.lock");
        let begun = Begun::beside(&lock);
        assert_eq!(Begun::read(&lock), Some(at(0)));
        for (slot, mark) in [(700, 700), (500, 700), (1_790_000_000_123, 1_790_000_000_123)] {
            assert!(begun.note(at(slot)));
            assert_eq!(Begun::read(&lock), Some(at(mark)));
        }
        drop(begun);
        assert_eq!(Begun::read(&lock), None, "an orderly end holds nothing");
    }

    #[test]
    fn a_mark_of_another_boot_or_a_broken_one_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("x.lock");
        let begun = Begun::beside(&lock);
        begun.note(at(5));
        let file = path_of(&lock);
        let good = std::fs::read_to_string(&file).unwrap();
        let other = format!("{:<64}{}", "another boot", &good[64..]);
        for text in [other.as_str(), "", &good[..70], &good[..good.len() - 1]] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(Begun::read(&lock), None, "{text:?}");
        }
        std::fs::write(&file, &good).unwrap();
        assert_eq!(Begun::read(&lock), Some(at(5)));
    }

    #[test]
    fn the_largest_of_many_at_once_stays() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("x.lock");
        let begun = Begun::beside(&lock);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let begun = &begun;
                scope.spawn(move || (0..500).for_each(|n| assert!(begun.note(at(n * 4 + thread)))));
            }
        });
        assert_eq!(Begun::read(&lock), Some(at(499 * 4 + 3)));
    }
}
