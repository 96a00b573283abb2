//! `docs/FILTERS.md`: every example works, and every field has its place.

use super::expert::Expr;
use super::*;

const PAGE: &str = include_str!("../../../docs/FILTERS.md");

/// The blocks of code in `language`.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    PAGE.split(&opening).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn every_example_of_a_filter_is_a_good_one() {
    let examples = blocks("json");
    assert!(examples.len() >= 10);
    for example in examples {
        let filter: Filter =
            serde_json::from_str(example).unwrap_or_else(|e| panic!("{example}: {e}"));
        assert_eq!(filter.check(), [], "{example}");
        assert_ne!(filter, Filter::default(), "{example}");
    }
}

#[test]
fn every_example_of_the_expert_form_is_read_and_prints_back() {
    let lines: Vec<&str> = blocks("filter").iter().flat_map(|block| block.lines()).collect();
    assert!(lines.len() >= 15);
    for line in lines {
        let expr = Expr::parse(line).unwrap_or_else(|mistake| panic!("{line}: {mistake}"));
        assert_eq!(Expr::parse(&expr.to_string()), Ok(expr), "{line}");
    }
}

#[test]
fn every_field_of_a_filter_has_an_example() {
    let all = Filter {
        min_price: Some(1),
        max_price: Some(2),
        currency: Some("EUR".into()),
        ranges: BTreeMap::from([("rooms".into(), Range::default())]),
        all_words: vec!["a".into()],
        any_words: vec!["a".into()],
        none_words: vec!["a".into()],
        regex: Some("a".into()),
        place: Place { names: vec!["a".into()], ..Place::default() },
        seller: Some(SellerKind::Private),
        with_photo: true,
        sites: vec!["a".into()],
        must_know: vec!["price".into()],
        expert: Some("photo".into()),
        changes: vec![ChangeKind::New],
    };
    let fields = serde_json::to_value(&all).expect("is written");
    let examples = blocks("json").concat();
    for field in fields.as_object().expect("an object").keys() {
        assert!(examples.contains(&format!("\"{field}\":")), "{field} has no example");
    }
}
