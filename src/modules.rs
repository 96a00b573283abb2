//! The site modules that recognise addresses, shared by everybody in the process who is shown one.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use sites::builtin::BUILTIN;
use sites::{Registry, Site};

use crate::domain::ids::digest;

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

    /// Whether a version of a module that was derived from the text with this digest can come into force: its base is
    /// still the same, and it can be read.
    pub fn fits(&self, id: &str, base: &str, toml: &str) -> bool {
        let file = self.folder.as_ref().map(|folder| folder.join(id).join("site.toml"));
        let own = file.and_then(|file| std::fs::read_to_string(file).ok());
        let known = BUILTIN.iter().find(|known| known.id == id).map(|known| known.toml);
        let present = own.as_deref().or(known).map(|text| digest(&[text]));
        present.as_deref() == Some(base)
            && Site::from_toml(&format!("{id}/site.toml"), toml).is_ok()
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
