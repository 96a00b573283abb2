//! The site modules of this process, shared and replaceable while it runs.
//!
//! A module is the program's own or, over it, one of the folder of modules: that is the *base*. Over the base stands
//! the version that an operator has approved, as long as it was derived from this very base: a release that brings
//! another text puts it aside. A version in shadow is kept beside the module in force.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use sites::builtin::BUILTIN;
use sites::testing::{self, Case, CaseError};
use sites::{LoadError, Registry, Site, saved};
use url::Url;

use crate::domain::ChatId;
use crate::domain::ids::digest;
use crate::store::{ModuleState, ModuleVersion};

/// A site whose module could not be repaired is not tried again for so long.
const PAUSE: TimeDelta = TimeDelta::minutes(5);

/// A handle on the present modules. A run keeps the module with which it began.
pub struct Modules {
    present: RwLock<Arc<Loaded>>,
    folder: Option<PathBuf>,
    texts: HashMap<String, String>,
    operators: Vec<ChatId>,
    tried: Mutex<HashMap<String, DateTime<Utc>>>,
}

/// A version in shadow.
#[derive(Debug, Clone)]
pub struct Trial {
    /// As stored.
    pub version: ModuleVersion,
    /// The module.
    pub site: Arc<Site>,
}

struct Loaded {
    base: Registry,
    registry: Registry,
    shared: HashMap<String, Arc<Site>>,
    /// State of the record's versions at the last look; `None` before the first.
    revision: Option<String>,
    versions: Vec<ModuleVersion>,
    trials: HashMap<String, Trial>,
}

impl Modules {
    /// Shares the modules of `registry`.
    pub fn new(registry: Registry) -> Self {
        Self {
            present: RwLock::new(Arc::new(Loaded::plain(registry))),
            folder: None,
            texts: HashMap::new(),
            operators: Vec::new(),
            tried: Mutex::default(),
        }
    }

    /// Names the folder of modules, where the texts and saved cases of its modules stand.
    #[must_use]
    pub fn in_folder(self, folder: Option<&Path>) -> Self {
        Self { folder: folder.map(Path::to_path_buf), ..self }
    }

    /// Names the text of a module that stands in no folder.
    #[must_use]
    pub fn with_text(mut self, id: &str, toml: &str) -> Self {
        self.texts.insert(id.to_owned(), toml.to_owned());
        self
    }

    /// Names the chats that are told of proposals.
    #[must_use]
    pub fn operated_by(self, operators: Vec<ChatId>) -> Self {
        Self { operators, ..self }
    }

    /// The modules compiled in and those in `folder`, if any. Every problem is told at once.
    pub fn load(folder: Option<&Path>) -> Result<Registry, LoadError> {
        let mut registry = Registry::builtin()?;
        if let Some(folder) = folder {
            registry.load_dir(folder)?;
        }
        Ok(registry)
    }

    /// Replaces all base modules; approved versions stay where their base is the same. Runs under way keep theirs.
    pub fn replace(&self, registry: Registry) {
        let before = self.loaded();
        let versions = before.versions.clone();
        self.put(registry, versions, before.revision.clone());
    }

    /// Takes over the versions of the record.
    pub fn take_over(&self, versions: Vec<ModuleVersion>, revision: String) {
        let base = self.loaded().base.clone();
        self.put(base, versions, Some(revision));
    }

    fn put(&self, base: Registry, versions: Vec<ModuleVersion>, revision: Option<String>) {
        let mut loaded = Loaded::plain(base);
        for version in &versions {
            if !matches!(version.state, ModuleState::Active | ModuleState::Shadow) {
                continue;
            }
            let (id, number) = (version.new.site.as_str(), version.version);
            match self.compiled(version) {
                Ok(site) if version.state == ModuleState::Active => {
                    loaded.registry.insert(site.clone());
                    loaded.shared.insert(id.to_owned(), Arc::new(site));
                }
                Ok(site) => {
                    let trial = Trial { version: version.clone(), site: Arc::new(site) };
                    loaded.trials.insert(id.to_owned(), trial);
                }
                Err(why) => {
                    tracing::warn!(
                        site = id,
                        version = number,
                        why,
                        "a version of a module is left aside"
                    );
                }
            }
        }
        loaded.versions = versions;
        loaded.revision = revision;
        *self.present.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(loaded);
    }

    /// The module of a version, if it still stands on its base.
    fn compiled(&self, version: &ModuleVersion) -> Result<Site, String> {
        let id = version.new.site.as_str();
        if self.base_of(id).as_deref() != Some(version.new.base.as_str()) {
            return Err(
                "the module it was derived from has changed; roll it back or repair anew".into()
            );
        }
        self.compile(id, &version.new.toml)
    }

    /// Compiles the text of a module, with the code that belongs to its id.
    pub fn compile(&self, id: &str, toml: &str) -> Result<Site, String> {
        let site = Site::from_toml(&format!("{id}/site.toml"), toml).map_err(|e| e.to_string())?;
        let refine = BUILTIN.iter().find(|known| known.id == id).and_then(|known| known.refine);
        Ok(match refine {
            Some(refine) => site.with_refine(refine),
            None => site,
        })
    }

    /// The text of the base module.
    pub fn base_text(&self, id: &str) -> Option<String> {
        if let Some(text) = self.texts.get(id) {
            return Some(text.clone());
        }
        let file = self.folder.as_ref().map(|folder| folder.join(id).join("site.toml"));
        file.and_then(|file| std::fs::read_to_string(file).ok()).or_else(|| {
            BUILTIN.iter().find(|known| known.id == id).map(|known| known.toml.to_owned())
        })
    }

    /// The name of the base module's text.
    pub fn base_of(&self, id: &str) -> Option<String> {
        self.base_text(id).map(|text| digest(&[&text]))
    }

    /// The text of the module in force.
    pub fn text(&self, id: &str) -> Option<String> {
        let loaded = self.loaded();
        let base = self.base_of(id);
        let active = loaded.versions.iter().find(|version| {
            version.new.site == id
                && version.state == ModuleState::Active
                && Some(&version.new.base) == base.as_ref()
        });
        active.map(|version| version.new.toml.clone()).or_else(|| self.base_text(id))
    }

    /// The saved cases of a module: those of its folder, or those compiled in with it.
    pub fn cases(&self, id: &str) -> Result<Vec<Case>, CaseError> {
        let own = self.folder.as_ref().map(|folder| folder.join(id));
        match own.filter(|dir| dir.join("fixtures").is_dir()) {
            Some(dir) => testing::cases(&dir),
            None if self.is_own(id) => saved::cases(id),
            None => Ok(Vec::new()),
        }
    }

    /// Whether the base module of this id is the program's own.
    fn is_own(&self, id: &str) -> bool {
        let folder = self.folder.as_ref();
        !self.texts.contains_key(id) && folder.is_none_or(|folder| !folder.join(id).is_dir())
    }

    /// The version of a site that is in shadow.
    pub fn trial(&self, id: &str) -> Option<Trial> {
        self.loaded().trials.get(id).cloned()
    }

    /// Whether a version of the site is on its way to an operator.
    pub fn has_open(&self, id: &str) -> bool {
        let loaded = self.loaded();
        loaded.versions.iter().any(|one| one.new.site == id && one.state.is_open())
    }

    /// The state of the record at the last look.
    pub fn revision(&self) -> Option<String> {
        self.loaded().revision.clone()
    }

    /// Chats that are told of proposals.
    pub fn operators(&self) -> &[ChatId] {
        &self.operators
    }

    /// Whether a repair of the site may be tried now; the next one must wait.
    pub fn may_try(&self, id: &str, now: DateTime<Utc>) -> bool {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if tried.get(id).is_some_and(|last| now - *last < PAUSE) {
            return false;
        }
        tried.insert(id.to_owned(), now);
        true
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

impl Loaded {
    fn plain(base: Registry) -> Self {
        let shared = base.iter().map(|site| (site.id.clone(), Arc::new(site.clone()))).collect();
        Self {
            registry: base.clone(),
            base,
            shared,
            revision: None,
            versions: Vec::new(),
            trials: HashMap::new(),
        }
    }
}
