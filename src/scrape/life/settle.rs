//! What follows from a recorded run: the new health of source and site, alarms and notices, in one transaction.
//!
//! Several processes may settle at once: the site's row is compared and set, and who comes second looks again and
//! decides anew. Notices have names made of the episode, so a repetition tells nobody twice.

use chrono::{DateTime, TimeDelta, Utc};

use super::alarms::{Changed, OFFLINE, Word, changes};
use super::evidence::Evidence;
use super::{Look, failures, notices};
use crate::domain::health::alarm::{clear, raise};
use crate::domain::health::{Alarm, Fact, Sign, SiteHealth, State};
use crate::domain::source::Source;
use crate::scrape::run::Scraper;
use crate::store::{DbError, HealthWrite, LifeView, Notice};

/// Lost races before the run is left uncounted.
const TRIES: usize = 8;
/// Notices in one transaction.
const CHUNK: usize = 500;
/// Subscribers hear of a quarantine that lasts so long, or that has reached the last step.
const TOLD_AFTER_HOURS: i64 = 24;

/// Settles a recorded run; answers how many messages were written. A fault here is logged: the run itself is
/// recorded, and the next one says the same.
pub(in crate::scrape) async fn settle(
    scraper: &Scraper,
    source: &Source,
    look: Look,
    mut evidence: Evidence,
    now: DateTime<Utc>,
) -> usize {
    let exhibit = evidence.exhibit.take();
    let mut told = 0;
    match network(scraper, source, &mut evidence, now).await {
        Ok(count) => told += count,
        Err(error) => tracing::warn!(%error, "the alarm about the network is not recorded"),
    }
    match site(scraper, source, look, &evidence, now).await {
        Ok(count) => told += count,
        Err(error) => {
            tracing::warn!(source = %source.id, %error, "the health of the site is not recorded");
        }
    }
    if let (Some(exhibit), Some(folder)) = (exhibit, &scraper.life.folder)
        && let Err(error) = failures::keep(scraper, folder, source, exhibit, now).await
    {
        tracing::warn!(source = %source.id, %error, "the page of a bad run is not kept");
    }
    told
}

/// One alarm when all hosts fail at once; then no site is to blame.
async fn network(
    scraper: &Scraper,
    source: &Source,
    evidence: &mut Evidence,
    now: DateTime<Utc>,
) -> Result<usize, DbError> {
    let Some(reached) = evidence.reached else { return Ok(0) };
    let host = url::Url::parse(&source.spec.url).ok();
    let host = host.as_ref().and_then(url::Url::host_str).unwrap_or_default().to_owned();
    let (offline, told) = {
        let mut watched = scraper.life.watched();
        watched.offline.note(&host, reached, now);
        (watched.offline.is_offline(), watched.told)
    };
    if offline {
        evidence.signs.retain(|(sign, _)| *sign != Sign::Unreachable);
    } else if !reached || told == Some(false) {
        return Ok(0);
    }
    let known = scraper.db.alarms().await?.into_iter().find(|alarm| alarm.name == OFFLINE);
    let changed = if offline {
        let detail = evidence_words(source);
        let (alarm, tell) = raise(known.as_ref(), OFFLINE, &detail, now);
        Some(Changed { alarm, told: tell.then_some(Word::Fault), sign: None })
    } else {
        let over = known.as_ref().and_then(|alarm| clear(alarm, now));
        over.map(|alarm| Changed { alarm, told: Some(Word::Over), sign: None })
    };
    scraper.life.watched().told = Some(offline);
    let Some(changed) = changed else { return Ok(0) };
    log(&changed);
    let notices = notices::to_operators(&changed, None, &scraper.life.operators, now);
    let count = notices.len();
    let write = HealthWrite { alarms: vec![changed.alarm], notices, ..HealthWrite::default() };
    scraper.db.record_health(&write, now).await?;
    Ok(count)
}

fn evidence_words(source: &Source) -> String {
    format!("the last host that was tried is that of site {}", source.spec.site)
}

/// The health of source and site.
async fn site(
    scraper: &Scraper,
    source: &Source,
    look: Look,
    evidence: &Evidence,
    now: DateTime<Utc>,
) -> Result<usize, DbError> {
    let id = source.spec.site.as_str();
    let (mut view, probe, module) = (look.view, look.probe, look.module);
    // A run that is repeated because its record did not answer counts once.
    let is_counted =
        |view: &LifeView| view.source.as_ref().is_some_and(|health| health.epoch >= source.epoch);
    for _ in 0..TRIES {
        if is_counted(&view) {
            return Ok(0);
        }
        let before = view.site.clone().unwrap_or_else(|| SiteHealth::new(id, now));
        let fact = Fact {
            source: source.id.clone(),
            outcome: evidence.outcome,
            probe,
            sources: view.sources,
            at: now,
        };
        let mut next = before.after(&fact);
        next.detail.signs.observe(&source.id, &evidence.signs, evidence.read, now);
        if next.state.step() > 0 && before.state.step() == 0 {
            next.detail.module.clone_from(&module);
        }
        let known = known_alarms(scraper, &before, &next).await?;
        let mut write = HealthWrite { source: evidence.health.clone(), ..HealthWrite::default() };
        let name = scraper.modules.get(id).map_or_else(|| id.to_owned(), |site| site.name.clone());
        let changed = changes(&next, &known, now);
        for one in &changed {
            let operators = &scraper.life.operators;
            write.notices.extend(notices::to_operators(one, Some((id, &name)), operators, now));
            write.alarms.push(one.alarm.clone());
        }
        write.notices.extend(to_subscribers(scraper, &before, &mut next, &name, now).await?);
        if next != before {
            write.site = Some(next.clone());
        }
        if write == HealthWrite::default() {
            return Ok(0);
        }
        let told = write.notices.len();
        if in_chunks(scraper, write, now).await? {
            changed.iter().for_each(log);
            log_state(&before, &next);
            return Ok(told);
        }
        view = scraper.db.life_of(&source.id, id).await?;
    }
    tracing::warn!(source = %source.id, "others settle all the time; this run is not counted");
    Ok(0)
}

/// A healthy site without signs has no alarms that could change.
async fn known_alarms(
    scraper: &Scraper,
    before: &SiteHealth,
    next: &SiteHealth,
) -> Result<Vec<Alarm>, DbError> {
    let quiet = |health: &SiteHealth| {
        matches!(health.state, State::Healthy | State::Watching)
            && health.detail.signs.shown().next().is_none()
    };
    if quiet(before) && quiet(next) { Ok(vec![]) } else { scraper.db.alarms().await }
}

/// What subscribers hear, at most twice per episode.
async fn to_subscribers(
    scraper: &Scraper,
    before: &SiteHealth,
    next: &mut SiteHealth,
    name: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Notice>, DbError> {
    let site = (before.site.as_str(), name);
    if let (State::Quarantined { step }, Some(episode), None) =
        (next.state, next.detail.episode, next.told_at)
        && (step >= 3 || now - episode >= TimeDelta::hours(TOLD_AFTER_HOURS))
    {
        next.told_at = Some(now);
        let audience = scraper.db.site_audience(site.0).await?;
        return Ok(notices::ill(site, episode, &audience, now));
    }
    if let (State::Healthy, Some(episode), Some(_)) =
        (next.state, before.detail.episode, before.told_at)
    {
        let audience = scraper.db.site_audience(site.0).await?;
        return Ok(notices::well(site, episode, &audience, now));
    }
    Ok(vec![])
}

/// Many notices go ahead of the state in transactions of their own: were it the other way round, a crash in between
/// would leave people untold.
async fn in_chunks(
    scraper: &Scraper,
    mut write: HealthWrite,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    while write.notices.len() > CHUNK {
        let rest = write.notices.split_off(CHUNK);
        let ahead = std::mem::replace(&mut write.notices, rest);
        let ahead = HealthWrite { notices: ahead, ..HealthWrite::default() };
        scraper.db.record_health(&ahead, now).await?;
    }
    scraper.db.record_health(&write, now).await
}

fn log(changed: &Changed) {
    let alarm = &changed.alarm;
    match changed.told {
        Some(Word::Fault) => {
            tracing::error!(
                alarm = alarm.name,
                detail = alarm.detail,
                times = alarm.times,
                "a fault"
            );
        }
        Some(Word::Over) => {
            tracing::info!(alarm = alarm.name, times = alarm.times, "a fault is over");
        }
        None => {}
    }
}

fn log_state(before: &SiteHealth, next: &SiteHealth) {
    if before.state != next.state && (before.state.step() > 0 || next.state.step() > 0) {
        tracing::warn!(
            site = next.site,
            from = before.state.word(),
            to = next.state.word(),
            step = next.state.step(),
            probe_at = next.probe_at.map(tracing::field::display),
            "a module changes its state"
        );
    }
}
