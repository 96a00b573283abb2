//! `magpie site`: work on site modules.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde_json::json;
use sites::{Page, Registry, Render, Site, testing, verify};
use url::Url;

use super::scrape::{complaint_words, kind_words, listings};
use super::table::{self, Screen};
use super::unknown::Roads;
use super::{site_approve, site_case, site_check, site_new, site_readme};
use crate::scrape::Modules;
use crate::scrape::http::decode;
use crate::scrape::life::Folder;
use crate::store::Db;

/// Work on site modules.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do with site modules.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the known sites
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Read a saved page and print what is understood of it
    Parse {
        /// The saved page
        file: PathBuf,
        /// Address from which it came
        #[arg(long)]
        url: Url,
        /// When it was saved, for "today" and "5 minutes ago" (default: now)
        #[arg(long)]
        at: Option<DateTime<Utc>>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Read the saved cases of modules and compare every field
    Test {
        /// Only this site
        id: Option<String>,
        /// The folder of site modules
        #[arg(long, default_value = "sites")]
        dir: PathBuf,
    },
    /// Take what a module reads now as expected; look at the difference before committing it
    Bless {
        /// The site
        id: String,
        /// Only this case
        case: Option<String>,
        /// The folder of site modules
        #[arg(long, default_value = "sites")]
        dir: PathBuf,
    },
    /// Score the modules on a folder of saved pages with an index.json
    Verify {
        /// The folder
        dir: PathBuf,
        /// Only these sites
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
        /// Score detection without modules instead; `--only` then names folders
        #[arg(long)]
        infer: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Propose a module for a site from one of its search pages
    New(site_new::Args),
    /// Print sites/README.md, the table of the modules that ship with Magpie
    Readme {
        /// The folder of site modules, for their saved cases
        #[arg(long, default_value = "sites")]
        dir: PathBuf,
    },
    /// Versions of modules
    #[command(flatten)]
    Versions(site_approve::Command),
    /// Log in at a site, or let a person do it
    #[cfg(feature = "browser")]
    Login(super::site_login::LoginArgs),
    /// Show the sessions at sites
    #[cfg(feature = "browser")]
    Sessions(super::site_login::SessionsArgs),
    /// Show how the sites are doing, from the last day of their runs
    Check {
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Draw it again every two seconds until interrupted
        #[arg(long)]
        watch: bool,
    },
    /// List the failures whose page is kept, one line per group of equal ones
    Failures {
        /// Only this site
        id: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a failing case of a module from the kept page of a failure
    Case {
        /// The site
        id: String,
        /// The group, or the beginning of its name (default: the one seen last)
        #[arg(long)]
        group: Option<String>,
        /// The folder of site modules
        #[arg(long, default_value = "sites")]
        dir: PathBuf,
    },
}

impl Command {
    /// Whether the command needs the database.
    pub fn needs_db(&self) -> bool {
        matches!(
            self,
            Self::Check { .. } | Self::Failures { .. } | Self::Case { .. } | Self::Versions(_)
        )
    }

    /// Whether the command fetches a page.
    pub fn needs_roads(&self) -> bool {
        matches!(self, Self::New(args) if args.page.is_none())
    }
}

/// What the command works with.
pub struct Deps<'a> {
    /// The site modules.
    pub modules: &'a Modules,
    /// The record, for the commands that need it.
    pub db: Option<&'a dyn Db>,
    /// The roads to a page, for the command that fetches one.
    pub roads: Option<Roads<'a>>,
    /// The folder of modules that are not compiled in.
    pub folder: &'a Path,
    /// Where the pages of failures are kept.
    pub failures: Folder,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// Where the output goes.
    pub screen: Screen,
}

/// Runs the command. Exit code 1 when a test, a verification or a page fails.
pub async fn run(
    args: Args,
    deps: Deps<'_>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    let good = match args.command {
        Command::List { json } => list(&deps, json, out)?,
        Command::Parse { file, url, at, json } => {
            parse(&deps, &file, url, at.unwrap_or(deps.now), json, out).await?
        }
        Command::Test { id, dir } => test(&dir, id.as_deref(), deps.screen, out)?,
        Command::Bless { id, case, dir } => bless(&dir, &id, case.as_deref(), out)?,
        Command::Verify { dir, only, infer, json } => {
            verify_dir(&dir, &deps, &only, infer, json, out)?
        }
        Command::New(args) => site_new::run(args, &deps, out).await?,
        Command::Readme { dir } => site_readme::print(&dir, out)?,
        Command::Check { json, watch } => site_check::check(&deps, json, watch, out).await?,
        Command::Failures { id, json } => {
            // Kept failures are no failure of the command.
            site_case::failures(&deps, id.as_deref(), json, out).await?;
            true
        }
        Command::Case { id, group, dir } => {
            site_case::case(&deps, &id, group.as_deref(), &dir, out).await?
        }
        Command::Versions(command) => site_approve::run(&deps, command, out).await?,
        #[cfg(feature = "browser")]
        Command::Login(_) | Command::Sessions(_) => bail!("this command is run with a browser"),
    };
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn render_word(render: Render) -> &'static str {
    match render {
        Render::Http => "http",
        Render::Browser => "browser",
        Render::Auto => "auto",
    }
}

fn list(deps: &Deps<'_>, json: bool, out: &mut dyn Write) -> anyhow::Result<bool> {
    let sites = deps.modules.all();
    let hosts = |site: &Site| -> Vec<String> {
        let name = |host: &sites::address::Host| match host.port {
            Some(port) => format!("{}:{port}", host.name),
            None => host.name.clone(),
        };
        site.hosts.iter().map(name).collect()
    };
    if json {
        let one = |site: &Arc<Site>| {
            json!({
                "id": site.id, "name": site.name, "hosts": hosts(site), "kind": site.kind,
                "country": site.country, "time_zone": site.time_zone.name(),
                "currency": site.currency, "owner": site.owner,
                "render": site.fetch.render, "gap_ms": site.fetch.gap.map(|gap| gap.as_millis()),
            })
        };
        table::print_json(out, &sites.iter().map(one).collect::<Vec<_>>())?;
        return Ok(true);
    }
    let row = |site: &Arc<Site>| {
        vec![
            site.id.clone(),
            site.name.clone(),
            hosts(site).join(", "),
            format!("{:?}", site.kind).to_lowercase(),
            site.country.clone(),
            site.currency.clone(),
            render_word(site.fetch.render).to_owned(),
            site.fetch.gap.map_or_else(String::new, |gap| format!("{} s", gap.as_secs_f64())),
        ]
    };
    let rows: Vec<_> = sites.iter().map(row).collect();
    let header = ["id", "name", "hosts", "kind", "country", "currency", "render", "gap"];
    table::print(out, deps.screen, &header, &rows)?;
    Ok(true)
}

async fn parse(
    deps: &Deps<'_>,
    file: &Path,
    url: Url,
    at: DateTime<Utc>,
    json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<bool> {
    let name = file.display();
    let site = deps.modules.recognise(&url).with_context(|| {
        format!("no site module knows {url}; `magpie site list` shows the known ones")
    })?;
    let bytes = std::fs::read(file).with_context(|| format!("{name} cannot be read"))?;
    let body = decode(&bytes, None)
        .map_err(|encoding| anyhow::anyhow!("{name} is not in {encoding}, as it says itself"))?;
    let page =
        Page { url, status: Some(200), content_type: None, body, script: None, fetched_at: at };
    let parsed = crate::scrape::parse::parse(site.clone(), page)
        .await
        .map_err(|reason| anyhow::anyhow!("the module of site {} failed: {reason}", site.id))?;
    let good = matches!(parsed.kind, sites::PageKind::Results | sites::PageKind::NoResults);
    if json {
        table::print_json(out, &parsed)?;
        return Ok(good);
    }
    listings(out, deps.screen, &parsed.listings)?;
    writeln!(out, "{}: {}, {} listings", site.id, kind_words(parsed.kind), parsed.listings.len())?;
    for complaint in &parsed.complaints {
        writeln!(out, "  complaint: {}", complaint_words(complaint))?;
    }
    Ok(good)
}

/// The module in a folder as its files say it now, with its code if it is compiled in.
fn module(dir: &Path, id: &str) -> anyhow::Result<(Site, PathBuf)> {
    let folder = dir.join(id);
    let file = folder.join("site.toml");
    let text = std::fs::read_to_string(&file).with_context(|| {
        format!("{} cannot be read; is --dir the folder of site modules?", file.display())
    })?;
    let site = Site::from_toml(&file.display().to_string(), &text)?;
    let refine = sites::builtin::BUILTIN.iter().find(|known| known.id == id).and_then(|m| m.refine);
    Ok((refine.map_or(site.clone(), |refine| site.with_refine(refine)), folder))
}

fn module_ids(dir: &Path) -> anyhow::Result<Vec<String>> {
    let entries = std::fs::read_dir(dir).with_context(|| {
        format!("{} cannot be read; name the folder of site modules with --dir", dir.display())
    })?;
    let mut ids = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.join("site.toml").is_file() {
            ids.extend(path.file_name().and_then(|name| name.to_str()).map(str::to_owned));
        }
    }
    if ids.is_empty() {
        bail!("{} holds no site modules; name their folder with --dir", dir.display());
    }
    ids.sort();
    Ok(ids)
}

fn test(
    dir: &Path,
    only: Option<&str>,
    screen: Screen,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let ids = match only {
        Some(id) => vec![id.to_owned()],
        None => module_ids(dir)?,
    };
    let mut rows = Vec::new();
    let mut wrong = Vec::new();
    for id in ids {
        let (site, folder) = module(dir, &id)?;
        if !folder.join("fixtures").is_dir() {
            rows.push(vec![id.clone(), "-".into(), "no saved cases".into()]);
            wrong.push(format!("{id}: save a page with results, one without, and a block page"));
            continue;
        }
        for case in testing::cases(&folder)? {
            let differences = testing::check(&site, &case);
            let verdict = match differences.len() {
                0 => "good".to_owned(),
                count => format!("{count} wrong"),
            };
            rows.push(vec![id.clone(), case.name.clone(), verdict]);
            wrong.extend(differences.into_iter().map(|text| format!("{id}/{}: {text}", case.name)));
        }
    }
    table::print(out, screen, &["site", "case", "result"], &rows)?;
    for line in &wrong {
        writeln!(out, "{}", table::tame(line))?;
    }
    writeln!(out, "{} cases, {} differences", rows.len(), wrong.len())?;
    Ok(wrong.is_empty())
}

fn bless(dir: &Path, id: &str, only: Option<&str>, out: &mut dyn Write) -> anyhow::Result<bool> {
    let (site, folder) = module(dir, id)?;
    let cases = testing::cases(&folder)?;
    let chosen: Vec<_> =
        cases.iter().filter(|case| only.is_none_or(|name| name == case.name)).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
        bail!("site {id} has no such case; it has: {}", names.join(", "));
    }
    let mut changed = 0;
    for case in chosen {
        if testing::bless_case(&site, case)? {
            changed += 1;
            writeln!(out, "{id}/{}: expected.json is new", case.name)?;
        }
    }
    match changed {
        0 => writeln!(out, "Nothing has changed.")?,
        _ => writeln!(out, "Look at the difference (`git diff`) before you commit it.")?,
    }
    Ok(true)
}

fn verify_dir(
    dir: &Path,
    deps: &Deps<'_>,
    only: &[String],
    infer: bool,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let mut registry = Registry::default();
    for site in deps.modules.all() {
        registry.insert(Site::clone(&site));
    }
    let only: Vec<&str> = only.iter().map(String::as_str).collect();
    let report = {
        let _waiting = table::waiting(format!("reading the pages of {}", dir.display()));
        let only = (!only.is_empty()).then_some(only.as_slice());
        if infer { verify::run_inferred(dir, only)? } else { verify::run(dir, &registry, only)? }
    };
    if json {
        table::print_json(out, &report)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(report.complete())
}
