//! From publication to 10,000 chats: one offer that 10,000 of 1,000,000 watches want, all on one search.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use magpie::clock::{Clock, SystemClock};
use magpie::domain::filter::Place;
use magpie::domain::pace::Limits;
use magpie::domain::{ChatId, ChatKind, Filter, Language, OwnerId, SourceId, UserId, WatchId};
use magpie::store::sql::{SqlDb, SqlOptions};
use magpie::store::{Db, Effect, SourceFilter, UpdateCommit};
use serde_json::json;

use super::world::{TOKEN, World};
use super::{Figure, quantile};

const WATCHES: i64 = 1_000_000;
const WANTED: i64 = 10_000;
const FIRST: i64 = 1_000_001;
const ROUNDS: usize = 3;

/// People in one commit.
const BATCH: usize = 1_000;

pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let mut world = World::start().await?;
    world.put_source("demo_goods", "/demo/goods", "1s")?;
    world.environment.insert("MAGPIE_DELIVER__IN_FLIGHT".to_owned(), "64".to_owned());
    let scraper = world.child("magpie", &["run", "--only", "scrape"])?;
    until_baseline(&world).await?;
    drop(scraper);
    seed(&world).await.context("the watches")?;
    let meet = json!({"bot": TOKEN, "user": FIRST, "meet": true, "count": WANTED});
    world.control("say", &meet).await?;
    let begin = Instant::now();
    let _scraper = world.child("magpie", &["run"])?;
    let health = format!("http://{}/health", world.environment["MAGPIE_SCRAPE__LISTEN"]);
    world.until_ready(&health).await?;
    let mut after = 0;
    // The first offer waits until all watches are in the index.
    let warm = round(&world, &mut after, Duration::from_secs(180)).await?;
    let loaded = begin.elapsed().as_secs_f64();
    anyhow::ensure!(warm.len() == usize::try_from(WANTED)?, "{} heard of it", warm.len());
    let mut figures = vec![Figure::new(
        "start with 1,000,000 watches to the last of 10,000 chats",
        loaded,
        "s",
        "",
    )];
    let (mut waits, mut parts) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        tokio::time::sleep(Duration::from_secs(3)).await;
        let mut round = round(&world, &mut after, Duration::from_secs(60)).await?;
        let (first, last) = (quantile(&mut round, 0.0), quantile(&mut round, 1.0));
        parts.push(format!("{first:.0} to {last:.0}"));
        waits.extend(round);
    }
    let how = format!(
        "{ROUNDS} offers, 10,000 of 1,000,000 watches each, limits off, 64 in flight; first to last: {}",
        parts.join(", ")
    );
    for (name, share) in [("median", 0.5), ("p99", 0.99)] {
        let what = format!("publish to chat with 10,000 matches, {name}");
        figures.push(Figure::new(&what, quantile(&mut waits, share), "ms", how.clone()));
    }
    Ok(figures)
}

/// Publishes one offer; answers how long each chat waited for it (ms).
#[expect(clippy::cast_precision_loss, reason = "milliseconds")]
async fn round(world: &World, after: &mut u64, limit: Duration) -> anyhow::Result<Vec<f64>> {
    let (begin, begun) = (Instant::now(), SystemClock.now().timestamp_millis());
    world.control("demo", &json!({"publish": {"site": "goods", "count": 1}})).await?;
    let mut waits = Vec::new();
    while waits.len() < usize::try_from(WANTED)? {
        anyhow::ensure!(
            begin.elapsed() < limit,
            "only {} of {WANTED} chats heard of it",
            waits.len()
        );
        let accepted = world.accepted(after).await?;
        waits.extend(accepted.iter().map(|at| (at - begun) as f64));
    }
    Ok(waits)
}

async fn until_baseline(world: &World) -> anyhow::Result<()> {
    let url = format!("sqlite://{}", world.folder.path().join("data/magpie.db").display());
    let begin = Instant::now();
    loop {
        anyhow::ensure!(begin.elapsed() < Duration::from_secs(60), "no baseline");
        tokio::time::sleep(Duration::from_millis(200)).await;
        let Ok(db) = SqlDb::open(&url, SqlOptions::default()).await else { continue };
        let sources = db.sources(&SourceFilter::default()).await?;
        db.close().await;
        if sources.iter().any(|source| source.baseline_done) {
            return Ok(());
        }
    }
}

/// Writes the people and their watches.
async fn seed(world: &World) -> anyhow::Result<()> {
    let url = format!("sqlite://{}", world.folder.path().join("data/magpie.db").display());
    let db = SqlDb::open(&url, SqlOptions::default()).await?;
    let sources = db.sources(&SourceFilter::default()).await?;
    let source = sources.first().context("there is no source")?.id.clone();
    for (update, first) in (0..WATCHES).step_by(BATCH).enumerate() {
        let last = WATCHES.min(first + i64::try_from(BATCH)?);
        let effects = (first..last).flat_map(|number| effects(number, &source)).collect();
        let commit = UpdateCommit {
            bot: 1,
            update: i64::try_from(update)?,
            kind: "message".to_owned(),
            received_at: SystemClock.now(),
            dialogue: None,
            effects,
            replies: vec![],
            owner: OwnerId("seed".to_owned()),
            limits: Limits::OFF,
            dues: Default::default(),
        };
        db.commit_update(&commit).await?;
    }
    db.close().await;
    Ok(())
}

fn effects(number: i64, source: &SourceId) -> [Effect; 2] {
    let (user, chat) = (UserId(FIRST + number), ChatId(FIRST + number));
    let language = Language::En;
    let watch = Effect::Subscribe {
        watch: WatchId(format!("{number:032x}")),
        user,
        chat,
        thread: None,
        source: source.clone(),
        name: "Bench".to_owned(),
        filter: if number < WANTED { Filter::default() } else { other(number) },
        language,
    };
    [Effect::Meet { user, chat, kind: ChatKind::Private, language }, watch]
}

/// What the other watches ask for: prices, words and places that no offer of the demo site has.
fn other(number: i64) -> Filter {
    let all = Filter::default();
    match number % 4 {
        0 => Filter { max_price: Some(1 + number % 90), ..all },
        1 => {
            let words = [format!("qzx{}", number % 5_000), format!("vwk{}", number % 3_000)];
            Filter { any_words: words.to_vec(), ..all }
        }
        2 => Filter {
            min_price: Some(900_000_000 + number % 1_000),
            none_words: vec!["broken".to_owned()],
            ..all
        },
        _ => {
            let names = vec![format!("Nowhere{}", number % 3_000)];
            Filter { place: Place { names, ..Place::default() }, ..all }
        }
    }
}
