//! The site modules of this process, shared and replaceable while it runs.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use sites::{LoadError, Registry, Site};
use url::Url;

/// A handle on the present modules. A run keeps the module with which it began.
pub struct Modules {
    present: RwLock<Arc<Loaded>>,
}

struct Loaded {
    registry: Registry,
    shared: HashMap<String, Arc<Site>>,
}

impl Loaded {
    fn new(registry: Registry) -> Arc<Self> {
        let shared =
            registry.iter().map(|site| (site.id.clone(), Arc::new(site.clone()))).collect();
        Arc::new(Self { registry, shared })
    }
}

impl Modules {
    /// Shares the modules of `registry`.
    pub fn new(registry: Registry) -> Self {
        Self { present: RwLock::new(Loaded::new(registry)) }
    }

    /// The modules compiled in and those in `folder`, if any. Every problem is told at once.
    pub fn load(folder: Option<&Path>) -> Result<Registry, LoadError> {
        let mut registry = Registry::builtin()?;
        if let Some(folder) = folder {
            registry.load_dir(folder)?;
        }
        Ok(registry)
    }

    /// Replaces all modules; runs under way keep theirs.
    pub fn replace(&self, registry: Registry) {
        let loaded = Loaded::new(registry);
        *self.present.write().unwrap_or_else(PoisonError::into_inner) = loaded;
    }

    /// The module of this id.
    pub fn get(&self, id: &str) -> Option<Arc<Site>> {
        self.loaded().shared.get(id).cloned()
    }

    /// The module to which an address belongs.
    pub fn recognise(&self, url: &Url) -> Option<Arc<Site>> {
        let loaded = self.loaded();
        let site = loaded.registry.recognise(url)?;
        loaded.shared.get(&site.id).cloned()
    }

    /// All modules, by id.
    pub fn all(&self) -> Vec<Arc<Site>> {
        let loaded = self.loaded();
        loaded.registry.iter().filter_map(|site| loaded.shared.get(&site.id).cloned()).collect()
    }

    fn loaded(&self) -> Arc<Loaded> {
        self.present.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
