//! `magpie watch` as an operator uses it.

use std::process::ExitCode;
use std::time::Duration;

use crate::scratch::Scratch;
use chrono::{DateTime, Utc};
use clap::{Args, FromArgMatches};
use magpie::cli::table::Screen;
use magpie::cli::watch;
use magpie::domain::change::fingerprint;
use magpie::domain::delivery::Content;
use magpie::domain::plan::Terms;
use magpie::domain::source::SourceSpec;
use magpie::domain::{OwnerId, Verdict};
use magpie::store::{Db, DeliveryFilter, ListingWrite, MatchBatch, RunRecord};
use sites::{Listing, Money, Registry};

const LOFTS: &str = "https://demo.example/search?q=loft";
const BIKES: &str = "https://demo.example/search?q=bike";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).expect("a date")
}

fn registry() -> Registry {
    let toml = "[site]\nid = \"demo\"\nname = \"Demo\"\nhosts = [\"demo.example\"]\nkind = \"home\"\n\
        country = \"de\"\ntime_zone = \"Europe/Berlin\"\ncurrency = \"EUR\"\nowner = \"ops\"\n\
        [fetch]\nrender = \"http\"\n[search]\nmatch = '^https://demo\\.example/search\\?'\n\
        [listing]\nitem = \"li\"\nid = \"@data-id\"\nurl = \"a@href\"\ntitle = \"a\"\n";
    let mut registry = Registry::default();
    registry.insert(sites::Site::from_toml("demo/site.toml", toml).expect("a module"));
    registry
}

async fn run(db: &dyn Db, words: &[&str]) -> anyhow::Result<(ExitCode, String)> {
    let command = watch::Args::augment_args(clap::Command::new("watch").no_binary_name(true));
    let matches = command.try_get_matches_from(words)?;
    let args = watch::Args::from_arg_matches(&matches)?;
    let (registry, mut out) = (registry(), Vec::new());
    let interval = Duration::from_secs(360);
    let deps = watch::Deps { db, registry: &registry, interval, now: now(), screen: Screen::Plain };
    let code = watch::run(args, deps, &mut out).await?;
    Ok((code, String::from_utf8(out)?))
}

async fn said(db: &dyn Db, words: &[&str]) -> String {
    run(db, words).await.unwrap_or_else(|error| panic!("{words:?}: {error:#}")).1
}

async fn refused(db: &dyn Db, words: &[&str]) -> String {
    format!("{:#}", run(db, words).await.expect_err("a refusal"))
}

async fn only_id(db: &dyn Db) -> String {
    let listed: serde_json::Value =
        serde_json::from_str(&said(db, &["list", "--json"]).await).expect("JSON");
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    listed[0]["id"].as_str().expect("an id").to_owned()
}

/// Two offers that the search for lofts shows.
async fn offers(db: &dyn Db) {
    let spec = SourceSpec {
        site: "demo".into(),
        url: LOFTS.into(),
        title: "Lofts".into(),
        interval: Duration::from_secs(360),
        offered: true,
        rhythm: Default::default(),
    };
    db.put_sources(std::slice::from_ref(&spec), now()).await.expect("put");
    let claimed = db.claim_due_sources(&OwnerId("w".into()), now(), 9).await.expect("claimed");
    let offer = |id: &str, minor| Listing {
        price: Some(Money { minor, currency: "EUR".into() }),
        ..Listing::new(id, format!("https://demo.example/item/{id}"), format!("Loft {id}"))
    };
    let write = |listing: Listing| ListingWrite {
        fingerprint: fingerprint(&listing),
        listing,
        change: None,
        price: Default::default(),
    };
    let run = RunRecord {
        source: spec.id(),
        epoch: claimed[0].epoch,
        started_at: now(),
        finished_at: now(),
        verdict: Verdict::Ok,
        items: 2,
        rung: "http".into(),
        bytes: 1,
        error: None,
        won: "{}".into(),
        etag: None,
        last_modified: None,
        next_due_at: None,
        why: String::new(),
        road: None,
        rate: None,
    };
    let batch = MatchBatch {
        source: spec.id(),
        epoch: claimed[0].epoch,
        site: "demo".into(),
        listings: vec![write(offer("cheap", 80_000)), write(offer("dear", 180_000))],
        deliveries: vec![],
        run: Some(run),
        now: now(),
    };
    assert!(!db.record_matches(&batch).await.expect("recorded").fenced);
}

#[tokio::test]
async fn a_watch_is_tried_made_and_gets_one_sample_of_what_it_wants() {
    let db = Scratch::new();
    offers(&*db).await;
    let asked = ["add", "--user", "1001", LOFTS, BIKES, "--max-price", "900", "--name", "Cheap"];
    let trial = said(&*db, &[&asked[..], &["--dry-run"]].concat()).await;
    assert!(trial.contains("Loft cheap") && !trial.contains("Loft dear"), "{trial}");
    assert!(trial.contains("1 of 2 stored listings of the last week match"), "{trial}");
    assert_eq!(said(&*db, &["list"]).await.lines().count(), 1, "nothing is written by a trial");

    let made = said(&*db, &asked).await;
    assert!(made.contains("\"Cheap\" tells chat 1001") && made.contains("on its way"), "{made}");
    let deliveries = db.deliveries(&DeliveryFilter::default()).await.expect("deliveries");
    let [sample] = &deliveries[..] else { panic!("one sample: {deliveries:?}") };
    let Content::Message(message) = &sample.new.content else { panic!("a message") };
    assert!(message.text.contains("Loft cheap") && !message.text.contains("dear"));
    assert!(said(&*db, &asked).await.contains("There is such a watch already"));
    let id = only_id(&*db).await;
    let shown = said(&*db, &["show", &id[..8]]).await;
    assert!(shown.contains(BIKES) && shown.contains("\"max_price\":90000"), "{shown}");
}

#[tokio::test]
async fn orders_are_carried_out_and_refusals_say_why() {
    let db = Scratch::new().with_free(Terms::of_watches(2, 0));
    said(&*db, &["add", "--user", "1001", LOFTS]).await;
    let id = only_id(&*db).await;
    let order =
        async |words: &[&str]| said(&*db, &[&words[..1], &[&id[..10]], &words[1..]].concat()).await;
    assert!(order(&["pause"]).await.contains("rests"));
    assert!(order(&["pause"]).await.contains("nothing changed"));
    assert!(said(&*db, &["list"]).await.contains("paused by an operator"));
    assert!(order(&["resume"]).await.contains("goes on"));
    assert!(order(&["mute", "--for", "1h"]).await.contains("is muted until 2025-10-09 09:53 UTC"));
    assert!(order(&["mute", "--off"]).await.contains("is told again"));
    assert!(order(&["rename", "Lofts by the river"]).await.contains("is renamed"));
    order(&["edit", "--words", "loft, atelier", "--url", BIKES, "--telling", r#"{"urgent":true}"#])
        .await;
    let shown = order(&["show"]).await;
    assert!(
        shown.contains(r#"{"any_words":["loft","atelier"]}"#) && shown.contains(BIKES),
        "{shown}"
    );
    assert!(order(&["clone"]).await.contains("the copy is"));
    assert!(said(&*db, &["list"]).await.contains("Lofts by the river (2)"));
    let full = refused(&*db, &["add", "--user", "1001", LOFTS]).await;
    assert!(full.contains("there are 2 watches and the plan allows 2"), "{full}");
    assert!(order(&["remove"]).await.contains("is forgotten"));
    let made = said(&*db, &["add", "--user", "1001", LOFTS]).await;
    assert!(made.contains("tells chat 1001"), "what a watch was before an edit is free again");
    let lofts = serde_json::from_str::<serde_json::Value>(&said(&*db, &["list", "--json"]).await);
    let lofts = lofts.expect("JSON")[1]["id"].as_str().expect("an id").to_owned();
    said(&*db, &["remove", &lofts]).await;
    assert!(refused(&*db, &["edit", &only_id(&*db).await]).await.contains("nothing is to change"));
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_a_remedy() {
    let db = Scratch::new();
    let cases: [(&[&str], &str); 9] = [
        (
            &["add", "--user", "1", "https://nobody.example/s"],
            "I do not know the site nobody.example",
        ),
        (&["add", "--user", "1", "https://demo.example/item/1"], "no search page of Demo"),
        (&["add", "--user", "1", "demo.example"], "no complete address"),
        (&["add", "--user", "0", LOFTS], "no person"),
        (
            &["add", "--user", "1", "--chat", "2", "--chat-kind", "private", LOFTS],
            "cannot be private",
        ),
        (&["add", "--user", "1", "--thread", "7", LOFTS], "topic in a group"),
        (&["add", "--user", "1", LOFTS, "--max-price", "nine"], "no amount in EUR"),
        (
            &["add", "--user", "1", LOFTS, "--min-price", "9", "--max-price", "8"],
            "above the highest",
        ),
        (&["show", "abc"], "there is no watch"),
    ];
    for (words, why) in cases {
        let said = refused(&*db, words).await;
        assert!(said.contains(why), "{words:?}: {said}");
    }
    // A group is one by its type, whatever the sign of its id; its General topic has no id.
    let group =
        ["add", "--user", "1", "--chat", "77", "--chat-kind", "group", "--thread", "1", LOFTS];
    said(&*db, &group).await;
    let listed = said(&*db, &["list", "--json"]).await;
    assert!(listed.contains("\"chat\": 77") && listed.contains("\"thread\": null"), "{listed}");
}

#[tokio::test]
async fn watches_go_into_a_file_and_come_back() {
    let (db, other) = (Scratch::new(), Scratch::new().with_free(Terms::of_watches(1, 0)));
    said(&*db, &["add", "--user", "1001", LOFTS, BIKES, "--max-price", "900", "--name", "=Cheap"])
        .await;
    said(&*db, &["add", "--user", "1001", BIKES, "--place", "Kyiv", "--photo"]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watches.csv").display().to_string();
    assert!(said(&*db, &["export", "--user", "1001", "-o", &path]).await.contains("2 watches"));
    let text = std::fs::read_to_string(&path).expect("a file");
    assert!(text.contains("\n'=Cheap,"), "{text}");
    let import = ["import", "--user", "1001", &path];
    let (code, report) = run(&*db, &import).await.expect("a report");
    assert_eq!(code, ExitCode::SUCCESS);
    assert!(report.contains("0 added, 2 there already"), "{report}");
    let (code, report) = run(&*other, &import).await.expect("a report");
    assert_eq!(code, ExitCode::FAILURE);
    assert!(report.contains("“=Cheap” is watched from now on"), "{report}");
    assert!(report.contains("1 added") && report.contains("1 beyond the plan"), "{report}");
    let json = said(&*db, &["export", "--user", "1001", "--format", "json"]).await;
    std::fs::write(&path, &json).expect("written");
    let again = said(&*db, &[&import[..], &["--json"]].concat()).await;
    assert_eq!(again.matches("\"there\"").count(), 2, "{again}");
}

#[tokio::test]
async fn a_new_watch_says_what_becomes_of_its_address_and_applies_what_the_site_does_not() {
    let db = Scratch::new();
    let url = format!("{LOFTS}&price_from=100&colour=red#view=map");
    let made = said(&*db, &["add", "--user", "1001", &url, "--max-price", "900"]).await;
    for line in ["I filter by: price from: 100", "colour: red", "view: map", "tells chat 1001"] {
        assert!(made.contains(line), "{line}: {made}");
    }
    let id = only_id(&*db).await;
    let shown = said(&*db, &["show", &id[..8]]).await;
    assert!(shown.contains("\"min_price\":10000"), "{shown}");
    assert!(shown.contains("\"max_price\":90000"), "{shown}");
    let both = ["add", "--user", "1001", &url, BIKES];
    assert!(refused(&*db, &both).await.contains("make a watch of each"));
}
