//! `magpie site check`: how the sites are doing, from the last day of their sources' runs; `--watch` goes on showing it.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::site::Deps;
use super::table::{self, Screen, tame};
use crate::clock::{Clock as _, SystemClock};
use crate::domain::health::{FailurePage, SiteHealth, State};
use crate::domain::source::{Source, Verdict};
use crate::store::{Db, RunBrief, SourceFilter};

/// How often a live table is drawn.
const EVERY: Duration = Duration::from_secs(2);
/// Runs of a site that are looked at.
const RUNS: u32 = 3_000;
/// Hours that are looked at.
const HOURS: i64 = 24;
/// Cells of the line that shows them.
const CELLS: usize = 8;

/// How one site is doing over all its sources.
#[derive(Debug, Serialize)]
struct Row {
    site: String,
    state: String,
    /// Step of the quarantine, 0 outside.
    step: u8,
    probe_at: Option<DateTime<Utc>>,
    /// What its sources show that they should not.
    signs: Vec<&'static str>,
    sources: usize,
    paused: usize,
    good: usize,
    bad: usize,
    last_run_at: Option<DateTime<Utc>>,
    complaint: Option<String>,
    runs: usize,
    ok_percent: Option<usize>,
    items_median: Option<i64>,
    median_ms: Option<i64>,
    /// Field → percent of listings that have it.
    fields: BTreeMap<String, u64>,
    /// Road → runs.
    rungs: BTreeMap<String, usize>,
    /// Percent of good runs in each eighth of the day, oldest first.
    day: Vec<Option<usize>>,
    failure: Option<Failure>,
}

/// The last failure whose page is kept.
#[derive(Debug, Serialize)]
struct Failure {
    group: String,
    class: String,
    times: i64,
    last_at: DateTime<Utc>,
    reason: String,
}

/// Prints the table; false when a search of some site is ill. A live one ends with the interrupt key.
pub(super) async fn check(
    deps: &Deps<'_>,
    json: bool,
    watch: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<bool> {
    let db =
        deps.db.context("`magpie site check` needs the database; set DATABASE_URL or DATA_DIR")?;
    let mut now = deps.now;
    loop {
        let rows = rows(db, deps, now).await?;
        let good = rows.iter().all(|row| row.bad == 0 && row.step == 0);
        if json {
            table::print_json(out, &rows)?;
        } else {
            if watch {
                // Home, and clear what is below: the table is drawn over itself.
                write!(out, "\u{1b}[H\u{1b}[J")?;
            }
            print(&rows, deps.screen, now, out)?;
        }
        out.flush()?;
        if !watch {
            return Ok(good);
        }
        tokio::select! {
            ended = tokio::signal::ctrl_c() => return ended.map(|()| good).map_err(Into::into),
            () = tokio::time::sleep(EVERY) => now = SystemClock.now(),
        }
    }
}

async fn rows(db: &dyn Db, deps: &Deps<'_>, now: DateTime<Utc>) -> anyhow::Result<Vec<Row>> {
    let sources = db.sources(&SourceFilter::default()).await?;
    let health: HashMap<String, SiteHealth> =
        db.site_healths().await?.into_iter().map(|one| (one.site.clone(), one)).collect();
    let failures = db.failures(None).await?;
    let mut rows = Vec::new();
    for site in deps.modules.all() {
        let own: Vec<&Source> =
            sources.iter().filter(|source| source.spec.site == site.id).collect();
        let since = now - TimeDelta::hours(HOURS);
        let runs =
            if own.is_empty() { vec![] } else { db.site_runs(&site.id, since, RUNS).await? };
        let failure = failures.iter().find(|page| page.site == site.id);
        rows.push(row(&site.id, &own, health.get(&site.id), &runs, failure, since));
    }
    Ok(rows)
}

fn row(
    site: &str,
    sources: &[&Source],
    health: Option<&SiteHealth>,
    runs: &[RunBrief],
    failure: Option<&FailurePage>,
    since: DateTime<Utc>,
) -> Row {
    let is_good = |good: bool| {
        sources.iter().filter(|one| one.verdict.map(Verdict::is_good) == Some(good)).count()
    };
    let (good, bad) = (is_good(true), is_good(false));
    let latest = sources.iter().max_by_key(|source| source.last_run_at);
    let ill = sources.iter().filter(|source| source.verdict.is_some_and(|v| !v.is_good()));
    let complaint = ill.chain(latest).find_map(|source| source.last_error.clone());
    let state = health.map_or(State::Healthy, |health| health.state);
    let word = match state {
        State::Quarantined { step } => format!("quarantined {step}"),
        State::Recovering => "recovering".to_owned(),
        State::Healthy | State::Watching => word(sources.len(), good, bad).to_owned(),
    };
    let ok = runs.iter().filter(|run| run.verdict.is_good()).count();
    let full = || runs.iter().filter(|run| run.verdict == Verdict::Ok);
    let millis = |run: &RunBrief| (run.finished_at - run.started_at).num_milliseconds();
    let mut rungs: BTreeMap<String, usize> = BTreeMap::new();
    for run in runs {
        *rungs.entry(run.rung.clone()).or_default() += 1;
    }
    Row {
        site: site.to_owned(),
        state: word,
        step: state.step(),
        probe_at: health.and_then(|health| health.probe_at),
        signs: health.map_or_else(Vec::new, |health| {
            health.detail.signs.shown().map(crate::domain::health::Sign::word).collect()
        }),
        sources: sources.len(),
        paused: sources.iter().filter(|source| source.paused).count(),
        good,
        bad,
        last_run_at: latest.and_then(|source| source.last_run_at),
        complaint,
        runs: runs.len(),
        ok_percent: percent(ok, runs.len()),
        items_median: median(full().map(|run| run.items).collect()),
        median_ms: median(runs.iter().map(millis).collect()),
        fields: fields(full()),
        rungs,
        day: day(runs, since),
        failure: failure.map(|page| Failure {
            group: page.group.clone(),
            class: page.class.clone(),
            times: page.times,
            last_at: page.last_at,
            reason: page.reason.clone(),
        }),
    }
}

fn word(sources: usize, good: usize, bad: usize) -> &'static str {
    match (sources, good, bad) {
        (0, _, _) => "unused",
        (_, 0, 0) => "not run yet",
        (_, _, 0) => "good",
        (_, 0, _) => "broken",
        _ => "partly broken",
    }
}

fn percent(part: usize, whole: usize) -> Option<usize> {
    (part * 100).checked_div(whole)
}

fn median(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// The share of listings that have each optional field, over these runs.
fn fields<'r>(runs: impl Iterator<Item = &'r RunBrief>) -> BTreeMap<String, u64> {
    let (mut filled, mut items) = (BTreeMap::<String, u64>::new(), 0u64);
    for run in runs {
        items += u64::try_from(run.items).unwrap_or(0);
        let won: BTreeMap<String, BTreeMap<String, u64>> =
            serde_json::from_str(&run.won).unwrap_or_default();
        for (name, by) in won {
            if !matches!(name.as_str(), "id" | "url" | "title") {
                *filled.entry(name).or_default() += by.values().sum::<u64>();
            }
        }
    }
    filled.into_iter().map(|(name, count)| (name, (count * 100 / items.max(1)).min(100))).collect()
}

fn day(runs: &[RunBrief], since: DateTime<Utc>) -> Vec<Option<usize>> {
    let mut cells = [(0, 0); CELLS];
    let cell = TimeDelta::hours(HOURS).num_seconds() / CELLS as i64;
    for run in runs {
        let at = usize::try_from((run.finished_at - since).num_seconds() / cell).unwrap_or(0);
        let (good, all) = &mut cells[at.min(CELLS - 1)];
        *good += usize::from(run.verdict.is_good());
        *all += 1;
    }
    cells.into_iter().map(|(good, all)| percent(good, all)).collect()
}

/// A line of eighths: the higher, the more runs were good; a point where none ran.
fn sparkline(day: &[Option<usize>]) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    day.iter().map(|cell| cell.map_or('·', |percent| HEIGHTS[(percent * 7 / 100).min(7)])).collect()
}

fn print(
    rows: &[Row],
    screen: Screen,
    now: DateTime<Utc>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let narrow = matches!(screen, Screen::Terminal(width) if width < 110);
    // Where there is little room, sites that nobody uses are one line below.
    let is_shown = |row: &&Row| !narrow || row.sources > 0;
    let cells: Vec<Vec<String>> =
        rows.iter().filter(is_shown).map(|row| cells(row, narrow, now)).collect();
    let short = ["site", "state", "runs", "ok", "items", "fields", "time", "24 h"];
    let long = [
        "site", "state", "searches", "runs", "ok", "items", "fields", "time", "24 h", "roads",
        "last run",
    ];
    table::print(out, screen, if narrow { &short } else { &long }, &cells)?;
    let unused = rows.len() - cells.len();
    if unused > 0 {
        writeln!(out, "{unused} more sites are known and unused.")?;
    }
    for row in rows {
        explain(row, now, out)?;
    }
    Ok(())
}

fn cells(row: &Row, narrow: bool, now: DateTime<Utc>) -> Vec<String> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    let searches = match row.paused {
        0 => row.sources.to_string(),
        paused => format!("{} ({paused} paused)", row.sources),
    };
    let least = row.fields.values().min().map(|least| format!("≥ {least} %"));
    let fields = format!("{} {}", row.fields.len(), least.unwrap_or_default());
    let mut cells = vec![row.site.clone(), row.state.clone()];
    if !narrow {
        cells.push(searches);
    }
    cells.extend([
        row.runs.to_string(),
        or_dash(row.ok_percent.map(|percent| format!("{percent} %"))),
        or_dash(row.items_median.map(|items| items.to_string())),
        if row.fields.is_empty() { "-".into() } else { fields },
        or_dash(row.median_ms.map(milliseconds)),
        sparkline(&row.day),
    ]);
    if !narrow {
        let roads = row.rungs.iter().map(|(rung, runs)| {
            format!("{rung} {} %", percent(*runs, row.runs).unwrap_or_default())
        });
        cells.push(roads.collect::<Vec<_>>().join(", "));
        cells.push(table::when(row.last_run_at, now));
    }
    cells
}

fn milliseconds(time: i64) -> String {
    match time {
        0..1_000 => format!("{time} ms"),
        _ => format!("{}.{} s", time / 1_000, time % 1_000 / 100),
    }
}

/// What is wrong with a site, in one line each.
fn explain(row: &Row, now: DateTime<Utc>, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    let site = &row.site;
    if let Some(probe_at) = row.probe_at.filter(|_| row.step > 0) {
        let when = table::when(Some(probe_at), now);
        writeln!(out, "{site}: in quarantine, step {}; the next probe {when}", row.step)?;
    }
    if !row.signs.is_empty() {
        writeln!(out, "{site}: shows {}", row.signs.join(", "))?;
    }
    if row.bad > 0
        && let Some(complaint) = &row.complaint
    {
        writeln!(out, "{site}: {} of {} searches ill: {}", row.bad, row.sources, tame(complaint))?;
    }
    if let Some(failure) = row.failure.as_ref().filter(|_| row.bad > 0 || row.step > 0) {
        let when = table::when(Some(failure.last_at), now);
        let (group, times) = (&failure.group, failure.times);
        writeln!(
            out,
            "{site}: page kept as {group} (seen {times} times, last {when}); `magpie site case {site}`"
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SourceId;
    use crate::domain::source::SourceSpec;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000 + minutes * 60, 0).expect("a moment")
    }

    fn run(minutes: i64, verdict: Verdict, items: i64) -> RunBrief {
        RunBrief {
            source: SourceId("s".into()),
            started_at: at(minutes),
            finished_at: at(minutes) + TimeDelta::milliseconds(1_250),
            verdict,
            items,
            rung: "http".into(),
            won: format!("{{\"price\":{{\"dom\":{}}},\"id\":{{\"dom\":{items}}}}}", items / 2),
        }
    }

    fn table(width: u16) -> (Row, String) {
        let spec = SourceSpec {
            site: "demo".into(),
            url: "https://example.com/s".into(),
            title: "Demo".into(),
            interval: Duration::from_secs(360),
            offered: true,
            rhythm: Default::default(),
        };
        let source = Source {
            verdict: Some(Verdict::Changed),
            last_error: Some("the layout may have changed".into()),
            last_run_at: Some(at(1_439)),
            ..Source::new(spec, at(0))
        };
        let mut health = SiteHealth::new("demo", at(0));
        health.state = State::Quarantined { step: 2 };
        health.probe_at = Some(at(1_500));
        let runs = [
            run(1_439, Verdict::Changed, 0),
            run(1_400, Verdict::Ok, 30),
            run(700, Verdict::Ok, 28),
            run(1, Verdict::Ok, 30),
        ];
        let row = row("demo", &[&source], Some(&health), &runs, None, at(0));
        let mut out = Vec::new();
        print(std::slice::from_ref(&row), Screen::Terminal(width), at(1_440), &mut out)
            .expect("memory takes everything");
        (row, String::from_utf8(out).expect("text"))
    }

    #[test]
    fn a_day_of_a_site_in_numbers() {
        let (row, _) = table(80);
        assert_eq!((row.runs, row.ok_percent, row.items_median), (4, Some(75), Some(30)));
        assert_eq!((row.median_ms, row.fields["price"], row.step), (Some(1_250), 50, 2));
        assert_eq!(sparkline(&row.day), "█··█···▄");
        assert_eq!(row.state, "quarantined 2");
    }

    #[test]
    fn the_table_is_readable_at_eighty_columns() {
        for width in [80, 160] {
            let (_, text) = table(width);
            let drawn = text.lines().filter(|line| line.contains(['│', '┆', '─', '═']));
            assert!(drawn.clone().all(|line| line.chars().count() <= usize::from(width)), "{text}");
            for word in ["demo", "75 %", "1.2 s", "█··█···▄", "the next probe in 60 min", "1 of 1"]
            {
                assert!(text.contains(word), "{word} in\n{text}");
            }
        }
    }
}
