//! The operator's commands print what is there and say what to do about the rest.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, FromArgMatches};
use magpie::cli::table::Screen;
use magpie::cli::unknown::Roads;
use magpie::cli::{outbox, scrape, site, source};
use magpie::clock::Clock;
use magpie::scrape::life::Folder;
use magpie::store::{Db, SourceFilter};
use serde_json::Value;

use super::world::World;

/// What the arguments after the command's own name mean.
fn parsed<A: Args + FromArgMatches>(words: &[&str]) -> A {
    let command = A::augment_args(clap::Command::new("magpie").no_binary_name(true));
    let matches = command.try_get_matches_from(words).unwrap_or_else(|error| panic!("{error}"));
    A::from_arg_matches(&matches).unwrap()
}

async fn scrape(world: &World, words: &[&str]) -> anyhow::Result<(ExitCode, String)> {
    let mut out = Vec::new();
    let deps = scrape::Deps {
        modules: &world.scraper.modules,
        ladder: &world.scraper.ladder,
        hosts: &world.scraper.hosts,
        deadline: Duration::from_secs(20),
        screen: Screen::Plain,
    };
    let code = scrape::run(parsed(words), deps, &mut out).await?;
    Ok((code, String::from_utf8(out)?))
}

async fn source(world: &World, words: &[&str]) -> anyhow::Result<String> {
    let mut out = Vec::new();
    let deps = source::Deps {
        db: &world.db,
        modules: &world.scraper.modules,
        now: world.clock.now(),
        interval: Duration::from_secs(360),
        policy: magpie::domain::rhythm::Policy {
            adaptive: true,
            idle: Duration::from_secs(3_600),
            stretch: 3.0,
        },
        screen: Screen::Plain,
    };
    source::run(parsed(words), deps, &mut out).await?;
    Ok(String::from_utf8(out)?)
}

async fn outbox(world: &World, words: &[&str]) -> anyhow::Result<String> {
    let mut out = Vec::new();
    let now = world.clock.now();
    outbox::run(parsed(words), &world.db, now, Screen::Plain, &mut out).await?;
    Ok(String::from_utf8(out)?)
}

async fn site(world: &World, words: &[&str]) -> anyhow::Result<(ExitCode, String)> {
    let mut out = Vec::new();
    let deps = site::Deps {
        modules: &world.scraper.modules,
        db: Some(&world.db),
        roads: Some(Roads {
            ladder: &world.scraper.ladder,
            hosts: &world.scraper.hosts,
            deadline: Duration::from_secs(20),
        }),
        folder: &world.folder.path().join("modules"),
        failures: Folder(world.folder.path().join("failures")),
        now: world.clock.now(),
        screen: Screen::Plain,
    };
    let code = site::run(parsed(words), deps, &mut out).await?;
    Ok((code, String::from_utf8(out)?))
}

fn is_good(code: ExitCode) -> bool {
    format!("{code:?}") == format!("{:?}", ExitCode::SUCCESS)
}

#[tokio::test]
async fn scrape_shows_one_page_and_writes_nothing() {
    let world = World::new().await;
    world.shop.stock(&[("a", 123_450), ("b", 200)]);
    let url = world.shop.url("/search?b=2&utm_source=x&a=1");
    let (code, text) = scrape(&world, &[&url, "--explain"]).await.unwrap();
    assert!(is_good(code));
    for word in ["Offer a", "1234.50", "shop: results, 2 listings, by http", "read from", "× 2"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    assert!(!text.contains("Canonical address: http://127.0.0.1/search?b"), "{text}");
    let (_, json) = scrape(&world, &[&url, "--json"]).await.unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["listings"][0]["price"]["minor"], 123_450);
    assert_eq!(json["rung"], "http");
    assert_eq!(world.db.sources(&SourceFilter::default()).await.unwrap(), []);
}

#[tokio::test]
async fn scrape_says_what_to_do_when_there_is_no_page() {
    let world = World::new().await;
    let url = world.shop.url("/search");
    world.shop.page("<h1>Another shop</h1>");
    let (code, text) = scrape(&world, &[&url]).await.unwrap();
    assert!(!is_good(code) && text.contains("unknown page"), "{text}");
    for (words, remedy) in [
        (vec!["example"], "https://"),
        (vec!["https://unknown.example/"], "unknown.example"),
        (vec![url.as_str(), "--browser"], "chromium-headless-shell"),
    ] {
        let error = scrape(&world, &words).await.expect_err("no page");
        assert!(format!("{error:#}").contains(remedy), "{error:#}");
    }
}

#[tokio::test]
async fn searches_are_added_listed_and_steered() {
    let world = World::new().await;
    let url = world.shop.url("/search?q=red&utm_source=x");
    assert!(source(&world, &["list"]).await.unwrap().contains("source add"));
    let said = source(&world, &["add", &url, "--title", "Red", "--every", "10m", "--offer"]).await;
    assert!(said.unwrap().contains("every 10 min"));
    let json = source(&world, &["list", "--json"]).await.unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json[0]["offered"], &json[0]["interval_s"]), (&true.into(), &600.into()));
    assert!(!json[0]["url"].as_str().unwrap().contains("utm_source"));
    let id = json[0]["id"].as_str().unwrap();
    source(&world, &["pause", &id[..6]]).await.unwrap();
    assert!(source(&world, &["list"]).await.unwrap().contains("paused"));
    source(&world, &["resume", id]).await.unwrap();
    source(&world, &["run", id]).await.unwrap();
    let again = world.shop.url("/search?utm_medium=y&max_price=50&q=red#view=map");
    let told = source(&world, &["explain", &again]).await.unwrap();
    for part in ["price up to: 50", "behind the #: view: map"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let told = source(&world, &["explain", &url, "--json"]).await.unwrap();
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((told["id"].as_str(), &told["scraped"]), (Some(id), &true.into()));
    assert_eq!(world.claim().await.len(), 1);
    source(&world, &["remove", id]).await.unwrap();
    assert!(source(&world, &["remove", id]).await.is_err());
    for bad in ["ftp://x", "https://unknown.example/", &world.shop.url("/about")] {
        assert!(source(&world, &["add", bad]).await.is_err(), "{bad}");
    }
    assert!(source(&world, &["add", &url, "--every", "1s"]).await.is_err());
}

#[tokio::test]
async fn a_search_shows_when_it_runs_and_why() {
    let world = World::new().await;
    let url = |query: &str| world.shop.url(&format!("/search?q={query}"));
    let daily = [
        "add",
        &url("a"),
        "--title",
        "Daily",
        "--cron",
        "0 9 * * *",
        "--window",
        "mon-fri 08:00-20:00",
    ];
    let said = source(&world, &daily).await.unwrap();
    assert!(said.contains("at \"0 9 * * *\" Europe/Berlin, only mon-fri 08:00-20:00"), "{said}");
    let json: Value =
        serde_json::from_str(&source(&world, &["list", "--json"]).await.unwrap()).unwrap();
    let id = json[0]["id"].as_str().unwrap();
    // Sunday noon: outside of the window.
    let said = source(&world, &["run", id]).await.unwrap();
    assert!(said.contains("when its window opens, Mon 2026-03-02 08:00:00 CET"), "{said}");
    assert_eq!(world.claim().await.len(), 0);
    let shown = source(&world, &["show", &id[..8]]).await.unwrap();
    for words in ["Mon 2026-03-02 09:00:00 CET", "Fri 2026-03-06 09:00:00 CET", "Last run never"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    source(&world, &["add", &url("b"), "--title", "Often", "--every", "10m"]).await.unwrap();
    let often = source(&world, &["list", "--json"]).await.unwrap();
    let often: Value = serde_json::from_str(&often).unwrap();
    let often = often[1]["id"].as_str().unwrap();
    let shown = source(&world, &["show", often, "--json"]).await.unwrap();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert!(shown["why"].as_str().unwrap().contains("nobody watches it"), "{shown}");
    assert_eq!(shown["next"].as_array().unwrap().len(), 5);

    source(&world, &["pause", "--site", "shop"]).await.unwrap();
    assert_eq!(source(&world, &["list"]).await.unwrap().matches("paused").count(), 2);
    source(&world, &["resume", "--site", "shop"]).await.unwrap();
    assert!(source(&world, &["run", "--site", "elsewhere"]).await.is_err());
    let never = ["add", &url("c"), "--cron", "0 3 * * *", "--window", "08:00-20:00"];
    let error = source(&world, &never).await.expect_err("it would never run");
    assert!(error.to_string().contains("never falls into a window"), "{error}");
    assert!(source(&world, &["add", &url("c"), "--zone", "Europe/Berlin"]).await.is_err());
}

#[tokio::test]
async fn the_outbox_is_shown_and_repaired() {
    let world = World::new().await;
    let search = world.search("/search").await;
    world.shop.stock(&[("a", 100)]);
    world.run_one().await;
    world.subscribe(7, 7, &search, "Bikes").await;
    world.shop.stock(&[("b", 100), ("a", 100)]);
    world.run_one().await;
    let json = outbox(&world, &["list", "--json", "--chat", "7"]).await.unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let id = json[0]["id"].as_str().unwrap().to_owned();
    assert!(outbox(&world, &["list"]).await.unwrap().contains("change for Bikes"));
    assert!(outbox(&world, &["show", &id[..8]]).await.unwrap().contains("pending"));
    let error = outbox(&world, &["requeue", &id]).await.expect_err("it is pending");
    assert!(error.to_string().contains("pending"));
    outbox(&world, &["discard", &id]).await.unwrap();
    let stats: Value =
        serde_json::from_str(&outbox(&world, &["stats", "--json"]).await.unwrap()).unwrap();
    assert_eq!(stats["by_state"]["pending"], 0);
    outbox(&world, &["requeue", &id]).await.unwrap();
    assert!(outbox(&world, &["stats"]).await.unwrap().contains("pending"));
}

#[tokio::test]
async fn many_deliveries_are_counted_first_and_then_changed_together() {
    let world = World::new().await;
    let search = world.search("/search").await;
    world.shop.stock(&[("a", 100)]);
    world.run_one().await;
    for chat in [7, 8] {
        world.subscribe(chat, chat, &search, "Bikes").await;
    }
    world.shop.stock(&[("b", 100), ("a", 100)]);
    world.run_one().await;
    let pending = |verb: &'static str, more: &'static [&'static str]| {
        let world = &world;
        async move { outbox(world, &[&[verb, "--state", "pending"], more].concat()).await }
    };
    let text = pending("discard", &["--class", "alert"]).await.unwrap();
    assert!(text.contains("2 pending") && text.contains("--yes"), "{text}");
    let text = pending("discard", &["--class", "digest", "--yes"]).await.unwrap();
    assert!(text.contains("0 deliveries"), "{text}");
    let text = pending("discard", &["--class", "alert", "--yes"]).await.unwrap();
    assert!(text.contains("2 deliveries are closed"), "{text}");
    let reason = ["requeue", "--state", "dropped", "--reason", "by an operator", "--yes"];
    assert!(outbox(&world, &reason).await.unwrap().contains("2 deliveries wait"));
    let error = pending("requeue", &[]).await.expect_err("they wait already");
    assert!(error.to_string().contains("dead, unknown and dropped"), "{error}");
    let error = outbox(&world, &["discard"]).await.expect_err("nothing was chosen");
    assert!(error.to_string().contains("--state"), "{error}");
}

#[tokio::test]
async fn site_modules_are_listed_read_and_checked() {
    let world = World::new().await;
    let (_, text) = site(&world, &["list"]).await.unwrap();
    assert!(text.contains("127.0.0.1") && text.contains("0.001 s"), "{text}");
    let file = world.folder.path().join("page.html");
    std::fs::write(&file, "<p class=\"no-results\">Nothing.</p>").unwrap();
    let (file, url) = (file.display().to_string(), world.shop.url("/search"));
    let (code, text) = site(&world, &["parse", &file, "--url", &url]).await.unwrap();
    assert!(is_good(code) && text.contains("no results"), "{text}");
    let (code, text) = site(&world, &["check"]).await.unwrap();
    assert!(is_good(code) && text.contains("unused"), "{text}");
    world.search("/search").await;
    world.shop.status(500, &[]);
    world.run_one().await;
    let (code, text) = site(&world, &["check"]).await.unwrap();
    assert!(!is_good(code) && text.contains("broken"), "{text}");
}

#[tokio::test]
async fn a_kept_failure_becomes_a_failing_case_with_the_known_listings() {
    let mut world = World::new().await;
    world.scraper.life.folder = Some(Folder(world.folder.path().join("failures")));
    world.shop.stock(&[("offer-a", 100), ("offer-b", 200)]);
    world.search("/search").await;
    world.run_one().await;
    let (_, text) = site(&world, &["failures"]).await.unwrap();
    assert!(text.contains("No page of a failure is kept"), "{text}");
    world
        .shop
        .page("<html><body><div><b>Offer offer-b</b><b>Something new</b></div></body></html>");
    world.run_one().await;

    let (_, json) = site(&world, &["failures", "shop", "--json"]).await.unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let group = json[0]["group"].as_str().unwrap().to_owned();
    assert_eq!((&json[0]["class"], &json[0]["times"]), (&"changed".into(), &1.into()));
    let (_, text) = site(&world, &["failures"]).await.unwrap();
    assert!(text.contains(&group) && text.contains("layout may have changed"), "{text}");
    let (_, text) = site(&world, &["check"]).await.unwrap();
    assert!(text.contains(&format!("page kept as {group}")), "{text}");

    let modules = world.folder.path().join("modules");
    let dir = modules.display().to_string();
    let words = ["case", "shop", "--group", &group[..6], "--dir", &dir];
    let error = site(&world, &words).await.expect_err("no module");
    assert!(error.to_string().contains("--dir"), "{error}");
    std::fs::create_dir_all(modules.join("shop")).unwrap();
    std::fs::write(modules.join("shop/site.toml"), super::world::MODULE).unwrap();
    let (_, text) = site(&world, &words).await.unwrap();
    assert!(text.contains("the 1 known listings") && text.contains("magpie site bless"), "{text}");
    assert!(site(&world, &words).await.is_err(), "nothing is overwritten");

    let case = sites::testing::cases(&modules.join("shop")).unwrap().remove(0);
    assert!(case.name.ends_with(&group), "{}", case.name);
    let expected = case.expected.unwrap();
    assert_eq!(expected["listings"][0]["id"], "offer-b");
    assert_eq!(expected["listings"][0]["price"]["minor"], 200);
    let (code, text) = site(&world, &["test", "shop", "--dir", &dir]).await.unwrap();
    assert!(!is_good(code) && text.contains("wrong"), "{text}");
}

#[tokio::test]
async fn a_saved_case_is_blessed_and_then_held_on_to() {
    let world = World::new().await;
    let case = world.folder.path().join("modules/shop/fixtures/results");
    std::fs::create_dir_all(&case).unwrap();
    let module = world.folder.path().join("modules/shop/site.toml");
    std::fs::write(&module, super::world::MODULE).unwrap();
    let about = "url = \"http://127.0.0.1:1/search\"\nsaved_at = \"2026-03-01T12:00:00Z\"\nkind = \"results\"\n";
    std::fs::write(case.join("case.toml"), about).unwrap();
    let page =
        "<ul><li class=\"offer\" data-id=\"a\"><a class=\"title\" href=\"/a\">Red</a></li></ul>";
    std::fs::write(case.join("page.html"), page).unwrap();
    let dir = world.folder.path().join("modules").display().to_string();

    let (code, text) = site(&world, &["test", "--dir", &dir]).await.unwrap();
    assert!(!is_good(code) && text.contains("expected.json is missing"), "{text}");
    let error = site(&world, &["bless", "shop", "nothing", "--dir", &dir]).await.expect_err("none");
    assert!(error.to_string().contains("results"), "{error}");
    let (_, text) = site(&world, &["bless", "shop", "results", "--dir", &dir]).await.unwrap();
    assert!(text.contains("expected.json is new"), "{text}");
    let (code, text) = site(&world, &["test", "shop", "--dir", &dir]).await.unwrap();
    assert!(is_good(code) && text.contains("1 cases, 0 differences"), "{text}");

    std::fs::write(case.join("page.html"), page.replace("Red", "Blue")).unwrap();
    let (code, text) = site(&world, &["test", "shop", "--dir", &dir]).await.unwrap();
    assert!(!is_good(code) && text.contains("/listings/0/title"), "{text}");
    assert!(site(&world, &["test", "nowhere", "--dir", &dir]).await.is_err());
}

#[tokio::test]
async fn a_folder_of_saved_pages_is_scored() {
    let world = World::new().await;
    let dir = world.folder.path().join("pages");
    std::fs::create_dir(&dir).unwrap();
    let page =
        "<ul><li class=\"offer\" data-id=\"a\"><a class=\"title\" href=\"/a\">Red</a></li></ul>";
    std::fs::write(dir.join("a.html"), page).unwrap();
    let url = world.shop.url("/search");
    let dir_name = dir.display().to_string();
    for (title, complete) in [("Red", true), ("Blue", false)] {
        let listing = serde_json::json!({ "position": 1, "id": "a", "title": title });
        let expected = serde_json::json!({ "count": 1, "unique_ids": 1, "listings": [listing] });
        let entry = serde_json::json!({
            "file": "a.html", "kind": "search", "url": url, "expected": expected
        });
        let index = serde_json::json!([entry]).to_string();
        std::fs::write(dir.join("index.json"), index).unwrap();
        let (code, text) = site(&world, &["verify", &dir_name, "--json"]).await.unwrap();
        let report: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(is_good(code), complete, "{report}");
        assert!(report["checked"].as_u64().unwrap() > 0);
    }
    assert!(site(&world, &["verify", "/nowhere"]).await.is_err());
}

/// A page of a shop nobody has described.
fn strange_shop(offers: usize) -> String {
    let card = |at: usize| {
        format!(
            "<article class=\"x1\"><a href=\"/things/{0}\"><img src=\"/i/{0}.jpg\"><h3>Old thing no. {0}</h3></a>\
             <div class=\"x2\">{1},50 €</div><div class=\"x3\">Bremen</div></article>",
            4_000 + at * 7,
            10 + at
        )
    };
    let menu: String =
        (0..9).map(|n| format!("<li><a href=\"/c/{n}\">Shelf {n}</a></li>")).collect();
    let cards: String = (0..offers).map(card).collect();
    format!(
        "<html lang=\"de\"><body><nav><ul>{menu}</ul></nav><main>{cards}</main>\
         <a rel=\"next\" href=\"?page=2\">2</a></body></html>"
    )
}

#[tokio::test]
async fn scrape_reads_a_page_no_module_knows_and_says_so() {
    let world = World::new().await;
    world.shop.page(&strange_shop(12));
    world.scraper.modules.replace(sites::Registry::default());
    let url = world.shop.url("/shelf?q=old");
    let (code, text) = scrape(&world, &[&url]).await.unwrap();
    assert!(is_good(code), "{text}");
    for word in
        ["Old thing no. 4000", "10,50", "No site module knows 127.0.0.1", "12 listings", "site new"]
    {
        assert!(text.contains(word), "{word} in {text}");
    }
    let (_, json) = scrape(&world, &[&url, "--json"]).await.unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["listings"][1]["price"]["minor"], 1_150);
    assert_eq!((&json["site"], &json["kind"]), (&Value::Null, &"results".into()));
    assert!(json["confidence"].as_f64().unwrap() > 0.8, "{json}");

    world.shop.page("<h1>Imprint</h1><p>Nothing is sold here.</p>");
    let (code, text) = scrape(&world, &[&world.shop.url("/about")]).await.unwrap();
    assert!(!is_good(code) && text.contains("No list was found"), "{text}");
}

#[tokio::test]
async fn an_address_becomes_a_module_whose_test_is_green() {
    let world = World::new().await;
    world.shop.page(&strange_shop(15));
    let url = world.shop.url("/shelf?q=old");
    let (code, text) = site(&world, &["new", &url, "--id", "strange"]).await.unwrap();
    assert!(
        is_good(code) && text.contains("15 listings") && text.contains("site test strange"),
        "{text}"
    );
    let dir = world.folder.path().join("modules");
    let (code, text) =
        site(&world, &["test", "strange", "--dir", dir.to_str().unwrap()]).await.unwrap();
    assert!(is_good(code) && text.contains("1 cases, 0 differences"), "{text}");
    let module = std::fs::read_to_string(dir.join("strange/site.toml")).unwrap();
    assert!(module.contains("sure: 15 of 15") && module.contains("rel"), "{module}");

    // The module is a module like any other.
    let mut registry = sites::Registry::default();
    registry.load_dir(&dir).unwrap();
    world.scraper.modules.replace(registry);
    let (code, text) = scrape(&world, &[&url]).await.unwrap();
    assert!(is_good(code) && text.contains("strange: results, 15 listings"), "{text}");

    let error = site(&world, &["new", &url, "--id", "strange"]).await.expect_err("it is there");
    assert!(format!("{error:#}").contains("not touched"), "{error:#}");
    assert!(site(&world, &["new", &url, "--id", "../up"]).await.is_err());
    world.shop.page("<h1>Imprint</h1>");
    let error = site(&world, &["new", &url, "--id", "empty"]).await.expect_err("no list");
    assert!(format!("{error:#}").contains("search page"), "{error:#}");
    assert!(!dir.join("empty").exists() && !dir.join(".empty.new").exists());
}

#[tokio::test]
async fn a_saved_page_becomes_a_module_without_a_request() {
    let world = World::new().await;
    let file = world.folder.path().join("saved.html");
    std::fs::write(&file, strange_shop(9)).unwrap();
    let (file, url) = (file.display().to_string(), "https://www.old-things.example/shelf");
    let (code, text) = site(&world, &["new", url, "--page", &file]).await.unwrap();
    assert!(is_good(code) && text.contains("old_things: 9 listings"), "{text}");
    assert_eq!(world.shop.agents().len(), 0);
}

#[tokio::test]
async fn the_demo_shop_becomes_a_module_whose_test_is_green() {
    let world = World::new().await;
    let sandbox = sandbox::start(sandbox::Options::default()).await.unwrap();
    let page = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/demo/goods", sandbox.url());
    let page = page.get(&url).send().await.unwrap().text().await.unwrap();
    sandbox.stop().await;
    let known = magpie::scrape::Modules::load(None).unwrap();
    let wanted = sites::Page {
        url: url.parse().unwrap(),
        status: Some(200),
        content_type: None,
        body: page.clone(),
        script: None,
        fetched_at: world.clock.now(),
    };
    let wanted = known.get("demo_goods").unwrap().parse(&wanted).listings;
    let file = world.folder.path().join("goods.html");
    std::fs::write(&file, page).unwrap();
    let file = file.display().to_string();
    let (_, text) = site(&world, &["new", &url, "--page", &file, "--id", "goods"]).await.unwrap();
    assert!(text.contains(&format!("goods: {} listings", wanted.len())), "{text}");
    let dir = world.folder.path().join("modules");
    let (code, text) =
        site(&world, &["test", "goods", "--dir", dir.to_str().unwrap()]).await.unwrap();
    assert!(is_good(code), "{text}");
    let read = std::fs::read_to_string(dir.join("goods/fixtures/results/expected.json")).unwrap();
    let read: Value = serde_json::from_str(&read).unwrap();
    for (at, listing) in wanted.iter().enumerate() {
        let own = &read["listings"][at];
        assert_eq!(
            (&own["id"], &own["title"]),
            (&listing.id.as_str().into(), &listing.title.as_str().into())
        );
        assert_eq!(own["url"], listing.url);
        assert_eq!(
            own["price"]["minor"],
            listing.price.as_ref().map_or(Value::Null, |p| p.minor.into())
        );
    }
}

#[tokio::test]
async fn the_table_of_sites_is_fresh() {
    let world = World::new().await;
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sites");
    let (_, text) = site(&world, &["readme", "--dir", dir.to_str().unwrap()]).await.unwrap();
    let stored = std::fs::read_to_string(dir.join("README.md")).unwrap_or_default();
    assert!(text == stored, "write it anew: magpie site readme > sites/README.md\n{text}");
    assert!(text.lines().count() > 14 + 6 && text.contains("| kleinanzeigen |"), "{text}");
}
