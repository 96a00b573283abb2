//! Rules that hold for every module: cases, uniqueness, and calm in front of any page.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sites::testing::{self, Case};
use sites::{Page, PageKind, Registry, Site};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn folder(site: &Site) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(&site.id)
}

fn all_cases(registry: &Registry) -> Result<Vec<(&Site, Case)>, Box<dyn std::error::Error>> {
    let mut out = Vec::new();
    for site in registry.iter() {
        for case in testing::cases(&folder(site))? {
            out.push((site, case));
        }
    }
    Ok(out)
}

/// `BLESS=1 cargo test -p sites` writes what is read now as expected; look at the difference before a
/// commit.
#[test]
#[expect(clippy::disallowed_methods, reason = "the test is told by its environment to bless")]
fn every_case_reads_as_blessed() -> Outcome {
    let registry = Registry::builtin()?;
    if std::env::var_os("BLESS").is_some() {
        for site in registry.iter() {
            testing::bless(site, &folder(site))?;
        }
    }
    let mut wrong = Vec::new();
    for (site, case) in all_cases(&registry)? {
        for difference in testing::check(site, &case) {
            wrong.push(format!("{} {}: {difference}", site.id, case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn every_site_has_results_no_results_and_a_block_page() -> Outcome {
    let registry = Registry::builtin()?;
    for site in registry.iter() {
        let cases = testing::cases(&folder(site))?;
        for kind in [PageKind::Results, PageKind::NoResults, PageKind::Blocked] {
            assert!(cases.iter().any(|c| c.kind == kind), "{} has no case of {kind:?}", site.id);
        }
    }
    Ok(())
}

#[test]
fn cases_are_recognised_by_their_address() -> Outcome {
    let registry = Registry::builtin()?;
    for (site, case) in all_cases(&registry)? {
        let found = registry.recognise(&case.page.url).map(|s| s.id.as_str());
        assert_eq!(found, Some(site.id.as_str()), "{}", case.page.url);
        let known = site.matches(&case.page.url) || site.is_detail(&case.page.url);
        assert!(known, "{} is neither search nor detail", case.page.url);
        let once = site.clean(&case.page.url);
        assert_eq!(site.clean(&once.url), once, "cleaning twice changes {}", case.page.url);
    }
    Ok(())
}

#[test]
fn hosts_and_paths_belong_to_one_site() -> Outcome {
    let registry = Registry::builtin()?;
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for site in registry.iter() {
        for host in &site.hosts {
            let place = format!("{}:{:?}{}", host.name, host.port, site.path);
            if let Some(other) = owners.insert(place.clone(), site.id.clone()) {
                panic!("{place} belongs to {other} and {}", site.id);
            }
        }
    }
    Ok(())
}

#[test]
fn ids_on_a_page_are_unique_and_addresses_absolute() -> Outcome {
    let registry = Registry::builtin()?;
    for (site, case) in all_cases(&registry)? {
        let mut seen = std::collections::HashSet::new();
        for listing in site.parse(&case.page).listings {
            assert!(seen.insert(listing.id.clone()), "{}: {} twice", site.id, listing.id);
            assert!(listing.url.starts_with("http"), "{}: {}", site.id, listing.url);
        }
    }
    Ok(())
}

/// The same page with another body.
fn with_body(case: &Case, body: String) -> Page {
    Page { body, ..case.page.clone() }
}

/// The body's lines in another order, the same on every run.
fn shuffled(body: &str) -> String {
    let mut lines: Vec<&str> = body.split_inclusive(['\n', '>']).collect();
    let mut state: usize = 12_345;
    for at in (1..lines.len()).rev() {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        lines.swap(at, (state >> 33) % (at + 1));
    }
    lines.concat()
}

#[test]
fn an_empty_page_is_never_results_and_never_no_results() -> Outcome {
    let registry = Registry::builtin()?;
    for (site, case) in all_cases(&registry)? {
        for body in ["", " ", "\u{feff}", "<html></html>", "null", "{}"] {
            let page = Page { status: Some(200), ..with_body(&case, body.to_owned()) };
            assert_eq!(site.parse(&page).kind, PageKind::Unrecognised, "{} `{body}`", site.id);
        }
    }
    Ok(())
}

#[test]
fn half_and_shuffled_pages_do_not_panic() -> Outcome {
    let registry = Registry::builtin()?;
    for (site, case) in all_cases(&registry)? {
        let body = &case.page.body;
        for part in (1..8).step_by(3) {
            let mut end = body.len() * part / 8;
            while !body.is_char_boundary(end) {
                end -= 1;
            }
            let _ = site.parse(&with_body(&case, body[..end].to_owned()));
            let _ = site.parse(&with_body(&case, body[end..].to_owned()));
        }
        let _ = site.parse(&with_body(&case, shuffled(body)));
        let deep = "<div>".repeat(900) + body;
        let _ = site.parse(&with_body(&case, deep));
    }
    Ok(())
}

#[test]
fn the_page_of_another_site_gives_no_listings() -> Outcome {
    let registry = Registry::builtin()?;
    let cases = all_cases(&registry)?;
    for site in registry.iter() {
        let Some((_, own)) =
            cases.iter().find(|(s, c)| s.id == site.id && c.kind == PageKind::Results)
        else {
            continue;
        };
        for (other, case) in &cases {
            if other.id != site.id {
                let page = Page { url: own.page.url.clone(), ..case.page.clone() };
                let found = site.parse(&page).listings.len();
                assert_eq!(found, 0, "{} reads {} {}", site.id, other.id, case.name);
            }
        }
    }
    Ok(())
}
