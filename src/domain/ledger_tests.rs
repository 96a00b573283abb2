use proptest::prelude::*;

use super::*;

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).expect("a date")
}

fn day(count: i64) -> DateTime<Utc> {
    start() + TimeDelta::days(count)
}

fn terms(watches: u64) -> Terms {
    Terms::of_watches(watches, 0)
}

fn give(payment: &str, plan: &str, days: i64, watches: u64, at: DateTime<Utc>) -> Entry {
    let grant = Grant { plan: PlanId(plan.into()), days, terms: terms(watches) };
    let key = EntryKey::new("stars", payment, Kind::Purchase);
    Entry { grant: Some(grant), ..Entry::new(key, UserId(1), at) }
}

fn spans(entries: &[Entry]) -> Vec<(String, i64, i64, Option<u64>)> {
    let days = |at: DateTime<Utc>| (at - start()).num_days();
    let periods = holdings(entries).periods.into_iter();
    periods.map(|p| (p.plan.0, days(p.since), days(p.until), p.terms.watches)).collect()
}

#[test]
fn time_is_added_to_the_later_of_now_and_the_end() {
    let all = [give("a", "plus", 30, 9, day(0)), give("b", "plus", 30, 9, day(10))];
    assert_eq!(spans(&all), [("plus".into(), 0, 60, Some(9))]);
    let all = [give("a", "plus", 30, 9, day(0)), give("b", "plus", 30, 9, day(40))];
    assert_eq!(spans(&all), [("plus".into(), 0, 30, Some(9)), ("plus".into(), 40, 70, Some(9))]);
    let all = [give("a", "plus", 30, 9, day(0)), give("b", "pro", 30, 9, day(10))];
    assert_eq!(spans(&all), [("plus".into(), 0, 30, Some(9)), ("pro".into(), 10, 40, Some(9))]);
}

#[test]
fn what_was_bought_keeps_its_terms_when_the_plan_changes() {
    let all = [give("a", "plus", 30, 9, day(0)), give("b", "plus", 30, 3, day(10))];
    assert_eq!(spans(&all), [("plus".into(), 0, 30, Some(9)), ("plus".into(), 30, 60, Some(3))]);
}

#[test]
fn what_is_taken_goes_from_the_end_and_never_from_the_past() {
    let take = |days: i64, at| {
        let mut entry = give("a", "plus", -days, 9, at);
        entry.key.kind = Kind::Refund;
        entry
    };
    let bought = [give("a", "plus", 30, 9, day(0)), give("b", "plus", 10, 3, day(1))];
    let with = |entry: Entry| spans(&[bought[0].clone(), bought[1].clone(), entry]);
    assert_eq!(with(take(4, day(5)))[1], ("plus".into(), 30, 36, Some(3)));
    assert_eq!(with(take(30, day(5))), [("plus".into(), 0, 10, Some(9))]);
    assert_eq!(with(take(300, day(5))), [("plus".into(), 0, 5, Some(9))]);
    assert_eq!(with(take(30, day(50))).len(), 2, "it is over already");
}

#[test]
fn an_entry_without_a_name_a_currency_or_measure_is_refused() {
    let good = give("a", "plus", 30, 9, day(0));
    assert_eq!(good.check(), Ok(()));
    let money = Entry { paid: 5, ..good.clone() };
    assert_eq!(money.check(), Err(BadEntry::NoCurrency));
    let long = give("a", "plus", LONGEST_DAYS + 1, 9, day(0));
    assert_eq!(long.check(), Err(BadEntry::TooLarge));
    let huge = Entry { balance: i64::MIN, currency: "USD".into(), ..good };
    assert_eq!(huge.check(), Err(BadEntry::TooLarge));
    assert_eq!(give("", "plus", 1, 9, day(0)).check(), Err(BadEntry::Unnamed));
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let kinds = prop::sample::select(&Kind::ALL[..]);
    let grant = prop::option::of((prop::sample::select(vec!["plus", "pro"]), -40i64..60, 1u64..4));
    let money = (prop::sample::select(vec!["USD", "XTR"]), -500i64..500);
    (0u8..30, kinds, grant, money, 0i64..90).prop_map(|(name, kind, grant, money, at)| {
        let grant = grant.map(|(plan, days, watches)| Grant {
            plan: PlanId(plan.into()),
            days,
            terms: terms(watches),
        });
        let key = EntryKey::new("any", &name.to_string(), kind);
        let (currency, balance) = (money.0.to_owned(), money.1);
        Entry { grant, currency, balance, ..Entry::new(key, UserId(1), day(at)) }
    })
}

/// Entries as a record can hold them: each name once.
fn any_ledger() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec(any_entry(), 0..25).prop_map(|all| {
        let mut names = BTreeSet::new();
        all.into_iter().filter(|entry| names.insert(entry.key.clone())).collect()
    })
}

proptest! {
    #[test]
    fn neither_order_nor_repetition_matters(
        (ledger, told) in any_ledger().prop_flat_map(|ledger| {
            let twice: Vec<Entry> = ledger.iter().chain(&ledger).cloned().collect();
            (Just(ledger), Just(twice).prop_shuffle())
        })
    ) {
        prop_assert_eq!(holdings(&ledger), holdings(&told));
    }

    #[test]
    fn periods_of_a_plan_are_in_order_never_empty_and_never_overlap(ledger in any_ledger()) {
        let periods = holdings(&ledger).periods;
        for period in &periods {
            prop_assert!(period.since < period.until);
        }
        for pair in periods.windows(2).filter(|pair| pair[0].plan == pair[1].plan) {
            prop_assert!(pair[0].until <= pair[1].since);
        }
    }

    #[test]
    fn nothing_that_is_given_shortens_and_nothing_that_is_taken_lengthens(
        (ledger, entry) in (any_ledger(), any_entry())
    ) {
        let (Some(grant), last) = (entry.grant.clone(), day(100)) else { return Ok(()) };
        let entry = Entry {
            key: EntryKey::new("last", "one", Kind::Adjustment), at: last, ..entry
        };
        let total = |all: &[Entry]| -> i64 {
            let own = holdings(all).periods;
            own.iter().filter(|p| p.plan == grant.plan).map(|p| (p.until - p.since).num_days()).sum()
        };
        let before = total(&ledger);
        let with: Vec<Entry> = ledger.into_iter().chain([entry]).collect();
        let after = total(&with);
        if grant.days >= 0 {
            prop_assert_eq!(after - before, grant.days);
        } else {
            prop_assert!(after <= before && after - before >= grant.days);
        }
    }

    #[test]
    fn a_balance_that_bears_each_movement_is_never_negative(ledger in any_ledger()) {
        let mut kept: Vec<Entry> = Vec::new();
        for entry in ledger {
            let now = holdings(&kept).balances.get(&entry.currency).copied().unwrap_or(0);
            if bears(now, entry.balance) {
                kept.push(entry);
            }
            prop_assert!(holdings(&kept).balances.values().all(|sum| *sum >= 0));
        }
    }
}
