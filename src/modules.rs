//! The site modules that recognise addresses, shared by everybody in the process who is shown one.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use sites::Registry;

/// The site modules, loaded when somebody needs them first.
#[derive(Clone, Default)]
pub struct Modules {
    loaded: Arc<OnceLock<Registry>>,
    folder: Option<PathBuf>,
}

impl Modules {
    /// The built-in modules and those of `folder`.
    pub fn of_folder(folder: Option<PathBuf>) -> Self {
        Self { loaded: Arc::default(), folder }
    }

    /// These modules only.
    pub fn of_registry(registry: Registry) -> Self {
        Self { loaded: Arc::new(OnceLock::from(registry)), folder: None }
    }

    /// All of them. The first caller reads files.
    pub fn get(&self) -> &Registry {
        self.loaded.get_or_init(|| load(self.folder.as_deref()))
    }
}

/// A folder with a broken module does not take the built-in ones away.
fn load(folder: Option<&Path>) -> Registry {
    let mut registry = Registry::builtin().unwrap_or_default();
    if let Some(folder) = folder
        && let Err(error) = registry.load_dir(folder)
    {
        tracing::error!(%error, "the folder of site modules cannot be read by the bot");
    }
    registry
}
