//! `magpie promo`: codes that give days of a plan, or money on the balance.
//!
//! ```text
//! $ magpie promo add SPRING --days 14 --plan plus --uses 100 --until 2026-06-01 --only-new
//! SPRING gives 14 days of plus. The link: https://t.me/<bot>?start=k_SPRING
//! $ magpie promo list
//! code    gives            used  until       for         state
//! SPRING  14 days of plus  3/100 2026-06-01  new people  open
//! $ magpie promo stop SPRING
//! SPRING is stopped.
//! ```

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use chrono::{DateTime, NaiveDate, Utc};
use clap::Subcommand;
use sites::Money;

use super::table::{self, Screen};
use crate::domain::PlanId;
use crate::domain::account::{Gift, Promo, fold_code};
use crate::domain::offer::{LARGEST_AMOUNT, LONGEST_DAYS};
use crate::store::Db;

/// Work on promo codes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do with promo codes.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes a code
    Add(Box<Add>),
    /// Lists all codes
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Stops a code; what it gave stays given
    Stop {
        /// The code
        code: String,
    },
}

/// A new code.
#[derive(Debug, clap::Args)]
pub struct Add {
    /// 3 to 32 letters, digits, - and _; capitals and small letters are the same
    pub code: String,
    /// It gives so many days
    #[arg(long, requires = "plan", conflicts_with = "credit", required_unless_present = "credit")]
    pub days: Option<i64>,
    /// … of this plan
    #[arg(long)]
    pub plan: Option<String>,
    /// It gives so much money, in the smallest unit
    #[arg(long, requires = "currency")]
    pub credit: Option<i64>,
    /// … of this currency
    #[arg(long)]
    pub currency: Option<String>,
    /// How often it may be used by all together; 0: without limit
    #[arg(long, default_value_t = 0)]
    pub uses: i64,
    /// Not before this day or moment (2026-05-01, or with a time: 2026-05-01T08:00:00Z)
    #[arg(long)]
    pub from: Option<String>,
    /// Not from this day or moment on
    #[arg(long)]
    pub until: Option<String>,
    /// Only for people who came in the last seven days
    #[arg(long)]
    pub only_new: bool,
    /// Only for people who have this plan
    #[arg(long, value_name = "PLAN")]
    pub only_plan: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
pub async fn run(
    args: Args,
    db: &dyn Db,
    now: DateTime<Utc>,
    screen: Screen,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Add(new) => {
            let json = new.json;
            let promo = promo(*new, db, now).await?;
            if !db.add_promo(&promo).await? {
                bail!("there is a code {} already; `magpie promo list` shows it", promo.code);
            }
            match json {
                true => table::print_json(out, &promo)?,
                false => {
                    let (code, gift) = (&promo.code, gift(&promo.gift));
                    writeln!(
                        out,
                        "{code} gives {gift}. The link: https://t.me/<bot>?start=k_{code}"
                    )?;
                }
            }
        }
        Command::List { json } => list(&db.promos().await?, json, now, screen, out)?,
        Command::Stop { code } => {
            let Some(code) = fold_code(&code) else { bail!("that can be no code") };
            if !db.stop_promo(&code).await? {
                bail!("there is no code {code}");
            }
            writeln!(out, "{code} is stopped.")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks what was asked for, all of it.
async fn promo(new: Add, db: &dyn Db, now: DateTime<Utc>) -> anyhow::Result<Promo> {
    let mut wrong = Vec::new();
    let code = fold_code(&new.code).unwrap_or_else(|| {
        wrong.push("the code: 3 to 32 letters, digits, - and _".to_owned());
        String::new()
    });
    let plans = db.plans().await?;
    for name in [&new.plan, &new.only_plan].into_iter().flatten() {
        if !plans.iter().any(|plan| plan.id.as_str() == name) {
            wrong.push(format!("there is no plan {}", table::tame(name)));
        }
    }
    let gift = match (new.days, new.credit) {
        (Some(days), _) => {
            if !(1..=LONGEST_DAYS).contains(&days) {
                wrong.push(format!("--days: from 1 to {LONGEST_DAYS}"));
            }
            Gift::Days { plan: PlanId(new.plan.unwrap_or_default()), days }
        }
        (None, credit) => {
            let (minor, currency) = (credit.unwrap_or(0), new.currency.unwrap_or_default());
            if !(1..=LARGEST_AMOUNT).contains(&minor) {
                wrong.push(format!("--credit: from 1 to {LARGEST_AMOUNT} of the smallest unit"));
            }
            if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
                wrong.push("--currency: three capitals, such as USD".to_owned());
            }
            Gift::Credit(Money { minor, currency })
        }
    };
    if new.uses < 0 {
        wrong.push("--uses: 0 or more".to_owned());
    }
    let mut moment = |text: Option<String>, key: &str| {
        let read = text.as_deref().map(moment).transpose();
        read.unwrap_or_else(|error| {
            wrong.push(format!("{key}: {error:#}"));
            None
        })
    };
    let (valid_from, valid_until) = (moment(new.from, "--from"), moment(new.until, "--until"));
    if !wrong.is_empty() {
        bail!("no code was made:\n  {}", wrong.join("\n  "));
    }
    Ok(Promo {
        code,
        gift,
        uses: new.uses,
        used: 0,
        valid_from,
        valid_until,
        only_new: new.only_new,
        only_plan: new.only_plan.map(PlanId),
        stopped: false,
        created_at: now,
    })
}

/// A day (its beginning in UTC) or a moment.
fn moment(text: &str) -> anyhow::Result<DateTime<Utc>> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(day.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    let moment = DateTime::parse_from_rfc3339(text);
    let moment =
        moment.with_context(|| format!("{} is no day and no moment", table::tame(text)))?;
    Ok(moment.to_utc())
}

fn gift(gift: &Gift) -> String {
    match gift {
        Gift::Days { plan, days: 1 } => format!("1 day of {plan}"),
        Gift::Days { plan, days } => format!("{days} days of {plan}"),
        Gift::Credit(money) => format!("{} {} (smallest units)", money.currency, money.minor),
    }
}

fn list(
    promos: &[Promo],
    json: bool,
    now: DateTime<Utc>,
    screen: Screen,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    if json {
        return Ok(table::print_json(out, promos)?);
    }
    let row = |promo: &Promo| {
        let uses = if promo.uses == 0 { "∞".to_owned() } else { promo.uses.to_string() };
        let new = promo.only_new.then(|| "new people".to_owned());
        let plan = promo.only_plan.as_ref().map(|plan| format!("people with {plan}"));
        let audience: Vec<String> = new.into_iter().chain(plan).collect();
        let day =
            |at: Option<DateTime<Utc>>| at.map_or("-".to_owned(), |at| at.date_naive().to_string());
        vec![
            promo.code.clone(),
            gift(&promo.gift),
            format!("{}/{uses}", promo.used),
            day(promo.valid_from),
            day(promo.valid_until),
            if audience.is_empty() { "everybody".to_owned() } else { audience.join(", ") },
            state(promo, now).to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = promos.iter().map(row).collect();
    let header = ["code", "gives", "used", "from", "until", "for", "state"];
    Ok(table::print(out, screen, &header, &rows)?)
}

fn state(promo: &Promo, now: DateTime<Utc>) -> &'static str {
    if promo.stopped {
        "stopped"
    } else if promo.valid_until.is_some_and(|until| until <= now) {
        "over"
    } else if promo.uses > 0 && promo.used >= promo.uses {
        "used up"
    } else if promo.valid_from.is_some_and(|from| from > now) {
        "not yet"
    } else {
        "open"
    }
}
