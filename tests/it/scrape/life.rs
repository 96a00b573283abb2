//! The life of a module: doubtful runs are held, ill modules quarantined, people told, pages kept.

use magpie::domain::health::State;
use magpie::domain::{ChatId, Language, SourceId, Verdict};
use magpie::scrape::life::{Folder, sweep, wake_repaired};
use magpie::scrape::{Ended, FetchFailure, run_source};
use magpie::store::{Db, SiteRecord};
use sites::{Page, Parsed, Site};

use super::lab::{Lab, OPERATOR, failure, registry};
use super::world::{MODULE, module};

const URL: &str = "http://127.0.0.1:8080/search?q=1";
const ILL: &str = "<!doctype html><html><body><h1>Our new shop</h1></body></html>";
const PERSON: ChatId = ChatId(1);

fn url(n: usize) -> String {
    format!("http://127.0.0.1:8080/search?q={n}")
}

/// A page of offers: id, title, price in cents.
fn offers(offers: &[(String, String, i64)]) -> String {
    let card = |(id, title, price): &(String, String, i64)| {
        format!(
            "<li class=\"offer\" data-id=\"{id}\"><a class=\"title\" href=\"/offer/{id}\">{title}</a>\
             <span class=\"price\">€ {}.{:02}</span></li>",
            price / 100,
            price % 100
        )
    };
    let cards: String = offers.iter().map(card).collect();
    format!("<!doctype html><html><body><ul class=\"results\">{cards}</ul></body></html>")
}

/// Twelve offers, changed one by one.
fn stock(change: impl Fn(&mut (String, String, i64))) -> String {
    let mut all: Vec<_> =
        (0..12).map(|n| (format!("a{n}"), format!("Bicycle {n}"), 10_000 + n * 100)).collect();
    all.iter_mut().for_each(change);
    offers(&all)
}

/// A laboratory with this many searches, all known.
async fn known(searches: usize) -> (Lab, Vec<SourceId>) {
    let lab = Lab::new(vec![module()]);
    let mut ids = Vec::new();
    for n in 1..=searches {
        ids.push(lab.search("shop", &url(n), i64::try_from(n).unwrap()).await);
        lab.shows(&url(n), stock(|_| ()));
    }
    for _ in 0..4 {
        for report in lab.run_all().await {
            assert_eq!(report.verdict, Some(Verdict::Ok), "{report:?}");
            assert_eq!(report.error, None);
        }
    }
    (lab, ids)
}

async fn verdict(lab: &Lab) -> Option<Verdict> {
    lab.run_all().await.remove(0).verdict
}

#[tokio::test]
async fn a_module_that_reads_nothing_is_quarantined_and_everybody_hears_of_it_and_of_its_end() {
    let (lab, sources) = known(2).await;
    lab.subscribe(1, &sources[1], Language::En).await;
    lab.subscribe(3, &sources[1], Language::Uk).await;
    let samples = lab.texts(PERSON).await.len();
    for n in 1..=2 {
        lab.shows(&url(n), ILL);
    }
    lab.run_all().await;
    assert_eq!(lab.health("shop").await.state, State::Watching);
    lab.run_all().await;
    assert_eq!(lab.health("shop").await.state, State::Quarantined { step: 1 });
    let told = lab.texts(OPERATOR).await;
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].contains("Shop (shop): pages are not understood"), "{}", told[0]);
    assert!(told[1].contains("quarantine") && told[1].contains("`magpie site case shop`"));

    // Nobody runs, and that is no failure of theirs.
    let failures = lab.source(&sources[0]).await.failures;
    let held = lab.run_all().await;
    assert!(held.iter().all(|report| report.ended == Ended::Held), "{held:?}");
    assert_eq!(lab.source(&sources[0]).await.failures, failures);
    assert!(lab.source(&sources[0]).await.next_due_at > lab.clock_now());

    // One probe a step; at the third step subscribers are told, each chat once.
    for (minutes, step) in [(15, 2), (60, 3), (360, 3)] {
        let ended = lab.run_after(minutes).await;
        let probes = ended.iter().filter(|report| report.ended == Ended::Recorded).count();
        assert_eq!(probes, 1, "{ended:?}");
        assert_eq!(lab.health("shop").await.state, State::Quarantined { step });
    }
    let texts = lab.texts(PERSON).await.split_off(samples);
    assert_eq!(texts.len(), 1, "{texts:#?}");
    assert!(texts[0].contains("We cannot read Shop"));
    assert!(lab.texts(ChatId(3)).await.last().unwrap().contains("не можемо читати сайт Shop"));
    lab.subscribe(4, &sources[0], Language::En).await;

    for n in 1..=2 {
        lab.shows(&url(n), stock(|_| ()));
    }
    // The probe is good, so the next search runs again, and is good too.
    lab.run_after(361).await;
    assert_eq!(lab.health("shop").await.state, State::Healthy);
    let texts = lab.texts(PERSON).await.split_off(samples);
    assert_eq!(texts.len(), 2, "{texts:#?}");
    assert!(texts[1].contains("Shop can be read again"));
    let late = lab.texts(ChatId(4)).await;
    assert!(!late.iter().any(|text| text.contains("again")), "was told of no illness: {late:?}");
    let told = lab.texts(OPERATOR).await;
    assert!(told.last().unwrap().starts_with("✅ Over after"), "{told:#?}");
    assert_eq!(lab.alerts(PERSON).await, 0);

    // The next illness is a new story.
    for n in 1..=2 {
        lab.shows(&url(n), ILL);
    }
    let before = lab.texts(OPERATOR).await.len();
    for _ in 0..2 {
        lab.run_all().await;
    }
    assert!(lab.texts(OPERATOR).await.len() > before);
}

impl Lab {
    fn clock_now(&self) -> chrono::DateTime<chrono::Utc> {
        magpie::clock::Clock::now(self.clock.as_ref())
    }
}

#[tokio::test]
async fn one_broken_search_stops_no_other() {
    let (lab, sources) = known(3).await;
    lab.shows(&url(1), ILL);
    for _ in 0..8 {
        let reports = lab.run_all().await;
        let good = reports.iter().filter(|report| report.verdict == Some(Verdict::Ok)).count();
        assert_eq!(good, 2, "{reports:?}");
    }
    assert_eq!(lab.health("shop").await.state.step(), 0);
    assert_eq!(lab.source(&sources[0]).await.failures, 8);
    // A search page that is gone is told as what it is.
    lab.fails(&url(1), failure(FetchFailure::Status, Some(404)));
    for _ in 0..4 {
        lab.run_all().await;
    }
    let told = lab.texts(OPERATOR).await;
    assert!(told.iter().any(|text| text.contains("a search page is gone")), "{told:#?}");
    assert!(told.iter().any(|text| text.contains("`magpie source list`")));
}

#[tokio::test]
async fn two_processes_send_one_probe() {
    let (lab, _) = known(2).await;
    let colleague = lab.colleague(vec![module()]);
    for n in 1..=2 {
        lab.shows(&url(n), ILL);
    }
    for _ in 0..2 {
        lab.run_all().await;
    }
    lab.clock.advance(chrono::TimeDelta::hours(2));
    lab.db.wake_sources("shop", lab.clock_now()).await.unwrap();
    let mut claimed = lab.claim().await;
    let (a, b) = (claimed.remove(0), claimed.remove(0));
    let (a, b) = tokio::join!(run_source(&lab.scraper, a), run_source(&colleague, b));
    let ended = [a.unwrap().ended, b.unwrap().ended];
    assert!(ended.contains(&Ended::Held) && ended.contains(&Ended::Recorded), "{ended:?}");
    assert_eq!(lab.health("shop").await.state.step(), 2);
}

#[tokio::test]
async fn a_module_that_panics_three_times_is_quarantined() {
    fn refine(_: &Page, _: Parsed) -> Parsed {
        panic!("field price")
    }
    let (lab, _) = known(3).await;
    lab.scraper.modules.replace(registry(vec![module().with_refine(refine)]));
    lab.run_all().await;
    assert_eq!(lab.health("shop").await.state.step(), 1);
    let told = lab.texts(OPERATOR).await;
    assert!(told.iter().any(|text| text.contains("it panicked: field price")), "{told:#?}");
}

#[tokio::test]
async fn prices_a_hundred_times_as_high_are_held_and_never_told() {
    let (lab, sources) = known(1).await;
    lab.shows(URL, stock(|offer| offer.2 *= 100));
    let report = lab.run_all().await.remove(0);
    assert_eq!(report.verdict, Some(Verdict::Changed));
    assert!(report.error.unwrap().contains("held: 12 of 12 known prices are multiplied by 100"));
    let price = async || {
        let known = lab.db.known_listings(&sources[0], "shop", &["a0".into()]).await.unwrap();
        known[0].listing.price.clone().unwrap().minor
    };
    assert_eq!(price().await, 10_000, "known prices stay");

    // A fault that passes leaves no trace.
    lab.shows(URL, stock(|_| ()));
    assert_eq!(verdict(&lab).await, Some(Verdict::Ok));
    assert_eq!(lab.texts(OPERATOR).await.len(), 0);

    // One that stays is confirmed by the next run: taken, told to the operator, and to nobody else.
    lab.shows(URL, stock(|offer| offer.2 *= 100));
    assert_eq!(verdict(&lab).await, Some(Verdict::Changed));
    assert_eq!(verdict(&lab).await, Some(Verdict::Ok));
    assert_eq!((price().await, lab.alerts(PERSON).await), (1_000_000, 0));
    assert!(lab.texts(OPERATOR).await[0].contains("known prices moved all at once"));
    // And news are news again.
    lab.shows(URL, stock(|offer| offer.2 = offer.2 * 100 - 50_000));
    assert_eq!(verdict(&lab).await, Some(Verdict::Ok));
    assert_eq!(lab.alerts(PERSON).await, 12);
}

#[tokio::test]
async fn known_offers_under_new_ids_are_no_news() {
    let (lab, _) = known(1).await;
    lab.shows(URL, stock(|offer| offer.0 = format!("x-{}", offer.0)));
    assert_eq!(verdict(&lab).await, Some(Verdict::Changed));
    assert_eq!(verdict(&lab).await, Some(Verdict::Ok));
    assert_eq!(lab.alerts(PERSON).await, 0);
    let told = lab.texts(OPERATOR).await;
    assert!(told[0].contains("known offers stand under new ids"), "{told:#?}");
}

#[tokio::test]
async fn a_missing_field_is_told_and_what_is_new_is_sent_all_the_same() {
    let (lab, _) = known(1).await;
    let page = stock(|offer| {
        if offer.0 == "a3" {
            offer.0 = "fresh".into();
        }
    });
    lab.shows(URL, page.replace("class=\"price\"", "class=\"cost\""));
    let report = lab.run_all().await.remove(0);
    assert_eq!(report.verdict, Some(Verdict::Ok));
    assert!(report.error.unwrap().contains("12 of 12 listings have no price"));
    assert_eq!(lab.alerts(PERSON).await, 1);
    assert!(lab.texts(OPERATOR).await[0].contains("a field is missing"));
    lab.shows(URL, stock(|_| ()));
    assert_eq!(verdict(&lab).await, Some(Verdict::Ok));
    assert!(lab.texts(OPERATOR).await.last().unwrap().starts_with('✅'));
}

#[tokio::test]
async fn after_a_repair_a_few_are_told_and_the_rest_is_one_line() {
    let (lab, _) = known(1).await;
    lab.shows(URL, ILL);
    for _ in 0..3 {
        lab.run_all().await;
    }
    assert_eq!(lab.health("shop").await.state.step(), 1);
    // The new module is tried at once, and eight offers have come meanwhile.
    assert_eq!(lab.run_after(1).await.len(), 0, "all wait");
    let text = MODULE.replace("li.offer", "li.offer, li.card");
    let repaired = Site::from_toml("shop/site.toml", &text).unwrap();
    lab.scraper.modules.replace(registry(vec![repaired]));
    lab.shows(
        URL,
        stock(|offer| {
            if offer.0.len() == 2 && offer.0 != "a0" && offer.0 != "a1" {
                offer.0 = format!("new-{}", offer.0);
                offer.1 = format!("Another bicycle {}", offer.0);
            }
        }),
    );
    let before = lab.texts(PERSON).await.len();
    wake_repaired(&lab.scraper).await.unwrap();
    let report = lab.run_after(0).await.remove(0);
    assert_eq!((report.verdict, report.accepted.new_listings), (Some(Verdict::Ok), 8));
    assert_eq!(lab.alerts(PERSON).await, 5);
    let texts = lab.texts(PERSON).await.split_off(before);
    assert!(texts.len() == 1 && texts[0].contains("3 more changes"), "{texts:?}");
}

#[tokio::test]
async fn the_page_of_a_failure_is_kept_once_per_group_and_goes_with_its_row() {
    let (lab, _) = known(2).await;
    let folder = Folder(lab.folder.path().join("failures"));
    lab.shows(&url(1), ILL);
    for _ in 0..3 {
        lab.run_all().await;
    }
    lab.shows(&url(2), "<html><body><h1>Are you a robot?</h1><form></form></body></html>");
    lab.run_all().await;
    let kept = lab.db.failures(Some("shop")).await.unwrap();
    assert_eq!(kept.len(), 2, "{kept:#?}");
    let changed = kept.iter().find(|page| page.class == "changed").unwrap();
    assert!(changed.times >= 3);
    assert_eq!(folder.page(changed).unwrap().trim_end(), ILL);
    // A picture was asked for after the first bad run.
    let picture = changed.picture.clone().unwrap();
    assert!(folder.0.join(&picture).exists());

    lab.clock.advance(chrono::TimeDelta::days(31));
    let gone = sweep(lab.db.as_ref(), &folder, lab.scraper.life.caps, lab.clock_now()).await;
    assert_eq!(gone.unwrap(), 2);
    assert_eq!(lab.db.failures(None).await.unwrap(), []);
    assert!(!folder.0.join(&picture).exists());
    let left = std::fs::read_dir(folder.0.join("shop")).unwrap().count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn when_no_host_can_be_reached_there_is_one_alarm_and_no_quarantine() {
    let other = MODULE.replace("\"shop\"", "\"mart\"").replace("Shop", "Mart");
    let other = other.replace("127.0.0.1", "localhost").replace("127\\.0\\.0\\.1", "localhost");
    let other = Site::from_toml("mart/site.toml", &other).unwrap();
    let lab = Lab::new(vec![module(), other]);
    let mart = "http://localhost:8080/search?q=1";
    lab.search("shop", URL, 1).await;
    lab.search("mart", mart, 2).await;
    for url in [URL, mart] {
        lab.shows(url, stock(|_| ()));
    }
    lab.run_all().await;
    for url in [URL, mart] {
        lab.fails(url, failure(FetchFailure::Dns, None));
    }
    for _ in 0..10 {
        lab.run_all().await;
    }
    let told = lab.texts(OPERATOR).await;
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("this machine seems to be offline"));
    assert_eq!(lab.health("shop").await.state, State::Healthy);
    for url in [URL, mart] {
        lab.shows(url, stock(|_| ()));
    }
    lab.run_all().await;
    let told = lab.texts(OPERATOR).await;
    assert!(told.len() == 2 && told[1].starts_with('✅'), "{told:#?}");
}
