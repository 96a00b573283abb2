//! `chaos users` (Q19): people who press everything at once, ask far too much, and press what is not theirs.
//!
//! 1. one button each of many people, pressed a hundred times at the same moment: one effect each, every press answered;
//! 2. people far above their quotas beside others who are not: the others wait no longer, and nobody gets more than the
//!    quota allows;
//! 3. the buttons of one person pressed by its owner, by a stranger, by an operator, and with the stranger's name
//!    written on them: only the owner's press has an effect.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::future::join_all;
use magpie::bot::callback::Callback;
use magpie::clock::{Clock, SystemClock};
use magpie::domain::source::SourceSpec;
use magpie::domain::{Language, SourceId, UserId, Watch};
use magpie::store::{Db, WatchRecord};
use magpie::texts;
use serde_json::{Value, json};

use super::Bar;
use super::hook::{Hook, prepare, presses, says};
use super::outbox::Outbox;
use crate::bench::quantile;
use crate::bench::world::{TOKEN, World};
use crate::dice::Dice;

const CROWD: i64 = 1_000_001;
const ABUSERS: i64 = 2_000_001;
const OTHERS: i64 = 3_000_001;
const OPERATOR: i64 = 4_000_001;
const OWNER: i64 = 4_000_002;
const STRANGER: i64 = 4_000_003;
/// Presses of one button at the same moment.
const AT_ONCE: i64 = 100;
/// Commands and presses a minute of somebody new: what the abusers are measured by.
const QUOTA: i64 = 10;
const PATIENCE: Duration = Duration::from_secs(60);

/// How it is run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Decides when the others speak.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The form that the bars were set for: 1,000 buttons, 200 abusers.
    #[arg(long)]
    long: bool,
}

/// Runs it and answers the figures.
pub async fn run(options: &Options) -> anyhow::Result<Vec<Bar>> {
    let (buttons, abusers, seconds) = if options.long { (1_000, 200, 60) } else { (60, 20, 10) };
    let mut world = World::start().await?;
    prepare(&mut world);
    world.environment.insert("ADMIN_IDS".to_owned(), OPERATOR.to_string());
    for (first, count) in [(CROWD, buttons), (ABUSERS, abusers), (OTHERS, 50), (OPERATOR, 3)] {
        let meet = json!({"bot": TOKEN, "user": first, "meet": true, "count": count});
        world.control("say", &meet).await?;
    }
    let outbox = Outbox::open(&world).await?;
    let source = offer(&outbox).await?;
    let mut bot = world.child("magpie-bot", &[])?;
    let hook = Hook::of(&world).await?;
    let mut bars = vec![Bar::told("seed", options.seed.to_string())];
    bars.extend(storm(&hook, &outbox, &source, buttons).await?);
    bars.extend(flood(&hook, &outbox, abusers, seconds, &mut Dice::new(options.seed)).await?);
    bars.extend(matrix(&hook, &outbox, &source).await?);
    bot.kill().await.context("the bot cannot be ended")?;
    outbox.db.close().await;
    Ok(bars)
}

async fn offer(outbox: &Outbox) -> anyhow::Result<SourceId> {
    let spec = SourceSpec {
        site: "demo_goods".to_owned(),
        url: "http://127.0.0.1/offered".to_owned(),
        title: "Offered".to_owned(),
        interval: Duration::from_secs(3_600),
        offered: true,
        rhythm: Default::default(),
    };
    let id = spec.id();
    outbox.db.put_sources(&[spec], SystemClock.now()).await?;
    Ok(id)
}

fn watch(source: &SourceId, user: i64) -> anyhow::Result<String> {
    Callback::Watch(source.clone()).encode(UserId(user)).context("the button does not fit")
}

async fn watches(outbox: &Outbox, source: &SourceId, first: i64) -> anyhow::Result<Vec<Watch>> {
    let mut all = outbox.db.watches_of(source).await?;
    all.retain(|watch| (first..first + 1_000_000).contains(&watch.user.0));
    Ok(all)
}

fn is_answer(method: &Value) -> bool {
    method["method"] == "answerCallbackQuery"
}

#[expect(clippy::cast_precision_loss, reason = "counts")]
async fn storm(
    hook: &Hook,
    outbox: &Outbox,
    source: &SourceId,
    buttons: i64,
) -> anyhow::Result<Vec<Bar>> {
    let mut answered = 0;
    for button in 0..buttons {
        let user = CROWD + button;
        let data = watch(source, user)?;
        let all = (0..AT_ONCE).map(|press| {
            let update = presses(1_000_000 + button * AT_ONCE + press, user, &data);
            async move { hook.bring(&update, PATIENCE).await }
        });
        for taken in join_all(all).await {
            answered += i64::from(is_answer(&taken?.method));
        }
    }
    let made = watches(outbox, source, CROWD).await?;
    let people: std::collections::BTreeSet<i64> = made.iter().map(|one| one.user.0).collect();
    Ok(vec![
        Bar::told("presses", format!("{AT_ONCE} at once of each of {buttons} buttons")),
        Bar::most("presses without an answer", (buttons * AT_ONCE - answered) as f64, 0.0, ""),
        Bar::least("people whose button worked", people.len() as f64, buttons as f64, ""),
        Bar::most("effects beyond one each", (made.len() - people.len()) as f64, 0.0, ""),
    ])
}

/// Abusers send at fifty times their quota; others send once every few seconds.
#[expect(clippy::cast_precision_loss, reason = "counts")]
async fn flood(
    hook: &Hook,
    outbox: &Outbox,
    abusers: i64,
    seconds: u64,
    dice: &mut Dice,
) -> anyhow::Result<Vec<Bar>> {
    let before = outbox.all().await?.len();
    let begin = Instant::now();
    let gap = Duration::from_secs_f64(60.0 / (QUOTA * 50) as f64);
    let mut tasks = Vec::new();
    for abuser in 0..abusers {
        let (hook, span) = (hook.clone(), Duration::from_secs(seconds));
        tasks.push(tokio::spawn(async move {
            let mut sent = 0;
            while begin.elapsed() < span {
                let id = 10_000_000 + abuser * 100_000 + sent;
                hook.bring(&says(id, ABUSERS + abuser, "/help"), PATIENCE).await?;
                sent += 1;
                let due = begin + gap * u32::try_from(sent).unwrap_or(u32::MAX);
                tokio::time::sleep_until(due.into()).await;
            }
            anyhow::Ok((sent, vec![]))
        }));
    }
    for other in 0..50 {
        let (hook, first) = (hook.clone(), dice.between(0, 2_000));
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::new();
            for turn in 0..seconds / 4 {
                let due = begin + Duration::from_millis(first + turn * 4_000);
                tokio::time::sleep_until(due.into()).await;
                let id = 50_000_000 + other * 1_000 + i64::try_from(turn)?;
                times.push(hook.bring(&says(id, OTHERS + other, "/help"), PATIENCE).await?.ms);
            }
            anyhow::Ok((0, times))
        }));
    }
    let (mut sent, mut times) = (0, Vec::new());
    for task in tasks {
        let (count, part) = task.await??;
        sent += count;
        times.extend(part);
    }
    let took = begin.elapsed().as_secs_f64();
    outbox.until_quiet(Duration::from_secs(60)).await?;
    let all = outbox.all().await?;
    let mut most = 0;
    for abuser in 0..abusers {
        let own = all.iter().skip(before).filter(|one| one.new.chat.0 == ABUSERS + abuser);
        most = most.max(own.count());
    }
    // Twice the number at once (the burst), what came back meanwhile, one word of refusal, and one for rounding.
    let allowed = (QUOTA * 2) as f64 + took * QUOTA as f64 / 60.0 + 2.0;
    Ok(vec![
        Bar::told("abusers", format!("{abusers} sent {sent} commands in {took:.0} s")),
        Bar::most("messages that one abuser got", most as f64, allowed.floor(), ""),
        Bar::most("p99 of the others", quantile(&mut times, 0.99), 1_000.0, "ms"),
    ])
}

/// Who presses, whose name is on the button, and whether it may have an effect.
const MATRIX: [(&str, i64, i64, bool); 5] = [
    ("a stranger", STRANGER, OWNER, false),
    ("an operator", OPERATOR, OWNER, false),
    ("the owner with a stranger's button", OWNER, STRANGER, false),
    ("a stranger with their own name on it", STRANGER, STRANGER, false),
    ("the owner", OWNER, OWNER, true),
];

#[expect(clippy::cast_precision_loss, reason = "counts")]
async fn matrix(hook: &Hook, outbox: &Outbox, source: &SourceId) -> anyhow::Result<Vec<Bar>> {
    let mut id = 90_000_000;
    let mut next = || {
        id += 1;
        id
    };
    hook.bring(&presses(next(), OWNER, &watch(source, OWNER)?), PATIENCE).await?;
    let refusal = texts::plain(Language::En, "bot-press-not-yours");
    let (mut cells, mut wrong) = (0, Vec::new());
    for (who, presser, named, may) in MATRIX {
        let own = watches(outbox, source, OPERATOR).await?;
        let own = own.iter().find(|one| one.user.0 == OWNER).context("the owner watches")?.clone();
        let actions = [
            ("pauses", Callback::Pause(own.id.clone())),
            ("resumes", Callback::Resume(own.id.clone())),
            ("looks", Callback::Card(own.id.clone())),
            ("asks to leave", Callback::AskLeave(own.id.clone())),
            ("leaves", Callback::Leave(own.id.clone())),
        ];
        for (action, callback) in actions {
            cells += 1;
            let data = callback.encode(UserId(named)).context("the button does not fit")?;
            let taken = hook.bring(&presses(next(), presser, &data), PATIENCE).await?;
            let is_refused = taken.method["text"] == refusal.as_str();
            let after = outbox.db.watch(&own.id).await?;
            let changed = after.as_ref() != Some(&own);
            let is_right = match (may, action) {
                (false, _) => !changed && (named == presser || is_refused),
                (true, "pauses" | "leaves") => changed && !is_refused,
                (true, _) => !is_refused,
            };
            if !is_right || !is_answer(&taken.method) {
                wrong.push(format!("{who} {action}"));
            }
        }
    }
    let mut bars = vec![
        Bar::told("cells of role, action and owner", cells.to_string()),
        Bar::most("cells that are wrong", wrong.len() as f64, 0.0, ""),
    ];
    if !wrong.is_empty() {
        bars.push(Bar::told("namely", wrong.join("; ")));
    }
    Ok(bars)
}
