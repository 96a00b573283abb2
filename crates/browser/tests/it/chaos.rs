//! Browsers that are killed or stopped at random while pages are loaded: no page is lost, no process remains.
//!
//! Short here; `MAGPIE_CHAOS_PAGES=500` and `MAGPIE_CHAOS_FAULTS=50` make it long. The seed is printed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::world::{World, group, holds_within, processes_of};

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// SplitMix64: a number of each step from one seed.
fn random(state: &AtomicU64) -> u64 {
    let mut x = state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Chromium's main processes below a directory, each of which leads a group.
fn leaders(world: &World) -> Vec<u32> {
    let mine = |pid: &u32| group(*pid).len() > 1;
    processes_of(world.work.path()).into_iter().filter(mine).collect()
}

/// What a process is for, from its command line.
fn what(pid: Pid) -> String {
    let line = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).unwrap_or_default();
    let text = String::from_utf8_lossy(&line).into_owned();
    let words = text.split('\0').filter(|word| word.contains("type="));
    let words: Vec<&str> = words.collect();
    if words.is_empty() { "the browser".to_owned() } else { words.join(" ") }
}

/// Does one random harm; false when there was nothing to harm.
fn harm(world: &World, state: &AtomicU64) -> bool {
    let leaders = leaders(world);
    let Some(leader) = leaders.last().and_then(|pid| Pid::from_raw(pid.cast_signed())) else {
        return false;
    };
    match random(state) % 8 {
        // The browser hangs: all of its processes stop.
        0 => kill_process_group(leader, Signal::STOP).is_ok(),
        1..=3 => kill_process(leader, Signal::KILL).is_ok(),
        // One of its processes: a renderer, the network service, the guard's other child.
        _ => {
            let members = group(leader.as_raw_nonzero().get().cast_unsigned());
            let index = usize::try_from(random(state)).unwrap_or(0) % members.len().max(1);
            let one = members.get(index).and_then(|pid| Pid::from_raw(pid.cast_signed()));
            one.is_some_and(|pid| {
                println!("killing {}", what(pid));
                kill_process(pid, Signal::KILL).is_ok()
            })
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_killed_or_stopped_at_random_lose_no_page_and_leave_no_process() {
    let (pages, faults) = (setting("MAGPIE_CHAOS_PAGES", 60), setting("MAGPIE_CHAOS_FAULTS", 8));
    let seed = setting("MAGPIE_CHAOS_SEED", 7) as u64;
    println!("seed {seed}, {pages} pages, {faults} faults");
    let Some(world) = World::with(|options| options.max_pages_at_once = 3, |_| {}).await else {
        return;
    };
    let (world, state, done) = (Arc::new(world), AtomicU64::new(seed), AtomicUsize::new(0));
    let (loading, harmed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let load = |n: usize| {
        let (world, loading, done) = (Arc::clone(&world), &loading, &done);
        async move {
            let mut request = world.request("/xhr");
            request.wait_for = Some("li.item:nth-child(3)".to_owned());
            request.session = format!("s{}", n % 3);
            (request.deadline, request.attempts) = (Duration::from_secs(60), 6);
            let begun = std::time::Instant::now();
            loading.fetch_add(1, Ordering::SeqCst);
            let page = world.browser.fetch(request).await;
            loading.fetch_sub(1, Ordering::SeqCst);
            done.fetch_add(1, Ordering::SeqCst);
            if let Err(error) = &page {
                println!("page {n}: {error} after {:?}", begun.elapsed());
            }
            page.map(|page| page.html.matches("class=\"item\"").count())
        }
    };
    let harming = async {
        for fault in 0..faults {
            // Evenly over the pages, and only while one is being loaded.
            while done.load(Ordering::SeqCst) < fault * pages / faults
                || loading.load(Ordering::SeqCst) == 0
            {
                tokio::time::sleep(Duration::from_millis(3)).await;
                if done.load(Ordering::SeqCst) >= pages {
                    return;
                }
            }
            let pause = random(&state) % 80;
            tokio::time::sleep(Duration::from_millis(pause)).await;
            harmed.fetch_add(usize::from(harm(&world, &state)), Ordering::SeqCst);
        }
    };
    let all =
        futures_util::stream::iter(0..pages).map(load).buffer_unordered(3).collect::<Vec<_>>();
    let (results, ()) = tokio::join!(all, harming);
    let lost: Vec<_> = results.iter().filter(|result| **result != Ok(3)).collect();
    let stats = world.browser.stats();
    println!("{harmed:?} faults done; {stats:?}");
    assert!(lost.is_empty(), "{lost:?}");
    assert!(harmed.load(Ordering::SeqCst) * 2 >= faults, "the test must do harm");
    let Ok(world) = Arc::try_unwrap(world) else { panic!("the world is still in use") };
    world.browser.close().await;
    let path = world.work.path().to_owned();
    assert!(holds_within(Duration::from_secs(2), || processes_of(&path).is_empty()).await);
    world.finish().await;
}
