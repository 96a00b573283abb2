//! The file of a record, by name and by what the name meant when it was opened.

use std::path::{Path, PathBuf};

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// Its name.
    pub path: PathBuf,
    number: Option<u64>,
}

impl File {
    /// The file of this name as it is now.
    pub fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), number: inode(path) }
    }

    /// Whether the name still means the file that was opened.
    pub fn is_the_same(&self) -> bool {
        inode(&self.path) == self.number
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(".".as_ref())
    }
}

/// The number of a file on its volume, where the system has such a thing.
fn inode(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata(path).ok().map(|meta| meta.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}
