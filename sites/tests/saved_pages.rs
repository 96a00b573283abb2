//! Scores the modules on the saved real pages, where that folder stands beside the checkout.

use std::path::Path;

use sites::{Registry, verify};

/// The folder of saved pages: the one `SAVED_PAGES` names, or the one beside the checkout. `None` says
/// SKIPPED. Where the shared folder is there in continuous
/// integration, a missing index is a failure, not a reason to skip.
#[expect(clippy::disallowed_methods, reason = "a test may ask where it runs")]
fn folder() -> Option<std::path::PathBuf> {
    if let Some(named) = std::env::var_os("SAVED_PAGES") {
        return Some(named.into());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let shared = root.join("../shared");
    let pages = shared.join("pages");
    let must = std::env::var("CI").is_ok_and(|v| v == "true") && shared.is_dir();
    if pages.join("index.json").is_file() {
        return Some(pages);
    }
    assert!(!must, "{} holds no index.json", pages.display());
    println!("SKIPPED: no saved pages beside the checkout");
    None
}

fn complete(only: Option<&[&str]>) {
    let Some(dir) = folder() else { return };
    let registry = Registry::builtin().unwrap_or_else(|error| panic!("{error}"));
    let report = verify::run(&dir, &registry, only).unwrap_or_else(|error| panic!("{error}"));
    println!("{report}");
    assert!(report.complete(), "{report}");
}

#[test]
fn every_page_of_a_known_site_reads_as_expected() {
    complete(None);
}

#[test]
fn price_strings_of_real_shops_read_as_expected() {
    complete(Some(&["prices"]));
}

#[test]
fn relative_dates_of_many_languages_read_as_expected() {
    complete(Some(&["dates"]));
}

#[test]
fn robots_files_read_as_expected() {
    complete(Some(&["robots"]));
}

/// Detection without modules: every item of so many pages, with 95 % of its values, is the floor.
#[test]
fn lists_of_unknown_sites_are_found() {
    let Some(dir) = folder() else { return };
    let report = verify::run_inferred(&dir, None).unwrap_or_else(|error| panic!("{error}"));
    println!("{report}");
    let whole = report.pages.iter().filter(|page| page.note.is_none() && page.share() >= 0.95);
    let (whole, all) = (whole.count(), report.pages.len());
    println!("{whole} of {all} lists read, {} of {} values", report.right, report.checked);
    assert!(whole * 100 >= all * 88, "{whole} of {all} lists read\n{report}");
}
