//! `magpie site new URL`: from the address of a search to a module with a first saved case.
//!
//! fetch (or read a saved page) → detect the list → write `DIR/<id>/site.toml`, the page as the case
//! `results`, and what the module reads from it → say what to look at next. Nothing is overwritten.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use sites::infer::Inferred;
use sites::{Page, PageKind, Render, Site, testing};
use url::Url;

use super::scrape::{kind_words, listings};
use super::site::Deps;
use super::unknown::{self, source_words};
use crate::scrape::http::decode;
use crate::scrape::parse::detect;

/// Propose a module for a site from one of its search pages
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address of a search page
    pub url: String,
    /// Id of the module: its folder's name (default: from the host)
    #[arg(long)]
    pub id: Option<String>,
    /// The folder of site modules (default: paths.sites, or ./sites)
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Read this saved page instead of fetching the address
    #[arg(long, value_name = "FILE")]
    pub page: Option<PathBuf>,
    /// Fetch only by browser
    #[arg(long, conflicts_with = "http")]
    pub browser: bool,
    /// Fetch only by plain HTTP
    #[arg(long)]
    pub http: bool,
}

/// Runs the command; the answer says whether a module was written.
pub(super) async fn run(
    args: Args,
    deps: &Deps<'_>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<bool> {
    let url = Url::parse(args.url.trim())
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .with_context(|| {
            format!("\"{}\" is no complete address; copy it with https://", args.url)
        })?;
    let id = args.id.clone().unwrap_or_else(|| id_of(&url));
    let dir = args.dir.clone().unwrap_or_else(|| deps.folder.to_owned());
    let folder = dir.join(&id);
    check(&id, &folder)?;
    let (page, inferred, render) = page(&args, &url, deps).await?;
    let Some(toml) = inferred.module(&id, &url, render) else {
        bail!(
            "no list was found on {url} ({}); is it a search page with several offers?",
            kind_words(inferred.parsed.kind)
        );
    };
    let site = Site::from_toml(&folder.join("site.toml").display().to_string(), &toml)?;
    write(&folder, &toml, &page, &site)?;
    report(&id, &url, &folder, &inferred, deps, out)?;
    Ok(true)
}

/// The id proposed for a host: its name without `www` and without the ending.
fn id_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("site");
    let bare = host.strip_prefix("www.").unwrap_or(host);
    let name =
        if url.domain().is_some() { bare.rsplit_once('.').map_or(bare, |n| n.0) } else { bare };
    let name: String = name
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let name = name.trim_matches('_');
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.to_owned()
    } else {
        format!("site_{name}")
    }
}

fn check(id: &str, folder: &Path) -> anyhow::Result<()> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !id.starts_with(|c: char| c.is_ascii_lowercase()) || !id.chars().all(good) {
        bail!("\"{id}\" is no id; use small letters, digits and `_`, and begin with a letter");
    }
    if folder.exists() {
        bail!(
            "{} is there already and is not touched; choose another --id, or remove it first",
            folder.display()
        );
    }
    Ok(())
}

/// The page, what was found on it, and how the site must be fetched.
async fn page(args: &Args, url: &Url, deps: &Deps<'_>) -> anyhow::Result<(Page, Inferred, Render)> {
    if let Some(file) = &args.page {
        let page = saved(file, url, deps.now)?;
        let (page, inferred) =
            detect(page).await.map_err(|reason| anyhow::anyhow!("{}: {reason}", file.display()))?;
        return Ok((page, inferred, Render::Auto));
    }
    let roads = deps.roads.context("this process has no road to the network; use --page FILE")?;
    let plan = unknown::plan(args.http, args.browser, roads.ladder);
    let look = unknown::look(roads, url, &plan).await?;
    let render = look.render();
    Ok((look.page, look.inferred, render))
}

fn saved(file: &Path, url: &Url, now: DateTime<Utc>) -> anyhow::Result<Page> {
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("{name} cannot be read"))?;
    let body = decode(&bytes, None)
        .map_err(|encoding| anyhow::anyhow!("{name} is not in {encoding}, as it says itself"))?;
    Ok(Page {
        url: url.clone(),
        status: Some(200),
        content_type: None,
        body,
        script: None,
        fetched_at: now,
    })
}

/// Writes the folder beside its place and moves it there whole, so that a half module is never seen.
fn write(folder: &Path, toml: &str, page: &Page, site: &Site) -> anyhow::Result<()> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent)
        .with_context(|| format!("{} cannot be made", parent.display()))?;
    let draft = parent.join(format!(".{}.new", site.id));
    let written = fill(&draft, toml, page, site)
        .and_then(|()| std::fs::rename(&draft, folder).map_err(anyhow::Error::from));
    if written.is_err() {
        // What was begun is of no use to anybody.
        let _ = std::fs::remove_dir_all(&draft);
    }
    written.with_context(|| format!("{} cannot be written", folder.display()))
}

fn fill(draft: &Path, toml: &str, page: &Page, site: &Site) -> anyhow::Result<()> {
    let case = draft.join("fixtures/results");
    std::fs::create_dir_all(&case)?;
    std::fs::write(draft.join("site.toml"), toml)?;
    let start = page.body.trim_start_matches('\u{feff}').trim_start();
    let file = match start.get(..1) {
        Some("{" | "[") => "page.json",
        _ if start.starts_with("<?xml") || start.starts_with("<rss") => "page.xml",
        _ => "page.html",
    };
    std::fs::write(case.join(file), &page.body)?;
    // The moment is kept to the second; what the page says about time is read against it.
    let saved_at = page.fetched_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let url = toml::Value::String(page.url.to_string());
    let mut about = format!("url = {url}\nsaved_at = \"{saved_at}\"\nkind = \"results\"\n");
    if let Some(status) = page.status.filter(|status| *status != 200) {
        about.push_str(&format!("status = {status}\n"));
    }
    std::fs::write(case.join("case.toml"), about)?;
    testing::bless(site, draft)?;
    Ok(())
}

fn report(
    id: &str,
    url: &Url,
    folder: &Path,
    inferred: &Inferred,
    deps: &Deps<'_>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let parsed = &inferred.parsed;
    debug_assert_eq!(parsed.kind, PageKind::Results, "a list was found");
    listings(out, deps.screen, &parsed.listings)?;
    let source = inferred.how.as_ref().map_or("page", |how| source_words(how.source));
    let known = deps.modules.recognise(url).map(|site| site.id.clone());
    let (at, dir) = (folder.display(), folder.parent().unwrap_or(Path::new(".")).display());
    writeln!(
        out,
        "{id}: {} listings in the {source} of the page, {:.0} % sure; written to {at}",
        parsed.listings.len(),
        inferred.confidence * 100.0,
    )?;
    if let Some(known) = known {
        writeln!(out, "Note: the module {known} reads this address already.")?;
    }
    writeln!(
        out,
        "What to do now:\n\
         1. Compare the list above with the page. Every line of {at}/site.toml says how sure it is.\n\
         2. `magpie site test {id} --dir {dir}` reads the saved page; it is good from the start.\n\
         3. After a change: `magpie site bless {id} --dir {dir}`, and read over what is expected.\n\
         4. Search for something that does not exist: name its sign in `empty_when`, and save that\n   \
            page and a block page as further cases (docs/ADDING_A_SITE.md).\n\
         5. Point `paths.sites` at {dir}; then `magpie scrape '{url}'` uses the module.",
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_hosts_and_checked() {
        let of = |url: &str| id_of(&Url::parse(url).unwrap());
        assert_eq!(of("https://www.used-things.co.uk/search"), "used_things_co");
        assert_eq!(of("https://bazaar.de/"), "bazaar");
        assert_eq!(of("http://127.0.0.1:80/x"), "site_127_0_0_1");
        assert!(check("a/../b", Path::new("/nowhere")).is_err());
        assert!(check("Ab", Path::new("/nowhere")).is_err());
        assert!(check("ab_2", Path::new("/nowhere")).is_ok());
    }
}
