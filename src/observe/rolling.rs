//! A log file that is rotated by size and by day, and that several processes may share.
//!
//! Each process appends whole lines to the same file. About once a second a writer looks at it:
//! - another process has rotated it: open the new one;
//! - it is full, or a new day (UTC) has begun: take the lock, rename it to `name.2026-11-20T213000Z`, open a new one;
//! - a file that was renamed a while ago, so that nobody writes to it any more: compress it.
//!
//! The newest [`Limits::keep`] rotated files stay. A process that dies on any line leaves a file that the next
//! start compresses.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::clock::Clock;

/// When a file is rotated and what is kept.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Size at which it is rotated, bytes.
    pub size: u64,
    /// Number of rotated files that stay.
    pub keep: usize,
    /// Least time between two looks at the file; a rotated file is compressed after ten times this.
    pub look_every: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { size: 100 << 20, keep: 30, look_every: Duration::from_secs(1) }
    }
}

/// The writer's end of one log file.
pub struct RollingFile {
    folder: PathBuf,
    name: String,
    limits: Limits,
    clock: Arc<dyn Clock>,
    file: File,
    day: NaiveDate,
    looked: Instant,
}

impl RollingFile {
    /// Opens `folder/name` for appending, readable by its owner only, and makes the folder if needed.
    pub fn open(
        folder: &Path,
        name: &str,
        limits: Limits,
        clock: Arc<dyn Clock>,
    ) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let (file, day) = open_file(&folder.join(name), clock.now())?;
        let mut rolling = Self {
            folder: folder.to_owned(),
            name: name.to_owned(),
            limits,
            clock,
            file,
            day,
            looked: Instant::now(),
        };
        rolling.look()?;
        Ok(rolling)
    }

    fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// One look at the file: see the story above.
    fn look(&mut self) -> io::Result<()> {
        self.looked = Instant::now();
        let now = self.clock.now();
        if self.is_ours()? && !self.is_due(now)? {
            return Ok(());
        }
        let lock = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(self.folder.join(format!(".{}.lock", self.name)))?;
        lock.lock()?;
        // Between our look and the lock another process may have done it.
        if self.is_ours()? && self.is_due(now)? {
            std::fs::rename(self.path(), free_name(&self.path(), now))?;
        }
        (self.file, self.day) = open_file(&self.path(), now)?;
        let settled = self.limits.look_every * 10;
        tidy(&self.folder, &self.name, self.limits.keep, settled, now)
    }

    /// Whether the path still leads to the file we hold.
    fn is_ours(&self) -> io::Result<bool> {
        match std::fs::metadata(self.path()) {
            Ok(there) => {
                let here = self.file.metadata()?;
                Ok((there.dev(), there.ino()) == (here.dev(), here.ino()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn is_due(&self, now: DateTime<Utc>) -> io::Result<bool> {
        let size = self.file.metadata()?.len();
        Ok(size > 0 && (size >= self.limits.size || self.day != now.date_naive()))
    }
}

impl Write for RollingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.looked.elapsed() >= self.limits.look_every {
            self.look()?;
        }
        // One call per line in append mode: lines of two processes never mix.
        self.file.write_all(line)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Opens for appending; the day is that of the last line in it, or today for a new file.
fn open_file(path: &Path, now: DateTime<Utc>) -> io::Result<(File, NaiveDate)> {
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    let about = file.metadata()?;
    let written = DateTime::<Utc>::from(about.modified()?).date_naive();
    Ok((file, if about.len() > 0 { written.min(now.date_naive()) } else { now.date_naive() }))
}

/// A name for the rotated file that neither it nor its compressed form has.
fn free_name(path: &Path, now: DateTime<Utc>) -> PathBuf {
    let stamp = now.format("%Y-%m-%dT%H%M%S");
    (0_u64..)
        .map(|number| PathBuf::from(format!("{}.{stamp}-{number:04}", path.display())))
        .find(|free| !free.exists() && !compressed_name(free).exists())
        .unwrap_or_else(|| path.with_extension("old"))
}

fn compressed_name(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}.gz", path.display()))
}

/// Compresses rotated files that have rested for `settled` and removes the oldest beyond `keep`. The caller
/// holds the lock.
fn tidy(
    folder: &Path,
    name: &str,
    keep: usize,
    settled: Duration,
    now: DateTime<Utc>,
) -> io::Result<()> {
    let mut rotated = rotated_files(folder, name)?;
    rotated.sort();
    let surplus = rotated.len().saturating_sub(keep);
    for old in rotated.drain(..surplus) {
        std::fs::remove_file(old)?;
    }
    for path in rotated.iter().filter(|path| path.extension().is_none_or(|end| end != "gz")) {
        let rested = now - DateTime::<Utc>::from(std::fs::metadata(path)?.modified()?);
        if rested.to_std().is_ok_and(|rested| rested >= settled) {
            compress(path)?;
        }
    }
    Ok(())
}

fn rotated_files(folder: &Path, name: &str) -> io::Result<Vec<PathBuf>> {
    let begin = format!("{name}.2");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let file_name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if file_name.starts_with(&begin) && !file_name.ends_with(".part") {
            found.push(path);
        }
    }
    Ok(found)
}

/// Writes `path.gz` beside `path` and then removes `path`: at no moment are the lines in neither.
fn compress(path: &Path) -> io::Result<()> {
    let part = PathBuf::from(format!("{}.part", path.display()));
    let target =
        OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&part)?;
    let mut encoder = GzEncoder::new(target, Compression::default());
    io::copy(&mut File::open(path)?, &mut encoder)?;
    encoder.finish()?.sync_all()?;
    std::fs::rename(&part, compressed_name(path))?;
    std::fs::remove_file(path)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use chrono::TimeDelta;
    use flate2::read::GzDecoder;

    use super::*;
    use crate::clock::{ManualClock, SystemClock};

    const EAGER: Limits = Limits { size: 1_000, keep: 1_000, look_every: Duration::ZERO };

    fn all_lines(folder: &Path) -> Vec<String> {
        let mut text = String::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let mut file = File::open(&path).unwrap();
            if path.extension().is_some_and(|end| end == "gz") {
                GzDecoder::new(file).read_to_string(&mut text).unwrap();
            } else {
                file.read_to_string(&mut text).unwrap();
            }
        }
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }

    #[test]
    fn two_writers_of_one_file_lose_no_line_over_many_rotations() {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let mut writers: Vec<RollingFile> = (0..2)
            .map(|_| RollingFile::open(folder.path(), "errors.log", EAGER, clock.clone()).unwrap())
            .collect();
        let mut expected = Vec::new();
        for number in 0..400 {
            let line = format!("line {number:04} of a log that two processes share");
            // The logging thread hands over whole lines; `writeln!` would make two calls of one.
            writers[number % 2].write_all(format!("{line}\n").as_bytes()).unwrap();
            expected.push(line);
        }
        assert!(all_lines(folder.path()) == expected, "lines were lost, doubled or torn");
        let rotated = rotated_files(folder.path(), "errors.log").unwrap();
        assert!(rotated.len() >= 10, "{rotated:?}");
        assert!(rotated.iter().any(|path| path.extension().is_some_and(|end| end == "gz")));
    }

    #[test]
    fn a_new_day_begins_a_new_file_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let limits = Limits { size: 1 << 20, keep: 3, look_every: Duration::ZERO };
        let mut log = RollingFile::open(folder.path(), "bot.log", limits, clock.clone()).unwrap();
        for day in 0..6 {
            log.write_all(format!("day {day}\n").as_bytes()).unwrap();
            clock.advance(TimeDelta::days(1));
        }
        assert_eq!(std::fs::read_to_string(folder.path().join("bot.log")).unwrap(), "day 5\n");
        assert_eq!(rotated_files(folder.path(), "bot.log").unwrap().len(), 3);
    }

    #[test]
    fn only_the_owner_reads_a_log() {
        let folder = tempfile::tempdir().unwrap();
        RollingFile::open(folder.path(), "admin.log", EAGER, Arc::new(SystemClock)).unwrap();
        let mode = std::fs::metadata(folder.path().join("admin.log")).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
