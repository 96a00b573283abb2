//! `magpie plan`: what is offered.
//!
//! ```text
//! $ magpie plan list
//! id     category  offered  days  prices                         terms
//! free   free      yes      -                                    {}
//! plus   paid      yes      30    EUR 499, USD 499, XTR 350      {"interval_s":180,"watches":150,…}
//! $ magpie plan set plus price.USD=599 terms.watches=200
//! plus is changed; what was bought stays as it was bought.
//! $ magpie plan seed
//! added: pro. updated: none. changed here and left alone: plus.
//! ```

use std::io::Write;
use std::process::ExitCode;

use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde_json::json;

use super::table::{self, Screen};
use crate::domain::offer::{Category, edit, problems};
use crate::domain::{Language, Plan, PlanId, Terms};
use crate::store::Db;

/// Work on plans.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do with plans.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists all plans
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows one plan
    Show {
        /// Its id
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Changes a plan; people keep what they have bought
    Set {
        /// Its id
        id: String,
        /// KEY=VALUE, such as price.USD=499, terms.watches=150, name.en=Plus, active=no; an empty value takes it away
        #[arg(required = true, value_name = "KEY=VALUE")]
        changes: Vec<String>,
        /// Make a new plan
        #[arg(long)]
        new: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Reads the file of plans now; what was changed here is left alone
    Seed {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command; `file` reads the file of plans.
pub async fn run(
    args: Args,
    db: &dyn Db,
    file: &(dyn Fn() -> anyhow::Result<Vec<Plan>> + Sync),
    now: DateTime<Utc>,
    screen: Screen,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::List { json } => list(&db.plans().await?, json, screen, out)?,
        Command::Show { id, json } => show(&found(db, &id).await?, json, screen, out)?,
        Command::Set { id, changes, new, json } => {
            let plan = if new { blank(&id) } else { found(db, &id).await? };
            let plan = changed(plan, &changes)?;
            if !db.set_plan(&plan, now).await? {
                bail!(
                    "{id} was changed by somebody else, or there is one already; look and repeat"
                );
            }
            if json {
                table::print_json(out, &found(db, &id).await?)?;
            } else {
                writeln!(out, "{id} is changed; what was bought stays as it was bought.")?;
            }
        }
        Command::Seed { json } => {
            let seeded = db.seed_plans(&file()?, now).await?;
            if json {
                let (added, updated, kept) = (&seeded.added, &seeded.updated, &seeded.kept);
                let all = json!({ "added": added, "updated": updated, "kept": kept });
                table::print_json(out, &all)?;
            } else {
                let (added, updated, kept) =
                    (names(&seeded.added), names(&seeded.updated), names(&seeded.kept));
                writeln!(
                    out,
                    "added: {added}. updated: {updated}. changed here and left alone: {kept}."
                )?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn names(ids: &[PlanId]) -> String {
    match ids {
        [] => "none".to_owned(),
        ids => ids.iter().map(PlanId::as_str).collect::<Vec<_>>().join(", "),
    }
}

async fn found(db: &dyn Db, id: &str) -> anyhow::Result<Plan> {
    let plans = db.plans().await?;
    let known: Vec<&str> = plans.iter().map(|plan| plan.id.as_str()).collect();
    let Some(plan) = plans.iter().find(|plan| plan.id.as_str() == id) else {
        bail!("there is no plan {}; there are: {}", table::tame(id), known.join(", "));
    };
    Ok(plan.clone())
}

/// A plan that says nothing yet.
fn blank(id: &str) -> Plan {
    Plan {
        id: PlanId(id.to_owned()),
        category: Category::Paid,
        names: Default::default(),
        descriptions: Default::default(),
        prices: Default::default(),
        days: 30,
        terms: Terms::default(),
        active: true,
        position: 100,
        revision: 0,
    }
}

/// The plan with all changes, if it is a good one then.
fn changed(mut plan: Plan, changes: &[String]) -> anyhow::Result<Plan> {
    let mut wrong = Vec::new();
    for change in changes {
        match change.split_once('=') {
            Some((key, value)) => wrong.extend(edit::set(&mut plan, key.trim(), value).err()),
            None => wrong.push(format!("{change}: write KEY=VALUE; the keys are {}", edit::KEYS)),
        }
    }
    wrong.extend(problems(&plan));
    if !wrong.is_empty() {
        bail!("nothing was changed:\n  {}", wrong.join("\n  "));
    }
    Ok(plan)
}

fn list(
    plans: &[Plan],
    json: bool,
    screen: Screen,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    if json {
        return Ok(table::print_json(out, plans)?);
    }
    let row = |plan: &Plan| {
        Ok(vec![
            plan.id.0.clone(),
            plan.category.as_str().to_owned(),
            if plan.active { "yes" } else { "no" }.to_owned(),
            if plan.days == 0 { "-".to_owned() } else { plan.days.to_string() },
            prices(plan),
            serde_json::to_string(&plan.terms)?,
        ])
    };
    let rows: Vec<Vec<String>> = plans.iter().map(row).collect::<anyhow::Result<_>>()?;
    let header = ["id", "category", "offered", "days", "prices", "terms"];
    Ok(table::print(out, screen, &header, &rows)?)
}

fn prices(plan: &Plan) -> String {
    let all: Vec<String> =
        plan.prices.iter().map(|(currency, minor)| format!("{currency} {minor}")).collect();
    all.join(", ")
}

fn show(
    plan: &Plan,
    json: bool,
    screen: Screen,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    if json {
        return Ok(table::print_json(out, plan)?);
    }
    let mut rows = vec![
        vec!["id".to_owned(), plan.id.0.clone()],
        vec!["category".to_owned(), plan.category.as_str().to_owned()],
        vec!["active".to_owned(), if plan.active { "yes" } else { "no" }.to_owned()],
        vec!["position".to_owned(), plan.position.to_string()],
        vec!["days".to_owned(), plan.days.to_string()],
        vec!["revision".to_owned(), plan.revision.to_string()],
    ];
    for language in Language::ALL {
        let code = language.code();
        rows.push(vec![format!("name.{code}"), plan.name(language).to_owned()]);
        rows.push(vec![format!("description.{code}"), plan.description(language).to_owned()]);
    }
    rows.extend(
        plan.prices
            .iter()
            .map(|(currency, minor)| vec![format!("price.{currency}"), minor.to_string()]),
    );
    rows.push(vec!["terms".to_owned(), serde_json::to_string(&plan.terms)?]);
    Ok(table::print(out, screen, &["key", "value"], &rows)?)
}
