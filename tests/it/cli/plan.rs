//! `magpie plan` and `magpie promo` as an operator uses them.

use chrono::{DateTime, Utc};
use clap::{Args, FromArgMatches};
use magpie::cli::table::Screen;
use magpie::cli::{plan, promo};
use magpie::config::plans;
use magpie::domain::Plan;
use magpie::store::Db;
use serde_json::Value;

use crate::scratch::Scratch;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).expect("a date")
}

fn file() -> anyhow::Result<Vec<Plan>> {
    plans("plans.toml", plans::PLANS).map_err(|problems| anyhow::anyhow!("{problems:?}"))
}

async fn run(db: &dyn Db, words: &[&str]) -> anyhow::Result<String> {
    let mut out = Vec::new();
    let (head, words) = words.split_first().expect("a command");
    let command = clap::Command::new("test").no_binary_name(true);
    match *head {
        "plan" => {
            let matches = plan::Args::augment_args(command).try_get_matches_from(words)?;
            let args = plan::Args::from_arg_matches(&matches)?;
            plan::run(args, db, &file, now(), Screen::Plain, &mut out).await?;
        }
        _ => {
            let matches = promo::Args::augment_args(command).try_get_matches_from(words)?;
            let args = promo::Args::from_arg_matches(&matches)?;
            promo::run(args, db, now(), Screen::Plain, &mut out).await?;
        }
    }
    Ok(String::from_utf8(out)?)
}

async fn said(db: &dyn Db, words: &[&str]) -> String {
    run(db, words).await.unwrap_or_else(|error| panic!("{words:?}: {error:#}"))
}

async fn json(db: &dyn Db, words: &[&str]) -> Value {
    serde_json::from_str(&said(db, words).await).expect("JSON")
}

async fn refused(db: &dyn Db, words: &[&str]) -> String {
    format!("{:#}", run(db, words).await.expect_err("a refusal"))
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_are_seeded_listed_and_changed() {
    let db = Scratch::new();
    let seeded = json(&*db, &["plan", "seed", "--json"]).await;
    assert_eq!(seeded["added"], serde_json::json!(["free", "trial", "plus", "pro"]));
    let listed = said(&*db, &["plan", "list"]).await;
    assert!(listed.contains("EUR 499, USD 499, XTR 350"), "{listed}");

    said(&*db, &["plan", "set", "plus", "price.USD=599", "price.EUR=", "terms.watches=0"]).await;
    let plus = json(&*db, &["plan", "show", "plus", "--json"]).await;
    assert_eq!((&plus["prices"]["USD"], &plus["prices"]["EUR"]), (&599.into(), &Value::Null));
    assert_eq!((&plus["terms"]["watches"], &plus["revision"]), (&0.into(), &2.into()));
    let again = said(&*db, &["plan", "seed"]).await;
    assert_eq!(again, "added: none. updated: none. changed here and left alone: plus.\n");

    let names = ["name.en=Team", "name.ru=Команда", "name.uk=Команда"];
    let new = [&["plan", "set", "team", "--new", "price.USD=2999"][..], &names].concat();
    said(&*db, &new).await;
    assert!(refused(&*db, &new).await.contains("there is one already"));
    assert_eq!(json(&*db, &["plan", "list", "--json"]).await.as_array().map(Vec::len), Some(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_change_of_a_plan_is_named_whole_and_changes_nothing() {
    let db = Scratch::new();
    said(&*db, &["plan", "seed"]).await;
    let before = json(&*db, &["plan", "show", "plus", "--json"]).await;
    let bad = ["plan", "set", "plus", "days=0", "colour=red", "price.usd=3", "name.ru="];
    let words = refused(&*db, &bad).await;
    for part in ["days: from 1", "colour: there is no such key", "prices.usd", "names.ru"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert_eq!(json(&*db, &["plan", "show", "plus", "--json"]).await, before);
    assert!(refused(&*db, &["plan", "show", "none"]).await.contains("free, trial, plus, pro"));
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_made_listed_and_stopped() {
    let db = Scratch::new();
    said(&*db, &["plan", "seed"]).await;
    let add = ["promo", "add", "spring", "--days", "14", "--plan", "plus", "--uses", "3"];
    let add = [&add[..], &["--until", "2026-06-01", "--only-new"]].concat();
    assert!(said(&*db, &add).await.starts_with("SPRING gives 14 days of plus."));
    assert!(refused(&*db, &add).await.contains("there is a code SPRING already"));
    said(&*db, &["promo", "add", "HELLO", "--credit", "500", "--currency", "USD"]).await;
    let listed = said(&*db, &["promo", "list"]).await;
    assert!(listed.contains("0/3") && listed.contains("2026-06-01"), "{listed}");
    assert!(listed.contains("new people") && listed.contains("USD 500"), "{listed}");
    assert_eq!(said(&*db, &["promo", "stop", "hello"]).await, "HELLO is stopped.\n");
    let stopped = json(&*db, &["promo", "list", "--json"]).await;
    let hello = stopped.as_array().and_then(|all| all.iter().find(|one| one["code"] == "HELLO"));
    assert_eq!(hello.map(|one| &one["stopped"]), Some(&true.into()));
    assert!(refused(&*db, &["promo", "stop", "none"]).await.contains("there is no code NONE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_code_is_named_whole() {
    let db = Scratch::new();
    let bad = ["promo", "add", "a b", "--credit", "0", "--currency", "usd", "--from", "soon"];
    let bad = [&bad[..], &["--only-plan", "gold"]].concat();
    let words = refused(&*db, &bad).await;
    for part in ["the code:", "--credit:", "--currency:", "--from:", "there is no plan gold"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert!(run(&*db, &["promo", "add", "CODE"]).await.is_err(), "it gives nothing");
}
