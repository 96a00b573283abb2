use super::*;

fn config(token: &str, api_url: &str) -> config::Telegram {
    config::Telegram {
        token: Some(token.to_owned().into()),
        api_url: api_url.into(),
        connect_timeout: Duration::from_secs(1),
        timeout: Duration::from_secs(2),
    }
}

#[test]
fn a_token_that_cannot_be_one_is_refused_without_being_shown() {
    for token in ["", "abc", "12:", ":abc", "12:a/b", "12:a b", "1x:abc", "12:abc\n"] {
        let error = TelegramClient::new(&config(token, "https://api.telegram.org"))
            .expect_err("a broken token");
        assert!(matches!(error, ClientError::BadToken), "{token:?}");
    }
    let good = TelegramClient::new(&config("12:secret_-X", "https://api.telegram.org"));
    let shown = format!("{:?}", good.expect("a client"));
    assert!(!shown.contains("secret") && shown.contains("api.telegram.org"), "{shown}");
}

#[test]
fn an_address_that_cannot_be_called_is_refused() {
    for url in ["", "api.telegram.org", "ftp://a.b", "https://a.b/?x=1"] {
        let error = TelegramClient::new(&config("12:abc", url)).expect_err("a broken address");
        assert!(matches!(error, ClientError::BadAddress(_)), "{url:?}");
    }
}

#[tokio::test]
async fn a_closed_port_is_unreached_and_names_no_token() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let client = TelegramClient::new(&config("12:canary", &format!("http://{address}")));
    let error = client.expect("a client").get_me().await.expect_err("nobody listens");
    assert!(matches!(error, SendError::Unreached(_)), "{error}");
    assert!(!error.to_string().contains("canary"), "{error}");
    assert!(error.to_string().contains("getMe"), "{error}");
}
