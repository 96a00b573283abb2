//! From publication to 10,000 chats: one offer that 10,000 of 1,000,000 watches want, all on one search.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use magpie::store::sql::{SqlDb, SqlOptions};
use rusqlite::Connection;
use serde_json::json;

use super::world::{TOKEN, World, is_message};
use super::{Figure, quantile};

const WATCHES: i64 = 1_000_000;
const WANTED: i64 = 10_000;
const FIRST: i64 = 1_000_001;
const ROUNDS: usize = 3;

/// What the other watches ask for: prices, words and places that no offer of the demo site has.
const OTHERS: &str = r#"CASE n % 4
    WHEN 0 THEN json_object('max_price', 1 + n % 90)
    WHEN 1 THEN json_object('any_words', json_array('qzx' || (n % 5000), 'vwk' || (n % 3000)))
    WHEN 2 THEN json_object('min_price', 900000000 + n % 1000, 'none_words', json_array('broken'))
    ELSE json_object('place', json_object('names', json_array('Nowhere' || (n % 3000)))) END"#;

pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let mut world = World::start().await?;
    world.put_source("demo_goods", "/demo/goods", "1s")?;
    world.environment.insert("MAGPIE_DELIVER__IN_FLIGHT".to_owned(), "64".to_owned());
    let scraper = world.child("magpie", &["run", "--only", "scrape"])?;
    until_baseline(&world).await?;
    drop(scraper);
    let file = world.folder.path().join("data/magpie.db");
    tokio::task::spawn_blocking(move || seed(&file)).await?.context("the watches")?;
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
    let mut waits = Vec::new();
    for _ in 0..ROUNDS {
        tokio::time::sleep(Duration::from_secs(3)).await;
        waits.extend(round(&world, &mut after, Duration::from_secs(60)).await?);
    }
    let how =
        format!("{ROUNDS} offers, 10,000 of 1,000,000 watches each, limits off, 64 in flight");
    for (name, share) in [("median", 0.5), ("p99", 0.99)] {
        let what = format!("publish to chat with 10,000 matches, {name}");
        figures.push(Figure::new(&what, quantile(&mut waits, share), "ms", how.clone()));
    }
    Ok(figures)
}

/// Publishes one offer; answers how long each chat waited for it (ms).
async fn round(world: &World, after: &mut u64, limit: Duration) -> anyhow::Result<Vec<f64>> {
    let begin = Instant::now();
    world.control("demo", &json!({"publish": {"site": "goods", "count": 1}})).await?;
    let mut waits = Vec::new();
    while waits.len() < usize::try_from(WANTED)? {
        anyhow::ensure!(
            begin.elapsed() < limit,
            "only {} of {WANTED} chats heard of it",
            waits.len()
        );
        for line in world.journal(*after, Duration::from_millis(20)).await? {
            *after = line["seq"].as_u64().unwrap_or(*after);
            if is_message(&line) {
                waits.push(begin.elapsed().as_secs_f64() * 1000.0);
            }
        }
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
        let sources = magpie::store::Db::sources(&db, &Default::default()).await?;
        db.close().await;
        if sources.iter().any(|source| source.baseline_done) {
            return Ok(());
        }
    }
}

/// Writes the people and their watches in one go.
fn seed(file: &std::path::Path) -> anyhow::Result<()> {
    let conn = Connection::open(file)?;
    conn.busy_timeout(Duration::from_secs(30))?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_millis();
    let numbers = format!(
        "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers \
         WHERE n < {} )",
        WATCHES - 1
    );
    conn.execute_batch(&format!(
        "BEGIN IMMEDIATE;
         INSERT INTO users (id, language, created_at)
           {numbers} SELECT {FIRST} + n, 'en', {now} FROM numbers;
         INSERT INTO chats (id, kind, active) {numbers} SELECT {FIRST} + n, 'private', 1 FROM numbers;
         INSERT INTO watches (id, user_id, chat, name, filter, language, created_at)
           {numbers} SELECT printf('%032x', n), {FIRST} + n, {FIRST} + n, 'Bench',
           CASE WHEN n < {WANTED} THEN '{{}}' ELSE {OTHERS} END, 'en', {now} FROM numbers;
         INSERT INTO watch_sources (watch, source)
           {numbers} SELECT printf('%032x', n), (SELECT id FROM sources) FROM numbers;
         COMMIT;"
    ))?;
    Ok(())
}
