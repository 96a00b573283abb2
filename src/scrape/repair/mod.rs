//! Modules that repair themselves, as proposals.
//!
//! ```text
//! run ends in "changed" ─► stored listings of the source ─► sites::repair on the page at hand ─► no: a line why
//!        ─► a version in shadow ─► the next runs of the site read with it too: same known values? ─► no: withdrawn
//!        ─► proposed: operators are told ─► `magpie site approve` ─► active: every process takes it over
//! ```
//!
//! Nothing of a version in shadow is recorded as a listing. A process that dies here loses at most one reading: the
//! next run of the site looks again. Everything that is written is compared and set, so two processes do not count
//! one another's runs twice.
//!
//! The first good run with another module is not to flood anybody: the health of the source knows with which
//! module it was read last, and lets few alerts through for that run.

pub mod report;

use std::sync::Arc;

use sites::repair::{NoRepair, Repair, repair_keeping, verify};
use sites::testing::Case;
use sites::{Listing, Page, PageKind, Parsed};

use self::report::{Report, ShadowRun};
use super::attempt::{Attempt, Brought};
use super::modules::Trial;
use super::parse::contained;
use super::run::Scraper;
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::source::{Source, Verdict};
use crate::domain::{Class, Language, NewDelivery, Outgoing};
use crate::store::{DbError, ModuleState, NewModule};

/// Known listings that are looked for.
const KNOWN: u32 = 48;

/// A repair that takes longer is given up.
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(60);

/// Takes over what other processes and operators have decided. Cheap while nothing has changed.
pub async fn refresh(scraper: &Scraper) {
    if let Err(error) = taken_over(scraper).await {
        tracing::debug!(%error, "the versions of modules are looked at again in a second");
    }
}

async fn taken_over(scraper: &Scraper) -> Result<(), DbError> {
    let revision = scraper.db.modules_revision().await?;
    if scraper.modules.revision().as_deref() == Some(revision.as_str()) {
        return Ok(());
    }
    reload(scraper).await
}

/// Reads all versions anew. What changes in between has another revision, and is seen the next time.
async fn reload(scraper: &Scraper) -> Result<(), DbError> {
    let revision = scraper.db.modules_revision().await?;
    let versions = scraper.db.module_versions(None).await?;
    scraper.modules.take_over(versions, revision);
    // A site in quarantine is tried with its new module at once.
    super::life::wake_repaired(scraper).await
}

/// Looks at a judged attempt: a version in shadow reads its page too, a changed page starts a repair. Answers what
/// an operator should know of it. What goes wrong here is no failure of the run.
pub(super) async fn look(
    scraper: &Scraper,
    source: &Source,
    attempt: &Attempt,
    verdict: Verdict,
) -> Option<String> {
    let Ok(Brought { page: Some(page), parsed, .. }) = &attempt.result else { return None };
    let id = source.spec.site.as_str();
    let looked = match scraper.modules.trial(id) {
        Some(trial) => shadow(scraper, source, page, trial).await.map(|()| None),
        None if is_broken(verdict, parsed.as_ref()) && !scraper.modules.has_open(id) => {
            repaired(scraper, source, page).await
        }
        None => return None,
    };
    match looked {
        Ok(words) => words,
        Err(error) => {
            tracing::warn!(site = id, %error, "a repair is not recorded; the next run tries again");
            None
        }
    }
}

/// Whether a module does not read its page any more: nothing at all, or a field that listings should have.
fn is_broken(verdict: Verdict, parsed: Option<&Result<Parsed, String>>) -> bool {
    let poor = |parsed: &Parsed| {
        let whole = |c: &sites::page::Complaint| c.item.is_none() && c.field.is_some();
        parsed.kind == PageKind::Results && parsed.complaints.iter().any(whole)
    };
    let readable = matches!(parsed, Some(Ok(_)));
    readable && (verdict == Verdict::Changed || matches!(parsed, Some(Ok(parsed)) if poor(parsed)))
}

/// Tries a repair; what came of it, in words.
async fn repaired(
    scraper: &Scraper,
    source: &Source,
    page: &Arc<Page>,
) -> Result<Option<String>, DbError> {
    let id = source.spec.site.as_str();
    let now = scraper.clock.now();
    let texts = (scraper.modules.text(id), scraper.modules.base_of(id));
    let (Some(text), Some(base)) = texts else { return Ok(None) };
    if !scraper.modules.may_try(id, now) {
        return Ok(None);
    }
    let known = scraper.db.last_shown(&source.id, KNOWN).await?;
    let cases = saved(scraper, id);
    let (work, many) = (page.clone(), cases.len());
    let found = contained(move || with_reading(&text, &work, &known, &cases), DEADLINE).await;
    let (repair, read) = match found {
        Ok(Ok(found)) => found,
        Ok(Err(NoRepair { reason })) => return Ok(Some(format!("no repair: {reason}"))),
        Err(why) => return Ok(Some(format!("no repair: {why}"))),
    };
    let report = Report::new(&source.id, page.url.as_str(), &repair, many, &read);
    let new = NewModule {
        site: id.to_owned(),
        toml: repair.toml,
        base,
        origin: "repair".to_owned(),
        report: serde_json::to_string(&report)?,
    };
    let Some(version) = scraper.db.propose_module(&new, now).await? else {
        return Ok(Some("no repair: the only one found has been refused before".to_owned()));
    };
    tracing::info!(
        site = id,
        version,
        found = report.found,
        of = report.of,
        "a repair runs in shadow"
    );
    reload(scraper).await?;
    Ok(Some(format!(
        "a repair that reads {} of {} known listings runs in shadow (version {version})",
        report.found, report.of
    )))
}

/// A repair, and what it reads of the page.
fn with_reading(
    text: &str,
    page: &Page,
    known: &[Listing],
    cases: &[Case],
) -> Result<(Repair, Vec<Listing>), NoRepair> {
    let repair = repair_keeping(text, page, known, cases)?;
    let site = sites::Site::from_toml("site.toml", &repair.toml)
        .map_err(|error| NoRepair { reason: error.to_string() })?;
    let read = site.parse(page).listings;
    Ok((repair, read))
}

/// The saved cases of a module; one that cannot be read is named and left out.
fn saved(scraper: &Scraper, id: &str) -> Vec<Case> {
    scraper.modules.cases(id).unwrap_or_else(|error| {
        tracing::warn!(site = id, %error, "saved cases cannot be replayed");
        Vec::new()
    })
}

/// Lets a version in shadow read the page of a run.
async fn shadow(
    scraper: &Scraper,
    source: &Source,
    page: &Arc<Page>,
    trial: Trial,
) -> Result<(), DbError> {
    let known = scraper.db.last_shown(&source.id, KNOWN).await?;
    let now = scraper.clock.now();
    let report: Report = serde_json::from_str(&trial.version.new.report)?;
    let (site, work, lost) = (trial.site.clone(), page.clone(), report.lost.clone());
    let read = contained(
        move || match site.parse(&work).kind {
            // A page without listings tells nothing.
            PageKind::NoResults | PageKind::Blocked | PageKind::LoginWall => None,
            _ => Some(verify::reproduces(&site, &work, &known, &lost)),
        },
        DEADLINE,
    );
    let run = match read.await {
        Ok(None) => return Ok(()),
        Ok(Some(read)) => read.map(|read| ShadowRun {
            source: source.id.clone(),
            at: now,
            read: read.parsed.listings.len(),
            found: read.found,
        }),
        Err(why) => Err(why),
    };
    let (report, state) = report.after(run);
    let text = serde_json::to_string(&report)?;
    let told = match state {
        ModuleState::Proposed => notices(scraper, &trial, &report),
        _ => Vec::new(),
    };
    if !scraper.db.report_module(&trial.version, &text, state, &told, now).await? {
        // Another process was faster; its report is what the next run of ours adds to.
        return reload(scraper).await;
    }
    let (id, version) = (source.spec.site.as_str(), trial.version.version);
    match (state, &report.failed) {
        (ModuleState::Proposed, _) => {
            tracing::warn!(site = id, version, "a repair is proposed: magpie site proposals");
        }
        (ModuleState::Withdrawn, Some(why)) => {
            tracing::warn!(site = id, version, why, "a repair did not stand its trial");
        }
        _ => tracing::info!(site = id, version, "a repair has read another page well"),
    }
    reload(scraper).await
}

/// What operators are told: once per version.
fn notices(scraper: &Scraper, trial: &Trial, report: &Report) -> Vec<NewDelivery> {
    let (site, version) = (&trial.site, trial.version.version);
    let text = format!(
        "{} ({}) has changed its pages, and a repair is ready: {} of {} known listings are read again, {} \
         saved cases read as before, {} runs in shadow were good.\n\nLook at it: magpie site proposals {}\nTake it: \
         magpie site approve {} --version {version}",
        site.name,
        site.id,
        report.found,
        report.of,
        report.cases,
        report.shadow.len(),
        site.id,
        site.id,
    );
    let subject = format!("module/{}/{version}", site.id);
    let notice = |chat: &crate::domain::ChatId| NewDelivery {
        id: delivery_id(Class::Support, *chat, None, &subject),
        class: Class::Support,
        chat: *chat,
        thread: None,
        language: Language::En,
        content: Content::Message(Outgoing::text(text.clone())),
        not_before: scraper.clock.now(),
        fate: crate::domain::preferences::Telling::Send,
    };
    scraper.modules.operators().iter().map(notice).collect()
}
