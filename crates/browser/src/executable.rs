//! Which browser program to run.
//!
//! Distributions put a shell script in front of the program. We run the program itself: the
//! script adds switches of its own, and the process we start must be the one we watch.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Names to look for, the cheapest browser first: the headless shell takes a third of the
/// memory and time of the full browser.
const NAMES: [&str; 6] = [
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

/// Directories where packages keep the program behind the launcher script.
const PROGRAM_DIRECTORIES: [&str; 4] = [
    "/usr/lib/chromium",
    "/usr/lib/chromium-browser",
    "/usr/lib64/chromium-browser",
    "/opt/google/chrome",
];

/// Finds an installed browser: the headless shell first, then Chromium, then Chrome.
pub fn find_executable() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = std::env::split_paths(&path).collect();
    NAMES.iter().find_map(|name| {
        PROGRAM_DIRECTORIES
            .iter()
            .map(|directory| Path::new(directory).join(name))
            .chain(on_path.iter().map(|directory| directory.join(name)))
            .find(|candidate| is_executable(candidate))
            .map(|found| behind_script(&found))
    })
}

/// The program that a launcher script starts, where it is at its usual place; else the path
/// itself.
pub(crate) fn behind_script(path: &Path) -> PathBuf {
    if !is_script(path) {
        return path.to_owned();
    }
    let Some(name) = path.file_name() else { return path.to_owned() };
    PROGRAM_DIRECTORIES
        .iter()
        .map(|directory| Path::new(directory).join(name))
        .find(|program| is_executable(program) && !is_script(program))
        .unwrap_or_else(|| path.to_owned())
}

/// Whether the path is a file that somebody may execute.
pub(crate) fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

fn is_script(path: &Path) -> bool {
    let mut start = [0_u8; 2];
    std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok()
        && start == *b"#!"
}
