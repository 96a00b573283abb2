//! `magpie site failures` and `magpie site case`: from the kept page of a failure to a failing case of the module.

use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::json;
use sites::Listing;

use super::site::Deps;
use super::table::{self, tame};
use crate::domain::health::FailurePage;
use crate::scrape::life::extension;
use crate::store::Db;

/// Known listings that are looked for on the page.
const KNOWN: u32 = 500;

fn db<'d>(deps: &Deps<'d>) -> anyhow::Result<&'d dyn Db> {
    deps.db.context("kept failures are in the database; set DATABASE_URL or DATA_DIR")
}

/// Lists the groups of failures; true when there are none.
pub(super) async fn failures(
    deps: &Deps<'_>,
    site: Option<&str>,
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<bool> {
    let pages = db(deps)?.failures(site).await?;
    if json {
        let one = |page: &FailurePage| {
            json!({
                "site": page.site, "group": page.group, "class": page.class, "times": page.times,
                "first_at": page.first_at, "last_at": page.last_at, "reason": page.reason,
                "url": page.url, "bytes": page.bytes,
                "page": deps.failures.0.join(&page.path),
                "picture": page.picture.as_ref().map(|path| deps.failures.0.join(path)),
            })
        };
        table::print_json(out, &pages.iter().map(one).collect::<Vec<_>>())?;
        return Ok(pages.is_empty());
    }
    if pages.is_empty() {
        writeln!(out, "No page of a failure is kept.")?;
        return Ok(true);
    }
    let row = |page: &FailurePage| {
        vec![
            page.site.clone(),
            page.group.clone(),
            page.class.clone(),
            page.times.to_string(),
            table::when(Some(page.first_at), deps.now),
            table::when(Some(page.last_at), deps.now),
            if page.picture.is_some() { "yes" } else { "no" }.to_owned(),
            page.reason.clone(),
        ]
    };
    let rows: Vec<_> = pages.iter().map(row).collect();
    let header = ["site", "group", "class", "times", "first", "last", "picture", "reason"];
    table::print(out, deps.screen, &header, &rows)?;
    writeln!(
        out,
        "The pages are below {}; `magpie site case SITE --group GROUP` makes a case of one.",
        deps.failures.0.display()
    )?;
    Ok(false)
}

/// Writes a case that fails until the module is repaired.
pub(super) async fn case(
    deps: &Deps<'_>,
    site: &str,
    group: Option<&str>,
    dir: &Path,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<bool> {
    let db = db(deps)?;
    let pages = db.failures(Some(site)).await?;
    if pages.is_empty() {
        bail!("no page of a failure of site {site} is kept; `magpie site failures` lists all");
    }
    let page = match group {
        Some(prefix) => table::pick("group", prefix, pages, |page| page.group.as_str())?,
        None => pages.into_iter().next().context("there is one")?,
    };
    let body = deps.failures.page(&page).with_context(|| {
        format!("the page {} cannot be read", deps.failures.0.join(&page.path).display())
    })?;
    let module = dir.join(site);
    if !module.is_dir() {
        bail!("{} is no module; name the folder of site modules with --dir", module.display());
    }
    let name = format!("{}-{}", page.first_at.format("%Y-%m-%d"), page.group);
    let folder = module.join("fixtures").join(&name);
    if folder.exists() {
        bail!("{} exists; remove it to make it again", folder.display());
    }
    let known = db.latest_listings(&page.source, KNOWN).await?;
    let (kind, listings) = match page.class.as_str() {
        "blocked" => ("blocked", vec![]),
        _ => ("results", on_page(&body, known)),
    };
    write_case(&folder, &page, &body, kind, &listings)?;
    tell(site, &name, &folder, &page, listings.len(), out)?;
    Ok(true)
}

/// The known listings whose title or id stands on the page, in the order in which they stand there.
fn on_page(body: &str, known: Vec<Listing>) -> Vec<Listing> {
    let place = |listing: &Listing| {
        let escaped = listing.title.replace('&', "&amp;");
        let title = body.find(&listing.title).or_else(|| body.find(&escaped));
        // A short id stands anywhere.
        title.or_else(|| if listing.id.len() >= 5 { body.find(&listing.id) } else { None })
    };
    let mut found: Vec<(usize, Listing)> =
        known.into_iter().filter_map(|one| place(&one).map(|at| (at, one))).collect();
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, listing)| listing).collect()
}

fn write_case(
    folder: &Path,
    page: &FailurePage,
    body: &str,
    kind: &str,
    listings: &[Listing],
) -> anyhow::Result<()> {
    let expected = json!({
        "kind": kind, "listings": listings, "complaints": [], "won": {}, "total": null, "next": null,
    });
    let about = format!(
        "# A failure that was seen {} times: {}\nurl = {:?}\nsaved_at = {:?}\nkind = {kind:?}\n",
        page.times,
        tame(&page.reason),
        page.url,
        page.first_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    );
    let files = [
        (format!("page.{}", extension(body)), body.to_owned()),
        ("case.toml".to_owned(), about),
        ("expected.json".to_owned(), serde_json::to_string_pretty(&expected)? + "\n"),
    ];
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::write(&path, text)
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

fn tell(
    site: &str,
    name: &str,
    folder: &Path,
    page: &FailurePage,
    listings: usize,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    writeln!(out, "{} is a failing case: {}", folder.display(), tame(&page.reason))?;
    writeln!(out, "Next:")?;
    writeln!(
        out,
        "  1. Take names, telephone numbers and mail addresses of people out of the page."
    )?;
    match listings {
        0 => writeln!(
            out,
            "  2. No known listing stands on the page: write what should be read into expected.json."
        )?,
        _ => writeln!(
            out,
            "  2. expected.json holds the {listings} known listings that stand on the page, with their last \
             good values: correct what has changed since."
        )?,
    }
    writeln!(out, "  3. Mend site.toml until `magpie site test {site}` agrees with the listings.")?;
    writeln!(
        out,
        "  4. `magpie site bless {site} {name}` takes the rest; look at the difference."
    )?;
    Ok(())
}
