use super::*;

#[test]
fn prices_are_read_in_either_order_and_nothing_is_guessed() {
    let of = |minor, currency: &str| Some((minor, currency.to_owned()));
    assert_eq!(price("4.99 USD"), of(499, "USD"));
    assert_eq!(price("usd 4,9"), of(490, "USD"));
    assert_eq!(price("350 XTR"), of(350, "XTR"));
    assert_eq!(price("1000 JPY"), of(1_000, "JPY"));
    assert_eq!(price("0 EUR"), of(0, "EUR"));
    for bad in [
        "",
        "5",
        "5 EURO",
        "-5 EUR",
        "4.999 USD",
        "1.5 XTR",
        "1 2 USD",
        ". USD",
        "99999999999999999999 USD",
    ] {
        assert_eq!(price(bad), None, "{bad}");
    }
}

#[test]
fn one_limit_is_stated_at_a_time() {
    let before = Terms::of_watches(3, 5);
    let of = |text| terms(&before, text);
    assert_eq!(of("watches 30").and_then(|terms| terms.watches), Some(30));
    assert_eq!(of("watches = 0").and_then(|terms| terms.watches), Some(0));
    assert_eq!(of("sources -").map(|terms| (terms.watches, terms.sources)), Some((Some(3), None)));
    let both = of("features map, charts").and_then(|terms| terms.features).expect("features");
    assert_eq!(Vec::from_iter(both), ["charts", "map"]);
    for bad in ["", "watches", "watches many", "wings 2", "watches 1 2", "watches -1"] {
        assert_eq!(of(bad), None, "{bad}");
    }
}
