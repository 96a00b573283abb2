//! What every attempt of a process shares: how messages are worded, where pictures come from, and by which names
//! Telegram knows them already.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::bounded::Bounded;
use super::render::Renderer;
use crate::telegram::{NoPhotos, PhotoSource};

/// Names of pictures that are remembered.
const FILES: usize = 4_096;

/// See the module.
pub struct Desk {
    /// Makes messages of changes.
    pub renderer: Renderer,
    /// Loads pictures that Telegram cannot load.
    pub photos: Arc<dyn PhotoSource>,
    /// Address of a picture → Telegram's `file_id`: the picture of a change is loaded once, not once for each
    /// reader. It belongs to the bot of this process and lives as long as the process.
    files: Mutex<Bounded<String, String>>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("renderer", &self.renderer).finish_non_exhaustive()
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::new(Renderer::default(), Arc::new(NoPhotos))
    }
}

impl Desk {
    /// A desk.
    pub fn new(renderer: Renderer, photos: Arc<dyn PhotoSource>) -> Self {
        Self { renderer, photos, files: Mutex::new(Bounded::new(FILES)) }
    }

    fn files(&self) -> MutexGuard<'_, Bounded<String, String>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// By which name Telegram knows the picture at `url`.
    pub(super) fn file(&self, url: &str) -> Option<String> {
        self.files().get(&url.to_owned()).cloned()
    }

    /// Remembers the names under which pictures were accepted, in the order of their addresses.
    pub(super) fn remember(&self, urls: &[String], files: &[String]) {
        let mut known = self.files();
        for (url, file) in urls.iter().zip(files) {
            known.put(url.clone(), file.clone());
        }
    }

    /// Forgets names that Telegram does not take any more.
    pub(super) fn forget(&self, urls: &[String]) {
        let mut known = self.files();
        for url in urls {
            known.remove(url);
        }
    }
}
