//! What holds for the whole repository: layers and sizes, packaging, configuration, documents.

mod broken_config;
mod documents;
// The command line it reads needs the browser.
#[cfg(feature = "browser")]
mod packaging;
mod supervisor;
mod texts;
mod tidy;

use std::path::{Path, PathBuf};

/// The root of the checkout.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the checkout.
fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file under `folder` (relative to the root) that people wrote, with its path relative to the root.
fn files_under(folder: &str) -> Vec<(String, PathBuf)> {
    const NOT_OURS: [&str; 7] =
        ["target", ".git", "data", "logs", "node_modules", ".venv", "Cargo.lock"];
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        {
            let path = entry.unwrap().path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if NOT_OURS.contains(&name) || name == "__pycache__" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((relative(&path), path));
            }
        }
    }
    found.sort();
    found
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
