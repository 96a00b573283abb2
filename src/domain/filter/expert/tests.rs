//! The language: what it says, what it refuses, and that it prints back as itself.

use super::*;

#[test]
fn an_expression_prints_back_as_itself() {
    for text in [
        r#"price <= 900 and (rooms >= 3 or area > 80) and not title has "swap""#,
        r#"text ~ /balco(n|ny)/ and place in "Lviv" and near(49.84, 24.03, 5 km)"#,
    ] {
        let expr = Expr::parse(text).expect(text);
        assert_eq!(expr.to_string(), text);
    }
}
