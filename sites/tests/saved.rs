//! The list of saved cases that are compiled in follows the folders.

use std::fmt::Write as _;
use std::path::Path;

use sites::builtin::BUILTIN;
use sites::{saved, testing};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The list as it should be.
fn list(root: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let mut out = String::from(
        "//! Written by `BLESS=1 cargo test -p sites --test saved` from the folders of cases.\n\n\
         use super::{Saved, saved};\n\n/// All saved cases, by site and name.\n\
         pub(super) const SAVED: &[Saved] = &[\n",
    );
    for module in BUILTIN {
        for case in testing::cases(&root.join(module.id))? {
            let pages = ["page.html", "page.json", "page.xml"];
            let page = pages.iter().find(|name| case.dir.join(name).is_file()).ok_or("no page")?;
            writeln!(out, "    saved!(\"{}\", \"{}\", \"{page}\"),", module.id, case.name)?;
        }
    }
    out.push_str("];\n");
    Ok(out)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test is told by its environment to bless")]
fn the_list_of_saved_cases_is_that_of_the_folders() -> Outcome {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (file, wanted) = (root.join("saved/list.rs"), list(root)?);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &wanted)?;
    }
    let found = std::fs::read_to_string(&file)?;
    assert!(found == wanted, "run `BLESS=1 cargo test -p sites --test saved`, then build again");
    Ok(())
}

#[test]
fn the_cases_compiled_in_read_like_those_of_the_folders() -> Outcome {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for module in BUILTIN {
        let (compiled, folder) = (saved::cases(module.id)?, testing::cases(&root.join(module.id))?);
        assert_eq!(compiled.len(), folder.len(), "{}", module.id);
        for (a, b) in compiled.iter().zip(&folder) {
            assert_eq!((&a.name, &a.page.body), (&b.name, &b.page.body));
            assert_eq!((&a.expected, a.kind), (&b.expected, b.kind));
        }
    }
    assert!(saved::cases("unknown")?.is_empty());
    Ok(())
}
