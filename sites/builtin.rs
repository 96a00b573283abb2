//! The modules compiled into the program: an explicit list, sorted, no build script.

use crate::site::Refine;

/// A module compiled in.
#[derive(Debug, Clone, Copy)]
pub struct Module {
    /// Folder name.
    pub id: &'static str,
    /// Its `site.toml`.
    pub toml: &'static str,
    /// The function of its `parse.rs`, if it has one.
    pub refine: Option<Refine>,
}

macro_rules! module {
    ($id:literal) => {
        Module { id: $id, toml: include_str!(concat!($id, "/site.toml")), refine: None }
    };
}

/// All modules, in order of their ids.
pub const BUILTIN: &[Module] = &[
    module!("books_toscrape"),
    module!("craigslist"),
    module!("daft"),
    module!("demo_goods"),
    module!("demo_homes"),
    module!("finn"),
    module!("flatfox"),
    module!("hh_ru"),
    module!("immoscout24"),
    module!("kleinanzeigen"),
    module!("marktplaats"),
    module!("olx_br"),
    module!("otodom"),
    module!("sparkasse"),
    module!("wg_gesucht"),
    module!("willhaben"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_and_the_folders_agree() -> std::io::Result<()> {
        let mut folders = Vec::new();
        for entry in std::fs::read_dir(env!("CARGO_MANIFEST_DIR"))? {
            let path = entry?.path();
            if path.join("site.toml").is_file() {
                folders.extend(path.file_name().map(|n| n.to_string_lossy().into_owned()));
            }
        }
        folders.sort();
        let listed: Vec<&str> = BUILTIN.iter().map(|m| m.id).collect();
        assert_eq!(listed, folders);
        for module in BUILTIN {
            let id = format!("id = \"{}\"", module.id);
            assert!(module.toml.contains(&id), "sites/{}/site.toml: site.id", module.id);
        }
        Ok(())
    }
}
