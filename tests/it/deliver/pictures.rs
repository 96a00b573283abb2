//! Pictures that we load ourselves: through the proxy only, small, and pictures by their first bytes.

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::IntoResponse;
use magpie::telegram::{HttpPhotos, PhotoKind, PhotoSource};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nand so on";

/// Stands in for the egress proxy: an HTTP proxy gets requests with whole addresses, whatever the host.
async fn proxy() -> String {
    let app = Router::new().fallback(|uri: Uri| async move {
        let mut headers = HeaderMap::new();
        let mut kind = |value: &'static str| {
            headers.insert(header::CONTENT_TYPE, value.parse().expect("a content type"));
        };
        assert_eq!(uri.host(), Some("pictures.example"), "the whole address goes to the proxy");
        let body = match uri.path() {
            "/good.png" => {
                kind("image/png");
                PNG.to_vec()
            }
            "/liar.png" => {
                kind("image/png");
                b"<html>not a picture</html>".to_vec()
            }
            "/page" => {
                kind("text/html");
                PNG.to_vec()
            }
            "/huge.png" => {
                kind("image/png");
                let mut bytes = PNG.to_vec();
                bytes.resize(6 << 20, 0);
                bytes
            }
            _ => return (StatusCode::FORBIDDEN, HeaderMap::new(), vec![]).into_response(),
        };
        (StatusCode::OK, headers, body).into_response()
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn only_small_true_pictures_come_through_the_proxy() {
    let photos = HttpPhotos::new(&proxy().await, "Magpie").expect("a source of pictures");
    let photo = photos.photo("http://pictures.example/good.png").await.expect("the picture");
    assert_eq!((photo.kind, photo.bytes.as_slice()), (PhotoKind::Png, PNG));
    for path in ["liar.png", "page", "huge.png", "missing.png"] {
        let found = photos.photo(&format!("http://pictures.example/{path}")).await;
        assert!(found.is_none(), "{path}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_gone_means_no_picture_and_never_a_direct_way() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let closed = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let photos = HttpPhotos::new(&closed, "Magpie").expect("a source of pictures");
    // The stand-in would answer a direct request, if one came.
    let direct = format!("{}/good.png", proxy().await);
    assert!(photos.photo(&direct).await.is_none());
    assert!(HttpPhotos::new("not an address", "Magpie").is_err());
}
