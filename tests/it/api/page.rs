//! The Mini App's files and the headers that guard them.

use serde_json::Value;

use super::desk::Desk;

#[tokio::test]
async fn the_app_comes_with_a_strict_policy_and_is_not_sent_twice() {
    let desk = Desk::new().await;
    let get = |path: &str| desk.http.get(format!("{}{path}", desk.base));
    for path in ["/app/", "/app", "/app/app.js", "/app/app.css", "/app/texts/uk.json"] {
        let answer = get(path).send().await.expect("sent");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        let header = |name: &str| answer.headers()[name].to_str().expect("ASCII").to_owned();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(policy.contains("frame-ancestors https://web.telegram.org"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        let again = get(path).header("If-None-Match", header("etag")).send().await.expect("sent");
        assert_eq!(again.status().as_u16(), 304, "{path}");
    }
    for path in ["/app/../Cargo.toml", "/app/none.js", "/app/texts/xx.json"] {
        assert_eq!(get(path).send().await.expect("sent").status().as_u16(), 404, "{path}");
    }
    let texts: Value =
        get("/app/texts/uk.json").send().await.expect("sent").json().await.expect("JSON");
    assert_eq!(texts["watches"], "Мої пошуки");
    assert_eq!(texts["plan-used"], "{has} з {limit}");
}
