//! The saved cases of the modules compiled into the program, compiled in with them: a repair on a machine without
//! the source code is held to them too.

mod list;

use std::path::Path;

use crate::testing::{self, Case, CaseError};

/// One saved case, as its files say it.
struct Saved {
    site: &'static str,
    case: &'static str,
    about: &'static str,
    /// Name and text of its page.
    page: (&'static str, &'static str),
    expected: &'static str,
}

/// A case by its folder and the name of its page.
macro_rules! saved {
    ($site:literal, $case:literal, $page:literal) => {
        $crate::saved::Saved {
            site: $site,
            case: $case,
            about: include_str!(concat!("../", $site, "/fixtures/", $case, "/case.toml")),
            page: ($page, include_str!(concat!("../", $site, "/fixtures/", $case, "/", $page))),
            expected: include_str!(concat!("../", $site, "/fixtures/", $case, "/expected.json")),
        }
    };
}
use saved;

/// All saved cases of a module that is compiled in, in order of their names; none for other modules.
pub fn cases(id: &str) -> Result<Vec<Case>, CaseError> {
    let of_site = list::SAVED.iter().filter(|saved| saved.site == id);
    let case = |saved: &Saved| {
        let folder = Path::new(saved.site).join("fixtures").join(saved.case);
        testing::case_of(&folder, |name| match name {
            "case.toml" => Some(saved.about.to_owned()),
            "expected.json" => Some(saved.expected.to_owned()),
            name if name == saved.page.0 => Some(saved.page.1.to_owned()),
            _ => None,
        })
    };
    of_site.map(case).collect()
}
