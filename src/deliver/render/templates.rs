//! The templates in force: ours, and those of the operator over them.
//!
//! A folder (`[paths] templates`) may hold `home.txt`, `car.txt`, `job.txt` and `goods.txt`, and for one language
//! `home.uk.txt`. What is not there is as it comes with the program. Nothing starts with a broken one.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use sites::Kind;

use super::template::{Mistake, Template, parse};
use crate::config::{Place, Problem};
use crate::domain::Language;

/// Names of the templates, as of their files.
const NAMES: [&str; 4] = ["home", "car", "job", "goods"];

/// The templates that come with the program.
const BUILTIN: [(&str, &str); 4] = [
    ("home", include_str!("../../../config/templates/home.txt")),
    ("car", include_str!("../../../config/templates/car.txt")),
    ("job", include_str!("../../../config/templates/job.txt")),
    ("goods", include_str!("../../../config/templates/goods.txt")),
];

/// The word that a listing left the market, as an answer to the message that told of it.
const SHORT: &str = "{headline}\n{title|bold|link}";

/// What is wrong with a file of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenTemplate {
    /// Its path.
    pub file: String,
    /// Line and column, from 1, where one is concerned.
    pub at: Option<(usize, usize)>,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl BrokenTemplate {
    /// As a problem of the configuration.
    fn problem(self) -> Problem {
        let line = self.at.map(|(line, _)| line);
        let place = Place::File { name: self.file, line };
        let (what, remedy) = match self.what.split_once("; ") {
            Some((what, remedy)) => (what.to_owned(), remedy.to_owned()),
            None => (self.what, "see docs/OPERATIONS.md, \"Templates\"".to_owned()),
        };
        let what = match self.at {
            Some((_, column)) => format!("column {column}: {what}"),
            None => what,
        };
        Problem::of(place, "paths.templates", what, remedy)
    }
}

/// Everything that is wrong with the folder of templates, if there is one.
pub fn problems(folder: Option<&Path>) -> Vec<Problem> {
    let broken = Templates::load(folder).err().unwrap_or_default();
    broken.into_iter().map(BrokenTemplate::problem).collect()
}

impl fmt::Display for BrokenTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((line, column)) => write!(f, "{}:{line}:{column}: {}", self.file, self.what),
            None => write!(f, "{}: {}", self.file, self.what),
        }
    }
}

/// All templates by name, with a language where it has its own.
#[derive(Debug, Clone)]
pub struct Templates {
    by_name: HashMap<(String, Option<Language>), Template>,
    short: Template,
}

impl Default for Templates {
    fn default() -> Self {
        // A test reads ours: none is ever replaced by an empty one.
        let template = |text| parse(text).unwrap_or_default();
        let ours = BUILTIN.map(|(name, text)| ((name.to_owned(), None), template(text)));
        Self { by_name: HashMap::from(ours), short: template(SHORT) }
    }
}

impl Templates {
    /// Ours, with those of `folder` over them; all that is wrong with the folder at once.
    pub fn load(folder: Option<&Path>) -> Result<Self, Vec<BrokenTemplate>> {
        let mut templates = Self::default();
        let Some(folder) = folder else { return Ok(templates) };
        let broken = |file: &Path, what: String| BrokenTemplate {
            file: file.display().to_string(),
            at: None,
            what,
        };
        let entries = std::fs::read_dir(folder)
            .map_err(|error| vec![broken(folder, format!("cannot be read ({error})"))])?;
        let mut files: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        files.sort();
        let mut wrong = Vec::new();
        for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "txt")) {
            let stem = file.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
            let Some(key) = key(&stem) else {
                let names = NAMES.join(", ");
                let what = format!("is none of {names}, alone or with .en, .ru or .uk behind");
                wrong.push(broken(file, what));
                continue;
            };
            match std::fs::read_to_string(file).map_err(|error| error.to_string()) {
                Err(error) => wrong.push(broken(file, format!("cannot be read ({error})"))),
                Ok(text) => match parse(&text) {
                    Ok(template) => {
                        templates.by_name.insert(key, template);
                    }
                    Err(mistakes) => wrong.extend(mistakes.into_iter().map(|one| {
                        let Mistake { line, column, what } = one;
                        BrokenTemplate { at: Some((line, column)), ..broken(file, what) }
                    })),
                },
            }
        }
        if wrong.is_empty() { Ok(templates) } else { Err(wrong) }
    }

    /// The template for listings of `kind` in `language`.
    pub(super) fn of(&self, kind: Kind, language: Language) -> &Template {
        let name = match kind {
            Kind::Home => "home",
            Kind::Car => "car",
            Kind::Job => "job",
            Kind::Classified | Kind::Goods => "goods",
        };
        let own = self.by_name.get(&(name.to_owned(), Some(language)));
        own.or_else(|| self.by_name.get(&(name.to_owned(), None))).unwrap_or(&self.short)
    }

    /// The template of a short word.
    pub(super) fn short(&self) -> &Template {
        &self.short
    }
}

/// Name and language of a file's stem.
fn key(stem: &str) -> Option<(String, Option<Language>)> {
    let (name, language) = match stem.split_once('.') {
        Some((name, code)) => {
            (name, Some(Language::ALL.into_iter().find(|language| language.code() == code)?))
        }
        None => (stem, None),
    };
    NAMES.contains(&name).then(|| (name.to_owned(), language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_templates_are_good() {
        for (name, text) in BUILTIN {
            assert!(parse(text).is_ok(), "{name}");
        }
        assert!(parse(SHORT).is_ok());
    }

    #[test]
    fn an_operators_folder_is_refused_with_every_mistake_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("written");
        };
        write("home.txt", "{title}\n{prize}\n[{price}");
        write("flat.txt", "{title}");
        write("car.de.txt", "{title}");
        write("notes.md", "not a template");
        let wrong = Templates::load(Some(folder.path())).expect_err("broken");
        let said: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 4, "{said:?}");
        assert!(said[0].contains("car.de.txt: is none of home, car"), "{said:?}");
        assert!(said[1].contains("flat.txt: is none"), "{said:?}");
        assert!(said[2].contains("home.txt:2:2: there is no field \"prize\""), "{said:?}");
        assert!(said[3].contains("home.txt:3:1: [ is not closed"), "{said:?}");
        let problems = problems(Some(folder.path()));
        let said = problems[2].to_string();
        assert!(said.contains("home.txt:2: paths.templates: column 2: there is no"), "{said}");
        assert!(super::problems(None).is_empty());
    }

    #[test]
    fn a_folder_replaces_one_language_of_one_kind() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("home.uk.txt"), "Дім: {title}").expect("written");
        let templates = Templates::load(Some(folder.path())).expect("good");
        let ours = Templates::default();
        let of = |templates: &Templates, language| templates.of(Kind::Home, language).clone();
        assert_ne!(of(&templates, Language::Uk), of(&ours, Language::Uk));
        assert_eq!(of(&templates, Language::En), of(&ours, Language::En));
        assert!(Templates::load(Some(&folder.path().join("nowhere"))).is_err());
    }
}
