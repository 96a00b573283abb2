//! All sites Magpie knows: the ones compiled in, and folders dropped in at run time.

use std::collections::BTreeMap;
use std::path::Path;

use url::Url;

use crate::builtin::BUILTIN;
use crate::load::{LoadError, Problem};
use crate::site::Site;

/// Sites by id.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    sites: BTreeMap<String, Site>,
}

impl Registry {
    /// The modules compiled into the program.
    pub fn builtin() -> Result<Registry, LoadError> {
        let mut registry = Registry::default();
        let mut problems = Vec::new();
        for module in BUILTIN {
            match Site::from_toml(&format!("sites/{}/site.toml", module.id), module.toml) {
                Ok(site) => registry.insert(match module.refine {
                    Some(refine) => site.with_refine(refine),
                    None => site,
                }),
                Err(error) => problems.extend(error.problems),
            }
        }
        if problems.is_empty() { Ok(registry) } else { Err(LoadError { problems }) }
    }

    /// Adds a site; it replaces one of the same id.
    pub fn insert(&mut self, site: Site) {
        self.sites.insert(site.id.clone(), site);
    }

    /// Adds every folder of `dir` that holds a `site.toml`, in order of their names; a later module
    /// replaces an earlier one of the same id. With any problem nothing is added.
    pub fn load_dir(&mut self, dir: &Path) -> Result<usize, LoadError> {
        let mut problems = Vec::new();
        let mut fresh = Vec::new();
        let mut folders = folders(dir).map_err(|problem| LoadError { problems: vec![problem] })?;
        folders.sort();
        for folder in folders {
            let file = folder.join("site.toml");
            let name = file.display().to_string();
            let text = match std::fs::read_to_string(&file) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => {
                    problems.push(file_problem(&name, &format!("cannot be read: {error}")));
                    continue;
                }
            };
            match Site::from_toml(&name, &text) {
                Ok(site) => {
                    if folder.file_name().and_then(|n| n.to_str()) != Some(site.id.as_str()) {
                        problems.push(Problem {
                            key: "site.id".to_owned(),
                            ..file_problem(&name, "must equal the name of its folder")
                        });
                    }
                    fresh.push(site);
                }
                Err(error) => problems.extend(error.problems),
            }
        }
        if !problems.is_empty() {
            return Err(LoadError { problems });
        }
        let count = fresh.len();
        for site in fresh {
            self.insert(site);
        }
        Ok(count)
    }

    /// The site of this id.
    pub fn get(&self, id: &str) -> Option<&Site> {
        self.sites.get(id)
    }

    /// The site an address belongs to; of several the one with the longer host, then the longer path.
    pub fn recognise(&self, url: &Url) -> Option<&Site> {
        let claims = self.iter().filter_map(|site| Some((site.claim(url)?, site)));
        claims.max_by_key(|(claim, _)| *claim).map(|(_, site)| site)
    }

    /// All sites in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Site> {
        self.sites.values()
    }
}

fn file_problem(file: &str, text: &str) -> Problem {
    Problem { file: file.to_owned(), key: String::new(), text: text.to_owned() }
}

fn folders(dir: &Path) -> Result<Vec<std::path::PathBuf>, Problem> {
    let name = dir.display().to_string();
    let unreadable = |error: std::io::Error| {
        file_problem(&name, &format!("the folder of site modules cannot be read: {error}"))
    };
    let mut out = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            out.push(path);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_dropped_in_replaces_a_module_of_its_name() -> Result<(), Box<dyn std::error::Error>>
    {
        let dir = tempfile::tempdir()?;
        let folder = dir.path().join("books_toscrape");
        std::fs::create_dir(&folder)?;
        let module = BUILTIN.iter().find(|m| m.id == "books_toscrape").ok_or("no module")?;
        let text = module.toml.replace("name = \"", "name = \"My ");
        std::fs::write(folder.join("site.toml"), &text)?;
        let mut registry = Registry::builtin()?;
        assert_eq!(registry.load_dir(dir.path())?, 1);
        let name = registry.get("books_toscrape").map(|s| s.name.clone());
        assert!(name.is_some_and(|n| n.starts_with("My ")));
        std::fs::write(folder.join("site.toml"), "[site]\nid = 3")?;
        let error = registry.load_dir(dir.path()).expect_err("refused");
        assert!(error.to_string().contains("books_toscrape/site.toml: site.id"), "{error}");
        Ok(())
    }
}
