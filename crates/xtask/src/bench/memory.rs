//! What the processes hold: the idle bot, and everything while one page at a time is scraped.

use std::time::Duration;

use super::world::World;
use super::{Figure, quantile, tree};

pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let mut world = World::start().await?;
    world.put_source("demo_homes", "/demo/homes", "1s")?;
    let begin = std::time::Instant::now();
    let bot = world.child("magpie-bot", &[])?;
    world.until_ready(&format!("{}/health", world.bot_url())).await?;
    let ready = begin.elapsed();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let idle = bot.id().map_or(f64::NAN, tree::pss_mb);
    let scraper = world.child("magpie", &["run"])?;
    let mut peaks = Vec::new();
    for _ in 0..60 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let both = [bot.id(), scraper.id()];
        peaks.push(both.into_iter().flatten().map(tree::pss_mb).sum());
    }
    let peak = quantile(&mut peaks, 1.0);
    let median = quantile(&mut peaks, 0.5);
    Ok(vec![
        Figure::new("bot ready", ready.as_secs_f64() * 1000.0, "ms", "start to /health 200"),
        Figure::new("idle magpie-bot", idle, "MB", "PSS after 3 s, polling"),
        Figure::new(
            "everything while scraping",
            peak,
            "MB",
            format!(
                "peak PSS of bot, scraper, Chromium over 15 s, a page each second; median {median:.0}"
            ),
        ),
    ])
}
