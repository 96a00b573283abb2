use std::time::Duration;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use sites::Registry;

use super::*;
use crate::domain::change::ChangeKind;
use crate::domain::filter::SellerKind;
use crate::domain::plan::{Allowance, Refusal, Terms};
use crate::domain::preferences::Digest;
use crate::domain::{ChatId, Language, UserId, WatchId};

const EVERY: Duration = Duration::from_secs(360);

fn registry() -> Registry {
    let site = sites::Site::from_toml(
        "demo/site.toml",
        r#"
        [site]
        id = "demo"
        name = "Demo"
        hosts = ["demo.example"]
        kind = "home"
        country = "de"
        time_zone = "Europe/Berlin"
        currency = "EUR"
        owner = "ops"
        [fetch]
        render = "http"
        [search]
        match = '^https://demo\.example/search\?'
        [listing]
        item = "li"
        id = "@data-id"
        url = "a@href"
        title = "a"
        "#,
    );
    let mut registry = Registry::default();
    registry.insert(site.expect("a module"));
    registry
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).expect("a date")
}

fn owner() -> Owner {
    let (user, chat) = (UserId(1), ChatId(1));
    Owner { user, chat, kind: None, thread: None, language: Language::En }
}

fn checked(text: &str) -> Vec<(u64, Result<Wanted, Vec<Problem>>)> {
    let registry = registry();
    let rows = read(text.as_bytes()).expect("a good file");
    let check = |row: Row| super::check(row, &registry, EVERY);
    rows.into_iter().map(|(line, row)| (line, row.and_then(check))).collect()
}

fn only(text: &str) -> Result<Wanted, Vec<Problem>> {
    let mut rows = checked(text);
    assert_eq!(rows.len(), 1);
    rows.remove(0).1
}

fn watch_of(wanted: &Wanted) -> Watch {
    let new = owner().watch(wanted.clone(), crate::domain::watch::Sample::Never, &[]);
    Watch {
        id: new.id.clone(),
        user: new.user,
        chat: new.chat,
        thread: None,
        name: new.name.clone(),
        sources: new.source_ids(),
        filter: new.filter,
        paused: new.paused,
        paused_by: if new.paused { PausedBy::Owner } else { PausedBy::Nobody },
        muted_until: None,
        telling: new.telling,
        language: Language::En,
        created_at: now(),
    }
}

#[test]
fn a_table_of_a_spreadsheet_is_read() {
    let text = "\u{feff}Name;URL;Max_Price;any_words;paused\r\n\
        Lofts;https://demo.example/search?q=loft https://demo.example/search?q=lofts;900,5;loft; LOFT ;yes\r\n";
    let error = only(text).expect_err("one cell too many");
    assert_eq!(error[0].what, What::Unreadable("it has more cells than the first line".into()));
    let text = text.replace("loft; LOFT ", "\"loft; LOFT \"");
    let wanted = only(&text).expect("a good row");
    assert_eq!(wanted.sources.len(), 2);
    assert_eq!((wanted.name.as_str(), wanted.paused), ("Lofts", true));
    assert_eq!(wanted.filter.max_price, Some(90_050));
    assert_eq!(wanted.filter.currency.as_deref(), Some("EUR"), "that of the site");
    assert_eq!(wanted.filter.any_words, ["loft", "LOFT"]);
}

#[test]
fn every_problem_of_a_row_is_named() {
    let text = "name,urls,max_price,filter,paused\n\
        a,not-an-address ftp://x.y https://demo.example/item/1 https://other.example/search,,,\n\
        b,,,,\n\
        c,https://demo.example/search?q=1,nine,,\n\
        d,https://demo.example/search?q=1,,\"{\"\"max\"\": 3}\",maybe\n\
        e,https://demo.example/search?q=1,900,,no\n";
    let rows = checked(text);
    let whats = |place: usize| -> Vec<What> {
        let problems = rows[place].1.as_ref().expect_err("a row with problems");
        problems.iter().map(|problem| problem.what.clone()).collect()
    };
    let lines: Vec<u64> = rows.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6]);
    assert_eq!(
        whats(0),
        [
            What::BadAddress,
            What::BadAddress,
            What::NotASearch("Demo".into()),
            What::UnknownSite("other.example".into())
        ]
    );
    assert_eq!(whats(1), [What::NoAddress]);
    assert_eq!(whats(2), [What::BadAmount]);
    assert!(matches!(&whats(3)[..], [What::BadFilter(why), What::BadFlag] if why.contains("max")));
    assert!(rows[4].1.is_ok());
}

#[test]
fn files_that_cannot_be_used_are_refused_as_a_whole() {
    let refused = |bytes: &[u8]| read(bytes).expect_err("no good file");
    assert_eq!(refused(&vec![b'a'; MOST_BYTES + 1]), FileProblem::TooLarge);
    assert_eq!(refused(b"urls\n\xff\xfe"), FileProblem::NotText);
    assert_eq!(refused(b"  \n "), FileProblem::Empty);
    assert_eq!(refused(b"urls\n\n"), FileProblem::Empty);
    assert_eq!(refused(b"hello,world\n1,2\n"), FileProblem::NoUrls);
    assert_eq!(refused(b"name\nx\n"), FileProblem::NoUrls);
    assert_eq!(refused(b"urls,colour\nx,y\n"), FileProblem::UnknownColumn("colour".into()));
    assert_eq!(refused(b"urls,URL\nx,y\n"), FileProblem::RepeatedColumn("urls".into()));
    assert!(matches!(refused(b"[{]"), FileProblem::NotJson(_)));
    assert!(matches!(refused(b"{\"a\": 1}"), FileProblem::NotJson(_)));
    let many = "urls\n".to_owned() + &"https://demo.example/search?q=1\n".repeat(MOST_ROWS + 1);
    assert_eq!(refused(many.as_bytes()), FileProblem::TooMany(MOST_ROWS + 1));
}

#[test]
fn a_document_says_the_same_as_a_table() {
    let table = only(
        "name,urls,currency,max_price,any_words\nL,https://demo.example/search?q=1,eur,900,loft\n",
    );
    let document = only(
        r#"{"watches": [{"name": "L", "url": "https://demo.example/search?q=1",
            "filter": {"max_price": 90000, "currency": "EUR", "any_words": ["loft"]}}]}"#,
    );
    assert_eq!(table.expect("good"), document.expect("good"));
    let error =
        only(r#"[{"urls": ["https://demo.example/search?q=1"], "colour": 3, "paused": 1}]"#);
    let whats: Vec<What> = error.expect_err("bad").into_iter().map(|one| one.what).collect();
    assert_eq!(whats, [What::UnknownKey, What::BadFlag]);
}

#[test]
fn rows_are_sorted_out_and_a_repetition_changes_nothing() {
    let text = "urls,max_price\n\
        https://demo.example/search?q=1,900\n\
        https://demo.example/search?q=1,900.00\n\
        bad,\n\
        https://demo.example/search?q=2,\n\
        https://demo.example/search?q=3,\n";
    let room = |own: &[Watch]| Allowance::of(Terms::of_watches(2, 0), vec![], own);
    let (made, report) = sort_out(checked(text), &owner(), &[], room(&[]), now());
    let words: Vec<_> = report.rows.iter().map(|(line, outcome)| (*line, outcome)).collect();
    assert!(matches!(words[0], (2, Outcome::Added { .. })));
    assert_eq!(words[1], (3, &Outcome::Repeats { line: 2 }));
    assert!(matches!(words[2], (4, Outcome::Wrong(_))));
    assert!(matches!(words[3], (5, Outcome::Added { .. })));
    assert_eq!(words[4], (6, &Outcome::Beyond(Refusal::Watches { limit: 2, has: 2 })));
    assert_eq!(made.len(), 2);
    let own: Vec<Watch> = checked(text)
        .into_iter()
        .filter_map(|(_, row)| row.ok())
        .take(1)
        .map(|w| watch_of(&w))
        .collect();
    let (made, report) = sort_out(checked(text), &owner(), &own, room(&own), now());
    assert_eq!(made.len(), 1, "only what is not there");
    assert_eq!(report.count(|outcome| matches!(outcome, Outcome::There { .. })), 2);
}

#[test]
fn amounts_are_read_and_written() {
    for (text, code, minor) in [
        ("900", "EUR", Some(90_000)),
        ("900.5", "EUR", Some(90_050)),
        ("-0,05", "EUR", Some(-5)),
        ("900", "JPY", Some(900)),
        ("1.234", "KWD", Some(1_234)),
        ("900.", "EUR", Some(90_000)),
        ("9.001", "EUR", None),
        ("900.5", "JPY", None),
        ("1,000.00", "EUR", None),
        ("", "EUR", None),
        (".5", "EUR", None),
        ("9e3", "EUR", None),
        ("99999999999999999999", "EUR", None),
        ("99999999999999999", "EUR", None),
    ] {
        assert_eq!(amount::minor(text, code), minor, "{text} {code}");
    }
    assert_eq!(amount::major(-5, "EUR"), "-0.05");
    assert_eq!(amount::major(900, "JPY"), "900");
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[=+@'\t -][a-z\"';,\n]{0,8}", "[a-zäю0-9 ]{1,12}", "\\PC{1,12}",]
}

fn any_words() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(any_text(), 0..3)
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let prices = (prop::option::of(-9_999i64..99_999), prop::option::of(100_000i64..9_999_999));
    let words = (any_words(), any_words(), any_words());
    let code = prop::option::of(prop::sample::select(&["EUR", "JPY", "KWD", "euro"][..]));
    (prices, words, code, any::<bool>(), prop::option::of(any_text())).prop_map(
        |((min_price, max_price), (all_words, any_words, none_words), code, flag, expert)| Filter {
            min_price,
            max_price,
            currency: code.map(str::to_owned),
            all_words,
            any_words,
            none_words,
            with_photo: flag,
            seller: flag.then_some(SellerKind::Private),
            changes: if flag { vec![ChangeKind::New] } else { vec![] },
            expert,
            ..Filter::default()
        },
    )
}

fn any_row() -> impl Strategy<Value = Row> {
    let urls = prop::collection::vec("https://[a-z]{1,8}\\.example/[a-z?=&;,\"']{0,12}", 1..3);
    (prop::option::of("\\PC{0,20}"), urls, any_filter(), any::<bool>()).prop_map(
        |(name, urls, filter, paused)| Row {
            name: name.filter(|name| !name.trim().is_empty()),
            urls,
            min_price: None,
            max_price: None,
            filter,
            telling: WatchTelling {
                digest: paused.then_some(Digest::Day { at: 540 }),
                ..WatchTelling::default()
            },
            paused,
        },
    )
}

/// A row whose amounts are read in its own currency.
fn settled(mut row: Row) -> Row {
    if let Some(code) = row.filter.currency.clone() {
        let amount = |text: &Option<String>| text.as_ref().and_then(|t| amount::minor(t, &code));
        row.filter.min_price = amount(&row.min_price).or(row.filter.min_price);
        row.filter.max_price = amount(&row.max_price).or(row.filter.max_price);
        (row.min_price, row.max_price) = (None, None);
    }
    row
}

proptest! {
    #[test]
    fn what_is_written_as_a_table_is_read_as_the_same(rows in prop::collection::vec(any_row(), 1..5)) {
        let text = table::write(&rows);
        let read: Vec<Row> = read(text.as_bytes()).expect("our own file")
            .into_iter().map(|(_, row)| settled(row.expect("our own row"))).collect();
        prop_assert_eq!(&read, &rows, "{}", text);
        // No cell of it begins like a formula.
        let mut cells = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        for record in cells.records() {
            for cell in &record.expect("our own line") {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{:?}", cell);
            }
        }
    }

    #[test]
    fn what_is_written_as_a_document_is_read_as_the_same(rows in prop::collection::vec(any_row(), 1..5)) {
        let text = document::write(&rows);
        let read: Vec<Row> = read(text.as_bytes()).expect("our own file")
            .into_iter().map(|(_, row)| row.expect("our own row")).collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn any_cell_comes_back(cell in any_text()) {
        let written = formula::guard(&cell);
        prop_assert_eq!(formula::unguard(&written), &cell);
        prop_assert!(!written.starts_with(['=', '+', '-', '@', '\t', '\r']));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(urls|name|filter|\"|,|;|\n|\\[|\\{|[a-z]){0,60}") {
        if let Ok(rows) = read(text.as_bytes()) {
            let registry = Registry::default();
            for (_, row) in rows {
                let _ = row.and_then(|row| super::check(row, &registry, EVERY));
            }
        }
    }
}

#[test]
fn an_export_names_addresses_and_what_the_person_wished() {
    let wanted =
        only("urls,max_price,paused\nhttps://demo.example/search?q=1,900,yes\n").expect("good");
    let by_plan = Watch { paused_by: PausedBy::Plan, id: WatchId("p".into()), ..watch_of(&wanted) };
    let links = BTreeMap::from([(wanted.sources[0].id(), wanted.sources[0].url.clone())]);
    let text = write(Format::Csv, [&watch_of(&wanted), &by_plan], &links);
    assert_eq!(
        text,
        "name,urls,min_price,max_price,currency,all_words,any_words,none_words,filter,telling,paused\n\
         Demo,https://demo.example/search?q=1,,900,EUR,,,,,,yes\n\
         Demo,https://demo.example/search?q=1,,900,EUR,,,,,,no\n"
    );
}
