//! A new watch, and other conditions for one.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use chrono::TimeDelta;
use sites::Listing;

use super::{Deps, FilterArgs, all, file, show};
use crate::cli::source::explain::report;
use crate::cli::table;
use crate::domain::import::{Owner, Wanted, check};
use crate::domain::paste::{Pasted, address, paste};
use crate::domain::source::SourceSpec;
use crate::domain::watch::{self, NewWatch, Sample, Watch, WatchEdit};
use crate::domain::{Filter, SourceId};
use crate::store::WatchDone;
use crate::texts::sample::{sample, wants};

/// Stored listings that are looked through for a sample or a trial.
const LOOKED_THROUGH: u32 = 2_000;
/// Stored listings of a trial that are printed.
const PRINTED: usize = 20;

/// What is asked for.
pub struct Asked {
    /// For whom.
    pub owner: Owner,
    /// Addresses.
    pub urls: Vec<String>,
    /// Name, if any.
    pub name: Option<String>,
    /// Conditions.
    pub filter: FilterArgs,
}

/// Makes a watch, or shows what it would have told.
pub async fn run(
    deps: &Deps<'_>,
    asked: Asked,
    dry_run: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    let (sources, currency) = searches(deps, &asked.urls)?;
    let pasted = pasted(deps, &asked.urls)?;
    let filter = asked.filter.over(&ours(&pasted)?, currency.as_deref())?;
    refuse_broken(&filter)?;
    let title = sources.first().map_or("", |spec| &spec.title);
    let name = match &asked.name {
        Some(name) => watch::name(name).context("the name has no characters that can be shown")?,
        None => watch::name(title).unwrap_or_default(),
    };
    let wanted = Wanted { name, sources, filter, telling: Default::default(), paused: false };
    let own = all(deps, Some(asked.owner.user), None).await?;
    let new = asked.owner.watch(wanted, Sample::Later, &own);
    if dry_run {
        explain(&pasted, out)?;
        trial(deps, &new, out).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let new = NewWatch { sample: first_word(deps, &new).await?, ..new };
    match deps.db.add_watch(&new, deps.now).await? {
        WatchDone::Done => {
            explain(&pasted, out)?;
            let name = table::tame(&new.name);
            writeln!(out, "Watch {} \"{name}\" tells chat {}.", new.id, new.chat)?;
            let word = match new.sample {
                Sample::Now(_) => "A sample of what is there now is on its way.",
                _ => "Its sample comes with the first good run that shows something it wants.",
            };
            writeln!(out, "{word}")?;
        }
        WatchDone::Already(id) => writeln!(out, "There is such a watch already: {id}.")?,
        WatchDone::Missing => bail!("the watch could not be made"),
        WatchDone::Refused(refusal) => bail!("no watch is made: {refusal}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The searches behind addresses, and the currency of the first one's site.
fn searches(deps: &Deps<'_>, urls: &[String]) -> anyhow::Result<(Vec<SourceSpec>, Option<String>)> {
    let (mut specs, mut currency): (Vec<SourceSpec>, _) = (Vec::new(), None);
    for url in urls {
        let (spec, of_site) = check::source(url, deps.registry, deps.interval)
            .map_err(|what| anyhow::anyhow!("{url}: {}", file::words(&what)))?;
        currency.get_or_insert(of_site);
        if specs.iter().all(|known| known.id() != spec.id()) {
            specs.push(spec);
        }
    }
    Ok((specs, currency))
}

/// What becomes of each address.
fn pasted(deps: &Deps<'_>, urls: &[String]) -> anyhow::Result<Vec<Pasted>> {
    let one = |url: &String| {
        let url = address(url)?;
        paste(deps.registry.recognise(&url), &url)
    };
    Ok(urls.iter().map(one).collect::<Result<_, _>>()?)
}

/// The conditions of the addresses that their sites do not see to, so that the watch must.
fn ours(pasted: &[Pasted]) -> anyhow::Result<Filter> {
    let Some(first) = pasted.first() else { return Ok(Filter::default()) };
    if pasted.iter().any(|other| other.filter != first.filter) {
        bail!("these addresses ask for different things that we must filter; make a watch of each");
    }
    Ok(first.filter.clone())
}

/// Says of each address which of its filters are understood, applied by us, or ignored.
fn explain(pasted: &[Pasted], out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    for one in pasted {
        writeln!(
            out,
            "Search {} of site {}: {}",
            one.source(),
            one.site,
            table::tame(one.url.as_str())
        )?;
        report(one, out)?;
    }
    Ok(())
}

fn refuse_broken(filter: &crate::domain::Filter) -> anyhow::Result<()> {
    let problems = check::of_filter(filter);
    if problems.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = problems.iter().map(|problem| file::words(&problem.what)).collect();
    bail!("{}", words.join("; "))
}

/// What the searches show now of what the watch wants, newest first, with how many were looked through.
async fn shown(
    deps: &Deps<'_>,
    new: &NewWatch,
    days: i64,
) -> anyhow::Result<(Vec<(String, Listing)>, usize)> {
    let since = deps.now - TimeDelta::days(days);
    let ids: Vec<SourceId> = new.source_ids();
    let all = deps.db.recent_listings(&ids, since, LOOKED_THROUGH).await?;
    let count = all.len();
    let wanted = all.into_iter().filter(|(site, listing)| wants(&new.filter, site, listing));
    Ok((wanted.collect(), count))
}

async fn first_word(deps: &Deps<'_>, new: &NewWatch) -> anyhow::Result<Sample> {
    let (shown, _) = shown(deps, new, 30).await?;
    let listings = shown.iter().map(|(_, listing)| listing);
    let message = sample(&new.name, listings, new.language);
    Ok(message.map_or(Sample::Later, |message| Sample::Now(Box::new(message))))
}

async fn trial(
    deps: &Deps<'_>,
    new: &NewWatch,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let (matching, count) = shown(deps, new, 7).await?;
    for spec in &new.sources {
        writeln!(out, "Search: {} {}", spec.site, spec.url)?;
    }
    writeln!(out, "Filter: {}", serde_json::to_string(&new.filter)?)?;
    if count == 0 {
        writeln!(out, "Nothing of these searches is stored yet; nothing is written.")?;
        return Ok(());
    }
    let rows: Vec<Vec<String>> = matching
        .iter()
        .take(PRINTED)
        .map(|(site, listing)| {
            let price = listing.price.as_ref();
            let price = price.map(|money| show::money(money.minor, &money.currency));
            let price = price.or_else(|| listing.price_text.clone()).unwrap_or_default();
            vec![site.clone(), listing.title.clone(), price, listing.url.clone()]
        })
        .collect();
    if !rows.is_empty() {
        table::print(out, deps.screen, &["site", "title", "price", "address"], &rows)?;
    }
    writeln!(
        out,
        "{} of {count} stored listings of the last week match; nothing is written.",
        matching.len()
    )?;
    Ok(())
}

/// What is to change of a watch.
pub fn edit(
    deps: &Deps<'_>,
    watch: &Watch,
    name: Option<String>,
    urls: &[String],
    filter: &FilterArgs,
    clear: bool,
    telling: Option<&str>,
) -> anyhow::Result<WatchEdit> {
    let (sources, currency) = searches(deps, urls)?;
    let base = if clear { Default::default() } else { watch.filter.clone() };
    let filter = filter.over(&base, currency.as_deref())?;
    refuse_broken(&filter)?;
    let name = match name {
        Some(name) => {
            Some(watch::name(&name).context("the name has no characters that can be shown")?)
        }
        None => None,
    };
    let telling =
        telling.map(serde_json::from_str).transpose().context("--telling is no JSON of telling")?;
    Ok(WatchEdit {
        name,
        filter: (filter != watch.filter).then_some(filter),
        telling,
        sources: (!sources.is_empty()).then_some(sources),
    })
}
